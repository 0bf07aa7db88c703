"""Findings: one for each place, the smallest, and made smaller."""

import os
from pathlib import Path

import pytest
from fuzz.findings import Findings, signature
from fuzz.minimise import minimise
from fuzz.targets import BrokenPromise

from einthoven.errors import FormatError
from einthoven.formats.limits import Limits


def raised(error: Exception) -> Exception:
    try:
        raise error
    except Exception as caught:
        return caught


def from_limits() -> Exception:
    try:
        Limits().check("leads", 1000, "x")
    except FormatError as error:
        return error
    raise AssertionError


def test_the_smallest_input_of_a_place_is_kept(tmp_path: Path) -> None:
    findings = Findings(tmp_path / "scp")
    assert findings.names() == []
    for data in (b"12345", b"123", b"1234"):
        findings.keep(data, from_limits())
    findings.keep(b"1", raised(KeyError("x")))
    assert findings.names() == ["FormatError-limits.check", "KeyError"]
    assert (findings.folder / "FormatError-limits.check").read_bytes() == b"123"
    assert "expected at most 256 leads" in (findings.folder / "FormatError-limits.check.txt").read_text()


def test_what_is_found_again_is_of_this_run(tmp_path: Path) -> None:
    findings = Findings(tmp_path)
    findings.keep(b"1", raised(KeyError("x")))
    findings.keep(b"1", raised(ValueError("x")))
    for name in findings.names():
        os.utime(tmp_path / name, (1000, 1000))
    assert findings.names(since=2000) == []
    findings.keep(b"123", raised(ValueError("y")))
    assert findings.names(since=2000) == ["ValueError"]


def test_a_broken_promise_is_called_by_what_it_is() -> None:
    assert signature(BrokenPromise("a line among the leads", "a")) == "BrokenPromise-a-line-among-the-leads"
    odd = BrokenPromise("no SyntaxWarning of <unknown> 1", "a")
    assert signature(odd) == "BrokenPromise-no-SyntaxWarning-of-unknown-1"
    caused = BrokenPromise("one line as a message", "a")
    caused.__cause__ = from_limits()
    assert signature(caused) == "BrokenPromise-one-line-as-a-message-limits.check"


def test_an_input_is_made_small() -> None:
    def target(data: bytes) -> None:
        if b"ab" in data and b"c" in data:
            raise KeyError
        if data == b"ab":
            raise ValueError

    assert sorted(minimise(b"xxxxabyyyyyyyyyyyyyczzz", target)) == sorted(b"abc")
    assert minimise(b"ab", target) == b"ab"
    with pytest.raises(ValueError, match="found one that is read or refused"):
        minimise(b"xxx", target)


def test_bytes_that_do_not_matter_become_zeros() -> None:
    def target(data: bytes) -> None:
        if len(data) > 3 and data[2] == 7:
            raise KeyError

    assert minimise(b"\1\2\7\4", target) == b"\0\0\7\0"
