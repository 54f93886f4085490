"""Runs one QEMU and speaks QMP with it, over unix sockets only, with a bound on every wait."""
import json
import os
import signal
import socket
import subprocess
import time


class Failed(Exception):
    """The test did not pass; the text says why."""


class Deadline:
    """A point in time that every wait of one run is bound by."""

    def __init__(self, seconds):
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self, doing):
        """Seconds left; doing says, as text or as a function giving text, what takes them."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise Failed("not done after %g s: %s" % (self.seconds, doing() if callable(doing) else doing))
        return left

    def poll(self, doing, pause=0.02):
        """An endless series of pauses that ends in Failed when time is up; doing as in left."""
        while True:
            self.left(doing)
            yield
            time.sleep(pause)


class Qemu:
    """One QEMU process in its own process group, so that ending it ends its pipelines too."""

    def __init__(self, name, command, folder, deadline):
        self.name = name
        self.folder = folder
        self.deadline = deadline
        self._incoming = b""
        self._socket = None
        self._log = os.path.join(folder, name + ".log")
        self.serial = os.path.join(folder, name + ".serial")
        path = os.path.join(folder, name + ".qmp")
        # QEMU connects to us: no race for the socket's appearing.
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            listener.bind(path)
            listener.listen(1)
            command = command + [
                "-display", "none", "-serial", "file:" + self.serial,
                "-qmp", "unix:%s,server=off" % path]
            with open(self._log, "wb") as log:
                self.process = subprocess.Popen(
                    command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                    start_new_session=True)
            try:
                listener.settimeout(0.2)
                while self._socket is None:
                    self.deadline.left("start of the %s" % name)
                    try:
                        self._socket = listener.accept()[0]
                    except socket.timeout:
                        if self.process.poll() is not None:
                            raise Failed("the %s QEMU does not start: %s" % (name, self.said())) from None
                self._receive("greeting")
                self.run("qmp_capabilities")
            except BaseException:
                self.end()
                raise

    def said(self):
        """What QEMU and its pipelines printed, shortened."""
        with open(self._log, "rb") as log:
            text = log.read().decode("utf-8", "replace").strip()
        return text[-2000:] or "(it printed nothing)"

    def _gone(self):
        try:
            code = self.process.wait(5)
        except subprocess.TimeoutExpired:
            code = "still running"
        return Failed("the %s QEMU is gone (exit status %s): %s" % (self.name, code, self.said()))

    def _receive(self, doing):
        while b"\n" not in self._incoming:
            self._socket.settimeout(self.deadline.left("%s of the %s" % (doing, self.name)))
            try:
                data = self._socket.recv(1 << 16)
            except socket.timeout:
                continue
            except OSError:
                data = b""
            if not data:
                raise self._gone()
            self._incoming += data
        line, self._incoming = self._incoming.split(b"\n", 1)
        return json.loads(line)

    def run(self, command, **arguments):
        """Runs a QMP command; '_' in the names of arguments stands for '-'."""
        message = {"execute": command}
        if arguments:
            message["arguments"] = {key.replace("_", "-"): value for key, value in arguments.items()}
        try:
            self._socket.sendall(json.dumps(message).encode() + b"\n")
        except OSError:
            raise self._gone() from None
        while True:
            answer = self._receive(command)
            if "error" in answer:
                raise Failed("the %s QEMU refuses %s: %s" % (self.name, command, answer["error"].get("desc")))
            if "return" in answer:
                return answer["return"]

    def version(self):
        version = self.run("query-version")["qemu"]
        return "%d.%d.%d" % (version["major"], version["minor"], version["micro"])

    def memory(self, address, size):
        """Guest memory, by physical address."""
        path = os.path.join(self.folder, self.name + ".memory")
        self.run("pmemsave", val=address, size=size, filename=path)
        with open(path, "rb") as file:
            data = file.read()
        os.unlink(path)
        return data

    def printed(self):
        """What the guest wrote on the serial port."""
        try:
            with open(self.serial, "rb") as file:
                return file.read().decode("ascii", "replace")
        except FileNotFoundError:
            return ""

    def end(self):
        """Ends QEMU and whatever its pipelines still run."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *reason):
        self.end()
