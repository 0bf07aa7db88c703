"""What a pipeline takes and looks at of a recording."""

from math import inf

import numpy as np
import pytest

from einthoven.errors import RecordError
from einthoven.inference.pipeline_limits import check_rate, cut_warning, extent_warning, look_upright, seen_s
from einthoven.pipeline import (
    Bandpass,
    FillMissing,
    FixLength,
    LogSpectrogram,
    PadTo,
    Pipeline,
    Resample,
    TakeRate,
    Upright,
)
from einthoven.record import TWELVE_LEADS, Record
from einthoven.signal.simulated import simulate

AS_THEY_COME = Pipeline((FillMissing(), TakeRate(500.0), FixLength(5000)))


def silence(fs: float, seconds: float) -> Record:
    return Record(np.zeros((1, round(fs * seconds)), np.float32), fs, ("I",), path="some/r.hea")


@pytest.mark.parametrize("fs", [250.0, 494.0, 506.0, 1000.0])
def test_samples_that_are_taken_as_they_come_must_be_of_that_rate(fs: float) -> None:
    with pytest.raises(RecordError) as caught:
        check_rate(silence(fs, 10), AS_THEY_COME)
    expected = f"some/r.hea: expected 500 Hz, found {fs:g} Hz: this model takes samples as they come"
    assert str(caught.value) == expected


@pytest.mark.parametrize(
    ("fs", "pipeline"),
    [
        (496.0, AS_THEY_COME),
        (504.0, AS_THEY_COME),
        (250.0, Pipeline((Resample(500.0), *AS_THEY_COME.steps))),
        (250.0, Pipeline((FillMissing(), Resample(100.0)))),
    ],
)
def test_other_rates_are_no_obstacle(fs: float, pipeline: Pipeline) -> None:
    check_rate(silence(fs, 10), pipeline)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((), inf),
        ((Resample(100.0), PadTo(50)), inf),
        ((FixLength(1000),), 4.0),
        ((Resample(100.0), FixLength(1000)), 10.0),
        ((FixLength(1000), Resample(100.0), FixLength(1000)), 4.0),
        ((TakeRate(500.0), FixLength(1000)), 2.0),
        ((Resample(100.0), LogSpectrogram(64, 14), FixLength(20)), 10.0),
    ],
)
def test_how_much_is_seen(steps: tuple[object, ...], expected: float) -> None:
    assert seen_s(250.0, Pipeline(steps)) == expected  # type: ignore[arg-type]


def test_what_is_cut_off_is_said() -> None:
    pipeline = Pipeline((FillMissing(), Resample(100.0), FixLength(1000)))
    said = ("only the first 10 s of 30 min are looked at",)
    assert cut_warning(silence(250.0, 1800), pipeline) == said
    assert cut_warning(silence(250.0, 11), pipeline) == ("only the first 10 s of 11 s are looked at",)
    for seconds in (5.0, 10.0, 10.004):
        assert cut_warning(silence(250.0, seconds), pipeline) == ()
    assert cut_warning(silence(250.0, 1800), Pipeline((Resample(100.0),))) == ()


@pytest.mark.parametrize(
    ("seconds", "n_samples", "expected"),
    [
        (1800, 1000, "only the first 10 s of 30 min are looked at"),
        (1800, None, "30 min is far longer than the recordings this model learnt from (up to 60 s)"),
        (1800, 360_000, "30 min is far longer than the recordings this model learnt from (up to 60 s)"),
        (6, 1000, "6 s is shorter than any recording this model learnt from (from 9 s)"),
        (9, 1000, None),
        (60, None, None),
        (60, 1000, "only the first 10 s of 60 s are looked at"),
    ],
)
def test_of_a_length_that_is_said_which_is_true_of_the_pipeline(
    seconds: float, n_samples: int | None, expected: str | None
) -> None:
    steps = (FillMissing(), Resample(100.0), *([] if n_samples is None else [FixLength(n_samples)]))
    said = extent_warning(silence(250.0, seconds), Pipeline(steps), (9.0, 60.0))
    assert len(said) == (expected is not None)
    assert all(line.startswith(expected or "") for line in said)


def test_upside_down_is_told_of_what_the_pipeline_sees() -> None:
    heart = simulate(leads=TWELVE_LEADS, duration_s=10.0, seed=1)
    inverted = Record(-heart.signal, heart.fs, heart.leads)
    turning = Pipeline((FillMissing(), Upright(TWELVE_LEADS)))
    for pipeline, turns in ((turning, True), (Pipeline((FillMissing(),)), False)):
        found, is_turned_over = look_upright(inverted, pipeline)
        assert found is not None and found.is_inverted
        assert is_turned_over == turns
    signal = inverted.signal.copy()
    # Without what lies below 30 Hz, P and T waves cannot be seen, and nothing is turned over.
    blind = Pipeline((Bandpass(30.0, None), Upright(TWELVE_LEADS)))
    found, _ = look_upright(Record(signal, heart.fs, heart.leads), blind)
    assert found is None or not found.is_inverted
    assert (blind(signal, heart.fs)[0] == Bandpass(30.0, None)(signal, heart.fs)[0]).all()


def test_missing_samples_are_filled_before_it_is_told() -> None:
    heart = simulate(leads=TWELVE_LEADS, duration_s=10.0, seed=1)
    signal = -heart.signal
    signal[:, ::7] = np.nan
    record = Record(signal, heart.fs, heart.leads)
    turning = Pipeline((FillMissing(), Upright(TWELVE_LEADS)))
    for pipeline in (turning, Pipeline((FillMissing(),))):
        found, _ = look_upright(record, pipeline)
        assert found is not None and found.is_inverted
    filled, _ = FillMissing()(signal, heart.fs)
    np.testing.assert_array_equal(turning(signal, heart.fs)[0], -filled)
