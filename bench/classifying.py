"""Classification with the shipped model: from process start to a label, and records a second when warm."""

from __future__ import annotations

from pathlib import Path

from bench.measure import python, time_calls, time_processes


def measure_cold_start(example: Path) -> list[tuple[str, str, str]]:
    """Return rows (what, time, ratio to importing wfdb) for one file to a printed answer."""
    peer, ours = time_processes(
        python("-c", "import wfdb"), python("-m", "einthoven", "classify", str(example), "--format", "json")
    )
    return [
        ('python -c "import wfdb"', str(peer), "1 x"),
        ("einthoven classify, one 30 s file, cold", str(ours), f"{ours.median / peer.median:.2f} x the time"),
    ]


def measure_throughput(example: Path, n_records: int = 256) -> list[tuple[str, str, str]]:
    """Return rows (what, time, rate) for a warm model on a 30 s single-lead recording."""
    import numpy as np

    import einthoven
    from einthoven.inference.graph import Graph

    model = einthoven.load("rhythm")
    record = einthoven.read_record(example)
    network = Graph(model.bundle.networks[0])
    x = np.random.default_rng(0).normal(size=(1, 1, 3000)).astype(np.float32)
    lengths = np.array([3000])
    alone = time_calls(lambda: network(x, lengths), runs=101)
    single = time_calls(lambda: model.predict(record), runs=25)
    batch = time_calls(lambda: model.predict_many([record] * n_records))
    files = time_calls(lambda: model.predict_many([einthoven.read_record(example) for _ in range(n_records)]))
    return [
        ("the network alone, 30 s at 100 Hz", str(alone), f"{1e3 * alone.median:.1f} ms a record"),
        ("one record in memory", str(single), f"{1 / single.median:.0f} records/s"),
        (f"{n_records} records in memory", str(batch), f"{n_records / batch.median:.0f} records/s"),
        (f"{n_records} files", str(files), f"{n_records / files.median:.0f} records/s"),
    ]
