#!/usr/bin/env python3
"""Streams that QEMU refuses, and takes when `berth edit` has changed them.

    edit_test.py --berth BERTH [--qemu QEMU] [--qemu-load QEMU] [--case NAME] [--mapped-ram]

Each case saves a machine, shows that another does not load the stream (and QEMU's own message for it),
edits the stream, and loads that: what is in memory must be what was saved. Where the edit told a value, QEMU is
asked for it. With --mapped-ram (QEMU 9.0 and newer) files take the place of pipes. Exit status: 0 passed, 1 failed,
77 skipped because QEMU is missing.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile

from qemu import Deadline, Failed, Qemu

COMMON = ["-nodefaults", "-S", "-accel", "tcg"]
# Octets of RAM that all machines here have.
MEMORY = 16 << 20


def case(name, save, load, refusal, edit, check=None):
    return dict(name=name, save=save, load=load, refusal=refusal, edit=edit, check=check)


def registers(expected):
    """What HMP's `info registers` must hold."""
    def check(qemu):
        text = qemu.run("human-monitor-command", command_line="info registers")
        for part in expected:
            if part not in text:
                raise Failed("the registers lack %r: %s" % (part, text[:400]))
    return check


CASES = [
    case("machine type",
         ["-M", "pc-i440fx-7.2", "-m", "16"], ["-M", "pc-i440fx-7.1", "-m", "16"],
         "Machine type received is 'pc-i440fx-7.2' and local is 'pc-i440fx-7.1'",
         ["--machine", "pc-i440fx-7.1"]),
    case("a device that is not there",
         ["-M", "pc-i440fx-7.2", "-m", "16", "-device", "ib700"], ["-M", "pc-i440fx-7.2", "-m", "16"],
         "section or instance 'ib700_wdt'",
         ["--drop", "ib700_wdt"]),
    case("a larger block",
         ["-M", "pc-i440fx-7.2", "-m", "16", "-device", "VGA,vgamem_mb=8,addr=3"],
         ["-M", "pc-i440fx-7.2", "-m", "16", "-device", "VGA,vgamem_mb=16,addr=3"],
         "0000:00:03.0/vga.vram",
         ["--resize-block", "0000:00:03.0/vga.vram=16777216"]),
    case("a block of another name",
         ["-M", "pc-i440fx-7.2,memory-backend=m0", "-m", "16", "-object", "memory-backend-ram,id=m0,size=16M"],
         ["-M", "pc-i440fx-7.2", "-m", "16"],
         'Unknown ramblock "m0", cannot accept migration',
         ["--rename-block", "m0=pc.ram"]),
    case("a newer version",
         None, ["-M", "pc-i440fx-7.2", "-m", "16"],
         "unsupported version 9 for 'i8254' v3",
         ["--set-version", "i8254=3"]),
    case("a register by hand",
         ["-M", "pc-i440fx-7.2", "-m", "16"], ["-M", "pc-i440fx-7.2", "-m", "16"], None,
         ["--set", "cpu.env.regs[0]=0x12345678", "--set", "cpu.env.regs[3]=0xabcd"],
         registers(["EAX=12345678", "EBX=0000abcd"])),
    case("a device of another name",
         None, ["-M", "pc-i440fx-7.2", "-m", "16"],
         "section or instance 'other'",
         ["--rename", "other=i8254"]),
]


