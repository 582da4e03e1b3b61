"""What the benchmarks are made with: leadsman itself, its peers, the C programs beside this file."""
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

from measure import Unmeasured

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent


class Tools:
    def __init__(self, folder):
        """`folder`: for the plans and files of this run."""
        self.folder = Path(folder)
        self.leadsman = Path(os.environ.get("LEADSMAN_BINARY") or ROOT / ".build" / "release" / "leadsman")
        self.static = ROOT / ".build-release" / "leadsman"
        self.built = ROOT / ".build-bench"
        self.is_engine_built = False

    def prepare(self):
        raise_descriptor_limit()
        subprocess.run([ROOT / "Scripts" / "setup", "--bench"], check=True)
        if "LEADSMAN_BINARY" not in os.environ:
            # Builds when needed.
            subprocess.run([ROOT / "Scripts" / "leadsman", "--version"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                           check=True)
        self.built.mkdir(exist_ok=True)
        for source in sorted(HERE.glob("*.c")):
            program = self.built / source.stem
            if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
                subprocess.run(["cc", "-O2", "-std=gnu17", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-o", program, source],
                               check=True)

    def program(self, name):
        return self.built / name

    def peer(self, name):
        """On the path, or unpacked by Scripts/setup."""
        places = [shutil.which(name)] + [self.built / "peer" / part / name for part in ("usr/bin", "usr/sbin")]
        for path in places:
            if path and os.access(path, os.X_OK):
                return str(path)
        raise Unmeasured(f"{name} is not here")

    def dns_engine(self):
        """What asks through the DNS engine alone: a program beside the tests, no part of the product."""
        program = ROOT / ".build" / "release" / "dns-engine-bench"
        if not self.is_engine_built:
            subprocess.run(["swift", "build", "--package-path", ROOT, "-c", "release", "--product", program.name,
                            "--static-swift-stdlib"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
            self.is_engine_built = True
        return program

    def write(self, name, lines):
        path = self.folder / name
        path.write_text("\n".join(lines) + "\n")
        return path

    def plan(self, name, checks, in_flight, shared=""):
        """A plan file with the limits out of the way: `checks` are YAML flow mappings, `shared` their defaults."""
        limits = f"limits: {{inFlight: {in_flight}, perTarget: {in_flight}, rate: 1000000/s}}"
        defaults = [f"defaults: {{{shared}}}"] if shared else []
        return self.write(name, ["leadsman: 1", limits, *defaults, "checks:", *(f"  - {{{check}}}" for check in checks)])

    def run_plan(self, path):
        """With the report that a person reads, and so no line for each check that passes."""
        return [self.leadsman, "run", path]


def raise_descriptor_limit():
    """10,000 connects at once: leadsman reckons with four descriptors for each check. Only root may raise the hard limit."""
    wanted = 65_536
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, wanted))
    except (ValueError, PermissionError):
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        if hard < wanted:
            print(f"bench: at most {hard // 4:,} checks at once: the limit of open files is {hard}", file=sys.stderr)


def loopback_addresses(count):
    """127.1.0.1 and on, 250 in each block of 256."""
    return [f"127.1.{number // 250}.{number % 250 + 1}" for number in range(count)]
