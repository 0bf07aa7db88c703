"""A model of heartbeats beside annotated ones: two ways, flutter, failures. Doubles stand in for models."""

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest

from einthoven.aami import CLASSES
from einthoven.datasets.dataset import Dataset, Entry
from einthoven.errors import BundleError, DatasetError, RecordError
from einthoven.inference.beat_scores import measure_confidence, score_beats
from einthoven.inference.heartbeats import Heartbeats
from einthoven.record import Annotation, Record

FS = 100.0
N, S, V, F, Q, NONE = range(6)


@dataclass
class Double:
    """It finds these R peaks, and says of each beat what the sample of its R peak stands for."""

    heartbeats: Callable[..., Heartbeats]
    peaks: list[int]
    says: dict[int, str]
    finds_rpeaks: bool = False
    labels: tuple[str, ...] = CLASSES
    name: str = "double"
    obstacle: str | None = None

    @property
    def cut(self) -> SimpleNamespace:
        return SimpleNamespace(finds_rpeaks=self.finds_rpeaks)

    def classify(self, record: Record, rpeaks=None, *, leave_out: bool = True) -> Heartbeats:
        assert not leave_out, "what is found in noise counts too"
        if record.name == "refused":
            raise RecordError("refused: expected at least 80 Hz, found 50 Hz")
        peaks = np.array(self.peaks) if rpeaks is None else rpeaks
        said = [self.says.get(peak, "N") for peak in peaks.tolist()]
        sure = np.arange(len(said)) % 2 == 0
        return self.heartbeats("".join(said), peaks, fs=FS, n_samples=2000, sure=sure, obstacle=self.obstacle)


@pytest.fixture
def double(heartbeats) -> Callable[..., Double]:
    """Makes a model."""
    return lambda peaks, says=None, **more: Double(heartbeats, peaks, says or {}, **more)


def recordings(*marks: Annotation | None, **entries: object) -> Dataset:
    """A data set of recordings with these annotations, the ids r0, r1 and so on."""
    ids = [f"r{number}" for number in range(len(marks))]
    of = dict(zip(ids, marks, strict=True))

    def read(entry: Entry) -> Record:
        signal = np.zeros((1, 2000), np.float32)
        name = "refused" if of[entry.record_id] is None else entry.record_id
        marks = of[entry.record_id] or Annotation(np.array([100]), ("N",))
        return Record(signal, FS, ("MLII",), name, annotations=marks)

    listed = tuple(Entry(name, (), **entries) for name in ids)
    return Dataset("mine", CLASSES, listed, read, kind="public")


def marks(**symbols: str) -> Annotation:
    """Annotations by sample: `s100="N"`."""
    samples = [int(name[1:]) for name in symbols]
    return Annotation(np.array(samples), tuple(symbols.values()))


def cells(confusion: np.ndarray) -> dict[tuple[int, int], int]:
    """What is not 0 of a confusion matrix."""
    rows, columns = np.nonzero(confusion)
    found = zip(rows.tolist(), columns.tolist(), strict=True)
    return {cell: int(confusion[cell]) for cell in found}


def test_annotated_beats_are_named_and_found_ones_are_matched_within_150_ms(double) -> None:
    truth = marks(s100="N", s200="A", s300="V", s400="L", s500="/", s600="V")
    # The V at 300 lies 15 samples off, 400 lies 16 off, and 600 is not found.
    model = double([100, 204, 315, 416, 500, 900], {200: "V", 300: "V", 204: "S", 315: "V", 500: "V"})
    (one,) = score_beats(model, recordings(truth)).recordings
    assert cells(one.answers["annotated"].confusion) == {
        (N, N): 2, (S, V): 1, (V, V): 1, (Q, V): 1, (V, N): 1,
    }  # fmt: skip
    assert cells(one.answers["found"].confusion) == {
        (N, N): 1, (S, S): 1, (V, V): 1, (N, NONE): 1, (Q, V): 1, (V, NONE): 1, (NONE, N): 2,
    }  # fmt: skip
    answers = one.answers["found"]
    assert answers.truth.tolist() == [N, S, V, Q]
    assert answers.probs.argmax(axis=1).tolist() == [N, S, V, V]
    assert answers.sure.tolist() == [True, False, True, True]


def test_nothing_counts_in_flutter_but_a_found_beat_whose_partner_is_outside(double) -> None:
    truth = marks(s100="N", s298="V", s300="[", s350="!", s400="V", s600="]", s700="N")
    model = double([100, 305, 340, 450, 700])
    (one,) = score_beats(model, recordings(truth)).recordings
    assert cells(one.answers["annotated"].confusion) == {(N, N): 2, (V, N): 1}
    assert cells(one.answers["found"].confusion) == {(N, N): 2, (V, N): 1}


