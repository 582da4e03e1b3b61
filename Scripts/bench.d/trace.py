"""A trace over twenty routers in network namespaces, each link 0.05 ms long at most, beside mtr and traceroute by the same datagrams."""
import os
import subprocess

from measure import Unmeasured, aim, alternating, cost_lines, heading, metered, ratios

ROUTERS = 20
PREFIX = f"lmb{os.getpid()}-"


def node(place):
    return f"{PREFIX}{place}"


def script():
    """Nodes 0 to ROUTERS + 1 in a row; the link before node i has 198.18.i.0/24."""
    last = ROUTERS + 1
    yield from (f"netns add {node(place)}" for place in range(last + 1))
    for place in range(1, last + 1):
        yield f"link add right netns {node(place - 1)} type veth peer name left netns {node(place)}"


def settle(place):
    last = ROUTERS + 1
    yield "link set lo up"
    if place < last:
        yield "link set right up"
        yield f"address add 198.18.{place + 1}.1/24 dev right"
        yield f"route add default via 198.18.{place + 1}.2"
    if place > 0:
        yield "link set left up"
        yield f"address add 198.18.{place}.2/24 dev left"
    if place > 1:
        yield f"route add 198.18.1.0/24 via 198.18.{place}.1"


def batch(lines, *options):
    done = subprocess.run(["ip", *options, "-force", "-batch", "-"], input="\n".join(lines), text=True, capture_output=True,
                          check=False)
    if done.returncode:
        raise Unmeasured(f"network namespaces: {done.stderr.strip().splitlines()[-1]}")


def build():
    batch(script())
    for place in range(ROUTERS + 2):
        # A device of the way must exist before a route through it.
        batch(sorted(settle(place), key=lambda line: line.startswith("route")), "-n", node(place))
        # Whoever measures again and again would otherwise be rationed.
        settings = ["net.ipv4.ip_forward=1", "net.ipv4.icmp_ratelimit=0", "net.ipv4.icmp_msgs_per_sec=100000"]
        for setting in settings:
            subprocess.run(["ip", "netns", "exec", node(place), "sysctl", "-qw", setting], check=False, capture_output=True)


def run(tools):
    try:
        build()
        measure(tools)
    finally:
        for place in range(ROUTERS + 2):
            subprocess.run(["ip", "netns", "delete", node(place)], check=False, capture_output=True)


def measure(tools):
    inside = ["ip", "netns", "exec", node(0)]
    target = f"198.18.{ROUTERS + 1}.2"
    commands = {
        "leadsman trace": lambda: [tools.leadsman, "trace", target],
        "mtr -u, one round": lambda: [tools.peer("mtr"), "-u", "-n", "-r", "-c", 1, target],
        "traceroute -n": lambda: [tools.peer("traceroute"), "-n", "-q", 1, target],
    }
    costs = alternating({
        name: lambda command=command: metered(tools, [*inside, *command()]) for name, command in commands.items()
    }, rounds=5)
    heading(f"a trace over {ROUTERS} routers")
    cost_lines(costs)
    for peer in list(commands)[1:]:
        ratios(costs, "leadsman trace", peer)
        if "leadsman trace" in costs and peer in costs:
            share = costs["leadsman trace"].wall / costs[peer].wall
            aim(f"not slower than {peer}", f"{share:.2f} of its time", share <= 1)
