"""`einthoven recipes`, `train`, `evaluate` and `pack`: from a recipe to a bundle that answers."""

import hashlib
import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import einthoven
from einthoven.datasets.dataset import Entry
from einthoven.datasets.simulated import simulated_beats, simulated_dataset
from einthoven.errors import SettingsError
from einthoven.formats import read_record, write_wfdb
from einthoven.inference.shipped import open_model
from einthoven.recipes import RECIPES
from einthoven.training.export import read_weights
from einthoven.training.initial import Initial
from einthoven.training.machine import Machine

SMALL = ("stem_width=4", "widths=4,4", "strides=2,2", "recurrent=2")
SETTINGS = [text for key in SMALL for text in ("--set", f"network.{key}")] + ["--set", "phases.0.epochs=1"]
pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests gain nothing from more recordings."""
    monkeypatch.setattr("einthoven.apps.cli.training_inputs.N_SIMULATED", 24)


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    """A folder of eight recordings with a table of labels, which do not say that they were simulated."""
    dataset = simulated_dataset(n=8, seed=5, duration_s=(6.0, 7.0))
    lines = ["record,label"]
    for index, entry in enumerate(dataset.entries):
        write_wfdb(replace(dataset.read(index), comments=()), tmp_path / "mine")
        lines.append(f"{entry.record_id},{entry.labels[0]}")
    (tmp_path / "mine" / "labels.csv").write_text("\n".join(lines))
    return tmp_path / "mine"


def test_from_a_recipe_to_an_answer(run, tmp_path: Path, recordings: Path, labelled: Path) -> None:
    folder, bundle = tmp_path / "run", tmp_path / "own.einthoven"
    trained = run("train", "rhythm", *SETTINGS, "-o", folder, "--format", "json")
    assert trained.code == 0, trained.err
    assert trained.err.splitlines()[-1] == f"wrote {folder} (a finished run)"
    f1, recall = [json.loads(line) for line in trained.out.splitlines()][-2:]
    assert (f1["measure"], recall["measure"]) == ("F1", "recall")
    assert f1["simulated"] is True
    assert f1["folds"] == [0]
    assert f1["epochs"] == {"joint": [1, 1]}
    assert set(f1["scores"]) == {"N", "A", "O", "~", "overall"}
    assert set(f1["scores"]["overall"]) == {"value", "low", "high"}

    evaluated = run("evaluate", folder)
    assert evaluated.out.startswith("SIMULATED recordings.")
    notes = " ".join(evaluated.out.split())
    assert "fold 0 of 5 (not all folds were run)" in notes
    assert "network.stem_width=4" in notes
    assert "budget cpu" in notes

    packed = run("pack", folder, "-o", bundle, "--version", "7", "--format", "json")
    assert packed.code == 0, packed.err
    assert packed.err.splitlines()[-1] == f"wrote {bundle} (1 network)"
    description = json.loads(packed.out)
    assert (description["name"], description["version"], description["simulated"]) == ("own", "7", True)
    assert (description["provenance"]["limits"], description["provenance"]["attribution"]) == ([], "")
    assert description["labels"][1] == "A: atrial fibrillation"
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
    settings["dataset"] |= {"name": RECIPES["rhythm"].dataset, "kind": "own"}
    (folder / "run.json").write_text(json.dumps(settings))
    # A folder of somebody's own may have that name too.
    own = run("pack", folder, "-o", tmp_path / "own.einthoven", "--format", "json")
    assert own.code == 0, own.err
    assert json.loads(own.out)["provenance"]["limits"] == []
    assert "n_published" not in json.loads(own.out)["provenance"]["dataset"]
    settings["dataset"]["kind"] = "public"
    (folder / "run.json").write_text(json.dumps(settings))
    packed = run("pack", folder, "-o", tmp_path / "x.einthoven", "--format", "json")
    assert packed.code == 0, packed.err
    facts = json.loads(packed.out)["provenance"]
    assert facts["limits"] == list(RECIPES["rhythm"].limits)
    assert facts["attribution"] == RECIPES["rhythm"].attribution
    assert facts["dataset"]["n_published"] == RECIPES["rhythm"].n_published


def test_what_speaks_against_a_bundle_is_printed(run, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    assert run("train", "rhythm", *SETTINGS, "-o", folder).code == 0
    packed = run("pack", folder, "-o", tmp_path / "x.einthoven", "--coverage", "1", "--format", "json")
    assert packed.code == 0, packed.err
    warnings = json.loads(packed.out)["provenance"]["warnings"]
    assert warnings[-1].startswith("it never says that it is not sure: the threshold of 0.000 is at most 1/4")
    assert packed.err.splitlines()[-1 - len(warnings) : -1] == [f"warning: {line}" for line in warnings]


def test_training_goes_on_from_a_run_on_ones_own_recordings(run, tmp_path: Path, labelled: Path) -> None:
    first = run("train", "rhythm", *SETTINGS, "--fold", "all", "-o", tmp_path / "all", "--format", "json")
    assert first.code == 0, first.err
    assert (json.loads(first.out)["n_train"], json.loads(first.out)["simulated"]) == (24, True)
    # What tests a fold must not have trained the weights that it begins with.
    leak = run("train", "rhythm", *SETTINGS, "--init", tmp_path / "all", "-o", tmp_path / "leak")
    assert (leak.code, leak.err.count("\n")) == (2, 1)
    assert "of the recordings of simulated that are to test or stop this run" in leak.err
    second = run(
        "train", "rhythm", *SETTINGS, "--data", labelled, "--init", tmp_path / "all", "-o", tmp_path / "own"
    )
    assert second.code == 0, second.err
    assert "SIMULATED" not in second.out
    # What a class of somebody's own table means nobody has said, whatever its name.
    packed = run("pack", tmp_path / "own", "-o", tmp_path / "own.einthoven", "--format", "json")
    assert packed.code == 0, packed.err
    assert json.loads(packed.out)["labels"] == ["N: N", "A: A", "O: O", "~: ~"]
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
    assert "ours (rhythm, cpu; network.stem_width=4," in trained.out
    assert "Zihlmann" not in trained.out
    other = run(*command, "--fs", 250)
    assert other.code == 2
    assert "dataset.fingerprint" in other.err


def test_a_refused_fold_does_not_bar_the_folder(run, tmp_path: Path) -> None:
    command = ("train", "rhythm", *SETTINGS, "-o", tmp_path / "run")
    assert run(*command, "--fold", 9).code == 2
    assert run(*command).code == 0


def test_a_run_learns_from_teachers_that_never_saw_its_fold(
    run, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    teacher = tmp_path / "teacher"
    assert run("train", "rhythm", *SETTINGS, "-o", teacher).code == 0
    pupil = run("train", "rhythm", *SETTINGS, "--teacher", teacher, "-o", tmp_path / "pupil")
    assert pupil.code == 0, pupil.err
    settings = json.loads((tmp_path / "pupil" / "run.json").read_text())
    taught = (tmp_path / "pupil" / "teacher.npz").read_bytes()
    assert settings["teacher"] == hashlib.sha256(taught).hexdigest()
    leak = run("train", "rhythm", *SETTINGS, "--teacher", teacher, "--fold", "1", "-o", tmp_path / "leak")
    assert leak.code == 2
    assert "the teacher was trained on" in leak.err

    wider = (*SETTINGS, "--set", "network.recurrent=3")
    other = run("train", "rhythm", *wider, "--init", teacher, "-o", tmp_path / "other", "--format", "json")
    assert other.code == 0, other.err
    (item, _) = map(json.loads, other.out.splitlines())
    assert (item["deviations"]["init"], item["is_origin_known"]) == (True, True)
    (message,) = [text for text in caplog.messages if "initial weights" in text]
    assert "tensors taken, left out: " in message
    assert "recurrent.*" in message


def test_devices_and_workers_reach_the_training(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def train(*_: object, machine: Machine, **__: object) -> None:
        raise SettingsError(f"asked for {machine.devices} and {machine.n_workers}")

    monkeypatch.setattr("einthoven.training.run.train", train)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    for options, said in (((), "1 and None"), (("--workers", "3"), "1 and 3"), (("--devices", "2"), "2 and")):
        assert f"asked for {said}" in run("train", "rhythm", *options, "-o", tmp_path / "x").err


def test_a_shipped_model_is_a_beginning_by_its_name(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny_model: Path
) -> None:
    def train(*_: object, init: Initial, **__: object) -> None:
        names = [part.dataset for part in init.ancestry.parts]
        raise SettingsError(f"begins with {len(init.weights)} tensors that saw {names}")

    monkeypatch.setattr("einthoven.training.run.train", train)
    monkeypatch.chdir(tmp_path)
    shutil.copy(tiny_model, tmp_path / "rhythm")
    n_shipped = len(read_weights(open_model("rhythm").networks[0]))
    n_tiny = len(read_weights(open_model(tiny_model).networks[0]))
    assert n_shipped > n_tiny
    for name, n, seen in (("rhythm", n_shipped, ["cinc2017"]), ("./rhythm", n_tiny, [])):
        told = run("train", "rhythm", "--init", name, "-o", "x")
        assert told.err == f"error: begins with {n} tensors that saw {seen}\n"


def test_the_shipped_model_has_seen_every_fold_of_the_public_data_set(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    public = replace(simulated_dataset(n=8), name="cinc2017", kind="public")
    monkeypatch.setattr("einthoven.datasets.open_data", lambda *_, **__: public)
    result = run("train", "rhythm", "--init", "rhythm", "--data", "x", "-o", tmp_path / "run")
    assert (result.code, result.out) == (2, "")
    assert "of the recordings of cinc2017 that are to test or stop this run" in result.err
    assert not (tmp_path / "run" / "run.json").exists()


def test_what_the_simulator_wrote_is_called_simulated_all_the_way(run, tmp_path: Path) -> None:
    # Under the name of the public data set too, whose published figures do not belong beside it.
    data = tmp_path / "cinc2017"
    for rhythm in ("normal", "af"):
        arguments = ("--rhythm", rhythm, "--n", 6, "--duration", 6, "-o", data)
        assert run("simulate", *arguments).code == 0
    small = [text for key in ("width=2", "n_blocks=1", "n_layers=1") for text in ("--set", f"network.{key}")]
    command = ("train", "zihlmann2017-cnn", *small, "--set", "phases.0.epochs=1")
    trained = run(*command, "--data", data, "-o", tmp_path / "run")
    assert trained.code == 0, trained.err
    assert trained.err.startswith("cinc2017: simulated: no patient was measured\n")
    assert trained.out.startswith("SIMULATED recordings.")
    assert "Table 1" not in trained.out
    packed = run("pack", tmp_path / "run", "-o", tmp_path / "x.einthoven", "--format", "json")
    assert packed.code == 0, packed.err
    assert "SIMULATED recordings: no patient was measured\n" in packed.err
    item = json.loads(packed.out)
    assert (item["simulated"], "n_published" in item["provenance"]["dataset"]) == (True, False)
    assert run("models", tmp_path / "x.einthoven", "--card", tmp_path).code == 0
    assert "SIMULATED" in (tmp_path / "x.md").read_text()
    scored = run("evaluate", "--model", tmp_path / "x.einthoven", "--data", data)
    assert scored.out.startswith("SIMULATED recordings.")


def test_runs_with_other_settings_have_other_headings(run, tmp_path: Path) -> None:
    for name, more in (("a", ()), ("b", ("batch_size=8", "class_weights=none", "seed=3"))):
        own = [text for item in more for text in ("--set", item)]
        assert run("train", "rhythm", *SETTINGS[-2:], *SETTINGS, *own, "-o", tmp_path / name).code == 0
    result = run("evaluate", tmp_path / "a", tmp_path / "b", "--format", "json")
    rows = [json.loads(line) for line in result.out.splitlines()]
    assert len({row["source"] for row in rows}) == 2
    ours, other = rows[0]["deviations"], rows[2]["deviations"]
    changed = {name: value for name, value in other.items() if name not in ours}
    assert changed == {"batch_size": 8, "class_weights": "none", "seed": [3]}
    # A name may be folded at its underscore.
    notes = "".join(run("evaluate", tmp_path / "a", tmp_path / "b").out.split())
    assert all(word in notes for word in ("batch_size=8", "class_weights=none", "seed=3"))


def test_an_interruption_says_how_training_goes_on(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("einthoven.training.run.train", interrupt)
    result = run("train", "rhythm", "-o", tmp_path / "x")
    assert (result.code, result.out) == (130, "")
    assert result.err == "interrupted: the same command goes on where it stopped\n"


def test_an_interruption_leaves_no_half_a_bundle(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("einthoven.training.pack.pack", interrupt)
    monkeypatch.setattr("einthoven.training.run_folder.open_run", lambda _: None)
    monkeypatch.setattr("einthoven.apps.cli.pack._description", lambda *_: None)
    result = run("pack", "runs/0", "-o", tmp_path / "x.einthoven")
    assert (result.code, result.err) == (130, f"interrupted: {tmp_path / 'x.einthoven'} was not written\n")


def test_help_says_where_prepared_signals_lie(run) -> None:
    assert ".cache" in run("train", "--help").out


def test_the_paper_stands_beside_ours_on_the_papers_data_only(run, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    settings = [
        text for key in ("width=2", "n_blocks=1", "n_layers=1") for text in ("--set", f"network.{key}")
    ]
    trained = run("train", "zihlmann2017-cnn", *settings, "--set", "phases.0.epochs=1", "-o", folder)
    assert trained.code == 0, trained.err
    assert "ours (zihlmann2017-cnn, cpu; " in trained.out
    assert "Zihlmann et al." not in trained.out
    facts = json.loads((folder / "run.json").read_text())
    facts["dataset"] |= {"name": "cinc2017", "kind": "own"}
    (folder / "run.json").write_text(json.dumps(facts))
    assert "Table 1" not in run("evaluate", folder).out
    facts["dataset"]["kind"] = "public"
    (folder / "run.json").write_text(json.dumps(facts))
    rows = run("evaluate", folder).out.splitlines()
    (paper,) = [k for k, row in enumerate(rows) if "Table 1" in row]
    assert "Zihlmann et al. 2017" in rows[paper]
    assert rows[paper + 1].split()[0] == "F1"
    assert "79.0" in rows[paper + 1]


BEATS = ("network.widths=2,2,2,2", "network.dense=4,3", "phases.0.epochs=1")
BEAT_SETTINGS = [text for item in BEATS for text in ("--set", item)]


@pytest.fixture
def mitdb(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nine recordings under names of the public data set, which `--data` finds."""
    simulated = simulated_beats(n=1, duration_s=(8.0, 9.0))
    ds1, ds2 = ("101", "106", "108", "109", "112", "201"), ("100", "103", "202")
    folds = dict.fromkeys(ds1, 1) | dict.fromkeys(ds2, 2)
    entries = tuple(
        Entry(name, (), patient="201" if name == "202" else name, fold=fold) for name, fold in folds.items()
    )
    data = replace(simulated, name="mitdb", kind="public", entries=entries, notes=())
    monkeypatch.setattr("einthoven.datasets.open_data", lambda *_, **__: data)


