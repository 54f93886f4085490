"""Other ASN.1 tools behind one face: compile a module M, encode values of T, judge octets.

Each peer's `compile(text)` gives an object, or None where the peer doesn't take the module, with
    encode(value)  the octets, or None
    judge(octets)  True or False: a value of T, constraints included, as far as the peer checks them;
                   None if the peer has gone
    recode(octets) the octets that the peer writes for the value that it read, or None
Values are those of asn1tools. `knows(forms)` tells whether its verdict counts for such a schema.
"""

import math
import os
import shutil
import subprocess
import sys
import tempfile
import threading


class Asn1tools:
    name = "asn1tools"
    # Of a constraint it takes lowest and highest, of FROM little, of sets of others nothing; a tag
    # before a parameterised type gets lost.
    UNKNOWN = {"union", "except", "intersection", "from", "value", "tail", "BIT STRING named",
               "parameters"}

    def __init__(self):
        import asn1tools
        self.module = asn1tools

    def compile(self, text, codec="ber"):
        try:
            return Asn1toolsModule(self.module.compile_string(text, codec))
        except Exception:
            return None

    def knows(self, forms):
        return not forms & self.UNKNOWN


class Asn1toolsModule:
    def __init__(self, compiled):
        self.compiled = compiled

    def encode(self, value):
        try:
            return bytes(self.compiled.encode("T", value))
        except Exception:
            return None

    def judge(self, octets):
        try:
            # It reads one value and leaves what is behind it.
            value, count = self.compiled.decode_with_length("T", octets)
            self.compiled.decode("T", octets, check_constraints=True)
            return count == len(octets)
        except Exception:
            return False

    def decode(self, octets):
        try:
            return self.compiled.decode("T", octets)
        except Exception:
            return None

    def recode(self, octets):
        value = self.decode(octets)
        return None if value is None else self.encode(value)


class Pycrate:
    name = "pycrate"
    UNKNOWN = {"BIT STRING named"}

    def __init__(self):
        from pycrate_asn1c import asnproc
        from pycrate_asn1c.generator import PycrateGenerator
        self.asnproc, self.generator = asnproc, PycrateGenerator

    def compile(self, text, codec="ber"):
        quiet = open(os.devnull, "w", encoding="utf-8")
        saved, sys.stdout = sys.stdout, quiet
        try:
            with tempfile.NamedTemporaryFile("r", suffix=".py", encoding="utf-8") as file:
                self.asnproc.compile_text(text)
                self.generator(file.name)
                names = {}
                exec(compile(file.read(), "M", "exec"), names)  # pylint: disable=exec-used
            return PycrateModule(names["M"].T)
        except Exception:
            return None
        finally:
            sys.stdout = saved
            quiet.close()
            self.asnproc.GLOBAL.clear()

    def knows(self, forms):
        return not forms & self.UNKNOWN


class PycrateModule:
    def __init__(self, type_):
        self.type = type_

    def encode(self, value):
        try:
            self.type.set_val(self.theirs(self.type, value))
            return self.type.to_ber()
        except Exception:
            return None

    def judge(self, octets):
        try:
            self.type.from_ber(octets)
            # It reads one value and leaves what is behind it; to tell, there is only its text.
            return len(self.type.to_ber()) > 0 and self.whole(octets)
        except Exception:
            return False

    @staticmethod
    def whole(octets):
        from wire import Refused, read
        try:
            read(octets)
            return True
        except Refused:
            return False

    def recode(self, octets):
        try:
            self.type.from_ber(octets)
            return self.type.to_ber()
        except Exception:
            return None

    def theirs(self, type_, value):
        """A value as pycrate holds it."""
        kind = type_.TYPE
        if kind == "NULL":
            return 0
        if kind == "BIT STRING":
            return int.from_bytes(value[0], "big") >> -value[1] % 8, value[1]
        if kind in ("OBJECT IDENTIFIER", "RELATIVE-OID"):
            return tuple(map(int, value.split(".")))
        if kind == "REAL":
            if math.isinf(value):
                return (1 if value > 0 else -1, None, None)
            if value == 0:
                return 0, 2, 0
            mantissa, denominator = value.as_integer_ratio()
            return mantissa, 2, 1 - denominator.bit_length()
        if kind == "CHOICE":
            return value[0], self.theirs(type_._cont[value[0]], value[1])
        if kind in ("SEQUENCE", "SET"):
            return {name: self.theirs(type_._cont[name], part) for name, part in value.items()}
        if kind in ("SEQUENCE OF", "SET OF"):
            return [self.theirs(type_._cont, part) for part in value]
        return value


class Erlang:
    name = "Erlang asn1ct"
    # It applies ranges of numbers, SIZE where it is one range, and no FROM, when it reads BER.
    UNKNOWN = {"union", "except", "intersection", "from", "value", "size", "BIT STRING named"}

    def __init__(self):
        if not shutil.which("escript"):
            raise ImportError("escript")
        self.folder = tempfile.TemporaryDirectory()
        self.count = 0
        self.process = None
        # A command that it has to refuse.
        if self.ask("compile /nothing %s None" % self.folder.name) != "error":
            raise ImportError("asn1ct")

    def start(self):
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "erlang_peer.escript")
        self.process = subprocess.Popen(
            ["escript", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True)

    def ask(self, command):
        """Its answer; None if it ended, or was ended because it took too long. The next command
        finds a new one, without the modules."""
        if self.process is None:
            self.start()
        timer = threading.Timer(20, self.process.kill)
        timer.start()
        try:
            self.process.stdin.write(command + "\n")
            self.process.stdin.flush()
            for line in self.process.stdout:
                # The compiler writes its own words between.
                if line.startswith(("ok", "error")):
                    return line.strip()
        except OSError:
            pass
        finally:
            timer.cancel()
        self.stop()
        return None

    def stop(self):
        process, self.process = self.process, None
        if process:
            process.kill()
            process.wait()
            process.stdout.close()
            try:
                process.stdin.close()
            except OSError:
                pass

    def compile(self, text, codec="ber"):
        self.count += 1
        module = "M%d" % self.count
        path = os.path.join(self.folder.name, module + ".asn1")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace("M DEFINITIONS", module + " DEFINITIONS", 1))
        answer = self.ask("compile %s %s %s" % (path, self.folder.name, module))
        return ErlangModule(self, module) if answer == "ok" else None

    def knows(self, forms):
        return not forms & self.UNKNOWN

    def close(self):
        self.stop()
        self.folder.cleanup()


class ErlangModule:
    def __init__(self, peer, module):
        self.peer, self.module = peer, module
        self.process = peer.process

    def encode(self, value):
        """Its values are records of other names; what it writes is asked for by `recode`."""

    def recode(self, octets):
        answer = self.ask(octets)
        return bytes.fromhex(answer[3:]) if answer and answer.startswith("ok ") else None

    def judge(self, octets):
        answer = self.ask(octets)
        return None if answer is None else answer.startswith("ok ")

    def ask(self, octets):
        """None where the process that held the module is gone."""
        if self.peer.process is not self.process:
            return None
        return self.peer.ask("recode %s T %s" % (self.module, octets.hex()))


def installed(report=None):
    """The peers that are here."""
    found = []
    for peer in (Asn1tools, Pycrate, Erlang):
        try:
            found.append(peer())
        except ImportError as error:
            if report:
                report(peer.name, "not installed: %s" % error)
    return found
