"""The shipped model of heartbeats, where there is hardly one, only noise, or noise for minutes."""

from dataclasses import replace

import numpy as np
import pytest

from einthoven.inference.beat_report import report
from einthoven.inference.beats import BeatModel, load_beats
from einthoven.inference.obstacles import Obstacle
from einthoven.inference.reliable_beats import no_beats
from einthoven.metrics.peaks import match_peaks
from einthoven.record import TWELVE_LEADS, Record
from einthoven.signal.quality import assess
from einthoven.signal.rpeaks import find_rpeaks
from einthoven.signal.simulated import simulate

FS = 250.0
WAVES = ((0.0, 0.012, 1.0), (0.03, 0.012, -0.2), (-0.16, 0.03, 0.15), (0.28, 0.06, 0.3))
"""QRS complex, P and T wave: where, how long (s) and how high (mV)."""


@pytest.fixture(scope="module")
def shipped() -> BeatModel:
    return load_beats("beats", threads=1)


def record_of(row: np.ndarray) -> Record:
    return Record(row[None].astype(np.float32), FS, ("MLII",))


def noise_of(duration_s: float, noise_mv: float, seed: int) -> np.ndarray:
    return noise_mv * np.random.default_rng(seed).standard_normal(round(duration_s * FS))


@pytest.mark.parametrize("duration_s", [10.0, 30.0])
@pytest.mark.parametrize("noise_uv", [0, 1, 3, 10])
@pytest.mark.parametrize("n_beats", [1, 2])
def test_of_one_or_two_beats_in_noise_only_these_are_told_or_none(
    shipped: BeatModel, n_beats: int, noise_uv: float, duration_s: float
) -> None:
    for seed in range(4):
        row = noise_of(duration_s, noise_uv / 1000, seed)
        t = np.arange(len(row)) / FS
        times = np.linspace(0, duration_s, n_beats + 2)[1:-1]
        for time in times:
            row += sum(h * np.exp(-(((t - time - at) / width) ** 2)) for at, width, h in WAVES)
        record = record_of(row)
        found = report(shipped.classify(record), record)
        if found.obstacle is None:
            assert found.beats.rpeaks / FS == pytest.approx(times, abs=0.02)
            assert noise_uv <= 1
        else:
            assert (found.rate.mean, found.variability.n_nn) == (None, 0)
            assert not any(told.runs or told.isolated for told in found.ectopy.values())


def test_why_few_beats_are_not_believed_is_told(shipped: BeatModel) -> None:
    row = noise_of(10, 0.003, 0)
    row[[833, 1667]] += 1
    found = shipped.classify(record_of(row))
    n = len(found.labels)
    assert 2 < n < 8
    assert found.obstacle == (
        f"no reliable heartbeat: of the {n} found in lead MLII only 2 stand out from the rest"
    )
    assert not any("no reliable" in warning for warning in found.warnings)
    long = noise_of(30, 0.003, 0)
    long[[1000, 4000]] += 1
    assert shipped.classify(record_of(long)).obstacle == (
        "no reliable heartbeat: nearly all that was found in lead MLII is noise"
    )


@pytest.mark.parametrize("duration_s", [1.0, 2.0, 3.0, 5.0, 8.0, 20.0, 60.0])
def test_noise_alone_is_an_obstacle(shipped: BeatModel, duration_s: float) -> None:
    for seed in range(20 if duration_s <= 5 else 3):
        for noise_mv in (0.001, 0.01, 0.05, 1.0):
            record = record_of(noise_of(duration_s, noise_mv, seed))
            assert report(shipped.classify(record), record).obstacle is not None


