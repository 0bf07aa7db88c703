"""What speaks against an answer is found before the network is asked."""

from dataclasses import replace

import numpy as np
import pytest

from einthoven.bundle import InputSpec
from einthoven.errors import RecordError
from einthoven.inference.preparation import Prepared, prepare
from einthoven.pipeline import FillMissing, FixLength, Pipeline, TakeRate, Upright
from einthoven.record import TWELVE_LEADS, Record
from einthoven.signal.rpeaks import find_rpeaks
from einthoven.signal.simulated import simulate

SPEC = InputSpec(fs=100.0, leads=("I",), min_duration_s=5.0, max_duration_s=60.0)
PIPELINE = Pipeline((FillMissing(),))


def beats(
    seconds: float = 20.0, fs: float = 200.0, leads: tuple[str, ...] = ("I",), bpm: float = 72
) -> Record:
    """A row of narrow peaks of 1 mV over a slow wave; lead k is k + 1 times as high."""
    t = np.arange(round(seconds * fs)) / fs
    phase = (t * bpm / 60) % 1 - 0.5
    lead = np.exp(-((phase * 60 / bpm / 0.015) ** 2)) + 0.1 * np.sin(2 * np.pi * t)
    signal = np.stack([(k + 1) * lead for k in range(len(leads))]).astype(np.float32)
    return Record(signal, fs, leads, name="beats", path="some/beats.hea")


def prepared(record: Record, spec: InputSpec = SPEC) -> Prepared:
    return prepare(record, spec, PIPELINE)


def test_a_good_recording_has_nothing_against_it() -> None:
    result = prepared(beats())
    assert result.obstacle is None
    assert result.warnings == ()
    assert result.leads == ("I",)
    assert (result.record, result.path) == ("beats", "some/beats.hea")
    assert result.quality["score"] > 0.9
    np.testing.assert_array_equal(result.signal, beats().signal)


def test_lead_one_is_taken_wherever_it_is() -> None:
    record = beats(leads=("II", "I", "V1"))
    result = prepared(record)
    assert result.leads == ("I",)
    np.testing.assert_array_equal(result.signal, record.signal[1:2])
    assert result.warnings == ("of 3 leads only lead I was looked at",)


def test_without_lead_one_the_first_is_taken_and_said() -> None:
    record = beats(leads=("MLII", "V1"))
    result = prepared(record)
    assert result.leads == ("MLII",)
    np.testing.assert_array_equal(result.signal, record.signal[:1])
    assert result.warnings == ("lead I is not there: of 2 leads only the first, MLII, was looked at",)


def test_a_single_lead_is_taken_and_said_if_it_is_another() -> None:
    assert prepared(beats(leads=("V5",))).warnings == ("lead V5 was looked at in place of lead I",)
    assert prepared(beats(leads=("ECG",))).warnings == ()


def test_two_leads_of_one_name_are_no_obstacle() -> None:
    assert prepared(beats(leads=("V1", "V1"))).leads == ("V1",)


def test_a_model_of_several_leads_needs_each() -> None:
    spec = replace(SPEC, leads=("II", "V1"))
    record = beats(leads=("V1", "I", "II"))
    result = prepared(record, spec)
    assert result.leads == ("II", "V1")
    np.testing.assert_array_equal(result.signal, record.signal[[2, 0]])
    with pytest.raises(RecordError, match="expected lead II, found V1, I"):
        prepared(record.select(["V1", "I"]), spec)


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (beats(1.0), "some/beats.hea: expected at least 5 s of signal, found 1 s"),
        (beats(61.0), "some/beats.hea: 61 s of signal, but this model was made for windows of up to 60 s"),
        (beats(20.0, fs=40.0), "some/beats.hea: expected at least 50 Hz, found 40 Hz"),
    ],
)
def test_what_the_model_was_not_made_for_is_refused(record: Record, message: str) -> None:
    with pytest.raises(RecordError) as caught:
        prepared(record)
    assert str(caught.value) == message


