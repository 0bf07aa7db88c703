"""Rows of scores: what was published as far as it is stated, and what was measured."""

import numpy as np
import pytest

from einthoven.apps.cli.scores import BEAT_MEASURES, measured_items, note_of, published_items, score_layout
from einthoven.metrics import score_table
from einthoven.recipes import ExpectedRow, ExpectedTable

CLASSES = ("N", "S", "V")


def published(row: ExpectedRow) -> dict[str, dict]:
    items = published_items(ExpectedTable("Table", CLASSES, (row,)), row)
    assert {item["source"] for item in items} == {f"Table, {row.name}"}
    return {item["measure"]: item["scores"] for item in items}


def test_a_whole_row_has_f1_and_recall() -> None:
    found = published(ExpectedRow("CNN", (88.1, 83.6, 66.9), (87.8, 79.0, 70.1), 81.2, 79.0))
    assert list(found) == ["F1", "recall"]
    assert found["F1"] == {"N": {"value": 0.878}, "S": {"value": 0.79}, "V": {"value": 0.701},
                           "overall": {"value": 0.79}}  # fmt: skip
    assert found["recall"]["overall"] == {"value": 0.812}


def test_a_row_shows_what_it_states_only() -> None:
    assert published(ExpectedRow("a", accuracy=93.4)) == {"accuracy": {"overall": {"value": 0.934}}}
    both = published(ExpectedRow("b", accuracy=94.5, balanced_accuracy=70.3))
    assert both == {
        "accuracy": {"overall": {"value": 0.945}},
        "balanced accuracy": {"overall": {"value": 0.703}},
    }
    some = published(ExpectedRow("c", recall=(None, 75.9, None), precision=(None, 38.5, None)))
    assert list(some) == ["recall", "precision"]
    assert some["precision"] == {"N": {"value": None}, "S": {"value": 0.385}, "V": {"value": None}}


def test_heartbeats_have_four_measures_with_intervals() -> None:
    truth = np.repeat([0, 0, 1, 2], 10)
    guess = np.repeat([0, 1, 1, 2], 10)
    table = score_table(truth, guess, CLASSES, groups=np.arange(40) % 7, n=50)
    items = measured_items("ours", table, {}, BEAT_MEASURES)
    found = {item["measure"]: item["scores"] for item in items}
    assert list(found) == ["F1", "recall", "precision", "balanced accuracy"]
    assert found["recall"]["N"]["value"] == 0.5
    assert found["recall"]["overall"]["value"] == 0.75
    assert found["precision"]["S"]["value"] == 0.5
    assert "overall" not in found["precision"]
    assert list(found["balanced accuracy"]) == ["overall"]
    assert found["balanced accuracy"]["overall"]["value"] == pytest.approx(2.5 / 3, abs=1e-4)
    assert all(
        set(score) == {"value", "low", "high"} for scores in found.values() for score in scores.values()
    )


def test_columns_keep_the_order_of_the_classes_and_the_title_explains_its_words() -> None:
    row = ExpectedRow("c", recall=(None, 75.9, 77.7))
    theirs = published_items(ExpectedTable("Table", CLASSES, (row,)), row)
    ours = measured_items("ours", score_table([0, 1], [0, 1], CLASSES, n=10), {}, BEAT_MEASURES)
    for items, has_precision in (([*theirs, *ours], True), (theirs, False)):
        layout = score_layout(items)
        (table, *_) = layout.tables(items)
        assert table.headings[2:] == (*CLASSES, "overall")
        assert ("precision positive predictivity (+P)" in table.title) is has_precision


def test_the_note_of_heartbeats_names_their_split() -> None:
    facts = {
        "recipe": "heartbeat",
        "simulated": False,
        "dataset": "mitdb",
        "n_records": 21899,
        "unit": "heartbeat",
        "part": "test",
        "budget": "cpu",
        "deviations": {},
        "epochs": {"joint": [12, 12]},
        "folds": [0],
        "n_folds": 5,
        "is_origin_known": True,
        "calibration_error": 0.01,
        "brier": 0.05,
        "resampled": "patients",
    }
    mixed = note_of(facts | {"split_by": "beat"})
    assert "21899 heartbeats of the test part; split by beat: one patient's beats are on both sides" in mixed
    assert "heartbeats of the test part; split by patient; budget" in note_of(facts | {"split_by": "patient"})
    whole = note_of(facts | {"split_by": "recording", "unit": "recording"})
    assert "21899 recordings of the test part; budget cpu" in whole
