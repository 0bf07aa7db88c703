"""Lettering is measured before it is written."""

from itertools import pairwise

import pytest

from einthoven.apps.paper.style import fitted, width_of, wrapped

LONG = "stuck at its highest or lowest value for 40 % of the time; " * 5


def test_width_grows_with_letters_size_and_weight() -> None:
    assert width_of("", 3.0) == 0
    assert width_of("mm", 3.0) == pytest.approx(2 * width_of("m", 3.0), rel=0.05)
    assert width_of("mm", 6.0) == pytest.approx(2 * width_of("mm", 3.0))
    assert width_of("mm", 3.0, "bold") > width_of("mm", 3.0)


def test_what_fits_stays() -> None:
    assert fitted("lead I", 100.0, 4.0, 2.0) == ("lead I", 4.0)


def test_what_is_too_wide_becomes_smaller_and_then_shorter() -> None:
    text, size = fitted("a rhythm of some kind", 30.0, 4.0, 1.0)
    assert text == "a rhythm of some kind"
    assert width_of(text, size) == pytest.approx(30.0)
    text, size = fitted(LONG, 50.0, 4.0, 3.0)
    assert size == 3.0
    assert LONG.startswith(text.removesuffix("..."))
    assert 45 < width_of(text, size) <= 50


def test_lines_are_as_wide_as_there_is_room_and_lose_nothing() -> None:
    lines = wrapped(LONG, 60.0, 3.0, 20)
    assert " ".join(lines) == LONG.strip()
    assert all(width_of(line, 3.0) <= 60 for line in lines)
    assert all(width_of(f"{a} {b.split()[0]}", 3.0) > 60 for a, b in pairwise(lines))
    assert wrapped("", 60.0, 3.0, 2) == []


def test_more_lines_than_there_may_be_are_cut_and_that_shows() -> None:
    lines = wrapped(LONG, 60.0, 3.0, 2)
    assert len(lines) == 2
    assert lines[-1].endswith("...")
    assert width_of(lines[-1], 3.0) <= 60.001


def test_a_word_that_is_wider_than_the_page_is_cut() -> None:
    (line,) = wrapped("x" * 500, 60.0, 3.0, 2)
    assert line.endswith("x...")
    assert width_of(line, 3.0) <= 60.001


def test_what_does_not_print_is_escaped() -> None:
    assert fitted("odd\udcff\n", 100.0, 4.0, 2.0)[0] == "odd\\udcff\\n"
