"""Print every table: `make bench`, with `EINTHOVEN_DATA` set for the rows that need real recordings."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

from bench.classifying import measure_cold_start, measure_throughput
from bench.heads import measure_heads
from bench.loading import measure_loading
from bench.memory import measure_memory
from bench.metrics import measure_metrics
from bench.thresholds import measure_thresholds

EXAMPLE = Path(__file__).parent.parent / "examples" / "atrial-fibrillation-1.hea"


def print_table(title: str, rows: list[tuple[str, str, str]], measured: str = "median (range)") -> None:
    """Print a Markdown table, ready to be pasted into docs/bench.md."""
    print(f"\n## {title}\n\n| what | {measured} | ratio |\n| --- | --- | --- |")
    for row in rows:
        print("| " + " | ".join(row) + " |", flush=True)


def main() -> None:
    """Measure and print."""
    versions = ", ".join(f"{name} {version(name)}" for name in ("einthoven", "numpy", "onnxruntime", "wfdb"))
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {versions}")
    print_table("Cold start", measure_cold_start(EXAMPLE))
    print_table("Throughput", measure_throughput(EXAMPLE))
    print_table("Memory", measure_memory(EXAMPLE), "peak of the process")
    print_table("Metrics of twelve-lead recordings", measure_metrics())
    print_table("Thresholds of twelve-lead recordings", measure_thresholds())
    print_table("SVM heads", measure_heads())
    if data := os.environ.get("EINTHOVEN_DATA"):
        print_table("Loading", measure_loading(Path(data)))
    else:
        print("\nEINTHOVEN_DATA is not set: loading is not measured.")


main()
