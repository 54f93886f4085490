#!/usr/bin/env python3
"""Random schemas and random values: encoded by other tools, judged and listed by Berth.

    differential.py --berth BERTH [--schemas N] [--seed S] [--verbose]

For each schema some values, now and then outside their constraints. The octets come from asn1tools,
pycrate and Erlang, and from our own writer here, which uses all the freedom of BER; some are damaged
then. What Berth has to say is decided by the reader in `simple_types.py` and `structures.py`, which
was written from the standards for this and shares nothing with Berth; the peers' verdicts are
counted beside it, and two peers against Berth are a failure in undamaged values.

Values that are good also go the other way: Berth's JSON (X.697) and XML (X.693) are compared with
the value, and asn1tools reads them back and must encode the very octets of DER.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter

import peers
from generate import Schema, mutate
from simple_types import Undecided, has_unlisted
from structures import AnyOrder
from wire import Refused, Style, read


class Failure(Exception):
    """Berth said something else than it has to."""


class Run:
    def __init__(self, berth, seed, verbose=False, skip=None):
        self.berth, self.verbose = os.path.abspath(berth), verbose
        self.seed = seed
        self.peers = peers.installed(skip)
        self.counts = Counter()
        self.votes = Counter()
        self.failures = []
        self.folder = tempfile.TemporaryDirectory()
        self.schema_path = os.path.join(self.folder.name, "m.asn")

    def close(self):
        for peer in self.peers:
            if hasattr(peer, "close"):
                peer.close()
        self.folder.cleanup()

    def call(self, octets, *arguments):
        result = subprocess.run(
            [self.berth, *arguments, "--schema", self.schema_path, "--type", "T"], input=octets,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        if result.returncode not in (0, 1):
            raise Failure("status %d: %s" % (result.returncode, result.stderr.decode()[:400]))
        return result.returncode == 0, result.stdout, result.stderr.decode()

    def schema(self, number):
        """One schema with its values."""
        rnd = random.Random("%s %d" % (self.seed, number))
        schema = Schema(rnd)
        text = schema.text()
        with open(self.schema_path, "w", encoding="utf-8") as file:
            file.write(text)
        forms = schema.forms()
        compiled = {}
        for peer in self.peers:
            # asn1ct takes a third of a second: not each time.
            if peer.name == "Erlang asn1ct" and number % 6:
                continue
            module = peer.compile(text)
            self.counts["%s: modules %s" % (peer.name, "taken" if module else "refused")] += 1
            if module:
                compiled[peer] = module
        context = Context(self, number, schema, text, forms, compiled)
        try:
            for _ in range(3):
                value = schema.value(schema.type, bad=0.05)
                context.value(value, rnd)
        except Failure as failure:
            self.failures.append("schema %d (seed %s): %s\n%s" % (number, self.seed, failure, text))


class Context:
    """One schema, and those that know it."""

    def __init__(self, run, number, schema, text, forms, compiled):
        self.run, self.number, self.schema, self.type = run, number, schema, schema.type
        self.text, self.forms, self.compiled = text, forms, compiled
        self.jer = self.xer = None
        for peer in compiled:
            if peer.name == "asn1tools" and number % 2 == 0:
                self.jer, self.xer = peer.compile(text, "jer"), peer.compile(text, "xer")
                self.ber = compiled[peer]

    def value(self, value, rnd):
        der = self.type.encode(value)
        made = {der: "DER"}
        for peer, module in self.compiled.items():
            octets = module.encode(value)
            if octets is None and peer.name == "Erlang asn1ct":
                octets = module.recode(der)
            if octets is not None:
                self.run.counts["%s: encoded" % peer.name] += 1
                made.setdefault(octets, peer.name)
        made.setdefault(self.type.encode(value, Style(rnd)), "free BER")
        for octets, maker in made.items():
            self.judge(octets, maker, value)
        for _ in range(2):
            broken = mutate(rnd, rnd.choice(list(made)))
            if broken not in made:
                self.judge(broken, "damaged", None)

    def judge(self, octets, maker, value):
        run = self.run
        try:
            expected, found = self.expected(octets)
        except Undecided:
            run.counts["left out: numbers that the oracle doesn't read"] += 1
            return
        run.counts["vectors: " + maker] += 1
        run.counts["vectors that have to be " + ("good" if expected else "refused")] += 1
        valid, listing, words = run.call(octets, "dump", "--format", "json")
        votes = {peer.name: module.judge(octets) for peer, module in self.compiled.items()}
        for peer in self.compiled:
            if peer.knows(self.forms) and votes[peer.name] is not None:
                kind = "damaged" if maker == "damaged" else "whole"
                run.votes[peer.name, kind, votes[peer.name] == valid] += 1
                if votes[peer.name] != valid and run.verbose:
                    print("note: schema %d, %s %s: %s says %s, berth %s; %s\n%s" % (
                        self.number, maker, octets.hex(), peer.name, votes[peer.name], valid,
                        words.strip().split("\n")[0], self.text))
        where = "%s %s: " % (maker, octets.hex())
        if valid != expected:
            raise Failure("%s%s, expected %s: %s; peers: %r" % (
                where, "valid" if valid else "refused", found, words[:500], votes))
        against = [p.name for p in self.compiled if p.knows(self.forms)
                   and votes[p.name] is (not valid)]
        if maker != "damaged" and len(against) > 1:
            raise Failure(where + "%s, but not for %s" % (valid, against))
        if not valid or has_unlisted(found):
            return
        if maker in ("DER", "free BER") and self.type.encode(found) != self.type.encode(value):
            raise Failure(where + "the oracle reads %r for %r" % (found, value))
        self.compare(octets, listing, found, where)

    def expected(self, octets):
        """Whether it is a value, and which, or why not."""
        try:
            return True, self.type.decode(read(octets))
        except Refused as error:
            return False, error


    def compare(self, octets, listing, value, where):
        try:
            ours = json.loads(listing)
        except ValueError as error:
            raise Failure(where + "no JSON: %s: %r" % (error, listing[:200])) from None
        expected = json.loads(json.dumps(self.type.json(value)))
        if ours != expected:
            raise Failure(where + "JSON is %s, not %s" % (
                json.dumps(ours, sort_keys=True), json.dumps(expected, sort_keys=True)))
        self.run.counts["JSON compared"] += 1
        _, xml, _ = self.run.call(octets, "dump", "--format", "xml")
        try:
            root = ElementTree.fromstring(xml)
        except ElementTree.ParseError as error:
            raise Failure(where + "no XML: %s: %r" % (error, xml[:300])) from None
        problem = differs(root, "T", self.type.xml(value))
        if problem:
            raise Failure(where + "XML: %s: %s" % (problem, xml.decode()))
        self.run.counts["XML compared"] += 1
        if self.jer is not None:
            self.back(self.jer, listing, value, where, "JSON")
        if self.xer is not None:
            self.back(self.xer, xml, value, where, "XML")

    def back(self, module, text, value, where, kind):
        """asn1tools reads our text and encodes the value."""
        theirs = module.decode(text)
        if theirs is None:
            self.run.counts["%s: not read by asn1tools" % kind] += 1
            if self.run.verbose:
                print("note: asn1tools doesn't read", text, "of", self.text)
            return
        again, wanted = self.ber.encode(theirs), self.ber.encode(value)
        if again is None or wanted is None:
            return
        if again != wanted:
            raise Failure(where + "%s %s is %s for asn1tools, not %s" % (
                kind, text, again.hex(), wanted.hex()))
        self.run.counts["%s: read and encoded again by asn1tools" % kind] += 1


ESCAPES = dict([(name, chr(code)) for code, name in enumerate(
    "nul soh stx etx eot enq ack bel bs - - vt ff - so si dle dc1 dc2 dc3 dc4 nak syn etb can em "
    "sub esc is4 is3 is2 is1".split())] + [("del", "\x7f")])


def differs(element, name, content):
    """What is not as expected of an element, or None."""
    if element.tag != name:
        return "<%s>, not <%s>" % (element.tag, name)
    if isinstance(content, list):
        children = list(element)
        if (element.text or "").strip() or any((c.tail or "").strip() for c in children):
            return "text in <%s>" % name
        if len(children) != len(content):
            return "%d in <%s>, not %d" % (len(children), name, len(content))
        if isinstance(content, AnyOrder):
            children.sort(key=lambda child: child.tag)
            content = sorted(content, key=lambda pair: pair[0])
        for child, (child_name, child_content) in zip(children, content):
            problem = differs(child, child_name, child_content)
            if problem:
                return problem
        return None
    text = element.text or ""
    for child in element:
        if child.tag not in ESCAPES:
            return "<%s> in the text of <%s>" % (child.tag, name)
        text += ESCAPES[child.tag] + (child.tail or "")
    if isinstance(content, float):
        return None if float(text) == content else "%s, not %r" % (text, content)
    return None if text == content else "%r in <%s>, not %r" % (text, name, content)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--berth", required=True)
    parser.add_argument("--schemas", type=int, default=60)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--seconds", type=float, help="begin no more schemas after this time")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    sys.setrecursionlimit(10000)
    run = Run(options.berth, options.seed, options.verbose, lambda *skipped: print("skip", *skipped))
    started = time.monotonic()
    try:
        for number in range(options.first, options.first + options.schemas):
            run.schema(number)
            if options.seconds and time.monotonic() - started > options.seconds:
                print("stopped after %d schemas" % (number + 1 - options.first))
                break
    finally:
        run.close()
    for failure in run.failures[:20]:
        print("FAIL ", failure)
    for name, count in sorted(run.counts.items()):
        print("%7d %s" % (count, name))
    for peer in sorted({key[0] for key in run.votes}):
        for kind in ("whole", "damaged"):
            same, other = run.votes[peer, kind, True], run.votes[peer, kind, False]
            if same + other:
                print("%s, %s: %d of %d verdicts the same" % (peer, kind, same, same + other))
    print("%d failures, %.0f s" % (len(run.failures), time.monotonic() - started))
    sys.exit(1 if run.failures else 0)


if __name__ == "__main__":
    main()
