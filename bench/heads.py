"""Support vector machines in place of a network's own classifier, one a class, with inner cross-validation.

`python -m bench.heads` prints this table alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.measure import time_calls

if TYPE_CHECKING:
    from einthoven.training.heads import SVMHead, SVMSettings

N_CLASSES = 24
N_FEATURES = 256
SHARES = (0.3, 0.005)
"""Of the recordings that have the most and the least frequent class."""
BYTES = 4
RUNS = 3


def measure_heads(n_linear: int = 5_000, n_kernel: int = 2_000) -> list[tuple[str, str, str]]:
    """Return rows (what, time, what it is of the time that it may take, and the head's size in the graph)."""
    from einthoven.training.heads import SVMSettings

    return [
        _measure(SVMSettings(), n_linear, 60),
        _measure(SVMSettings(kernel="nystroem"), n_linear, 60),
        _measure(SVMSettings(kernel="rbf"), n_kernel, None),
    ]


def _measure(settings: SVMSettings, n_records: int, target_s: float | None) -> tuple[str, str, str]:
    import numpy as np

    from einthoven.training.heads import fit_head

    rng = np.random.default_rng(0)
    causes = rng.standard_normal((n_records, 40))
    mixed = causes @ rng.standard_normal((40, N_FEATURES)) / 6
    noisy = mixed + 0.5 * rng.standard_normal(mixed.shape)
    features = np.maximum(noisy, 0).astype(np.float32)
    signs = causes @ rng.standard_normal((40, N_CLASSES)) / 6 + 0.7 * rng.standard_normal(
        (n_records, N_CLASSES)
    )
    shares = np.geomspace(*SHARES, N_CLASSES)
    targets = (signs > np.diag(np.quantile(signs, 1 - shares, axis=0))).astype(np.float32)
    patients = np.arange(n_records) // 2
    heads: list[SVMHead] = []

    def fit() -> None:
        heads.append(fit_head(features, targets, patients, settings))

    timing = time_calls(fit, runs=RUNS)
    arrays = heads[0].to_arrays()
    size = sum(array.size for name, array in arrays.items() if name != "notes") * BYTES / 1e6
    of_target = f"{timing.median / target_s:.2f} x the {target_s:.0f} s it may take; " if target_s else ""
    what = f"einthoven: {settings.kernel}, {n_records:,} records x {N_CLASSES} classes, {N_FEATURES} features"
    return what, str(timing), f"{of_target}{size:.2f} MB"


if __name__ == "__main__":
    print("| what | median (range) | ratio |\n| --- | --- | --- |")
    for row in measure_heads():
        print("| " + " | ".join(row) + " |", flush=True)
