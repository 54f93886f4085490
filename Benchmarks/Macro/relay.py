#!/usr/bin/env python3
"""What `berth relay` costs a migration: QEMU to QEMU directly, and through a relay that looks, records,
verifies, or does all.

    relay.py --berth BERTH [--memory MIB] [--rounds N] [--bandwidth MIB/S]… [--transport unix|tcp]…
             [--way NAME]… [--guest] [--realtime] [--qemu COMMAND] [--folder DIR] [--json FILE]

Each round migrates once each way, in an order that turns; times are what the source's query-migrate
tells. RAM, of random octets, lies in /dev/shm; the machine stands still,
or, with --guest, runs the guest of Tests/Live, which writes 2 MiB of its memory again and again. --bandwidth 0
is none: as fast as the machine goes; 128 is what QEMU does unless it is told otherwise. A ratio is the
median of the rounds' ratios to the direct way. --realtime (root) lets the two QEMUs and the relay go before
all other programs, on a machine that does other work. --check: exit status 1 if one of time is above 1.1.
"""
import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "Tests", "Live"))
# pylint: disable=wrong-import-position
from guests import GUESTS  # noqa: E402
from qemu import Deadline, Failed, Qemu  # noqa: E402

WAYS = {
    "direct": None,
    "relay": [],
    "record": ["--record"],
    "verify": ["--verify"],
    "record+verify": ["--record", "--verify"],
}


def fill(path, size):
    """A file of random octets."""
    with open(path, "wb") as file:
        for _ in range(0, size, 16 << 20):
            file.write(os.urandom(min(16 << 20, size)))


def hurry(process):
    """Lets all threads of a process go before those of other programs."""
    for thread in os.listdir("/proc/%d/task" % process.pid):
        os.sched_setscheduler(int(thread), os.SCHED_RR, os.sched_param(1))


