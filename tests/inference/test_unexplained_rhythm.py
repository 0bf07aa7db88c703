"""A second look at the rhythm: what is irregular is pointed out where no answer says why."""

import numpy as np
import pytest

from einthoven.inference.unexplained_rhythm import (
    MAX_CHANGE,
    MIN_PAIRS,
    contradicted,
    rr_change,
    unexplained_warning,
)
from einthoven.signal.rpeaks import find_rpeaks
from einthoven.signal.simulated import simulate

KNOWN = ("AF", "AFL", "SA", "NORM", "PAC", "CD")


def test_a_regular_rhythm_changes_little_and_fibrillation_much() -> None:
    change = {}
    for rhythm in ("normal", "af"):
        record = simulate(rhythm, duration_s=10, seed=3)
        change[rhythm] = rr_change(find_rpeaks(record.signal, record.fs))
    assert change["normal"] is not None and change["normal"] < MAX_CHANGE / 2
    assert change["af"] is not None and change["af"] > MAX_CHANGE


def test_a_premature_beat_hardly_moves_the_median() -> None:
    regular = np.arange(12) * 100
    early = regular.copy()
    early[5] -= 40
    assert rr_change(regular) == 0
    assert rr_change(early) == 0


def test_too_few_beats_say_nothing() -> None:
    assert rr_change(np.arange(MIN_PAIRS + 1) * 100) is None
    assert rr_change(np.arange(MIN_PAIRS + 2) * 100) == 0
    assert rr_change(np.array([], np.int64)) is None


@pytest.mark.parametrize("given", [(), ("NORM",), ("NORM", "CD")])
def test_what_no_answer_accounts_for_is_said(given: tuple[str, ...]) -> None:
    (warning,) = unexplained_warning(0.234, given, KNOWN)
    assert warning.startswith("the R-R intervals change by 23 % from beat to beat")


@pytest.mark.parametrize(
    ("change", "given", "known"),
    [(0.5, ("AF",), KNOWN), (0.5, ("SA", "NORM"), KNOWN), (0.5, ("AFL",), KNOWN), (MAX_CHANGE, (), KNOWN),
     (None, (), KNOWN), (0.5, ("NORM",), ("NORM", "MI"))],
)  # fmt: skip
def test_what_is_regular_or_accounted_for_is_not(
    change: float | None, given: tuple[str, ...], known: tuple[str, ...]
) -> None:
    assert unexplained_warning(change, given, known) == ()


@pytest.mark.parametrize(
    ("given", "misfit"),
    [(("NORM",), "NORM"), (("NSR", "CD"), "NSR"), (("NORM", "CD", "NSR"), "NORM and NSR")],
)
def test_an_irregular_rhythm_is_not_normal(given: tuple[str, ...], misfit: str) -> None:
    reason = contradicted(0.234, given, KNOWN)
    assert reason is not None
    assert reason.startswith("not sure: the R-R intervals change by 23 % from beat to beat")
    assert reason.endswith(f", which does not fit {misfit}")


@pytest.mark.parametrize(
    ("change", "given"),
    [(0.5, ("AF", "NORM")), (0.5, ("PAC", "NORM")), (0.5, ()), (MAX_CHANGE, ("NORM",)), (None, ("NORM",))],
)
def test_what_calls_nothing_normal_or_says_why_is_not_contradicted(
    change: float | None, given: tuple[str, ...]
) -> None:
    assert contradicted(change, given, KNOWN) is None
