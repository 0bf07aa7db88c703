"""What is asked has to be there."""

import numpy as np
import pytest

from einthoven.errors import RecordError, SettingsError
from einthoven.explained_part import (
    MAX_PART_S,
    Choice,
    check_length,
    check_moves,
    check_window,
    choose_beat,
    column_of,
    part_of,
)


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
    assert choose_beat(labels, None, None, "x") == Choice(0)
    assert choose_beat(labels, 3, None, "x", [False] * 4) == Choice(2)
    assert choose_beat(labels, None, "V", "x") == Choice(1, "the first of 2 V")
    assert choose_beat(("N", "V"), None, "V", "x") == Choice(1, "the only V")


@pytest.mark.parametrize(
    ("labels", "sure", "position", "words"),
    [
        ("NSSS", "0001", 3, "the only sure S, of 3 S"),
        ("NSSS", "1011", 2, "the first of 2 sure S, of 3 S"),
        ("NSSS", "0111", 1, "the first of 3 S"),
        ("NSSS", "1000", 1, "the first of 3 S, none of them sure"),
        ("NSNN", "0100", 1, "the only S"),
        ("NSNN", "1011", 1, "the only S, not sure"),
    ],
)
def test_of_a_class_the_first_is_chosen_that_is_sure(
    labels: str, sure: str, position: int, words: str
) -> None:
    known = [one == "1" for one in sure]
    assert choose_beat(tuple(labels), None, "S", "x", known) == Choice(position, words)


def test_windows_are_at_least_a_sample_and_not_too_long() -> None:
    check_length("step", 0.01, 100.0)
    check_length("step", 0.00333, 300.0)
    with pytest.raises(
        SettingsError, match=r"^expected a step of at least 1 sample \(0\.01 s\), found 0\.009 s$"
    ):
        check_length("step", 0.009, 100.0)
    check_window(10)
    for window_s in (0, 10.1, float("nan")):
        with pytest.raises(SettingsError, match="expected a window above 0 s and up to 10 s, found"):
            check_window(window_s)


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