def test_200_hours_are_refused_before_anything_is_computed() -> None:
    record = Record(np.zeros((1, 1000), np.float32), 1000 / 720_000, ("I",))
    with pytest.raises(RecordError):
        prepared(record)
    long = Record(np.broadcast_to(np.float32(0), (1, 720_000 * 50)), 50.0, ("I",), name="holter")

    def never(*_: object) -> None:
        raise AssertionError("the signal was processed")

    with pytest.raises(RecordError, match="holter: 200 h of signal"):
        prepare(long, SPEC, never)  # type: ignore[arg-type]


def test_a_flat_lead_is_answered_but_not_believed() -> None:
    record = beats()
    result = prepared(replace(record, signal=np.full_like(record.signal, 0.3)))
    assert result.obstacle == "flat line: lead I does not move"


def test_a_lead_flat_most_of_the_time_is_not_believed() -> None:
    signal = beats().signal.copy()
    signal[:, :2600] = 0
    assert prepared(replace(beats(), signal=signal)).obstacle == (
        "flat line: lead I does not move for 65% of the time"
    )
    signal = beats().signal.copy()
    signal[:, :800] = 0
    assert prepared(replace(beats(), signal=signal)).obstacle == (
        "flat line: lead I does not move for 20% of the time"
    )
    signal = beats().signal.copy()
    signal[:, :600] = 0
    result = prepared(replace(beats(), signal=signal))
    assert result.obstacle is None
    assert "flat for 15 % of the time" in " ".join(result.warnings)


def test_a_gap_that_may_hide_a_beat_is_not_believed() -> None:
    for value in (0.0, np.nan):
        signal = beats().signal.copy()
        signal[:, 2000:2050] = value
        assert prepared(replace(beats(), signal=signal)).obstacle is None
        signal[:, 2000:2100] = value
        assert prepared(replace(beats(), signal=signal)).obstacle == (
            "gaps: for 2% of the time lead I shows nothing, which may hide beats"
        )


def test_a_signal_in_the_wrong_unit_is_not_believed() -> None:
    obstacle = prepared(replace(beats(), signal=beats().signal * 1000)).obstacle
    assert obstacle is not None
    assert obstacle.endswith("mV in lead I: check the unit")


def test_a_signal_that_is_mostly_hum_is_not_believed() -> None:
    hum = 3 * np.sin(2 * np.pi * 50 * np.arange(4000) / 200 + 0.3).astype(np.float32)
    assert prepared(beats()).obstacle is None
    obstacle = prepared(replace(beats(fs=200.0), signal=beats().signal * 0.1 + hum)).obstacle
    assert obstacle is not None
    assert obstacle.startswith("mains noise: ")


def test_a_stuck_amplifier_is_not_believed() -> None:
    signal = np.where(np.arange(4000) % 200 < 150, 5.0, beats().signal).astype(np.float32)
    obstacle = prepared(replace(beats(), signal=signal)).obstacle
    assert obstacle is not None
    assert obstacle.startswith("saturated: lead I is at its limit for 7")


def test_missing_samples_are_filled_and_said_and_too_many_not_believed() -> None:
    signal = beats().signal.copy()
    signal[:, :400] = np.nan
    result = prepared(replace(beats(), signal=signal))
    assert result.obstacle is None
    assert np.isfinite(result.signal).all()
    assert "lead I: 10 % of the samples are missing" in result.warnings
    signal[:, :640] = np.nan
    assert (
        prepared(replace(beats(), signal=signal)).obstacle == "missing samples: 16% of lead I are not there"
    )


def test_a_lead_without_any_sample_is_not_believed() -> None:
    result = prepared(replace(beats(), signal=np.full((1, 4000), np.nan, np.float32)))
    assert result.obstacle == "missing samples: 100% of lead I are not there"
    assert np.isfinite(result.signal).all()


