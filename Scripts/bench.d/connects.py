"""1,000 and 10,000 TCP connects at once, to as many addresses of one listener on loopback."""
from measure import aim, alternating, background, cost_lines, heading, metered, ratios
from tools import loopback_addresses

NMAP = ["-sT", "-n", "-Pn", "-T5", "--max-retries", "0", "--min-hostgroup", "4096", "--min-parallelism", "4096", "-oG", "/dev/null"]


def run(tools):
    with background([tools.program("healthy")], ready=True) as server:
        for count in (1_000, 10_000):
            compare(tools, count, server.first)


def compare(tools, count, port):
    addresses = loopback_addresses(count)
    checks = [f'name: c{number}, tcp: "{address}:{port}"' for number, address in enumerate(addresses)]
    plan = tools.plan(f"connects-{count}.yaml", checks, count)
    hosts = tools.write(f"connects-{count}.txt", addresses)
    costs = alternating({
        "leadsman": lambda: metered(tools, tools.run_plan(plan)).of(count),
        "nmap -sT": lambda: metered(tools, [tools.peer("nmap"), *NMAP, "-p", port, "-iL", hosts]).of(count),
        "epoll loop in C": lambda: metered(tools, [tools.program("connects"), str(count), port]).of(count),
    }, rounds=5 if count <= 1_000 else 3)
    heading(f"{count:,} TCP connects at once")
    cost_lines(costs, has_rate=True)
    ratios(costs, "leadsman", "nmap -sT")
    ratios(costs, "leadsman", "epoll loop in C")
    if {"leadsman", "nmap -sT"} <= costs.keys():
        ours, theirs = costs["leadsman"], costs["nmap -sT"]
        aim("no slower than nmap", f"{ours.wall / theirs.wall:.2f} of its time", ours.wall <= theirs.wall)
        aim("no more CPU than nmap", f"{ours.cpu / theirs.cpu:.2f} of its CPU", ours.cpu <= theirs.cpu)
