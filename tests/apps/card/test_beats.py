"""The card of a model of heartbeats: heartbeats are counted, patients drawn, and nothing is withheld."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from einthoven.apps.card import draw_reliability, model_card
from einthoven.bundle import Bundle
from einthoven.training.ancestry import Ancestry, Seen


def sections(bundle: Bundle) -> dict[str, str]:
    """The card's text by heading."""
    parts = re.split(r"^## (.*)\n", model_card(bundle), flags=re.MULTILINE)
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}


def row(text: str, start: str) -> list[str]:
    """The cells of the table row that begins with a cell."""
    line = next(line for line in text.splitlines() if line.startswith(f"| {start} |"))
    return [cell.strip() for cell in line.split("|")[1:-1]]


def test_heartbeats_are_nowhere_called_recordings(named: Bundle) -> None:
    found = sections(named)
    for title in ("Scores", "Calibration", "Abstention"):
        assert "heartbeats" in found[title]
        assert "recording" not in found[title]
    assert "1,200 recordings" not in model_card(named)
    assert "| network | fold kept back | seed | heartbeats |" in found["How it was trained"]


def test_what_it_does_and_what_it_reads(named: Bundle) -> None:
    found = sections(named)
    text = found["What it does"]
    assert "It gives each exactly one of these, with a probability for each, and says of which heart" in text
    assert row(text, "answer") == ["answer", "meaning"]
    assert row(text, "`V`") == ["`V`", "class V"]
    read = found["What it takes"]
    assert row(read, "length")[1] == "any"
    assert row(read, "sampling rate")[1] == "from 80 Hz; the network was trained at 125 Hz"
    words = row(read, "of each heartbeat")[1]
    for said in ("from 0.6 s before its R peak to 0.6 s after it", "the beat that is usual", "R-R intervals"):
        assert said in words
    assert row(read, "settings")[1].startswith("`AroundRPeaks(fs=125.0, ")
    assert "neighbours |" not in read
    sure = sections(replace(named, abstention=None))["What it does"]
    assert "It gives each exactly one of these, with a probability for each.\n" in sure


def test_where_neighbours_decide_it_says_so(named: Bundle) -> None:
    chained = replace(named, chain={"counts": [[1] * 5] * 5, "strength": 0.4})
    found = sections(chained)
    assert "(a Markov chain with a weight of 0.4)" in row(found["What it takes"], "of its neighbours")[1]
    assert "the logarithms of what the chain gives are divided" in found["Calibration"]
    assert "To that end logits are divided" in sections(named)["Calibration"]
    odd = sections(replace(named, chain={"strength": "x"}))["What it takes"]
    assert "(a Markov chain): the answer" in odd


@pytest.mark.parametrize(
    ("cut", "of_each", "rpeaks"),
    [
        ({"cut": "SevenSteps", "span": 1.5}, "for 1.5 median R-R intervals, in windows of 10 s", "its own"),
        ({"cut": "SevenSteps", "rpeaks": "annotated"}, "zeros fill it up to 187 samples", "or given"),
        ({"cut": "Another", "x": 1}, "see the settings", "or given"),
    ],
)
def test_every_cut_is_put_in_words(named: Bundle, cut: dict[str, Any], of_each: str, rpeaks: str) -> None:
    found = sections(replace(named, cut=cut))
    assert of_each in row(found["What it takes"], "of each heartbeat")[1]
    is_given = "or given" in row(found["What it takes"], "R peaks")[1]
    assert is_given == (rpeaks == "or given")
    finds = "Heartbeats at the R peaks that it finds, as far as an annotated one is within 50 ms."
    assert (finds in found["Scores"]) == (rpeaks == "its own")


def test_its_data_is_a_part_by_patient(named: Bundle, beat_facts: dict[str, Any]) -> None:
    text = sections(named)["Data"]
    assert row(text, "data set")[1] == "mitdb, 1,200 heartbeats, fingerprint `ffffffffffff`"
    assert row(text, "part")[1].startswith("`ds1`: DS1 of de Chazal et al. 2004 without recording 201")
    assert row(text, "split")[1].endswith("by patient: all heartbeats of a patient are on one side")
    assert row(text, "held out")[1] == (
        "1,200 heartbeats of 21 recordings and 20 patients, the test part of all 3 folds"
    )
    assert "lengths" not in text
    assert (
        "Each of the 3 shipped networks learnt from 800 to 802 of 1,200 heartbeats, which are of 21 "
        "recordings; the figures are those of each network alone, on heartbeats of patients it had not seen; "
    ) in text
    other = {**beat_facts, "split": {**beat_facts["split"], "part": "some", "by": "beat"}}
    text = sections(replace(named, provenance=other))["Data"]
    assert row(text, "part")[1] == "`some`"
    assert "on heartbeats it had not seen, of patients that it had" in text


def test_unlisted_recordings_are_not_counted(named: Bundle, beat_facts: dict[str, Any]) -> None:
    everything = Seen("mitdb", "public", "f", 1200, "trained", None)
    beat_facts["learnt_from"] = Ancestry((everything,)).to_json()
    assert "which are of" not in sections(replace(named, provenance=beat_facts))["Data"]


