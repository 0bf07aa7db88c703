"""The targets: each way in which a reader can break its promise is seen."""

import warnings
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest
from fuzz.targets import FILES, READS, SEPARATOR, BrokenPromise, is_line, is_text, promised

from einthoven.errors import FormatError
from einthoven.record import Record

RECORD = Record(np.zeros((1, 3)), 250.0, ("I",))


class CarelessError(FormatError):
    """An error that does not take care of its message."""

    def __str__(self) -> str:
        return str(self.args[0])


def returning(**changes: object) -> Record:
    found = replace(RECORD)
    for name, value in changes.items():
        object.__setattr__(found, name, value)
    return found


def broken(found: object) -> str:
    def read(_: bytes) -> Record:
        if isinstance(found, Exception):
            raise found
        if isinstance(found, str):
            warnings.warn(found, RuntimeWarning, stacklevel=1)
            return RECORD
        assert isinstance(found, Record)
        return found

    with pytest.raises(BrokenPromise) as caught:
        promised(read)(b"")
    return str(caught.value)


def test_records_and_messages_of_one_line_are_right() -> None:
    promised(lambda _: RECORD)(b"")

    def refused(_: bytes) -> Record:
        raise FormatError("x: expected a file, found\nnone")

    promised(refused)(b"")


def test_other_errors_come_out() -> None:
    def read(data: bytes) -> Record:
        raise IndexError(data)

    with pytest.raises(IndexError):
        promised(read)(b"")


@pytest.mark.parametrize("message", ["", "a\nb", "a\x1bb", "a\u2028b", "a" * 3000, "\ud800"])
def test_messages_that_are_no_line(message: str) -> None:
    assert broken(CarelessError(message)).startswith("expected one line as a message, found ")
    assert not is_line(message)


def test_what_a_record_may_not_say() -> None:
    assert broken(returning(leads=("I\t",))) == r"expected a line among the leads, found 'I\t'"
    assert broken(returning(warnings=("",))) == "expected a line among the warnings, found ''"
    assert broken(returning(comments=("\ud800",))) == r"expected a text among the comments, found '\ud800'"
    for value in ("", 5, "\udfff"):
        facts = MappingProxyType({"age": value})
        assert broken(returning(patient=facts)).startswith("expected a text as age, found ")
        assert broken(returning(recording=facts)).startswith("expected a text as age, found ")
    beat = returning(leads=("",))
    assert broken(returning(representative_beat=beat)) == "expected a line among the leads, found ''"


def test_warnings_of_python() -> None:
    assert broken("overflow").startswith("expected no RuntimeWarning of test_targets ")


def test_texts_may_have_several_lines() -> None:
    assert is_text("a\nb")
    assert not is_text("\ud83d")


def test_the_files_of_a_wfdb_record_are_one_input() -> None:
    header = b"x 1 100 3\nx.dat 16 200/mV 0 0 0 0 0 I\n"
    found = READS["wfdb"](SEPARATOR.join((header, bytes(6))))
    assert isinstance(found, Record)
    assert (found.leads, found.n_samples) == (("I",), 3)
    assert FILES[:2] == ("x.hea", "x.dat")
    with pytest.raises(FormatError, match=r"expected signal file x\.dat beside it, found no such file"):
        READS["wfdb"](header)
