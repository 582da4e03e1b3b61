"""Runs commands and says what they cost; medians of several runs, each beside its peer's."""
import contextlib
import json
import os
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SECONDS = 120  # for one command


class Unmeasured(Exception):
    """Why there is no figure."""


FAILURES = (OSError, subprocess.SubprocessError)


@dataclass
class Cost:
    """Seconds, seconds of user and system time, and bytes of one run."""
    wall: float
    cpu: float
    peak: float
    rate: float = 0  # of what the part counts, a second

    def of(self, count):
        """With the rate at which `count` things were done."""
        return Cost(self.wall, self.cpu, self.peak, count / self.wall)


def metered(tools, command, accepted=(0,), output=subprocess.DEVNULL):
    """The cost of one command that must end with one of the accepted statuses, by metered.c."""
    reading, writing = os.pipe()
    with os.fdopen(reading) as told:
        # metered.c writes to descriptor 3.
        shell = ["sh", "-c", 'fd=$1; shift; eval "exec \\"\\$@\\" 3>&$fd $fd>&-"', "sh", str(writing),
                 str(tools.program("metered")), *map(str, command)]
        try:
            done = subprocess.run(shell, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.PIPE, pass_fds=[writing],
                                  timeout=SECONDS, check=False)
        finally:
            os.close(writing)
        if done.returncode not in accepted:
            lines = done.stderr.decode(errors="replace").strip().splitlines()
            last = lines[-1] if lines else "no message"
            raise Unmeasured(f"{Path(command[0]).name} ended with {done.returncode}: {last}")
        return Cost(**json.loads(told.read()))


def alternating(measures, rounds):
    """Runs each of the named measures `rounds` times in turn (A B A B), and answers the median cost of each by name."""
    return {name: median(runs) for name, runs in alternating_runs(measures, rounds).items()}


def alternating_runs(measures, rounds):
    """As `alternating`, with the costs of all runs. One that cannot be measured is told and left out."""
    costs = {name: [] for name in measures}
    for _ in range(rounds):
        for name, measure in measures.items():
            if costs[name] is None:
                continue
            try:
                costs[name].append(measure())
            except (Unmeasured, *FAILURES) as problem:
                print(f"bench: {name}: {problem}", file=sys.stderr)
                costs[name] = None
    return {name: runs for name, runs in costs.items() if runs}


def median(costs):
    fields = ("wall", "cpu", "peak", "rate")
    return Cost(*(statistics.median(getattr(cost, field) for cost in costs) for field in fields))


@contextlib.contextmanager
def background(command, ready=None, **options):
    """A process that runs beside what is measured, ended by its id. With `ready`, waits for its first line and passes it on."""
    process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE if ready else subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
    try:
        if ready:
            line = process.stdout.readline().decode()
            if not line:
                raise Unmeasured(f"{Path(str(command[0])).name} does not start")
            process.first = line.strip()
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


# MARK: Table

def heading(what, columns=("wall", "CPU", "peak memory", "rate")):
    print(f"\n{what:<44}" + "".join(f"{column:>14}" for column in columns), flush=True)


def line(name, *cells):
    print(f"  {name:<42}" + "".join(f"{cell:>14}" for cell in cells), flush=True)


def cost_lines(costs, has_rate=False):
    for name, cost in costs.items():
        cells = [seconds(cost.wall), seconds(cost.cpu), megabytes(cost.peak)]
        if has_rate:
            cells.append(f"{cost.rate:,.0f} /s")
        line(name, *cells)


def ratios(costs, ours, theirs):
    """Ours by theirs: below 1 is in leadsman's favour, but for the rate."""
    if ours not in costs or theirs not in costs:
        return
    one, other = costs[ours], costs[theirs]
    cells = [f"{getattr(one, field) / getattr(other, field):.2f}" for field in ("wall", "cpu", "peak", "rate")
             if getattr(other, field)]
    line(f"{ours} / {theirs}", *cells)


def aim(what, value, is_met):
    print(f"  aim: {what}: {value}: {'met' if is_met else 'MISSED'}", flush=True)


def seconds(span):
    return f"{span:.2f} s" if span >= 1 else f"{span * 1e3:.1f} ms"


def megabytes(count):
    return f"{count / 1e6:.1f} MB"
