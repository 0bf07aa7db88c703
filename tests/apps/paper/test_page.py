"""The page is to scale: measured in the SVG, whose units are 1/72 inch."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from einthoven.apps.paper import draw, lay_out
from einthoven.apps.paper.margins import Caption, remarks, write_foot, write_head
from einthoven.apps.paper.style import MARGIN, WIDTH
from einthoven.bundle import Label
from einthoven.errors import SettingsError
from einthoven.inference.prediction import Failure, Prediction
from einthoven.record import Record
from einthoven.signal.simulated import LEADS, simulate

MM = 72 / 25.4
LABELS = (Label("N", "normal rhythm"), Label("A", "atrial fibrillation"))
ANSWER = Prediction(
    record="r", path="", model="tiny", model_version="1.2", leads_used=("I",), labels=("A",),
    probs={"N": 0.2, "A": 0.8}, abstained=False, abstain_reason=None, heart_rate=72.0, quality={"score": 0.9},
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
    # Head, lines of 30 and 25 mm and a box, foot.
    assert height == pytest.approx(23 + 30 + 25 + 5 + 17.4, abs=0.01)


def test_missing_samples_leave_a_gap(tmp_path: Path) -> None:
    found = simulate(duration_s=10)
    signal = found.signal.copy()
    signal[:, 300:600] = np.nan
    page = svg(tmp_path, replace(found, signal=signal))
    path = next(g for g in page.iter() if g.get("id", "").startswith("trace"))[0]
    assert path.get("d", "").count("M") == 2


def test_a_line_without_samples_says_so(tmp_path: Path) -> None:
    signal = np.zeros((1, 2000), np.float32)
    signal[:, 1000:] = np.nan
    page = svg(tmp_path, Record(signal, 100.0, ("I",)))
    assert len(points(page, "trace")) == 1
    assert texts(tmp_path).count("no samples") == 1


def test_what_goes_beyond_its_line_is_marked(tmp_path: Path) -> None:
    signal = np.zeros((1, 1000), np.float32)
    signal[0, 200], signal[0, 600:604] = 8.0, -12.5
    page = svg(tmp_path, Record(signal, 100.0, ("V1",)))
    # A collection of two arrowheads, one at each edge, above and below the place of the spike.
    up, down = points(page, "beyond")
    (trace,) = points(page, "trace")
    left, zero = trace[0]
    tips = [(up[:, 0].mean() - left) / 25, (down[:, 0].mean() - left) / 25]
    assert tips == pytest.approx([2.0, 6.015], abs=0.02)
    assert up[:, 1].max() - zero == pytest.approx(45, abs=0.01)
    assert down[:, 1].min() - zero == pytest.approx(-45, abs=0.01)
    assert "arrowheads mark where a trace goes beyond its line: V1 from -12.5 to 8 mV" in texts(tmp_path)


def test_a_long_stretch_beyond_has_more_than_one_mark(tmp_path: Path) -> None:
    signal = np.zeros((1, 1000), np.float32)
    signal[0, 100:300] = 9.0
    (marks,) = beyond(svg(tmp_path, Record(signal, 100.0, ("V1",))))
    # 2 s are 50 mm, with one every 3 mm.
    assert len(marks) == 18


def beyond(page: ET.Element) -> list[list[ET.Element]]:
    """The arrowheads of each edge."""
    groups = [group for group in page.iter() if group.get("id", "").startswith("beyond")]
    return [group.findall(".//{http://www.w3.org/2000/svg}path") for group in groups]


def test_what_stays_within_its_line_has_no_mark(tmp_path: Path) -> None:
    page = svg(tmp_path, simulate(duration_s=10))
    assert points(page, "beyond") == []
    assert "arrowheads" not in texts(tmp_path)


def test_what_the_model_says_is_written(tmp_path: Path) -> None:
    svg(tmp_path, replace(simulate(duration_s=10), name="patient $1$ [bold]"), ANSWER)
    written = texts(tmp_path)
    said = ("patient $1$ [bold]", "Atrial fibrillation", "72 bpm", "0.80", "quality 0.90; lead I: 3 % of",
            "tiny 1.2", "not a medical device", "25 mm/s", "10 mm/mV")  # fmt: skip
    for text in said:
        assert text in written, text
    svg(tmp_path, simulate(duration_s=10), replace(ANSWER, heart_rate=None))
    assert "bpm" not in texts(tmp_path)


def test_doubt_and_failure_are_written(tmp_path: Path) -> None:
    unsure = replace(ANSWER, abstained=True, abstain_reason="not sure: A has a probability of 0.40")
    svg(tmp_path, simulate(duration_s=10), unsure)
    assert "Not sure: atrial fibrillation?" in texts(tmp_path)
    assert "| A has a probability of 0.40" in texts(tmp_path)
    svg(tmp_path, simulate(duration_s=10), Failure("r", "", "1 s of signal"))
    assert "no answer: 1 s of signal" in texts(tmp_path)


def test_names_that_are_no_text_are_escaped(tmp_path: Path) -> None:
    odd = replace(simulate(duration_s=10), name="caf\udce9", leads=("\udcff",))
    for ending in (".png", ".pdf"):
        draw(odd, tmp_path / f"page{ending}", Failure("r", "", "odd\udce9"))
    svg(tmp_path, odd, Failure("r", "", "odd\udce9"))
    for text in ("caf\\udce9", "lead \\udcff", "no answer: odd\\udce9"):
        assert text in texts(tmp_path)


def test_what_is_not_shown_is_said(tmp_path: Path) -> None:
    svg(tmp_path, simulate(duration_s=125), ANSWER)
    assert "shown: 0 to 60 s of 2.08 min" in texts(tmp_path)
    assert "the answer is about the whole recording, not only the part that is shown" in texts(tmp_path)
    svg(tmp_path, simulate(duration_s=60), ANSWER)
    assert "shown" not in texts(tmp_path)


def test_leads_that_have_no_room_are_named(tmp_path: Path) -> None:
    svg(tmp_path, Record(np.zeros((13, 1000), np.float32), 100.0, tuple(f"E{i}" for i in range(13))))
    assert "not shown: E12" in texts(tmp_path)


def test_columns_are_said_to_follow_each_other(tmp_path: Path) -> None:
    svg(tmp_path, simulate(duration_s=10, leads=tuple(LEADS)))
    assert "the columns follow each other in time" in texts(tmp_path)


def test_several_pages_are_one_pdf_and_no_other_picture(tmp_path: Path) -> None:
    record = simulate(duration_s=130)
    sheets = lay_out(record, duration_s=130)
    draw(record, tmp_path / "page.pdf", ANSWER, LABELS, sheets)
    written = (tmp_path / "page.pdf").read_bytes()
    assert len(re.findall(rb"/Type /Page\b", written)) == 3
    # All of one size, so that they print on one kind of paper.
    assert len(set(re.findall(rb"/MediaBox \[[^]]*\]", written))) == 1
    with pytest.raises(SettingsError, match=r"page.png: expected one page, found 3: a .pdf takes up to 60"):
        draw(record, tmp_path / "page.png", ANSWER, LABELS, sheets)


def test_each_page_has_its_number_and_its_part() -> None:
    record = simulate(duration_s=130)
    caption = Caption(record, ANSWER, LABELS, 3)
    for number, sheet in enumerate(lay_out(record, duration_s=130), 1):
        figure = Figure()
        page = figure.add_axes((0, 0, 1, 1))
        write_head(page, caption, sheet, 200.0)
        write_foot(page, caption, [], number, 20.0)
        written = " | ".join(text.get_text() for text in page.texts)
        assert f"page {number} of 3" in written
        part = ("0 to 60 s", "60 s to 2:00 min", "2:00 to 2:10 min")[number - 1]
        assert f"shown: {part} of 2.17 min" in written


def test_nothing_written_reaches_beyond_the_margin_or_another_text() -> None:
    labels = [Label(name, f"{name}: a rhythm with a long description " * 3) for name in "NAO~"]
    answer = replace(
        ANSWER, probs=dict.fromkeys("NAO~", 0.25), abstained=True, abstain_reason="for many reasons " * 20,
        warnings=("lead I: stuck at its highest or lowest value",) * 9,
    )  # fmt: skip
    record = replace(
        simulate(duration_s=130), name="a long name " * 20, patient={"age": "67", "sex": "f" * 200}
    )
    (sheet,) = lay_out(record)
    figure = Figure(figsize=(WIDTH / 25.4, 200 / 25.4))
    page = figure.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(0, 200))
    caption = Caption(record, answer, labels, 1)
    write_head(page, caption, sheet, 200.0)
    write_foot(page, caption, remarks(caption, sheet, []), 1, 40.0)
    with mpl.rc_context({"text.hinting": "no_hinting"}):
        renderer = FigureCanvasAgg(figure).get_renderer()
        boxes = [
            text.get_window_extent(renderer).transformed(page.transData.inverted())
            for text in page.texts
            if text.get_text()
        ]
    assert len(boxes) > 15
    assert all(box.x0 >= MARGIN - 0.5 and box.x1 <= WIDTH - MARGIN + 0.5 for box in boxes)
    assert not [(a, b) for a, b in combinations(boxes, 2) if a.padded(-0.1).overlaps(b.padded(-0.1))]


def test_the_same_recording_gives_the_same_bytes(tmp_path: Path) -> None:
    record = simulate(duration_s=10)
    for ending in (".png", ".pdf", ".svg"):
        draw(record, tmp_path / f"a{ending}", ANSWER, LABELS)
        draw(record, tmp_path / f"b{ending}", ANSWER, LABELS)
        assert (tmp_path / f"a{ending}").read_bytes() == (tmp_path / f"b{ending}").read_bytes(), ending


@pytest.mark.parametrize(
    "signal",
    [np.full((1, 1000), np.nan), np.zeros((1, 1)), np.full((3, 700), 1e6), 1e30 * np.eye(3, 700)],
)
def test_odd_signals_are_drawn(tmp_path: Path, signal: np.ndarray) -> None:
    leads = ("I", "II", "心")[: len(signal)]
    draw(Record(signal.astype(np.float32), 100.0, leads, name="心電図\n"), tmp_path / "page.png")
    assert (tmp_path / "page.png").stat().st_size > 1000


def test_other_endings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"expected an ending among \.png"):
        draw(simulate(duration_s=10), tmp_path / "page.jpeg")
