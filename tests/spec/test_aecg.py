"""HL7 aECG, clause by clause.

Sources: HL7 aECG Implementation Guide, final of 21 March 2005, cited by its headings; HL7 Version 3 Data
Types, Release 1 (GLIST, SLIST, TS, IVL, II), as the guide uses them; and the order of elements in the schema
PORT_MT020001, as far as the guide's examples show it. All numbers here are worked out by hand.
"""

from xml.etree.ElementTree import Element, fromstring

import numpy as np
import pytest
from aecg_document import annotation, annotation_set, between, document, lead, sequence_set, series, times

from einthoven.formats.aecg import encode_aecg, read_aecg
from einthoven.formats.given import Given
from einthoven.record import Annotation, Record

X = Given(where="x.xml")


def test_slist_a_sample_is_origin_plus_scale_times_digit() -> None:
    """Data types, SLIST: x = origin + scale * digit."""
    one = lead("II", "1 -2 3", origin='<origin value="10" unit="uV"/>', scale='<scale value="5" unit="uV"/>')
    record = read_aecg(document(series(sequence_set(times(), one))), X)
    assert record.signal.tolist() == np.float32([[0.015, 0.0, 0.025]]).tolist()


def test_glist_a_time_is_head_plus_increment_times_index() -> None:
    """Data types, GLIST; guide, "Sequence": samples 0, 1, 2 ms after the head at 1000 Hz."""
    record = read_aecg(
        document(
            series(
                sequence_set(times("TIME_ABSOLUTE", "20021122091000.5", "1", "ms"), lead("II", [0] * 9)),
                annotation_set(
                    annotation(
                        "MDC_ECG_BEAT",
                        "MDC_ECG_BEAT_NORMAL",
                        between("20021122091000.503", "20021122091000.503"),
                    )
                ),
            )
        ),
        X,
    )
    assert record.fs == 1000
    assert record.annotations is not None
    assert record.annotations.samples.tolist() == [3]


def test_ts_precision_and_zone() -> None:
    """Data types, TS: YYYYMMDDHHMMSS.UUUU[+|-ZZzz]; digits from the right may be left out."""
    for ts, iso in (
        ("200211220910", "2002-11-22T09:10"),
        ("20021122091000.1-0500", "2002-11-22T09:10:00.1-05:00"),
    ):
        record = read_aecg(document(series(sequence_set(times(), lead("II", [1])), low=ts)), X)
        assert record.recording["recorded_at"] == iso


def test_sequence_set_leads_of_one_set_have_the_same_times() -> None:
    """Guide, "SequenceSet": sequences of a set are equally long, and simultaneous index by index."""
    record = read_aecg(document(series(sequence_set(times(), lead("I", [1, 2]), lead("AVF", [3, 4])))), X)
    assert (record.leads, record.signal.shape) == (("I", "aVF"), (2, 2))


def test_series_of_several_sets() -> None:
    """Guide, "Series": sets of a series may cover other leads, or other times."""
    first = sequence_set(times("TIME_RELATIVE", "0", "10", "ms"), lead("I", [1, 2]))
    second = sequence_set(times("TIME_RELATIVE", "20", "10", "ms"), lead("V1", [3, 4]))
    record = read_aecg(document(series(first, second)), X)
    nan = np.nan
    expected = np.float32([[0.0025, 0.005, nan, nan], [nan, nan, 0.0075, 0.01]])
    np.testing.assert_array_equal(record.signal, expected)


@pytest.mark.parametrize("code", ["TIME_ABSOLUTE", "TIME_RELATIVE"])
def test_boundaries_of_a_region_of_interest(code: str) -> None:
    """Guide, "Boundary": IVL_TS on the calendar, or IVL_PQ from the beginning of the series."""
    ends = ("20021122091000.010", "") if code == "TIME_ABSOLUTE" else ("10", "ms")
    where = between(ends[0], ends[0], code, ends[1])
    marks = annotation_set(annotation("MDC_ECG_BEAT", "MDC_ECG_BEAT_V_P_C", where))
    record = read_aecg(document(series(sequence_set(times(), lead("II", range(20))), marks)), X)
    assert record.annotations is not None
    assert (record.annotations.samples.tolist(), record.annotations.symbols) == ([5], ("V",))


