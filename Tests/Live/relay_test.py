#!/usr/bin/env python3
"""Live migrations of unmodified QEMU through `berth relay`, held against a tap of our own.

    relay_test.py --berth BERTH [--only NAME] [--memory MIB]

The source migrates to the relay, the relay to a tap (this script), the tap to the destination. The
guest runs on and finds no damage; the recording decodes to the very octets that the tap saw, each
channel for itself. Listens on unix sockets, and on 127.0.0.1 for the TCP case. Ends with 77 if QEMU
or an assembler is not installed.
"""
import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

from guests import GUESTS, Missing
from qemu import Deadline, Failed, Qemu

CASES = {
    "precopy": ({}, {}, []),
    "return-path": ({"return-path": True}, {}, []),
    "verify": ({"return-path": True}, {}, ["--verify"]),
    "tcp": ({}, {}, []),
    "multifd": ({"multifd": True}, {"multifd-channels": 4}, []),
    "multifd-zstd": ({"multifd": True}, {"multifd-channels": 3, "multifd-compression": "zstd"}, []),
    "multifd-verify": ({"multifd": True, "return-path": True}, {"multifd-channels": 2}, ["--verify"]),
    "xbzrle": ({"xbzrle": True}, {}, []),
    "postcopy": ({"postcopy-ram": True}, {}, []),
    "postcopy-preempt": ({"postcopy-ram": True, "postcopy-preempt": True}, {}, []),
    "postcopy-verify": ({"postcopy-ram": True}, {}, ["--verify"]),
    "postcopy-preempt-verify": ({"postcopy-ram": True, "postcopy-preempt": True}, {}, ["--verify"]),
}


class Tap:
    """Passes connections on and keeps what went each way."""

    def __init__(self, path, target):
        self.target = target
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(64)
        self.connections = []
        self.threads = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            source, _ = self.listener.accept()
            target = socket.socket(socket.AF_UNIX)
            target.connect(self.target)
            kept = [bytearray(), bytearray()]
            self.connections.append(kept)
            for one, other, keep in ((source, target, kept[0]), (target, source, kept[1])):
                thread = threading.Thread(target=self.pump, args=(one, other, keep), daemon=True)
                thread.start()
                self.threads.append(thread)

    @staticmethod
    def pump(one, other, keep):
        try:
            while True:
                data = one.recv(1 << 18)
                if not data:
                    break
                keep += data
                other.sendall(data)
        except OSError:
            pass
        try:
            other.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def wait_for_socket(path, deadline):
    for _ in deadline.poll("the socket " + path):
        if os.path.exists(path):
            return


