"""What classified beats add up to, and what a reader is warned of."""

import json
import re
from dataclasses import replace
from importlib.resources import files

import jsonschema
import numpy as np
import pytest

from einthoven.errors import RecordError
from einthoven.inference.annotated_beats import AnnotatedBeats
from einthoven.inference.beat_report import BeatReport, report
from einthoven.inference.heartbeats import Heartbeats
from einthoven.record import Record
from einthoven.signal.left_out import NO_SIGNAL, Stretch, find_left_out, joined_samples, lie_outside
from einthoven.signal.rpeaks import find_rpeaks
from einthoven.signal.simulated import simulate

SCHEMA = json.loads((files("einthoven.inference") / "beats.schema.json").read_text())


def record_of(beats, *, signal: np.ndarray | None = None) -> Record:
    """A lead of noise with a spike at each beat, unless another is given."""
    if signal is None:
        signal = 0.1 * np.random.default_rng(0).standard_normal((1, beats.n_samples))
        signal[:, beats.rpeaks] = 9.0
    return Record(signal.astype(np.float32), beats.fs, (beats.lead,))


def told(beats: Heartbeats, record: Record) -> Heartbeats:
    """Of these beats those that a model names: outside of the stretches in which none can be told."""
    left_out = find_left_out(record.signal[0], beats.fs, beats.rpeaks)
    kept = lie_outside(beats.rpeaks, joined_samples(left_out, beats.fs))
    return replace(
        beats,
        rpeaks=beats.rpeaks[kept],
        labels=tuple(np.array(beats.labels)[kept].tolist()),
        probs=beats.probs[kept],
        sure=beats.sure[kept],
        left_out=left_out,
        n_dropped=int((~kept).sum()),
    )


def checked(found: BeatReport) -> dict:
    """The JSON object, after a way through JSON, as the schema says."""
    item = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    jsonschema.validate(item, SCHEMA, cls=jsonschema.Draft202012Validator)
    return item


def annotated(rpeaks, classes, flutter=()) -> AnnotatedBeats:
    return AnnotatedBeats("ref", np.asarray(rpeaks), np.asarray(classes), tuple(flutter), ("said of them",))


def test_the_json_is_what_the_schema_says(heartbeats) -> None:
    beats = heartbeats("NNNVVVNNS", sure=[True] * 8 + [False], warnings=("noisy",), path="a/r.hea")
    item = checked(report(beats, record_of(beats)))
    assert list(item) == list(SCHEMA["properties"])
    assert (item["record"], item["path"], item["fs"], item["lead"]) == ("r", "a/r.hea", 100.0, "MLII")
    assert item["rpeaks"] == list(range(100, 1000, 100))
    assert "".join(item["labels"]) == "NNNVVVNNS"
    assert item["probs"] == [0.9] * 9
    assert item["counts"] == {"N": 5, "S": 1, "V": 3, "F": 0, "Q": 0}
    assert item["unsure"] == {"N": 0, "S": 1, "V": 0, "F": 0, "Q": 0}
    assert item["heart_rate"] == {"mean": 60.0, "lowest": 60.0, "highest": 60.0}
    assert (item["rr"]["n_nn"], item["rr"]["mean_nn_ms"], item["rr"]["sdnn_ms"]) == (3, 1000.0, 0.0)
    run = {"first": 3, "n_beats": 3, "start_s": 4.0, "end_s": 6.0, "rate_bpm": 60.0}
    assert item["runs"]["V"]["runs"] == [run]
    assert item["runs"]["S"]["isolated"] == 1
    assert (item["reference"], item["obstacle"], item["warnings"]) == (None, None, ["noisy"])


def test_the_probability_is_that_of_the_label_even_if_another_is_higher(heartbeats) -> None:
    beats = heartbeats("NV", prob=0.1)
    assert checked(report(beats, record_of(beats)))["probs"] == [0.1, 0.1]


