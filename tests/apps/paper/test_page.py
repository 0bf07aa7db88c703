"""The page is to scale: measured in the SVG, whose units are 1/72 inch."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from einthoven.apps.paper import draw
from einthoven.bundle import Label
from einthoven.errors import SettingsError
from einthoven.inference.prediction import Failure, Prediction
from einthoven.record import Record
from einthoven.signal.simulated import simulate

MM = 72 / 25.4
LABELS = (Label("N", "normal rhythm"), Label("A", "atrial fibrillation"))
ANSWER = Prediction(
    record="r", path="", model="tiny", model_version="1.2", leads_used=("I",), labels=("A",),
    probs={"N": 0.2, "A": 0.8}, abstained=False, abstain_reason=None, quality={"score": 0.9},
    warnings=("lead I: 3 % of the samples are missing",),
)  # fmt: skip


def svg(path: Path, record: Record, answer: Prediction | Failure | None = None) -> ET.Element:
    draw(record, path / "page.svg", answer, LABELS)
    # What was just drawn here is safe to parse.
    return ET.fromstring((path / "page.svg").read_text())


def points(page: ET.Element, gid: str) -> list[np.ndarray]:
    """The points of the paths of a group, mm, y upwards."""
    found = []
    for group in page.iter("{http://www.w3.org/2000/svg}g"):
        if group.get("id", "").startswith(gid):
            path = group.find("{http://www.w3.org/2000/svg}path")
            assert path is not None
            numbers = [float(text) for text in re.findall(r"-?\d+\.?\d*(?:e-?\d+)?", path.get("d", ""))]
            found.append(np.array(numbers).reshape(-1, 2) / MM * [1, -1])
    return found


def texts(path: Path) -> str:
    """What is written on the page: matplotlib leaves it in comments beside the outlines."""
    return " | ".join(re.findall(r"<!-- (.*?) -->", (path / "page.svg").read_text()))


def test_paper_runs_at_25_mm_a_second_and_10_mm_a_mv(tmp_path: Path) -> None:
    t = np.arange(3000) / 100
    signal = np.sign(np.sin(2 * np.pi * t + 0.01)).astype(np.float32)[None]
    page = svg(tmp_path, Record(signal, 100.0, ("I",)))
    traces = points(page, "trace")
    assert len(traces) == 3
    for trace in traces:
        width, height = np.ptp(trace, axis=0)
        assert width == pytest.approx(249.75, abs=0.01)
        assert height == pytest.approx(20.0, abs=0.01)


def test_each_line_begins_with_a_calibration_pulse(tmp_path: Path) -> None:
    pulses = points(svg(tmp_path, simulate(duration_s=30)), "calibration")
    assert len(pulses) == 3
    for pulse in pulses:
        assert np.ptp(pulse[:, 1]) == pytest.approx(10.0, abs=1e-3)
        assert np.ptp(pulse[2:4, 0]) == pytest.approx(5.0, abs=1e-3)


def test_the_page_has_its_size_in_millimetres(tmp_path: Path) -> None:
    draw(simulate(duration_s=10, leads=("I", "II")), tmp_path / "page.pdf")
    box = re.search(rb"/MediaBox \[\s*0 0 ([\d.]+) ([\d.]+)\s*\]", (tmp_path / "page.pdf").read_bytes())
    assert box is not None
    width, height = (float(number) / MM for number in box.groups())
    assert width == pytest.approx(297, abs=0.01)
    assert height % 1 == pytest.approx(0, abs=0.01)


def test_missing_samples_leave_a_gap(tmp_path: Path) -> None:
    record = simulate(duration_s=10)
    record.signal[:, 300:600] = np.nan
    path = next(g for g in svg(tmp_path, record).iter() if g.get("id", "").startswith("trace"))[0]
    assert path.get("d", "").count("M") == 2


def test_what_the_model_says_is_written(tmp_path: Path) -> None:
    svg(tmp_path, replace(simulate(duration_s=10), name="patient $1$ [bold]"), ANSWER)
    written = texts(tmp_path)
    said = ("patient $1$ [bold]", "Atrial fibrillation", "0.80", "quality 0.90; lead I: 3 % of", "tiny 1.2")
    for text in (*said, "not a medical device", "25 mm/s", "10 mm/mV"):
        assert text in written, text


def test_doubt_and_failure_are_written(tmp_path: Path) -> None:
    unsure = replace(ANSWER, abstained=True, abstain_reason="not sure: A has a probability of 0.40")
    svg(tmp_path, simulate(duration_s=10), unsure)
    assert "not sure: atrial fibrillation?" in texts(tmp_path)
    assert "A has a probability of 0.40" in texts(tmp_path)
    svg(tmp_path, simulate(duration_s=10), Failure("r", "", "1 s of signal"))
    assert "no answer: 1 s of signal" in texts(tmp_path)


def test_what_is_not_shown_is_said(tmp_path: Path) -> None:
    svg(tmp_path, simulate(duration_s=125))
    assert "the first 120 s of 125 s are shown" in texts(tmp_path)


def test_the_same_recording_gives_the_same_bytes(tmp_path: Path) -> None:
    record = simulate(duration_s=10)
    for ending in (".png", ".pdf", ".svg"):
        draw(record, tmp_path / f"a{ending}", ANSWER, LABELS)
        draw(record, tmp_path / f"b{ending}", ANSWER, LABELS)
        assert (tmp_path / f"a{ending}").read_bytes() == (tmp_path / f"b{ending}").read_bytes(), ending


@pytest.mark.parametrize("signal", [np.full((1, 1000), np.nan), np.zeros((1, 1)), np.full((3, 700), 1e6)])
def test_odd_signals_are_drawn(tmp_path: Path, signal: np.ndarray) -> None:
    leads = ("I", "II", "心")[: len(signal)]
    draw(Record(signal.astype(np.float32), 100.0, leads, name="心電図\n"), tmp_path / "page.png")
    assert (tmp_path / "page.png").stat().st_size > 1000


def test_other_endings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"expected an ending among \.png"):
        draw(simulate(duration_s=10), tmp_path / "page.jpeg")
