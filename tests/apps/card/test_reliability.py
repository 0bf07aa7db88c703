"""The reliability diagram shows the bundle's curve, and the same one in the same bytes."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

from einthoven.apps.card import draw_reliability
from einthoven.apps.card.reliability import Bin, bin_span, furthest_off, reliability_bins
from einthoven.bundle import Bundle
from einthoven.errors import SettingsError


def curve(path: Path) -> np.ndarray:
    """The curve's points in the picture, in inches from the lower left."""
    # What was just drawn here is safe to parse.
    page = ET.fromstring(path.read_text())
    height = float(page.get("height", "").removesuffix("pt"))
    group = next(item for item in page.iter() if item.get("id") == "reliability")
    numbers = re.findall(r"-?\d+\.?\d*", group[0].get("d", ""))
    points = np.array(numbers, np.float64).reshape(-1, 2)
    return (points * [1, -1] + [0, height]) / 72


def test_bins_without_recordings_are_left_out(measured: Bundle, tiny_bundle: Bundle) -> None:
    assert reliability_bins(measured)[0] == Bin(0.25, 0.5, 100, 0.41, 0.37)
    assert [item.n_records for item in reliability_bins(measured)] == [100, 300, 800]
    assert reliability_bins(tiny_bundle) == ()


def test_the_curve_lies_where_its_figures_say(measured: Bundle, tmp_path: Path) -> None:
    draw_reliability(measured, tmp_path / "a.svg")
    expected = [[at.confidence, at.accuracy] for at in reliability_bins(measured)]
    # Both axes go from 0 to 1 over 3.7 inches.
    assert curve(tmp_path / "a.svg") == pytest.approx(np.array(expected) * 3.7 + [0.7, 1.6], abs=1e-4)


def test_the_same_bundle_gives_the_same_bytes(measured: Bundle, tmp_path: Path) -> None:
    for ending in (".svg", ".png", ".pdf"):
        for name in ("a", "b"):
            draw_reliability(measured, tmp_path / f"{name}{ending}")
        assert (tmp_path / f"a{ending}").read_bytes() == (tmp_path / f"b{ending}").read_bytes(), ending


def test_what_was_not_measured_is_not_drawn(tiny_bundle: Bundle, tmp_path: Path) -> None:
    draw_reliability(tiny_bundle, tmp_path / "a.svg")
    assert "<!-- not measured -->" in (tmp_path / "a.svg").read_text()


def test_other_endings_are_refused(measured: Bundle, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="expected an ending"):
        draw_reliability(measured, tmp_path / "a.jpeg")


def test_of_several_labels_it_is_the_share_that_has_the_class(
    several: Bundle, measured: Bundle, tmp_path: Path
) -> None:
    for bundle in (several, measured):
        draw_reliability(bundle, tmp_path / f"{bundle.name}.svg")
    texts = {name: (tmp_path / f"{name}.svg").read_text() for name in ("tiny12", "tiny")}
    for said, unsaid in (
        ("share that have the class", "share of answers that are right"),
        ("probability of a class", "probability of the answer"),
        ("pairs", "recordings"),
        ("tiny12 0.1: all classes, held out", "tiny 1.2: held-out recordings"),
    ):
        assert (f"<!-- {said} -->" in texts["tiny12"], f"<!-- {said} -->" in texts["tiny"]) == (True, False)
        assert (f"<!-- {unsaid} -->" in texts["tiny12"], f"<!-- {unsaid} -->" in texts["tiny"]) == (
            False,
            True,
        )


def test_the_bin_furthest_off_is_one_of_some_size(several: Bundle, tiny_bundle: Bundle) -> None:
    worst = furthest_off(several)
    assert worst is not None
    assert bin_span(worst) == "0.50 to 0.75"
    assert furthest_off(tiny_bundle) is None