def test_no_beat_is_an_obstacle_and_everything_is_null(heartbeats) -> None:
    beats = heartbeats("", n_samples=1000)
    item = checked(found := report(beats, record_of(beats)))
    assert found.obstacle == item["obstacle"] == "no heartbeat was found"
    assert (item["rpeaks"], item["labels"], item["counts"]["N"]) == ([], [], 0)
    assert set(item["heart_rate"].values()) == {None}
    assert item["warnings"] == []


@pytest.mark.parametrize(("labels", "words"), [("N", "only 1 heartbeat:"), ("NN", "only 2 heartbeats:")])
def test_too_few_beats_are_said(heartbeats, labels: str, words: str) -> None:
    beats = heartbeats(labels)
    item = checked(report(beats, record_of(beats)))
    assert item["warnings"][0].startswith(words)
    assert item["rr"]["sdnn_ms"] is None
    assert item["obstacle"] is None


def test_beats_that_should_not_be_believed_add_up_to_nothing(heartbeats) -> None:
    beats = heartbeats("NVNVNVNNNNNN", obstacle="lead MLII does not look like an ECG")
    item = checked(found := report(beats, record_of(beats)))
    assert item["obstacle"] == "lead MLII does not look like an ECG"
    assert item["runs"] is None
    assert (item["rr"]["n_nn"], item["heart_rate"]["mean"], found.pauses) == (0, None, ())
    assert item["counts"]["V"] == 3


def test_a_paced_rhythm_is_said(heartbeats) -> None:
    beats = heartbeats("QQQNN")
    assert any("paced" in line for line in report(beats, record_of(beats)).warnings)
    beats = heartbeats("QQNN")
    assert report(beats, record_of(beats)).warnings == ()
    truth = annotated(beats.rpeaks, [4, 4, 4, 0])
    assert any("paced" in line for line in report(beats, record_of(beats), truth).warnings)


@pytest.mark.parametrize(
    ("comment", "is_said"),
    [
        ("The rhythm is paced with a demand pacemaker.", True),
        ("Dx: 10370003,59931005", True),
        ("Atrial pacing at 70", True),
        ("There is a wandering atrial pacemaker", False),
        ("The pace of the rhythm", False),
    ],
)
def test_a_file_that_speaks_of_pacing_is_heard(heartbeats, comment: str, is_said: bool) -> None:
    beats = heartbeats("NNNN")
    said = report(beats, replace(record_of(beats), comments=("65 M", comment))).warnings
    assert bool(said) == is_said
    assert not is_said or said[0].startswith(f"the file speaks of pacing ({comment}): of a paced rhythm")


def test_many_doubtful_beats_are_said(heartbeats) -> None:
    beats = heartbeats("N" * 10, sure=[False] * 3 + [True] * 7)
    (line,) = report(beats, record_of(beats)).warnings
    assert line == "the model is not sure of 30 % of the beats"
    beats = heartbeats("N" * 10, sure=[False] * 2 + [True] * 8)
    assert report(beats, record_of(beats)).warnings == ()


@pytest.mark.parametrize("value", [np.nan, 0.0, 4.9])
def test_minutes_without_contact_are_told_and_belong_to_no_interval(heartbeats, value: float) -> None:
    rpeaks = [*range(100, 3000, 100), *range(15000, 18000, 100)]
    beats = heartbeats("N" * len(rpeaks), rpeaks=rpeaks)
    record = record_of(beats)
    signal = record.signal.copy()
    signal[:, 2950:14950] = value
    record = record_of(beats, signal=signal)
    item = checked(report(told(beats, record), record))
    assert item["left_out"] == [{"start_s": 29.5, "end_s": 149.5, "reason": "no signal"}]
    assert item["warnings"] == ["no signal for 2:00 min, from 0:29.5 to 2:29.5 min: nothing is counted there"]
    assert item["pauses"] == []
    assert item["rr"]["n_nn"] == len(rpeaks) - 2
    assert item["heart_rate"]["mean"] == 60.0
    assert item["rr"]["sdnn_ms"] == 0.0


