"""The metrics of twelve-lead recordings, at the size of the PhysioNet/CinC Challenge 2020.

`python -m bench.metrics` prints this table alone.
"""

from __future__ import annotations

from bench.measure import Timing, time_calls

N_RECORDS = 43_000


def measure_metrics(n_records: int = N_RECORDS) -> list[tuple[str, str, str]]:
    """Return rows (what, time, ratio) for outputs and scores of 24 classes.

    The ratio is to scikit-learn where it has the metric, else to the time that the metric may take.
    """
    import numpy as np
    from sklearn.metrics import average_precision_score, roc_auc_score

    from einthoven import metrics
    from einthoven.metrics.cinc2020 import CLASSES

    rng = np.random.default_rng(0)
    labels = rng.random((n_records, len(CLASSES))) < 0.07
    scores = rng.random(labels.shape) + 0.4 * labels
    outputs = scores > 0.9
    patients = np.arange(n_records) // 2

    def outputs_alone() -> list[float]:
        counted = (metrics.macro_f_beta, metrics.macro_g_beta, metrics.macro_f1, metrics.exact_match)
        return [score(labels, outputs) for score in counted]

    def areas() -> list[float]:
        return [score(labels, scores) for score in (metrics.macro_auroc, metrics.macro_auprc)]

    def challenge() -> float:
        return metrics.challenge_metric(labels, outputs)

    def with_intervals() -> tuple[object, ...]:
        return (
            metrics.challenge_score(labels, outputs, groups=patients),
            metrics.output_table(labels, outputs, CLASSES, groups=patients),
            metrics.ranking_table(labels, scores, CLASSES, groups=patients),
        )

    peer = time_calls(lambda: [f(labels, scores) for f in (roc_auc_score, average_precision_score)])
    ours = time_calls(areas)
    size = f"{n_records:,} records x {len(CLASSES)} classes"
    return [
        (f"scikit-learn: AUROC and AUPRC, {size}", str(peer), "1 x"),
        ("einthoven: AUROC and AUPRC", str(ours), f"{peer.median / ours.median:.1f} x faster"),
        ("einthoven: F2, G2, F1 and exact match", *_of_target(time_calls(outputs_alone), 1)),
        ("einthoven: challenge metric of 2020", *_of_target(time_calls(challenge), 1)),
        (
            "einthoven: all of these",
            *_of_target(time_calls(lambda: (outputs_alone(), areas(), challenge())), 3),
        ),
        (
            "einthoven: all, each class too, with intervals by patient",
            str(time_calls(with_intervals, runs=3)),
            "",
        ),
    ]


def _of_target(timing: Timing, target_s: float) -> tuple[str, str]:
    return str(timing), f"{timing.median / target_s:.3f} x the {target_s:.0f} s it may take"


if __name__ == "__main__":
    print("| what | median (range) | ratio |\n| --- | --- | --- |")
    for row in measure_metrics():
        print("| " + " | ".join(row) + " |")
