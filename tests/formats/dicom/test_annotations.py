"""Waveform annotations: marks, statements, measurements."""

import pytest
from dicom_files import annotation, channel, coded, ecg, group
from pydicom.dataset import Dataset

from einthoven.formats.dicom import annotations, read_dicom
from einthoven.formats.dicom.annotation_codes import code_of, is_beat, mark_of
from einthoven.formats.given import Given
from einthoven.formats.wfdb.annotations import SYMBOLS
from einthoven.record import Annotation, Record

GIVEN = Given(where="x.dcm")


def read(*annotations: Dataset, groups: tuple[Dataset, ...] = ()) -> Record:
    return read_dicom(
        ecg(*(groups or (group([list(range(1000))], ["II"]),)), WaveformAnnotationSequence=list(annotations)),
        GIVEN,
    )


def point(
    code: Dataset | None = None, *positions: int, text: str | None = None, **changes: object
) -> Dataset:
    kind = {"TemporalRangeType": "POINT" if len(positions) == 1 else "MULTIPOINT"}
    return annotation(text, code, **(kind | {"ReferencedSamplePositions": list(positions)} | changes))


def marks(annotations: Annotation | None) -> list[tuple[int, str, str]]:
    assert annotations is not None
    notes = annotations.notes or ("",) * len(annotations.symbols)
    return list(zip(annotations.samples.tolist(), annotations.symbols, notes, strict=True))


NORMAL, EARLY = coded("10:8208", "MDC", "Normal beat"), coded("10:8336", "MDC", "VPC")


def test_beats_are_counted_from_the_first_sample_as_1() -> None:
    found = read(point(EARLY, 301), point(NORMAL, 1, 501))
    assert marks(found.annotations) == [(0, "N", ""), (300, "V", ""), (500, "N", "")]
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("code", "scheme", "meaning", "expected"),
    [
        ("10:8272", "MDC", "Atrial premature contraction", ("A", "")),
        ("10:8464", "MDC", "LBBB", ("L", "")),
        ("10:8480", "MDC", "Incomplete LBBB", ("L", "Incomplete LBBB")),
        ("10:8224", "MDC", "Abnormal beat", ("Q", "Abnormal beat")),
        ("10:8736", "MDC", "Unclassifiable beat", ("Q", "")),
        ("10:4096", "MDC", "Antibradycardia pace spike", ("^", "Antibradycardia pace spike")),
        ("10:8704", "MDC", "ventricle Defibrillation spike", ('"', "ventricle Defibrillation spike")),
        ("10:8704", "MDC", "Paced beat", ("/", "")),
        ("10:256", "MDC", "P wave", ("p", "")),
        ("10:320", "MDC", "P' wave", ("p", "P' wave")),
        ("10:576", "MDC", "R wave", ('"', "R wave")),
        ("10:11216", "MDC", "Moderate Noise", ("~", "Moderate Noise")),
        ("5.7.1-3", "SCPECG", "Fiducial Point", ("Q", "")),
        ("5.10.3-1", "SCPECG", "P Onset", ("(", "P Onset")),
        ("x", "SCPECG", "odd", ('"', "odd")),
        ("+", "99WFDB", "Rhythm change", ("+", "")),
        ("AF", "99WFDB", "Afib", ('"', "Afib")),
        ("109018", "DCM", "Beat detected (accepted)", ('"', "Beat detected (accepted)")),
    ],
)
def test_codes(code: str, scheme: str, meaning: str, expected: tuple[str, str]) -> None:
    assert mark_of(code, scheme, meaning) == expected


@pytest.mark.parametrize("symbol", SYMBOLS.values())
def test_every_mnemonic_has_a_code_that_means_it(symbol: str) -> None:
    code, scheme, meaning = code_of(symbol)
    assert len(code) <= 16
    assert 0 < len(meaning) <= 64
    expected = (symbol, "") if symbol != '"' or scheme == "99WFDB" else (symbol, meaning)
    assert mark_of(code, scheme, meaning) == expected


def test_which_marks_are_beats() -> None:
    assert [is_beat(symbol) for symbol in "NVQ/+(~"] == [True] * 4 + [False] * 3


def test_segments_and_open_ends() -> None:
    wave, noise = coded("10:256", "MDC", "P wave"), coded("10:11232", "MDC", "Severe Noise")
    found = read(
        point(wave, 101, 151, TemporalRangeType="SEGMENT"),
        point(noise, 201, 251, 301, 351, TemporalRangeType="MULTISEGMENT"),
        point(NORMAL, 401, 451, TemporalRangeType="SEGMENT"),
        point(noise, 501, TemporalRangeType="BEGIN"),
        point(noise, 11, TemporalRangeType="END"),
    )
    assert marks(found.annotations) == [
        (10, ")", "Severe Noise"),
        (100, "(", "P wave"),
        (150, ")", "P wave"),
        (200, "(", "Severe Noise"),
        (250, ")", "Severe Noise"),
        (300, "(", "Severe Noise"),
        (350, ")", "Severe Noise"),
        (400, "N", ""),
        (500, "(", "Severe Noise"),
    ]


def test_times_in_seconds() -> None:
    one = annotation(None, NORMAL, TemporalRangeType="POINT", ReferencedTimeOffsets=["0.5"])
    assert marks(read(one).annotations) == [(250, "N", "")]
    far = annotation(None, NORMAL, TemporalRangeType="POINT", ReferencedTimeOffsets=["1e308"])
    assert read(far).warnings == ("1 annotations lie at no sample that was read: left out",)


