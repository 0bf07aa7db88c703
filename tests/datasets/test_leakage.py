"""No recording and no patient on both sides of a split, whatever packaging a database came in."""

import pytest

from einthoven.datasets import check_apart
from einthoven.datasets.dataset import Entry
from einthoven.datasets.leakage import database_of
from einthoven.errors import DatasetError


def _entry(name: str, source: str | None, patient: str | None = None, recording: str | None = None) -> Entry:
    return Entry(name, (), patient, source=source, recording=recording)


HR = _entry("HR00599", "ptb-xl")
HR_KNOWN = _entry("HR00599", "ptb-xl", "7")
SAME = _entry("599", "ptbxl", "7")
OTHER = _entry("600", "ptbxl", "8")


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (HR, SAME, r"one recording in two parts: HR00599 \(ptb-xl\) in train, 599 \(ptbxl\) in test"),
        (SAME, HR_KNOWN, r"one recording in two parts: 599 \(ptbxl\) in train, HR00599 \(ptb-xl\) in test"),
        (_entry("HR00599", None), SAME, r"one recording .* HR00599 \(source not stated\) in train"),
        (_entry("HR00012", "ptb-xl", "8"), OTHER, "one patient in two parts: HR00012"),
        (HR, OTHER, r"recordings of PTB-XL whose patient is not known: HR00599 .* 600 \(ptbxl\) in test"),
        (OTHER, HR, r"recordings of PTB-XL whose patient is not known: 600 .* HR00599 \(ptb-xl\) in test"),
        (
            _entry("S0001", "ptb"),
            _entry("patient001/s0010_re", "ptbdb", "patient001"),
            "recordings of PTB",
        ),
        (_entry("A0001", "cpsc_2018"), _entry("A0001", "cpsc2018"), "one recording"),
        (_entry("I0001", "incart", "incart-01"), _entry("I0002", "incart", "incart-01"), "one patient"),
        (
            _entry("a", "mitdb", recording="100"),
            _entry("b", "mitdb", recording="100"),
            "one recording",
        ),
    ],
)
def test_what_two_sides_share_is_named(first: Entry, second: Entry, message: str) -> None:
    with pytest.raises(DatasetError, match=f"each recording and patient in one part, found {message}"):
        check_apart([first], [second])


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (HR_KNOWN, OTHER),
        (HR, _entry("HR00600", "ptb-xl")),
        (HR, _entry("599", "mitdb", "7")),
        (_entry("E00001", "georgia"), _entry("E00002", "georgia")),
        (_entry("A0001", "cpsc_2018"), _entry("A0002", "cpsc2018")),
        (_entry("201", "mitdb", "201"), _entry("5", "ptbxl", "201")),
        (_entry("A00001", "cinc2017"), _entry("A0001", "cpsc2018")),
    ],
)
def test_what_is_apart_passes(first: Entry, second: Entry) -> None:
    check_apart([first], [second])
    check_apart([second], [first])
    check_apart([first, second], [])


def test_all_that_is_concerned_is_counted_and_the_sides_are_named() -> None:
    first = [_entry(f"HR{number:05d}", "ptb-xl") for number in range(1, 6)]
    second = [_entry(str(number), "ptbxl", "p") for number in range(4, 9)]
    with pytest.raises(
        DatasetError, match=r"HR00004 .* in seen, 4 .* in unseen; .*: 2 in seen and 2 in unse"
    ):
        check_apart(first, second, ("seen", "unseen"))
    with pytest.raises(DatasetError, match=r"not known: HR00001 .* concerned: 3 in train and 3 in test$"):
        check_apart(first[:3], [*second[2:], _entry("E1", "georgia")])


@pytest.mark.parametrize(
    ("name", "source", "database"),
    [
        ("HR00001", None, "PTB-XL"),
        ("1", "ptbxl", "PTB-XL"),
        ("HR00001", "ptb-xl", "PTB-XL"),
        ("HR1", None, ""),
        ("x", "georgia", "georgia"),
    ],
)
def test_database_of_an_entry(name: str, source: str | None, database: str) -> None:
    assert database_of(_entry(name, source)) == database
