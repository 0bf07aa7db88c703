"""The picture of beats: what is drawn, where, and that nothing is cut or hidden in silence."""

import re
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from einthoven.apps.beats import draw_beats
from einthoven.apps.beats.examples import gather, limits_of, mean_likeness
from einthoven.apps.beats.page import draw_page
from einthoven.apps.beats.rhythm import ectopic_of_pairs
from einthoven.apps.paper.style import MARGIN, WIDTH
from einthoven.errors import RecordError, SettingsError
from einthoven.inference.beat_report import BeatReport, report
from einthoven.record import Record
from einthoven.signal.left_out import find_left_out

FS = 100.0
SHAPES = {"N": 1.0, "S": 0.9, "V": 2.0, "F": 1.5, "Q": -1.0}


@pytest.fixture
def made(heartbeats):
    """Makes a recording with a spike a beat, as high as its class, and the report on it."""

    def make(labels: str, rpeaks=None, **options) -> tuple[Record, BeatReport]:
        beats = heartbeats(labels, rpeaks, fs=FS, **options)
        signal = 0.05 * np.random.default_rng(0).standard_normal((1, beats.n_samples))
        for place, label in zip(beats.rpeaks, beats.labels, strict=True):
            signal[0, place] = SHAPES[label]
        record = Record(signal.astype(np.float32), FS, ("MLII",), name="a record")
        return record, report(beats, record)

    return make


def page_of(record: Record, found: BeatReport) -> Figure:
    return draw_page(record, found, gather(record.select((found.beats.lead,)).signal[0], found))


def drawn(figure: Figure, gid: str) -> list:
    """What was drawn under this name."""
    return [item for axes in figure.axes for item in axes.get_children() if item.get_gid() == gid]


def words(figure: Figure) -> str:
    return " | ".join(text.get_text() for axes in figure.axes for text in axes.texts)


def axes_titled(figure: Figure, label: str) -> Axes:
    return next(axes for axes in figure.axes if axes.get_ylabel() == label)


def test_five_examples_and_a_template_for_each_class_that_occurs(made) -> None:
    record, found = made("NNSNNVNNNVNNNVNVVNNNNVVFNNN")
    figure = page_of(record, found)
    assert {name: len(drawn(figure, f"beat-{name}")) for name in "NSVFQ"} == {
        "N": 5, "S": 1, "V": 5, "F": 1, "Q": 0}  # fmt: skip
    assert {name: len(drawn(figure, f"template-{name}")) for name in "NSVFQ"} == {
        "N": 1, "S": 1, "V": 1, "F": 1, "Q": 0}  # fmt: skip


def test_an_example_is_the_beat_from_300_ms_before_to_500_ms_after_its_r_peak(made) -> None:
    record, found = made("NNNVN")
    (trace,) = drawn(page_of(record, found), "beat-V")
    times, shown = trace.get_data()
    assert (times[0], times[-1]) == (-300, 500)
    cut = record.signal[0, 400 - 30 : 400 + 51]
    np.testing.assert_allclose(shown, cut - np.median(cut), atol=1e-6)
    assert times[np.argmax(shown)] == 0


def test_examples_say_what_the_model_says_and_when(made) -> None:
    record, found = made("NNV", sure=[True, False, True], prob=0.97)
    written = words(page_of(record, found))
    for text in ("N 0.97", "N? 0.97", "V 0.97", "1 s", "3 s", "2 beats", "1 not sure", "median, 10 to 90 %"):
        assert text in written, text


def test_examples_are_spread_over_the_recording(made) -> None:
    record, found = made("N" * 100)
    (group,) = gather(record.signal[0], found)
    assert np.diff(group.examples).tolist() == [20] * 4


def test_one_scale_holds_all_traces_unless_an_artefact_is_far_higher(made) -> None:
    record, found = made("NVNQNNN")
    low, high, is_cut = limits_of(gather(record.signal[0], found))
    assert low < -1
    assert high > 2
    assert not is_cut
    assert "cut off" not in words(page_of(record, found))
    signal = record.signal.copy()
    signal[0, 720] = 40.0
    high = limits_of(gather(signal[0], found))[1]
    assert 2 < high < 8
    written = words(page_of(replace(record, signal=signal), found))
    assert re.search(r"traces are cut off below -\d\.\d and above \d\.\d mV", written)


