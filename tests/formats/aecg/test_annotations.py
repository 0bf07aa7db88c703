"""Annotations: where marks are put, what they become, and what is said in words."""

import numpy as np
import pytest
from aecg_document import annotation, annotation_set, between, document, lead, sequence_set, series, times

from einthoven.formats.aecg import read_aecg
from einthoven.formats.given import Given
from einthoven.record import Record

X = Given(where="x.xml")
SAMPLES = sequence_set(times(), lead("II", range(1000)))


def read(*annotations: str, sets: str = SAMPLES, low: str = "20021122091000") -> Record:
    return read_aecg(document(series(sets, annotation_set(*annotations), low=low)), X)


def marks(record: Record) -> list[tuple[int, str, str]]:
    found = record.annotations
    assert found is not None
    notes = found.notes or ("",) * len(found.symbols)
    return list(zip(found.samples.tolist(), found.symbols, notes, strict=True))


def beat(kind: str, *where: str) -> str:
    return annotation("MDC_ECG_BEAT", f"MDC_ECG_BEAT_{kind}", *where)


def when(ms: int) -> str:
    return between(f"20021122091000.{ms:03}", f"20021122091000.{ms:03}")


@pytest.mark.parametrize(
    ("kind", "symbol", "note"),
    [
        ("NORMAL", "N", ""),
        ("V_P_C", "V", ""),
        ("V_P_C_RonT", "r", ""),
        ("ATR_P_C", "A", ""),
        ("PACED", "/", ""),
        ("RBB_BLK_COMP", "R", ""),
        ("RBB_BLK_INCOMP", "R", "MDC_ECG_BEAT_RBB_BLK_INCOMP"),
        ("WPW_A", "N", "MDC_ECG_BEAT_WPW_A"),
        ("ABNORMAL", "Q", "MDC_ECG_BEAT_ABNORMAL"),
        ("OF_A_VENDOR", '"', "MDC_ECG_BEAT_OF_A_VENDOR"),
    ],
)
def test_kinds_of_beats(kind: str, symbol: str, note: str) -> None:
    assert marks(read(beat(kind, when(100)))) == [(50, symbol, note)]


def test_a_beat_may_be_named_by_the_code_itself() -> None:
    assert marks(read(annotation("MDC_ECG_BEAT_V_P_C", "", when(20)))) == [(10, "V", "")]
    assert marks(read(annotation("MDC_ECG_BEAT", "", when(20)))) == [(10, "Q", "MDC_ECG_BEAT")]


def test_beats_come_in_order_of_time() -> None:
    record = read(beat("V_P_C", when(500)), beat("NORMAL", when(100)), beat("PACED", when(500)))
    assert marks(record) == [(50, "N", ""), (250, "V", ""), (250, "/", "")]
    assert record.annotations is not None
    assert record.annotations.notes == ()
    assert record.annotations.samples.dtype == np.int64


def wave(kind: str, low: str, high: str) -> str:
    return annotation("MDC_ECG_WAVC", f"MDC_ECG_WAVC_{kind}", between(low, high))


def test_a_beat_is_where_its_qrs_is() -> None:
    t = "20021122091000"
    waves = (
        wave("PWAVE", f"{t}.100", f"{t}.200"),
        wave("QRSWAVE", f"{t}.270", f"{t}.390"),
        wave("TWAVE", "", t),
    )
    whole = between(f"{t}.100", f"{t}.700")
    assert marks(read(beat("NORMAL", "", *waves))) == [(165, "N", "")]
    assert marks(read(beat("NORMAL", whole, *waves))) == [(165, "N", "")]
    assert marks(read(beat("NORMAL", when(300), *waves))) == [(150, "N", "")]
    assert marks(read(beat("NORMAL", whole))) == [(50, "N", "")]
    assert marks(read(beat("NORMAL", "", wave("RWAVE", f"{t}.300", ""), *waves))) == [(150, "N", "")]


def test_a_beat_without_a_time_is_left_out() -> None:
    record = read(beat("NORMAL"), beat("NORMAL", between("x", "y")), beat("V_P_C", when(2)))
    assert marks(record) == [(1, "V", "")]
    assert record.warnings == ("annotations without a time are left out: 2",)
    assert read(beat("NORMAL")).annotations is None


def test_marks_outside_the_recording_are_left_out() -> None:
    record = read(
        beat("NORMAL", between("20021122090959.998", "20021122090959.998")),
        beat("NORMAL", when(0)),
        beat("NORMAL", between("20021122091002", "20021122091002")),
        beat("NORMAL", between("20021122091002.004", "20021122091002.004")),
        beat("NORMAL", between("99991122091002.004", "99991122091002.004")),
    )
    assert [sample for sample, _, _ in marks(record)] == [0, 1000]
    assert record.warnings == ("annotations before the recording or past its end are left out: 3",)


