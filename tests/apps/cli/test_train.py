"""`einthoven recipes`, `train`, `evaluate` and `pack`: from a recipe to a bundle that answers."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from einthoven.datasets.simulated import simulated_dataset
from einthoven.formats import read_record, write_record
from einthoven.recipes import RECIPES

SMALL = ("stem_width=4", "widths=4,4", "strides=2,2", "recurrent=2")
SETTINGS = [text for key in SMALL for text in ("--set", f"network.{key}")] + ["--set", "phases.0.epochs=1"]


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Small networks gain nothing from more threads, nor tests from more recordings."""
    monkeypatch.setattr("einthoven.apps.cli.train.N_SIMULATED", 24)
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    """A folder of eight simulated recordings with a table of labels."""
    dataset = simulated_dataset(n=8, seed=5, duration_s=(6.0, 7.0))
    lines = ["record,label"]
    for index, entry in enumerate(dataset.entries):
        write_record(dataset.read(index), tmp_path / "mine")
        lines.append(f"{entry.record_id},{entry.labels[0]}")
    (tmp_path / "mine" / "labels.csv").write_text("\n".join(lines))
    return tmp_path / "mine"


def test_from_a_recipe_to_an_answer(run, tmp_path: Path, recordings: Path, labelled: Path) -> None:
    folder, bundle = tmp_path / "run", tmp_path / "own.einthoven"
    trained = run("train", "rhythm", *SETTINGS, "-o", folder, "--format", "json")
    assert trained.code == 0, trained.err
    f1, recall = [json.loads(line) for line in trained.out.splitlines()][-2:]
    assert (f1["measure"], recall["measure"]) == ("F1", "recall")
    assert f1["simulated"] is True
    assert f1["folds"] == [0]
    assert f1["epochs"] == {"joint": [1, 1]}
    assert set(f1["scores"]) == {"N", "A", "O", "~", "overall"}
    assert set(f1["scores"]["overall"]) == {"value", "low", "high"}

    evaluated = run("evaluate", folder)
    assert evaluated.out.startswith("SIMULATED recordings.")
    assert "fold 0 of 5 (not all folds were run)" in evaluated.out
    assert "budget cpu" in evaluated.out

    packed = run("pack", folder, "-o", bundle, "--version", "7", "--format", "json")
    assert packed.code == 0, packed.err
    description = json.loads(packed.out)
    assert (description["name"], description["version"], description["simulated"]) == ("own", "7", True)
    assert (description["provenance"]["limits"], description["provenance"]["attribution"]) == ([], "")
    carded = run("models", bundle, "--card", tmp_path / "cards")
    assert carded.code == 0, carded.err
    assert "**SIMULATED recordings" in (tmp_path / "cards" / "own.md").read_text()
    answered = run("classify", recordings, "--model", bundle, "--format", "json")
    assert answered.code == 0
    assert {json.loads(line)["model_version"] for line in answered.out.splitlines()} == {"7"}

    scored = run("evaluate", "--model", bundle, "--data", labelled, "--format", "json")
    assert scored.code == 0, scored.err
    rows = [json.loads(line) for line in scored.out.splitlines()]
    assert rows[0]["source"] == "own 7, all recordings"
    assert (rows[0]["n_records"], rows[0]["n_failed"]) == (8, 0)


