"""Answers in a table: nothing is said twice, nothing is lost, and recordings of one name are told apart."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from several_labels import THRESHOLDS, twelve_lead_bundle

from einthoven.apps.cli.agreement import BETWEEN, Truth
from einthoven.apps.cli.answers import answer_layout, shared_remarks, shown_names
from einthoven.apps.cli.table import table_lines
from einthoven.apps.text import width_of
from einthoven.bundle import Bundle
from einthoven.bundle.outline import Outline

TWELVE = Outline.of(twelve_lead_bundle())


@pytest.fixture(scope="module")
def model(tiny_bundle: Bundle) -> Outline:
    return Outline.of(tiny_bundle)


def answer(record: str, *, path: str = "", **more: Any) -> dict[str, Any]:
    return {
        "record": record,
        "path": path or f"/data/{record}.hea",
        "model": "tiny",
        "labels": ["N"],
        "probs": {"N": 0.91, "A": 0.05, "O": 0.03, "~": 0.01},
        "abstained": False,
        "abstain_reason": None,
        "heart_rate": 71.6,
        "quality": {"score": 0.97},
        "warnings": [],
        **more,
    }


def unsure(record: str, prob: float, **more: Any) -> dict[str, Any]:
    reason = f"not sure: N has a probability of {prob:.2f}, below 0.60"
    return answer(record, abstained=True, abstain_reason=reason, probs={"N": prob}, **more)


def failure(record: str, error: str) -> dict[str, Any]:
    return {"record": record, "path": f"/data/{record}.hea", "error": error}


def several(record: str, *labels: str, **more: Any) -> dict[str, Any]:
    probs = {"AF": 0.88, "PAC": 0.7, "NSR": 0.05, "MI": 0.12} | more.pop("probs", {})
    return answer(record, model="tiny12", labels=list(labels), probs=probs, thresholds=THRESHOLDS, **more)


def lines_of(
    models: Outline | Sequence[Outline],
    items: Sequence[dict[str, Any]],
    width: int = 80,
    classes: tuple[str, ...] = (),
) -> list[str]:
    """Return the lines of the table; beside a truth that names these classes."""
    outlines = [models] if isinstance(models, Outline) else models
    truth = Truth({}, classes) if classes else None
    tables = answer_layout(outlines, truth).tables(items)
    return ["".join(cell.text for cell in line) for line in table_lines(tables, width)]


def names_of(*paths: str) -> list[str]:
    return shown_names([{"record": Path(path).stem, "path": path} for path in paths])


def test_a_row_has_what_the_answer_has(model: Outline) -> None:
    assert lines_of(model, [answer("a")]) == [
        "record  answer             prob.  bpm  quality",
        "──────────────────────────────────────────────",
        "a       normal rhythm (N)   0.91   72     0.97",
    ]


def test_an_unknown_heart_rate_is_empty(model: Outline) -> None:
    without = answer("b", heart_rate=None)
    before = {key: value for key, value in answer("c").items() if key != "heart_rate"}
    assert all(re.search(r"0\.91 {10}0\.97", line) for line in lines_of(model, [without, before])[2:])


def test_the_csv_has_the_heart_rate_before_the_quality(model: Outline) -> None:
    fields = answer_layout([model]).fields
    names = list(fields)
    assert names.index("quality") == names.index("heart_rate") + 1 == names.index("prob_~") + 2
    assert fields["heart_rate"](answer("a")) == 71.6
    assert fields["heart_rate"](failure("a", "x")) is None


def test_a_remark_of_one_recording_stands_with_it(model: Outline) -> None:
    items = [answer("a", warnings=["lead off", "clipped"]), answer("b")]
    assert lines_of(model, items, 90)[2].endswith("0.97  lead off; clipped")
    assert lines_of(model, items, 60)[2:4] == [
        "a       normal rhythm (N)   0.91   72     0.97", "    lead off; clipped"]  # fmt: skip


def test_a_remark_of_a_few_recordings_is_said_once_and_names_them(model: Outline) -> None:
    items = [*(answer(name, warnings=["mains noise"]) for name in "abc"), answer("d")]
    lines = lines_of(model, items)
    assert lines[-1] == "3 recordings (a, b, c): mains noise"
    assert sum("mains noise" in line for line in lines) == 1
    assert "note" not in lines[0]


def test_a_remark_of_many_recordings_has_a_number(model: Outline) -> None:
    items = [*(answer(name, warnings=["mains noise"]) for name in "abcd"), answer("e", warnings=["clipped"])]
    items[1] = answer("b", warnings=["mains noise", "only lead I"])
    items += [answer(name, warnings=["only lead I"]) for name in "fgh"]
    lines = lines_of(model, items)
    assert lines[0].split()[-2:] == ["note", "remarks"]
    assert [line.split("0.97")[1].strip() for line in lines[2:6]] == ["1", "1, 2", "1", "1"]
    assert lines[-2:] == ["note 1, 4 recordings: mains noise", "note 2, 4 recordings: only lead I"]
    assert "clipped" in "".join(lines)


def test_a_remark_of_all_needs_no_number(model: Outline) -> None:
    simulated = "this model learnt from simulated recordings only"
    items = [answer(name, warnings=[simulated]) for name in "abcde"]
    assert lines_of(model, items)[-1] == f"all 5 recordings: {simulated}"
    items.append(failure("f", "no such file"))
    lines = lines_of(model, items, 90)
    assert lines[-1] == f"all 5 recordings that got an answer: {simulated}"
    assert "note" not in lines[0]


def test_failures_for_the_same_reason_say_it_once(model: Outline) -> None:
    reason = "expected fs (Hz), found none: pass fs= (on the command line --fs)"
    lines = lines_of(model, [answer("a"), *(failure(name, reason) for name in "bcde")], 90)
    assert lines[-1] == f"note 1, 4 recordings: {reason}"
    assert [line.split() for line in lines[3:7]] == [[name, "failed", "1"] for name in "bcde"]


def test_reasons_that_differ_in_the_probability_only_are_one(model: Outline) -> None:
    lines = lines_of(model, [*(unsure(name, 0.5 + k / 100) for k, name in enumerate("abcd")), answer("e")])
    assert lines[-1] == "note 1, 4 recordings: not sure: the probability is below 0.60"
    assert re.search(r"not sure: normal rhythm \(N\)\?\s+0\.53", lines[5])
    single = lines_of(model, [answer("a"), unsure("b", 0.41)], 120)
    assert single[-1].endswith("not sure: the probability is below 0.60")


def test_other_reasons_are_as_they_were(model: Outline, tiny_bundle: Bundle) -> None:
    flat = answer("b", abstained=True, abstain_reason="flat line: lead I does not move")
    assert lines_of(model, [answer("a"), flat], 120)[-1].endswith("flat line: lead I does not move")
    without = Outline.of(replace(tiny_bundle, abstention=None))
    assert lines_of(without, [answer("a"), unsure("b", 0.41)], 140)[-1].endswith("0.41, below 0.60")


def test_labels_of_several_and_of_none(model: Outline) -> None:
    items = [answer("a", labels=["N", "A"]), answer("b", labels=[])]
    first, second = lines_of(model, items)[2:]
    assert "normal rhythm (N) + atrial fibrillation (A)" in first
    assert re.search(r"none of the labels +72", second)
    assert "X" in lines_of(model, [answer("a", labels=["X"], probs={"X": 1.0})])[2]


def test_the_truth_stands_beside_the_answer(model: Outline) -> None:
    items = [answer("a", truth="N"), answer("b", truth="A"), answer("c")]
    lines = lines_of(model, items, classes=("N", "A"))
    assert [re.split(r"\s{2,}", line)[1] for line in lines[2:]] == ["N", "A (!)", "normal rhythm (N)"]


@pytest.mark.parametrize("width", [80, 60, 40])
def test_long_names_and_remarks_are_readable_and_whole(model: Outline, width: int) -> None:
    name = "site-4_patient-000123_follow-up-2_12-leads"
    words = "of 12 leads only lead I was looked at and the electrode had fallen off for half of it"
    items = [unsure(name, 0.41, warnings=[words], truth="A"), failure("b", "expected a file, found none")]
    lines = lines_of(model, items, width, ("N", "A"))
    assert all(width_of(line) <= width for line in lines)
    for word in [
        *words.split(),
        *("expected", "a", "file,", "found", "none"),
        "0.41",
        "0.97",
        "72",
        "failed",
        "(!)",
    ]:
        assert any(word in line for line in lines), word
    if width == 80:
        head, tail = (part for part in re.findall(r"^\S*[-_]|^leads", "\n".join(lines), re.MULTILINE)[:2])
        assert name.startswith(head)
        assert len(head) >= 10
        assert tail in name


def test_names_that_differ_are_enough() -> None:
    assert names_of("/data/a/one.hea", "/data/b/two.hea") == ["one", "two"]


def test_recordings_of_one_name_show_their_folder() -> None:
    assert names_of("/data/a/rec.hea", "/data/b/rec.hea", "/data/b/c/other.hea") == [
        "a/rec",
        "b/rec",
        "other",
    ]
    assert names_of("/data/rec.hea", "/data/b/c/rec.npy") == ["rec", "b/c/rec"]
    assert names_of("x/rec.hea", "y/rec.hea") == ["x/rec", "y/rec"]


def test_recordings_of_one_name_and_folder_show_their_ending() -> None:
    assert names_of("/data/rec.hea", "/data/rec.csv", "/data/one.csv") == ["rec.hea", "rec.csv", "one"]
    paths = ("/data/a/rec.hea", "/data/a/rec.csv", "/data/b/rec.csv")
    assert names_of(*paths) == ["a/rec.hea", "a/rec.csv", "b/rec"]


def test_a_recording_from_memory_has_no_path_to_show() -> None:
    items = [{"record": "rec", "path": ""}, {"record": "rec", "path": "/data/b/rec.hea"}]
    assert shown_names(items) == ["rec", "rec.hea"]


def test_drives_that_have_nothing_in_common(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: object) -> str:
        raise ValueError("Paths don't have the same drive")

    monkeypatch.setattr("os.path.commonpath", fails)
    assert names_of("/c/rec.hea", "/d/rec.hea") == ["/c/rec", "/d/rec"]


def test_a_remark_given_twice_for_one_recording_is_said_once(model: Outline) -> None:
    lines = lines_of(model, [answer("a", warnings=["clipped", "clipped"])], 120)
    assert "".join(lines).count("clipped") == 1


def test_nothing_is_shared_where_nothing_is_said() -> None:
    assert shared_remarks([[], []], ["a", "b"], {0, 1}) == ([[], []], ["", ""], [])


def test_classes_of_a_multi_label_model_stand_with_their_probabilities() -> None:
    lines = lines_of(TWELVE, [several("a", "AF", "PAC"), several("b", "AF")], 100)
    assert lines[0].split() == ["record", "answer", "bpm", "quality"]
    assert re.search(
        r"atrial fibrillation \(AF\) 0\.88 \+ premature atrial contraction \(PAC\) 0\.70 ", lines[2]
    )
    assert re.fullmatch(r"b +atrial fibrillation \(AF\) 0\.88 +72 +0\.97", lines[3])


def test_where_there_is_no_room_they_have_short_names_that_are_explained() -> None:
    lines = lines_of(TWELVE, [several("a", "AF", "PAC"), several("b", "AF")], 60)
    assert lines[2:4] == [
        "a       AF 0.88 + PAC 0.70   72     0.97",
        "b       AF 0.88              72     0.97",
    ]
    assert " ".join(lines[4:]).split("AF: ")[1] == "atrial fibrillation; PAC: premature atrial contraction"


def test_an_entry_can_give_each_class_a_line() -> None:
    in_words, short = answer_layout([TWELVE]).tables([several("a", "AF", "PAC")])
    words = ("atrial fibrillation (AF) 0.88", "premature atrial contraction (PAC) 0.70")
    assert in_words.rows[0].cells[1].parts == words
    assert short.rows[0].cells[1].parts == ("AF 0.88", "PAC 0.70")


def test_no_class_is_not_sure_and_shows_the_nearest() -> None:
    reason = "not sure: no class reaches its threshold; the nearest is AF with 0.38 (threshold 0.50)"
    none = several("a", abstained=True, abstain_reason=reason, probs={"AF": 0.38, "PAC": 0.1})
    lines = lines_of(TWELVE, [none, several("b", "AF")], 140)
    assert re.search(r"not sure, nearest atrial fibrillation \(AF\) 0\.38\? ", lines[2])
    assert lines[2].endswith("not sure: no class reaches its threshold")
    flat = several("a", "AF", abstained=True, abstain_reason="flat line: lead I does not move")
    assert re.search(r"not sure: AF 0\.88\? ", lines_of(TWELVE, [flat], 60)[2])


def test_where_several_models_answered_a_column_says_which(model: Outline) -> None:
    mixed = [answer("a"), several("b", "AF"), failure("c", "no such file")]
    lines = lines_of([model, TWELVE], mixed, 100)
    assert lines[0].split()[:4] == ["record", "model", "answer", "prob."]
    assert [line.split()[1] for line in lines[2:5]] == ["tiny", "tiny12", "failed"]
    assert re.search(r"tiny +normal rhythm \(N\) +0\.91 +72", lines[2])
    assert not any("model" in line for line in lines[5:])


def test_where_one_of_several_answered_a_note_says_which(model: Outline) -> None:
    note = "model {} answered, chosen by the leads; --model chooses another"
    assert lines_of([model, TWELVE], [answer("a")], 100)[-1] == note.format("tiny")
    lines = lines_of([model, TWELVE], [several("b", "AF")], 100)
    assert lines[-1] == note.format("tiny12")
    assert "prob." not in lines[0]
    failed = lines_of([model, TWELVE], [failure("c", "no such file")], 100)
    assert not any("chosen by" in line for line in failed)


def test_the_csv_has_the_classes_of_all_models_that_may_answer(model: Outline) -> None:
    fields = answer_layout([model, TWELVE]).fields
    names = [name for name in fields if name.startswith("prob_")]
    assert names == [f"prob_{label}" for label in ("N", "A", "O", "~", "AF", "PAC", "NSR", "MI")]
    assert (fields["prob_AF"](several("a", "AF")), fields["prob_N"](several("a", "AF"))) == (0.88, None)


@pytest.mark.parametrize(
    ("labels", "truth", "classes", "mark"),
    [
        (["AF", "PAC"], "PAC + AF", ("AF", "PAC"), ""),
        (["AF"], "PAC + AF", ("AF", "PAC"), " (!)"),
        (["AF", "MI"], "AF", ("AF", "PAC"), ""),
        ([], "", ("AF",), ""),
        (["AF"], "N", ("N", "A"), " (?)"),
    ],
)
def test_the_truth_is_marked_where_it_is_another_or_cannot_be_compared(
    labels: list[str], truth: str, classes: tuple[str, ...], mark: str
) -> None:
    item = several("a", *labels, truth=truth)
    shown = lines_of(TWELVE, [item], 140, classes)[2]
    assert re.split(r"\s{2,}", shown)[1] == (truth or "none") + mark


def test_a_failure_is_wrong_where_any_model_could_have_been_right(model: Outline) -> None:
    lost = failure("c", "no such file")
    marks = {
        truth: re.split(r"\s{2,}", lines_of([model, TWELVE], [lost | {"truth": truth}], 140, names)[2])[1]
        for truth, names in {"N": ("N",), "AF": ("AF",), "XYZ": ("XYZ",)}.items()
    }
    assert marks == {"N": "N (!)", "AF": "AF (!)", "XYZ": "XYZ (?)"}
    assert BETWEEN == " + "
