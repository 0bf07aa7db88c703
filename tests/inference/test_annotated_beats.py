"""Annotated beats beside a recording, and how a model compares with them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from einthoven.errors import FormatError
from einthoven.formats import read_record, write_wfdb
from einthoven.formats.annotations import write_annotations
from einthoven.inference.annotated_beats import AnnotatedBeats, compare, read_annotated_beats
from einthoven.record import Annotation, Record
from einthoven.signal.rpeaks import find_rpeaks
from einthoven.signal.simulated import simulate


@pytest.fixture
def record(tmp_path: Path) -> Record:
    """A simulated recording, read from a file."""
    made = simulate("normal", duration_s=30, leads=("II",), seed=4)
    return read_record(write_wfdb(made, tmp_path, name="one"))


def annotate(record: Record, samples: np.ndarray, symbols: str) -> None:
    path = Path(record.path).with_suffix(".ref")
    write_annotations(Annotation(samples.astype(np.int64), tuple(symbols)), record.fs, path)


def test_beats_have_their_aami_class_and_other_marks_are_left_out(record: Record) -> None:
    rpeaks = find_rpeaks(record.signal, record.fs)[:5]
    annotate(record, np.insert(rpeaks, 2, rpeaks[1] + 9), "NL+Af/")
    found = read_annotated_beats(record, "ref")
    np.testing.assert_array_equal(found.rpeaks, rpeaks)
    assert found.classes.tolist() == [0, 0, 1, 4, 4]
    assert (found.extension, found.flutter, found.warnings) == ("ref", (), ())


def test_beats_on_one_sample_are_one_and_that_is_said(record: Record) -> None:
    rpeaks = find_rpeaks(record.signal, record.fs)
    annotate(record, np.sort(np.append(rpeaks, rpeaks[3])), "N" * 3 + "VN" + "N" * (len(rpeaks) - 4))
    found = read_annotated_beats(record, "ref")
    np.testing.assert_array_equal(found.rpeaks, rpeaks)
    assert found.classes[3] == 2
    assert found.warnings == ("1 annotated beat stands on the sample of another one and was left out",)


def test_flutter_is_told(record: Record) -> None:
    rpeaks = find_rpeaks(record.signal, record.fs)
    marks = np.sort(np.append(rpeaks, [rpeaks[2] + 5, rpeaks[3] - 5]))
    annotate(record, marks, "NNN[]" + "N" * (len(rpeaks) - 3))
    assert read_annotated_beats(record, "ref").flutter == ((rpeaks[2] + 5, rpeaks[3] - 5),)


def test_annotations_without_beats_are_refused(record: Record) -> None:
    annotate(record, np.array([5, 90]), "+~")
    with pytest.raises(
        FormatError, match="annotations ref: expected annotated beats, found none among 2 marks"
    ):
        read_annotated_beats(record, "ref")


def test_the_annotations_of_another_recording_are_refused(record: Record) -> None:
    other = simulate("normal", duration_s=30, leads=("II",), seed=5, heart_rate=101)
    annotate(record, found := find_rpeaks(other.signal, other.fs), "N" * len(found))
    with pytest.raises(FormatError, match=r"expected annotated beats at the R peaks, found \d+ % of them"):
        read_annotated_beats(record, "ref")


@pytest.mark.parametrize(("shift_s", "words"), [(0.2, "about 200 ms late"), (-0.1, "about 100 ms early")])
def test_a_constant_shift_is_named(record: Record, shift_s: float, words: str) -> None:
    rpeaks = find_rpeaks(record.signal, record.fs)[1:-1]
    annotate(record, rpeaks + round(shift_s * record.fs), "N" * len(rpeaks))
    with pytest.raises(FormatError, match=rf"found 0 % of them within 50 ms of one: all are {words}$"):
        read_annotated_beats(record, "ref")


def test_beats_at_the_r_peaks_of_the_lead_that_is_read_are_this_recordings(tmp_path: Path) -> None:
    made = simulate("normal", duration_s=30, leads=("II", "V1"), seed=4)
    late = replace(made, signal=np.stack([made.signal[0], 5 * np.roll(made.signal[0], round(0.1 * made.fs))]))
    record = read_record(write_wfdb(late, tmp_path, name="two"))
    for lead, other in (("II", "V1"), ("V1", "II")):
        rpeaks = find_rpeaks(record.select((lead,)).signal, record.fs)
        annotate(record, rpeaks, "N" * len(rpeaks))
        assert len(read_annotated_beats(record, "ref", (lead,)).rpeaks) == len(rpeaks)
        chosen = record.select((other,))
        with pytest.raises(FormatError, match="about 100 ms"):
            read_annotated_beats(chosen, "ref", (other,))


def test_too_few_beats_do_not_tell_whose_they_are(record: Record) -> None:
    annotate(record, find_rpeaks(record.signal, record.fs)[:9] + 60, "V" * 9)
    assert len(read_annotated_beats(record, "ref").rpeaks) == 9


def test_beats_are_compared_as_ec57_does(heartbeats) -> None:
    beats = heartbeats("NNSVV", rpeaks=[100, 210, 300, 400, 600])
    truth = AnnotatedBeats("ref", np.array([100, 200, 300, 400, 500]), np.array([0, 2, 1, 4, 0]), (), ())
    found = compare(beats, truth, beats.rpeaks)
    expected = np.zeros((6, 6), int)
    # N as N, V as N (10 samples of 100 Hz away), S as S, Q as V, an N not found, a V that is none.
    for cell in ((0, 0), (2, 0), (1, 1), (4, 2), (0, 5), (5, 2)):
        expected[cell] = 1
    np.testing.assert_array_equal(found.confusion, expected)
    shown = found.to_dict()
    assert (shown["n_beats"], shown["classes"][-1]) == (5, "none")
    assert shown["sensitivity"] == {"N": 0.5, "S": 1.0, "V": 0.0, "F": None, "Q": 0.0}
    # Q called V is neither right nor wrong; the V that is none is wrong.
    assert shown["positive_predictivity"] == {"N": 0.5, "S": 1.0, "V": 0.0, "F": None, "Q": None}


def test_in_flutter_nothing_counts_but_a_found_beat_whose_partner_is_outside(heartbeats) -> None:
    beats = heartbeats("NVVN", rpeaks=[100, 205, 300, 500])
    truth = AnnotatedBeats("ref", np.array([100, 198, 290, 500]), np.array([0, 2, 2, 0]), ((200, 400),), ())
    found = compare(beats, truth, beats.rpeaks)
    expected = np.zeros((6, 6), int)
    expected[0, 0], expected[2, 2] = 2, 1
    np.testing.assert_array_equal(found.confusion, expected)
    assert found.n_beats == 3


def test_r_peaks_without_a_partner_are_counted_before_within_and_after_the_annotations(heartbeats) -> None:
    truth = AnnotatedBeats("ref", np.array([300, 400, 500, 800]), np.array([0, 2, 0, 0]), ((700, 780),), ())
    beats = heartbeats("NVNN", rpeaks=truth.rpeaks, n_samples=1200)
    # One before, one between, none of 500, one in flutter, one of a beat, three after.
    found = np.array([150, 300, 405, 450, 750, 800, 900, 1000, 1100])
    shown = compare(beats, truth, found)
    peaks = shown.peaks
    assert (peaks.n_found, peaks.n_annotated, peaks.n_matched) == (8, 4, 3)
    assert (peaks.n_before, peaks.n_after, peaks.first_s, peaks.last_s) == (1, 3, 3.0, 8.0)
    item = shown.to_dict()
    assert (item["n_found"], item["found_not_annotated"], item["annotated_not_found"]) == (8, 5, 1)


def test_annotations_that_lie_all_in_flutter_have_no_partner(heartbeats) -> None:
    truth = AnnotatedBeats("ref", np.array([300, 400]), np.array([0, 2]), ((200, 500),), ())
    peaks = compare(heartbeats("NV", rpeaks=[300, 400]), truth, np.array([300, 400, 600])).peaks
    assert (peaks.n_found, peaks.n_annotated, peaks.n_matched, peaks.n_after) == (1, 0, 0, 1)


def test_where_there_is_no_signal_no_annotated_beat_counts(heartbeats) -> None:
    truth = AnnotatedBeats("ref", np.array([100, 200, 300]), np.array([0, 2, 0]), (), ())
    beats = heartbeats("NN", rpeaks=[100, 300])
    found = compare(beats, truth, beats.rpeaks, [(150, 250)])
    assert (found.n_beats, found.peaks.n_annotated, found.confusion.sum()) == (2, 2, 2)
    nothing = compare(heartbeats(""), truth, np.array([], np.int64), [(0, 400)])
    assert (nothing.n_beats, nothing.peaks.n_annotated, nothing.confusion.sum()) == (0, 0, 0)


@pytest.mark.realdata
def test_annotations_that_fit_only_the_lead_that_is_read_belong(data_folder: Path) -> None:
    # All leads together place the paced complexes of 107 about 100 ms late.
    record = read_record(next(data_folder.rglob("mitdb/1.0.0")) / "107.hea")
    assert len(read_annotated_beats(record, "atr", ("MLII",)).rpeaks) == 2137
    with pytest.raises(FormatError, match=r"found \d+ % of them within 50 ms of one"):
        read_annotated_beats(record, "atr")


@pytest.mark.realdata
def test_real_annotations_belong_to_their_own_recording_only(data_folder: Path, tmp_path: Path) -> None:
    folder = next(data_folder.rglob("mitdb/1.0.0"))
    for name in ("106.hea", "106.dat", "106.atr"):
        (tmp_path / name).symlink_to(folder / name)
    (tmp_path / "106.odd").symlink_to(folder / "119.atr")
    record = read_record(tmp_path / "106.hea")
    assert len(read_annotated_beats(record, "atr").rpeaks) == 2027
    with pytest.raises(FormatError, match="are they of another recording"):
        read_annotated_beats(record, "odd")
