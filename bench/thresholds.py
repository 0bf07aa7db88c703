"""Fitting the thresholds of twelve-lead recordings, at the size of the PhysioNet/CinC Challenge 2020.

`python -m bench.thresholds` prints this table alone.
"""

from __future__ import annotations

from bench.measure import time_calls

N_RECORDS = 43_000


def measure_thresholds(n_records: int = N_RECORDS) -> list[tuple[str, str, str]]:
    """Return rows (what, time, what it is worth) for simulated scores of 24 classes.

    What it is worth: the objective on half of the records, by thresholds that the other half fitted, and with
    0.4 everywhere, where each search begins.
    """
    import numpy as np

    from einthoven import metrics
    from einthoven.decisions import apply_thresholds, cross_fitted_outputs, fit_sigmoid_temperature, sigmoid
    from einthoven.decisions.rules import ThresholdRule
    from einthoven.metrics.cinc2020 import CLASSES

    rng = np.random.default_rng(0)
    often = rng.uniform(0.01, 0.2, len(CLASSES))
    labels = rng.random((n_records, len(CLASSES))) < often
    logits = rng.normal(size=labels.shape) + 2 * labels + np.log(often / (1 - often))
    scores, halves = sigmoid(logits), np.arange(n_records) % 2
    worth = {
        "f2": metrics.macro_f_beta,
        "g2": metrics.macro_g_beta,
        "mean": lambda *both: (metrics.macro_f_beta(*both) + metrics.macro_g_beta(*both)) / 2,
        "challenge": metrics.challenge_metric,
    }
    rows = []
    for objective, score in worth.items():
        for method in ("coordinate", "nelder-mead"):
            rule = ThresholdRule(objective, method, 0.4, False, "out-of-fold")
            taken = time_calls(lambda rule=rule: rule.fit(labels, scores, classes=CLASSES), runs=3)
            outputs = cross_fitted_outputs(labels, scores, halves, rule, classes=CLASSES).outputs
            gained = f"{score(labels, outputs):.3f}, with 0.4: {score(labels, scores >= 0.4):.3f}"
            rows.append((f"{objective}, {method}, {n_records:,} x {len(CLASSES)}", str(taken), gained))
    at = np.full(len(CLASSES), 0.4)
    rows.append(
        (
            "apply, at least one class",
            str(time_calls(lambda: apply_thresholds(scores, at, at_least_one=True))),
            "",
        )
    )
    rows.append(
        (
            "temperature of sigmoids",
            str(time_calls(lambda: fit_sigmoid_temperature(logits, labels), runs=3)),
            "",
        )
    )
    return rows


if __name__ == "__main__":
    print("| what | median (range) | worth, cross-fitted |\n| --- | --- | --- |")
    for row in measure_thresholds():
        print("| " + " | ".join(row) + " |")
