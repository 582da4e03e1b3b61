"""Connect times and round trips as leadsman reports them, against the packets' own time stamps on the same host.

Idle: one check at a time over loopback. In flight: 1,000 checks at once over a TUN interface behind which every host answers
after 30 ms (faraway.c), in a network namespace of its own; needs root. Beside them what ping and fping report of their own
echoes, by the same stamps: idle, and fping with as many hosts at once; and one series of pings while 1,000 TCP checks are at work."""
import contextlib
import json
import os
import re
import statistics
import subprocess
import time

from measure import Unmeasured, aim, background, heading, line
from tools import loopback_addresses

DELAY = 30
AT_ONCE = 1_000
NAMESPACE = f"leadsman-bench-{os.getpid()}"


def run(tools):
    if os.geteuid() != 0:
        raise Unmeasured("accuracy needs root: packet stamps, and a network of its own")
    heading("reported minus the packets' own times", ("samples", "median", "p5", "p95"))
    with background([tools.program("healthy")], ready=True) as server:
        addresses = loopback_addresses(2)
        idle = [f'name: c, tcp: "{addresses[0]}:{server.first}"', f"name: e, needs: [c], icmp: {addresses[1]}"]
        plan = tools.plan("accuracy-idle.yaml", idle, 1, "samples: 100, interval: 3ms")
        found = compare(tools, "lo", plan, [])
        alone = judge(found, "idle", 20)
        told(compare_peer(tools, "lo", [], ["ping", "-n", "-c", 100, "-i", 0.003, addresses[1]], of_ping), "ping, idle")
        told(compare_peer(tools, "lo", [], ["fping", "-q", "-C", 100, "-p", 3, addresses[1]], of_fping), "fping, idle")
    with faraway(tools) as inside:
        hosts = [f"198.18.{number // 250}.{number % 250 + 1}" for number in range(AT_ONCE)]
        for kind in ("tcp", "icmp"):
            checks = [f'name: a{number}, {kind}: "{host}{":80" if kind == "tcp" else ""}"' for number, host in enumerate(hosts)]
            plan = tools.plan(f"accuracy-{kind}.yaml", checks, AT_ONCE, "samples: 3, interval: 40ms")
            unbiased(alone, judge(compare(tools, "away", plan, inside), f"{AT_ONCE:,} in flight", 20), f"{AT_ONCE:,} in flight")
        others = [f'name: a{number}, tcp: "{host}:80", samples: 3' for number, host in enumerate(hosts)]
        beside = [*others, "name: one, icmp: 198.18.200.1, samples: 60, interval: 4ms"]
        plan = tools.plan("accuracy-beside.yaml", beside, AT_ONCE + 1, "interval: 40ms")
        found = compare(tools, "away", plan, inside)
        unbiased(alone, judge({"echo": found["echo"]}, f"beside {AT_ONCE:,} TCP checks", 20), f"beside {AT_ONCE:,} TCP checks")
        command = ["fping", "-q", "-C", 3, "-p", 40, "-i", 0, *hosts]
        told(compare_peer(tools, "away", inside, command, of_fping), f"fping, {AT_ONCE:,} in flight")


@contextlib.contextmanager
def faraway(tools):
    """The words that run a command in the network of faraway.c."""
    inside = ["ip", "netns", "exec", NAMESPACE]
    subprocess.run(["ip", "netns", "add", NAMESPACE], check=True)
    try:
        with background([*inside, tools.program("faraway"), "away", DELAY], ready=True):
            for words in ("addr add 198.19.0.1/32 dev away", "link set away up txqueuelen 10000", "route add 198.18.0.0/16 dev away"):
                subprocess.run([*inside, "ip", *words.split()], check=True)
            yield inside
    finally:
        subprocess.run(["ip", "netns", "delete", NAMESPACE], check=True)


def compare(tools, interface, plan, inside):
    """Differences in microseconds by kind."""
    report = tools.folder / "accuracy.json"
    command = [tools.leadsman, "run", "--format", "json", "--output", report, plan]
    _, packets = stamped(tools, interface, inside, command)
    return differences(json.loads(report.read_text()), packets)


def compare_peer(tools, interface, inside, command, read):
    """Differences in microseconds of what another program prints."""
    done, packets = stamped(tools, interface, inside, [tools.peer(command[0]), *command[1:]])
    found = []
    for address, spans in read(done, command).items():
        seen = packets.echoes.get(address, [])
        if len(seen) == len(spans):
            found += [span - other for span, other in zip(spans, seen)]
    return found