def test_heartbeats_are_trained_and_scored_without_data(run, tmp_path: Path) -> None:
    settings = (*BEAT_SETTINGS, "--set", "split=random")
    trained = run("train", "heartbeat", *settings, "-o", tmp_path / "run", "--format", "json")
    assert trained.code == 0, trained.err
    rows = [json.loads(line) for line in trained.out.splitlines()]
    assert [row["measure"] for row in rows] == ["F1", "recall", "precision", "balanced accuracy"]
    assert {(row["simulated"], row["unit"], row["split_by"]) for row in rows} == {(True, "heartbeat", "beat")}
    assert rows[0]["source"].endswith("annotated beats, intra-patient: one patient's beats are on both sides")
    assert set(rows[2]["scores"]) == set("NSVFQ")
    assert rows[0]["n_records"] > 24
    shown = " ".join(run("evaluate", tmp_path / "run").out.split())
    assert "split by beat: one patient's beats are on both sides, which flatters the figures" in shown
    assert "95 % intervals, by patients" in shown
    assert "Published" not in shown


@pytest.mark.usefixtures("mitdb")
def test_inter_patient_heartbeats_train_on_ds1_and_stand_beside_published_figures(
    run, tmp_path: Path
) -> None:
    command = ("train", "heartbeat", *BEAT_SETTINGS, "--data", "x", "--format", "json")
    for split, seen in (("inter-patient", 5), ("inter-patient-classical", 6)):
        place = tmp_path / split
        trained = run(*command, "--set", f"split={split}", "-o", place)
        assert trained.code == 0, trained.err
        rows = [json.loads(line) for line in trained.out.splitlines()]
        published = [row["source"] for row in rows if row["source"].startswith("Published, DS1 to DS2")]
        assert len(published) == 5
        assert "de Chazal et al. 2004" in published[0]
        ours = rows[-1]
        assert (ours["folds"], ours["n_folds"], ours["split_by"]) == ([1], 2, "patient")
        assert ("201 and 202, of one patient" in ours["source"]) is (split != "inter-patient")
        with np.load(place / "scores.npz") as found:
            tested = set(found["recording"][found["part"] == "test"].tolist())
            stopped = set(found["recording"][found["part"] == "validation"].tolist())
            trained_on = set(found["trained"].tolist())
        assert tested == {"100", "103", "202"}
        assert len(trained_on | stopped) == seen
        assert not trained_on & stopped
    turned = run(*command, "--set", "split=inter-patient", "--fold", 0, "-o", tmp_path / "turned")
    assert turned.code == 0, turned.err
    assert "Published" not in turned.out


