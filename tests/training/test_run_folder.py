"""A run's folder that was damaged or cut off is one clear error, whichever file it is."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from einthoven.datasets.dataset import Dataset
from einthoven.errors import DatasetError, RunError, SettingsError
from einthoven.training.held_out_scores import HeldOutScores
from einthoven.training.run_folder import Run, claimed, open_run


@pytest.fixture
def copied(trained: Callable[..., Run], tmp_path: Path) -> Run:
    """Return a copy of a finished run."""
    return open_run(shutil.copytree(trained(0).folder, tmp_path / "run"))


def refused(ask: Callable[[], Any], name: str) -> str:
    """The message of the RunError that asking raises; it names the file."""
    with pytest.raises(RunError) as caught:
        ask()
    assert name in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("content", [b"", b"nonsense", b"PK\x03\x04", b"\x93NUMPY\x01\x00"])
def test_scores_that_are_no_archive_are_refused(copied: Run, content: bytes) -> None:
    (copied.folder / "scores.npz").write_bytes(content)
    refused(copied.scores, "scores.npz")


def test_scores_that_were_cut_off_are_refused(copied: Run) -> None:
    path = copied.folder / "scores.npz"
    whole = path.read_bytes()
    for size in (10, len(whole) // 2, len(whole) - 30):
        path.write_bytes(whole[:size])
        refused(copied.scores, "scores.npz")
    damaged = bytearray(whole)
    damaged[len(whole) // 4] ^= 0xFF
    path.write_bytes(damaged)
    refused(copied.scores, "scores.npz")


@pytest.mark.parametrize("name", ["record_ids", "truth", "logits", "part", "patient"])
def test_scores_with_an_array_missing_or_short_are_refused(copied: Run, name: str) -> None:
    path = copied.folder / "scores.npz"
    with np.load(path) as found:
        arrays = dict(found)
    np.savez(path, **{key: array for key, array in arrays.items() if key != name})
    assert name in refused(copied.scores, "scores.npz")
    np.savez(path, **{**arrays, name: arrays[name][:-1]})
    assert "for each of" in refused(copied.scores, "scores.npz")
    np.savez(path, **{**arrays, name: np.array({"an": "object"})})
    refused(copied.scores, "scores.npz")


def test_scores_of_other_classes_are_refused(copied: Run) -> None:
    path = copied.folder / "scores.npz"
    with np.load(path) as found:
        arrays = dict(found)
    np.savez(path, **{**arrays, "logits": arrays["logits"][:, :3]})
    assert "4 logits" in refused(copied.scores, "scores.npz")


@pytest.mark.parametrize(
    ("name", "value"),
    [("n_folds", None), ("train_s", 3), ("epochs", None), ("epochs", 3), ("epochs", [3]),
     ("epochs", [["joint", "many"]]), ("seconds", "long"),
     ("n_train", None), ("weights_sha256", 7)],
)  # fmt: skip
def test_what_is_done_has_its_shape(copied: Run, name: str, value: Any) -> None:
    path = copied.folder / "done.json"
    path.write_text(json.dumps(copied.done() | {name: value}))
    assert name in refused(copied.done, "done.json")


@pytest.mark.parametrize("content", ["", "[]", "null", "{", "{}", '"text"'])
def test_json_that_is_no_run_is_refused(copied: Run, content: str) -> None:
    (copied.folder / "done.json").write_text(content)
    refused(copied.done, "done.json")
    (copied.folder / "run.json").write_text(content)
    refused(lambda: open_run(copied.folder), "run" if content == "{}" else "run.json")


def test_the_runs_of_the_published_figures_state_neither_kind_nor_ancestors(copied: Run) -> None:
    settings = json.loads((copied.folder / "run.json").read_text())
    del settings["ancestors"], settings["dataset"]["kind"]
    for name, kind in (("cinc2017", "public"), ("simulated", "simulated"), ("mine", "own")):
        settings["dataset"]["name"] = name
        (copied.folder / "run.json").write_text(json.dumps(settings))
        assert open_run(copied.folder).settings["dataset"]["kind"] == kind
        assert open_run(copied.folder).ancestors.is_known
    (copied.folder / "run.json").write_text(json.dumps(settings | {"init": "a" * 64}))
    assert not open_run(copied.folder).ancestors.is_known


def test_a_run_knows_what_it_has_seen(copied: Run, dataset: Dataset) -> None:
    held_out = set(copied.scores().record_ids)
    assert copied.ancestry().among(dataset) == set(dataset.record_ids) - held_out
    path = copied.folder / "scores.npz"
    with np.load(path) as found:
        arrays = dict(found)
    # Those of the published figures do not state it: any recording may have trained them.
    np.savez(path, **{key: array for key, array in arrays.items() if key != "trained"})
    assert copied.ancestry().among(dataset) == set(dataset.record_ids)


def test_a_run_of_heartbeats_has_seen_recordings(trained_beats: Callable[..., Run], beats: Dataset) -> None:
    run = trained_beats("patient")
    scores, whole = run.scores(), {entry.record_id: entry.recording for entry in beats.entries}
    assert [whole[name] for name in scores.record_ids] == list(scores.recordings)
    tested = set(scores.part("test").recordings)
    stopped = set(scores.part("validation").recordings)
    assert tested and stopped and not tested & stopped
    seen = run.ancestry()
    assert seen.among(beats) == {name for name in beats.record_ids if whole[name] not in tested}
    assert {whole[name] for name in seen.among(beats, "stopped")} == stopped
    # The names of a few recordings, not of thousands of beats.
    listed = [part["records"].split() for part in seen.to_json()["parts"]]
    assert sum(map(len, listed)) == len(set(whole.values()) - tested)
    with np.load(run.folder / "scores.npz") as found:
        assert set(found["trained"].tolist()) == set(whole.values()) - tested - stopped
    by_beat = trained_beats("beat").ancestry()
    assert by_beat.among(beats, "trained") == set(beats.record_ids)


def test_heartbeats_are_resampled_by_patient_or_recording() -> None:
    scores = HeldOutScores(("a@1", "a@2", "b@1"), np.zeros(3, np.int64), np.zeros((3, 2), np.float32),
                           ("test",) * 3, ("p", "p", "p"), (0, 0, 0), ("a", "a", "b"))  # fmt: skip
    groups = scores.groups()
    assert groups is not None
    assert len(set(groups)) == 1
    unknown = replace(scores, patients=("", "", "")).groups()
    assert unknown is not None
    assert unknown[0] == unknown[1] != unknown[2]
    assert scores.part("test").recordings == ("a", "a", "b")
    assert replace(scores, patients=("", "", ""), recordings=()).groups() is None


def test_recordings_of_heartbeats_are_as_many_as_heartbeats(
    trained_beats: Callable[..., Run], tmp_path: Path
) -> None:
    run = open_run(shutil.copytree(trained_beats("beat").folder, tmp_path / "run"))
    path = run.folder / "scores.npz"
    with np.load(path) as found:
        arrays = dict(found)
    np.savez(path, **{**arrays, "recording": arrays["recording"][:-1]})
    assert "for each of" in refused(run.scores, "scores.npz")


def test_settings_that_there_were_not_yet_have_their_defaults(copied: Run) -> None:
    settings = json.loads((copied.folder / "run.json").read_text())
    for name in ("cut", "part", "split_by", "n_validation_parts"):
        del settings["protocol"][name]
    for name in ("train_last", "monitor", "plateau_patience"):
        del settings["protocol"]["phases"][0][name]
    (copied.folder / "run.json").write_text(json.dumps(settings))
    assert open_run(copied.folder).settings == copied.settings
    settings["protocol"]["unheard_of"] = 1
    (copied.folder / "run.json").write_text(json.dumps(settings))
    with pytest.raises(SettingsError, match="unheard_of"):
        _ = open_run(copied.folder).protocol


def test_settings_that_miss_a_part_are_refused(copied: Run) -> None:
    for name in ("protocol", "dataset", "versions", "recipe", "budget"):
        settings = {key: value for key, value in copied.settings.items() if key != name}
        (copied.folder / "run.json").write_text(json.dumps(settings))
        assert name in refused(lambda: open_run(copied.folder), "run.json")


def test_a_folder_of_other_things_is_refused_and_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").touch()
    expected = r"new or empty folder, or that of a run, found letter\.txt in it"
    with pytest.raises(RunError, match=expected), claimed(tmp_path):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_what_is_refused_leaves_nothing_behind(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    for folder in (tmp_path / "new" / "run", empty):
        with pytest.raises(DatasetError, match="no data"), claimed(folder):
            assert {path.name for path in folder.iterdir()} == {".lock", "checkpoints"}
            raise DatasetError("no data")
    assert list(tmp_path.rglob("*")) == [empty]


def test_what_a_killed_run_left_goes_on_and_stays(tmp_path: Path) -> None:
    with claimed(tmp_path):
        pass
    (tmp_path / ".run.0a1b.partial.json").touch()
    with pytest.raises(DatasetError, match="no data"), claimed(tmp_path):
        raise DatasetError("no data")
    assert (tmp_path / ".lock").exists()
    assert (tmp_path / "checkpoints").is_dir()


def test_a_run_that_began_keeps_its_folder_when_it_fails(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="not finite"), claimed(tmp_path / "run"):
        (tmp_path / "run" / "run.json").write_text("{}")
        raise RunError("the loss is not finite")
    assert (tmp_path / "run" / "checkpoints").is_dir()


def test_a_folder_that_cannot_be_made_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="cannot be made"), claimed(tmp_path / "file" / "run"):
        pass


@pytest.fixture
def labelled(labelled_runs: tuple[Run, ...], tmp_path: Path) -> Run:
    """Return a copy of a finished run of several labels."""
    return open_run(shutil.copytree(labelled_runs[0].folder, tmp_path / "labelled"))


def test_features_that_are_damaged_are_refused(labelled: Run) -> None:
    path = labelled.folder / "features.npz"
    whole = path.read_bytes()
    with np.load(path) as found:
        arrays = dict(found)
    for content in (b"", b"nonsense", whole[: len(whole) // 2]):
        path.write_bytes(content)
        refused(labelled.features, "features.npz")
    for name in ("record_ids", "patients", "parts", "targets", "features", "logits"):
        np.savez(path, **{key: array for key, array in arrays.items() if key != name})
        assert name in refused(labelled.features, "features.npz")
        np.savez(path, **{**arrays, name: arrays[name][:-1]})
        assert "different lengths" in refused(labelled.features, "features.npz")
        np.savez(path, **{**arrays, name: np.array({"an": "object"})})
        refused(labelled.features, "features.npz")
    np.savez(path, **{**arrays, "logits": arrays["logits"][:, :3]})
    assert "4 classes" in refused(labelled.features, "features.npz")
    path.unlink()
    refused(labelled.features, "features.npz")


def test_the_truth_of_several_labels_has_a_column_a_class(labelled: Run, copied: Run) -> None:
    path = labelled.folder / "scores.npz"
    with np.load(path) as found:
        arrays = dict(found)
    n = len(arrays["record_ids"])
    for truth in (np.zeros(n, np.int64), np.zeros((n, 3), np.float32), np.zeros((n - 1, 4), np.float32)):
        np.savez(path, **{**arrays, "truth": truth})
        assert "for each of" in refused(labelled.scores, "scores.npz")
    path = copied.folder / "scores.npz"
    with np.load(path) as found:
        arrays = dict(found)
    np.savez(path, **{**arrays, "truth": np.zeros((len(arrays["truth"]), 4), np.float32)})
    assert "for each of" in refused(copied.scores, "scores.npz")