def test_an_impossible_amplitude_is_said() -> None:
    result = prepared(replace(beats(), signal=beats().signal * 1000))
    assert result.obstacle is not None
    assert "check the unit" in result.obstacle
    assert not any("check the unit" in line for line in result.warnings)


def test_a_recording_far_longer_than_those_learnt_from_is_said() -> None:
    spec = replace(SPEC, max_duration_s=3600.0)
    rest = "one answer for all of it; a rhythm that comes and goes may be missed"
    long = beats(1800.0, fs=100.0)
    assert prepare(long, spec, PIPELINE, (9.0, 61.0)).warnings == (
        f"30 min is far longer than the recordings this model learnt from (up to 61 s): {rest}",
    )
    assert prepare(long, spec, PIPELINE).warnings == (
        f"30 min is far longer than the recordings this model learnt from: {rest}",
    )
    assert (
        prepare(beats(301.0, fs=100.0), spec, PIPELINE, (9.0, 61.0))
        .warnings[0]
        .startswith("5.02 min is far longer")
    )
    assert prepare(beats(299.0, fs=100.0), spec, PIPELINE, (9.0, 61.0)).warnings == ()
    assert prepare(long, spec, PIPELINE, (9.0, 1000.0)).warnings == ()


def test_a_recording_shorter_than_those_learnt_from_is_said() -> None:
    assert prepare(beats(8.0), SPEC, PIPELINE, (9.0, 61.0)).warnings == (
        "8 s is shorter than any recording this model learnt from (from 9 s): "
        "how good its answers are there was not measured",
    )
    assert prepare(beats(9.0), SPEC, PIPELINE, (9.0, 61.0)).warnings == ()
    assert prepare(beats(8.0), SPEC, PIPELINE).warnings == ()


def test_an_impossible_heart_rate_asks_for_the_sampling_rate() -> None:
    slow = replace(beats(4.8), fs=50.0)
    assert any("18 heartbeats a minute were found: check the sampling rate (50 Hz)" in w
               for w in prepared(slow).warnings)  # fmt: skip


def test_the_heart_rate_is_that_of_the_lead_looked_at() -> None:
    assert prepared(beats(bpm=72)).heart_rate == pytest.approx(72, abs=0.5)
    fast, slow = beats(bpm=150), beats(bpm=50)
    both = Record(np.concatenate([fast.signal, slow.signal]), 200.0, ("II", "I"))
    assert prepared(both).heart_rate == pytest.approx(50, abs=0.5)
    assert prepared(replace(both, leads=("I", "II"))).heart_rate == pytest.approx(150, abs=1)


def test_without_beats_or_with_an_obstacle_there_is_no_heart_rate() -> None:
    flat = prepared(replace(beats(), signal=np.full_like(beats().signal, 0.3)))
    assert flat.obstacle is not None
    assert flat.heart_rate is None
    signal = beats().signal.copy()
    signal[:, :1000] = np.nan
    missing = prepared(replace(beats(), signal=signal))
    assert missing.obstacle is not None
    assert missing.heart_rate is None
    pause = prepared(beats(6.0, bpm=15))
    assert pause.obstacle is None
    assert pause.heart_rate is None
    assert "hardly any heartbeat was found: check the sampling rate and the lead" in pause.warnings


@pytest.mark.parametrize("height_mv", [0.005, 0.3])
def test_noise_has_no_heart_rate(height_mv: float) -> None:
    noise = height_mv * np.random.default_rng(0).standard_normal((1, 6000)).astype(np.float32)
    result = prepared(Record(noise, 200.0, ("I",)))
    assert result.obstacle is None
    assert result.heart_rate is None
    assert any(line.startswith("no reliable heartbeat") for line in result.warnings)