def run_berth(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        raise Failed("%s: exit status %d: %s" % (
            " ".join(command), done.returncode, done.stdout.decode("utf-8", "replace")))
    return done.stdout.decode("utf-8", "replace")


def set_mapped_ram(qemu):
    qemu.run("migrate-set-capabilities", capabilities=[{"capability": "mapped-ram", "state": True}])


def save(options, case, path, folder, deadline):
    """Saves a machine; gives what is in its memory."""
    filling = os.path.join(folder, "filling")
    with open(filling, "wb") as file:
        # Page 5 of it is zero.
        file.write(b"".join(bytes(4096) if page == 5 else os.urandom(4096) for page in range(64)))
    # Where neither firmware nor a block's end is.
    loader = ["-device", "loader,addr=0x200000,force-raw=on,file=" + filling]
    with Qemu("saving", [options.qemu] + COMMON + case + loader, folder, deadline) as qemu:
        memory = qemu.memory(0, MEMORY)
        if options.mapped_ram:
            set_mapped_ram(qemu)
        qemu.run("migrate", uri=("file:%s" if options.mapped_ram else "exec:cat > %s") % path)
        for _ in deadline.poll("saving"):
            status = qemu.run("query-migrate").get("status")
            if status == "completed":
                break
            if status in ("failed", "cancelled"):
                raise Failed("the saving QEMU says: %s" % status)
    return memory


def load(options, case, path, folder, deadline, check=None, memory=None):
    """`None` if QEMU took the stream, else what it said."""
    command = [options.qemu_load or options.qemu] + COMMON + case + ["-incoming", "defer"]
    log = os.path.join(folder, "loading.log")
    if os.path.exists(os.path.join(folder, "loading.qmp")):
        os.unlink(os.path.join(folder, "loading.qmp"))
    try:
        with Qemu("loading", command, folder, deadline) as qemu:
            if options.mapped_ram:
                set_mapped_ram(qemu)
            qemu.run("migrate-incoming", uri=("file:%s" if options.mapped_ram else "exec:cat %s") % path)
            for _ in deadline.poll("loading"):
                status = qemu.run("query-status")["status"]
                if status == "inmigrate":
                    if qemu.process.poll() is not None:
                        break
                    migrated = qemu.run("query-migrate").get("status")
                    if migrated == "failed":
                        raise Failed(qemu.said())
                    continue
                if check:
                    check(qemu)
                if memory is not None and qemu.memory(0, MEMORY) != memory:
                    raise Failed("memory is not what was saved")
                return None
    except Failed as failure:
        if "registers lack" in str(failure) or "memory is not" in str(failure):
            raise
        with open(log, "rb") as file:
            return file.read().decode("utf-8", "replace") or str(failure)
    with open(log, "rb") as file:
        return file.read().decode("utf-8", "replace") or "it ended"


def run(options, case):
    deadline = Deadline(options.timeout)
    with tempfile.TemporaryDirectory(prefix="berth-edit-") as folder:
        stream, edited = os.path.join(folder, "stream"), os.path.join(folder, "edited")
        if case["save"] is None:
            # Made unloadable first.
            memory = save(options, case["load"], os.path.join(folder, "plain"), folder, deadline)
            reverse = {"--set-version": "i8254=9", "--rename": "i8254=other"}[case["edit"][0]]
            run_berth(options.berth, "edit", os.path.join(folder, "plain"), "-o", stream,
                      case["edit"][0], reverse)
        else:
            memory = save(options, case["save"], stream, folder, deadline)
        said = "(it loads as it is)"
        # With mapped-ram, QEMU doesn't compare blocks' lengths.
        if case["refusal"] and not (options.mapped_ram and "--resize-block" in case["edit"]):
            said = load(options, case["load"], stream, folder, deadline)
            if said is None:
                raise Failed("QEMU takes the stream as it is")
            if case["refusal"] not in said:
                raise Failed("QEMU refuses, but for another reason: %s" % said)
        run_berth(options.berth, "edit", stream, "-o", edited, *case["edit"])
        # The same through BER.
        ber, back = os.path.join(folder, "ber"), os.path.join(folder, "back")
        run_berth(options.berth, "encode", stream, "-o", ber)
        run_berth(options.berth, "edit", ber, "-o", ber + "2", *case["edit"])
        run_berth(options.berth, "decode", ber + "2", "-o", back)
        for path in (edited, back):
            wrong = load(options, case["load"], path, folder, deadline, case["check"], memory)
            if wrong is not None:
                raise Failed("QEMU refuses the edited stream: %s" % wrong)
        lines = [line for line in said.strip().splitlines() if "warning:" not in line]
        return lines[0][:150] if lines else said


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--berth", required=True)
    parser.add_argument("--qemu", default="qemu-system-x86_64")
    parser.add_argument("--qemu-load", help="another QEMU that loads")
    parser.add_argument("--timeout", type=float, default=120)
    parser.add_argument("--case")
    parser.add_argument("--mapped-ram", action="store_true")
    options = parser.parse_args()
    options.berth = os.path.abspath(options.berth)
    if not shutil.which(options.qemu):
        print("skip: there is no %s" % options.qemu)
        sys.exit(77)
    failed = False
    for case in CASES:
        if options.case not in (None, case["name"]):
            continue
        try:
            print("ok    %s: %s" % (case["name"], run(options, case)), flush=True)
        except Failed as failure:
            failed = True
            print("FAIL  %s: %s" % (case["name"], failure), flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
