"""Settings as `--set` gives them; what else training begins with: `test_train.py`, `test_transfer.py`."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from einthoven.apps.cli.reading import Said
from einthoven.apps.cli.training_inputs import settings_of, training_data
from einthoven.errors import SettingsError
from einthoven.recipes import RECIPES, find_recipe
from einthoven.training.folds import check_fold, split_dataset


def test_settings_are_values_by_their_keys() -> None:
    assert settings_of(None) == {}
    assert settings_of(["a=1", " b.c = x=y ", "a=2"]) == {"a": "2", "b.c": "x=y"}


@pytest.mark.parametrize("text", ["a", "=1", " =1"])
def test_a_text_without_key_or_value_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match=r"^--set: expected KEY=VALUE, found "):
        settings_of(["b=1", text])


def test_without_data_a_recipe_of_several_labels_gets_twelve_simulated_leads() -> None:
    found = [name for name, recipe in RECIPES.items() if recipe.protocol().is_multi_label]
    assert {"singstad2018", "shahid2020-cnn", "shahid2020-resnet", "ecg12"} <= set(found)
    for name in found:
        protocol = find_recipe(name).protocol()
        data = training_data(None, "any", protocol, {})
        assert data.classes == protocol.classes
        assert data.read(0).leads == protocol.leads
        assert sum(count > 0 for count in data.class_counts.values()) >= 4
        assert any(len(entry.labels) > 1 for entry in data.entries)


def test_either_of_two_simulated_sources_can_be_left_out() -> None:
    protocol = find_recipe("shahid2020-cnn").protocol(split="source")
    data = training_data(None, "any", protocol, {})
    for fold in (0, 1):
        check_fold(protocol, data, fold)


def test_without_data_classes_that_nothing_simulates_are_refused() -> None:
    protocol = replace(find_recipe("shahid2020-cnn").protocol(), classes=("LBBB", "RBBB"), scored=())
    with pytest.raises(SettingsError, match="can be simulated"):
        training_data(None, "any", protocol, {})


@pytest.mark.usefixtures("one_thread")
def test_without_data_a_recipe_of_several_labels_is_trained_and_scored(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("einthoven.apps.cli.training_inputs.N_SIMULATED", 48)
    settings = ["phases.0.epochs=1", "network.width=4", "n_folds=3", "n_validation_parts=3"]
    given = [text for setting in settings for text in ("--set", setting)]
    found = run("train", "singstad2018", *given, "-o", tmp_path / "run", "--format", "json")
    assert found.code == 0, found.err
    rows = [json.loads(line) for line in found.out.splitlines()]
    assert all(row["simulated"] for row in rows)
    assert {row["measure"] for row in rows} >= {"F2", "G2", "AUROC"}


def test_of_classes_that_ones_own_table_never_names_nothing_is_learnt(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own, supers = tmp_path / "mine", ("NORM", "MI", "STTC", "CD", "HYP")
    own.mkdir()
    for number in range(18):
        np.save(own / f"r{number:02d}.npy", np.zeros((12, 1000), np.float32))
    rows = [f"r{number:02d},{supers[number % 5]}" for number in range(17)]
    (own / "labels.csv").write_text("\n".join(["record,labels", *rows, "r17,", ""]))
    protocol = find_recipe("ecg12").protocol()
    said: Said = {"fs": 100.0, "units": "mV", "leads": protocol.leads}
    data = training_data(own, "twelve-leads", protocol, said)
    targets, _ = split_dataset(protocol, data, 0)
    columns = [protocol.classes.index(name) for name in supers]
    assert np.isnan(np.delete(targets, columns, axis=1)).all()
    # What the table names is judged everywhere: one class each, and none in the last recording.
    assert targets[:, columns].sum(axis=1).tolist() == [1.0] * 17 + [0.0]
    assert capsys.readouterr().err == (
        "mine: a recording without one of these labels counts as without that class: NORM, MI, STTC, CD, "
        "HYP; named nowhere, and so not judged, are the other 24 of ecg12's 29 classes: nothing is learnt of "
        "them\n"
    )