def test_what_is_no_ecg_is_neither_believed_nor_given_a_rate() -> None:
    t = np.arange(6000) / 200
    sine = Record(np.sin(2 * np.pi * 1.2 * t)[None], 200.0, ("I",))
    result = prepared(sine)
    assert result.obstacle == "lead I does not look like an ECG: no sharp complexes"
    assert result.heart_rate is None
    assert not any("does not look like" in line for line in result.warnings)


@pytest.mark.parametrize(("n_flat", "fact"), [(1000, "flat line"), (2600, "flat line"), (4000, "flat line")])
def test_a_flat_line_is_said_once(n_flat: int, fact: str) -> None:
    signal = beats().signal.copy()
    signal[:, :n_flat] = 0
    result = prepared(replace(beats(), signal=signal))
    assert result.obstacle is not None
    assert result.obstacle.startswith(fact)
    assert not any("flat" in line or "amplitude" in line for line in result.warnings)


def test_a_numbered_lead_is_called_lead_once() -> None:
    signal = np.concatenate([np.zeros((1, 4000), np.float32), beats().signal])
    result = prepared(Record(signal, 200.0, ("lead 1", "lead 2")))
    assert result.obstacle == "flat line: lead 1 does not move"
    assert not any("lead lead" in line for line in result.warnings)
    alone = prepared(Record(beats().signal, 200.0, ("lead 7",)))
    assert "lead 7 was looked at in place of lead I" in alone.warnings


def test_of_two_leads_what_the_obstacle_does_not_say_is_said() -> None:
    signal = np.concatenate([beats().signal * 1000, beats().signal * 1000])
    result = prepared(Record(signal, 200.0, ("I", "II")), replace(SPEC, leads=("I", "II")))
    assert result.obstacle is not None
    assert "in leads I, II: check the unit" in result.obstacle
    assert not any("amplitude" in line for line in result.warnings)
    signal[1] = np.where(np.arange(4000) < 600, 0.0, signal[1] / 1000)
    result = prepared(Record(signal, 200.0, ("I", "II")), replace(SPEC, leads=("I", "II")))
    assert result.obstacle is not None and "in lead I:" in result.obstacle
    assert result.warnings == ("lead II: flat for 15 % of the time",)


def test_one_lead_that_is_no_ecg_among_others_is_said_and_no_obstacle() -> None:
    t = np.arange(4000) / 200
    both = np.concatenate([beats().signal, np.sin(2 * np.pi * 1.2 * t)[None].astype(np.float32)])
    result = prepared(Record(both, 200.0, ("I", "II")), replace(SPEC, leads=("I", "II")))
    assert result.obstacle is None
    assert "lead II: does not look like an ECG: no sharp complexes" in result.warnings


def test_scattered_missing_samples_are_no_noise() -> None:
    signal = beats().signal.copy()
    signal[:, ::10] = np.nan
    result = prepared(replace(beats(), signal=signal))
    assert result.obstacle is None
    assert result.quality["noise"][0] < 0.05
    assert result.quality["score"] > 0.8


def test_a_lead_of_the_heart_goes_before_the_first() -> None:
    record = beats(leads=("RESP", "II", "V1"))
    result = prepared(record)
    assert result.leads == ("II",)
    assert result.warnings == ("lead I is not there: of 3 leads only II was looked at",)


def test_beats_are_looked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def find(signal: np.ndarray, fs: float, *, warn: bool) -> np.ndarray:
        calls.append(signal.shape)
        return find_rpeaks(signal, fs, warn=warn)

    monkeypatch.setattr("einthoven.inference.usable_leads.find_rpeaks", find)
    monkeypatch.setattr("einthoven.signal.quality.find_rpeaks", find)
    prepared(beats(leads=("II", "I", "V1")))
    assert calls == [(1, 4000)]


def test_noise_is_said_and_no_obstacle() -> None:
    noise = 0.3 * np.random.default_rng(0).standard_normal((1, 4000)).astype(np.float32)
    result = prepared(replace(beats(), signal=beats().signal + noise))
    assert result.obstacle is None
    assert result.quality["score"] < 0.7
    assert result.quality["noise"][0] > 0.3
    assert any(line.startswith("lead I: noisy: ") for line in result.warnings)


