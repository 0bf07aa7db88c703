"""Series of several sequence sets, put together on one time axis."""

from dataclasses import replace

import numpy as np
import pytest
from aecg_document import document, lead, sequence_set, series, times

from einthoven.errors import FormatError, RecordError
from einthoven.formats.aecg import read_aecg
from einthoven.formats.given import Given
from einthoven.formats.limits import Limits
from einthoven.record import Record

X = Given(where="x.xml")
NAN = np.nan


def read(*sets: str, given: Given = X) -> Record:
    return read_aecg(document(series(*sets)), given)


def at(head: str, *leads: str, code: str = "TIME_ABSOLUTE", step: str = "0.002") -> str:
    return sequence_set(times(code, head, step), *leads)


def microvolts(record: Record) -> list[list[float]]:
    return np.round(record.signal * 1000 / 2.5).tolist()


def test_sets_that_follow_each_other() -> None:
    record = read(
        at("20021122091000.000", lead("I", [1, 2]), lead("II", [3, 4])),
        at("20021122091000.004", lead("I", [5, 6]), lead("II", [7, 8])),
    )
    assert microvolts(record) == [[1, 2, 5, 6], [3, 4, 7, 8]]
    assert record.warnings == ()


def test_the_order_in_the_file_does_not_matter() -> None:
    record = read(at("20021122091000.004", lead("I", [3])), at("20021122091000", lead("I", [1, 2])))
    assert microvolts(record) == [[1, 2, 3]]


def test_columns_of_a_printed_ecg() -> None:
    record = read(
        at("0", lead("I", [1, 2]), code="TIME_RELATIVE"),
        at("0.004", lead("AVR", [3, 4]), code="TIME_RELATIVE"),
        at("0.008", lead("V1", [5]), code="TIME_RELATIVE"),
        at("0", lead("II", [1, 2, 3, 4, 5]), code="TIME_RELATIVE"),
    )
    assert record.leads == ("I", "aVR", "V1", "II")
    expected = [[1, 2, NAN, NAN, NAN], [NAN, NAN, 3, 4, NAN], [NAN, NAN, NAN, NAN, 5], [1, 2, 3, 4, 5]]
    assert np.array_equal(microvolts(record), expected, equal_nan=True)
    assert record.warnings == (
        "leads I, aVR: shorter than the others; the rest is missing",
        "lead V1: not recorded throughout; the rest is missing",
    )


def test_gaps_stay_missing_down_to_a_single_sample() -> None:
    record = read(at("20021122091000", lead("I", [1])), at("20021122091000.004", lead("I", [3])))
    assert np.array_equal(microvolts(record), [[1, NAN, 3]], equal_nan=True)
    assert record.warnings == ("lead I: not recorded throughout; the rest is missing",)


def test_rounded_start_times_make_no_gaps() -> None:
    # Two samples at 180 Hz are 11.1 ms.
    record = read(
        at("20021122091000", lead("I", [1, 2]), step="0.0055556"),
        at("20021122091000.012", lead("I", [3, 4]), step="0.0055556"),
        at("20021122091000.021", lead("I", [5, 6]), step="0.0055556"),
    )
    assert microvolts(record) == [[1, 2, 3, 4, 5, 6]]


def test_samples_that_are_there_twice() -> None:
    record = read(at("0", lead("I", [1, 2, 3])), at("0.004", lead("I", [8, 9])), at("0", lead("I", [7])))
    assert microvolts(record)[0][:3] == [1, 2, 3]
    partly = read(
        at("0", lead("I", [1, 2, 3]), code="TIME_RELATIVE"),
        at("0.004", lead("I", [8, 9]), code="TIME_RELATIVE"),
    )
    assert microvolts(partly) == [[1, 2, 3, 9]]
    assert partly.warnings == ("lead I: there twice at the same time; the first is read",)
    within = read(at("0", lead("II", [1, 2]), lead("II", [3, 4]), lead("V1", [5, 6])))
    assert (within.leads, microvolts(within)) == (("II", "V1"), [[1, 2], [5, 6]])
    assert within.warnings == ("lead II: there twice at the same time; the first is read",)


def test_leads_of_different_length() -> None:
    record = read(at("0", lead("I", [1, 2, 3]), lead("II", [4]), lead("V1", "")))
    assert np.array_equal(microvolts(record), [[1, 2, 3], [4, NAN, NAN], [NAN] * 3], equal_nan=True)
    assert record.warnings == (
        "lead V1: the file holds no samples",
        "lead II: shorter than the others; the rest is missing",
    )


def test_no_information_on_a_lead() -> None:
    absent = (
        '<component><sequence><code code="MDC_ECG_LEAD_I"/><value xsi:type="SLIST_PQ" nullFlavor="NI"/>'
        "</sequence></component>"
    )
    record = read(at("0", absent, lead("II", [4])))
    assert np.array_equal(microvolts(record), [[NAN], [4]], equal_nan=True)
    assert record.warnings == ("lead I: the file holds no samples",)


def test_nothing_at_all() -> None:
    for sets in ((), (at("0"),), (at("0", lead("I", "")),)):
        with pytest.raises(
            RecordError, match=r"^x\.xml, series RHYTHM: expected at least one sample of an ECG"
        ):
            read(*sets)


def test_different_rates() -> None:
    record = read(at("0", lead("I", [1, 2]), step="0.004"), at("0", lead("II", [1, 2, 3, 4])))
    assert record.fs == 500
    assert microvolts(record) == [[1, 1, 2, 2], [1, 2, 3, 4]]
    assert record.warnings == ("lead I: samples repeated to the highest rate of the series",)
    with pytest.raises(RecordError, match=r"one is a multiple of the others, found 500 and 400 Hz"):
        read(at("0", lead("I", [1]), step="0.0025"), at("0", lead("II", [1])))


def test_absolute_and_relative_times_beside_each_other() -> None:
    record = read(
        at("20021122091000", lead("I", [1, 2, 3])), at("0.002", lead("II", [5, 6]), code="TIME_RELATIVE")
    )
    assert np.array_equal(microvolts(record), [[1, 2, 3], [NAN, 5, 6]], equal_nan=True)


@pytest.mark.parametrize(
    ("sets", "message"),
    [
        (
            (at("20021122091000", lead("I", [1])), at("20221122091000", lead("I", [2]))),
            r"at most \d+ samples \(the limit samples\)",
        ),
        (
            (at("20021122091000", lead("I", [1])), at("20021123191000", lead("I", [2]))),
            "at most 1000 gap samples",
        ),
        (
            (at("0", lead("I", [1]), step="1e-9"), at("0", lead("II", range(50)), step="0.01")),
            "at most 1000 gap samples",
        ),
        ((at("0", lead("I", range(1100)), lead("II", [1])),), "at most 1000 gap samples .* found 1099"),
    ],
)
def test_gaps_are_limited(sets: tuple[str, ...], message: str) -> None:
    with pytest.raises(FormatError, match=message):
        read(*sets, given=replace(X, limits=Limits(gap_samples=1000)))