def test_each_pair_of_intervals_is_a_point_in_the_poincare_plot(made) -> None:
    record, found = made("NNNNVNN", [100, 200, 310, 400, 460, 600, 700])
    figure = page_of(record, found)
    poincare = axes_titled(figure, "next R-R interval, ms")
    points = {item.get_gid()[-1]: item.get_offsets().data for item in poincare.collections}
    assert points["N"].tolist() == [[1000, 1100], [1100, 900]]
    assert points["V"].tolist() == [[900, 600], [600, 1400], [1400, 1000]]
    (ellipse,) = drawn(figure, "sd1-sd2")
    assert ellipse.angle == 45
    assert ellipse.center == (1050, 1000)
    assert (ellipse.width, ellipse.height) == pytest.approx(
        (2 * found.variability.sd2_ms, 2 * found.variability.sd1_ms)
    )
    assert f"SD1 {found.variability.sd1_ms:.0f} ms" in words(figure)


def test_a_pair_has_the_colour_of_its_ectopic_beat(made) -> None:
    _, found = made("NNNVSNNQ")
    assert ectopic_of_pairs(found, np.arange(6)).tolist() == ["N", "V", "V", "S", "S", "Q"]


def test_the_tachogram_has_each_interval_at_its_end(made) -> None:
    record, found = made("NNVN", [100, 200, 260, 400])
    tachogram = axes_titled(page_of(record, found), "R-R interval, ms")
    (normal,) = [item for item in tachogram.collections if item.get_gid() == "points-N"]
    (ectopic,) = [item for item in tachogram.collections if item.get_gid() == "points-V"]
    assert normal.get_offsets().tolist() == [[2, 1000], [4, 1400]]
    assert ectopic.get_offsets().tolist() == [[2.6, 600]]
    assert tachogram.get_xlabel() == "time, s"


@pytest.mark.parametrize(("n_samples", "unit", "end"), [(30_000, "min", 5), (1_500_000, "h", 150 / 36)])
def test_long_recordings_have_longer_units(made, n_samples: int, unit: str, end: float) -> None:
    record, found = made("NNNN", n_samples=n_samples)
    tachogram = axes_titled(page_of(record, found), "R-R interval, ms")
    assert (tachogram.get_xlabel(), tachogram.get_xlim()[1]) == (f"time, {unit}", pytest.approx(end))


def test_pauses_and_what_is_left_out_are_marked(made) -> None:
    record, found = made("NNNNNNN", [100, 200, 700, 800, 1600, 1700, 1800])
    signal = record.signal.copy()
    signal[:, 850:1550] = np.nan
    record = replace(record, signal=signal)
    beats = replace(found.beats, left_out=find_left_out(signal[0], FS, found.beats.rpeaks))
    figure = page_of(record, report(beats, record))
    (pause,), (left_out,) = drawn(figure, "pause"), drawn(figure, "left-out")
    assert (pause.get_x(), pause.get_width()) == pytest.approx((2, 5))
    assert (left_out.get_x(), left_out.get_width()) == pytest.approx((8.5, 7))
    assert "pause? 5.0 s" in words(figure)
    assert "grey band: left out   pink band: a pause" in words(figure)
    assert "| no signal |" in words(figure)


def test_lines_are_explained_where_they_are_drawn(made) -> None:
    both = "dashed: one interval like the next (identity)   ellipse: SD1 and SD2 of the NN intervals"
    assert both in words(page_of(*made("NNNN")))
    ectopic = words(page_of(*made("NVNV")))
    assert "dashed: one" in ectopic and "ellipse" not in ectopic
    single = words(page_of(*made("N")))
    assert not any(text in single for text in ("dashed", "ellipse", "grey band", "pink band", "dots:"))


def test_intervals_are_drawn_without_classes_where_these_are_not_believed(made) -> None:
    record, found = made("NNVNN", obstacle="pacing spikes: 90 %", are_beats=True)
    figure = page_of(record, found)
    assert [len(dots.get_offsets()) for dots in drawn(figure, "points-all")] == [3, 4]
    assert not any(drawn(figure, f"points-{name}") for name in "NSVFQ")
    written = words(figure)
    assert "classes not to be believed: pacing spikes: 90 %" in written
    assert "dots: all R-R intervals, whatever the class" in written
    assert "beats a minute" in written and "SDNN" not in written
    assert not drawn(page_of(*made("NNVNN")), "points-all")


def test_many_ectopic_beats_show_what_is_behind_them(made) -> None:
    few, many = page_of(*made("NNV" * 10)), page_of(*made("NNV" * 100))
    opaque, clear = (drawn(figure, "points-V")[1].get_alpha() for figure in (few, many))
    assert clear < 0.5 < opaque


def test_a_template_of_several_shapes_says_so(made) -> None:
    record, found = made("N" * 12)
    assert "several shapes" not in words(page_of(record, found))
    assert words(page_of(record, found)).endswith("10 to 90 % of 12 beats")
    signal = record.signal.copy()
    signal[0, found.beats.rpeaks[::3]] *= -1
    assert "12 beats, of several shapes" in words(page_of(replace(record, signal=signal), found))
    assert mean_likeness(np.zeros(3), np.ones((2, 3), np.float32), np.ones(3)) == 1.0


