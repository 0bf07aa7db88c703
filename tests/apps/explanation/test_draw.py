"""Pictures and web pages of explanations: what is on them, read from the SVG."""

import re
import xml.etree.ElementTree as ET
from base64 import b64decode
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from einthoven.apps.explanation import Story, check_ending, draw
from einthoven.apps.explanation.colours import FOR
from einthoven.apps.explanation.page import PALE
from einthoven.apps.explanation.story import CAVEAT, NOTHING, OBSTACLE, UNFAITHFUL
from einthoven.apps.paper.style import FAILED, UNSURE
from einthoven.errors import SettingsError
from einthoven.explanation import Explanation, Faithfulness
from einthoven.signal.simulated import simulate
from einthoven.training.layers import Kernels, Layer

MEANINGS = {"N": "normal rhythm", "A": "atrial fibrillation"}
FAITHFUL = Faithfulness(0.1, 3, drop=1.5, prob_after=0.4, random_drops=(0.1, -0.3, 0.5))
SVG = "{http://www.w3.org/2000/svg}"


def explanation(seconds: float = 8.0, leads: tuple[str, ...] = ("I",), **more: Any) -> Explanation:
    record = simulate(duration_s=seconds, leads=leads, seed=1, fs=100.0)
    attribution = np.zeros(record.n_samples)
    attribution[300:340], attribution[500:520] = 0.4, -0.3
    given = {"record": "r", "path": "r.hea", "model": "tiny 1", "signal": record.signal,
             "background": np.zeros_like(record.signal), "fs": 100.0, "leads": leads, "first": 0,
             "label": "A",
             "probs": {"N": 0.2, "A": 0.8}, "attribution": attribution, "method": "occlusion",
             "window_s": 0.1, "step_s": 0.05, "fill": "line"}  # fmt: skip
    return Explanation(**given | more)


def layers() -> tuple[Layer, ...]:
    rng = np.random.default_rng(0)
    maps = [
        Layer(f"blocks.{k}", "Block", rng.random((4, 100)).astype(np.float32), 0.02, 0.08) for k in range(2)
    ]
    return (*maps, Layer("classifier", "Linear", np.array([-1, 2], np.float32), 0.0, 0.0))


def kernels(*shape: int) -> Kernels:
    return Kernels("stem", np.random.default_rng(0).standard_normal(shape).astype(np.float32), 100.0)


def svg(story: Story, folder: Path) -> str:
    draw(story, folder / "page.svg")
    return (folder / "page.svg").read_text()


def ids(page: str) -> list[str]:
    """Groups that were named, in the order in which they are drawn."""
    # What was just drawn here is safe to parse.
    return [group.get("id", "") for group in ET.fromstring(page).iter() if group.get("id")]


def texts(page: str) -> str:
    """What is written on the page: matplotlib leaves it in comments beside the outlines."""
    return " | ".join(re.findall(r"<!-- (.*?) -->", page))


@pytest.mark.parametrize(("ending", "signature"), [("png", b"\x89PNG"), ("pdf", b"%PDF"), ("svg", b"<?xml"),
                                                   ("html", b"<!doctype html>")])  # fmt: skip
def test_the_same_story_is_always_the_same_bytes(tmp_path: Path, ending: str, signature: bytes) -> None:
    story = Story(explanation(), FAITHFUL, MEANINGS, layers(), kernels(4, 1, 7))
    for name in ("a", "b"):
        draw(story, tmp_path / f"{name}.{ending}")
    first = (tmp_path / f"a.{ending}").read_bytes()
    assert first.startswith(signature)
    assert first == (tmp_path / f"b.{ending}").read_bytes()


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"expected an ending among \.png, .*, found \.gif"):
        draw(Story(explanation()), tmp_path / "a.gif")
    with pytest.raises(SettingsError, match="found none"):
        check_ending(tmp_path / "a")


def test_trace_attribution_and_marks_are_drawn_and_said(tmp_path: Path) -> None:
    page = svg(Story(explanation(), FAITHFUL, MEANINGS), tmp_path)
    assert {"trace-0-0", "attribution-0-0", "marked-300"} <= set(ids(page))
    assert "marked-500" not in page
    said = texts(page)
    for words in ("What speaks for atrial fibrillation (A)", "probability 0.80", "lead I   8.0 s   100 Hz",
                  "Each 0.1 s was in turn replaced by a line between its neighbours, every 0.05 s.",
                  "Without the marked 10% (3 pieces) the log-odds of A change by -1.50 (probability 0.40)",
                  "random places by -0.10 on average (-0.50 to +0.30, n=3)", "for A", "against A",
                  "full colour: 0.4 log-odds", "model tiny 1", "not a medical device"):  # fmt: skip
        assert words in said
    assert said.replace(" | ", " ").find(CAVEAT[:60]) > 0


