import json
import subprocess
import sys
from dataclasses import dataclass, fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from einthoven.errors import RecordError, SettingsError
from einthoven.pipeline import (
    STEPS,
    Bandpass,
    Clip,
    FillMissing,
    FirstRows,
    FixLength,
    LogSpectrogram,
    PadTo,
    Pipeline,
    Resample,
    RobustScale,
    TakeRate,
    Upright,
    ZScore,
)
from einthoven.signal.filters import bandpass
from einthoven.signal.simulated import simulate
from einthoven.signal.spectrogram import log_spectrogram

EVERY_STEP = Pipeline(
    (
        FillMissing(),
        Upright(("I", "II")),
        TakeRate(300.0),
        Bandpass(0.5, 40.0),
        Resample(100.0),
        ZScore(),
        RobustScale(),
        Clip(8.0),
        PadTo(400),
        FixLength(400),
        LogSpectrogram(),
        FirstRows(2),
    )
)


@pytest.fixture
def ecg():
    rng = np.random.default_rng(3)
    signal = rng.normal(size=(2, 900)).astype(np.float32).cumsum(axis=1) / 10
    signal[0, 100:110] = np.nan
    return signal


def test_steps_run_in_order_and_the_rate_follows(ecg):
    before = ecg.copy()
    features, rate = EVERY_STEP(ecg, 300.0)
    assert features.shape == (2, 33, (400 - 32) // 32)
    assert features.dtype == np.float32
    assert rate == 100 / 32
    np.testing.assert_array_equal(ecg, before)


def test_the_order_of_the_steps_matters(ecg):
    one = Pipeline((FillMissing(), Clip(0.1), RobustScale()))(ecg, 300.0)[0]
    other = Pipeline((FillMissing(), RobustScale(), Clip(0.1)))(ecg, 300.0)[0]
    assert np.abs(other).max() == pytest.approx(0.1)
    assert np.abs(one).max() > 0.5


def test_steps_do_what_their_functions_do(ecg):
    filled, _ = FillMissing()(ecg, 300.0)
    np.testing.assert_array_equal(
        Bandpass(1.0, None, 2)(filled, 300.0)[0], bandpass(filled, 300.0, 1.0, None, 2)
    )
    np.testing.assert_array_equal(
        LogSpectrogram(32, 8, 0.5)(filled, 300.0)[0], log_spectrogram(filled, 300.0, 32, 8, 0.5)
    )


def test_padding_appends_zeros_and_leaves_longer_signals(ecg):
    padded, fs = PadTo(1000)(ecg, 300.0)
    assert padded.shape == (2, 1000) and fs == 300.0
    assert not padded[:, 900:].any()
    np.testing.assert_array_equal(padded[:, :900], ecg)
    assert PadTo(900)(ecg, 300.0)[0] is ecg


def test_clip_keeps_float32():
    clipped, _ = Clip(1)(np.array([[-3, 0.5, 3]], np.float32), 1.0)
    np.testing.assert_array_equal(clipped, [[-1, 0.5, 1]])
    assert clipped.dtype == np.float32


def test_the_first_rows_are_kept(ecg):
    for n, expected in ((1, 1), (2, 2), (5, 2)):
        found, fs = FirstRows(n)(ecg, 300.0)
        np.testing.assert_array_equal(found, ecg[:expected])
        assert fs == 300.0
    rows, _ = FirstRows(1)(np.zeros((4, 33, 7), np.float32), 9.0)
    assert rows.shape == (1, 33, 7)
    for n in (0, -1, 1.0, True):
        with pytest.raises(SettingsError, match=r"FirstRows: expected (.* for n|n above 0)"):
            FirstRows(n)


def test_a_fixed_length_pads_or_cuts_the_end(ecg):
    for n in (400, 900, 1000):
        fixed, fs = FixLength(n)(ecg, 300.0)
        assert fixed.shape == (2, n) and fixed.dtype == np.float32 and fs == 300.0
        np.testing.assert_array_equal(fixed[:, :900], ecg[:, :n])
        assert not fixed[:, 900:].any()


def test_a_z_score_leaves_a_constant_lead_at_zero():
    signal = np.array([[1, 3, 5, 3], [7, 7, 7, 7]], np.float32)
    found, fs = ZScore()(signal, 100.0)
    np.testing.assert_allclose(found, [[-(2**0.5), 0, 2**0.5, 0], [0] * 4], atol=1e-6)
    assert fs == 100.0


def test_a_rate_is_taken_without_a_change_of_samples(ecg):
    found, fs = TakeRate(500.0)(ecg, 257.0)
    assert found is ecg and fs == 500.0


def test_what_is_upside_down_is_turned_over_and_nothing_else():
    record = simulate(leads=("V1", "I", "II", "V6"), duration_s=10.0)
    step = Upright(record.leads)
    upright, fs = step(record.signal, record.fs)
    assert upright is record.signal and fs == record.fs
    turned, _ = step(-record.signal, record.fs)
    np.testing.assert_array_equal(turned, record.signal)
    without = Upright(("V1", "I", "II"))
    np.testing.assert_array_equal(without(-record.signal[:3], record.fs)[0], -record.signal[:3])
    lacking = -record.signal
    lacking[3] = 0
    np.testing.assert_array_equal(step(lacking, record.fs)[0], lacking)
    with pytest.raises(RecordError, match="Upright: expected 4 leads, found 1"):
        step(record.signal[:1], record.fs)


def test_an_empty_pipeline_changes_nothing(ecg):
    assert Pipeline()(ecg, 300.0) == (ecg, 300.0)


def test_json_round_trip_through_text():
    text = json.dumps(EVERY_STEP.to_json())
    assert Pipeline.from_json(json.loads(text)) == EVERY_STEP
    assert {item["step"] for item in json.loads(text)} == set(STEPS)


@given(
    low=st.none() | st.floats(0.01, 5),
    high=st.none() | st.floats(6, 200),
    order=st.integers(1, 10),
    fs=st.floats(10, 1000) | st.integers(10, 1000),
    limit=st.floats(0.1, 100),
)
def test_any_valid_pipeline_survives_json(low, high, order, fs, limit):
    pipeline = Pipeline((Bandpass(low, high, order), Resample(fs), Clip(limit)))
    assert Pipeline.from_json(json.loads(json.dumps(pipeline.to_json()))) == pipeline


def test_repr_is_the_code_that_builds_it():
    assert eval(repr(EVERY_STEP), {**STEPS, "Pipeline": Pipeline}) == EVERY_STEP


def test_every_step_is_listed_under_its_own_name():
    assert all(cls.__name__ == name for name, cls in STEPS.items())
    assert all(cls.__dataclass_params__.frozen for cls in STEPS.values())
    assert all(field.init for cls in STEPS.values() for field in fields(cls))


@pytest.mark.parametrize(
    ("objects", "message"),
    [
        ([{"step": "Shuffle"}], "expected one of FillMissing.*found Shuffle"),
        ([{"step": "Clip", "limit": 8, "soft": True}], "step 0: Clip has the fields limit, found soft"),
        ([{"step": "Clip"}, {"step": "Resample"}], "step 1: expected the fields fs of Resample"),
        ([{"step": "FillMissing", "fs": 3}], r"\(none\)"),
        ([{"limit": 8}], 'object with "step"'),
        (["Clip"], 'object with "step"'),
        ([{"step": ["Clip"]}], 'object with "step"'),
        ({"step": "Clip"}, "list of pipeline steps, found dict"),
        ("Clip", "list of pipeline steps, found str"),
        (None, "list of pipeline steps"),
        ([{"step": "Clip", "limit": "8"}], "finite number for limit"),
    ],
)
def test_unreadable_json_is_refused(objects, message):
    with pytest.raises(SettingsError, match=message):
        Pipeline.from_json(objects)


@pytest.mark.parametrize(
    "build",
    [
        lambda: Resample(0),
        lambda: Resample(float("nan")),
        lambda: Bandpass(40, 0.5),
        lambda: Bandpass(True, 40),
        lambda: Bandpass(0.5, 40, 2.5),
        lambda: Bandpass(0.5, 40, 0),
        lambda: RobustScale(height=-1),
        lambda: RobustScale(floor_mv=0),
        lambda: Clip(0),
        lambda: Clip("8"),
        lambda: LogSpectrogram(64, 64),
        lambda: LogSpectrogram(64.0, 32),
        lambda: LogSpectrogram(shape=2),
        lambda: PadTo(-1),
        lambda: FixLength(0),
        lambda: FixLength(5.0),
        lambda: ZScore(0),
        lambda: TakeRate(-1),
        lambda: Upright("I"),
        lambda: Upright((1, 2)),
        lambda: Upright(None),
    ],
)
def test_impossible_settings_are_refused_when_built(build):
    with pytest.raises(SettingsError):
        build()


def test_a_foreign_step_runs_but_cannot_be_saved(ecg):
    @dataclass(frozen=True)
    class Double:
        def __call__(self, signal, fs):
            return signal * 2, fs

    np.testing.assert_array_equal(Pipeline((Double(),))(ecg, 1.0)[0], ecg * 2)
    with pytest.raises(SettingsError, match="found Double"):
        Pipeline((Double(),)).to_json()


def test_serving_loads_no_heavy_module():
    heavy = ["scipy.signal", "scipy.special", "pandas", "matplotlib", "wfdb", "torch", "soxr"]
    code = (
        "import sys, numpy as np\n"
        "from einthoven.pipeline import *\n"
        "from einthoven.signal import augment, quality, rpeaks, simulated\n"
        "Pipeline((FillMissing(), Upright(('I',)), ZScore(), Bandpass(0.5, 40), RobustScale(), Clip(8), "
        "LogSpectrogram()))(np.zeros((1, 900), np.float32), 300.0)\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
