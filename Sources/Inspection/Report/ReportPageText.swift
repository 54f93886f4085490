// Made by Scripts/embed-report.sh from Pages/report.html: change that.

extension ReportPage {
    /// The page, with a mark where the data goes.
    public static let template = ##"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
        <meta name="generator" content="berth">
        <title>Berth report</title>
        <style>
        :root {
          color-scheme: light;
          --ground: #fbfbfa; --panel: #ffffff; --ink: #1d2328; --soft: #5b6670; --line: #d9dee2;
          --accent: #0b62a8; --bad: #b3261e; --bad-ground: #fdecea; --warn-ground: #fff6dd; --hit: #ffe9a8;
          --missing: #e4e7ea; --zero: #c3d3df; --filled: #8fb7a0; --full: #2f6f9f; --xbzrle: #b77a1c;
          --compressed: #7b5aa6; --device: #3c8c5a; --iterator: #a0527a; --command: #c0392b; --other: #8a949c;
        }
        :root[data-theme="dark"] {
          color-scheme: dark;
          --ground: #14181b; --panel: #1b2125; --ink: #e4e9ed; --soft: #9aa7b1; --line: #333c43;
          --accent: #6db5f0; --bad: #ff8a80; --bad-ground: #3a1d1b; --warn-ground: #352e17; --hit: #5a4a12;
          --missing: #242b30; --zero: #3b4c59; --filled: #5e8f74; --full: #5aa5dc; --xbzrle: #e0a645;
          --compressed: #a98bd6; --device: #5fbf85; --iterator: #d084ab; --command: #ef6b5d; --other: #7d8891;
        }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
        header, main { max-width: 1240px; margin: 0 auto; padding: 0 20px; }
        header { padding-top: 22px; display: flex; gap: 12px 24px; flex-wrap: wrap; align-items: baseline; }
        h1 { font-size: 1.35rem; margin: 0; overflow-wrap: anywhere; }
        h2 { font-size: 1.1rem; margin: 0 0 10px; }
        nav { position: sticky; top: 0; background: var(--ground); border-bottom: 1px solid var(--line); z-index: 3; margin-top: 10px; }
        nav div { max-width: 1240px; margin: 0 auto; padding: 6px 20px; display: flex; gap: 18px; align-items: center; flex-wrap: wrap; }
        nav a { color: var(--accent); text-decoration: none; padding: 3px 0; }
        nav a:hover { text-decoration: underline; }
        nav .gap { flex: 1; }
        section { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: 16px 18px; margin: 18px 0; scroll-margin-top: 50px; }
        button, select, input { font: inherit; color: var(--ink); background: var(--panel); border: 1px solid var(--line); border-radius: 4px; padding: 3px 9px; }
        button { cursor: pointer; }
        button[aria-pressed="true"] { border-color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent); }
        :focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
        input[type="search"] { width: min(26rem, 100%); }
        table { border-collapse: collapse; width: 100%; font-size: .92em; }
        th, td { text-align: left; padding: 3px 12px 3px 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
        th { color: var(--soft); font-weight: 600; }
        td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; overflow-wrap: normal; }
        .facts { display: grid; grid-template-columns: max-content 1fr; gap: 2px 18px; margin: 0 0 14px; }
        .facts dt { color: var(--soft); } .facts dd { margin: 0; overflow-wrap: anywhere; }
        .scroll { overflow-x: auto; }
        .bar { display: flex; gap: 8px 12px; flex-wrap: wrap; align-items: center; margin-bottom: 10px; }
        .notice { border-left: 4px solid var(--bad); background: var(--bad-ground); padding: 8px 12px; margin: 0 0 12px; overflow-wrap: anywhere; }
        .notice.warn { border-color: var(--xbzrle); background: var(--warn-ground); }
        .soft { color: var(--soft); }
        canvas { display: block; width: 100%; border: 1px solid var(--line); border-radius: 4px; background: var(--ground); touch-action: none; }
        #map { height: 420px; cursor: crosshair; } #time { height: 128px; cursor: crosshair; }
        .hint { min-height: 1.6em; font-variant-numeric: tabular-nums; margin-top: 6px; overflow-wrap: anywhere; }
        .legend { display: flex; flex-wrap: wrap; gap: 6px 10px; margin: 8px 0 0; }
        .legend button { display: inline-flex; align-items: center; gap: 6px; }
        .chip { width: 12px; height: 12px; border-radius: 2px; display: inline-block; border: 1px solid var(--line); }
        details { border-bottom: 1px solid var(--line); }
        details details { border: 0; margin-left: 18px; }
        summary { cursor: pointer; padding: 3px 0; overflow-wrap: anywhere; }
        .fields { margin: 0 0 6px 18px; }
        .row { display: grid; grid-template-columns: minmax(11rem, 2fr) 7rem minmax(12rem, 5fr); gap: 0 12px; padding: 1px 0; }
        .row > * { overflow-wrap: anywhere; } .row .v { font-family: ui-monospace, monospace; font-size: .92em; }
        .row .k { color: var(--soft); font-size: .9em; }
        mark { background: var(--hit); color: inherit; }
        kbd { border: 1px solid var(--line); border-radius: 3px; padding: 0 4px; font-size: .85em; }
        @media print { nav { position: static; } section { break-inside: avoid; } }
        @media (max-width: 640px) { .row { grid-template-columns: 1fr; padding-bottom: 5px; } }
        </style>
        </head>
        <body>
        <header><h1 id="title"></h1><span class="soft" id="subtitle"></span></header>
        <nav aria-label="Parts of the report"><div>
        <a href="#summary">Summary</a><a href="#memory">Memory</a><a href="#stream">Stream</a><a href="#devices">Devices</a>
        <span class="gap"></span>
        <span class="soft"><kbd>1</kbd>–<kbd>4</kbd> parts <kbd>/</kbd> search <kbd>t</kbd> theme</span>
        <button id="theme" type="button">Theme</button>
        </div></nav>
        <main>
        <section id="summary" tabindex="-1"><h2>Summary</h2><div id="notices"></div><dl class="facts" id="facts"></dl><div class="scroll" id="blocks"></div></section>
        <section id="memory" tabindex="-1"><h2>Memory</h2>
        <div class="bar"><label>Block <select id="block"></select></label>
        <button type="button" id="in" aria-label="Zoom in">+</button><button type="button" id="out" aria-label="Zoom out">−</button><button type="button" id="fit">Fit</button>
        <button type="button" id="times" aria-pressed="false">Colour by times sent</button><span class="soft" id="cell"></span></div>
        <canvas id="map" tabindex="0" role="img" aria-label="Map of the block's pages. Arrow keys move, plus and minus zoom."></canvas>
        <div class="hint" id="maphint" aria-live="polite"></div><div class="legend" id="legend"></div></section>
        <section id="stream" tabindex="-1"><h2>Stream order</h2>
        <div class="bar"><button type="button" id="tin" aria-label="Zoom in">+</button><button type="button" id="tout" aria-label="Zoom out">−</button><button type="button" id="tfit">Fit</button><span class="soft">above: sections by octets; below: the pages in each RAM section</span></div>
        <canvas id="time" tabindex="0" role="img" aria-label="Sections in stream order by their octets. Arrow keys move, plus and minus zoom."></canvas>
        <div class="hint" id="timehint" aria-live="polite"></div><div class="legend" id="timelegend"></div>
        <details id="all"><summary>All sections as a table</summary><div class="scroll" id="events"></div></details></section>
        <section id="devices" tabindex="-1"><h2>Devices</h2>
        <div class="bar"><input type="search" id="search" placeholder="Device, field or value" aria-label="Search devices, fields and values"><span class="soft" id="found" aria-live="polite"></span></div>
        <div id="tree"></div></section>
        </main>
        <script type="application/json" id="data">@@DATA@@</script>
        <script>
        "use strict";
        (() => {
        const $ = id => document.getElementById(id);
        const data = JSON.parse($("data").textContent);
        const s = data.summary, c = data.contents;
        const el = (tag, text, name) => { const e = document.createElement(tag); if (text !== undefined) e.textContent = text; if (name) e.className = name; return e; };
        // Names from the input must not move the text around them.
        const seen = t => String(t).replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, ch => "\\u{" + ch.codePointAt(0).toString(16) + "}");
        const count = n => Number(n).toLocaleString("en-US").replace(/,/g, "\u202f");
        const size = n => { const u = ["octets", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]; let v = Number(n), i = 0; while (v >= 1024 && i < 6) { v /= 1024; i++; } return (i ? v.toFixed(v < 10 ? 2 : v < 100 ? 1 : 0) : v) + " " + u[i]; };
        const hex = n => "0x" + BigInt(n).toString(16);
        const colour = name => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
        const kinds = ["missing", "zero", "filled", "xbzrle", "compressed", "full"];
        const said = { missing: "not sent", zero: "zero", filled: "filled with one octet", xbzrle: "XBZRLE difference", compressed: "compressed", full: "data" };

        // Theme
        const dark = matchMedia("(prefers-color-scheme: dark)");
        let chosen = null;
        const applyTheme = () => { document.documentElement.dataset.theme = chosen || (dark.matches ? "dark" : "light"); redraw(); };
        const turnTheme = () => { chosen = document.documentElement.dataset.theme === "dark" ? "light" : "dark"; applyTheme(); };

        function table(heads, rows, numbers) {
          const t = el("table"), h = t.createTHead().insertRow();
          heads.forEach((x, i) => { const th = el("th", x, numbers.includes(i) ? "n" : ""); th.scope = "col"; h.append(th); });
          const b = t.createTBody();
          for (const r of rows) { const tr = b.insertRow(); r.forEach((x, i) => { const td = tr.insertCell(); td.textContent = x; if (numbers.includes(i)) td.className = "n"; }); }
          return t;
        }

        // Summary
        function summary() {
          $("title").textContent = seen(data.file);
          $("subtitle").textContent = s.kind + (s.schemaVersion ? ", schema version " + s.schemaVersion : "") + (s.machine ? ", " + seen(s.machine) : "");
          document.title = seen(data.file) + " – Berth report";
          if (s.error) $("notices").append(el("p", "Not whole: " + seen(s.error), "notice"));
          for (const w of s.warnings || []) $("notices").append(el("p", hex(w.offset) + " " + seen(w.path) + ": " + seen(w.message), "notice warn"));
          for (const u of s.unusual || []) $("notices").append(el("p", "Unusual: " + seen(u.message), "notice warn"));
          if (c.isCut) $("notices").append(el("p", "There are more values of devices than this page shows.", "notice warn"));
          const facts = [];
          for (const l of s.containers || []) { facts.push(["container", l.kind]); for (const d of l.details || []) facts.push(["– " + d.name, d.value]); }
          facts.push(["size", count(s.size) + " octets (" + size(s.size) + ")"]);
          if (s.streamVersion) facts.push(["stream version", s.streamVersion]);
          facts.push(["machine", s.machine || "not told (no configuration section)"]);
          if (s.uuid) facts.push(["uuid", s.uuid]);
          if ((s.capabilities || []).length) facts.push(["capabilities", s.capabilities.join(", ")]);
          if (s.pageSize) facts.push(["page size", size(s.pageSize)]);
          facts.push(["section footers", s.hasFooters === true ? "yes" : s.hasFooters === false ? "no" : "in some"]);
          facts.push(["vmdesc", s.description === undefined ? "none" : count(s.description) + " octets"]);
          const d = s.devices;
          if (d && d.octets) { const p = x => (100 * x / d.octets).toFixed(1) + " %"; facts.push(["device state", count(d.octets) + " octets: " + p(d.octetsInFields) + " in fields, " + p(d.octetsInBuffers) + " in buffers, " + p(d.octetsInBlobs) + " in blobs"]); }
          const t = s.transfer, sent = t && Object.entries(t.sizes).sort((a, b) => b[1] - a[1]), all = sent && sent.reduce((n, x) => n + x[1], 0);
          if (all) facts.push(["sent", sent.map(x => x[0] + " " + size(x[1]) + " (" + (100 * x[1] / all).toFixed(1) + " %)").join(", ")]);
          if (t && t.distinctPages) facts.push(["pages", count(t.distinctPages) + " sent" + (t.passCount ? " in " + count(t.passCount) + (t.passCount === 1 ? " pass" : " passes") : "") + (t.resentPages ? "; " + count(t.resentPages) + " records are of pages that were sent again (" + size(t.resentOctets) + ")" : "; none again") + (t.missingPages ? "; " + count(t.missingPages) + " never sent" : "")]);
          if (t && t.downtime.octets) facts.push(["downtime part", size(t.downtime.octets) + ": " + count(t.downtime.pages) + " pages, iterators " + size(t.downtime.iterators) + ", devices " + size(t.downtime.devices) + ", other " + size(t.downtime.other)]);
          facts.push(["whole", s.isWhole ? "yes" : "no"]);
          for (const [k, v] of facts) $("facts").append(el("dt", k), el("dd", seen(v)));
          const rows = (s.blocks || []).map(b => [seen(b.name), size(b.length), count(b.mapped ? b.mapped.present : b.pages.full), count(b.pages.zero), count(b.pages.filled), count(b.pages.xbzrle), count(b.pages.compressed + (b.pages.packed || 0))]);
          if (rows.length) $("blocks").append(table(["RAM block", "length", "data", "zero", "filled", "XBZRLE", "compressed"], rows, [1, 2, 3, 4, 5, 6]));
        }

        // Memory
        function cells(block) {
          const raw = Uint8Array.from(atob(block.runs), ch => ch.charCodeAt(0));
          const pages = Math.ceil(Number(block.length) / Number(block.pageSize));
          const out = new Uint8Array(Math.ceil(pages / block.pagesPerCell));
          for (let i = 0, at = 0; i < raw.length;) {
            const value = raw[i++]; let n = 0, shift = 0, o;
            do { o = raw[i++]; n += (o & 127) * 2 ** shift; shift += 7; } while (o & 128);
            out.fill(value, at, at + n); at += n;
          }
          return out;
        }
        const map = { block: null, cells: null, columns: 1, rows: 1, image: null, x: 0, y: 0, zoom: 1, at: -1, hidden: new Set(), times: false };
        function chooseBlock(i) {
          const b = c.blocks[i]; if (!b) return;
          map.block = b; map.cells = cells(b); map.at = -1; map.hidden.clear();
          const n = Math.max(map.cells.length, 1), width = $("map").clientWidth || 1200;
          map.columns = 2 ** Math.max(0, Math.round(Math.log2(Math.sqrt(n * 3))));
          map.rows = Math.ceil(n / map.columns);
          $("map").style.height = Math.min(Math.max(Math.round(map.rows * width / map.columns), 48), 520) + "px";
          $("cell").textContent = "a cell is " + (b.pagesPerCell > 1 ? b.pagesPerCell + " pages of " : "one page of ") + size(b.pageSize) + "; a row is " + size(map.columns * b.pagesPerCell * b.pageSize);
          paint(); fitMap(); legend();
        }
        function paint() {
          if (!map.cells) return;
          const image = document.createElement("canvas"); image.width = map.columns; image.height = map.rows;
          const g = image.getContext("2d"), px = g.createImageData(map.columns, map.rows), probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
          const rgb = v => { probe.fillStyle = v; probe.fillRect(0, 0, 1, 1); return probe.getImageData(0, 0, 1, 1).data; };
          const palette = kinds.map(k => rgb(colour(k))), ground = rgb(colour("missing")), few = rgb(colour("full")), many = rgb(colour("command"));
          for (let i = 0; i < map.cells.length; i++) {
            const v = map.cells[i], kind = v & 7, times = v >> 3; let p = palette[kind] || ground, alpha = 255;
            if (map.times) { const f = Math.min(Math.max(times - 1, 0) / 4, 1); p = times === 0 ? ground : [0, 1, 2].map(j => few[j] + (many[j] - few[j]) * f); }
            if (map.hidden.has(kind)) alpha = 30;
            px.data.set([p[0], p[1], p[2], alpha], 4 * i);
          }
          g.putImageData(px, 0, 0); map.image = image;
        }
        const ratio = () => window.devicePixelRatio || 1;
        function ready(canvas) { const w = Math.round(canvas.clientWidth * ratio()), h = Math.round(canvas.clientHeight * ratio()); if (canvas.width !== w || canvas.height !== h) { canvas.width = w; canvas.height = h; } const g = canvas.getContext("2d"); g.setTransform(ratio(), 0, 0, ratio(), 0, 0); g.clearRect(0, 0, canvas.clientWidth, canvas.clientHeight); return g; }
        const least = () => Math.min($("map").clientWidth / map.columns, $("map").clientHeight / map.rows);
        function fitMap() { map.zoom = least(); map.x = map.y = 0; drawMap(); }
        function clampMap() {
          const w = $("map").clientWidth, h = $("map").clientHeight;
          map.zoom = Math.min(Math.max(map.zoom, Math.min(least(), 1)), 64);
          map.x = Math.min(Math.max(map.x, 0), Math.max(0, map.columns - w / map.zoom));
          map.y = Math.min(Math.max(map.y, 0), Math.max(0, map.rows - h / map.zoom));
        }
        function drawMap() {
          if (!map.image) return;
          clampMap();
          const g = ready($("map")); g.imageSmoothingEnabled = map.zoom < 1;
          g.setTransform(ratio() * map.zoom, 0, 0, ratio() * map.zoom, -map.x * map.zoom * ratio(), -map.y * map.zoom * ratio());
          g.drawImage(map.image, 0, 0);
          if (map.at >= 0) { g.lineWidth = Math.max(2 / map.zoom, .15); g.strokeStyle = colour("ink"); g.strokeRect(map.at % map.columns, Math.floor(map.at / map.columns), 1, 1); }
        }
        function zoomMap(f, cx, cy) { const x = map.x + cx / map.zoom, y = map.y + cy / map.zoom; map.zoom *= f; clampMap(); map.x = x - cx / map.zoom; map.y = y - cy / map.zoom; drawMap(); }
        function tellCell(i) {
          if (!map.cells || i < 0 || i >= map.cells.length) { $("maphint").textContent = ""; return; }
          map.at = i; const b = map.block, v = map.cells[i], per = BigInt(b.pagesPerCell), first = BigInt(i) * per * BigInt(b.pageSize), end = first + per * BigInt(b.pageSize) - 1n, n = v >> 3;
          $("maphint").textContent = seen(b.name) + " " + hex(first) + "–" + hex(end) + ": " + (said[kinds[v & 7]] || "?") + (n > 1 ? ", sent " + (n > 30 ? "31 times or more" : n + " times") : "");
        }
        function legend() {
          const n = kinds.map(() => 0); let again = 0;
          for (const v of map.cells) { n[v & 7]++; if (v >> 3 > 1) again++; }
          const box = $("legend"); box.replaceChildren();
          kinds.forEach((k, i) => { if (!n[i]) return; const b = el("button"); b.type = "button"; b.setAttribute("aria-pressed", String(!map.hidden.has(i))); const chip = el("span", "", "chip"); chip.style.background = "var(--" + k + ")"; b.append(chip, said[k] + " " + count(n[i])); b.onclick = () => { map.hidden.has(i) ? map.hidden.delete(i) : map.hidden.add(i); paint(); drawMap(); legend(); }; box.append(b); });
          if (map.times) for (const [name, text] of [["full", "sent once"], ["command", "5 times or more"]]) { const l = el("span"), chip = el("span", "", "chip"); chip.style.background = "var(--" + name + ")"; l.append(chip, " " + text); box.append(l); }
          if (again) box.append(el("span", count(again) + " sent more than once", "soft"));
        }

        // Stream
        const time = { from: 0, to: 1, at: -1, ends: [] };
        const group = e => e.pages && e.kind !== "channel" ? "ram" : e.kind === "channel" ? "channel" : e.kind === "full" ? "device" : ["start", "part", "end"].includes(e.kind) ? "iterator" : e.kind === "several" ? "several" : e.kind === "vmdesc" || e.kind === "raw" ? e.kind : "command";
        const groupColour = { ram: "full", device: "device", iterator: "iterator", command: "command", vmdesc: "other", raw: "missing", channel: "compressed", several: "filled" };
        const groupSaid = { ram: "RAM", device: "device", iterator: "iterator", command: "command", vmdesc: "vmdesc", raw: "not understood", channel: "channel", several: "several together" };
        function drawTime() {
          const g = ready($("time")), w = $("time").clientWidth, total = time.ends.length ? time.ends[time.ends.length - 1] : 0;
          if (!total) return;
          const span = (time.to - time.from) * total, x0 = time.from * total, X = v => (v - x0) / span * w, order = [["zero", 0], ["filled", 1], ["full", 2], ["xbzrle", 3], ["compressed", 4]], paints = {};
          const use = n => paints[n] || (paints[n] = colour(n));
          let begin = 0;
          c.events.forEach((e, i) => {
            const end = time.ends[i], a = X(begin), b = X(end); begin = end;
            if (b < 0 || a > w) return;
            const width = Math.max(b - a, 1);
            g.fillStyle = use(groupColour[group(e)]); g.globalAlpha = i === time.at ? 1 : .82; g.fillRect(a, 6, Math.max(width - (width > 4 ? 1 : 0), 1), 56);
            g.globalAlpha = 1;
            if (e.pages) { const all = e.pages.reduce((p, q) => p + q, 0); let y = 122; for (const [name, k] of order) { if (!all) break; const h = 50 * e.pages[k] / all; g.fillStyle = use(name); g.fillRect(a, y - h, Math.max(width - (width > 4 ? 1 : 0), 1), h); y -= h; } }
            if (i === time.at) { g.strokeStyle = use("ink"); g.lineWidth = 2; g.strokeRect(a, 6, width, 56); }
          });
        }
        function tellEvent(i) {
          time.at = i; const e = c.events[i]; if (!e) { $("timehint").textContent = ""; return; }
          let t = (e.offset === undefined ? "" : hex(e.offset) + " ") + e.kind.toUpperCase() + " " + seen(e.name) + (e.instance !== undefined ? "/" + e.instance : "") + ", " + size(e.size) + (e.count > 1 ? ", " + e.count + " together" : "");
          if (e.pages) t += ": " + ["zero", "filled", "data", "XBZRLE", "compressed"].map((n, k) => [n, e.pages[k]]).filter(p => p[1]).map(p => count(p[1]) + " " + p[0]).join(", ");
          $("timehint").textContent = t;
        }
        function zoomTime(f, at) { const width = Math.min(Math.max((time.to - time.from) / f, 1e-7), 1), x = time.from + at * (time.to - time.from); time.from = Math.min(Math.max(x - at * width, 0), 1 - width); time.to = time.from + width; drawTime(); }
        function moveTime(d) { const w = time.to - time.from; time.from = Math.min(Math.max(time.from + d * w, 0), 1 - w); time.to = time.from + w; drawTime(); }
        function stream() {
          let sum = 0; for (const e of c.events) time.ends.push(sum += Number(e.size));
          const box = $("timelegend"), groups = [...new Set(c.events.map(group))];
          for (const k of groups) { const l = el("span"), chip = el("span", "", "chip"); chip.style.background = "var(--" + groupColour[k] + ")"; l.append(chip, " " + groupSaid[k] + " " + count(c.events.filter(e => group(e) === k).reduce((p, e) => p + e.count, 0))); box.append(l); }
          $("all").ontoggle = () => { if ($("events").firstChild) return; $("events").append(table(["offset", "kind", "section", "instance", "octets", "pages"], c.events.map(e => [e.offset === undefined ? "" : hex(e.offset), e.kind + (e.count > 1 ? " ×" + e.count : ""), seen(e.name), e.instance === undefined ? "" : e.instance, count(e.size), e.pages ? count(e.pages.reduce((p, q) => p + q, 0)) : ""]), [0, 3, 4, 5])); };
        }

        // Devices
        const widths = { bool: 1, uint8: 2, int8: 2, uint16: 4, int16: 4, uint16le: 4, uint32: 8, int32: 8, uint32le: 8, uint64: 16, int64: 16, uint64le: 16 };
        function shown([name, kind, text, n]) {
          if (kind === "bool" || kind === "text" || kind === "subsection" || kind === "note") return seen(text);
          if (widths[kind]) { const v = BigInt(text), w = widths[kind]; return text + (v > 9n || v < 0n ? "  0x" + BigInt.asUintN(4 * w, v).toString(16).padStart(w, "0") : ""); }
          if (kind === "blob" || kind === "buffer") return (text.match(/../g) || []).join(" ") + (n > text.length / 2 ? " … " : " ") + "(" + count(n) + " octets)";
          if (kind.endsWith("[]")) return text + (n > text.split(" ").length ? " … " : " ") + "(" + count(n) + ")";
          if (kind === "absent") return "null pointer";
          return kind === "number" ? text : count((arguments[0][4] || []).length) + " inside";
        }
        const unnamed = (v, i) => v[0] === "" ? "[" + i + "]" : seen(v[0]);
        function rows(values, into) {
          values.forEach((v, i) => {
            if (v[4]) { const d = el("details"), m = el("summary", unnamed(v, i) + " "); m.append(el("span", v[1] + (v[1] === "subsection" ? " " + v[2] : "") + ", " + shownCount(v), "soft")); d.append(m); d.ontoggle = () => { if (d.childElementCount === 1) { const b = el("div", undefined, "fields"); rows(v[4], b); d.append(b); } }; into.append(d); }
            else { const r = el("div", undefined, "row"); r.append(el("span", unnamed(v, i)), el("span", v[1], "k"), el("span", shown(v), "v")); into.append(r); }
          });
        }
        const shownCount = v => count(v[4].length) + (v[4].length === 1 ? " value" : " values");
        function device(d) {
          const e = el("details"), m = el("summary", seen(d.name) + " ");
          m.append(el("span", "instance " + d.instance + ", version " + d.version + ", at " + hex(d.offset) + (d.fields.length ? "" : d.opaque ? ", " + count(d.opaque) + " octets that nothing describes" : ", no fields"), "soft"));
          e.append(m); e.ontoggle = () => { if (e.childElementCount === 1) { const b = el("div", undefined, "fields"); rows(d.fields, b); e.append(b); } };
          return e;
        }
        function search(q) {
          const box = $("tree"); box.replaceChildren(); $("found").textContent = "";
          if (!q) { if (!c.devices.length) box.append(el("p", "No devices in this file.", "soft")); c.devices.forEach(d => box.append(device(d))); return; }
          const words = q.toLowerCase().split(/\s+/).filter(Boolean); let n = 0; const limit = 400;
          const lit = (e, text) => { const low = text.toLowerCase(); let at = 0; for (;;) { let best = -1, len = 0; for (const w of words) { const i = low.indexOf(w, at); if (i >= 0 && (best < 0 || i < best)) { best = i; len = w.length; } } if (best < 0) break; e.append(text.slice(at, best), el("mark", text.slice(best, best + len))); at = best + len; } e.append(text.slice(at)); return e; };
          const walk = (values, path) => values.forEach((v, i) => {
            const here = path + (v[0] === "" ? "[" + i + "]" : "." + seen(v[0]));
            if (v[4]) return walk(v[4], here);
            const value = shown(v), low = (here + " " + value).toLowerCase();
            if (!words.every(w => low.includes(w))) return;
            if (++n > limit) return;
            const r = el("div", undefined, "row"); r.append(lit(el("span"), here), el("span", v[1], "k"), lit(el("span", undefined, "v"), value)); box.append(r);
          });
          for (const d of c.devices) { const name = seen(d.name) + (d.instance ? "[" + d.instance + "]" : ""); if (!d.fields.length && words.every(w => name.toLowerCase().includes(w))) { n++; if (n <= limit) box.append(device(d)); } walk(d.fields, name); }
          $("found").textContent = n ? count(n) + (n === 1 ? " value" : " values") + (n > limit ? ", the first " + limit + " are shown" : "") : "nothing found";
        }

        function redraw() { paint(); drawMap(); drawTime(); }
        function drag(canvas, move, hover) {
          let last = null;
          canvas.onpointerdown = e => { last = [e.offsetX, e.offsetY]; canvas.setPointerCapture(e.pointerId); };
          canvas.onpointerup = canvas.onpointercancel = () => { last = null; };
          canvas.onpointermove = e => { if (last) { move(e.offsetX - last[0], e.offsetY - last[1]); last = [e.offsetX, e.offsetY]; } hover(e.offsetX, e.offsetY); };
        }
        drag($("map"), (x, y) => { map.x -= x / map.zoom; map.y -= y / map.zoom; drawMap(); }, (x, y) => { const cx = Math.floor(map.x + x / map.zoom), cy = Math.floor(map.y + y / map.zoom); if (cx >= 0 && cx < map.columns) { tellCell(cy * map.columns + cx); drawMap(); } });
        $("map").addEventListener("wheel", e => { e.preventDefault(); zoomMap(e.deltaY < 0 ? 1.25 : .8, e.offsetX, e.offsetY); }, { passive: false });
        const middle = () => [$("map").clientWidth / 2, $("map").clientHeight / 2];
        $("in").onclick = () => zoomMap(2, ...middle()); $("out").onclick = () => zoomMap(.5, ...middle()); $("fit").onclick = fitMap;
        $("times").onclick = () => { map.times = !map.times; $("times").setAttribute("aria-pressed", String(map.times)); paint(); drawMap(); legend(); };
        $("block").onchange = e => chooseBlock(Number(e.target.value));
        $("map").onkeydown = e => {
          const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -map.columns, ArrowDown: map.columns }[e.key];
          if (step !== undefined && map.cells) { e.preventDefault(); tellCell(Math.min(Math.max(map.at + step, 0), map.cells.length - 1)); const x = map.at % map.columns, y = Math.floor(map.at / map.columns), w = $("map").clientWidth / map.zoom, h = $("map").clientHeight / map.zoom; if (x < map.x) map.x = x; if (x + 1 > map.x + w) map.x = x + 1 - w; if (y < map.y) map.y = y; if (y + 1 > map.y + h) map.y = y + 1 - h; drawMap(); }
          if (e.key === "+" || e.key === "=") zoomMap(2, ...middle());
          if (e.key === "-") zoomMap(.5, ...middle());
          if (e.key === "0") fitMap();
        };
        drag($("time"), x => moveTime(-x / $("time").clientWidth), x => { const total = time.ends[time.ends.length - 1] || 0, at = (time.from + x / $("time").clientWidth * (time.to - time.from)) * total; tellEvent(time.ends.findIndex(e => e > at)); drawTime(); });
        $("time").addEventListener("wheel", e => { e.preventDefault(); zoomTime(e.deltaY < 0 ? 1.25 : .8, e.offsetX / $("time").clientWidth); }, { passive: false });
        $("tin").onclick = () => zoomTime(2, .5); $("tout").onclick = () => zoomTime(.5, .5); $("tfit").onclick = () => { time.from = 0; time.to = 1; drawTime(); };
        $("time").onkeydown = e => {
          if (e.key === "ArrowLeft" || e.key === "ArrowRight") { e.preventDefault(); tellEvent(Math.min(Math.max(time.at + (e.key === "ArrowLeft" ? -1 : 1), 0), c.events.length - 1)); drawTime(); }
          if (e.key === "+" || e.key === "=") zoomTime(2, .5);
          if (e.key === "-") zoomTime(.5, .5);
          if (e.key === "0") $("tfit").onclick();
        };
        $("theme").onclick = turnTheme; dark.addEventListener("change", applyTheme);
        let waiting = 0; $("search").oninput = e => { clearTimeout(waiting); waiting = setTimeout(() => search(e.target.value.trim()), 120); };
        document.addEventListener("keydown", e => {
          if (e.ctrlKey || e.metaKey || e.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(e.target.tagName)) { if (e.key === "Escape" && e.target.id === "search") { e.target.value = ""; search(""); e.target.blur(); } return; }
          const part = ["summary", "memory", "stream", "devices"][Number(e.key) - 1];
          if (part) { $(part).scrollIntoView(); $(part).focus({ preventScroll: true }); }
          else if (e.key === "/") { e.preventDefault(); $("search").focus(); }
          else if (e.key === "t") turnTheme();
        });
        addEventListener("resize", () => { drawMap(); drawTime(); });

        summary(); stream(); search("");
        if (c.blocks.length) {
          c.blocks.forEach((b, i) => { const o = el("option", seen(b.name) + " (" + size(b.length) + ")"); o.value = i; $("block").append(o); });
          chooseBlock(0);
        } else { $("memory").hidden = true; }
        if (!c.events.length) $("stream").hidden = true;
        applyTheme();
        document.documentElement.dataset.ready = "yes";
        })();
        </script>
        </body>
        </html>

        """##
}