def test_beats_found_where_there_is_no_signal_are_left_out_and_counted(heartbeats) -> None:
    beats = heartbeats("NNVSNN")
    record = record_of(beats)
    signal = record.signal.copy()
    signal[:, 280:450] = 1.0
    record = record_of(beats, signal=signal)
    found = report(told(beats, record), record)
    item = checked(found)
    assert "".join(item["labels"]) == "NNNN"
    assert item["rpeaks"] == [100, 200, 500, 600]
    assert item["counts"]["V"] == 0
    assert found.warnings[1] == "2 beats found lie where there is no ECG to be read, and were left out"
    # Nor do beats that were given count there.
    given = report(replace(beats, left_out=found.left_out, are_given=True), record)
    assert given.beats.rpeaks.tolist() == item["rpeaks"]
    assert given.left_out == found.left_out
    assert given.warnings[1:] == ("2 given beats lie where there is no signal, and were left out",)


@pytest.mark.parametrize("are_given", [True, False])
def test_annotated_beats_without_signal_are_in_no_count_run_or_comparison(
    heartbeats, are_given: bool
) -> None:
    silent = Stretch(3.5, 7.5, NO_SIGNAL)
    beats = replace(heartbeats("NNNVVVVNN"), left_out=(silent,))
    truth = annotated(beats.rpeaks, [0, 0, 0, 2, 2, 2, 2, 0, 0])
    # A model that finds R peaks itself has none there.
    kept = [0, 1, 2, 7, 8]
    own = heartbeats("NNNNN", beats.rpeaks[kept], left_out=(silent,))
    found = report(replace(beats, are_given=True) if are_given else own, record_of(beats), truth)
    item = checked(found)
    assert item["rpeaks"] == [100, 200, 300, 800, 900]
    assert (item["counts"]["V"], item["runs"]["V"]["runs"]) == (0, [])
    assert (item["rr"]["n_nn"], item["heart_rate"]["mean"]) == (3, 60.0)
    assert (item["reference"]["n_beats"], np.sum(item["reference"]["confusion"])) == (5, 5)
    assert item["reference"]["annotated_not_found"] <= 5
    assert "4 annotated beats lie where there is no signal, and were left out" in item["warnings"]
    noisy = replace(beats, are_given=True, left_out=(replace(silent, reason="noise"),))
    assert report(noisy, record_of(beats), truth).counts["V"] == 4


def test_annotations_that_lie_all_without_signal_add_up_to_nothing(heartbeats) -> None:
    beats = heartbeats("NNNN", are_given=True, left_out=(Stretch(0.0, 5.0, NO_SIGNAL),))
    item = checked(report(beats, record_of(beats), annotated(beats.rpeaks, [0] * 4)))
    assert (item["rpeaks"], item["reference"]["n_beats"], item["obstacle"]) == (
        [],
        0,
        "no heartbeat was found",
    )


@pytest.mark.parametrize(("n", "mean"), [(1, None), (2, None), (3, 60.0)])
def test_fewer_than_three_beats_have_no_rate(heartbeats, n: int, mean: float | None) -> None:
    beats = heartbeats("N" * n)
    assert checked(report(beats, record_of(beats)))["heart_rate"]["mean"] == mean


@pytest.mark.parametrize(
    ("n_samples", "more", "is_said"),
    [(499, {}, True), (500, {}, False), (499, {"obstacle": "flat line"}, False)],
)
def test_less_than_five_seconds_are_short_for_statistics(
    heartbeats, n_samples: int, more: dict, is_said: bool
) -> None:
    beats = heartbeats("NNN", n_samples=n_samples, **more)
    said = report(beats, record_of(beats)).warnings
    assert said == (("4.99 s is short: rate and statistics of 3 heartbeats say little",) if is_said else ())


@pytest.mark.parametrize(
    ("step", "are_given", "is_said"), [(3, True, True), (1, True, False), (3, False, False)]
)
def test_r_peaks_of_which_many_are_not_annotated_are_told(
    heartbeats, step: int, are_given: bool, is_said: bool
) -> None:
    record = simulate("normal", duration_s=60, leads=("II",), seed=4)
    rpeaks = find_rpeaks(record.signal, record.fs)
    some = rpeaks[::step]
    named = some if are_given else rpeaks
    options = {"fs": record.fs, "n_samples": record.n_samples, "lead": "II", "are_given": are_given}
    said = report(heartbeats("N" * len(named), named, **options), record, annotated(some, 0 * some)).warnings
    n = len(rpeaks) - len(some)
    line = (
        f"{n} of the {len(rpeaks)} R peaks found are not annotated: rate, pauses and runs are of the "
        "annotated beats only"
    )
    assert (line in said) == is_said