def test_derived_series() -> None:
    """Guide, "DerivedSeries": REPRESENTATIVE_BEAT, its times relative to its own beginning."""
    beat = series(
        sequence_set(times("TIME_RELATIVE", "0.000", "0.001"), lead("II", [4])),
        code="REPRESENTATIVE_BEAT",
        tag="derivedSeries",
    )
    record = read_aecg(document(series(sequence_set(times(), lead("II", [1, 2])), beat)), X)
    assert record.representative_beat is not None
    assert (record.representative_beat.fs, record.representative_beat.n_samples) == (1000, 1)


FULL = Record(
    np.float32([[0.0, 0.0025], [0.005, 0.0]]),
    500,
    ("I", "MLII"),
    annotations=Annotation(np.array([0, 1]), ("N", "+"), ("", "(AFIB")),
    patient={
        "id": "S-1",
        "name": "J. D.",
        "sex": "male",
        "birth_date": "1953-05-08",
        "race": "Asian",
        "age": "46",
    },
    recording={
        "recorded_at": "2002-11-22T09:10:00",
        "manufacturer": "Maker",
        "device": "M1",
        "operator": "KAB",
        "institution": "Site",
        "physician": "Dr. Smith",
        "reason": "planned",
        "low_pass_hz": "150",
    },
    statements=("Sinus rhythm",),
    comments=("felt dizzy",),
    representative_beat=Record(np.float32([[0.0025]]), 500, ("I",)),
)
ORDER = {
    "AnnotatedECG": (
        "id code text effectiveTime confidentialityCode reasonCode componentOf definition location "
        "controlVariable pertainsTo component"
    ),
    "trialSubject": "id code subjectDemographicPerson",
    "subjectDemographicPerson": "name administrativeGenderCode birthTime raceCode",
    "clinicalTrial": "id title activityTime componentOf author location responsibleParty",
    "trialInvestigator": "id investigatorPerson",
    "testingSite": "id location",
    "relatedObservation": "code value author",
    "series": (
        "id code effectiveTime author secondaryPerformer support controlVariable component "
        "subjectOf derivation"
    ),
    "derivedSeries": "id code effectiveTime author secondaryPerformer component subjectOf",
    "seriesAuthor": "id manufacturedSeriesDevice manufacturerOrganization",
    "manufacturedSeriesDevice": "id code manufacturerModelName softwareName",
    "seriesPerformer": "id assignedPerson",
    "sequence": "code value",
    "annotationSet": "activityTime author component",
    "annotation": "code value support component",
    "supportingROI": "code component",
    "boundary": "code value",
}
"""Children in the order of the schema, as the guide and its examples show it."""


def written(record: Record) -> Element:
    return fromstring(encode_aecg(record).decode().replace(' xmlns="urn:hl7-org:v3"', ""))


@pytest.mark.parametrize("record", [FULL, Record(np.float32([[0.001]]), 500, ("II",))])
def test_elements_are_written_in_the_order_of_the_schema(record: Record) -> None:
    """Schema PORT_MT020001: sequences of elements; what is required is there."""
    root = written(record)
    for element in root.iter():
        if element.tag in ORDER:
            order = ORDER[element.tag].split()
            places = [order.index(child.tag) for child in element]
            assert places == sorted(places), element.tag
    for required in (
        "id",
        "code",
        "effectiveTime",
        "componentOf/timepointEvent/componentOf/subjectAssignment/subject/trialSubject/id",
        "componentOf/timepointEvent/componentOf/subjectAssignment/componentOf/clinicalTrial/id",
        "component/series/code",
        "component/series/effectiveTime",
        "component/series/component/sequenceSet/component/sequence/value/head",
    ):
        assert root.find(required) is not None, required


def test_codes_name_their_system() -> None:
    """Data types, CD: a code without the system it is from means nothing."""
    for element in written(FULL).iter():
        if "code" in element.attrib:
            assert element.get("codeSystem"), element.attrib


def test_what_is_not_known_has_a_null_flavor() -> None:
    """Data types, ANY: a required value that is not known states why."""
    root = written(Record(np.float32([[0.001]]), 500, ("II",)))
    unknown = [element.tag for element in root.iter() if element.get("nullFlavor") == "UNK"]
    assert unknown.count("effectiveTime") == 2
    assert unknown.count("id") == 2


def test_types_of_values_are_stated() -> None:
    """Data types, ANY: xsi:type, since `value` may be of any type."""
    kinds = {
        element.get("{http://www.w3.org/2001/XMLSchema-instance}type")
        for element in written(FULL).iter("value")
    }
    assert kinds == {"GLIST_TS", "GLIST_PQ", "SLIST_PQ", "IVL_TS", "CE", "ST", "PQ"}
