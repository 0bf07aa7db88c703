"""Pictures as files: endings, bytes that do not change, and where axes lie."""

import warnings
from pathlib import Path

import pytest
from matplotlib import rcParams
from matplotlib.figure import Figure

from einthoven.apps.picture import (
    QUIET,
    axes_in_inches,
    calm,
    check_ending,
    drawing_page,
    reproducible,
    save,
)
from einthoven.errors import SettingsError


def figure_with(text: str = "a") -> Figure:
    figure = Figure(figsize=(2.0, 4.0))
    # A clip path gets an id of its own in an SVG.
    figure.add_axes((0.1, 0.1, 0.8, 0.8)).plot([0, 2], [0, 1])
    figure.text(0.5, 0.5, text)
    return figure


def test_endings_are_checked_whatever_their_letters(tmp_path: Path) -> None:
    check_ending(tmp_path / "a.PNG")
    check_ending(tmp_path / "a.html", (".html",))
    with pytest.raises(SettingsError, match=r"expected an ending among \.png, \.pdf, \.svg, found \.html"):
        check_ending(tmp_path / "a.html")
    with pytest.raises(SettingsError, match="found none"):
        check_ending(tmp_path / "a")


@pytest.mark.parametrize("ending", ["svg", "pdf", "png", "SVG"])
def test_a_picture_has_the_same_bytes_in_whatever_year(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    found = []
    for date in ("0", "1000000000"):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", date)
        path = tmp_path / f"{date}.{ending}"
        with reproducible():
            save(figure_with(), path)
        found.append(path.read_bytes())
    assert found[0] == found[1]
    begins = {"svg": b"<?xml", "pdf": b"%PDF", "png": b"\x89PNG"}[ending.lower()]
    assert found[0].startswith(begins)


def test_pages_are_drawn_unhinted_and_letters_that_the_font_has_not_pass(tmp_path: Path) -> None:
    before = rcParams["text.hinting"]
    with drawing_page():
        assert (rcParams["text.hinting"], rcParams["svg.hashsalt"]) == ("no_hinting", "einthoven")
        save(figure_with("\u4e00"), tmp_path / "a.png")
        with pytest.raises(UserWarning, match="something else"):
            warnings.warn("something else", stacklevel=1)
    assert (rcParams["text.hinting"], rcParams["svg.hashsalt"]) == (before, None)
    with pytest.raises(UserWarning, match=r"Glyph .* missing"):
        save(figure_with("\u4e00"), tmp_path / "a.png")


def test_axes_lie_where_they_are_put_and_are_calm() -> None:
    axes = axes_in_inches(Figure(figsize=(2.0, 4.0)), (0.5, 1.0, 1.0, 2.0), xlim=(0, 7))
    assert axes.get_position().bounds == (0.25, 0.25, 0.5, 0.5)
    assert axes.get_xlim() == (0, 7)
    calm(axes)
    assert [name for name, spine in axes.spines.items() if spine.get_visible()] == ["left", "bottom"]
    assert axes.xaxis.get_tick_params()["labelcolor"] == QUIET
