"""The wall time of a release build from a fresh clone of what is committed, with nothing built before: about four minutes on two cores."""
import os
import subprocess
import tempfile
import time
from pathlib import Path

from measure import heading, line
from tools import ROOT


def run(_):
    with tempfile.TemporaryDirectory(prefix="leadsman-bench-") as folder:
        clone = Path(folder) / "leadsman"
        subprocess.run(["git", "clone", "-q", "--no-hardlinks", ROOT, clone], check=True, timeout=120)
        begun = time.perf_counter()
        subprocess.run([clone / "Scripts" / "leadsman", "--version"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, timeout=1800, check=True)
        heading("release build from a fresh clone", ("wall",))
        line(f"on {os.cpu_count()} processors", f"{time.perf_counter() - begun:.0f} s")
