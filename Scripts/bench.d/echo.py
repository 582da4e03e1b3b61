"""ICMP echo to 1,000 addresses of loopback, 10 requests to each, as fast as each program goes."""
from measure import aim, alternating, cost_lines, heading, metered, ratios
from tools import loopback_addresses

ADDRESSES = 1_000
SAMPLES = 10


def run(tools):
    count = ADDRESSES * SAMPLES
    addresses = loopback_addresses(ADDRESSES)
    checks = [f"name: e{number}, icmp: {address}" for number, address in enumerate(addresses)]
    plan = tools.plan("echo.yaml", checks, ADDRESSES, f"samples: {SAMPLES}, interval: 1ms")
    hosts = tools.write("echo.txt", addresses)
    # -i and -p: no pause between packets, nor between those to one address beyond what leadsman's plan has.
    fping = ["-q", "-C", SAMPLES, "-i", 0, "-p", 1, "-f", hosts]
    costs = alternating({
        "leadsman": lambda: metered(tools, tools.run_plan(plan)).of(count),
        "fping": lambda: metered(tools, [tools.peer("fping"), *fping]).of(count),
    }, rounds=5)
    heading(f"{count:,} echo requests to {ADDRESSES:,} addresses")
    cost_lines(costs, has_rate=True)
    ratios(costs, "leadsman", "fping")
    if len(costs) == 2:
        ours, theirs = costs["leadsman"], costs["fping"]
        aim("at least fping's rate", f"{ours.rate / theirs.rate:.2f} of it", ours.rate >= theirs.rate)
        aim("less CPU than fping", f"{ours.cpu / theirs.cpu:.2f} of it", ours.cpu < theirs.cpu)
