"""A bundle refuses values that contradict each other."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from einthoven.bundle import Abstention, Bundle, Golden, InputSpec, Label
from einthoven.errors import BundleError


def _abstention(threshold: float) -> Abstention:
    return Abstention(threshold, target=0.9, coverage=0.9, accuracy=0.8, kept_accuracy=0.9, n_records=10)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda _: {"name": ""}, "a name and a version"),
        (lambda b: {"labels": b.labels[:1]}, "two or more different labels"),
        (lambda _: {"labels": (Label("N", "normal"), Label("N", "not"))}, "two or more different labels"),
        (lambda _: {"networks": ()}, "1 to 32 networks"),
        (lambda b: {"networks": b.networks * 33}, "1 to 32 networks"),
        (lambda _: {"pipeline": ("Resample",)}, "pipeline steps as objects"),
        (lambda _: {"vote": "loudest"}, "a vote among mean, majority"),
        (lambda _: {"temperature": 0.0}, "temperature above 0"),
        (lambda _: {"temperature": float("nan")}, "temperature above 0"),
        (lambda b: {"input": replace(b.input, fs=0.0)}, "a sampling rate above 0 Hz"),
        (lambda b: {"input": replace(b.input, units="uV")}, "mV as units"),
        (lambda b: {"input": replace(b.input, min_duration_s=3600.0)}, "0 < min < max"),
        (lambda b: {"input": replace(b.input, max_duration_s=float("inf"))}, "0 < min < max"),
        (lambda _: {"single_label": False, "abstention": None}, "thresholds if and only if multi-label"),
        (lambda _: {"single_label": False, "thresholds": (0.5,) * 4}, "abstention for single-label"),
        (lambda _: {"at_least_one": True}, "at_least_one with thresholds only"),
        (lambda _: {"single_label": False, "abstention": None, "thresholds": (0.5,)}, "4 thresholds"),
        (lambda _: {"single_label": False, "abstention": None, "thresholds": (2.0,) * 4}, "between 0 and 1"),
        (lambda _: {"abstention": _abstention(1.5)}, "an abstention threshold and coverage between 0 and 1"),
        (lambda b: {"golden": Golden(np.zeros((2, 9), np.float32), 100.0, b.golden.probs)}, "with 1 leads"),
        (lambda b: {"golden": Golden(b.golden.signal, 100.0, b.golden.probs[:2])}, "4 golden probabilities"),
        (lambda b: {"golden": Golden(b.golden.signal, 0.0, b.golden.probs)}, "golden sampling rate above 0"),
        (lambda _: {"cut": {"cut": "AroundRPeaks"}}, "a cut by its name, without a pipeline"),
        (lambda _: {"cut": {"fs": 125.0}, "pipeline": ()}, "a cut by its name, without a pipeline"),
        (lambda _: {"chain": {"counts": [], "strength": 0.5}}, "a chain with a cut only"),
        (
            lambda _: {
                "cut": {"cut": "AroundRPeaks"},
                "pipeline": (),
                "single_label": False,
                "abstention": None,
                "thresholds": (0.5,) * 4,
            },
            "one class a heartbeat",
        ),
    ],
)
def test_contradictions_are_refused(
    tiny_bundle: Bundle, change: Callable[[Bundle], dict[str, Any]], message: str
) -> None:
    with pytest.raises(BundleError, match=message):
        replace(tiny_bundle, **change(tiny_bundle))


def test_a_bundle_needs_leads(tiny_bundle: Bundle) -> None:
    with pytest.raises(BundleError, match="at least one lead"):
        replace(tiny_bundle, input=InputSpec(fs=100.0, leads=(), min_duration_s=5.0, max_duration_s=60.0))
