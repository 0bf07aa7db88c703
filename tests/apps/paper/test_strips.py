"""Which stretch of which lead goes where."""

import numpy as np
import pytest

from einthoven.apps.paper import lay_out
from einthoven.record import Record
from einthoven.signal.simulated import LEADS


def record(leads: tuple[str, ...], seconds: float, mv: float = 1.0) -> Record:
    t = np.arange(round(seconds * 100)) / 100
    return Record(np.tile(mv * np.sin(2 * np.pi * t), (len(leads), 1)).astype(np.float32), 100.0, leads)


def test_a_single_lead_comes_in_lines_of_ten_seconds() -> None:
    sheet = lay_out(record(("I",), 30.0))
    assert [(strip.line, strip.start_s, strip.seconds) for strip in sheet.strips] == [
        (0, 0.0, 10.0),
        (1, 10.0, 10.0),
        (2, 20.0, 10.0),
    ]
    assert sheet.shown_s == 30.0
    assert sheet.left_out == ()


def test_of_a_long_recording_the_beginning_is_shown() -> None:
    sheet = lay_out(record(("I",), 3600.0))
    assert sheet.n_lines == 12
    assert sheet.shown_s == 120.0


def test_two_leads_stay_together() -> None:
    sheet = lay_out(record(("MLII", "V5"), 15.0))
    assert [(strip.row, strip.start_s, strip.line) for strip in sheet.strips] == [
        (0, 0.0, 0),
        (1, 0.0, 1),
        (0, 10.0, 2),
        (1, 10.0, 3),
    ]


def test_twelve_leads_come_three_by_four_above_a_rhythm_strip() -> None:
    leads = (*reversed(LEADS), "V7")
    sheet = lay_out(record(leads, 10.0))
    found = {(strip.line, strip.x_mm): leads[strip.row] for strip in sheet.strips}
    assert [found[line, 0.0] for line in range(4)] == ["I", "II", "III", "II"]
    assert [found[0, 62.5 * column] for column in range(4)] == ["I", "aVR", "V1", "V4"]
    assert [found[2, 62.5 * column] for column in range(4)] == ["III", "aVF", "V3", "V6"]
    # The columns follow each other in time, as on the paper of a recorder.
    assert all(strip.start_s * 25 == strip.x_mm for strip in sheet.strips)
    assert sheet.left_out == ("V7",)


def test_more_leads_than_lines_are_said() -> None:
    sheet = lay_out(record(tuple(f"E{i}" for i in range(14)), 20.0))
    assert sheet.n_lines == 12
    assert sheet.shown_s == 10.0
    assert sheet.left_out == ("E12", "E13")


@pytest.mark.parametrize(
    ("mv", "above", "below"), [(0.1, 20.0, 10.0), (2.0, 25.0, 20.0), (100.0, 35.0, 30.0)]
)
def test_lines_have_the_room_that_the_signal_needs(mv: float, above: float, below: float) -> None:
    sheet = lay_out(record(("I",), 30.0, mv))
    if mv < 100:
        assert (sheet.above_mm, sheet.below_mm) == (above, below)
    assert sheet.line_mm <= above + below
    assert sheet.line_mm % 5 == 0


def test_four_lines_fit_a_landscape_page() -> None:
    sheet = lay_out(record(tuple(LEADS), 10.0, 5.0))
    assert sheet.n_lines * sheet.line_mm <= 150


def test_a_lead_without_samples_needs_the_least() -> None:
    empty = Record(np.full((1, 1000), np.nan, np.float32), 100.0, ("I",))
    assert lay_out(empty).line_mm == 30.0
