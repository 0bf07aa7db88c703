"""What is asked has to be there."""

import numpy as np
import pytest

from einthoven.errors import RecordError, SettingsError
from einthoven.explained_part import MAX_PART_S, check_moves, choose_beat, column_of, part_of


def test_a_part_is_in_samples_and_ends_with_the_recording() -> None:
    assert part_of(1000, 100.0) == (0, 1000)
    assert part_of(1000, 100.0, 2.5, 5) == (250, 750)
    assert part_of(1000, 100.0, 8, 5) == (800, 1000)
    assert part_of(100_000, 100.0) == (0, round(100 * MAX_PART_S))


@pytest.mark.parametrize(
    ("start_s", "duration_s", "message"),
    [
        (-1, None, "expected a start from 0 to below 10 s"),
        (10, None, "expected a start from 0 to below 10 s"),
        (float("nan"), None, "expected a start"),
        (0, 0, "expected a duration above 0 and up to 60 s"),
        (0, 61, "expected a duration above 0 and up to 60 s"),
        (0, float("nan"), "expected a duration"),
        (0, 0.001, "expected a part of at least one sample"),
    ],
)
def test_a_part_that_is_not_there_is_refused(start_s: float, duration_s: float, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        part_of(1000, 100.0, start_s, duration_s)


def test_a_flat_line_is_refused_unless_another_lead_moves() -> None:
    signal = np.ones((2, 10), np.float32)
    with pytest.raises(
        RecordError, match="x: expected a signal that moves, found a flat line in lead I, lead II"
    ):
        check_moves(signal, ("I", "II"), "x")
    signal[1, 3] = 2
    check_moves(signal, ("I", "II"), "x")


def test_a_beat_is_chosen_by_its_number_or_its_class() -> None:
    labels = ("N", "V", "N", "V")
    assert choose_beat(labels, None, None, "x") == 0
    assert choose_beat(labels, 3, None, "x") == 2
    assert choose_beat(labels, None, "V", "x") == 1


@pytest.mark.parametrize(
    ("labels", "number", "label", "error", "message"),
    [
        ("NVN", 0, None, RecordError, "x: expected a beat from 1 to 3, found 0"),
        ("NVN", 4, None, RecordError, "x: expected a beat from 1 to 3, found 4"),
        ("NVN", None, "S", RecordError, "x: expected a beat that the model calls S, found 2 N, 1 V"),
        ("", None, None, RecordError, "x: expected heartbeats, found none"),
        ("NVN", 1, "V", SettingsError, "found both"),
    ],
)
def test_a_beat_that_is_not_there_is_refused(
    labels: str, number: int | None, label: str | None, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        choose_beat(tuple(labels), number, label, "x")


def test_labels_are_those_of_the_model() -> None:
    assert column_of("A", ("N", "A"), "tiny") == 1
    with pytest.raises(SettingsError, match="model tiny: expected a label among N, A, found X"):
        column_of("X", ("N", "A"), "tiny")