def test_marks_elsewhere_are_left_out_with_a_warning() -> None:
    found = read(
        point(NORMAL, 0, 1, 1001, 1002),
        point(NORMAL, 5, ReferencedWaveformChannels=[2, 0]),
        annotation(None, NORMAL, TemporalRangeType="POINT", ReferencedDateTime="20200101"),
    )
    assert marks(found.annotations) == [(0, "N", ""), (1000, "N", "")]
    assert found.warnings == ("4 annotations lie at no sample that was read: left out",)


def test_text_and_findings_are_statements_and_measurements_are_comments() -> None:
    found = read(
        annotation("Sinus rhythm\r\n Normal ECG \r\n"),
        annotation(None, coded("1", "LN", "EKG impression"), ConceptCodeSequence=[coded("1", "X", "Fine")]),
        annotation(None, coded("2:15872", "MDC", "PR interval"), NumericValue="161",
                   MeasurementUnitsCodeSequence=[coded("ms", "UCUM")]),
        annotation(None, coded("2:16132", "MDC", "QRS axis"), NumericValue="52"),
        annotation(None, coded("5", "X", "")),
        annotation(),
    )  # fmt: skip
    assert found.statements == ("Sinus rhythm", "Normal ECG", "EKG impression: Fine", "5")
    assert found.comments == ("PR interval: 161 ms", "QRS axis: 52")
    assert found.annotations is None


def test_a_measurement_at_a_sample_is_a_note() -> None:
    code = coded("10:2112", "MDC", "ST measurement point")
    one = point(code, 11, NumericValue="0.1", MeasurementUnitsCodeSequence=[coded("mV", "UCUM")])
    beat = point(NORMAL, 21, NumericValue="800")
    assert marks(read(one, beat).annotations) == [
        (10, '"', "ST measurement point 0.1 mV"),
        (20, "N", "Normal beat 800"),
    ]


def test_text_at_a_mark_of_its_annotation_group_is_its_note() -> None:
    found = read(
        point(NORMAL, 11, 21, AnnotationGroupNumber=3),
        point(None, 21, text="early", AnnotationGroupNumber=3),
        point(None, 11, text="of another group", AnnotationGroupNumber=4),
        point(None, 31, text="alone"),
    )
    assert marks(found.annotations) == [
        (10, "N", ""),
        (10, '"', "of another group"),
        (20, "N", "early"),
        (30, '"', "alone"),
    ]


def groups(trigger: int = 501) -> tuple[Dataset, Dataset]:
    median = group(
        [list(range(400))], [channel("II")], WaveformOriginality="DERIVED", TriggerSamplePosition=trigger
    )
    return group([list(range(2000))], ["II"]), median


def test_marks_of_the_median_beat() -> None:
    found = read(point(NORMAL, 101, ReferencedWaveformChannels=[2, 0]), point(EARLY, 7), groups=groups())
    assert marks(found.annotations) == [(6, "V", "")]
    assert found.representative_beat is not None
    assert marks(found.representative_beat.annotations) == [(100, "N", "")]


def test_marks_of_the_median_beat_that_refer_to_the_recording() -> None:
    """Some devices place the waves of the median beat in the recording, in a group of their own."""
    fiducial, onset = coded("5.7.1-3", "SCPECG", "Fiducial"), coded("5.10.3-1", "SCPECG", "P Onset")
    own = [point(fiducial, 101, AnnotationGroupNumber=2), point(onset, 61, AnnotationGroupNumber=2)]
    true = [point(fiducial, 127, AnnotationGroupNumber=100), point(fiducial, 600, AnnotationGroupNumber=101)]
    found = read(*own, *true, groups=groups(101))
    assert marks(found.annotations) == [(126, "Q", ""), (599, "Q", "")]
    assert found.representative_beat is not None
    assert marks(found.representative_beat.annotations) == [(60, "(", "P Onset"), (100, "Q", "")]
    assert found.warnings == (
        "2 annotations at samples of the recording are taken as those of the representative beat",
    )
    alone = read(*own, true[1], groups=groups(101))
    assert alone.warnings == ()
    assert len(marks(alone.annotations)) == 3


def test_samples_of_a_group_that_lies_later_and_slower() -> None:
    first = group([[1] * 100], ["I"], MultiplexGroupTimeOffset="0")
    second = group([[1] * 50], ["II"], MultiplexGroupTimeOffset="100", SamplingFrequency="250")
    found = read(point(NORMAL, 11, ReferencedWaveformChannels=[2, 1]), groups=(first, second))
    assert marks(found.annotations) == [(50 + 2 * 10, "N", "")]


def test_damaged_annotations_are_a_warning() -> None:
    one = annotation(None, NORMAL, TemporalRangeType="POINT", ReferencedTimeOffsets=["0.25"])
    data = ecg(group([list(range(1000))], ["II"]), WaveformAnnotationSequence=[one])
    found = read_dicom(data.replace(b"0.25", b"0,25"), GIVEN)
    assert found.annotations is None
    assert found.warnings == (
        "annotations were not read: x.dcm, WaveformAnnotationSequence 1: expected numbers in "
        "ReferencedTimeOffsets (0040,A138), found '0,25'",
    )


def test_too_many_are_a_warning_and_empty_ones_say_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert marks(read(Dataset(), point(NORMAL, 1)).annotations) == [(0, "N", "")]
    monkeypatch.setattr(annotations, "MOST_ITEMS", 2)
    assert read(point(NORMAL, 1), Dataset()).warnings == ()
    found = read(point(NORMAL, 1), Dataset(), Dataset())
    assert found.annotations is None
    assert found.warnings == ("annotations were not read: x.dcm: expected at most 2 annotations, found more",)
