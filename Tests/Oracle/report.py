"""The page of `berth report`: what it holds, against a parser of our own; what it shows, in a
browser where one is installed.
"""

import base64
import json
import os
import re
import shutil
import subprocess

from binary import KINDS as SECTIONS, BinaryStream

KINDS = ["missing", "zero", "fill", "xbzrle", "zlib", "full"]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


class PageStates(BinaryStream):
    """Each page's last record, and how many it had."""

    def __init__(self, data):
        self.pages = {}
        super().__init__(data)

    def page(self, block, address, kind):
        _, times = self.pages.get((block, address), (None, 0))
        self.pages[block, address] = kind, min(times + 1, 31)


def data_of(page):
    """The JSON in the page."""
    found = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    assert len(found) == 1, "%d elements with data" % len(found)
    return json.loads(found[0])


def cells_of(block):
    """A block's cells from their runs."""
    octets, cells, at = base64.b64decode(block["runs"]), bytearray(), 0
    while at < len(octets):
        value, count, shift = octets[at], 0, 0
        at += 1
        while True:
            count |= (octets[at] & 0x7F) << shift
            shift += 7
            at += 1
            if octets[at - 1] < 0x80:
                break
        cells += bytes([value]) * count
    return cells


def check(path, page):
    """The page's data against the stream. Gives how many pages agree."""
    with open(path, "rb") as file:
        stream = PageStates(file.read())
    data = data_of(page)["contents"]
    told = 0
    lengths = {name.decode(): length for blocks in stream.block_lists for name, length in blocks}
    assert {block["name"]: block["length"] for block in data["blocks"]} == lengths
    for block in data["blocks"]:
        cells = cells_of(block)
        assert block["pagesPerCell"] == 1
        assert len(cells) == -(-block["length"] // block["pageSize"]), block["name"]
        for number, cell in enumerate(cells):
            kind, times = stream.pages.get(
                (block["name"].encode(), number * block["pageSize"]), ("missing", 0))
            assert (KINDS[cell & 7], cell >> 3) == (kind, times), "%s page %d: %s %d, not %s %d" % (
                block["name"], number, KINDS[cell & 7], cell >> 3, kind, times)
            told += kind != "missing"
    wanted = [(SECTIONS[section.kind], section.name.decode()) for section in stream.sections]
    found = [(event["kind"], event["name"]) for event in data["events"]
             for _ in range(event["count"]) if event["kind"] in ("start", "part", "end", "full")]
    # Where there are very many, neighbours are told together.
    if not any(event["name"] == "several" for event in data["events"]):
        assert found == wanted, "sections %s, not %s" % (found[:9], wanted[:9])
    devices = [(section.name.decode(), section.instance)
               for section in stream.sections if section.kind == 4]
    assert [(device["name"], device["instance"]) for device in data["devices"]] == devices
    return told


def browser():
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


# Steps as a user takes them, told in attributes of the root.
STEPS = """
<script>
(async () => {
  const root = document.documentElement, wait = () => new Promise(done => setTimeout(done, 400));
  const key = (target, key) => target.dispatchEvent(
    new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  const at = id => document.getElementById(id);
  addEventListener("error", event => { root.dataset.fault = event.message; });
  root.dataset.notices = document.querySelectorAll("#notices .notice").length;
  key(document.body, "/");
  root.dataset.focus = document.activeElement.id;
  at("search").value = "NEEDLE";
  at("search").dispatchEvent(new Event("input"));
  await wait();
  root.dataset.found = at("found").textContent;
  root.dataset.hit = document.querySelector("#tree .row")?.textContent || "";
  at("search").value = "";
  at("search").dispatchEvent(new Event("input"));
  await wait();
  const first = document.querySelector("#tree details");
  if (first) first.open = true;
  await wait();
  root.dataset.fields = first ? first.querySelectorAll(".row").length : 0;
  const theme = root.dataset.theme;
  key(document.body, "t");
  root.dataset.turned = theme !== root.dataset.theme;
  const map = at("map");
  if (map.clientHeight) {
    key(map, "ArrowRight");
    root.dataset.cell = at("maphint").textContent;
    const ink = map.getContext("2d").getImageData(0, 0, map.width, map.height).data;
    root.dataset.colours = new Set(new Uint32Array(ink.buffer)).size;
  }
  root.dataset.done = "yes";
})();
</script>
"""


def drive(page, needle, folder):
    """Opens the page in a browser and works it. Gives the root element's attributes."""
    path = os.path.join(folder, "steps.html")
    with open(path, "w", encoding="utf-8") as file:
        file.write(page.replace("</body>", STEPS.replace("NEEDLE", needle) + "</body>"))
    done = subprocess.run(
        [browser(), "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
         "--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=8000", "--dump-dom",
         "--user-data-dir=" + os.path.join(folder, "browser"), "file://" + path],
        capture_output=True, timeout=120, check=False)
    text = done.stdout.decode("utf-8", "replace")
    root = re.search(r"<html([^>]*)>", text)
    assert root, "no page: " + done.stderr.decode("utf-8", "replace")[-300:]
    return dict(re.findall(r'data-([a-z]+)="([^"]*)"', root[1]))


def run(report, options, stream, folder, in_browser):
    path = stream.materialise(folder)
    out = os.path.join(folder, "report.html")
    page = ""

    def made():
        nonlocal page
        subprocess.run([options.berth, "report", "-q", path, "-o", out], check=True)
        with open(out, encoding="utf-8") as file:
            page = file.read()
        assert not re.search(r'(src|href)="(?!#)|url\(|@import', page), "it wants another file"
        return "%d pages" % check(path, page)

    def shown():
        data = data_of(page)
        device = next(device for device in data["contents"]["devices"] if device["fields"])
        got = drive(page, device["fields"][0][0].replace('"', ""), folder)
        assert got.get("done") == "yes" and "fault" not in got, got
        assert got["ready"] == "yes" and got["focus"] == "search" and got["turned"] == "true", got
        assert got["found"] != "nothing found" and device["fields"][0][0] in got["hit"], got
        summary = data["summary"]
        wanted = len(summary["warnings"]) + len(summary["unusual"]) + ("error" in summary)
        assert int(got["notices"]) == wanted, got
        assert int(got["fields"]) > 0 and int(got["colours"]) > 1, got
        return got.get("cell")

    if report.check("report %s" % stream.name, made) is None:
        return
    if not in_browser:
        return
    if browser():
        report.check("report in a browser %s" % stream.name, shown)
    else:
        report.skip("report in a browser", "no chromium")