def run_case(name, berth, guest, image, folder, memory):
    capabilities, parameters, arguments = CASES[name]
    deadline = Deadline(240)
    into, tap_path, out = (os.path.join(folder, each) for each in ("a.sock", "b.sock", "c.sock"))
    recording = os.path.join(folder, "vm.ber")
    base = ["qemu-system-x86_64", "-nodefaults", "-accel", "tcg", "-M", guest.machine, "-m", str(memory)]
    base += guest.options + [guest.boot, image]
    with Qemu("source", base, folder, deadline) as source, \
            Qemu("destination", base + ["-incoming", "defer"], folder, deadline) as destination:
        for _ in deadline.poll("the guest's first pass"):
            report = guest.report(source)
            if report and report.passes > 1:
                break
        settings = [{"capability": key, "state": value} for key, value in capabilities.items()]
        for qemu in (source, destination):
            if settings:
                qemu.run("migrate-set-capabilities", capabilities=settings)
            if parameters:
                qemu.run("migrate-set-parameters", **parameters)
        destination.run("migrate-incoming", uri="unix:" + out)
        wait_for_socket(out, deadline)
        tap = Tap(tap_path, out)
        listen = "tcp:127.0.0.1:0" if name == "tcp" else "unix:" + into
        relay = subprocess.Popen(
            [berth, "relay", "--listen", listen, "--connect", "unix:" + tap_path, "--record", recording,
             "--wait", "--json"] + arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            line = relay.stderr.readline().decode()
            uri = line.strip().rsplit(" ", 1)[-1]
            if "waiting for the source" not in line:
                raise Failed("the relay does not start: " + line)
            postcopy = capabilities.get("postcopy-ram")
            # Slow, so that the guest asks for pages: those go by the preempt channel.
            slow = (1 << 20) if "preempt" in name else (8 << 20)
            source.run("migrate-set-parameters", max_bandwidth=slow if postcopy else (1 << 34),
                       max_postcopy_bandwidth=slow)
            source.run("migrate", uri=uri)
            if postcopy:
                time.sleep(0.6)
                source.run("migrate-start-postcopy")
                if "preempt" in name:
                    time.sleep(1.5)
                source.run("migrate-set-parameters", max_bandwidth=1 << 34, max_postcopy_bandwidth=0)
            for _ in deadline.poll(lambda: "the migration: %s" % source.run("query-migrate").get("status")):
                status = source.run("query-migrate")["status"]
                if status == "completed":
                    break
                if status in ("failed", "cancelled"):
                    raise Failed("the migration " + status)
            for _ in deadline.poll("the destination running"):
                if destination.run("query-status")["running"]:
                    break
            before = guest.report(destination)
            for _ in deadline.poll("two passes more"):
                after = guest.report(destination)
                if after.passes >= before.passes + 2:
                    break
            if after.damaged:
                raise Failed("%d pages damaged" % after.damaged)
            output, error = relay.communicate(timeout=60)
        finally:
            if relay.poll() is None:
                relay.kill()
                relay.communicate()
    if relay.returncode:
        raise Failed("the relay ends with %d: %s %s" % (relay.returncode, output.decode(), error.decode()))
    said = json.loads(output)
    if "preempt" in name and not any(
            each["kind"] == "preempt" and each["sent"] > 4096 for each in said["connections"]):
        raise Failed("no page came by the preempt channel: %s" % said["connections"])
    # The tap's channels in the order of the recording: each connection, then what came back on it.
    expected = []
    for sent, back in tap.connections:
        if sent:
            expected.append(bytes(sent))
        if back:
            expected.append(bytes(back))
    names = [os.path.join(folder, "ch%d" % index) for index in range(len(expected))]
    command = [berth, "decode", "-q", recording, "-o", names[0]]
    for path in names[1:]:
        command += ["--channel", path]
    done = subprocess.run(command, stderr=subprocess.PIPE, check=False)
    if done.returncode:
        raise Failed("decode: " + done.stderr.decode())
    for path, octets in zip(names, expected):
        with open(path, "rb") as file:
            if file.read() != octets:
                raise Failed("%s is not what the tap saw" % os.path.basename(path))
    done = subprocess.run([berth, "validate", "-q", recording], stdout=subprocess.PIPE, check=False)
    if done.returncode:
        raise Failed("the recording is not valid: " + done.stdout.decode()[-500:])
    return "%s; %d octets in %d channels, the same" % (
        ", ".join(each["kind"] for each in said["connections"]), sum(map(len, expected)), len(expected))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--berth", required=True)
    parser.add_argument("--only")
    parser.add_argument("--memory", type=int, default=48)
    options = parser.parse_args()
    guest = GUESTS["x86_64"]
    if not shutil.which("qemu-system-x86_64"):
        print("qemu-system-x86_64 is not installed")
        sys.exit(77)
    failed = 0
    with tempfile.TemporaryDirectory() as build:
        try:
            image = guest.build(build, 512)
        except Missing as missing:
            print(missing)
            sys.exit(77)
        for name in CASES:
            if options.only and options.only not in name:
                continue
            with tempfile.TemporaryDirectory() as folder:
                try:
                    text = "ok    %s: %s" % (name, run_case(
                        name, os.path.abspath(options.berth), guest, image, folder, options.memory))
                except Failed as error:
                    failed += 1
                    text = "FAIL  %s: %s" % (name, error)
            print(text, flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