def test_many_beats_that_do_not_resemble_each_other_are_an_obstacle(
    shipped: BeatModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = record_of(noise_of(12, 0.05, 0))
    monkeypatch.setattr("einthoven.signal.beats.told.find_left_out", lambda *_: ())
    assert shipped.classify(record).obstacle == (
        "no reliable heartbeat: the beats found in lead MLII hardly resemble each other"
    )
    # Beats that are given are somebody's word.
    rpeaks = np.arange(200, 2900, 200)
    given = shipped.classify(record, rpeaks)
    assert (given.obstacle, len(given.labels)) == (None, len(rpeaks))


@pytest.mark.parametrize("seed", [0, 1])
def test_noise_changes_little_of_what_beats_far_from_it_are_called(shipped: BeatModel, seed: int) -> None:
    made = simulate("ectopy", duration_s=300, fs=FS, leads=("II",), seed=seed)
    assert made.annotations is not None
    samples, symbols = made.annotations.samples, np.array(made.annotations.symbols)
    # Within 12 s of the noise nothing is counted.
    is_far = (samples < 78 * 250) | (samples > 222 * 250)
    signal = made.signal.copy()
    signal[:, 90 * 250 : 210 * 250] = noise_of(120, 0.2, seed)
    n_found = []
    for record in (made, replace(made, signal=signal)):
        found = shipped.classify(replace(record, leads=("MLII",)))
        rows, columns = match_peaks(samples, found.rpeaks, 0.15 * FS)
        is_s = np.array(found.labels)[columns] == "S"
        n_found.append(int((is_s & is_far[rows] & (symbols[rows] == "A")).sum()))
    clean, noisy = n_found
    assert noisy >= 0.75 * clean > 0
    (stretch,) = found.left_out
    assert stretch.reason == "noise"
    assert found.n_dropped > 100


def no_beats_in(record: Record) -> Obstacle | None:
    rpeaks = find_rpeaks(record.signal, record.fs, warn=False)
    return no_beats(record, rpeaks, assess(record.signal, record.fs, rpeaks))


@pytest.mark.parametrize(
    ("seconds", "why"), [(5.0, "stand out from the rest"), (30.0, "resemble each other")]
)
def test_noise_on_all_leads_holds_no_beats(seconds: float, why: str) -> None:
    for seed in range(5):
        signal = np.stack([noise_of(seconds, 0.1, 100 * seed + lead) for lead in range(12)])
        found = no_beats_in(Record(signal.astype(np.float32), FS, TWELVE_LEADS))
        assert found is not None
        assert found.measure == "noise"
        assert found.reason == f"no reliable heartbeat: the beats found hardly {why} in any lead"


def test_few_beats_that_stand_out_are_beats_though_none_resembles_another() -> None:
    made = simulate("normal", duration_s=10, fs=FS, leads=TWELVE_LEADS, seed=1)
    assert no_beats_in(made) is None
    assert made.annotations is not None
    few = made.annotations.samples[2:7]
    unlike = replace(assess(made.signal, FS), noise=(1.0,) * 12)
    assert no_beats(made, made.annotations.samples[1:-1], unlike) is not None
    t = np.arange(made.n_samples)
    peaks = sum(np.exp(-(((t - at) / 4) ** 2)) for at in few)
    alone = replace(made, signal=np.tile(peaks, (12, 1)).astype(np.float32))
    assert no_beats(alone, few, unlike) is None


def test_without_any_beat_there_is_none() -> None:
    made = simulate("normal", duration_s=10, fs=FS, leads=TWELVE_LEADS, seed=1)
    found = no_beats(made, np.zeros(0, np.int64), replace(assess(made.signal, FS), noise=(1.0,) * 12))
    assert found is not None
    assert found.reason == "no reliable heartbeat: none was found in any lead"


def test_most_leads_hardly_readable_are_as_good_as_none() -> None:
    made = simulate("normal", duration_s=10, fs=FS, leads=TWELVE_LEADS, seed=1)
    assert made.annotations is not None
    rpeaks, sound = made.annotations.samples[1:-1], assess(made.signal, FS)
    poor = replace(sound, noise=(*5 * [0.0], *7 * [0.95]))
    found = no_beats(made, rpeaks, poor)
    assert found is not None
    assert found.leads == (5, 6, 7, 8, 9, 10, 11)
    assert found.reason == (
        "no reliable heartbeat: hardly any of those found can be read in leads aVF, V1 to V6"
    )
    assert no_beats(made, rpeaks, replace(sound, noise=(*6 * [0.0], *6 * [0.95]))) is None
    assert no_beats(made, rpeaks, replace(sound, noise=(*5 * [0.0], *7 * [0.85]))) is None
    # Among few beats likeness is too often chance.
    assert no_beats(made, rpeaks[:7], poor) is None
