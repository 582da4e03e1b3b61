"""Transfers over two network namespaces to one iperf3 server, by `leadsman throughput` beside iperf3's own client: rate, and what
a byte costs the client in CPU. A third process on the machine does the server's half of the work for both."""
import json
import os
import subprocess
import time

from measure import Cost, Unmeasured, aim, alternating, background, heading, line, metered

PREFIX = f"lmb{os.getpid()}-"
SERVER = "198.18.0.2"
SECONDS = 2
# Ours, and iperf3's words for the same: rates of UDP that both ends keep up with.
FORMS = {
    "TCP up": ([], []),
    "TCP down": (["-R"], ["-R"]),
    "UDP 1 Gbit/s up": (["-u", "-b", "1Gbit"], ["-u", "-b", "1G"]),
}


def ip(*words):
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unmeasured(f"network namespaces: {done.stderr.strip()}")


def build():
    here, there = f"{PREFIX}here", f"{PREFIX}there"
    for name in (here, there):
        ip("netns", "add", name)
    ip("link", "add", "wire", "netns", here, "type", "veth", "peer", "name", "wire", "netns", there)
    for name, address in ((here, "198.18.0.1/24"), (there, f"{SERVER}/24")):
        ip("-n", name, "address", "add", address, "dev", "wire")
        ip("-n", name, "link", "set", "lo", "up")
        ip("-n", name, "link", "set", "wire", "up")


def run(tools):
    try:
        build()
        with background(["ip", "netns", "exec", f"{PREFIX}there", tools.peer("iperf3"), "-s", "--forceflush"], ready=True):
            for what, (ours, theirs) in FORMS.items():
                measure(tools, what, ours, theirs)
    finally:
        for name in ("here", "there"):
            subprocess.run(["ip", "netns", "delete", f"{PREFIX}{name}"], check=False, capture_output=True)


def transfer(tools, command, received):
    """The cost of one transfer, `cpu` of each byte, `rate` in bits a second. Leadsman may end with 1: a verdict on this machine."""
    path = tools.folder / "transfer.json"
    time.sleep(0.3)  # an iperf3 server needs a moment between two tests
    with open(path, "wb") as output:
        cost = metered(tools, ["ip", "netns", "exec", f"{PREFIX}here", *command], (0, 1), output)
    count, rate = received(json.loads(path.read_text()))
    if not count:
        raise Unmeasured("no byte came through")
    return Cost(cost.wall, cost.cpu / count, cost.peak, rate)


def of_leadsman(report):
    for fact in report["checks"][0]["facts"]:
        if fact["type"] == "throughput":
            return fact["bytes"], fact["bitsPerSecond"]
    raise Unmeasured("no transfer in the report")


def of_iperf3(report):
    end = report["end"]
    received = end.get("sum_received") or end["sum"]
    return received["bytes"], received["bits_per_second"]


def measure(tools, what, ours, theirs):
    mine, peer = "leadsman throughput", "iperf3 -c"
    costs = alternating({
        mine: lambda: transfer(
            tools, [tools.leadsman, "throughput", SERVER, "-t", f"{SECONDS}s", "--bytes", "100GB", "--format", "json", *ours],
            of_leadsman),
        peer: lambda: transfer(tools, [tools.peer("iperf3"), "-c", SERVER, "-t", SECONDS, "-J", *theirs], of_iperf3),
    }, rounds=5)
    heading(f"a transfer of {SECONDS} s: {what}", ("rate", "CPU per GB", "peak memory"))
    for name, cost in costs.items():
        line(name, f"{cost.rate / 1e9:.2f} Gbit/s", f"{cost.cpu * 1e12:.0f} ms", f"{cost.peak / 1e6:.1f} MB")
    if mine not in costs or peer not in costs:
        return
    rate, cpu = costs[mine].rate / costs[peer].rate, costs[mine].cpu / costs[peer].cpu
    line(f"{mine} / {peer}", f"{rate:.2f}", f"{cpu:.2f}", f"{costs[mine].peak / costs[peer].peak:.2f}")
    aim("not slower than iperf3", f"{rate:.2f} of its rate", rate >= 0.97)
    aim("not dearer than iperf3", f"{cpu:.2f} of its CPU per byte", cpu <= 1)