@pytest.mark.usefixtures("mitdb")
def test_the_split_at_random_stands_beside_its_own_published_figures(run, tmp_path: Path) -> None:
    command = ("train", "heartbeat", *BEAT_SETTINGS, "--set", "split=random")
    trained = run(*command, "--data", "x", "-o", tmp_path / "run")
    assert trained.code == 0, trained.err
    assert "mitdb: recordings read in another lead than MLII" in trained.err
    assert "Published, beats split at random" in trained.out
    assert "DS1 to DS2" not in trained.out
    settings = json.loads((tmp_path / "run" / "run.json").read_text())
    settings["dataset"]["name"] = "mitdb-beats"
    (tmp_path / "run" / "run.json").write_text(json.dumps(settings))
    tables = [
        json.loads(line) for line in run("evaluate", tmp_path / "run", "--format", "json").out.splitlines()
    ]
    assert tables[0]["source"].startswith("Published, beats split at random")
    assert tables[-1]["source"].endswith("ready-made beats, intra-patient: nobody knows whose they are")


@pytest.mark.usefixtures("mitdb")
def test_a_part_that_the_data_lacks_is_one_line(run, tmp_path: Path) -> None:
    refused = run("train", "heartbeat", "--set", "part=ds3", "--data", "x", "-o", tmp_path / "run")
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert "mitdb: expected a part among" in refused.err
    whole = run("train", "heartbeat", *BEAT_SETTINGS, "--set", "split=ds1", "-o", tmp_path / "simulated")
    assert whole.code == 0, whole.err
    assert "Published" not in whole.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("train", "heartbeat", "-o", "x", "--set", "split=mixed"), "split: expected one of random, inter-"),
        (
            ("train", "heartbeat", "-o", "x", "--set", "cut.n_samples=90"),
            "network.n_samples of 90, as the cut",
        ),
        (("train", "tango", "-o", "x"), f"expected a recipe of {', '.join(RECIPES)}, found tango"),
        (("train", "rhythm", "-o", "x", "--set", "widht=3"), "setting widht: did you mean network.width"),
        (("train", "rhythm", "-o", "x", "--set", "seed"), "--set: expected KEY=VALUE, found seed"),
        (("train", "rhythm", "-o", "x", "--fold", "first"), "--fold: expected a number from 0, or all"),
        (("train", "rhythm", "-o", "x", "--budget", "tpu"), "expected a budget of cpu, gpu"),
        (("train", "rhythm", "-o", "x", "--data", "absent"), "absent: expected a folder"),
        (("evaluate", "absent"), "absent: expected a training run"),
        (("evaluate", "--model", "rhythm"), "--model rhythm: expected --data with it, found none"),
        (("evaluate", "--data", "x"), "--data x: expected --model with it, found none"),
        (("evaluate", "--part", "ds2"), "expected either runs, or both --model and --data, found neither"),
        (("evaluate", "one", "--model", "rhythm"), "expected either runs or --model, found one and --model"),
        (
            ("evaluate", "one", "--data", "x", "--fs", "250"),
            "expected --data with --model only, found --data x with the run one: a run is scored on the",
        ),
        (("evaluate", "absent", "--fs", "250"), "--fs, --units and --leads: expected --data with them"),
        (("train", "rhythm", "-o", "x", "--units", "mV"), "--fs, --units and --leads: expected --data"),
        (
            ("train", "rhythm", "-o", "x", "--init", "tango"),
            "--init tango: expected a shipped model (",
        ),
        (("evaluate", "absent", "-o", "x.doc"), "x.doc: expected an ending among .csv, .json"),
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
    # The import below puts a second package in its place, which later tests would find.
    monkeypatch.setattr(einthoven, "training", einthoven.training)
    monkeypatch.setitem(sys.modules, "torch", None)
    result = run("train", "rhythm", "-o", tmp_path / "x")
    assert result.code == 2
    assert result.err == "error: this needs torch, which is not installed: pip install 'einthoven[train]'\n"