def test_what_the_reader_noticed_comes_first() -> None:
    record = replace(beats(leads=("I", "II")), warnings=("the header states no gain",))
    assert prepared(record).warnings[0] == "the header states no gain"


def test_the_record_is_not_changed() -> None:
    signal = beats().signal.copy()
    signal[:, 100:200] = np.nan
    record = replace(beats(), signal=signal.copy())
    assert np.isfinite(prepared(record).signal).all()
    np.testing.assert_array_equal(record.signal, signal)


TWELVE = replace(SPEC, leads=TWELVE_LEADS)
MAY_LACK = replace(TWELVE, may_lack_leads=True)
HEART = simulate(leads=TWELVE_LEADS, duration_s=10.0, seed=1)


def with_rows(rows: dict[str, float]) -> Record:
    """The simulated heart with some leads constant."""
    signal = HEART.signal.copy()
    for name, value in rows.items():
        signal[HEART.leads.index(name)] = value
    return replace(HEART, signal=signal)


def test_twelve_good_leads_have_nothing_against_them() -> None:
    for spec in (TWELVE, MAY_LACK):
        result = prepared(HEART, spec)
        assert (result.obstacle, result.warnings, result.leads) == (None, (), TWELVE_LEADS)
        assert result.heart_rate == pytest.approx(70, abs=5)
        np.testing.assert_array_equal(result.signal, HEART.signal)


def test_computed_leads_are_used_and_said() -> None:
    own = [name for name in TWELVE_LEADS if name not in ("III", "aVR", "aVL", "aVF")]
    for spec in (TWELVE, MAY_LACK):
        result = prepared(HEART.select(own), spec)
        assert result.obstacle is None and result.leads == TWELVE_LEADS
        assert result.warnings == ("leads III, aVR, aVL, aVF are computed from I and II",)
        np.testing.assert_allclose(result.signal, HEART.signal, atol=1e-6)


def test_lacking_leads_are_zeros_and_not_judged() -> None:
    result = prepared(HEART.select(["I", "II", "V2"]), MAY_LACK)
    assert result.obstacle is None
    assert result.leads == ("I", "II", "III", "aVR", "aVL", "aVF", "V2")
    assert {len(values) for name, values in result.quality.items() if name != "score"} == {7}
    assert result.quality["score"] > 0.9
    assert result.warnings == (
        "leads III, aVR, aVL, aVF are computed from I and II",
        "leads V1, V3, V4, V5, V6 are not there: zeros are in place",
    )
    assert result.signal.shape == (12, HEART.n_samples)
    assert not result.signal[[6, 8, 9, 10, 11]].any()
    with pytest.raises(RecordError, match="expected lead V1, V3, V4, V5, V6, found I, II, V2"):
        prepared(HEART.select(["I", "II", "V2"]), TWELVE)


def test_an_unusable_lead_of_several_becomes_zeros() -> None:
    record = with_rows({"V3": 0.7, "V5": np.nan})
    result = prepared(record, MAY_LACK)
    assert result.obstacle is None
    assert result.leads == tuple(name for name in TWELVE_LEADS if name not in ("V3", "V5"))
    assert result.warnings == (
        "flat line: lead V3 does not move: zeros are in place of this lead",
        "missing samples: 100% of lead V5 are not there: zeros are in place of this lead",
    )
    assert not result.signal[[8, 10]].any() and result.signal[[7, 9]].any()
    assert result.heart_rate == pytest.approx(70, abs=5)
    assert prepared(record, TWELVE).obstacle == "flat line: lead V3 does not move"


