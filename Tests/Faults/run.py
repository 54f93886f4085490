#!/usr/bin/env python3
"""What a system does to a program: a full disk, errors of reading, interrupted and short calls,
closed pipes, SIGKILL anywhere, files that change meanwhile, files that may not be read.

    Tests/Faults/run.py --berth PROGRAM --fixtures Tests/Fixtures

Each call is made to fail in turn by a library that is preloaded (shim.c). After each fault: the exit
status and one line that says why; nothing under the output's name that is not whole; nothing else in
the folder, or nothing after the next run.
"""

import argparse
import errno
import glob
import os
import random
import resource
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import unittest

parser = argparse.ArgumentParser()
parser.add_argument("--berth", required=True)
parser.add_argument("--fixtures", required=True)
options, rest = parser.parse_known_args()
BERTH = os.path.abspath(options.berth)
FIXTURES = os.path.abspath(options.fixtures)
STREAM = os.path.join(FIXTURES, "avr-uno-7.2.mig")
IMAGE = os.path.join(FIXTURES, "containers/little-zstd.libvirt")
OLD = b"an older file of this name"

folder = tempfile.TemporaryDirectory(prefix="berth-faults-")
SHIM = os.path.join(folder.name, "shim.so")
subprocess.run(
    ["cc", "-shared", "-fPIC", "-O1", "-o", SHIM,
     os.path.join(os.path.dirname(os.path.abspath(__file__)), "shim.c"), "-ldl"], check=True)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def write(path, octets):
    with open(path, "wb") as file:
        file.write(octets)


def berth(*arguments, fault=None, input=None, limits=None, **more):
    """Runs the program. Returns its exit status (negative: the signal), output and errors."""
    environment = dict(os.environ, LC_ALL="C")
    for name, value in more.items():
        environment[name] = value
    if fault:
        environment.update(LD_PRELOAD=SHIM, FAULT=fault)
    done = subprocess.run(
        [BERTH, *arguments], input=input, stdin=None if input is not None else subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, preexec_fn=limits,
        timeout=120)
    return done.returncode, done.stdout, done.stderr.decode(errors="replace")


class Folder(unittest.TestCase):
    def setUp(self):
        self.holder = tempfile.TemporaryDirectory(prefix="berth-faults-")
        self.folder = self.holder.name
        self.input = self.path("in")
        self.out = self.path("out")
        shutil.copy(STREAM, self.input)

    def tearDown(self):
        self.holder.cleanup()

    def path(self, name):
        return os.path.join(self.folder, name)

    def names(self):
        return sorted(os.listdir(self.folder))

    def expect_error(self, result, text, what):
        status, _, error = result
        self.assertEqual(status, 2, (what, error))
        self.assertIn(text, error, what)
        self.assertTrue(error.startswith("berth: "), (what, error))
        self.assertLessEqual(error.count("\n"), 2, (what, error))

    def count(self, calls, *arguments):
        """How many calls of a kind a run makes: found by failing the Nth until none fails."""
        low, high = 0, 1
        while berth(*arguments, fault="%s:%d:%d" % (calls, high, errno.EIO))[0] != 0:
            low, high = high, high * 2
            if high > 1 << 14:
                self.fail("no end of calls")
        while high - low > 1:
            middle = (low + high) // 2
            if berth(*arguments, fault="%s:%d:%d" % (calls, middle, errno.EIO))[0] != 0:
                low = middle
            else:
                high = middle
        return low


CONVERSIONS = [
    ("encode", []), ("encode", ["--schema-version", "3"]), ("decode", []), ("decode-image", []),
    ("ram", []), ("encode-image", []),
]


