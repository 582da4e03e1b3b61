"""Live capture over a veth pair, beside tcpdump, at the rate at which this machine can send; and what a capture beside probes costs
the probes' own round trips.

A sender in one namespace, the capture in the other, both programs in turns. Packets that neither got are those that the sender
lost. Drops are the kernel's own count (PACKET_STATISTICS) as each program tells it; both have a ring of 64 MiB. CPU is the
program's own user and system time, its final report among it; what the kernel spends for a capture on the sender's time is not."""
import contextlib
import json
import os
import re
import signal
import statistics
import subprocess
import time

from measure import Unmeasured, aim, heading, line, seconds

PACKETS = 300_000
SIZE = 200  # bytes of payload
PLAN_SAMPLES = 2_000
ROUNDS = 7  # of round trips


def run(tools):
    with network() as (sender, receiver):
        loss(tools, sender, receiver)
        bias(tools, sender, receiver)


def loss(tools, sender, receiver):
    captures = {
        "tcpdump -w": lambda path: [tools.peer("tcpdump"), "-i", "bench1", "-Z", "root", "-B", "65536", "-w", path],
        "tcpdump -w, 512 bytes of each": lambda path: [tools.peer("tcpdump"), "-i", "bench1", "-Z", "root", "-B", "65536",
                                                       "-s", "512", "-w", path],
        "leadsman capture -w": lambda path: [tools.leadsman, "capture", "-i", "bench1", "-w", path, "--format", "json"],
        "leadsman capture --payload -w": lambda path: [tools.leadsman, "capture", "-i", "bench1", "--payload", "-w", path,
                                                       "--format", "json"],
        "leadsman capture": lambda path: [tools.leadsman, "capture", "-i", "bench1", "--format", "json"],
    }
    for rate in (100_000, 0):
        heading(f"{PACKETS:,} packets, {f'{rate:,} a second' if rate else 'as fast as it goes'}",
                ("sent at", "captured", "dropped", "CPU"))
        results = {name: [] for name in captures}
        for _ in range(3):
            for name, command in captures.items():
                results[name].append(captured(tools, sender, receiver, command, rate))
        for name, runs in results.items():
            line(name, f"{statistics.median(r['rate'] for r in runs):,.0f} /s", f"{min(r['packets'] for r in runs):,}",
                 f"{max(r['dropped'] for r in runs):,}", seconds(statistics.median(r["cpu"] for r in runs)))
        for name in ("leadsman capture -w", "leadsman capture"):
            worst, peer = (max(r["dropped"] for r in results[key]) for key in (name, "tcpdump -w"))
            aim(f"{name} loses no more than tcpdump", f"{worst:,} beside {peer:,}", worst <= peer)


def captured(tools, sender, receiver, command, rate):
    """One capture of one burst: what was sent, captured and dropped, and the CPU seconds of the program."""
    path = tools.folder / "bench.pcap"
    words = [*receiver, *map(str, command(path))]
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        # Both say on standard error that they have begun.
        if not process.stderr.readline():
            raise Unmeasured(f"{words[-1]} does not start")
        # The namespaces' own talk (neighbour discovery) is over, and the capture waits.
        time.sleep(0.3)
        sent = json.loads(subprocess.run([*sender, tools.program("blast"), "198.18.0.2", str(PACKETS), str(SIZE), str(rate)],
                                         check=True, capture_output=True, text=True, timeout=120).stdout)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        output, errors = process.stdout.read(), process.stderr.read()
        # Of this process alone: the sender is a child of ours as well.
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
    packets, dropped = counts(output, errors)
    return {"rate": sent["sent"] / sent["seconds"], "packets": packets, "dropped": dropped,
            "cpu": usage.ru_utime + usage.ru_stime}


def counts(output, errors):
    if output.startswith("{"):
        report = json.loads(output)
        return report["packets"], report["drops"]["kernel"]
    numbers = {what: int(count) for count, what in re.findall(r"(\d+) packets? (captured|dropped by kernel)", errors)}
    return numbers["captured"], numbers["dropped by kernel"]


def bias(tools, sender, receiver):
    """Round trips of the same plan with and without a capture beside it."""
    checks = [f"name: e{number}, icmp: 198.18.0.2" for number in range(4)]
    checks += [f"name: t{number}, tcp: '198.18.0.2:7'" for number in range(4)]
    plan = tools.plan("bias.yaml", checks, 8, f"samples: {PLAN_SAMPLES // 8}, interval: 4ms")
    heading(f"{PLAN_SAMPLES:,} echoes and connects", ("p50 echo", "p95 echo", "p50 connect", "p95 connect"))
    medians = {}
    for _ in range(ROUNDS):
        for name, words in {"without evidence": [], "with --evidence": ["--evidence"]}.items():
            done = subprocess.run([*sender, tools.leadsman, "run", plan, "--format", "json", *words], check=False,
                                  capture_output=True, text=True, timeout=120)
            found = [check["latencyMs"] for check in json.loads(done.stdout)["checks"]]
            cells = [statistics.median(latency[quantile] for latency in part) for part in (found[:4], found[4:])
                     if all(part) for quantile in ("p50", "p95")]
            medians.setdefault(name, []).append(cells)
    for name, runs in medians.items():
        line(name, *(f"{statistics.median(column) * 1000:.1f} us" for column in zip(*runs)))
    plain, beside = (statistics.median(cells[0] for cells in medians[name]) for name in medians)
    aim("the capture moves the median echo by less than 20 us", f"{(beside - plain) * 1000:+.1f} us",
        abs(beside - plain) < 0.02)


@contextlib.contextmanager
def network():
    """Two namespaces joined by a veth pair: the words that run a command in each."""
    if os.geteuid() != 0:
        raise Unmeasured("namespaces need root")
    names = [f"leadsman-bench-{os.getpid()}-{end}" for end in "ab"]
    try:
        for name in names:
            ip("netns", "add", name)
        ip("-n", names[0], "link", "add", "bench0", "type", "veth", "peer", "name", "bench1", "netns", names[1])
        for name, device, address in ((names[0], "bench0", "198.18.0.1/30"), (names[1], "bench1", "198.18.0.2/30")):
            ip("-n", name, "addr", "add", address, "dev", device)
            for each in ("lo", device):
                ip("-n", name, "link", "set", each, "up")
        receiver = ["ip", "netns", "exec", names[1]]
        with listening(receiver):
            yield ["ip", "netns", "exec", names[0]], receiver
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "del", name], check=False, stderr=subprocess.DEVNULL)


@contextlib.contextmanager
def listening(receiver):
    """Sockets that take no datagram, so that nothing answers them, and a port that accepts."""
    program = ("import socket,signal\n"
               "sinks=[socket.socket(socket.AF_INET,socket.SOCK_DGRAM) for _ in range(64)]\n"
               "for i,s in enumerate(sinks): s.setsockopt(socket.SOL_SOCKET,socket.SO_RCVBUF,1); s.bind(('',20000+i))\n"
               "t=socket.socket(); t.setsockopt(socket.SOL_SOCKET,socket.SO_REUSEADDR,1); t.bind(('',7)); t.listen(512)\n"
               "print('ready',flush=True)\n"
               "while True: t.accept()[0].close()\n")
    process = subprocess.Popen([*receiver, "python3", "-c", program], stdout=subprocess.PIPE, text=True)
    try:
        process.stdout.readline()
        yield
    finally:
        process.terminate()
        process.wait()


def ip(*words):
    subprocess.run(["ip", *words], check=True)