def faint(leads: tuple[str, ...], mv: float = 0.01) -> Record:
    """The simulated heart with white noise in place of some leads."""
    rng = np.random.default_rng(0)
    signal = HEART.signal.copy()
    for name in leads:
        signal[HEART.leads.index(name)] = mv * rng.standard_normal(HEART.n_samples)
    return replace(HEART, signal=signal)


def test_leads_of_faint_noise_become_zeros_and_many_are_an_obstacle() -> None:
    result = prepared(faint(TWELVE_LEADS[9:]), MAY_LACK)
    what = "no heartbeats: leads V4 to V6 show none of those that other leads show"
    assert (result.obstacle, result.leads) == (None, TWELVE_LEADS[:9])
    assert result.warnings == (f"{what}: zeros are in place of these leads",)
    assert not result.signal[9:].any() and result.signal[:9].any()
    assert result.heart_rate == prepared(HEART, MAY_LACK).heart_rate
    assert result.quality["score"] > 0.9
    many = prepared(faint(TWELVE_LEADS[6:]), MAY_LACK)
    assert many.obstacle == what.replace("V4", "V1")
    assert (many.warnings, many.heart_rate) == ((), None)
    # Of a model that needs each lead one is enough.
    assert prepared(faint(("V2",)), TWELVE).obstacle == (
        "no heartbeats: lead V2 shows none of those that other leads show"
    )


def test_fewer_than_two_usable_leads_are_an_obstacle() -> None:
    alone = prepared(HEART.select(["V2"]), MAY_LACK)
    assert alone.obstacle == "fewer than 2 usable leads: only lead V2 is there"
    flat = prepared(with_rows(dict.fromkeys(TWELVE_LEADS[1:], 0.0)), MAY_LACK)
    assert flat.obstacle == (
        "fewer than 2 usable leads: flat line: leads II, III, aVR, aVL, aVF, V1 to V6 do not move"
    )
    assert flat.warnings == ()
    assert flat.leads == TWELVE_LEADS and flat.heart_rate is None
    two = prepared(with_rows(dict.fromkeys(TWELVE_LEADS[2:], 0.0)), MAY_LACK)
    assert two.obstacle is None and two.leads == ("I", "II")


def test_leads_that_are_all_no_ecg_are_an_obstacle_where_some_may_lack() -> None:
    sine = np.sin(2 * np.pi * 1.2 * np.arange(3000) / 300)
    result = prepared(Record(np.stack([sine, 2 * sine]), 300.0, ("V1", "V2")), MAY_LACK)
    assert result.obstacle == "leads V1, V2 do not look like an ECG: no sharp complexes"
    assert not any("look like" in line for line in result.warnings)


def test_a_model_of_one_lead_lacks_none() -> None:
    spec = replace(SPEC, may_lack_leads=True)
    result = prepared(beats(leads=("MLII", "V1")), spec)
    assert result.leads == ("MLII",)
    assert result.obstacle is None
    assert result.warnings == ("lead I is not there: of 2 leads only the first, MLII, was looked at",)


def test_contradicting_and_exchanged_leads_are_said() -> None:
    signal = HEART.signal.copy()
    signal[3] *= -1
    (line,) = prepared(replace(HEART, signal=signal), TWELVE).warnings
    assert line.startswith("the limb leads contradict each other: aVR ")
    i, iii = HEART.signal[0], HEART.signal[2]
    arms = replace(HEART, signal=np.stack([-i, iii, *HEART.signal[6:]]), leads=("I", "II", *TWELVE_LEADS[6:]))
    result = prepared(arms, TWELVE)
    assert result.warnings[-1].startswith("the electrodes of the right arm and the left arm seem")


def test_an_inverted_recording_is_turned_over_by_a_pipeline_that_does_so() -> None:
    inverted = replace(HEART, signal=-HEART.signal)
    turning = Pipeline((FillMissing(), Upright(TWELVE_LEADS)))
    result = prepare(inverted, TWELVE, turning)
    np.testing.assert_array_equal(result.signal, HEART.signal)
    assert (
        [line for line in result.warnings if "so it was turned over" in line] == list(result.warnings) != []
    )
    obstacle = prepared(inverted, TWELVE).obstacle
    assert obstacle is not None and obstacle.endswith("and this model does not turn it over")
    assert result.obstacle is None
    assert prepare(HEART, TWELVE, turning).warnings == ()


