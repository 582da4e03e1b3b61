"""What leadsman and tshark count in generated captures, side by side: every counter of the JSON that tshark has a field for.
tshark reads each file twice (-2), since only then it knows which question found no answer.

Known difference: an HTTP response that is still coming when the capture ends counts here; tshark waits for its end (seed 11)."""
import json
import subprocess
from collections import Counter

from measure import Unmeasured, heading, line, metered

PACKETS = 100_000
SEEDS = (11, 12, 13)

# Counter of the JSON's `tcp`: tshark's field.
ANALYSIS = {
    "retransmission": "retransmission", "fastRetransmission": "fast_retransmission",
    "spuriousRetransmission": "spurious_retransmission", "outOfOrder": "out_of_order", "duplicateAck": "duplicate_ack",
    "lostSegment": "lost_segment", "ackLostSegment": "ack_lost_segment", "zeroWindow": "zero_window",
    "zeroWindowProbe": "zero_window_probe", "zeroWindowProbeAck": "zero_window_probe_ack", "windowFull": "window_full",
    "windowUpdate": "window_update", "keepAlive": "keep_alive", "keepAliveAck": "keep_alive_ack",
    "reusedPorts": "reused_ports",
}
OTHERS = [
    "tcp.stream", "tcp.completeness", "tcp.flags.reset", "dns.flags.response", "dns.flags.rcode", "dns.response_in",
    "dns.retransmit_request", "dns.retransmit_request_in", "dns.retransmit_response", "arp.opcode", "arp.isgratuitous", "icmp.type",
    "icmpv6.type", "icmp.resp_in", "icmpv6.resp_in", "tls.handshake.type", "tls.alert_message.desc", "http.request",
    "http.response.code", "frame.len",
]
RCODES = {"0": "NOERROR", "2": "SERVFAIL", "3": "NXDOMAIN", "5": "REFUSED"}
ICMP_ERRORS = {"icmp.type": {"3", "4", "5", "11", "12"}, "icmpv6.type": {"1", "2", "3", "4"}}


def compare(tools, generator):
    columns = []
    for seed in SEEDS:
        capture = tools.folder / f"seed{seed}.pcap"
        metered(tools, [generator, "--packets", str(PACKETS), "--seed", str(seed), capture])
        columns.append((theirs(tools, capture), ours(tools, capture)))
        capture.unlink()
    heading(f"counts, {PACKETS:,} packets; tshark's != ours", [f"seed {seed}" for seed in SEEDS])
    different = 0
    for name in columns[0][0]:
        cells = []
        for tshark, leadsman in columns:
            found = leadsman.get(name, 0)
            is_same = tshark.get(name, 0) == found
            different += not is_same
            cells.append(str(found) if is_same else f"{tshark.get(name, 0)} != {found}")
        line(name, *cells)
    print(f"  {different} of {len(columns[0][0]) * len(SEEDS)} counts differ", flush=True)


def ours(tools, capture):
    done = subprocess.run([str(tools.leadsman), "pcap", str(capture), "--format", "json"], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, check=False)
    # 1: it found something wrong.
    if done.returncode not in (0, 1):
        raise Unmeasured(f"leadsman pcap ended with {done.returncode}: {done.stderr.decode(errors='replace').strip()[-300:]}")
    report = json.loads(done.stdout)
    found = {"packets": report["packets"], "bytes": report["bytes"]}
    for part in ("tcp", "dns", "icmp", "arp", "tls", "http"):
        found |= {f"{part}.{name}": value for name, value in report[part].items() if isinstance(value, int)}
    found |= {f"dns.rcodes.{name}": value for name, value in report["dns"]["rcodes"].items()}
    found |= {f"http.statuses.{name}": value for name, value in report["http"]["statuses"].items()}
    found["icmp.errors"] = sum(report["icmp"]["errorCounts"].values())
    found["tls.alerts"] = sum(report["tls"]["alerts"].values())
    return found


def theirs(tools, capture):
    fields = [f"tcp.analysis.{field}" for field in ANALYSIS.values()] + OTHERS
    command = [tools.peer("tshark"), "-n", "-2", "-r", str(capture), "-T", "fields"]
    done = subprocess.run(command + [word for field in fields for word in ("-e", field)], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=120, check=True, text=True)
    frames = [dict(zip(fields, row.split("\t"))) for row in done.stdout.splitlines()]
    return {"packets": len(frames), "bytes": sum(int(frame["frame.len"]) for frame in frames)} | streams(frames) | {
        f"tcp.{name}": sum(bool(frame[f"tcp.analysis.{field}"]) for frame in frames) for name, field in ANALYSIS.items()
    } | names(frames) | control(frames) | applications(frames)


def values(frames, field):
    """All values of a field; a frame may have several, of layers or of messages."""
    return [value for frame in frames for value in frame[field].split(",") if value]


def streams(frames):
    last = {}
    for frame in frames:
        for stream, completeness in zip(frame["tcp.stream"].split(","), frame["tcp.completeness"].split(",")):
            if stream:
                last[stream] = completeness
    return {
        "tcp.flows": len(last), "tcp.synWithoutAnswer": sum(value == "1" for value in last.values()),
        "tcp.resets": values(frames, "tcp.flags.reset").count("1"),
    }


def names(frames):
    queries = [frame for frame in frames if frame["dns.flags.response"] == "0"]
    responses = [frame for frame in frames if frame["dns.flags.response"] == "1"]
    first = [frame for frame in responses if not frame["dns.retransmit_response"]]
    rcodes = Counter(frame["dns.flags.rcode"] for frame in first)
    found = {
        "dns.queries": sum(not frame["dns.retransmit_request"] for frame in queries),
        "dns.responses": len(first), "dns.repeatedResponses": len(responses) - len(first),
        "dns.retransmitted": sum(bool(frame["dns.retransmit_request"]) for frame in queries),
        "dns.unanswered": sum(not frame["dns.response_in"] and not frame["dns.retransmit_request_in"] for frame in queries),
    }
    return found | {f"dns.rcodes.{RCODES.get(code, code)}": count for code, count in sorted(rcodes.items())}


def control(frames):
    def of(field, kinds):
        return sum(value in kinds for value in values(frames, field))

    def answered(field):
        return len(values(frames, field))

    requests = of("icmp.type", {"8"}) + of("icmpv6.type", {"128"})
    return {
        "icmp.echoRequests": requests, "icmp.echoReplies": of("icmp.type", {"0"}) + of("icmpv6.type", {"129"}),
        "icmp.unanswered": requests - answered("icmp.resp_in") - answered("icmpv6.resp_in"),
        "icmp.errors": sum(of(field, kinds) for field, kinds in ICMP_ERRORS.items()),
        "arp.requests": of("arp.opcode", {"1"}), "arp.replies": of("arp.opcode", {"2"}),
        "arp.gratuitous": len(values(frames, "arp.isgratuitous")),
        "arp.solicitations": of("icmpv6.type", {"135"}), "arp.advertisements": of("icmpv6.type", {"136"}),
    }


def applications(frames):
    handshakes = Counter(values(frames, "tls.handshake.type"))
    statuses = Counter(values(frames, "http.response.code"))
    return {
        "tls.clientHellos": handshakes["1"], "tls.serverHellos": handshakes["2"],
        "tls.alerts": len(values(frames, "tls.alert_message.desc")),
        "http.requests": len(values(frames, "http.request")), "http.responses": sum(statuses.values()),
    } | {f"http.statuses.{code}": count for code, count in sorted(statuses.items())}
