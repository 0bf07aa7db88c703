"""Points in time, numbers, sampling rates and lists of digits."""

from fractions import Fraction

import numpy as np
import pytest

from einthoven.errors import FormatError
from einthoven.formats.aecg.datatypes import (
    SECONDS,
    decode_digits,
    number_of,
    place_of,
    point_of,
    rate_of,
    ts_after,
    ts_of,
)


@pytest.mark.parametrize(
    ("ts", "iso"),
    [
        ("2002", "2002"),
        ("200211", "2002-11"),
        ("20021122", "2002-11-22"),
        ("2002112209", "2002-11-22T09:00"),
        ("200211220910", "2002-11-22T09:10"),
        ("20021122091000", "2002-11-22T09:10:00"),
        (" 20021122091000.0250 ", "2002-11-22T09:10:00.0250"),
        ("20021122091000.5+0100", "2002-11-22T09:10:00.5+01:00"),
        ("20021122091000-0530", "2002-11-22T09:10:00-05:30"),
        ("2002-11-22T09:10:00", "2002-11-22T09:10:00"),
        ("2002-11-22 09:10:00.5Z", "2002-11-22T09:10:00.5+00:00"),
        ("2002-11-22", "2002-11-22"),
    ],
)
def test_points_in_time(ts: str, iso: str) -> None:
    point = point_of(ts)
    assert point is not None
    assert point.iso == iso
    assert point.has_time == ("T" in iso)


@pytest.mark.parametrize(
    "ts",
    [
        "",
        None,
        "20021322",
        "20021131",
        "20021122250000",
        "20021122096100",
        "0000",
        "2002112",
        "x2002",
        "20 02",
    ],
)
def test_what_is_no_point_in_time(ts: str | None) -> None:
    assert point_of(ts) is None


def test_time_between_points() -> None:
    first, later = point_of("20021122235959.75"), point_of("20021123000001")
    assert first is not None
    assert later is not None
    assert later.since(first) == Fraction(5, 4)
    zoned, other = point_of("20021122120000+0200"), point_of("20021122120000-0130")
    assert zoned is not None
    assert other is not None
    assert other.since(zoned) == 3.5 * 3600
    # Without a zone on both sides the clocks are taken as the same.
    assert first.since(zoned) == 11 * 3600 + 59 * 60 + Fraction(239, 4)


def test_points_are_written_as_they_were_stated() -> None:
    for iso in (
        "1953",
        "1953-05-08",
        "2002-11-22T09:10",
        "2002-11-22T09:10:00.0250",
        "2002-11-22T09:10:00+01:00",
    ):
        ts = ts_of(iso)
        assert ts is not None
        point = point_of(ts)
        assert point is not None
        assert point.iso == iso
    assert ts_of("2002-11-22 09:10") is None
    assert ts_of("22.11.2002") is None
    assert ts_of("2002-13-01") is None


def test_seconds_after_a_point() -> None:
    point = point_of("20021231235959.5-0530")
    assert point is not None
    assert ts_after(point, Fraction(1, 2)) == "20030101000000-0530"
    assert ts_after(point, Fraction(1, 3)) == "20021231235959.833333333-0530"
    last = point_of("99991231235959")
    assert last is not None
    assert ts_after(last, Fraction(1)) == ""


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2.5", Fraction(5, 2)),
        (" -3 ", Fraction(-3)),
        ("+.5", Fraction(1, 2)),
        ("5.", Fraction(5)),
        ("1E-3", Fraction(1, 1000)),
        ("", None),
        (None, None),
        ("1e999", None),
        ("9" * 41, None),
        ("1/3", None),
        ("nan", None),
        ("1_0", None),
        ("٣", None),
        ("2,5", None),
    ],
)
def test_numbers(text: str | None, number: Fraction | None) -> None:
    assert number_of(text) == number


def test_the_last_place_of_a_number() -> None:
    assert [place_of(text) for text in ("0.0020", "2", "2e-3", "1.5E2", ".25")] == [
        Fraction(1, 10_000), 1, Fraction(1, 1000), 10, Fraction(1, 100),
    ]  # fmt: skip
    with pytest.raises(ValueError, match="expected a number, found 'x'"):
        place_of("x")


@pytest.mark.parametrize(
    ("step", "unit", "hz"),
    [
        ("0.002", "s", 500),
        ("2", "ms", 500),
        ("2.0", "ms", 500),
        ("2000", "us", 500),
        ("1000000", "ns", 1000),
        ("0.004", "s", 250),
        ("0.001", "s", 1000),
        # Rounded ones, of which only one whole rate is left.
        ("0.002777778", "s", 360),
        ("0.00278", "s", 360),
        ("5.5556", "ms", 180),
        ("0.001953125", "s", 512),
        ("0.00195313", "s", 512),
        ("7.8125", "ms", 128),
        ("0.0000166666667", "min", 1000),
    ],
)
def test_rates_of_steps(step: str, unit: str, hz: int) -> None:
    rate = rate_of(step, SECONDS[unit])
    assert rate is not None
    assert (rate.hz, rate.is_certain) == (hz, True)


def test_rates_that_are_not_whole() -> None:
    rate = rate_of("0.0037950664136622391", SECONDS["s"])
    assert rate is not None
    assert float(rate.hz) == pytest.approx(263.5, abs=1e-9)
    assert rate.is_certain


def test_a_step_rounded_too_much_leaves_several_rates() -> None:
    rate = rate_of("0.0039", SECONDS["s"])
    assert rate is not None
    assert not rate.is_certain
    assert float(rate.hz) == pytest.approx(256.41, abs=0.01)
    assert rate.lowest < 256 < rate.highest
    huge = rate_of("3", Fraction(1, 1))
    assert huge is not None
    assert huge.highest == Fraction(2, 5)
    smallest = rate_of("3.0", Fraction(1, 1))
    assert smallest is not None
    assert smallest.lowest == Fraction(20, 61)


@pytest.mark.parametrize("step", ["0", "-0.002", "", "x", "0.002 s"])
def test_steps_that_are_none(step: str) -> None:
    assert rate_of(step, Fraction(1)) is None


def test_digits_are_parted_by_any_white_space() -> None:
    assert decode_digits(" 1\t-2\r\n +3\u00a04\n\n5.5 6e1 ", "x").tolist() == [1, -2, 3, 4, 5.5, 60]
    assert decode_digits("", "x").tolist() == []
    assert decode_digits(" \n ", "x").tolist() == []


def test_long_lists_are_read_piece_by_piece() -> None:
    numbers = np.arange(-300_000, 300_000)
    assert np.array_equal(decode_digits(" ".join(map(str, numbers.tolist())), "x"), numbers)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1 2 x 3", "'x'"),
        ("1,2,3", "'1,2,3'"),
        ("1 nan", "'nan'"),
        ("inf", "'inf'"),
        ("1_0", "'1_0'"),
        ("1 2-3", "'2-3'"),
        ("1e999", "'1e999'"),
        ("1e1 " + "9" * 50, "'" + "9" * 39),
        ("0x10", "'0x10'"),
        ("١٢", "'١٢'"),
    ],
)
def test_what_is_no_number(text: str, found: str) -> None:
    with pytest.raises(
        FormatError, match=r"^x\.xml, lead I: expected numbers parted by blanks, found "
    ) as error:
        decode_digits(text, "x.xml, lead I")
    assert found in str(error.value)
