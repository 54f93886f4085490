#!/usr/bin/env python3
"""Runs the fuzzing targets in turns, until each has had its CPU minutes.

    Scripts/fuzz.py --program BERTH-FUZZ --work FOLDER [--minutes N] [--target NAME …]

FOLDER/seeds/TARGET has the seeds, FOLDER/corpus/TARGET what was found worth keeping, FOLDER/found
the inputs that break a property, FOLDER/logs a log a target, and FOLDER/status.tsv the figures:
CPU seconds, executions, edges and features covered, files in the corpus, inputs found. It goes on
where an earlier run ended. Exit status: 0 nothing found, 1 something found.
"""

import argparse
import glob
import os
import re
import resource
import subprocess
import sys
import time

TARGETS = ("binary-stream mapped-ram ber-raw ber-v3 ber-v4 schema-text schema-ber vmdesc "
           "vmstate-dump libvirt qcow2 compression lzop multifd return-path channels").split()
FIELDS = ["cpu", "runs", "cov", "ft", "corpus", "found"]
# A turn that finds something is begun again, so that one fault doesn't hide all others.
RESTARTS = 3

parser = argparse.ArgumentParser()
parser.add_argument("--program", required=True)
parser.add_argument("--work", required=True)
parser.add_argument("--minutes", type=float, default=1, help="CPU minutes a target, in all")
parser.add_argument("--turn", type=int, default=300, help="seconds a turn")
parser.add_argument("--part", default="1/1", help="K/N: the Kth of N drivers that share the work")
parser.add_argument("--target", action="append")
options = parser.parse_args()
targets = options.target or TARGETS
for target in targets:
    if target not in TARGETS:
        sys.exit("no target %s; there are: %s" % (target, " ".join(TARGETS)))
part, parts = map(int, options.part.split("/"))
targets = targets[part - 1::parts]
for folder in ("corpus", "found", "logs", "status"):
    os.makedirs(os.path.join(options.work, folder), exist_ok=True)


def path(*names):
    return os.path.join(options.work, *names)


def load(target):
    values = dict.fromkeys(FIELDS, 0)
    try:
        with open(path("status", target)) as file:
            for name, value in zip(FIELDS, file.read().split()):
                values[name] = float(value) if name == "cpu" else int(value)
    except OSError:
        pass
    return values


def store(target, values):
    with open(path("status", target + ".new"), "w") as file:
        file.write("%.1f %d %d %d %d %d\n" % tuple(values[name] for name in FIELDS))
    os.rename(path("status", target + ".new"), path("status", target))
    with open(path("status.tsv"), "w") as file:
        file.write("target\t" + "\t".join(FIELDS) + "\n")
        for name in TARGETS:
            state = load(name)
            file.write("%s\t%.1f\t%d\t%d\t%d\t%d\t%d\n"
                       % ((name,) + tuple(state[field] for field in FIELDS)))


def run(target, seconds):
    """One run of libFuzzer. Returns whether it found something."""
    corpus = path("corpus", target)
    os.makedirs(corpus, exist_ok=True)
    seeds = path("seeds", target)
    command = [options.program, corpus] + ([seeds] if os.path.isdir(seeds) else []) + [
        "-max_total_time=%d" % seconds, "-print_final_stats=1", "-timeout=120",
        "-rss_limit_mb=1500", "-malloc_limit_mb=400", "-max_len=102400", "-use_value_profile=0",
        "-reload=0", "-report_slow_units=600", "-artifact_prefix=" + path("found", target + "-")]
    environment = dict(os.environ, BERTH_FUZZ=target, SWIFT_BACKTRACE="enable=no")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    text = result.stdout.decode(errors="replace")
    with open(path("logs", target + ".log"), "a") as log:
        log.write("--- %s\n" % time.strftime("%FT%TZ", time.gmtime()))
        log.write(text if len(text) < 20000 else text[:4000] + "\n…\n" + text[-16000:])
    values = load(target)
    values["cpu"] += (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
    runs = re.findall(r"stat::number_of_executed_units: (\d+)", text)
    values["runs"] += int(runs[-1]) if runs else 0
    cover = re.findall(r"cov: (\d+) ft: (\d+)", text)
    if cover:
        values["cov"] = max(values["cov"], int(cover[-1][0]))
        values["ft"] = max(values["ft"], int(cover[-1][1]))
    values["corpus"] = len(os.listdir(corpus))
    values["found"] = len(glob.glob(path("found", target + "-*")))
    store(target, values)
    return result.returncode != 0


while True:
    waiting = [name for name in targets if load(name)["cpu"] < options.minutes * 60]
    if not waiting:
        break
    target = min(waiting, key=lambda name: load(name)["cpu"])
    left = options.minutes * 60 - load(target)["cpu"]
    turn = max(5, min(options.turn, int(left) + 1))
    end = time.monotonic() + turn
    for _ in range(RESTARTS + 1):
        rest = int(end - time.monotonic())
        if rest < 2 or not run(target, rest):
            break

found = sorted(glob.glob(path("found", "*")))
for name in found:
    print("found: " + name)
sys.exit(1 if found else 0)
