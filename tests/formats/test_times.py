"""Times and numbers of samples among leads."""

from pathlib import Path

import numpy as np
import pytest

from einthoven.errors import FormatError, RecordError
from einthoven.formats import list_records, read_record
from einthoven.formats.given import Given
from einthoven.formats.times import even_step, rate_of, read_steps, rises, without_times
from einthoven.signal.simulated import RHYTHMS, simulate

GIVEN = Given(where="x")
LEAD = np.sin(np.arange(200.0))


def evenly(step: float, start: float = 0, decimals: int = 9) -> np.ndarray:
    return np.round(start + step * np.arange(200), decimals)


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        (np.arange(10), True),
        (np.arange(10, dtype=np.uint8), True),
        (np.repeat(np.arange(10), 100), True),
        (np.array([np.nan, *range(10), np.nan]), True),
        (np.arange(9), False),
        (np.repeat(np.arange(9), 100), False),
        (np.zeros(100), False),
        (np.array([*range(5000), 4998]), False),
        (np.array([*range(50), 48], np.uint8), False),
        (-np.arange(100), False),
        (np.array([*range(50), np.inf]), False),
        (np.full(50, np.nan), False),
        (np.array([]), False),
    ],
)
def test_rises(channel: np.ndarray, expected: bool) -> None:
    assert rises(channel) is expected


def test_no_simulated_lead_rises_throughout() -> None:
    for rhythm in RHYTHMS:
        record = simulate(rhythm, duration_s=10, leads=("I", "II", "aVR", "V1"), noise_mv=0)
        assert not any(rises(lead) for lead in record.signal)


@pytest.mark.realdata
@pytest.mark.parametrize("part", ["mitdb", "ptb-xl", "challenge-2020", "challenge-2017"])
def test_no_real_lead_rises_throughout(data_folder: Path, part: str) -> None:
    paths = list_records(data_folder / part)
    for path in paths[:: max(1, len(paths) // 100)]:
        assert not any(rises(lead[:5000]) for lead in read_record(path).signal), path


def test_steps() -> None:
    assert even_step(np.array([5.0, 7, 9])) == 2
    assert even_step(evenly(1 / 360, decimals=3)) == pytest.approx(1 / 360, rel=0.01)
    for uneven in ([1, 2], [0, 1, 2, 9], [0, 1, np.nan], [3, 2, 1], [0, 0], [1]):
        assert (even_step(np.array(uneven, float)) is None) == (uneven != [1, 2])
    assert rate_of(1 / 359.99) == 360
    assert rate_of(1 / 128.5) == pytest.approx(128.5)


@pytest.mark.parametrize(
    ("step", "fs", "unit"),
    [
        (0.004, 250, "s"),
        (1 / 360, 360, "s"),
        (1 / 30, 30, "s"),
        (2, 500, "ms"),
        (4, 250, "ms"),
        (2.5, 400, "ms"),
        (4000, 250, "us"),
        (2e6, 500, "ns"),
    ],
)
def test_times_without_a_unit(step: float, fs: float, unit: str) -> None:
    for start in (0, 1.6e9 * step):
        steps = read_steps(evenly(step, start))
        assert steps is not None
        assert (steps.fs, steps.unit) == (pytest.approx(fs), unit)
        assert f"taken as times in {unit}, so {fs} Hz, not as a lead" in steps.meaning


@pytest.mark.parametrize("start", [0, 1, -7, 1_000_000])
def test_counting_states_no_rate(start: int) -> None:
    steps = read_steps(evenly(1, start))
    assert steps is not None
    assert (steps.fs, steps.unit) == (None, "")
    assert steps.meaning == "counts from sample to sample: taken as numbers of samples, not as a lead"


@pytest.mark.parametrize("step", [0.1, 1 / 15000, 60, 1e-8])
def test_steps_of_no_plausible_rate_state_none(step: float) -> None:
    steps = read_steps(step * np.arange(200))
    assert steps is not None
    assert steps.fs is None
    assert "left out, as it is no lead, nor times of a plausible sampling rate" in steps.meaning


def test_every_channel_that_rises_evenly_is_no_lead() -> None:
    channels = [evenly(1), evenly(0.004), LEAD, evenly(1), -LEAD]
    rows, given, notes = without_times(channels, [f"c{i}" for i in range(5)], GIVEN)
    assert (rows, given.fs) == ([2, 4], 250)
    assert [note.split()[0] for note in notes] == ["c0", "c1", "c3"]


def test_the_only_channel_left_is_a_lead() -> None:
    assert without_times([evenly(1)], ["a"], GIVEN)[0] == [0]
    assert without_times([evenly(1), evenly(0.004)], "ab", GIVEN)[0] == [1]


def test_what_is_known_to_be_a_lead_is_one() -> None:
    assert without_times([evenly(1), LEAD], "ab", GIVEN, known_leads={0}) == ([0, 1], GIVEN, ())
    assert without_times([LEAD, evenly(1)], "ab", GIVEN, known_leads={0})[0] == [0]


def test_a_first_channel_with_gaps_is_refused() -> None:
    gap = evenly(1)
    gap[100:] += 5
    message = r"^x: expected leads, which rise and fall, or evenly spaced times, found a that only rises"
    for first in (gap, np.floor(evenly(0.2)), np.where(np.arange(200) == 5, np.nan, evenly(1))):
        with pytest.raises(FormatError, match=message):
            without_times([first, LEAD], "ab", GIVEN)
    rows, _, notes = without_times([LEAD, gap], "ab", GIVEN)
    assert (rows, notes) == ([0, 1], ("b rises throughout, as no ECG does",))


def test_another_rate_than_the_one_given_is_refused() -> None:
    assert without_times([evenly(0.004), LEAD], "ab", Given(where="x", fs=251))[1].fs == 250
    message = r"^x: expected fs=300 Hz as given, found 250 Hz in a, which rises evenly$"
    with pytest.raises(RecordError, match=message):
        without_times([evenly(0.004), LEAD], "ab", Given(where="x", fs=300))
    with pytest.raises(RecordError, match="found 500 Hz in b"):
        without_times([evenly(0.004), evenly(2), LEAD], "abc", GIVEN)


def test_steps_so_small_or_so_large_that_doubles_end_there() -> None:
    tiny = 5e-324 * np.arange(40)
    assert rate_of(5e-324 * 1e-9) == np.inf
    steps = read_steps(tiny)
    assert steps is not None
    assert steps.fs is None
    assert "nor times of a plausible sampling rate" in steps.meaning
    huge = np.repeat([-1.7e308, 1.7e308], 20)
    assert not rises(huge[::-1])
    assert even_step(huge) is None
    signalling = np.full(40, 0x7F800001, np.uint32).view(np.float32)
    assert not rises(signalling)