def path_of(root: ET.Element, name: str) -> np.ndarray:
    """The points of a named line."""
    (group,) = (group for group in root.iter(f"{SVG}g") if group.get("id") == name)
    path = group.find(f"{SVG}path")
    assert path is not None
    numbers = np.array(re.findall(r"-?\d+\.?\d*", path.get("d", "")), float)
    return numbers[: 2 * (len(numbers) // 2)].reshape(-1, 2)


def test_marks_lie_below_what_they_mark(tmp_path: Path) -> None:
    page = ET.fromstring(svg(Story(explanation()), tmp_path))
    places = {name: path_of(page, name) for name in ("trace-0-0", "marked-300")}
    x = places["trace-0-0"][:, 0]
    # 8 s are 250 mm wide.
    assert np.ptp(x) == pytest.approx(250 * 72 / 25.4, rel=0.01)
    second = np.ptp(x) / 7.99
    mark = places["marked-300"]
    assert mark[:, 0].min() == pytest.approx(x.min() + 3 * second, abs=0.02 * second)
    assert mark[:, 0].max() == pytest.approx(x.min() + 3.4 * second, abs=0.02 * second)
    assert mark[:, 1].min() > places["trace-0-0"][:, 1].max()


def test_a_label_that_is_not_the_answer_says_so(tmp_path: Path) -> None:
    said = texts(svg(Story(explanation(label="N"), None, MEANINGS), tmp_path))
    assert "What speaks for normal rhythm (N)" in said
    assert "probability 0.20; atrial fibrillation (A): 0.80" in said
    assert "Without the marked" not in said


def test_what_cannot_be_believed_is_said(tmp_path: Path) -> None:
    bad = replace(FAITHFUL, drop=-1.0)
    assert UNFAITHFUL in texts(svg(Story(explanation(), bad), tmp_path))
    assert UNFAITHFUL not in texts(svg(Story(explanation(), FAITHFUL), tmp_path))
    nothing = explanation(attribution=-np.ones(800))
    assert NOTHING in texts(svg(Story(nothing), tmp_path))
    draw(Story(explanation(), bad), tmp_path / "a.html")
    assert f"<p class=doubt>{UNFAITHFUL}</p>" in (tmp_path / "a.html").read_text()
    draw(Story(explanation(), FAITHFUL), tmp_path / "a.html")
    assert "<p class=doubt>" not in (tmp_path / "a.html").read_text()


def test_what_hardly_matters_is_pale(tmp_path: Path) -> None:
    faint = explanation(attribution=np.linspace(-1e-3, 1e-3, 800))
    assert "full colour: 0.05 log-odds" in texts(svg(Story(faint), tmp_path))


def test_where_what_is_marked_changes_next_to_nothing_it_is_said_and_paler(tmp_path: Path) -> None:
    faint = explanation(attribution=np.linspace(-0.1, 0.1, 800), fill="usual")
    slight = replace(FAITHFUL, drop=0.2, random_drops=(0.1,))
    page = svg(Story(faint, slight), tmp_path)
    assert ("Hardly anything matters with this fill (the usual beat): without the marked pieces the log-odds "
            "change by less than 0.25; the colours show next to nothing") in texts(page)  # fmt: skip
    assert "full colour: 0.25 log-odds" in texts(page)
    assert f'fill: {FOR}; opacity: {PALE}"' in page
    # What speaks against may still matter.
    strong = replace(faint, attribution=np.linspace(-2, 0.1, 800))
    assert "less than 0.25; blue shows next to nothing" in texts(svg(Story(strong, slight), tmp_path))
    firm = svg(Story(faint, replace(slight, drop=0.25)), tmp_path)
    assert "Hardly anything" not in texts(firm)
    assert "full colour: 0.1 log-odds" in texts(firm)
    assert "; opacity: " not in firm


def test_an_obstacle_comes_first_and_in_red(tmp_path: Path) -> None:
    shown = explanation(obstacle="flat line: lead I does not move")
    page = svg(Story(shown, FAITHFUL), tmp_path)
    said = texts(page)
    words = f"{OBSTACLE}: flat line: lead I does not move"
    assert said.index("What speaks for") < said.index(words) < said.index("Each 0.1 s was in turn")
    assert re.search(rf"<!-- {words} -->\s*<g style=\"fill: {FAILED}\"", page)
    assert not re.search(rf"<!-- Each 0.1 s[^>]*-->\s*<g style=\"fill: {FAILED}\"", page)
    draw(Story(shown, FAITHFUL), tmp_path / "a.html")
    html = (tmp_path / "a.html").read_text()
    assert html.index("<h1>") < html.index(f"<p class=doubt>{words}</p>") < html.index("<img")
    assert OBSTACLE not in texts(svg(Story(explanation(), FAITHFUL), tmp_path))


def test_an_answer_that_is_not_sure_is_in_the_headline_with_its_reason(tmp_path: Path) -> None:
    shown = explanation(unsure="not sure: NORM and CD contradict each other")
    story = Story(shown, FAITHFUL, MEANINGS)
    page = svg(story, tmp_path)
    said = texts(page)
    title = "Not sure: what speaks for atrial fibrillation (A)"
    words = "the model is not sure: NORM and CD contradict each other"
    assert said.index(title) < said.index(words) < said.index("Each 0.1 s was in turn")
    assert "What speaks for" not in said
    for text in (title, words):
        assert re.search(rf"<!-- {re.escape(text)} -->\s*<g style=\"fill: {UNSURE}\"", page)
    draw(story, tmp_path / "a.html")
    html = (tmp_path / "a.html").read_text()
    assert f"<h1>{title}</h1>" in html
    assert html.index("<h1>") < html.index(f"<p class=unsure>{words}</p>") < html.index("<img")
    draw(Story(explanation(), FAITHFUL), tmp_path / "a.html")
    assert "<p class=unsure>" not in (tmp_path / "a.html").read_text()
    assert f"fill: {UNSURE}" not in svg(Story(explanation(), FAITHFUL), tmp_path)


def test_random_removals_that_do_as_much_are_told() -> None:
    found = replace(FAITHFUL, drop=0.5, random_drops=(0.1, -0.3, 0.5, 0.9))
    assert ("random places by -0.30 on average (-0.90 to +0.30, n=4); 2 of 4 random removals did as much."
            in Story(explanation(), found).check)  # fmt: skip
    assert "did as much" not in Story(explanation(), FAITHFUL).check


def test_the_r_peak_of_the_beat_is_marked(tmp_path: Path) -> None:
    shown = explanation(beat=12, origin_s=10.0, rpeak_s=13.63, choice="the only V", unit="scaled")
    page = svg(Story(shown), tmp_path)
    assert "beat 12, R peak at 13.63 s (the only V)   100 Hz" in texts(page)
    assert "R of beat 12" in texts(page)
    root = ET.fromstring(page)
    trace, mark = (path_of(root, name) for name in ("trace-0-0", "rpeak"))
    # 3.63 s from the first sample; matplotlib leaves out points of the trace, but not its ends.
    expected = trace[:, 0].min() + np.ptp(trace[:, 0]) * 363 / 799
    assert mark[:, 0] == pytest.approx(expected, abs=0.05)
    assert "rpeak" not in ids(svg(Story(explanation()), tmp_path))


def test_what_is_not_in_the_picture_is_said(tmp_path: Path) -> None:
    beside = {"the rhythm around it": 2.1, "its shape against the usual beat": -0.3}
    shown = explanation(beat=12, beside=beside)
    words = ("Not in this picture, log-odds of A: the rhythm around it +2.10, its shape against the usual "
             "beat -0.30 (what making each neutral takes away).")  # fmt: skip
    assert words in texts(svg(Story(shown), tmp_path))
    draw(Story(shown), tmp_path / "a.html")
    assert words in (tmp_path / "a.html").read_text()
    assert "(by the same gradients)." in Story(replace(shown, step_s=None)).beside
    assert Story(explanation()).beside == ""


def test_long_parts_have_several_lines_and_parts_are_named(tmp_path: Path) -> None:
    long = explanation(40.0)
    part = replace(long, first=500, attribution=long.attribution[500:3000])
    page = svg(Story(part, layers=layers()), tmp_path)
    assert [name for name in ids(page) if name.startswith("trace-0")] == [
        "trace-0-500", "trace-0-1500", "trace-0-2500", "trace-0-500"]  # fmt: skip
    assert "explained: 5 to 30 s of 40 s" in texts(page)


def test_a_few_samples_more_than_a_line_begin_none(tmp_path: Path) -> None:
    page = svg(Story(explanation(10.1)), tmp_path)
    assert sum(name.startswith("trace-") for name in ids(page)) == 1


def test_of_several_leads_each_has_its_trace_and_the_rest_are_named(tmp_path: Path) -> None:
    page = svg(Story(explanation(8.0, ("I", "II", "V1"))), tmp_path)
    assert {"trace-0-0", "trace-1-0", "trace-2-0"} <= set(ids(page))
    twelve = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
    page = svg(Story(explanation(39.0, twelve)), tmp_path)
    assert "trace-5-0" in ids(page)
    assert "trace-6-0" not in ids(page)
    assert "not shown: V1, V2, V3, V4, V5, V6" in texts(page)


def test_a_spike_does_not_flatten_the_trace_and_is_told(tmp_path: Path) -> None:
    shown = explanation()
    signal = np.array(shown.signal)
    signal[0, 100] = 80
    said = texts(svg(Story(replace(shown, signal=signal)), tmp_path))
    assert re.search(r"I reaches from .* to 80 mV, drawn to", said)
    assert "reaches" not in texts(svg(Story(shown), tmp_path))


def test_layers_and_kernels_are_drawn(tmp_path: Path) -> None:
    page = svg(Story(explanation(), layers=layers(), kernels=kernels(30, 2, 7)), tmp_path)
    assert {"layer-blocks.0", "layer-blocks.1", "layer-classifier"} <= set(ids(page))
    said = texts(page)
    assert "blocks.0   Block: 4 channels, a step of 0.08 s" in said
    assert ("classifier   Linear: 2 channels, over the whole input: a square a class, blue above zero, "
            "orange below, darkest at 2") in said  # fmt: skip
    # The last layer's squares are the classes.
    assert " | N | A | " in said
    assert (
        "First layer (stem): the 24 of largest norm among 30 kernels of 0.07 s (2 rows of the input, a line "
        "each), and which" in said
    )
    assert "First layer" not in texts(svg(Story(explanation()), tmp_path))


def test_kernels_of_a_spectrogram_are_pictures(tmp_path: Path) -> None:
    said = texts(svg(Story(explanation(), kernels=kernels(5, 1, 3, 4)), tmp_path))
    assert "First layer (stem): 5 kernels of 3 frequencies x 4 steps, blue above zero, orange below" in said


def test_of_many_layers_some_are_drawn(tmp_path: Path) -> None:
    many = tuple(replace(layers()[0], name=f"l{k}") for k in range(30))
    page = svg(Story(explanation(), layers=many), tmp_path)
    drawn = [name for name in ids(page) if name.startswith("layer-")]
    assert len(drawn) == 14
    assert (drawn[0], drawn[-1]) == ("layer-l0", "layer-l29")
    assert "(14 of 30 drawn)" in texts(page)


def test_gradients_and_beats_have_their_own_words(tmp_path: Path) -> None:
    shown = explanation(method="integrated gradients", step_s=None, beat=7, origin_s=100.0, unit="scaled")
    said = texts(svg(Story(shown), tmp_path))
    assert "Integrated gradients from a flat line to the signal, summed over 0.1 s." in said
    assert "the two need not agree in size" in said.replace(" | ", " ")
    assert "beat 7   100 Hz" in said
    assert "scaled" in said
    usual = explanation(fill="usual")
    assert "replaced by the usual beat" in texts(svg(Story(usual), tmp_path))


def test_a_web_page_loads_nothing_and_escapes_what_files_say(tmp_path: Path) -> None:
    shown = explanation(record="<script>alert(1)</script>", warnings=("a & b\n<i>",))
    story = Story(shown, FAITHFUL, MEANINGS, layers())
    draw(story, tmp_path / "a.html")
    page = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert "<script>" not in page
    assert "a &amp; b\\n&lt;i&gt;" in page
    assert "default-src &#x27;none&#x27;" in page or "default-src 'none'" in page
    without = re.sub(r'src="data:image/svg\+xml;base64,([^"]*)"', "", page)
    assert not re.search(r"(?:https?:)?//|url\(|<link|@import|src=", without)
    for words in ("What speaks for atrial fibrillation (A)", "<td class=n>3.00</td><td class=n>3.40</td>",
                  "+0.400", "Without the marked 10%", "blocks.0", CAVEAT, "research software"):  # fmt: skip
        assert words in page
    picture = re.search(r'base64,([^"]*)"', page)
    assert picture is not None
    assert b64decode(picture[1]).startswith(b"<?xml")


def test_names_that_no_font_has_are_no_reason_to_complain(tmp_path: Path) -> None:
    draw(Story(explanation(record="心電図 \udce9")), tmp_path / "a.png")
    draw(Story(explanation(record="")), tmp_path / "b.png")
    assert (tmp_path / "a.png").stat().st_size > 10_000
