"""Runs jobs in turn and keeps what each took."""

import os
import statistics
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))


class Job:
    """A pipeline of which all or one command is measured.

    `reference`: the job that it is compared with. `own`: the number of the command that counts, or
    None for all. `octets`: what it goes over, `text`: whether its output's size counts. `makes`: a
    file that it makes, which goes away after each run: so every job writes a new file, into memory
    that the one before has given back (a virtual machine pays for memory that it never used before).
    """

    def __init__(self, group, name, *commands, source=None, out=None, reference=None, own=None,
                 octets=0, width=0, text=False, status=(0,), elements=0, makes=None):
        self.group, self.name, self.commands = group, name, commands
        self.source, self.out, self.reference, self.own = source, out, reference, own
        self.octets, self.width, self.text, self.status = octets, width, text, status
        self.elements, self.makes = elements, makes
        self.cpu, self.wall, self.peak, self.written = [], [], [], None

    @property
    def key(self):
        return self.group, self.name


class Runner:
    def __init__(self, folder):
        self.pipeline = os.path.join(folder, "pipeline")
        subprocess.run(["cc", "-O2", "-o", self.pipeline, os.path.join(HERE, "pipeline.c")],
                       check=True)

    def run(self, job):
        command = [self.pipeline]
        for flag, value in (("-i", job.source), ("-o", job.out), ("-p", job.width)):
            if value:
                command += [flag, str(value)]
        for number, words in enumerate(job.commands):
            command += (["::"] if number else []) + list(words)
        reading, writing = os.pipe()
        child = subprocess.Popen(["/bin/sh", "-c", 'exec "$@" 3>&%d' % writing, "sh"] + command,
                                 pass_fds=[writing], stderr=subprocess.PIPE)
        os.close(writing)
        with os.fdopen(reading) as lines:
            told = [line.split() for line in lines]
        error = child.communicate()[1].decode(errors="replace")[-300:]
        taken = {int(line[0]): list(map(int, line[1:])) for line in told if line[0] != "wall"}
        for number, line in taken.items():
            allowed = job.status if job.own in (None, number) else (0,)
            if line[5] not in allowed:
                raise RuntimeError("%s: %s: status %d %s" % (
                    job.name, job.commands[number][0], line[5], error))
        if child.returncode or len(taken) != len(job.commands):
            raise RuntimeError("%s: %s" % (job.name, error))
        counted = taken.values() if job.own is None else [taken[job.own]]
        job.cpu.append(sum(line[0] + line[1] for line in counted) / 1e6)
        job.wall.append(int(told[-1][1]) / 1e6)
        # Berth's own peak where it is one of several commands.
        job.peak.append(max(
            line[2] for number, line in taken.items()
            if job.own in (None, number) and (len(taken) == 1 or number == 1 or job.own is not None)
        ) / 1024)
        if job.text and job.out:
            job.written = os.path.getsize(job.out)
        for path in (job.out, job.makes):
            if path:
                os.remove(path)

    def run_all(self, jobs, runs, tell):
        """Each round runs all jobs, so that a ratio is of neighbours in time."""
        for number in range(runs):
            for job in jobs:
                tell("run %d of %d: %s, %s" % (number + 1, runs, job.group, job.name))
                self.run(job)


def row(job, jobs):
    """A job's figures: medians; a ratio is the median of the rounds' ratios."""
    other = next((j for j in jobs if j.key == (job.group, job.reference)), None)
    cpu = statistics.median(job.cpu)
    figures = {
        "group": job.group, "name": job.name, "cpu_s": round(cpu, 5),
        "cpu_min_s": round(min(job.cpu), 5), "wall_s": round(statistics.median(job.wall), 5),
        "peak_mib": round(max(job.peak), 1), "runs": len(job.cpu),
    }
    if job.octets:
        figures["octets"] = job.octets
        figures["mib_per_cpu_s"] = round(job.octets / max(cpu, 1e-6) / (1 << 20), 1)
    if job.written is not None:
        figures["text_octets"] = job.written
        figures["text_mib_per_cpu_s"] = round(job.written / max(cpu, 1e-6) / (1 << 20), 1)
    if job.elements:
        figures["ns_per_element"] = round(cpu * 1e9 / job.elements, 1)
    if other:
        pairs = zip(job.cpu, other.cpu)
        scale = other.octets / job.octets if other.octets and job.octets else 1
        ratio = statistics.median(a * scale / max(b, 1e-6) for a, b in pairs)
        figures["reference"], figures["ratio"] = job.reference, round(ratio, 3)
    return figures
