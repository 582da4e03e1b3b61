"""ICMP echo as fast as each program goes: 10 requests to each of 1,000 addresses of loopback, and to each of 10,000 addresses of
each family in a network namespace of its own (which needs root)."""
import contextlib
import os
import subprocess

from measure import Unmeasured, aim, alternating, cost_lines, heading, metered, ratios
from tools import loopback_addresses

SAMPLES = 10
MANY = 10_000
NAMESPACE = f"leadsman-bench-echo-{os.getpid()}"


def run(tools):
    compare(tools, "loopback", loopback_addresses(1_000), [], rounds=5)
    if os.geteuid() != 0:
        raise Unmeasured("echo to 10,000 addresses needs root: a network of its own")
    with own_network() as inside:
        compare(tools, "IPv4", [f"198.18.{number // 250}.{number % 250 + 1}" for number in range(MANY)], inside, rounds=3)
        compare(tools, "IPv6", [f"fd00:18::{number + 1:x}" for number in range(MANY)], inside, rounds=3)


@contextlib.contextmanager
def own_network():
    """The words that run a command where all of 198.18.0.0/16 and fd00:18::/64 is the host's own, and answers."""
    inside = ["ip", "netns", "exec", NAMESPACE]
    subprocess.run(["ip", "netns", "add", NAMESPACE], check=True)
    try:
        for words in ("link set lo up", "route add local 198.18.0.0/16 dev lo", "-6 route add local fd00:18::/64 dev lo"):
            subprocess.run([*inside, "ip", *words.split()], check=True)
        yield inside
    finally:
        subprocess.run(["ip", "netns", "delete", NAMESPACE], check=True)


def compare(tools, what, addresses, inside, rounds):
    count = len(addresses) * SAMPLES
    checks = [f'name: e{number}, icmp: "{address}"' for number, address in enumerate(addresses)]
    plan = tools.plan("echo.yaml", checks, len(addresses), f"samples: {SAMPLES}, interval: 1ms")
    hosts = tools.write("echo.txt", addresses)
    # -i and -p: no pause between packets, nor between those to one address beyond what leadsman's plan has.
    fping = [tools.peer("fping"), "-q", "-C", SAMPLES, "-i", 0, "-p", 1, "-f", hosts]
    costs = alternating({
        "leadsman": lambda: metered(tools, [*inside, *tools.run_plan(plan)]).of(count),
        "fping": lambda: metered(tools, [*inside, *fping]).of(count),
    }, rounds=rounds)
    heading(f"{count:,} echo requests to {len(addresses):,} addresses, {what}")
    cost_lines(costs, has_rate=True)
    ratios(costs, "leadsman", "fping")
    if len(costs) == 2:
        ours, theirs = costs["leadsman"], costs["fping"]
        aim("at least fping's rate", f"{ours.rate / theirs.rate:.2f} of it", ours.rate >= theirs.rate)
        aim("less CPU than fping", f"{ours.cpu / theirs.cpu:.2f} of it", ours.cpu < theirs.cpu)