def test_minutes_of_noise_are_told_and_their_beats_left_out(heartbeats) -> None:
    made = simulate("normal", duration_s=300, leads=("II",), seed=3)
    signal = made.signal.copy()
    signal[:, 30000:60000] = 0.2 * np.random.default_rng(0).standard_normal(30000)
    rates = []
    for record in (made, replace(made, signal=signal)):
        rpeaks = find_rpeaks(record.signal, record.fs)
        options = {"fs": record.fs, "n_samples": record.n_samples, "lead": "II"}
        found = report(told(heartbeats("N" * len(rpeaks), rpeaks, **options), record), record)
        rates.append((found.rate.mean, found.variability.sdnn_ms))
    (stretch,) = found.left_out
    assert stretch.reason == "noise"
    assert (stretch.start_s, stretch.end_s) == pytest.approx((100, 200), abs=10)
    assert len(found.beats.labels) < len(rpeaks) - 100
    first, second = found.warnings
    assert re.fullmatch(
        r"noise \(or a rhythm without distinct beats\) for 1:\d\d.* min, from .* nothing is counted there",
        first,
    )
    assert second.startswith(f"{len(rpeaks) - len(found.beats.labels)} beats found lie where")
    assert rates[1] == pytest.approx(rates[0], rel=0.05)


def test_several_stretches_are_one_warning(heartbeats) -> None:
    beats = heartbeats("N" * 30)
    signal = record_of(beats).signal.copy()
    signal[:, 120:180] = signal[:, 420:490] = np.nan
    record = record_of(beats, signal=signal)
    (line,) = report(told(beats, record), record).warnings
    assert (
        line == "no signal for 1.3 s, in 2 stretches, the longest from 4.2 to 4.9 s: nothing is counted there"
    )


def test_a_short_gap_is_left_out_without_a_warning(heartbeats) -> None:
    beats = heartbeats("N" * 200)
    signal = record_of(beats).signal.copy()
    signal[:, 120:180] = np.nan
    record = record_of(beats, signal=signal)
    found = report(told(beats, record), record)
    assert (len(found.left_out), found.warnings, found.variability.n_nn) == (1, (), 198)


@pytest.mark.parametrize(
    ("reason", "words"),
    [("mains hum", "mains hum"), ("no ECG", "QRS"), ("noise", "noise"), ("over 20 mV", "more than 20 mV")],
)
def test_however_short_what_is_no_ecg_is_told(heartbeats, reason: str, words: str) -> None:
    beats = replace(heartbeats("N" * 2000), left_out=(Stretch(20.0, 26.0, reason),))
    (line,) = report(beats, record_of(beats)).warnings
    assert words in line and line.endswith(" for 6 s, from 20 to 26 s: nothing is counted there")


def test_pauses_are_told_and_in_no_statistic(heartbeats) -> None:
    beats = heartbeats("NNNNN", rpeaks=[100, 200, 600, 700, 1150])
    item = checked(report(beats, record_of(beats)))
    assert item["pauses"] == [{"start_s": 2.0, "duration_s": 4.0}, {"start_s": 7.0, "duration_s": 4.5}]
    assert item["heart_rate"]["mean"] == 60.0
    (line,) = item["warnings"]
    assert line.startswith(
        "2 R-R intervals of more than 3 s, up to 4.5 s: a pause, or beats that were missed"
    )


