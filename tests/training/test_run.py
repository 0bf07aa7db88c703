"""Runs: what they leave, that they can be broken off anywhere, and what they refuse."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.multiprocessing.spawn import ProcessExitedException, ProcessRaisedException

from einthoven.datasets.dataset import Dataset, Entry
from einthoven.errors import DatasetError, RunError, SettingsError
from einthoven.record import Record
from einthoven.signal.simulated import simulate
from einthoven.training import phases, run_folder
from einthoven.training.protocol import Phase, Protocol
from einthoven.training.run import Run, adapt, open_run, train
from einthoven.training.settings import resolve
from einthoven.training.state import CHECKPOINT, State

WORKER = """
import json, sys, torch
from pathlib import Path
torch.set_num_threads(1)
from einthoven.datasets.simulated import simulated_dataset
from einthoven.training.protocol import Protocol
from einthoven.training.run import train
if __name__ == "__main__":
    protocol = Protocol.from_json(json.loads(Path(sys.argv[2]).read_text()))
    data = simulated_dataset(n=30, duration_s=(6.0, 7.0))
    train(protocol, data, sys.argv[1], fold=1, budget="cpu", progress=False)
"""


def start(protocol: Protocol, folder: Path) -> subprocess.Popen[str]:
    script, settings = folder.with_suffix(".py"), folder.with_suffix(".json")
    script.write_text(WORKER)
    settings.write_text(json.dumps(protocol.to_json()))
    command = [sys.executable, "-W", "error", str(script), str(folder), str(settings)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )


@pytest.fixture(scope="module")
def whole(runs_folder: Path, dataset: Dataset, phased: Protocol) -> Run:
    """Return a run of all phases that nothing disturbed."""
    torch.set_num_threads(1)
    return train(phased, dataset, runs_folder / "whole", fold=1, budget="cpu", progress=False)


def weights(run: Run) -> bytes:
    return (run.folder / "weights.pt").read_bytes()


def test_a_run_leaves_settings_log_weights_and_scores(trained: Callable[..., Run], dataset: Dataset) -> None:
    run = trained(0)
    done, scores = run.done(), run.scores()
    assert run.finished
    assert run.settings["dataset"]["fingerprint"] == dataset.fingerprint()
    assert [row["epoch"] for row in run.log()] == ["1", "2"]
    assert done["epochs"] == [["joint", 2]]
    assert (done["n_train"], done["n_validation"], done["n_test"]) == (24, 0, 6)
    assert scores.logits.shape == (6, 4)
    assert set(scores.parts) == {"test"}
    truth = dict(zip(dataset.record_ids, dataset.class_indices(), strict=True))
    assert [truth[name] for name in scores.record_ids] == scores.truth.tolist()


def test_scores_are_what_the_stored_network_says(trained: Callable[..., Run], dataset: Dataset) -> None:
    run = trained(0)
    network, scores = run.network(), run.scores()
    for name, expected in zip(scores.record_ids, scores.logits, strict=True):
        record = dataset.read(dataset.record_ids.index(name))
        x = torch.from_numpy(run.protocol.pipeline(record.signal, record.fs)[0])[None]
        with torch.no_grad():
            found = network(x, torch.tensor([x.shape[-1]]))
        assert np.allclose(found.numpy()[0], expected, atol=1e-5)


def test_a_network_learns(dataset: Dataset, rhythm: Protocol, folder: Path) -> None:
    protocol = replace(
        rhythm,
        phases=(Phase(epochs=12, learning_rate=1e-2),),
        augmentations=(),
        label_smoothing=0.0,
        ema=None,
        network=replace(rhythm.network, dropout=0.0, head_dropout=0.0),
    )
    losses = [
        float(row["train_loss"])
        for row in train(protocol, dataset, folder, fold=0, budget="cpu", progress=False).log()
    ]
    assert losses[-1] < 0.75 * losses[0]


def test_phases_follow_each_other_from_the_best_weights(whole: Run) -> None:
    rows = whole.log()
    order = list(dict.fromkeys(row["phase"] for row in rows))
    assert order == ["convolutions", "lstm", "joint", "union"]
    assert all(row["validation_f1"] for row in rows)
    assert len(whole.scores().part("validation").record_ids) == whole.done()["n_validation"] > 0
    rates = [float(row["learning_rate"]) for row in rows if row["phase"] == "joint"]
    assert rates == pytest.approx([1e-3, 1e-4])


def test_a_run_killed_after_every_epoch_ends_with_the_same_bytes(
    whole: Run, dataset: Dataset, phased: Protocol, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def save_and_die(place: Path, state: State, modules: dict[str, Any]) -> None:
        save(place, state, modules)
        raise Killed

    save = phases.save_state
    monkeypatch.setattr(phases, "save_state", save_and_die)
    for _ in whole.log():
        with pytest.raises(Killed):
            train(phased, dataset, folder, fold=1, budget="cpu", progress=False)
    run = train(phased, dataset, folder, fold=1, budget="cpu", progress=False)
    assert weights(run) == weights(whole)
    assert (run.folder / "scores.npz").read_bytes() == (whole.folder / "scores.npz").read_bytes()
    assert [row["train_loss"] for row in run.log()] == [row["train_loss"] for row in whole.log()]


def test_a_run_survives_kill_9(whole: Run, dataset: Dataset, phased: Protocol, folder: Path) -> None:
    process = start(phased, folder)
    log = folder / "log.csv"
    while not log.exists() and process.poll() is None:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert process.stdout is not None
    process.stdout.close()
    assert not (folder / "done.json").exists()
    with log.open(newline="") as file:
        before = list(csv.DictReader(file))
    run = train(phased, dataset, folder, fold=1, budget="cpu", progress=False)
    # The time an epoch took is in its row: these epochs were not trained again.
    assert run.log()[: len(before)] == before
    assert weights(run) == weights(whole)


def test_two_processes_share_every_epoch(
    dataset: Dataset, phased: Protocol, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    protocol = replace(phased, phases=phased.phases[-1:], continue_on_union=0)
    run = train(protocol, dataset, folder, fold=1, budget="cpu", devices=2, progress=False)
    assert capfd.readouterr() == ("", "")
    assert run.done()["epochs"] == [["joint", 2]]
    alone = train(protocol, dataset, folder.with_name("alone"), fold=1, budget="cpu", progress=False)
    assert len(run.scores().record_ids) == len(alone.scores().record_ids) > 0
    # Only batch norm and dropout see another batch than one process would have.
    for shared, single in zip(run.log(), alone.log(), strict=True):
        assert float(shared["train_loss"]) == pytest.approx(float(single["train_loss"]), rel=0.3)


def test_what_another_process_raises_is_one_line_here(
    dataset: Dataset, rhythm: Protocol, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def launch(*_: object) -> None:
        raise failures.pop()

    text = "Traceback:\n  File x\neinthoven.errors.RunError: f: loss nan\n"
    failures = [ProcessRaisedException(text, 1, 2), ProcessExitedException("process 1 died", 1, 2, 3)]
    monkeypatch.setattr("lightning.fabric.Fabric.launch", launch)
    for said in (r"process 1 died; the same command goes on", r"^f: loss nan$"):
        with pytest.raises(RunError, match=said):
            train(rhythm, dataset, folder, fold=0, budget="cpu", devices=2, progress=False)


def test_a_finished_run_is_left_alone(
    trained: Callable[..., Run], dataset: Dataset, rhythm: Protocol
) -> None:
    run = trained(0)
    before = {path: path.stat().st_mtime_ns for path in run.folder.rglob("*") if path.is_file()}
    again = train(rhythm, dataset, run.folder, fold=0, budget="cpu", progress=False)
    assert again.was_finished
    assert not run.was_finished
    assert {path: path.stat().st_mtime_ns for path in run.folder.rglob("*") if path.is_file()} == before


def test_a_folder_of_another_run_is_refused_with_what_differs(
    trained: Callable[..., Run], dataset: Dataset, rhythm: Protocol
) -> None:
    folder = trained(0).folder
    other = replace(rhythm, phases=(replace(rhythm.phases[0], epochs=3),), seed=1)
    with pytest.raises(RunError, match=r"fold, protocol\.phases\.0\.epochs, protocol\.seed\)"):
        train(other, dataset, folder, fold=1, budget="cpu", progress=False)
    with pytest.raises(RunError, match=r"dataset\.n_records"):
        train(rhythm, dataset.subset(range(20)), folder, fold=0, budget="cpu", progress=False)
    with pytest.raises(RunError, match="init"):
        start_weights = dict(trained(0).network().state_dict())
        train(rhythm, dataset, folder, fold=0, budget="cpu", init=start_weights, progress=False)


def test_a_second_process_is_kept_out(dataset: Dataset, rhythm: Protocol, folder: Path) -> None:
    folder.mkdir()
    with run_folder.locked(folder), pytest.raises(RunError, match="another process"):
        train(rhythm, dataset, folder, fold=0, budget="cpu", progress=False)


def test_a_full_disk_ends_a_run_that_then_goes_on(dataset: Dataset, rhythm: Protocol, folder: Path) -> None:
    part = folder / f"{CHECKPOINT}.part"
    part.parent.mkdir(parents=True)
    part.symlink_to("/dev/full")
    with pytest.raises(RunError, match="No space left") as caught:
        train(rhythm, dataset, folder, fold=0, budget="cpu", progress=False)
    assert "\n" not in str(caught.value)
    assert not (folder / CHECKPOINT).exists()
    assert train(rhythm, dataset, folder, fold=0, budget="cpu", progress=False).finished


def test_a_loss_that_is_not_finite_ends_a_run(dataset: Dataset, rhythm: Protocol, folder: Path) -> None:
    phase = replace(rhythm.phases[0], learning_rate=1e30, schedule="constant", epochs=3)
    with pytest.raises(RunError, match=r"loss (nan|inf)"):
        train(replace(rhythm, phases=(phase,), gradient_clip=None), dataset, folder, fold=0, budget="cpu",
              progress=False)  # fmt: skip


def test_a_run_begins_with_given_weights(trained: Callable[..., Run], dataset: Dataset, rhythm: Protocol,
                                         folder: Path) -> None:  # fmt: skip
    init = dict(trained(0).network().state_dict())
    slow = replace(rhythm, phases=(Phase(epochs=1, learning_rate=1e-12),), ema=None)
    run = train(slow, dataset, folder, fold=0, budget="cpu", init=init, progress=False)
    learnt = dict(run.network().named_parameters())
    assert all(torch.allclose(learnt[name], init[name], atol=1e-6) for name in learnt)
    with pytest.raises(RunError, match="none of the initial weights"):
        strange = {"other": torch.zeros(1)}
        train(slow, dataset, folder.with_name("strange"), fold=0, budget="cpu", init=strange, progress=False)


def test_the_classes_of_other_data_take_the_place_of_the_recipes(dataset: Dataset, rhythm: Protocol) -> None:
    assert adapt(rhythm, dataset) is rhythm
    fewer = replace(
        dataset, classes=("A", "N"), entries=tuple(e for e in dataset.entries if e.labels[0] in "AN")
    )
    assert adapt(rhythm, fewer) is rhythm
    own = replace(dataset, classes=("sick", "well"), entries=())
    assert adapt(rhythm, own).classes == ("sick", "well")
    assert adapt(rhythm, own).scored_indices == (0, 1)
    with pytest.raises(DatasetError, match="two classes"):
        adapt(rhythm, replace(dataset, classes=("sick",), entries=()))


def test_own_recordings_of_several_leads_patients_and_classes_train(phased: Protocol, folder: Path) -> None:
    def read(entry: Entry) -> Record:
        index = int(entry.record_id[1:])
        found = simulate("normal" if index % 2 else "af", leads=("II", "V1", "I"), duration_s=6.0, seed=index)
        return replace(found, name=entry.record_id)

    entries = tuple(Entry(f"r{i}", (("well", "sick")[i % 2],), patient=f"p{i // 2}") for i in range(24))
    data = Dataset("own", ("well", "sick"), entries, read)
    protocol = resolve(phased, {"leads": "I,V1", "phases.0.epochs": "1", "continue_on_union": "0"})
    run = train(
        replace(protocol, phases=protocol.phases[:1]), data, folder, fold=0, budget="cpu", progress=False
    )
    scores = run.scores()
    assert run.protocol.classes == ("well", "sick")
    assert scores.logits.shape[1] == 2
    assert {scores.patients.count(patient) for patient in scores.part("test").patients} == {2}


def test_more_devices_than_there_are_is_refused(dataset: Dataset, rhythm: Protocol, folder: Path) -> None:
    for devices in (0, 10_000):
        with pytest.raises(SettingsError, match="devices"):
            train(rhythm, dataset, folder, fold=0, budget="cpu", devices=devices)
    assert not folder.exists()


def test_progress_is_shown_if_asked_for(
    dataset: Dataset, rhythm: Protocol, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    train(rhythm, dataset, folder, fold=2, budget="cpu")
    assert "trained and scored" in capfd.readouterr().out


def test_a_log_that_was_killed_away_is_written_again(
    trained: Callable[..., Run], dataset: Dataset, rhythm: Protocol, folder: Path
) -> None:
    shutil.copytree(trained(0).folder, folder)
    (folder / "log.csv").write_text("phase\n")
    (folder / "done.json").unlink()
    run = train(rhythm, dataset, folder, fold=0, budget="cpu", progress=False)
    assert run.log() == trained(0).log()
    assert weights(run) == weights(trained(0))


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path, trained: Callable[..., Run]) -> None:
    with pytest.raises(RunError, match=r"found no run\.json"):
        open_run(tmp_path)
    (tmp_path / "run.json").write_text("{")
    with pytest.raises(RunError, match="JSON"):
        open_run(tmp_path)
    (tmp_path / "run.json").write_text(json.dumps(dict(trained(0).settings) | {"schema": 99}))
    with pytest.raises(RunError, match="schema"):
        open_run(tmp_path)
    (tmp_path / "run.json").write_text(json.dumps(dict(trained(0).settings)))
    unfinished = open_run(tmp_path)
    assert not unfinished.finished
    assert unfinished.log() == []
    for ask in (unfinished.done, unfinished.scores, unfinished.network):
        with pytest.raises(RunError, match="finished run"):
            ask()


@pytest.mark.realdata
def test_real_recordings_train(data_folder: Path, rhythm: Protocol, folder: Path) -> None:
    from einthoven.datasets import open_data

    data = open_data(data_folder, "cinc2017").subset(range(40))
    run = train(rhythm, data, folder, fold=0, budget="cpu", progress=False)
    assert run.done()["n_test"] == 8