def test_scores_are_at_annotated_rpeaks_with_intervals_by_patient(named: Bundle) -> None:
    found = sections(named)
    assert found[""].startswith("# tiny-beats 0.3: model card\n")
    assert (
        "**F1 of `S` 0.480 (0.430 to 0.530), F1 of `V` 0.810 (0.760 to 0.860)** over 1,200 held-out "
        "heartbeats of mitdb."
    ) in found[""]
    text = found["Scores"]
    assert "Heartbeats at their annotated R peaks: where R peaks have to be found" in text
    assert row(text, "`S`")[5] == "0.480 (0.430 to 0.530)"
    assert "what other patients of the same kind would change" in text
    assert "balanced accuracy, the mean recall of the classes that occur: 0.610 (0.560 to 0.660)" in text
    assert (
        "**Not to be relied on** (F1 below 0.5, or unknown): `S`, whose F1 over 100 heartbeats is 0.480; "
        "`F`, whose F1 over 10 heartbeats is 0.000; `Q`, of which nothing is known."
    ) in text


def test_a_headline_without_ectopic_classes_is_the_mean(named: Bundle, beat_facts: dict[str, Any]) -> None:
    beat_facts["held_out"]["table"]["classes"] = list("NABCD")
    assert "**F1avg 0.565 (0.515 to 0.615)**" in model_card(replace(named, provenance=beat_facts))


def test_no_heartbeat_is_left_without_a_name(named: Bundle) -> None:
    text = sections(named)["Abstention"]
    assert "It names every heartbeat, and says that it is not sure of those" in text
    for said in ("is below 0.900", "92.0 % of the 4,000 held-out", "85.0 % of these are named right", "80.0"):
        assert said in text
    assert row(text, "sure")[:2] == ["sure", "heartbeats"]
    assert named.abstention is not None
    idle = replace(named, abstention=replace(named.abstention, threshold=0.2))
    assert "**It is always sure**: the highest of 5 probabilities is never below" in model_card(idle)
    assert "It always answers." in model_card(replace(named, abstention=None))


def test_what_was_not_measured_and_how_to(named: Bundle, tested: Any, beat_facts: dict[str, Any]) -> None:
    found = sections(named)
    assert "by lead, rhythm or quality of the signal" in found["What was not measured"]
    assert "all figures are of heartbeats of one data set, mitdb." in found["What was not measured"]
    assert "What its 3 networks are worth together." in found["What was not measured"]
    assert "`einthoven beats FILE --model tiny-beats --annotations EXT`" in found["What it is for"]
    beat_facts["tested"] = [tested("annotated")]
    after = sections(replace(named, provenance=beat_facts))
    assert "worth together" not in after["What was not measured"]


def test_the_diagram_counts_heartbeats(
    named: Bundle, measured: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from matplotlib.figure import Figure

    texts = []

    def keep(figure: Figure, *_: Any, **__: Any) -> None:
        texts.append({text.get_text() for text in figure.findobj(lambda item: hasattr(item, "get_text"))})

    monkeypatch.setattr(Figure, "savefig", keep)
    for bundle in (named, measured):
        draw_reliability(bundle, tmp_path / "x.svg")
    assert {"heartbeats", "tiny-beats 0.3: held-out heartbeats"} <= texts[0]
    assert {"recordings", "tiny 1.2: held-out recordings"} <= texts[1]


def test_settings_of_the_cut_are_a_row_of_their_own(named: Bundle) -> None:
    text = sections(named)["How it was trained"]
    assert row(text, "cut")[1] == "`AroundRPeaks(training=True)`"
    assert "cut=" not in row(text, "other settings")[1]


@pytest.mark.parametrize("nonsense", ["text", 3, None, [], [1, None], {"x": 1}, [{"x": []}], [["joint"]]])
def test_whatever_a_provenance_holds_there_is_a_card(
    named: Bundle, beat_facts: dict[str, Any], tested: Any, nonsense: Any
) -> None:
    def spoilt(value: Any) -> list[Any]:
        """Every way to put the nonsense in the place of one value."""
        if isinstance(value, dict):
            return [nonsense, *({**value, key: item} for key in value for item in spoilt(value[key]))]
        if isinstance(value, list) and value:
            return [nonsense, *([item, *value[1:]] for item in spoilt(value[0]))]
        return [nonsense]

    beat_facts["tested"] = [tested("annotated")]
    n = model_card(replace(named, provenance=beat_facts)).count("\n## ")
    for key in ("tested", "split", "learnt_from", "dataset"):
        for value in spoilt(beat_facts[key]):
            assert model_card(replace(named, provenance={**beat_facts, key: value})).count("\n## ") == n


def test_the_command_that_measures_it_on_mit_bih_names_a_part(named: Bundle) -> None:
    text = sections(named)["What it is for"]
    command = (
        "`einthoven evaluate --model tiny-beats --data FOLDER --part ds2` does for the test part of MIT-BIH"
    )
    assert command in text
