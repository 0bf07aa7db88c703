import numpy as np
import pytest

from einthoven.errors import RecordError
from einthoven.formats.edf.annotations import Tal
from einthoven.formats.edf.marks import (
    Text,
    end_of_recording,
    fact_texts,
    read_marks,
    texts_of,
    texts_of_gaps,
)
from einthoven.record import Annotation, Record

LEADS = ("I", "II")


def notes_of(*tals: Tal) -> list[tuple[int, str, str]]:
    marks = read_marks(tals, 0.0, 100.0, 1000, LEADS).annotations
    if marks is None:
        return []
    return list(
        zip(marks.samples.tolist(), marks.symbols, marks.notes or [""] * len(marks.symbols), strict=True)
    )


def test_beats_and_notes() -> None:
    assert notes_of(
        Tal(2.0, 0.0, ("V",)),
        Tal(1.0, 0.0, ("N",)),
        Tal(3.0, 0.0, ("Lights off",)),
        Tal(4.0, 1.5, ("N",)),
        Tal(5.0, 0.0, ("+", "(AFIB")),
        Tal(6.0, 0.0, ("a", "b", "V")),
    ) == [
        (100, "N", ""),
        (200, "V", ""),
        (300, '"', "Lights off"),
        (400, '"', "N (1.5 s)"),
        (500, "+", "(AFIB"),
        (600, "a", ""),
        (600, '"', "b"),
        (600, "V", ""),
    ]


def test_facts_at_the_start_only() -> None:
    tals = [Tal(0.0, 0.0, (text,)) for text in ("Age: 60", "Statement: AF", "Comment: well", "Sinus")]
    marks = read_marks([*tals, Tal(1.0, 0.0, ("Sex: male",))], 0.0, 100.0, 1000, LEADS)
    assert (marks.facts.patient, marks.facts.statements, marks.facts.comments) == (
        {"age": "60"},
        ("AF",),
        ("well",),
    )
    assert marks.annotations is not None
    assert marks.annotations.notes == ("Sinus", "Sex: male")


def test_missing_samples_of_leads_that_are_there() -> None:
    tals = [
        Tal(1.0, 0.5, ("missing: I, II",)),
        Tal(2.0, 0.5, ("missing: V9",)),
        Tal(3.0, 0.0, ("missing: I",)),
    ]
    marks = read_marks(tals, 0.0, 100.0, 1000, LEADS)
    assert marks.missing == (("I", 100, 150), ("II", 100, 150))
    assert marks.annotations is not None
    assert marks.annotations.notes == ("missing: V9 (0.5 s)", "missing: I")


def test_the_end_of_a_recording() -> None:
    ends = [Tal(9.5, 0.0, ("Recording ends",))]
    assert end_of_recording(ends, 0.0, 100.0, 1000, 900) == 950
    # In the middle it is a remark.
    assert end_of_recording(ends, 0.0, 100.0, 1000, 960) == 1000
    assert end_of_recording([], 0.0, 100.0, 1000, 900) == 1000
    marks = read_marks(ends, 0.0, 100.0, 950, LEADS)
    assert (marks.annotations, marks.warnings) == (None, ())
    assert notes_of(*ends) == [(950, '"', "Recording ends")]


def test_texts_that_would_be_taken_for_something_else_follow_their_symbol() -> None:
    notes = ("N", "Recording ends", "Age: 7", "Comment: x", "plain", "")
    marks = Annotation(np.arange(6), ('"',) * 6, notes)
    assert [text.texts for text in texts_of(marks, 6)] == [
        ('"', "N"),
        ('"', "Recording ends"),
        ('"', "Age: 7"),
        ('"', "Comment: x"),
        ("plain",),
        ('"',),
    ]
    assert texts_of(None, 6) == []


@pytest.mark.parametrize("sample", [-1, 6])
def test_annotations_outside_the_recording(sample: int) -> None:
    with pytest.raises(
        RecordError, match=f"expected annotations within 6 samples, found one at sample {sample}"
    ):
        texts_of(Annotation(np.array([sample]), ("N",)), 6)


def test_gaps_that_leads_share() -> None:
    missing = np.array([[1, 0, 1, 1, 0], [0, 0, 1, 1, 0]], bool)
    assert texts_of_gaps(missing, LEADS) == [Text(0, ("missing: I",), 1), Text(2, ("missing: I, II",), 2)]


def test_facts_statements_and_comments() -> None:
    record = Record([[0.0]], 250, ("I",), patient={"age": "60"}, statements=("AF",), comments=("a\n\nb",))
    texts = [text.texts[0] for text in fact_texts(record)]
    assert texts == ["Age: 60", "Statement: AF", "Comment: a", "Comment: b"]