def migrate(options, folder, ram, image, transport, way, bandwidth):
    """One migration; what the source tells of it, and the relay's seconds of processor time."""
    deadline = Deadline(300)
    size = options.memory << 20
    machine = shutil.which(options.qemu) and [options.qemu] or options.qemu.split()
    machine += ["-nodefaults", "-M", "pc,memory-backend=pc.ram,accel=" + options.accel]
    machine += ["-m", str(options.memory)]
    # Memory that is there already: what fresh pages cost is the machine's affair.
    source_ram = "memory-backend-file,id=pc.ram,share=on,prealloc=on,size=%d,mem-path=%s" % (size, ram)
    target_ram = source_ram + ".target"
    start = ["-kernel", image] if image else ["-S"]
    relay, guest = None, GUESTS["x86_64"]
    if image:
        # The guest takes its report's memory to be zero.
        with open(ram, "r+b") as file:
            file.seek(guest.data - guest.ram)
            file.write(bytes(1 << 16))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with tempfile.TemporaryDirectory(dir=folder) as place, \
            Qemu("source", machine + ["-object", source_ram] + start, place, deadline) as source, \
            Qemu("destination", machine + ["-object", target_ram, "-incoming", "defer"] + start, place,
                 deadline) as target:
        if image:
            for _ in deadline.poll("the guest's first pass"):
                report = guest.report(source)
                if report and report.passes > 1:
                    break
        at = "unix:%s/b.sock" % place if transport == "unix" else "tcp:127.0.0.1:%d" % options.port
        target.run("migrate-incoming", uri=at)
        try:
            if WAYS[way] is not None:
                listen = "unix:%s/a.sock" % place if transport == "unix" else "tcp:127.0.0.1:0"
                arguments = list(WAYS[way])
                if "--record" in arguments:
                    arguments.insert(arguments.index("--record") + 1, os.path.join(place, "vm.ber"))
                relay = subprocess.Popen(
                    [options.berth, "relay", "--listen", listen, "--connect", at, "--json"] + arguments,
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                line = relay.stderr.readline().decode()
                if "waiting for the source" not in line:
                    raise Failed("the relay does not start: " + line)
                at = line.strip().rsplit(" ", 1)[-1]
            source.run("migrate-set-parameters", max_bandwidth=(bandwidth << 20) or 1 << 40)
            if options.realtime:
                for process in [source.process, target.process] + ([relay] if relay else []):
                    hurry(process)
            source.run("migrate", uri=at)
            for _ in deadline.poll(lambda: "the migration: %s" % source.run("query-migrate")):
                state = source.run("query-migrate")
                if state["status"] == "completed":
                    break
                if state["status"] in ("failed", "cancelled"):
                    raise Failed("the migration %s: %s" % (state["status"], target.said()))
            for _ in deadline.poll("the destination"):
                if target.run("query-status")["status"] not in ("inmigrate", "finish-migrate"):
                    break
            if relay:
                output, error = relay.communicate(timeout=120)
                said = json.loads(output)
                if relay.returncode or "--record" in WAYS[way] and "recorded" not in said:
                    print("  %s: %s" % (way, error.decode().strip()), flush=True)
        finally:
            if relay and relay.poll() is None:
                relay.kill()
                relay.communicate()
        if image:
            first = guest.report(target)
            for _ in deadline.poll("a pass at the destination"):
                last = guest.report(target)
                if last.passes > first.passes:
                    break
            if last.damaged:
                raise Failed("%d pages damaged" % last.damaged)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    ram_state = state["ram"]
    return {
        "total": state["total-time"] / 1000, "down": state["downtime"], "sent": ram_state["transferred"],
        "rounds": ram_state["dirty-sync-count"],
        "cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
    }


def median(values):
    return statistics.median(values)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--berth", required=True)
    parser.add_argument("--memory", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--bandwidth", type=int, action="append")
    parser.add_argument("--transport", action="append", choices=["unix", "tcp"])
    parser.add_argument("--way", action="append", choices=WAYS)
    parser.add_argument("--guest", action="store_true")
    parser.add_argument("--realtime", action="store_true")
    # A guest that works is as fast on each machine only if nothing of the machine runs it.
    parser.add_argument("--accel", help="default: tcg with --guest, else kvm:tcg")
    parser.add_argument("--qemu", default="qemu-system-x86_64")
    parser.add_argument("--port", type=int, default=40517)
    parser.add_argument("--folder")
    parser.add_argument("--json")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    options.berth = os.path.abspath(options.berth)
    options.accel = options.accel or ("tcg" if options.guest else "kvm:tcg")
    ways = ["direct"] + [each for each in options.way or WAYS if each != "direct"]
    results, worst = {}, 0
    with tempfile.TemporaryDirectory(dir=options.folder) as folder, \
            tempfile.TemporaryDirectory(dir="/dev/shm") as memory:
        ram = os.path.join(memory, "ram")
        fill(ram, options.memory << 20)
        shutil.copy(ram, ram + ".target")
        image = GUESTS["x86_64"].build(folder, 512) if options.guest else None
        for bandwidth in options.bandwidth or [0]:
            for transport in options.transport or ["unix", "tcp"]:
                rounds = []
                for number in range(options.rounds):
                    turn = number % len(ways)
                    found = {}
                    for way in ways[turn:] + ways[:turn]:
                        found[way] = migrate(options, folder, ram, image, transport, way, bandwidth)
                        options.port += 1
                    rounds.append(found)
                results["%s %d" % (transport, bandwidth)] = rounds
                limit = "%d MiB/s" % bandwidth if bandwidth else "no limit"
                print("\n%s, %s, %d rounds" % (transport, limit, options.rounds))
                print("%-14s %8s %7s %7s %9s %9s" % ("", "total s", "times", "spread", "MiB/s", "down ms"))
                for way in ways:
                    ratios = [each[way]["total"] / each["direct"]["total"] for each in rounds]
                    total = median([each[way]["total"] for each in rounds])
                    sent = median([each[way]["sent"] for each in rounds])
                    if way != "direct":
                        worst = max(worst, median(ratios))
                    print("%-14s %8.2f %7.2f %3.2f-%-3.2f %8.0f %9.0f" % (
                        way, total, median(ratios), min(ratios), max(ratios), sent / total / (1 << 20),
                        median([each[way]["down"] for each in rounds])), flush=True)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(results, file, indent=1)
    sys.exit(1 if options.check and worst > 1.1 else 0)


if __name__ == "__main__":
    main()
