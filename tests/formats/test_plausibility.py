"""Amplitudes that no heart gives."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven.errors import RecordError
from einthoven.formats.given import Given
from einthoven.formats.plausibility import amplitude_doubts
from einthoven.record import Record

GIVEN = Given(where="x.csv")
BEATS = np.sin(np.linspace(0, 60, 3000))


def record_of(*rows: np.ndarray) -> Record:
    return Record(np.array(rows), 250, ("I", "II", "V1")[: len(rows)])


@pytest.mark.parametrize("factor", [0.02, 1.0, 15.0])
def test_what_a_heart_gives_is_no_doubt(factor: float) -> None:
    assert amplitude_doubts(record_of(BEATS * factor, BEATS * 0), GIVEN) == ()


def test_an_offset_is_no_doubt() -> None:
    assert amplitude_doubts(record_of(BEATS + 300), GIVEN) == ()


def test_microvolts_taken_for_millivolts() -> None:
    (text,) = amplitude_doubts(record_of(BEATS * 1000, BEATS, BEATS * 500), GIVEN)
    assert text.startswith("leads I, V1: 1070 mV from the median")
    (text,) = amplitude_doubts(record_of(BEATS, BEATS * 100), GIVEN)
    assert text.startswith("lead II: 107 mV")


def test_volts_taken_for_millivolts() -> None:
    (text,) = amplitude_doubts(record_of(BEATS * 0.001, BEATS * 0), GIVEN)
    assert text.startswith("no sample is 0.01 mV")


@pytest.mark.parametrize("flat", [BEATS * 0, BEATS[:200] * 0.001])
def test_what_is_flat_or_too_short_says_nothing_of_units(flat: np.ndarray) -> None:
    assert amplitude_doubts(record_of(flat), GIVEN) == ()


def test_missing_samples_are_passed_over() -> None:
    gap = np.full(3000, np.nan)
    assert amplitude_doubts(record_of(np.where(np.arange(3000) < 50, np.nan, BEATS), gap), GIVEN) == ()


@pytest.mark.parametrize("factor", [0.001, 100.0])
def test_a_strict_caller_gets_an_error(factor: float) -> None:
    strict = Given(where="x.csv", strict=True)
    with pytest.raises(RecordError, match=r"x\.csv: expected certain units"):
        amplitude_doubts(record_of(BEATS * factor), strict)