def test_nothing_is_said_of_the_leads_of_a_spoilt_recording() -> None:
    inverted = replace(HEART, signal=-1000 * HEART.signal)
    assert not any("upside down" in line for line in prepared(inverted, TWELVE).warnings)


def noise(kind: str, mv: float, seconds: float, seed: int = 0) -> Record:
    """Nothing but noise on twelve leads."""
    signal = np.random.default_rng(seed).standard_normal((12, round(250 * seconds)))
    if kind == "brown":
        signal = np.cumsum(signal, axis=1)
    signal -= signal.mean(axis=1, keepdims=True)
    signal *= mv / signal.std(axis=1, keepdims=True)
    return Record(signal.astype(np.float32), 250.0, TWELVE_LEADS)


@pytest.mark.parametrize("kind", ["white", "brown"])
@pytest.mark.parametrize("mv", [0.02, 0.1, 1.0])
@pytest.mark.parametrize("seconds", [5.0, 10.0, 30.0])
def test_noise_on_several_leads_is_not_believed(kind: str, mv: float, seconds: float) -> None:
    for spec in (TWELVE, MAY_LACK):
        result = prepared(noise(kind, mv, seconds), spec)
        assert result.obstacle is not None
        assert result.heart_rate is None
        assert not any(line.startswith("no reliable heartbeat") for line in result.warnings)
    assert not (prepared(noise(kind, mv, seconds)).obstacle or "").startswith("no reliable heartbeat")


def test_a_little_noise_on_every_lead_is_no_obstacle() -> None:
    signal = noise("white", 0.1, 10.0).signal.copy()
    heart = simulate(leads=TWELVE_LEADS, duration_s=10.0, fs=250.0, seed=1)
    assert prepared(replace(heart, signal=signal), TWELVE).obstacle is not None
    assert prepared(replace(heart, signal=heart.signal + 0.02 * signal), TWELVE).obstacle is None


def test_very_low_leads_ask_for_unit_and_gain() -> None:
    highest = max(prepared(HEART, TWELVE).quality["amplitude_mv"])
    low = replace(HEART, signal=HEART.signal * np.float32(0.2 / highest))
    said = "every lead is very low (largest 0.2 mV): if that is not so, unit or gain are wrong"
    assert said in prepared(low, MAY_LACK).warnings
    enough = replace(HEART, signal=HEART.signal * np.float32(0.42 / highest))
    assert not any("very low" in line for line in prepared(enough, MAY_LACK).warnings)
    # One lead is scaled to its own height, and may be the lowest.
    assert not any("very low" in line for line in prepared(low).warnings)


def test_samples_taken_as_they_come_are_refused_at_another_rate() -> None:
    pipeline = Pipeline((FillMissing(), TakeRate(500.0)))
    with pytest.raises(RecordError, match="expected 500 Hz, found 200 Hz: this model takes samples as they"):
        prepare(beats(fs=200.0), SPEC, pipeline)
    assert prepare(beats(fs=500.0), SPEC, pipeline).obstacle is None


def test_what_is_cut_off_is_no_answer_for_all_of_it() -> None:
    pipeline = Pipeline((FillMissing(), FixLength(2000)))
    result = prepare(beats(1800.0, fs=100.0), replace(SPEC, max_duration_s=3600.0), pipeline, (9.0, 61.0))
    assert result.warnings == ("only the first 20 s of 30 min are looked at",)
    short = prepare(beats(8.0, fs=100.0), SPEC, pipeline, (9.0, 61.0))
    assert [line[:16] for line in short.warnings] == ["8 s is shorter t"]
