"""The table of a transfer: what stands beside what, and in which words."""

import io
import json
from collections.abc import Callable

import pytest

from einthoven.apps.cli.table import print_table
from einthoven.apps.cli.transfer_table import (
    PUBLISHED_HEADING,
    transfer_items,
    transfer_layout,
    transfer_notes,
)
from einthoven.training.transfer import VariantScores

Make = Callable[..., list[VariantScores]]
OURS = {"1": 0.7, "3": 0.75, "all": 0.8, "scratch": 0.78}
PUBLISHED = {"1": 71.6, "3": 96.4, "scratch": 99.1}


def printed(items: list) -> str:
    stream = io.StringIO()
    print_table(transfer_layout(items).tables(items), stream)
    return stream.getvalue()


def test_heartbeats_and_recordings_of_each_variant_stand_in_rows(transfer_scores: Make) -> None:
    items = transfer_items(transfer_scores(OURS), PUBLISHED, "runs/source")
    assert [(item["variant"], item["unit"]) for item in items] == [
        (name, unit) for name in OURS for unit in ("heartbeat", "recording")
    ]
    first, second = items[:2]
    assert first["scores"]["accuracy"] == {"value": 0.7, "low": 0.6, "high": 0.8}
    assert second["scores"]["accuracy"]["value"] == 0.75
    assert (first["n"], second["n"], first["n_patients"]) == (806, 67, 60)
    assert (first["n_trained"], first["n_weights"]) == (10, 10**6)
    assert [item["source"] for item in items[-3:]] == ["runs/source", None, None]
    assert json.loads(json.dumps(items, allow_nan=False)) == items


def test_published_accuracies_stand_beside_heartbeats_only(transfer_scores: Make) -> None:
    items = transfer_items(transfer_scores(OURS), PUBLISHED, "runs/source")
    assert [item["published_accuracy"] for item in items] == [
        0.716,
        None,
        0.964,
        None,
        None,
        None,
        0.991,
        None,
    ]


@pytest.mark.parametrize("columns", [200, 120, 60])
def test_the_table_is_whole_in_any_terminal(
    transfer_scores: Make, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    table = printed(transfer_items(transfer_scores(OURS), PUBLISHED, "runs/source"))
    assert max(map(len, table.splitlines())) <= columns
    words = " ".join(table.split())
    for text in ("F1 of MI", "AUROC", "95 % intervals, by patients", "71.6", "99.1"):
        assert text in words
    if columns > 100:
        assert PUBLISHED_HEADING in words
        assert [
            line for line in table.splitlines() if line.startswith("last 3 layers (100 of 1,000,000 weights)")
        ]


def test_notes_say_what_tested_how_it_was_split_and_what_was_published(transfer_scores: Make) -> None:
    by_patient, published = transfer_notes(transfer_items(transfer_scores(OURS), PUBLISHED, "runs/source"))
    assert by_patient == (
        "heartbeat-mi-ptbxl on ptbxl: 806 heartbeats (75.0 % of the most frequent class) and 67 recordings "
        "(75.0 % of the most frequent class) of 60 patients in the test part; split by patient; fold 0, 2 of "
        "9 (not all folds were run); budget cpu; transferred from runs/source."
    )
    assert "PTB split at random" in published
    at_random = transfer_items(transfer_scores(OURS, split_by="beat"), PUBLISHED, "runs/source")
    assert {item["unit"] for item in at_random} == {"heartbeat"}
    assert "one patient's beats are on both sides" in transfer_notes(at_random)[0]


def test_simulated_recordings_are_called_so(transfer_scores: Make) -> None:
    items = transfer_items(transfer_scores(OURS, kind="simulated"), PUBLISHED, "runs/source")
    assert printed(items).startswith("SIMULATED recordings.")
    assert "on SIMULATED recordings" in transfer_notes(items)[0]


def test_a_score_that_is_not_defined_is_an_empty_cell(transfer_scores: Make) -> None:
    items = transfer_items(transfer_scores({"1": float("nan")}), PUBLISHED, "runs/source")
    assert items[0]["scores"]["accuracy"] == {"value": None, "low": None, "high": None}
    assert "nan" not in printed(items)


def test_csv_has_a_column_for_each_limit(transfer_scores: Make) -> None:
    items = transfer_items(transfer_scores(OURS), PUBLISHED, "runs/source")
    fields = transfer_layout(items).fields
    row = {name: value(items[0]) for name, value in fields.items()}
    assert (row["accuracy"], row["accuracy_low"], row["auroc_high"]) == (0.7, 0.6, 0.72)
    assert (row["published_accuracy"], row["split_by"], row["variant"]) == (0.716, "patient", "1")


def test_notes_name_the_settings_that_were_changed(transfer_scores: Make) -> None:
    items = transfer_items(transfer_scores(OURS, batch_size=8, split_by="beat"), PUBLISHED, "runs/source")
    assert items[0]["deviations"] == {"batch_size": 8}
    assert "; budget cpu but batch_size=8; transferred from" in transfer_notes(items)[0]
