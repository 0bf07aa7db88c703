from decimal import Decimal

import numpy as np
import pytest
from edf_file import Text, Wave, edf_file, tal
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.errors import FormatError
from einthoven.formats.edf import annotations
from einthoven.formats.edf.annotations import Tal, encode_tal, parse_tals, read_timeline, spread
from einthoven.formats.edf.header import read_header
from einthoven.formats.given import Given

X = Given(where="x.edf")
TEXTS = st.text(
    st.characters(blacklist_characters="\0\x14\x15", blacklist_categories=("Cs", "Cc")), max_size=20
)


def test_several_lists() -> None:
    block = tal("+0", "") + tal("-1.25", "a", "\u00e9", duration="3.5") + b"\0\0"
    assert parse_tals(block) == (
        [Tal(0.0, 0.0, ("",)), Tal(-1.25, 3.5, ("a", "\u00e9"))],
        0,
    )


def test_latin_1() -> None:
    assert parse_tals(b"+1\x14\xe9\x14\0")[0] == [Tal(1.0, 0.0, ("\u00e9",))]


@pytest.mark.parametrize(
    "damaged",
    [
        b"1\x14a\x14\0",
        b"+1\0",
        b"+1\x14\0",
        b"+1\x14a\0",
        b"+x\x14a\x14\0",
        b"+1\x15\x14a\x14\0",
        b"+1e5\x14a\x14\0",
    ],
)
def test_damaged_lists_are_counted(damaged: bytes) -> None:
    assert parse_tals(damaged + tal("+2", "b")) == ([Tal(2.0, 0.0, ("b",))], 1)


@given(
    onset=st.integers(0, 10**12),
    duration=st.none() | st.integers(1, 10**12),
    texts=st.lists(TEXTS, min_size=1, max_size=3),
)
@settings(max_examples=60, deadline=None)
def test_what_is_encoded_comes_back(onset: int, duration: int | None, texts: list[str]) -> None:
    seconds = Decimal(onset) / 1000
    lasting = None if duration is None else Decimal(duration) / 1000
    ((found,), damaged) = parse_tals(encode_tal(seconds, texts, lasting))
    assert damaged == 0
    assert found == Tal(float(seconds), float(lasting or 0), tuple(texts))


def test_control_characters_become_blanks() -> None:
    assert encode_tal(Decimal(0), ("a\x14b\0c\x15d\ne",)) == b"+0\x14a b c d\ne\x14\0"


def test_no_exponent_and_no_more_than_nanoseconds() -> None:
    assert encode_tal(Decimal("1e6") / 3, ("",)) == b"+333333.333333333\x14\x14\0"
    assert encode_tal(Decimal(100000), ("",)) == b"+100000\x14\x14\0"


@given(
    lists=st.lists(st.tuples(st.integers(0, 9), st.binary(min_size=1, max_size=30)), max_size=40),
)
@settings(max_examples=60, deadline=None)
def test_lists_are_spread_over_data_records_after_their_own(lists: list[tuple[int, bytes]]) -> None:
    tals = [
        (record, bytes(part).replace(b"\0", b"x")) for record, part in sorted(lists, key=lambda item: item[0])
    ]
    keepers = [f"+{i}".encode() for i in range(10)]
    block = spread(tals, keepers)
    assert len(block) % 20 == 0
    size = len(block) // 10
    parts = [block[i * size : (i + 1) * size] for i in range(10)]
    assert all(part.startswith(keeper) for part, keeper in zip(parts, keepers, strict=True))
    written = b"".join(part[2:].rstrip(b"\0") for part in parts)
    assert written == b"".join(part for _, part in tals)
    at = 0
    for record, part in tals:
        # The first data record whose end, without what fills it, holds the end of the list.
        ends = np.cumsum([len(p[2:].rstrip(b"\0")) for p in parts])
        at += len(part)
        assert int(np.searchsorted(ends, at)) >= record


def test_two_annotation_signals_of_which_the_first_keeps_the_time() -> None:
    data = edf_file(
        Text([tal("+0.5", "") + tal("+0.7", "a"), tal("+1.5", "Stimulus")]),
        Wave(),
        Text([tal("+1", "b", ""), tal("+2", "c")]),
        reserved="EDF+C",
    )
    timeline = read_timeline(data, read_header(data, X), "x.edf")
    assert timeline.start_s == 0.5
    np.testing.assert_array_equal(timeline.onsets_s, [0.5, np.nan])
    assert [tal.texts for tal in timeline.tals] == [("a",), ("Stimulus",), ("b",), ("c",)]


def test_a_first_record_without_a_stamp_starts_at_zero() -> None:
    data = edf_file(Wave(), Text([b"", tal("+1", "")]), reserved="EDF+C")
    assert read_timeline(data, read_header(data, X), "x.edf").start_s == 0


def test_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(annotations, "MOST_TEXTS", 1)
    data = edf_file(Wave(records=((1,),)), Text([tal("+0", "a") * 3]), reserved="EDF+C")
    with pytest.raises(FormatError, match=r"x.edf: expected at most 1 annotations, found more"):
        read_timeline(data, read_header(data, X), "x.edf")


def test_empty_data_records_and_those_that_only_keep_the_time() -> None:
    blocks = [b"", tal("+1.25", ""), tal("+2.5", "") + tal("+2.5", "a"), b"\0" + tal("+9", ""), tal("x", "")]
    data = edf_file(Wave(records=((1,),) * 5), Text(blocks), reserved="EDF+C")
    timeline = read_timeline(data, read_header(data, X), "x.edf")
    np.testing.assert_array_equal(timeline.onsets_s, [np.nan, 1.25, 2.5, 9, np.nan])
    assert ([tal.texts for tal in timeline.tals], timeline.n_damaged) == ([("a",)], 1)
