"""Which stretch of which lead goes where."""

import numpy as np
import pytest

from einthoven.apps.paper import Sheet, lay_out
from einthoven.apps.paper.strips import MAX_PAGES, trace_mv
from einthoven.errors import SettingsError
from einthoven.record import Record
from einthoven.signal.simulated import LEADS


def record(leads: tuple[str, ...], seconds: float, mv: float = 1.0) -> Record:
    t = np.arange(round(seconds * 100)) / 100
    return Record(np.tile(mv * np.sin(2 * np.pi * t), (len(leads), 1)).astype(np.float32), 100.0, leads)


def only(sheets: tuple[Sheet, ...]) -> Sheet:
    (sheet,) = sheets
    return sheet


def test_a_single_lead_comes_in_lines_of_ten_seconds() -> None:
    sheet = only(lay_out(record(("I",), 30.0)))
    assert [(strip.line, strip.start_s, strip.seconds, strip.time) for strip in sheet.strips] == [
        (0, 0.0, 10.0, ""),
        (1, 10.0, 10.0, "10 s"),
        (2, 20.0, 10.0, "20 s"),
    ]
    assert (sheet.start_s, sheet.end_s) == (0.0, 30.0)
    assert sheet.left_out == ()
    assert not sheet.has_columns


@pytest.mark.parametrize(
    ("seconds", "shown", "n_lines"),
    [(9.0, 9.0, 1), (10.1, 10.1, 1), (60.95, 60.95, 7), (70.0, 70.0, 7), (71.0, 60.0, 6), (3600, 60, 6)],
)
def test_a_page_has_six_lines_or_seven_if_these_are_all(seconds: float, shown: float, n_lines: int) -> None:
    sheet = only(lay_out(record(("I",), seconds)))
    assert (sheet.end_s, len(sheet.rooms)) == (pytest.approx(shown), n_lines)
    assert sum(strip.seconds for strip in sheet.strips) == pytest.approx(shown)


def test_any_part_can_be_shown() -> None:
    sheet = only(lay_out(record(("I",), 3600.0), 1805.0, 12.5))
    assert [(strip.start_s, strip.seconds, strip.time) for strip in sheet.strips] == [
        (1805.0, 10.0, "30:05"),
        (1815.0, 2.5, "30:15"),
    ]
    last = only(lay_out(record(("I",), 100.0), 95.0, 60.0))
    assert (last.start_s, last.end_s) == (95.0, 100.0)


def test_what_is_longer_than_a_page_comes_on_several() -> None:
    sheets = lay_out(record(("I",), 600.0), 5.0, 125.0)
    assert [(sheet.start_s, sheet.end_s, len(sheet.rooms)) for sheet in sheets] == [
        (5.0, 65.0, 6),
        (65.0, 125.0, 6),
        (125.0, 130.0, 1),
    ]
    assert {strip.line for strip in sheets[1].strips} == set(range(6))
    twelve = lay_out(record(tuple(LEADS), 30.0), duration_s=25.0)
    assert [sheet.end_s for sheet in twelve] == [10.0, 20.0, 25.0]
    assert all(sheet.has_columns for sheet in twelve)


@pytest.mark.parametrize(
    ("start", "duration", "pages", "message"),
    [
        (-1.0, None, 1, "expected a start from 0 to below 7200 s, the recording's length, found -1 s"),
        (7200.0, None, 1, "found 7200 s"),
        (float("nan"), None, 1, "found nan s"),
        (0.0, 0.0, 1, "expected a duration above 0 s, found 0 s"),
        (0.0, float("nan"), 1, "expected a duration above 0 s, found nan s"),
        (0.0, 90.0, 1, "expected a duration of at most 60 s on one page, found 90 s"),
        (0.0, 4000.0, MAX_PAGES, "at most 1 h on 60 pages, found 1.111 h"),
        (0.0, float("inf"), MAX_PAGES, "found 2 h"),
    ],
)
def test_parts_that_cannot_be_drawn_are_refused(
    start: float, duration: float | None, pages: int, message: str
) -> None:
    with pytest.raises(SettingsError, match=message):
        lay_out(record(("I",), 7200.0), start, duration, pages)


def test_two_leads_stay_together() -> None:
    sheet = only(lay_out(record(("MLII", "V5"), 15.0)))
    assert [(strip.row, strip.start_s, strip.line) for strip in sheet.strips] == [
        (0, 0.0, 0),
        (1, 0.0, 1),
        (0, 10.0, 2),
        (1, 10.0, 3),
    ]
    assert only(lay_out(record(("MLII", "V5"), 95.0))).end_s == 30.0


