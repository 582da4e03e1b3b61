"""DNS queries over UDP to a local authoritative server (NSD, one process), 200 at most on their way: by a plan with its report,
and by the DNS engine alone, which like dnsperf only asks and reads the answers."""
import os
import random
import socket
import struct
import time

from measure import Unmeasured, aim, alternating, background, cost_lines, heading, metered, ratios

NAMES = 200
SAMPLES = 300
CONFIGURATION = """server:
    ip-address: 127.0.0.1@{port}
    server-count: 1
    username: ""
    chroot: ""
    zonesdir: "{folder}"
    database: ""
    pidfile: "{folder}/nsd.pid"
    xfrdfile: "{folder}/xfrd.state"
    zonelistfile: "{folder}/zone.list"
    cookie-secret-file: ""
    rrl-ratelimit: 0
    minimal-responses: yes
    receive-buffer-size: 4194304
    send-buffer-size: 4194304
remote-control:
    control-enable: no
zone:
    name: bench.test
    zonefile: bench.test.zone
"""


def run(tools):
    port = free_port()
    with background(name_server(tools, port), env=environment(tools)):
        wait_until_answering(port)
        compare(tools, port)


def name_server(tools, port):
    records = [f"n{number} A 198.18.{number // 250}.{number % 250 + 1}" for number in range(NAMES)]
    tools.write("bench.test.zone", ["$ORIGIN bench.test.", "$TTL 300", "@ SOA ns admin 1 3600 600 86400 300", "@ NS ns",
                                    "ns A 127.0.0.1", *records])
    configuration = tools.write("nsd.conf", [CONFIGURATION.format(port=port, folder=tools.folder)])
    return [tools.peer("nsd"), "-d", "-c", configuration]


def environment(tools):
    """Libraries that were unpacked beside the server."""
    return {"LD_LIBRARY_PATH": str(tools.built / "peer/usr/lib/x86_64-linux-gnu"), "PATH": os.environ["PATH"]}


def free_port():
    """Free for UDP and TCP, and below the ports that the system gives to connections, of which thousands may just have ended."""
    for port in random.sample(range(20_000, 30_000), 100):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one, socket.socket() as other:
            try:
                one.bind(("127.0.0.1", port))
                other.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise Unmeasured("no port is free for the name server")


def wait_until_answering(port):
    question = struct.pack(">6H", 1, 0, 1, 0, 0, 0) + b"\x02n0\x05bench\x04test\x00" + struct.pack(">2H", 1, 1)
    until = time.monotonic() + 10
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("127.0.0.1", port))
        probe.settimeout(0.05)
        while time.monotonic() < until:
            try:
                probe.send(question)
                if len(probe.recv(512)) > len(question):
                    return
            except OSError:
                time.sleep(0.01)  # refused until it listens
    raise Unmeasured(f"the name server does not answer on port {port}")


def compare(tools, port):
    count = NAMES * SAMPLES
    checks = [f'name: n{number}, dns: n{number}.bench.test, type: A, servers: ["127.0.0.1:{port}"]' for number in range(NAMES)]
    plan = tools.plan("dns.yaml", checks, NAMES, f"samples: {SAMPLES}, interval: 1ms")
    questions = tools.write("dns.txt", [f"n{number}.bench.test A" for number in range(NAMES)])
    dnsperf = ["dnsperf", "-s", "127.0.0.1", "-p", port, "-d", questions, "-n", SAMPLES, "-c", 1, "-T", 1, "-q", NAMES, "-b", 4096, "-e"]
    costs = alternating({
        "leadsman": lambda: metered(tools, tools.run_plan(plan)).of(count),
        "engine alone": lambda: metered(tools, [tools.dns_engine(), f"127.0.0.1:{port}", "bench.test", NAMES, SAMPLES]).of(count),
        "dnsperf": lambda: metered(tools, [tools.peer(dnsperf[0]), *dnsperf[1:]]).of(count),
    }, rounds=3)
    heading(f"{count:,} DNS queries")
    cost_lines(costs, has_rate=True)
    for ours in ("leadsman", "engine alone"):
        ratios(costs, ours, "dnsperf")
        if ours in costs and "dnsperf" in costs:
            share = costs[ours].rate / costs["dnsperf"].rate
            aim(f"{ours}: at least dnsperf's rate at one thread", f"{share:.2f} of it", share >= 1)