def test_annotated_flutter_belongs_to_no_interval(heartbeats) -> None:
    beats = replace(heartbeats("NNNN"), are_given=True)
    item = checked(
        report(beats, record_of(beats), annotated(beats.rpeaks, [0] * 4, [(150, 170), (160, 180)]))
    )
    reasons = {part["reason"] for part in item["left_out"]}
    assert reasons == {"annotated ventricular flutter"}
    assert item["rr"]["n_nn"] == 2
    said, flutter = item["warnings"]
    assert said == "said of them"
    # However short: somebody has seen it.
    assert flutter.startswith(
        "annotated ventricular flutter for 0.4 s, in 2 stretches, the longest from 1.5 to"
    )
    assert flutter.endswith("neither intervals nor comparisons count there")


@pytest.mark.parametrize(("are_given", "labels"), [(True, "NVSN"), (False, "NN")])
def test_in_annotated_flutter_beats_that_were_given_stay_and_those_found_do_not(
    heartbeats, are_given: bool, labels: str
) -> None:
    beats = replace(heartbeats("NVSN"), are_given=are_given, left_out=(Stretch(0.0, 0.5, NO_SIGNAL),))
    found = report(beats, record_of(beats), annotated(beats.rpeaks, [0, 2, 2, 0], [(150, 350)]))
    item = checked(found)
    assert "".join(item["labels"]) == labels
    assert [part["reason"] for part in item["left_out"]] == [NO_SIGNAL, "annotated ventricular flutter"]
    # Neither the annotated beats in flutter count in the comparison, nor the found ones.
    assert item["reference"]["n_beats"] == 2
    assert np.sum(item["reference"]["confusion"]) == 2
    lost = [line for line in item["warnings"] if "in annotated flutter" in line]
    assert lost == ([] if are_given else ["2 beats found lie in annotated flutter, and were left out"])


def test_the_comparison_is_part_of_the_json(heartbeats) -> None:
    beats = heartbeats("NVNS")
    item = checked(report(beats, record_of(beats), annotated(beats.rpeaks, [0, 2, 0, 0])))
    assert item["reference"]["annotations"] == "ref"
    assert item["reference"]["accuracy"] == 0.75
    assert item["reference"]["positive_predictivity"]["S"] == 0.0


@pytest.mark.parametrize(("lead", "sign", "is_said"), [("II", -1, True), ("II", 1, False), ("V1", -1, False)])
def test_complexes_that_point_down_are_told(heartbeats, lead: str, sign: int, is_said: bool) -> None:
    record = simulate("normal", duration_s=20, leads=("II",), seed=3)
    rpeaks = find_rpeaks(record.signal, record.fs)
    beats = heartbeats("N" * len(rpeaks), rpeaks=rpeaks, fs=record.fs, n_samples=record.n_samples, lead=lead)
    turned = Record(sign * record.signal, record.fs, (lead,))
    for ignores, then in ((True, "; the classes do not depend on it"), (False, "are not to be believed")):
        said = report(replace(beats, ignores_polarity=ignores), turned).warnings
        assert (
            any("point down in lead II: an axis" in line and line.endswith(then) for line in said) == is_said
        )


def test_of_classes_that_are_not_believed_the_rate_remains(heartbeats) -> None:
    beats = heartbeats("NVVVNNNNNNNN", obstacle="pacing spikes: 90 %", are_beats=True)
    item = checked(found := report(beats, record_of(beats)))
    assert item["obstacle"] == "pacing spikes: 90 %"
    assert item["heart_rate"] == {"mean": 60.0, "lowest": 60.0, "highest": 60.0}
    assert (item["rr"]["n_nn"], item["rr"]["sdnn_ms"], item["runs"]) == (0, None, None)
    assert found.intervals.is_joined.all()
    paused = heartbeats("NNN", [100, 200, 700], obstacle="pacing spikes: 90 %", are_beats=True)
    assert report(paused, record_of(paused)).pauses == ((2.0, 5.0),)


