"""`einthoven transfer`: from a trained network to a table and a picture."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from einthoven.datasets.simulated import simulated_dataset
from einthoven.formats import write_wfdb

SMALL = [text for key in ("widths=2,2,2,2", "dense=4,3") for text in ("--set", f"network.{key}")]
QUICK = [*SMALL, "--set", "phases.0.epochs=1", "--set", "n_folds=2", "--set", "n_validation_parts=2"]
pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests gain nothing from more recordings."""
    monkeypatch.setattr("einthoven.apps.cli.training_inputs.N_SIMULATED", 8)


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of recordings of eight people that are called normal or infarction."""
    folder = tmp_path_factory.mktemp("data") / "mine"
    dataset = simulated_dataset(("N", "A"), n=8, seed=5, duration_s=(6.0, 7.0))
    lines = ["record,label,patient"]
    for index, entry in enumerate(dataset.entries):
        write_wfdb(replace(dataset.read(index), comments=()), folder)
        label = {"N": "NORM", "A": "MI"}[entry.labels[0]]
        lines.append(f"{entry.record_id},{label},p{index}")
    (folder / "labels.csv").write_text("\n".join(lines))
    return folder


@pytest.fixture
def source(run, tmp_path: Path) -> Path:
    """A run of the heartbeat recipe, on simulated beats."""
    trained = run("train", "heartbeat", *SMALL, "--set", "phases.0.epochs=1", "-o", tmp_path / "source")
    assert trained.code == 0, trained.err
    return tmp_path / "source"


def test_from_a_trained_network_to_a_table_and_a_picture(
    run, source: Path, labelled: Path, tmp_path: Path
) -> None:
    place = tmp_path / "mi"
    command = ("transfer", "heartbeat-mi-ptbxl", "--from", source, "--data", labelled, "-o", place, *QUICK)
    found = run(*command, "--folds", "all", "--format", "json")
    assert found.code == 0, found.err
    rows = [json.loads(line) for line in found.out.splitlines()]
    assert [(row["variant"], row["unit"]) for row in rows] == [
        (name, unit) for name in ("1", "2", "3", "all", "scratch") for unit in ("heartbeat", "recording")
    ]
    assert {(tuple(row["folds"]), row["n_folds"], row["split_by"]) for row in rows} == {
        ((0, 1), 2, "patient")
    }
    assert rows[1]["n"] == rows[1]["n_patients"] == 8
    assert [row["published_accuracy"] for row in rows[::2]] == [0.716, 0.812, 0.964, None, 0.991]
    assert rows[0]["source"] == str(source)
    assert found.err.count("run 3 of 10: last 3 layers, fold 0\n") == 1
    pictures = [place / name for name in ("transfer.png", "transfer.svg")]
    assert found.err.splitlines()[-2:] == [f"wrote {path}" for path in pictures]
    before = {path: path.read_bytes() for path in pictures}
    weights = {path: path.stat().st_mtime_ns for path in place.glob("*/weights.pt")}
    assert len(weights) == 10

    again = run(*command, "--folds", "0,1")
    assert again.code == 0, again.err
    assert {path: path.stat().st_mtime_ns for path in weights} == weights
    assert {path: path.read_bytes() for path in pictures} == before
    assert "published (PTB, random split)" in again.out
    assert "transferred from" in again.out
    # Of the runs in this folder the split is another.
    other = run(*command, "--split", "random")
    assert (other.code, other.err.count("error:")) == (2, 1)
    assert "holds a run with other settings (protocol.split_by)" in other.err


def test_split_at_random_a_recording_has_no_row_and_the_table_says_why(
    run, source: Path, labelled: Path, tmp_path: Path
) -> None:
    command = ("transfer", "heartbeat-mi", "--from", source, "--data", labelled, "-o", tmp_path / "mi")
    found = run(*command, *QUICK, "--split", "random")
    assert found.code == 0, found.err
    assert "recording " not in "".join(line for line in found.out.splitlines() if line[:1] == "r")
    assert "one patient's beats are on both sides" in " ".join(found.out.split())


@pytest.mark.parametrize(
    ("recipe", "changed", "said"),
    [
        ("rhythm", (), "a recipe of heartbeat-mi, heartbeat-mi-ptbxl, found rhythm"),
        ("heartbeat-mi", ("--folds", "first"), "--folds: expected numbers from 0 such as 0,1,2, or all"),
        ("heartbeat-mi", ("--folds", "0,7"), "expected a fold from 0 to 1, found 7"),
        ("heartbeat-mi", ("--set", "trained=2"), "expected no number of trained layers"),
        ("heartbeat-mi", ("--split", "other"), "split: expected one of patient, random"),
        ("heartbeat-mi", ("--from", "nowhere"), "--from nowhere: expected a shipped model"),
        ("heartbeat-mi", ("--folds", "1,0,1"), "--folds: expected folds, each once, found 1,0,1"),
        ("heartbeat-mi", ("--set", "network.dense=5,3"), "expected initial weights of heartbeat-cnn, in its"),
    ],
)
def test_what_cannot_be_is_one_line_and_leaves_nothing(
    run, source: Path, labelled: Path, tmp_path: Path, recipe: str, changed: tuple[str, ...], said: str
) -> None:
    command = ("transfer", recipe, "--from", source, "--data", labelled, "-o", tmp_path / "mi", *QUICK)
    found = run(*command, *changed)
    assert found.code == 2
    assert said in found.err.splitlines()[-1]
    assert not (tmp_path / "mi").exists()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (("--set", "network=resnet"), "SOURCE: expected initial weights of heartbeat-resnet, found those of "
         "heartbeat-cnn"),
        ((), "SOURCE: phase joint trains the last 1 of the 4 fully connected layers only: expected initial"),
        ((*SMALL, "--folds", "first"), "--folds: expected numbers from 0"),
        ((*SMALL,), "expected a folder of recordings or a store, found nothing there"),
    ],
)  # fmt: skip
def test_what_needs_no_data_is_refused_before_it_is_read(
    run, source: Path, tmp_path: Path, changed: tuple[str, ...], said: str
) -> None:
    data = tmp_path / "absent"
    found = run("transfer", "heartbeat-mi", "--from", source, "--data", data, "-o", tmp_path / "mi", *changed)
    assert (found.code, found.err.count("\n")) == (2, 1)
    assert said.replace("SOURCE", f"--from {source}") in found.err


def test_a_fold_that_is_not_there_is_refused_before_beats_are_cut(
    run, source: Path, labelled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("einthoven.datasets.heartbeats.cut_beats", lambda *_: pytest.fail("beats were cut"))
    place = tmp_path / "mi"
    asked = ("--data", labelled, "-o", place, *QUICK)
    for command in (
        ("transfer", "heartbeat-mi", "--from", source, *asked, "--folds", "0,99"),
        ("train", "heartbeat-mi", *asked, "--fold", 99),
    ):
        found = run(*command)
        assert found.code == 2
        assert found.err == "error: expected a fold from 0 to 1, found 99\n"
        assert not place.exists()


def test_layers_alone_are_not_trained_on_random_weights(run, labelled: Path, tmp_path: Path) -> None:
    command = ("train", "heartbeat-mi", "--data", labelled, "-o", tmp_path / "one", *QUICK)
    found = run(*command, "--set", "trained=2")
    assert found.code == 2
    assert "trains the last 2 of the 3 fully connected layers only: expected initial weights" in found.err
    assert not (tmp_path / "one").exists()


def test_one_variant_is_a_run_of_the_recipe(run, source: Path, labelled: Path, tmp_path: Path) -> None:
    command = ("train", "heartbeat-mi", "--data", labelled, "-o", tmp_path / "one", *QUICK)
    found = run(*command, "--set", "trained=2", "--init", source, "--format", "json")
    assert found.code == 0, found.err
    settings = json.loads((tmp_path / "one" / "run.json").read_text())
    assert settings["protocol"]["phases"][0]["train_last"] == 2
    assert settings["init"]
