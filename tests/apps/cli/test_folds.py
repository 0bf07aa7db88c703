"""`einthoven folds`: what every part holds, told before anything is trained."""

import json
from pathlib import Path

import numpy as np
import pytest

from einthoven.datasets.dataset import Dataset
from einthoven.recipes import find_recipe
from einthoven.training.folds import split_dataset


def test_every_fold_is_counted_and_no_patient_is_shared(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("einthoven.apps.cli.training_inputs.N_SIMULATED", 40)
    result = run("folds", "rhythm", "--format", "json")
    assert result.code == 0, result.err
    items = [json.loads(line) for line in result.out.splitlines()]
    protocol = find_recipe("rhythm").protocol()
    assert [(item["fold"], item["part"]) for item in items] == [
        (fold, part) for fold in range(protocol.n_folds) for part in ("train", "test")
    ]
    for item in items:
        assert sum(item["positives"].values()) == item["recordings"] > 0
        assert item["shared_patients"] == 0
    tested = [item["recordings"] for item in items if item["part"] == "test"]
    assert sum(tested) == 40


def test_the_table_says_where_patients_are_unknown(run) -> None:
    result = run("folds", "rhythm")
    assert result.code == 0, result.err
    told = " ".join(result.out.split())
    assert "of unknown patients" in told
    assert "0 patients in more than one part" in told
    assert "one of theirs may be on both sides" in told


def test_a_source_left_out_is_named(run, tmp_path: Path) -> None:
    output = tmp_path / "folds.csv"
    result = run("folds", "shahid2020-cnn", "--set", "split=source", "-o", output)
    assert result.code == 0, result.err
    lines = output.read_text().splitlines()
    assert lines[0].startswith("dataset,split_by,fold,source,part,recordings")
    assert {line.split(",")[3] for line in lines[1:]} == {"simulated-a", "simulated-b"}


def test_an_unknown_recipe_is_refused(run) -> None:
    result = run("folds", "nothing")
    assert result.code == 2
    assert "expected a recipe of" in result.err


def test_the_counts_are_those_of_the_split(run, monkeypatch: pytest.MonkeyPatch) -> None:
    from einthoven.datasets.simulated import simulated_dataset

    monkeypatch.setattr("einthoven.apps.cli.training_inputs.N_SIMULATED", 24)
    item = json.loads(run("folds", "rhythm", "--format", "json").out.splitlines()[1])
    protocol = find_recipe("rhythm").protocol()
    dataset: Dataset = simulated_dataset(protocol.classes, n=24)
    targets, split = split_dataset(protocol, dataset, 0)
    assert list(item["positives"].values()) == np.bincount(targets[split.test], minlength=4).tolist()