def test_many_points_are_one_picture_inside_a_pdf(made, tmp_path: Path) -> None:
    few, many = made("N" * 50), made("N" * 3500)
    assert not any(item.get_rasterized() for item in drawn(page_of(*few), "points-N"))
    assert all(item.get_rasterized() for item in drawn(page_of(*many), "points-N"))
    draw_beats(*many, tmp_path / "many.pdf")
    assert (tmp_path / "many.pdf").stat().st_size < 500_000


@pytest.mark.parametrize(
    ("labels", "options", "said"),
    [
        ("", {"n_samples": 1000}, ("no heartbeat was found", "no beats to show", "needs three beats")),
        ("V", {}, ("needs two beats in a row", "needs three beats", "only 1 heartbeat")),
        ("NN", {}, ("needs three beats",)),
        (
            "NVNV",
            {"obstacle": "lead MLII is hum"},
            ("not to be believed: lead MLII is hum", "the beats are not reliable"),
        ),
    ],
)
def test_what_cannot_be_told_is_said(made, tmp_path: Path, labels: str, options: dict, said: tuple) -> None:
    record, found = made(labels, **options)
    written = words(page_of(record, found))
    assert all(text in written for text in said), written
    draw_beats(record, found, tmp_path / "page.png")


def test_the_head_has_the_numbers(made) -> None:
    record, found = made("NNNNNNNNNNVVVNNVN")
    written = words(page_of(record, found))
    ectopic = "V: 1 isolated, 1 run (3 beats at 60 bpm, from 11 s)"
    facts = ("a record", "lead MLII   18 s   100 Hz   17 beats", "60", "beats a minute, 60 to 60")
    for text in (*facts, "SDNN", "RMSSD", "pNN50", ectopic, "model double 0"):
        assert text in written, text


def test_nothing_written_reaches_beyond_the_page_or_another_text(made) -> None:
    rpeaks = np.cumsum(np.random.default_rng(2).integers(50, 90, 300))
    labels = "".join(np.random.default_rng(3).choice(list("NNNNSVVFQ"), 300))
    record, found = made(labels, rpeaks, warnings=("lead II: a long remark about something",) * 12)
    figure = page_of(replace(record, name="a long name " * 20), found)
    with mpl.rc_context({"text.hinting": "no_hinting"}):
        renderer = FigureCanvasAgg(figure).get_renderer()
        page = figure.axes[0]
        boxes = [
            text.get_window_extent(renderer).transformed(page.transData.inverted())
            for axes in figure.axes
            for text in axes.texts
            if text.get_text()
        ]
    assert len(boxes) > 60
    assert all(box.x0 >= MARGIN - 1 and box.x1 <= WIDTH - MARGIN + 1 for box in boxes)
    assert all(box.y0 >= 0 and box.y1 <= page.get_ylim()[1] for box in boxes)
    assert not [(a, b) for a, b in combinations(boxes, 2) if a.padded(-0.15).overlaps(b.padded(-0.15))]


@pytest.mark.parametrize("ending", [".png", ".pdf", ".svg"])
def test_the_same_beats_give_the_same_bytes(made, tmp_path: Path, ending: str) -> None:
    record, found = made("NNVNNSNFQ")
    for name in "ab":
        draw_beats(record, found, tmp_path / f"{name}{ending}")
    assert (tmp_path / f"a{ending}").read_bytes() == (tmp_path / f"b{ending}").read_bytes()


def test_names_that_are_no_text_are_drawn(made, tmp_path: Path) -> None:
    record, found = made("NNV")
    draw_beats(replace(record, name="caf\udce9 心"), found, tmp_path / "page.svg")
    assert "caf\\udce9" in (tmp_path / "page.svg").read_text()


def test_a_lead_without_samples_is_drawn(made, tmp_path: Path) -> None:
    record, found = made("", n_samples=500)
    empty = replace(record, signal=np.full((1, 500), np.nan, np.float32))
    told = report(found.beats, empty)
    shown = words(page_of(empty, told))
    assert "no beats to show" in shown and "0 beats" in shown
    assert "template" not in shown
    draw_beats(empty, told, tmp_path / "page.png")
    height, width, _ = mpl.image.imread(tmp_path / "page.png").shape
    assert width > height > 100


def test_other_endings_and_leads_are_refused(made, tmp_path: Path) -> None:
    record, found = made("NNV")
    with pytest.raises(SettingsError, match=r"expected an ending among \.png"):
        draw_beats(record, found, tmp_path / "page.gif")
    with pytest.raises(RecordError, match="expected lead MLII"):
        draw_beats(replace(record, leads=("V1",)), found, tmp_path / "page.png")