def test_two_annotations_of_one_sample_are_one_beat(double) -> None:
    truth = Annotation(np.array([100, 200, 200, 300]), ("N", "V", "A", "N"))
    (one,) = score_beats(double([100, 200, 300]), recordings(truth)).recordings
    assert cells(one.answers["annotated"].confusion) == {(N, N): 2, (V, N): 1}


def test_a_model_that_finds_its_own_rpeaks_goes_one_way(double) -> None:
    model = double([100], finds_rpeaks=True)
    found = score_beats(model, recordings(marks(s100="N")))
    assert found.ways == ("found",)
    assert list(found.recordings[0].answers) == ["found"]


def test_a_recording_that_fails_is_named_and_the_others_count(double) -> None:
    seen = []
    data = recordings(marks(s100="N"), None, Annotation(np.array([5]), ("+",)), marks(s100="V"))
    found = score_beats(double([100]), data, lambda *state: seen.append(state))
    assert [one.record_id for one in found.recordings] == ["r0", "r3"]
    assert dict(found.failed) == {
        "r1": "refused: expected at least 80 Hz, found 50 Hz",
        "r2": "expected annotated beats, found none among the annotations",
    }
    assert seen == [(1, 4, 0), (2, 4, 1), (3, 4, 2), (4, 4, 2)]
    with pytest.raises(DatasetError, match="mine: no recording could be used: r0: refused: expected"):
        score_beats(double([100]), recordings(None))
    with pytest.raises(DatasetError, match="no recording could be used: there is none"):
        score_beats(double([100]), recordings())


def test_a_recording_without_annotations_fails(double) -> None:
    data = recordings(marks(s100="N"), marks(s100="N"))
    bare = Record(np.zeros((1, 2000), np.float32), FS, ("MLII",), "r1")
    mixed = Dataset("mine", CLASSES, data.entries, lambda e: bare if e.record_id == "r1" else data.reader(e))
    assert dict(score_beats(double([100]), mixed).failed) == {
        "r1": "expected annotated beats, found no annotations"
    }


def test_recordings_of_one_patient_are_one_unit(double) -> None:
    truths = (marks(s100="N", s200="V"), marks(s100="N"))
    model = double([100, 200])
    apart = score_beats(model, recordings(*truths)).table("annotated", is_ec57=False)
    together = score_beats(model, recordings(*truths, patient="p")).table("annotated", is_ec57=False)
    assert (apart.n_patients, together.n_patients) == (2, 1)
    assert apart.confusion == together.confusion
    assert apart.support == (2, 0, 1, 0, 0)


def test_ec57_is_a_choice(double) -> None:
    found = score_beats(double([100, 200], {100: "V", 200: "V"}), recordings(marks(s100="V", s200="F")))
    assert found.table("found", is_ec57=False).positive_predictivity[V].value == 0.5
    assert found.table("found", is_ec57=True).positive_predictivity[V].value == 1.0


def test_confidence_is_that_of_the_beats_that_were_named(double) -> None:
    truth = marks(s100="N", s200="N", s300="V", s400="N")
    model = double([100, 200, 300, 400])
    answers = score_beats(model, recordings(truth, truth)).answers("annotated")
    assert len(answers.truth) == 8
    found = measure_confidence(answers)
    # Sure of the first and the third of each four, of which the third is a V that is called N.
    assert (found.coverage, found.sure_accuracy) == (0.5, 0.5)
    assert found.calibration_error == pytest.approx(0.9 - 0.75)
    wrong, right = 0.9**2 + 0.975**2 + 3 * 0.025**2, 0.1**2 + 4 * 0.025**2
    assert found.brier == pytest.approx((wrong + 3 * right) / 4, abs=1e-6)
    answers.sure[:] = False
    assert np.isnan(measure_confidence(answers).sure_accuracy)


def test_answers_that_the_model_disbelieves_count_and_are_told(double) -> None:
    found = score_beats(double([100], obstacle="mostly hum"), recordings(marks(s100="N")))
    assert found.obstacles == {"r0": "mostly hum"}
    assert found.answers("found").confusion.sum() == 1
    assert score_beats(double([100]), recordings(marks(s100="N"))).obstacles == {}


def test_where_no_beat_is_found_nothing_can_be_said(double) -> None:
    found = score_beats(double([]), recordings(marks(s100="N")))
    with pytest.raises(DatasetError, match="expected annotated beats among the found R peaks, found none"):
        found.answers("found")
    assert found.table("found", is_ec57=False).sensitivity[N].value == 0


def test_other_classes_and_labelled_recordings_are_refused(double) -> None:
    with pytest.raises(BundleError, match=r"expected AAMI classes of beats \(N, S, V, F, Q\), found A, B"):
        score_beats(double([], labels=("A", "B")), recordings(marks(s100="N")))
    data = recordings(marks(s100="N"))
    labelled = Dataset("mine", CLASSES, (Entry("r0", ("N",)),), data.reader)
    with pytest.raises(DatasetError, match="mine: expected recordings whose beats are annotated"):
        score_beats(double([]), labelled)