@pytest.mark.parametrize(("low", "unit"), [("100", "ms"), ("0.1", "s"), ("100000", "us"), ("1e5", "us")])
def test_times_from_the_beginning(low: str, unit: str) -> None:
    found = read(beat("NORMAL", between(low, low, "TIME_RELATIVE", unit)))
    assert marks(found) == [(50, "N", "")]


def test_times_from_the_beginning_need_a_unit() -> None:
    record = read(beat("NORMAL", between("100", "100", "TIME_RELATIVE")))
    assert (record.annotations, len(record.warnings)) == (None, 1)


def test_a_relative_axis_may_begin_anywhere() -> None:
    relative = sequence_set(times("TIME_RELATIVE", "3"), lead("II", range(100)))
    record = read(
        beat("NORMAL", between("3.1", "3.1", "TIME_RELATIVE", "s")),
        beat("V_P_C", between("20021122091003.120", "20021122091003.120")),
        sets=relative,
    )
    assert marks(record) == [(50, "N", ""), (60, "V", "")]
    dateless = read(beat("V_P_C", when(20)), sets=relative, low="20021122")
    assert dateless.warnings == ("annotations without a time are left out: 1",)


def test_boundaries_of_leads_are_passed_over() -> None:
    roi = when(100).replace(
        "<component>", '<component><boundary><code code="MDC_ECG_LEAD_II"/></boundary></component><component>'
    )
    assert marks(read(beat("NORMAL", roi))) == [(50, "N", "")]


def test_of_several_sets_with_beats_the_first_is_read() -> None:
    first, second = annotation_set(beat("NORMAL", when(2))), annotation_set(beat("V_P_C", when(4)))
    rhythm = annotation_set(annotation("MDC_ECG_RHY", "MDC_ECG_RHY_SINUS_RHY", between("20021122091000")))
    record = read_aecg(document(series(SAMPLES, rhythm, first, second)), X)
    assert marks(record) == [(0, "+", "(N"), (1, "N", "")]
    assert record.warnings == ("of 2 sets of annotated heartbeats the first is read",)


def test_rhythms_and_noise() -> None:
    record = read(
        annotation("MDC_ECG_RHY", "MDC_ECG_RHY_SINUS_RHY", between("20021122091000", "20021122091001")),
        annotation("MDC_ECG_RHY", "MDC_ECG_RHY_OTHER", between("20021122091001")),
        annotation("MDC_ECG_NOISE", "MDC_ECG_NOISE_SEVERE", when(4)),
    )
    assert marks(record) == [
        (0, "+", "(N"),
        (2, "~", "MDC_ECG_NOISE_SEVERE"),
        (500, "+", "MDC_ECG_RHY_OTHER"),
    ]


def test_waves_and_measurements_are_passed_over() -> None:
    record = read(
        wave("QRSWAVE", "20021122091000.100", "20021122091000.200"),
        annotation("MDC_ECG_TIME_PD_QT", '<value xsi:type="PQ" value="420" unit="ms"/>'),
        annotation("MDC_ECG_HEART_RATE", '<value xsi:type="PQ" value="60" unit="bpm"/>'),
    )
    assert (record.annotations, record.statements, record.warnings) == (None, (), ())


def said(code: str, text: str, *parts: str) -> str:
    return annotation(f"MDC_ECG_INTERPRETATION{code}", f'<value xsi:type="ST">{text}</value>', "", *parts)


def test_what_is_said_in_words() -> None:
    record = read(
        annotation(
            "MDC_ECG_INTERPRETATION",
            "",
            "",
            said("_STATEMENT", " Sinus rhythm\n  Old infarct ", said("_COMMENT", "inferior")),
            said("_SUMMARY", "ABNORMAL ECG"),
            said("_COMMENT", "Unconfirmed"),
            annotation("MDC_ECG_INTERPRETATION_SEVERITY", '<value xsi:type="ST">3</value>'),
        ),
        said("", "as a whole"),
        said("_STATEMENT", "on its own"),
        annotation("MDC_ECG_INTERPRETATION_STATEMENT", '<value xsi:type="CE" code="1" displayName="Coded"/>'),
    )
    assert record.statements == (
        "Sinus rhythm",
        "Old infarct",
        "ABNORMAL ECG",
        "as a whole",
        "on its own",
        "Coded",
    )
    assert record.comments == ("inferior", "Unconfirmed")
