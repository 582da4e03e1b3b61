"""A capture of one million packets, summarised by leadsman and its peers; and what leadsman and tshark count in captures of
several seeds, side by side."""
import subprocess

from counts import compare
from measure import aim, alternating_runs, heading, line, median, megabytes, metered, seconds
from tools import ROOT

PACKETS = 1_000_000
ROUNDS = 3
TEXT = "leadsman pcap"
JSON = "leadsman pcap --format json"
TSHARK = "tshark -q -z conv,tcp -z expert"
TCPDUMP = "tcpdump -n -r"
TCPTRACE = "tcptrace -n"
BARE = "cat"


def run(tools):
    generator = build_generator()
    speed(tools, generator)
    compare(tools, generator)


def build_generator():
    """What writes captures: a program beside the tests, no part of the product."""
    program = ROOT / ".build" / "release" / "capture-generator"
    subprocess.run(["swift", "build", "--package-path", ROOT, "-c", "release", "--product", program.name, "--static-swift-stdlib"],
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
    return program


def speed(tools, generator):
    capture = tools.folder / "million.pcap"
    written = metered(tools, [generator, "--packets", str(PACKETS), "--seed", "1", capture])
    try:
        summarise(tools, capture, written)
    finally:
        capture.unlink()


def summarise(tools, capture, written):
    commands = {
        TEXT: [tools.leadsman, "pcap", capture],
        JSON: [tools.leadsman, "pcap", capture, "--format", "json"],
        TSHARK: ["tshark", "-n", "-r", capture, "-q", "-z", "conv,tcp", "-z", "expert"],
        TCPDUMP: ["tcpdump", "-n", "-r", capture],
        TCPTRACE: ["tcptrace", "-n", capture],
        "capinfos -c": ["capinfos", "-c", capture],
        BARE: ["cat", capture],
    }
    # leadsman says 1 when it finds something wrong, as it does here.
    measures = {name: measure(tools, command, (0, 1) if name in (TEXT, JSON) else (0,)) for name, command in commands.items()}
    runs = alternating_runs(measures, ROUNDS)
    heading(f"{PACKETS:,} packets, {megabytes(capture.stat().st_size)}: best of {ROUNDS}, median, peak memory",
            ("wall", "median", "CPU", "peak memory", "packets"))
    for name, costs in runs.items():
        best = min(costs, key=lambda cost: cost.wall)
        line(name, seconds(best.wall), seconds(median(costs).wall), seconds(best.cpu), megabytes(median(costs).peak),
             f"{PACKETS / best.wall:,.0f} /s")
    line("capture-generator writes it in", seconds(written.wall))
    for name in (TEXT, JSON):
        if name in runs:
            aims(name, runs)


def measure(tools, command, accepted):
    program = str(command[0]) if "/" in str(command[0]) else tools.peer(command[0])
    return lambda: metered(tools, [program, *command[1:]], accepted)


def aims(name, runs):
    """By the medians; the ratio is the peer's by ours."""
    ours = median(runs[name])
    peers = {peer: median(costs) for peer, costs in runs.items() if peer not in (TEXT, JSON)}
    heading(f"by {name}", ("wall", "", "CPU", "peak memory"))
    for peer, theirs in peers.items():
        line(peer, f"{theirs.wall / ours.wall:.2f}", "", f"{theirs.cpu / ours.cpu:.2f}", f"{theirs.peak / ours.peak:.2f}")
    if TSHARK in peers:
        theirs = peers[TSHARK]
        aim("ten times as fast as tshark", f"{theirs.wall / ours.wall:.1f} times", theirs.wall >= 10 * ours.wall)
        aim("less than a tenth of tshark's memory", f"1/{theirs.peak / ours.peak:.1f}", theirs.peak > 10 * ours.peak)
    for peer in (TCPDUMP, TCPTRACE):
        if peer in peers:
            ratio = peers[peer].wall / ours.wall
            aim(f"faster than {peer.split()[0]}", f"{ratio:.2f} times", ratio > 1)
