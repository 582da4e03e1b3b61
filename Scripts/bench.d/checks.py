"""The same HTTP and TCP checks over and over, 32 at work at once, beside blackbox_exporter asked by 32 connections."""
import time

import blackbox
from measure import aim, alternating, background, cost_lines, heading, metered, ratios

AT_ONCE = 32


def run(tools):
    with background([tools.program("healthy")], ready=True) as server, blackbox.daemon(tools) as peer:
        for kind, target, samples in (("http", f"http://127.0.0.1:{server.first}/", 100), ("tcp", f"127.0.0.1:{server.first}", 150)):
            blackbox.ask(peer.port, kind, target, time.perf_counter() + 10)
            compare(tools, kind, target, samples, peer)


def compare(tools, kind, target, samples, peer):
    count = AT_ONCE * samples
    checks = [f'name: r{number}, {kind}: "{target}"' for number in range(AT_ONCE)]
    plan = tools.plan(f"checks-{kind}.yaml", checks, AT_ONCE, f"samples: {samples}, interval: 1ms")
    costs = alternating({
        "leadsman": lambda: metered(tools, tools.run_plan(plan)).of(count),
        "blackbox_exporter": lambda: blackbox.repeat(peer, kind, target, count, AT_ONCE),
    }, rounds=3)
    heading(f"{count:,} {kind.upper()} checks, {AT_ONCE} at once")
    cost_lines(costs, has_rate=True)
    ratios(costs, "leadsman", "blackbox_exporter")
    if len(costs) == 2:
        share = costs["blackbox_exporter"].cpu / costs["leadsman"].cpu
        aim("three times its checks per CPU second", f"{share:.1f} times", share >= 3)
