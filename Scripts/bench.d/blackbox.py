"""prometheus-blackbox-exporter: started on loopback, and asked for probes over and over."""
import contextlib
import http.client
import socket
import tempfile
import threading
import time
from pathlib import Path

from measure import Cost, Unmeasured, background

NAME = "prometheus-blackbox-exporter"
MODULES = """modules:
  http: {prober: http, timeout: 5s, http: {preferred_ip_protocol: ip4}}
  tcp: {prober: tcp, timeout: 5s, tcp: {preferred_ip_protocol: ip4}}
"""


@contextlib.contextmanager
def daemon(tools):
    """The running daemon, its port in `port`."""
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as configuration:
        configuration.write(MODULES)
        configuration.flush()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [tools.peer(NAME), f"--config.file={configuration.name}", f"--web.listen-address=127.0.0.1:{port}"]
        with background(command) as process:
            process.port = port
            yield process


def ask(port, module, target, until):
    """One probe, which must succeed; waits until the daemon listens."""
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            probe(connection, module, target)
            return
        except ConnectionError as problem:
            if time.perf_counter() > until:
                raise Unmeasured(f"{NAME} does not answer: {problem}") from problem
            time.sleep(0.001)
        finally:
            connection.close()


def probe(connection, module, target):
    connection.request("GET", f"/probe?module={module}&target={target}")
    if b"probe_success 1" not in connection.getresponse().read():
        raise Unmeasured(f"{NAME} does not find the target healthy")


def repeat(process, module, target, count, concurrency):
    """The daemon's cost of `count` probes asked by so many connections that are kept open."""
    each = count // concurrency
    problems = []

    def asker():
        connection = http.client.HTTPConnection("127.0.0.1", process.port, timeout=10)
        try:
            for _ in range(each):
                probe(connection, module, target)
        except (Unmeasured, OSError, http.client.HTTPException) as problem:
            problems.append(problem)
        finally:
            connection.close()

    askers = [threading.Thread(target=asker) for _ in range(concurrency)]
    cpu, begun = cpu_seconds(process.pid), time.perf_counter()
    for thread in askers:
        thread.start()
    for thread in askers:
        thread.join()
    wall = time.perf_counter() - begun
    if problems:
        raise Unmeasured(f"{NAME}: {problems[0]}")
    return Cost(wall, cpu_seconds(process.pid) - cpu, peak_memory(process.pid)).of(each * concurrency)


def cpu_seconds(pid):
    """User and system time of all its threads: the first number of each schedstat, in nanoseconds. /proc/PID/stat counts
    hundredths of a second, of which one probe takes less than one."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9


def peak_memory(pid):
    for row in Path(f"/proc/{pid}/status").read_text().splitlines():
        if row.startswith("VmHWM:"):
            return int(row.split()[1]) * 1024
    raise Unmeasured("no VmHWM in /proc")