class Faults(Folder):
    def conversion(self, name, more):
        """The arguments of a conversion from `in` to `out`, and what it gives undisturbed."""
        source = self.input
        if name == "decode":
            self.assertEqual(berth("encode", STREAM, "-o", source)[0], 0)
        if name == "encode-image":
            shutil.copy(IMAGE, source)
        if name == "decode-image":
            self.assertEqual(berth("encode", IMAGE, "-o", source)[0], 0)
            more = more + ["--container"]
        words = ["ram", "extract"] if name == "ram" else [name.split("-")[0]]
        arguments = words + more + ["-q", source, "-o", self.out]
        status, _, error = berth(*arguments)
        self.assertEqual(status, 0, error)
        whole = read(self.out)
        os.remove(self.out)
        return arguments, whole

    def test_full_disk_at_every_write(self):
        for name, more in CONVERSIONS:
            with self.subTest(name, more=more):
                arguments, _ = self.conversion(name, more)
                write(self.out, OLD)
                count = self.count("write", *arguments)
                self.assertGreater(count, 0)
                write(self.out, OLD)
                for number in range(1, count + 1):
                    result = berth(*arguments, fault="write:%d:%d" % (number, errno.ENOSPC))
                    self.expect_error(result, "No space left on device", number)
                    self.assertEqual(read(self.out), OLD)
                    self.assertEqual(self.names(), ["in", "out"])
                os.remove(self.out)

    def test_error_at_every_read(self):
        for name, more in CONVERSIONS:
            with self.subTest(name, more=more):
                arguments, _ = self.conversion(name, more)
                count = self.count("read", *arguments)
                self.assertGreater(count, 0)
                if os.path.exists(self.out):
                    os.remove(self.out)
                for number in range(1, count + 1):
                    result = berth(*arguments, fault="read:%d:%d" % (number, errno.EIO))
                    self.expect_error(result, "Input/output error", number)
                    self.assertEqual(self.names(), ["in"])
        for command in (["info"], ["validate"], ["dump"], ["report", "-o", self.out]):
            shutil.copy(STREAM, self.input)
            if command[0] in ("validate", "dump"):
                berth("encode", STREAM, "-o", self.input)
            for number in (1, 2):
                status, _, error = berth(
                    *command, self.input, fault="read:%d:%d" % (number, errno.EIO))
                self.assertEqual(status, 2, (command, number, error))
                self.assertIn("Input/output error", error)

    def test_failures_of_completion(self):
        """Giving the file its name, and closing it, can fail too."""
        for calls in ("link:1", "rename:1", "open:2"):
            arguments, _ = self.conversion("encode", [])
            write(self.out, OLD)
            status, _, error = berth(*arguments, fault="%s:%d" % (calls, errno.EDQUOT))
            if calls.startswith("open") and status == 0:
                continue
            self.assertEqual(status, 2, (calls, error))
            self.assertIn("Disk quota exceeded", error)
            self.assertEqual(read(self.out), OLD)
            self.assertEqual(self.names(), ["in", "out"], calls)
            os.remove(self.out)
        arguments, _ = self.conversion("encode", [])
        failed = 0
        for number in range(1, 8):
            status, _, error = berth(*arguments, fault="close:%d:%d" % (number, errno.EIO))
            if status != 0:
                failed += 1
                self.assertEqual(status, 2, error)
                self.assertEqual(self.names(), ["in"], number)
            else:
                os.remove(self.out)
        self.assertGreater(failed, 0)

    def test_interrupted_and_short_calls_change_nothing(self):
        for name, more in CONVERSIONS:
            with self.subTest(name, more=more):
                arguments, whole = self.conversion(name, more)
                for fault in ("read:-2:%d" % errno.EINTR, "write:-2:%d" % errno.EINTR,
                              "read:-3:short", "read:0:short", "write:-3:short",
                              "write:-2:%d" % errno.EAGAIN):
                    if fault.endswith(str(errno.EAGAIN)) and "ram" in arguments:
                        continue  # A regular file never answers so.
                    status, _, error = berth(*arguments, fault=fault)
                    self.assertEqual(status, 0, (fault, error))
                    self.assertEqual(read(self.out), whole, fault)
                    os.remove(self.out)

    def test_killed_anywhere(self):
        """No file under the name unless it is whole; the next run leaves no litter."""
        for environment in ({}, {"FAULT_NOTMP": "1"}):
            for name, more in CONVERSIONS[:3]:
                arguments, whole = self.conversion(name, more)
                litter = killed = 0
                for number in range(1, 400):
                    status, _, _ = berth(*arguments, fault="any:%d:kill" % number, **environment)
                    if status != -signal.SIGKILL:
                        self.assertEqual(status, 0)
                        break
                    killed += 1
                    if os.path.exists(self.out):
                        self.assertEqual(read(self.out), whole)
                        os.remove(self.out)
                    litter += len(self.names()) - 1
                    status, _, error = berth(*arguments, fault="none:1:0", **environment)
                    self.assertEqual(status, 0, error)
                    self.assertEqual(read(self.out), whole)
                    self.assertEqual(self.names(), ["in", "out"])
                    os.remove(self.out)
                self.assertGreater(killed, 5)
                if environment:
                    self.assertGreater(litter, 0, "the test sees no litter to be removed")
                os.remove(self.out)

    def test_another_run_keeps_its_file(self):
        """What is being written is no litter."""
        arguments, whole = self.conversion("encode", [])
        environment = dict(os.environ, LD_PRELOAD=SHIM, FAULT="none:1:0", FAULT_NOTMP="1")
        first = subprocess.Popen(
            [BERTH, "encode", "-q", "-", "-o", self.out], stdin=subprocess.PIPE, env=environment)
        first.stdin.write(read(STREAM)[:5000])
        first.stdin.flush()
        while len(self.names()) < 2:
            pass
        self.assertEqual(berth(*arguments)[0], 0)
        self.assertEqual(len(self.names()), 3)
        first.stdin.write(read(STREAM)[5000:])
        first.stdin.close()
        self.assertEqual(first.wait(), 0)
        self.assertEqual(self.names(), ["in", "out"])

    def test_another_run_before_the_lock(self):
        """Another run takes the hidden file for litter before it is locked: there is a next one."""
        arguments, whole = self.conversion("encode", [])
        environment = dict(FAULT_NOTMP="1", FAULT_RIVAL="1")
        status, _, error = berth(*arguments, fault="none:1:0", **environment)
        self.assertEqual((status, error), (0, ""))
        self.assertEqual(read(self.out), whole)
        self.assertEqual(self.names(), ["in", "out"])

    def test_limits_of_the_system(self):
        """ulimit -f; few descriptors."""
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))

        arguments, _ = self.conversion("encode", [])
        result = berth(*arguments, limits=limit)
        self.expect_error(result, "File too large", "RLIMIT_FSIZE")
        self.assertEqual(self.names(), ["in"])

        def few():
            resource.setrlimit(resource.RLIMIT_NOFILE, (4, 4))

        result = berth(*arguments, limits=few)
        self.assertEqual(self.names(), ["in"] + (["out"] if result[0] == 0 else []))
        self.assertIn(result[0], (0, 2))

    def test_no_room_for_temporary_octets(self):
        """The compressed octets of an image that comes through a pipe wait in TMPDIR."""
        status, _, error = berth(
            "encode", "-", "-o", self.out, input=read(IMAGE), TMPDIR=self.path("missing"))
        self.assertEqual(status, 2, error)
        self.assertIn("No such file", error)
        self.assertEqual(self.names(), ["in"])

    def test_files_that_change(self):
        """Cut or grown while they are read: an error, or the one or the other content."""
        for name in ("encode", "decode"):
            arguments, whole = self.conversion(name, [])
            source = read(self.input)
            seen = set()
            for number in range(1, 12):
                for action in ("cut:%d" % (len(source) // 2), "cut:0", "grow:100000", "grow:1"):
                    write(self.input, source)
                    status, _, error = berth(
                        *arguments, fault="read:%d:%s" % (number, action), FAULT_FILE=self.input)
                    self.assertIn(status, (0, 2), (action, number, error))
                    seen.add((action.split(":")[0], status))
                    if status == 2:
                        self.assertEqual(self.names(), ["in"])
                        self.assertIn("offset 0x", error)
                    elif name == "encode":
                        back = berth("decode", self.out)[1]
                        self.assertTrue(
                            back == source or back.rstrip(b"x") == source, (action, number))
                    else:
                        self.assertEqual(read(self.out), whole, (action, number))
                    if os.path.exists(self.out):
                        os.remove(self.out)
            self.assertIn(("cut", 2), seen)
            self.assertIn(("grow", 0), seen)

    def test_a_sparse_file_that_is_cut(self):
        size = 1 << 20
        with open(self.input, "r+b") as file:
            file.truncate(size)
        status, _, error = berth("encode", self.input, "-o", self.out,
                                 fault="read:3:cut:5000", FAULT_FILE=self.input)
        self.assertIn(status, (0, 2), error)

    def test_closed_pipes(self):
        encoded = berth("encode", STREAM)[1]
        for words, octets in ((["encode"], read(STREAM)), (["decode"], encoded)):
            process = subprocess.Popen(
                [BERTH, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE)
            process.stdout.close()
            try:
                process.stdin.write(octets)
                process.stdin.close()
            except BrokenPipeError:
                pass
            error = process.stderr.read().decode()
            process.stderr.close()
            self.assertEqual(process.wait(), 2, error)
            self.assertEqual(error, "berth: cannot write standard output: Broken pipe\n")

    def test_output_that_is_the_input(self):
        for flags in (os.O_RDWR, os.O_RDWR | os.O_APPEND):
            descriptor = os.open(self.input, flags)
            for words in (["encode", self.input], ["encode"], ["info", self.input]):
                with open(self.input, "rb") as standard:
                    done = subprocess.run(
                        [BERTH, *words], stdin=standard, stdout=descriptor,
                        stderr=subprocess.PIPE)
                self.assertEqual(done.returncode, 64, done.stderr)
                self.assertIn(b"the input is also standard output", done.stderr)
                self.assertEqual(read(self.input), read(STREAM))
            os.close(descriptor)

    def test_no_permission(self):
        os.chmod(self.folder, 0o755)
        program = self.path("berth")
        shutil.copy(BERTH, program)
        os.chmod(program, 0o755)
        os.chmod(self.input, 0)
        if os.geteuid() == 0:
            def drop():
                os.setgid(65534)
                os.setuid(65534)
        else:
            drop = None
        for words in (["encode", self.input], ["info", self.input], ["encode", STREAM, "-o", self.out]):
            if words[1] == STREAM:
                os.chmod(self.folder, 0o555)
                write(self.path("copy"), read(STREAM)) if os.geteuid() == 0 else None
                if os.geteuid() != 0:
                    continue
                os.chmod(self.path("copy"), 0o644)
                words = ["encode", self.path("copy"), "-o", self.out]
            done = subprocess.run(
                [program, *words], stdin=subprocess.DEVNULL, capture_output=True, preexec_fn=drop)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(b"Permission denied", done.stderr)
        os.chmod(self.folder, 0o755)


class EveryCommand(Folder):
    """What holds of every command, not only of conversions."""

    def setUp(self):
        super().setUp()
        self.ber = self.path("ber")
        self.assertEqual(berth("encode", "-q", STREAM, "-o", self.ber)[0], 0)
        self.temporary = self.path("tmp")
        os.mkdir(self.temporary)

    def run_it(self, words, **more):
        return berth(*words, TMPDIR=self.temporary, **more)

    def printing(self):
        """Commands that print, and read each of their inputs to the end or wherever they like."""
        dump = os.path.join(FIXTURES, "vmstate/avr-uno-7.2.json")
        for source in (self.input, self.ber):
            yield ["info", source]
            yield ["info", "--json", source]
            yield ["show", source]
            yield ["ram", "list", source]
            yield ["ram", "read", source, "flash+0", "64"]
            yield ["check", source, "--against", dump]
            yield ["diff", source, self.input]
            yield ["diff", self.ber, source]
            yield ["schema", "generate", source]
            yield ["encode", source]
            yield ["encode", "--schema-version", "3", source]
        for source in (self.ber,):
            yield ["validate", source]
            yield ["decode", source]
            for form in ("raw", "tree", "json", "xml"):
                yield ["dump", "--format", form, source]

    def writing(self):
        yield ["edit", "--drop", "timer", self.input, "-o", self.out]
        yield ["edit", "--drop", "timer", self.ber, "-o", self.out]
        yield ["report", self.ber, "-o", self.out]
        yield ["ram", "read", self.ber, "flash+0", "64", "-o", self.out]
        yield ["schema", "generate", self.ber, "-o", self.out]

    def test_error_at_every_read(self):
        for words in [*self.printing(), *self.writing()]:
            status, _, error = self.run_it(words)
            self.assertIn(status, (0, 1), (words, error))
            done = status
            if os.path.exists(self.out):
                os.remove(self.out)
            for number in range(1, 300):
                status, _, error = self.run_it(words, fault="read:%d:%d" % (number, errno.EIO))
                if os.path.exists(self.out):
                    # A report tells of what could not be read, too.
                    if words[0] != "report":
                        self.assertEqual(status, done, (words, number, error))
                    os.remove(self.out)
                if status == done and "Input/output error" not in error:
                    break
                self.assertEqual(status, 2, (words, number, error))
                self.assertIn("Input/output error", error, (words, number))
                self.assertEqual(os.listdir(self.temporary), [])
            self.assertGreater(number, 1, words)

    def test_interrupted_and_short_calls_change_nothing(self):
        for words in [*self.printing(), *self.writing()]:
            def outcome(**more):
                status, output, error = self.run_it(words, **more)
                whole = read(self.out) if os.path.exists(self.out) else None
                if whole is not None:
                    os.remove(self.out)
                return status, output, error, whole

            expected = outcome()
            for fault in ("read:-2:%d" % errno.EINTR, "write:-2:%d" % errno.EINTR, "read:-3:short",
                          "write:0:short"):
                self.assertEqual(outcome(fault=fault), expected, (words, fault))

    def test_a_full_device(self):
        """As `berth info file > /mnt/full/text`."""
        for words in self.printing():
            usual = self.run_it(words)
            with open("/dev/full", "wb") as full:
                done = subprocess.run(
                    [BERTH, *words], stdin=subprocess.DEVNULL, stdout=full, stderr=subprocess.PIPE,
                    env=dict(os.environ, LC_ALL="C", TMPDIR=self.temporary), timeout=120)
            if not usual[1]:
                self.assertEqual(done.returncode, usual[0], words)
                continue
            error = done.stderr.decode()
            self.assertEqual(done.returncode, 2, (words, error))
            self.assertIn("No space left on device", error, words)
            self.assertEqual(os.listdir(self.temporary), [])

    def test_full_disk_at_every_write(self):
        for words in self.writing():
            for number in range(1, 300):
                write(self.out, OLD)
                status, _, error = self.run_it(
                    words, fault="write:%d:%d" % (number, errno.ENOSPC))
                if status == 0:
                    break
                self.expect_error((status, b"", error), "No space left on device", (words, number))
                self.assertEqual(read(self.out), OLD)
                self.assertEqual(self.names(), ["ber", "in", "out", "tmp"])
                self.assertEqual(os.listdir(self.temporary), [])
            self.assertGreater(number, 1, words)
            self.assertNotEqual(read(self.out), OLD)

    def test_killed_anywhere(self):
        for words in self.writing():
            for environment in ({}, {"FAULT_NOTMP": "1"}):
                self.assertEqual(self.run_it(words)[0], 0)
                whole = read(self.out)
                os.remove(self.out)
                for number in range(1, 400):
                    status = self.run_it(words, fault="any:%d:kill" % number, **environment)[0]
                    if status != -signal.SIGKILL:
                        break
                    if os.path.exists(self.out):
                        self.assertEqual(read(self.out), whole, (words, number))
                        os.remove(self.out)
                self.assertGreater(number, 3, words)
                self.assertEqual(self.run_it(words, fault="none:1:0", **environment)[0], 0)
                self.assertEqual(read(self.out), whole)
                self.assertEqual(self.names(), ["ber", "in", "out", "tmp"], words)
                self.assertEqual(os.listdir(self.temporary), [], words)
                os.remove(self.out)

    def test_files_that_change(self):
        """Cut or grown while they are read: an end with an exit status, whatever it is."""
        for words in [*self.printing(), *self.writing()]:
            path = self.ber if self.ber in words else self.input
            source = read(path)
            for number in (1, 2, 3, 5):
                for action in ("cut:%d" % (len(source) // 2), "cut:0", "grow:100000"):
                    status, _, error = self.run_it(
                        words, fault="read:%d:%s" % (number, action), FAULT_FILE=path)
                    self.assertIn(status, (0, 1, 2), (words, action, number, error))
                    if status == 2:
                        # A report tells of the damage, too.
                        whole = words[0] == "report" and read(self.out).endswith(b"</html>\n")
                        self.assertTrue(whole or not os.path.exists(self.out),
                                        (words, action, number))
                        self.assertTrue(error.startswith("berth: "), error)
                    write(path, source)
                    if os.path.exists(self.out):
                        os.remove(self.out)

    def test_no_permission(self):
        """Neither what is read nor where is to be written."""
        os.chmod(self.folder, 0o755)
        program = self.path("berth")
        shutil.copy(BERTH, program)
        os.chmod(program, 0o755)
        drop = None
        if os.geteuid() == 0:
            def drop():
                os.setgid(65534)
                os.setuid(65534)
        commands = [*self.printing(), *self.writing()]
        for mode, commands in ((0, commands), (0o644, [*self.writing()])):
            os.chmod(self.folder, 0o555 if mode else 0o755)
            for path in (self.input, self.ber):
                os.chmod(path, mode)
            for words in commands:
                done = subprocess.run([program, *words], stdin=subprocess.DEVNULL,
                                      capture_output=True, preexec_fn=drop)
                self.assertEqual(done.returncode, 2, (words, done.stderr))
                self.assertIn(b"Permission denied", done.stderr, words)
                self.assertFalse(os.path.exists(self.out))
        os.chmod(self.folder, 0o755)


class Secrets(Folder):
    def test_files_are_the_owners_alone(self):
        """Whatever umask says, and while they are written too."""
        for environment in ({}, {"FAULT_NOTMP": "1"}):
            encoded = self.path("ber")
            self.assertEqual(berth("encode", "-q", STREAM, "-o", encoded)[0], 0)
            for words in (["encode", self.input], ["decode", encoded],
                          ["ram", "extract", self.input], ["ram", "read", self.input, "flash+0", "64"],
                          ["report", self.input], ["edit", "--drop", "timer", self.input],
                          ["edit", "--drop", "timer", encoded], ["schema", "generate", self.input]):
                status, _, error = berth(
                    *words, "-o", self.out, fault="none:1:0", limits=lambda: os.umask(0) or None,
                    **environment)
                self.assertEqual(status, 0, error)
                mode = stat.S_IMODE(os.stat(self.out).st_mode)
                self.assertEqual(mode, 0o600, words)
                os.remove(self.out)
        os.remove(encoded)
        seen = 0
        for number in range(1, 60):
            berth("encode", self.input, "-o", self.out, fault="any:%d:kill" % number,
                  limits=lambda: os.umask(0) or None, FAULT_NOTMP="1")
            for name in self.names():
                if name.startswith("."):
                    seen += 1
                    self.assertEqual(stat.S_IMODE(os.stat(self.path(name)).st_mode), 0o600)
                    os.remove(self.path(name))
        self.assertGreater(seen, 0)

    def test_temporary_files_are_the_owners_alone(self):
        """Those in TMPDIR too, at any moment: of an image's octets, and of comparisons."""
        temporary = self.path("tmp")
        os.mkdir(temporary)
        encoded = self.path("ber")
        self.assertEqual(berth("encode", "-q", STREAM, "-o", encoded)[0], 0)
        image = read(IMAGE)
        for words, octets in ((["diff", encoded, self.input], None),
                              (["edit", "--drop", "timer", encoded, "--dry-run"], None),
                              (["ram", "read", "-", "flash+0", "64"], read(STREAM)),
                              (["encode", "-", "-o", self.out], image)):
            seen = 0
            for number in range(1, 80):
                status = berth(
                    *words, input=octets, fault="any:%d:kill" % number, TMPDIR=temporary,
                    FAULT_NOTMP="1", limits=lambda: os.umask(0) or None)[0]
                if status != -signal.SIGKILL:
                    break
                for name in os.listdir(temporary):
                    path = os.path.join(temporary, name)
                    seen += 1
                    self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600, (words, name))
                    os.remove(path)
                for name in self.names():
                    if name.startswith("."):
                        os.remove(self.path(name))
            self.assertGreater(number, 1, words)
            if words[0] == "diff":
                self.assertGreater(seen, 0, "the test sees no temporary file")

    def test_a_recording_is_the_owners_alone(self):
        import socket
        target = socket.socket(socket.AF_UNIX)
        target.bind(self.path("target"))
        target.listen(4)
        relay = subprocess.Popen(
            [BERTH, "relay", "--listen", "unix:" + self.path("source"), "--connect",
             "unix:" + self.path("target"), "--record", self.out],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            preexec_fn=lambda: os.umask(0) or None)
        relay.stderr.readline()
        source = socket.socket(socket.AF_UNIX)
        source.connect(self.path("source"))
        through, _ = target.accept()
        for name in self.names():
            if name.startswith("."):
                self.assertEqual(stat.S_IMODE(os.stat(self.path(name)).st_mode), 0o600)
        source.sendall(read(STREAM))
        source.shutdown(socket.SHUT_WR)
        while through.recv(1 << 16):
            pass
        through.close()
        _, error = relay.communicate(timeout=60)
        for open_socket in (source, target):
            open_socket.close()
        self.assertEqual(relay.returncode, 0, error)
        self.assertEqual(stat.S_IMODE(os.stat(self.out).st_mode), 0o600)
        self.assertEqual(berth("decode", self.out)[1], read(STREAM))

    def test_messages_have_no_memory(self):
        """A marker fills all pages; whatever is damaged, no message shows more than one field of
        framing that turns out to be none: 8 octets."""
        marker = b"SECRETSECRETSECR"
        pages = 16
        text = b"m0"
        size = pages * 4096
        word = lambda value: value.to_bytes(8, "big")
        stream = b"QEVM" + (3).to_bytes(4, "big") + b"\1" + (2).to_bytes(4, "big") + b"\3ram"
        stream += bytes(4) + (4).to_bytes(4, "big") + word(size | 4) + b"\2" + text + word(size)
        stream += word(0x10) + b"\x7e" + (2).to_bytes(4, "big") + b"\2" + (2).to_bytes(4, "big")
        for page in range(pages):
            stream += word(page * 4096 | (0x28 if page else 8))
            stream += b"" if page else b"\2" + text
            stream += marker * 256
        stream += word(0x10) + b"\x7e" + (2).to_bytes(4, "big")
        stream += b"\3" + (2).to_bytes(4, "big") + word(0x10) + b"\x7e" + (2).to_bytes(4, "big")
        stream += b"\0"
        self.assertEqual(berth("encode", input=stream)[0], 0)
        files = {"encode": stream}
        for version in "34":
            files["decode", version] = berth("encode", "--schema-version", version, input=stream)[1]
        numbers = random.Random(5)
        told = 0
        double = marker * 2
        pieces = [double[at:at + 9].decode() for at in range(16)]
        pieces += [double[at:at + 9].hex() for at in range(16)]
        for key, whole in files.items():
            for turn in range(80):
                octets = bytearray(whole)
                at = numbers.randrange(len(octets))
                if turn % 3 == 0:
                    del octets[at:at + numbers.randrange(1, 40)]
                elif turn % 3 == 1:
                    octets[at:at] = octets[:numbers.randrange(1, 40)]
                else:
                    at = numbers.choice([numbers.randrange(120), at])
                    octets[at] ^= 1 << numbers.randrange(8)
                commands = [["encode"], ["info"], ["info", "--json"], ["show"], ["ram", "list"],
                            ["report", "-o", "-"]]
                if isinstance(key, tuple):
                    commands += [["decode"], ["validate"], ["validate", "--json"]]
                for words in commands[turn % len(commands):][:2]:
                    status, output, error = berth(*words, input=bytes(octets))
                    shown = error
                    if words[0] not in ("encode", "decode"):
                        shown += output.decode(errors="replace")
                    told += status == 2
                    for piece in pieces:
                        self.assertNotIn(piece, shown, words)
        self.assertGreater(told, 20)
        # A whole one shows nothing either, in whatever form.
        for words in (["info"], ["info", "--json"], ["info", "-v"], ["report", "-o", "-"], ["show"],
                      ["ram", "list"]):
            _, output, error = berth(*words, input=stream)
            self.assertNotIn("SECRET", output.decode(errors="replace") + error, words)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]] + rest, verbosity=1)
