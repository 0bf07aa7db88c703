"""Highest memory of a whole process, beside that of importing wfdb alone. Linux only: read from /proc."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.measure import python

# A process's own peak: what getrusage says includes that of the process which started it.
REPORT = """
import atexit, pathlib, sys
def say():
    peak = pathlib.Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]
    print("peak_kib", peak, file=sys.stderr)
atexit.register(say)
"""
CLASSIFY = REPORT + "import sys; sys.argv[0] = 'einthoven'; import einthoven.__main__"


def peak_mib(code: str, *arguments: str) -> float:
    """Run Python code in a process of its own and return the most memory that it held, MiB."""
    done = subprocess.run(
        python("-c", code, *arguments),
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    return int(done.stderr.rsplit("peak_kib", 1)[1]) / 1024


def copies_of(example: Path, n_records: int, folder: Path) -> Path:
    """Return a folder that holds `n_records` copies of a recording, each under a name of its own."""
    header = example.read_text()
    for index in range(n_records):
        name = f"r{index:04d}"
        (folder / f"{name}.hea").write_text(header.replace(example.stem, name))
        shutil.copy(example.with_suffix(".dat"), folder / f"{name}.dat")
    return folder


def measure_memory(example: Path, n_records: int = 1000) -> list[tuple[str, str, str]]:
    """Return rows (what, peak memory, ratio to importing wfdb)."""
    if not sys.platform.startswith("linux"):
        return []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        many = copies_of(example, n_records, folder)
        hour = folder / "hour"
        arguments = ["simulate", "--duration", "3600", "--output", str(hour)]
        subprocess.run(python("-m", "einthoven", *arguments), check=True, capture_output=True)
        hour_file = next(hour.glob("*.hea"))
        peer = peak_mib(REPORT + "import wfdb")
        rows = [
            ("einthoven classify, one 30 s file", peak_mib(CLASSIFY, "classify", str(example))),
            ("einthoven classify, one file of 1 h", peak_mib(CLASSIFY, "classify", str(hour_file))),
            (f"einthoven classify, {n_records} files of 30 s",
             peak_mib(CLASSIFY, "classify", *map(str, sorted(many.glob("*.hea"))))),
        ]  # fmt: skip
    return [
        ('python -c "import wfdb"', f"{peer:.0f} MiB", "1 x"),
        *((what, f"{mib:.0f} MiB", f"{mib / peer:.2f} x the memory") for what, mib in rows),
    ]
