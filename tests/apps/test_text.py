"""Text is folded without losing any of it."""

import re

from hypothesis import given
from hypothesis import strategies as st

from einthoven.apps.text import fold, one_line, width_of


def test_lines_end_at_spaces_first() -> None:
    assert fold("M. Zihlmann, D. Perekrestenko: Convolutional", 20) == [
        "M. Zihlmann, D.", "Perekrestenko:", "Convolutional"]  # fmt: skip


def test_names_are_broken_between_their_parts() -> None:
    assert fold("data/site_b/atrial-fibrillation", 14) == ["data/site_b/", "atrial-", "fibrillation"]
    assert fold("from -5 to 7", 6) == ["from", "-5 to", "7"]


def test_what_has_no_such_place_is_broken_anywhere() -> None:
    assert fold("10.22489CinC.2017.070", 8) == ["10.22489", "CinC.201", "7.070"]
    assert fold("心電図心電図", 5) == ["心電", "図心", "電図"]


def test_what_fits_stays_on_its_line() -> None:
    assert fold("as it is", 8) == ["as it is"]
    assert fold("", 8) == [""]


@given(st.text(max_size=80), st.integers(2, 30))
def test_nothing_is_lost_and_no_line_is_too_wide(text: str, width: int) -> None:
    line = one_line(text)
    lines = fold(line, width)
    assert re.sub(r"\s", "", "".join(lines)) == re.sub(r"\s", "", line)
    assert all(width_of(part) <= width for part in lines)