def test_twelve_leads_come_three_by_four_above_a_rhythm_strip() -> None:
    leads = (*reversed(LEADS), "V7")
    sheet = only(lay_out(record(leads, 10.0)))
    found = {(strip.line, strip.x_mm): leads[strip.row] for strip in sheet.strips}
    assert [found[line, 0.0] for line in range(4)] == ["I", "II", "III", "II"]
    assert [found[0, 62.5 * column] for column in range(4)] == ["I", "aVR", "V1", "V4"]
    assert [found[2, 62.5 * column] for column in range(4)] == ["III", "aVF", "V3", "V6"]
    # The columns follow each other in time, as on the paper of a recorder.
    assert all(strip.start_s * 25 == strip.x_mm for strip in sheet.strips)
    assert sheet.left_out == ("V7",)


def test_a_short_recording_has_all_of_its_twelve_leads() -> None:
    sheet = only(lay_out(record(tuple(LEADS), 6.0)))
    assert {(strip.seconds, strip.start_s * 25) for strip in sheet.strips if strip.x_mm} == {
        (1.5, 37.5 * column) for column in (1, 2, 3)
    }
    below_each_other = only(lay_out(record(tuple(LEADS), 2.0)))
    assert [strip.name for strip in below_each_other.strips] == list(LEADS)
    assert not below_each_other.has_columns


def test_more_leads_than_lines_are_said() -> None:
    sheet = only(lay_out(record(tuple(f"E{i}" for i in range(14)), 20.0)))
    assert (len(sheet.rooms), sheet.end_s) == (12, 10.0)
    assert sheet.left_out == ("E12", "E13")


@pytest.mark.parametrize(
    ("mv", "above", "below"), [(0.1, 15.0, 10.0), (1.8, 20.0, 20.0), (2.5, 30.0, 30.0), (9.0, 45.0, 45.0)]
)
def test_lines_grow_with_their_traces(mv: float, above: float, below: float) -> None:
    for room in only(lay_out(record(("I",), 30.0, mv))).rooms:
        assert (room.above_mm, room.below_mm) == (above, below)


def test_only_the_line_that_needs_room_gets_it() -> None:
    signal = record(("I",), 30.0, 0.5).signal.copy()
    signal[0, 1500] = 3.0
    spiked = Record(signal, 100.0, ("I",))
    assert [room.above_mm for room in only(lay_out(spiked)).rooms] == [15.0, 35.0, 15.0]


def test_the_names_of_columns_have_room_above_the_trace() -> None:
    leads = tuple(LEADS)
    # V1 begins at 5 s: a peak below its name, and one that is not.
    for at, above in ((510, 25.0), (600, 20.0)):
        signal = np.zeros((12, 1000), np.float32)
        signal[leads.index("V1"), at] = 1.6
        assert only(lay_out(Record(signal, 100.0, leads))).rooms[0].above_mm == above


def test_the_page_is_no_higher_than_a3() -> None:
    for leads, seconds in ((("I",), 70.0), (tuple(f"E{i}" for i in range(12)), 10.0), (tuple(LEADS), 10.0)):
        sheet = only(lay_out(record(leads, seconds, 50.0)))
        assert 300 <= sheet.height_mm <= 365
        assert all(room.above_mm >= 15 and room.below_mm >= 10 for room in sheet.rooms)


def test_lines_lie_below_each_other_on_the_grid() -> None:
    sheet = only(lay_out(record(("I",), 30.0, 1.8)))
    assert [sheet.zero_mm(line) for line in range(3)] == [20.0, 60.0, 100.0]
    assert sheet.height_mm == 3 * 40 + 5


def test_a_lead_without_samples_needs_the_least() -> None:
    empty = Record(np.full((1, 1000), np.nan, np.float32), 100.0, ("I",))
    sheet = only(lay_out(empty))
    assert (sheet.rooms[0].above_mm, sheet.rooms[0].below_mm) == (15.0, 10.0)
    assert np.isnan(trace_mv(empty, sheet.strips[0])).all()


def test_a_strip_is_centred_by_its_own_median() -> None:
    signal = record(("I",), 20.0).signal.copy()
    signal[0, 1000:] += 7.0
    shifted = Record(signal, 100.0, ("I",))
    sheet = only(lay_out(shifted))
    for strip in sheet.strips:
        assert np.median(trace_mv(shifted, strip)) == pytest.approx(0, abs=1e-6)
