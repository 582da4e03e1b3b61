"""Start-up: `--version`, `check` of a healthy target on loopback until its verdict, sizes; beside blackbox_exporter."""
import os
import subprocess
import tempfile
import time

import blackbox
from measure import Cost, Unmeasured, aim, alternating, background, cost_lines, heading, line, megabytes, metered, ratios


def run(tools):
    with background([tools.program("healthy")], ready=True) as server:
        target = f"http://127.0.0.1:{server.first}/"
        versions(tools)
        verdict(tools, target)
    sizes(tools)


def versions(tools):
    costs = alternating({
        "leadsman": lambda: metered(tools, [tools.leadsman, "--version"]),
        "blackbox_exporter": lambda: metered(tools, [tools.peer(blackbox.NAME), "--version"]),
    }, rounds=10)
    heading("--version", ("wall", "CPU", "peak memory"))
    cost_lines(costs)
    ratios(costs, "leadsman", "blackbox_exporter")


def verdict(tools, target):
    costs = alternating({
        "leadsman": lambda: metered(tools, [tools.leadsman, "check", target]),
        "blackbox_exporter": lambda: first_probe(tools, target),
    }, rounds=7)
    heading("from start to the verdict of one HTTP target", ("wall", "CPU", "peak memory"))
    cost_lines(costs)
    ratios(costs, "leadsman", "blackbox_exporter")
    if "leadsman" in costs:
        ours = costs["leadsman"]
        aim("verdict in under 50 ms", f"{ours.wall * 1e3:.1f} ms", ours.wall < 0.05)
        aim("peak memory under 30 MB", megabytes(ours.peak), ours.peak < 30e6)


def first_probe(tools, target):
    """From starting the daemon to its answer for one probe of the target."""
    begun = time.perf_counter()
    with blackbox.daemon(tools) as process:
        blackbox.ask(process.port, "http", target, begun + 10)
        return Cost(time.perf_counter() - begun, blackbox.cpu_seconds(process.pid), blackbox.peak_memory(process.pid))


def sizes(tools):
    heading("binary, stripped", ("size",))
    for name, path in (("leadsman", tools.leadsman), ("leadsman of Scripts/release", tools.static)):
        if path.exists():
            line(name, megabytes(stripped(path)))
    try:
        line("blackbox_exporter", megabytes(stripped(tools.peer(blackbox.NAME))))
    except Unmeasured as problem:
        line("blackbox_exporter", str(problem))


def stripped(path):
    with tempfile.NamedTemporaryFile() as copy:
        subprocess.run(["strip", "-o", copy.name, path], check=True, timeout=60)
        return os.path.getsize(copy.name)