def test_annotations_that_do_not_reach_everywhere_are_told(heartbeats) -> None:
    record = simulate("normal", duration_s=120, leads=("II",), seed=4)
    rpeaks = find_rpeaks(record.signal, record.fs)
    given = rpeaks[40:60]
    options = {"fs": record.fs, "n_samples": record.n_samples, "lead": "II", "are_given": True}
    beats = heartbeats("N" * 20, given, **options)
    item = checked(report(beats, record, annotated(given, [0] * 20)))
    begin, end = item["warnings"][-2:]
    assert re.fullmatch(
        r"annotations begin only at 0:\d\d\.?\d? of 2:00 min; 40 R peaks found before .*", begin
    )
    n = len(rpeaks) - 60
    assert re.fullmatch(rf"annotations end at \d:\d\d\.?\d? of 2:00 min; {n} R peaks found after .*", end)
    assert item["reference"]["n_found"] == len(rpeaks)
    assert (item["reference"]["found_not_annotated"], item["reference"]["annotated_not_found"]) == (n + 40, 0)
    whole = report(heartbeats("N" * len(rpeaks), rpeaks, **options), record, annotated(rpeaks, 0 * rpeaks))
    assert not any("annotations" in line for line in whole.warnings)


def test_r_peaks_found_without_signal_are_not_counted_beside_annotations(heartbeats) -> None:
    record = simulate("normal", duration_s=60, leads=("II",), seed=4)
    rpeaks = find_rpeaks(record.signal, record.fs)
    options = {"fs": record.fs, "n_samples": record.n_samples, "lead": "II", "are_given": True}
    silent = (Stretch(0.0, 30.0, NO_SIGNAL),)
    beats = heartbeats("N" * len(rpeaks), rpeaks, left_out=silent, **options)
    found = report(beats, record, annotated(rpeaks, 0 * rpeaks))
    assert found.comparison is not None
    assert found.comparison.peaks.n_found == (rpeaks >= 30 * record.fs).sum()


@pytest.mark.parametrize(
    ("height", "n_dropped", "is_said"),
    [(0.002, 9, True), (0.0, 9, False), (0.002, 0, False), (1.0, 9, False)],
)
def test_a_lead_a_thousand_times_too_low_is_told_by_its_amplitude(
    heartbeats, height: float, n_dropped: int, is_said: bool
) -> None:
    silent = (Stretch(0.0, 9.0, NO_SIGNAL),)
    beats = heartbeats("", n_samples=1000, left_out=silent, n_dropped=n_dropped)
    signal = height * (np.arange(1000) % 100 == 50)[None]
    said = [line for line in report(beats, record_of(beats, signal=signal)).warnings if "unit" in line]
    assert bool(said) == is_said
    assert not is_said or said[0].startswith("amplitude of 0.002 mV in lead MLII: check the unit")


def test_a_lead_whose_samples_are_missing_has_no_amplitude(heartbeats) -> None:
    beats = heartbeats("", n_samples=1000, left_out=(Stretch(0.0, 9.0, NO_SIGNAL),), n_dropped=9)
    said = report(beats, record_of(beats, signal=np.full((1, 1000), np.nan))).warnings
    assert not any("unit" in line for line in said)


def test_an_irregular_and_a_fast_rhythm_are_told(heartbeats) -> None:
    rpeaks = np.cumsum([100, *[60, 90] * 20])
    beats = heartbeats("N" * 41, rpeaks)
    assert any(line.startswith("irregular rhythm") for line in report(beats, record_of(beats)).warnings)
    beats = heartbeats("S" * 41, 25 * np.arange(1, 42))
    assert any("10 s faster than 180" in line for line in report(beats, record_of(beats)).warnings)


def test_a_long_comment_ends_at_a_word(heartbeats) -> None:
    beats = heartbeats("NNNN")
    comment = "The rhythm is paced with a demand pacemaker.  The PVCs are multiform, and rather many."
    said = report(beats, replace(record_of(beats), comments=(comment,))).warnings
    assert said[0].startswith(
        "the file speaks of pacing (The rhythm is paced with a demand pacemaker. The PVCs ...): of"
    )


def test_a_record_without_the_lead_is_refused(heartbeats) -> None:
    with pytest.raises(RecordError, match="expected lead MLII, found V1"):
        report(heartbeats("NN"), Record(np.zeros((1, 300), np.float32), 100.0, ("V1",)))