def of_ping(done, command):
    return {command[-1]: [float(span) * 1e3 for span in re.findall(rb"time=([0-9.]+) ms", done.stdout)]}


def of_fping(done, _):
    lines = (line.split(" : ") for line in done.stderr.decode().splitlines() if " : " in line)
    return {name.strip(): [float(span) * 1e3 for span in spans.split() if span != "-"] for name, spans in lines}


def stamped(tools, interface, inside, command):
    """How the command ended, and the stamps of the packets meanwhile."""
    seen = tools.folder / "accuracy.txt"
    with open(seen, "w", encoding="ascii") as written:
        stamps = subprocess.Popen([*inside, tools.program("stamps"), interface], stdin=subprocess.DEVNULL, stdout=written)
    try:
        wait_until_ready(stamps, seen)
        done = subprocess.run([*inside, *map(str, command)], stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
    finally:
        stamps.terminate()
        stamps.wait(timeout=10)
    # 1: a check may well fail; what counts is what was measured.
    if done.returncode not in (0, 1):
        raise Unmeasured(f"{command[0]} ended with {done.returncode}")
    rows = seen.read_text().splitlines()
    if rows[-1] != "lost 0":
        raise Unmeasured(f"the packet stamps are not whole: {rows[-1]}")
    return done, Packets(rows[1:-1])


def wait_until_ready(stamps, seen):
    until = time.monotonic() + 10
    while not seen.read_text():
        if stamps.poll() is not None or time.monotonic() > until:
            raise Unmeasured("the packet stamps cannot be read")
        time.sleep(0.005)


class Packets:
    """The spans between the packets of each exchange, in microseconds."""

    def __init__(self, rows):
        self.connects = {}
        self.echoes = {}
        begun = {}
        for row in rows:
            what, stamp, key, peer = row.split()
            if what in ("syn", "request"):
                begun[what, key, peer] = int(stamp)
            elif what == "synack" and ("syn", key, peer) in begun:
                self.connects[key, peer] = (int(stamp) - begun["syn", key, peer]) / 1e3
            elif what == "reply" and ("request", key, peer) in begun:
                self.echoes.setdefault(peer, []).append((int(stamp) - begun.pop(("request", key, peer))) / 1e3)


def differences(report, packets):
    found = {"connect": [], "echo": []}
    for check in report["checks"]:
        for fact in check["facts"]:
            if fact["type"] == "connect" and fact["outcome"] == "connected":
                key = (fact["source"].rpartition(":")[2], fact["endpoint"].rpartition(":")[0])
                if key in packets.connects:
                    found["connect"].append(fact["elapsedMs"] * 1e3 - packets.connects[key])
        echoes = [fact for fact in check["facts"] if fact["type"] == "echo" and fact["roundTripMs"] is not None]
        seen = packets.echoes.get(echoes[0]["address"], []) if echoes else []
        # The requests to one address are answered in their order.
        if len(seen) == len(echoes):
            found["echo"] += [fact["roundTripMs"] * 1e3 - span for fact, span in zip(echoes, seen)]
    return {kind: values for kind, values in found.items() if values}


def told(values, what):
    """Its line; answers the median."""
    if len(values) < 2:
        raise Unmeasured(f"no sample could be matched with its packets ({what})")
    middle = statistics.median(values)
    cut = statistics.quantiles(values, n=20)
    line(what, len(values), *(f"{value:+.1f} us" for value in (middle, cut[0], cut[-1])))
    return middle


def judge(found, when, most):
    """The medians by kind."""
    middles = {}
    for kind, values in found.items():
        middle = middles[kind] = told(values, f"{kind}, {when}")
        aim(f"median error of {kind} under {most} us, {when}", f"{abs(middle):.1f} us", abs(middle) < most)
    if not found:
        raise Unmeasured(f"no sample could be matched with its packets ({when})")
    return middles


def unbiased(alone, crowded, when):
    """What others at work add to the error, of which the clocks and the packet's own way through the kernel are not part."""
    for kind, middle in crowded.items():
        shift = middle - alone[kind]
        aim(f"no bias of {kind}, {when}: within 10 us of idle", f"{shift:+.1f} us", abs(shift) < 10)
