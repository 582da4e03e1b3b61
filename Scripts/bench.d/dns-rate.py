"""Questions at a given rate to a local authoritative server (NSD): by `leadsman dns --rate` and by dnsperf, which is given the same
rate. The ratio is of what that costs. dnsperf tells the mean time, leadsman's is the median."""
import json
import re

from dns import environment, free_port, name_server, wait_until_answering
from measure import Cost, Unmeasured, aim, alternating_runs, background, heading, line, median, metered, seconds

RATES = (1_000, 10_000, 30_000)
SPAN = 4


def run(tools):
    port = free_port()
    with background(name_server(tools, port), env=environment(tools)):
        wait_until_answering(port)
        for rate in RATES:
            compare(tools, port, rate)


def compare(tools, port, rate):
    results = {"leadsman": [], "dnsperf": []}

    def measured(name, command, read):
        output = tools.folder / f"{name}.out"
        with output.open("w") as file:
            cost = metered(tools, command, output=file)
        results[name].append(read(output.read_text()))
        return Cost(cost.wall, cost.cpu, cost.peak, results[name][-1]["rate"])

    questions = tools.write("rate.txt", ["n0.bench.test A"])
    ours = [tools.leadsman, "dns", "n0.bench.test", "--type", "A", "--server", f"127.0.0.1:{port}", "--rate", rate,
            "--for", f"{SPAN}s", "--format", "json"]
    theirs = [tools.peer("dnsperf"), "-s", "127.0.0.1", "-p", port, "-d", questions, "-Q", rate, "-l", SPAN, "-c", 8, "-T", 1,
              "-q", 10_000, "-b", 4096, "-e"]
    runs = alternating_runs({
        "leadsman": lambda: measured("leadsman", ours, of_leadsman),
        "dnsperf": lambda: measured("dnsperf", theirs, of_dnsperf),
    }, rounds=3)
    if set(runs) != {"leadsman", "dnsperf"}:
        raise Unmeasured("one of the two has no figures")
    heading(f"DNS questions at {rate:,} /s for {SPAN} s", ("CPU", "peak memory", "rate", "lost", "typical time"))
    costs = {name: median(costs) for name, costs in runs.items()}
    for name, cost in costs.items():
        best = min(result["time"] for result in results[name])
        lost = min(result["lost"] for result in results[name])
        line(name, seconds(cost.cpu), f"{cost.peak / 1e6:.1f} MB", f"{cost.rate:,.0f} /s", f"{lost:,}",
             f"{best * 1e3:.2f} ms")
    line("leadsman / dnsperf", f"{costs['leadsman'].cpu / costs['dnsperf'].cpu:.2f}",
         f"{costs['leadsman'].peak / costs['dnsperf'].peak:.2f}", f"{costs['leadsman'].rate / costs['dnsperf'].rate:.2f}")
    kept = costs["leadsman"].rate / rate
    aim("leadsman: the rate is kept within 1 %", f"{kept:.3f} of it", abs(kept - 1) <= 0.01)


def of_leadsman(text):
    facts = [fact for check in json.loads(text)["checks"] for fact in check["facts"] if fact["type"] == "rate"]
    if not facts:
        raise Unmeasured("leadsman has no rate to tell")
    fact = facts[0]
    return {"rate": fact["sent"] / (fact["spanMs"] / 1e3), "lost": fact["sent"] - fact["answered"],
            "time": fact["latencyMs"]["p50"] / 1e3}


def of_dnsperf(text):
    def figure(name):
        found = re.search(rf"{re.escape(name)}\s+([0-9.]+)", text)
        if not found:
            raise Unmeasured(f"dnsperf does not tell its {name}")
        return float(found[1])
    return {"rate": figure("Queries per second:"), "lost": int(figure("Queries lost:")),
            "time": figure("Average Latency (s):")}