def test_a_bundle_of_the_recipes_data_set_says_its_limits_and_whose_data_it_is(run, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    assert run("train", "rhythm", *SETTINGS, "-o", folder).code == 0
    settings = json.loads((folder / "run.json").read_text())
    settings["dataset"]["name"] = RECIPES["rhythm"].dataset
    (folder / "run.json").write_text(json.dumps(settings))
    packed = run("pack", folder, "-o", tmp_path / "x.einthoven", "--format", "json")
    assert packed.code == 0, packed.err
    facts = json.loads(packed.out)["provenance"]
    assert facts["limits"] == list(RECIPES["rhythm"].limits)
    assert facts["attribution"] == RECIPES["rhythm"].attribution


def test_training_goes_on_from_a_run_on_ones_own_recordings(run, tmp_path: Path, labelled: Path) -> None:
    first = run("train", "rhythm", *SETTINGS, "--fold", "all", "-o", tmp_path / "all", "--format", "json")
    assert first.code == 0, first.err
    assert json.loads(first.out)["n_train"] == 24
    second = run(
        "train", "rhythm", *SETTINGS, "--data", labelled, "--init", tmp_path / "all", "-o", tmp_path / "own"
    )
    assert second.code == 0, second.err
    assert "SIMULATED" not in second.out
    nothing_held_out = run("evaluate", tmp_path / "all")
    assert nothing_held_out.code == 2
    assert "held out" in nothing_held_out.err


def test_tables_that_state_nothing_train_and_the_paper_does_not_stand_beside_other_classes(
    run, tmp_path: Path, labelled: Path
) -> None:
    for path in labelled.glob("*.hea"):
        np.savetxt(path.with_suffix(".csv"), 1000 * read_record(path).signal.T, fmt="%.1f")
        path.unlink()
        path.with_suffix(".dat").unlink()
    table = labelled / "labels.csv"
    for ours, own in (("N", "sinus"), ("A", "flutter"), ("O", "sinus"), ("~", "flutter")):
        table.write_text(table.read_text().replace(f",{ours}\n", f",{own}\n"))
    command = ("train", "rhythm", *SETTINGS, "--data", labelled, "--units", "uV", "-o", tmp_path / "run")
    trained = run(*command, "--fs", 300)
    assert trained.code == 0, trained.err
    assert "sinus" in trained.out
    assert "ours (rhythm, cpu)" in trained.out
    assert "Zihlmann" not in trained.out
    other = run(*command, "--fs", 250)
    assert other.code == 2
    assert "dataset.fingerprint" in other.err


def test_the_paper_stands_beside_ours(run, tmp_path: Path) -> None:
    settings = [
        text for key in ("width=2", "n_blocks=1", "n_layers=1") for text in ("--set", f"network.{key}")
    ]
    trained = run(
        "train", "zihlmann2017-cnn", *settings, "--set", "phases.0.epochs=1", "-o", tmp_path / "run"
    )
    assert trained.code == 0, trained.err
    rows = trained.out.splitlines()
    paper = next(row for row in rows if "Table 1" in row and " F1 " in row)
    assert "Zihlmann et al. 2017" in paper
    assert "79.0" in paper
    assert any("ours (zihlmann2017-cnn, cpu)" in row for row in rows)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("train", "tango", "-o", "x"), "expected a recipe of rhythm"),
        (("train", "rhythm", "-o", "x", "--set", "widht=3"), "unknown setting widht; known here: "),
        (("train", "rhythm", "-o", "x", "--set", "seed"), "--set: expected KEY=VALUE, found seed"),
        (("train", "rhythm", "-o", "x", "--fold", "first"), "--fold: expected a number from 0, or all"),
        (("train", "rhythm", "-o", "x", "--budget", "tpu"), "expected a budget of cpu, gpu"),
        (("train", "rhythm", "-o", "x", "--data", "absent"), "absent: expected a folder"),
        (("evaluate", "absent"), "absent: expected a training run"),
        (("evaluate", "--model", "rhythm"), "expected either runs, or both --model and --data"),
        (("evaluate", "absent", "--fs", "250"), "--fs, --units and --leads: expected --data with them"),
        (("train", "rhythm", "-o", "x", "--units", "mV"), "--fs, --units and --leads: expected --data"),
        (("pack", "absent", "-o", "x.einthoven"), "absent: expected a training run"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert result.code == 2
    assert said in result.err
    assert result.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_without_pytorch_the_command_that_installs_it_is_named(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith("einthoven.training")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "torch", None)
    result = run("train", "rhythm", "-o", tmp_path / "x")
    assert result.code == 2
    assert result.err == "error: this needs torch, which is not installed: pip install 'einthoven[train]'\n"


def test_recipes_are_listed(run) -> None:
    items = [json.loads(line) for line in run("recipes", "--format", "json").out.splitlines()]
    assert {"rhythm", "zihlmann2017-cnn", "zihlmann2017-crnn"} <= {item["name"] for item in items}
    assert all(item["budgets"][0] == "cpu" for item in items)
