"""Runs: what they leave, that they can be broken off anywhere, and what they refuse."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from noisy_leads import noisy_protocol
from torch.multiprocessing.spawn import ProcessExitedException, ProcessRaisedException

from einthoven.datasets.dataset import Dataset, Entry
from einthoven.errors import DatasetError, RunError, SettingsError
from einthoven.record import Record
from einthoven.signal.simulated import simulate
from einthoven.training import batches as batching
from einthoven.training import phases, run_folder
from einthoven.training import run as run_module
from einthoven.training.evaluate import evaluate_runs
from einthoven.training.initial import Initial, initial_weights
from einthoven.training.job import open_job
from einthoven.training.machine import Machine
from einthoven.training.progress import Report
from einthoven.training.protocol import Phase, Protocol
from einthoven.training.run import adapt, train
from einthoven.training.run_folder import Run, open_run
from einthoven.training.settings import resolve
from einthoven.training.state import CHECKPOINT, State

TWO = Machine(devices=2)

WORKER = """
import json, sys, torch
from pathlib import Path
torch.set_num_threads(1)
from einthoven.datasets.simulated import simulated_dataset
from einthoven.training.machine import Machine
from einthoven.training.protocol import Protocol
from einthoven.training.run import train
if __name__ == "__main__":
    protocol = Protocol.from_json(json.loads(Path(sys.argv[2]).read_text()))
    data = simulated_dataset(n=30, duration_s=(6.0, 7.0))
    train(protocol, data, sys.argv[1], fold=1, budget="cpu", machine=Machine(int(sys.argv[3])))
"""


def start_and_kill(protocol: Protocol, folder: Path, devices: int = 1) -> list[dict[str, str]]:
    """Train in another process until it has written its log, kill it and its children, return the log."""
    process = start(protocol, folder, devices)
    log = folder / "log.csv"
    while not log.exists() and process.poll() is None:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert process.stdout is not None
    process.stdout.close()
    assert not (folder / "done.json").exists()
    with log.open(newline="") as file:
        return list(csv.DictReader(file))


def start(protocol: Protocol, folder: Path, devices: int) -> subprocess.Popen[str]:
    script, settings = folder.with_suffix(".py"), folder.with_suffix(".json")
    script.write_text(WORKER)
    settings.write_text(json.dumps(protocol.to_json()))
    command = [sys.executable, "-W", "error", str(script), str(folder), str(settings), str(devices)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )


@pytest.fixture(scope="module")
def whole(runs_folder: Path, dataset: Dataset, phased: Protocol) -> Run:
    """Return a run of all phases that nothing disturbed."""
    torch.set_num_threads(1)
    return train(phased, dataset, runs_folder / "whole", fold=1, budget="cpu")


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
        float(row["train_loss"]) for row in train(protocol, dataset, folder, fold=0, budget="cpu").log()
    ]
    assert losses[-1] < 0.75 * losses[0]


def test_phases_follow_each_other_from_the_best_weights(whole: Run) -> None:
    rows = whole.log()
    order = list(dict.fromkeys(row["phase"] for row in rows))
    assert order == ["convolutions", "lstm", "joint", "union"]
    assert [bool(row["validation_f1"]) for row in rows] == [row["phase"] != "union" for row in rows]
    assert all(row["validation_loss"] for row in rows)
    rates = [float(row["learning_rate"]) for row in rows if row["phase"] == "joint"]
    assert rates == pytest.approx([1e-3, 1e-4])


def test_what_the_union_trained_on_is_no_longer_held_out(whole: Run, dataset: Dataset) -> None:
    done, scores = whole.done(), whole.scores()
    assert set(scores.parts) == {"test"}
    assert "validation_f1" not in done
    assert done["n_validation"] > 0
    assert done["n_train"] == len(dataset) - done["n_test"]


def test_a_run_without_union_keeps_the_scores_that_stopped_it(
    dataset: Dataset, phased: Protocol, folder: Path
) -> None:
    protocol = replace(phased, phases=phased.phases[:1], continue_on_union=0)
    run = train(protocol, dataset, folder, fold=1, budget="cpu")
    done = run.done()
    assert len(run.scores().part("validation").record_ids) == done["n_validation"] > 0
    assert done["validation_f1"] == max(float(row["validation_f1"]) for row in run.log())
    assert done["n_train"] + done["n_validation"] + done["n_test"] == len(dataset)


def test_a_run_killed_after_every_epoch_ends_with_the_same_bytes(
    whole: Run, dataset: Dataset, phased: Protocol, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class KilledError(BaseException):
        pass

    def save_and_die(place: Path, state: State, modules: dict[str, Any]) -> None:
        save(place, state, modules)
        raise KilledError

    save = phases.save_state
    monkeypatch.setattr(phases, "save_state", save_and_die)
    for _ in whole.log():
        with pytest.raises(KilledError):
            train(phased, dataset, folder, fold=1, budget="cpu")
    run = train(phased, dataset, folder, fold=1, budget="cpu")
    assert weights(run) == weights(whole)
    assert (run.folder / "scores.npz").read_bytes() == (whole.folder / "scores.npz").read_bytes()
    assert [row["train_loss"] for row in run.log()] == [row["train_loss"] for row in whole.log()]


def test_a_run_survives_kill_9(whole: Run, dataset: Dataset, phased: Protocol, folder: Path) -> None:
    before = start_and_kill(phased, folder)
    run = train(phased, dataset, folder, fold=1, budget="cpu")
    # The time an epoch took is in its row: these epochs were not trained again.
    assert run.log()[: len(before)] == before
    assert weights(run) == weights(whole)


def test_two_processes_survive_kill_9(
    dataset: Dataset, phased: Protocol, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    protocol = replace(phased, phases=phased.phases[-1:], continue_on_union=0)
    run = train(protocol, dataset, folder, fold=1, budget="cpu", machine=TWO)
    assert capfd.readouterr() == ("", "")
    assert run.done()["epochs"] == [["joint", 2]]
    assert len(run.scores().record_ids) == run.done()["n_validation"] + run.done()["n_test"]
    killed = folder.with_name("killed")
    before = start_and_kill(protocol, killed, devices=2)
    again = train(protocol, dataset, killed, fold=1, budget="cpu", machine=TWO)
    assert again.log()[: len(before)] == before
    assert weights(again) == weights(run)


def test_two_processes_read_every_recording_once_and_agree_on_what_they_saw(
    dataset: Dataset, rhythm: Protocol, folder: Path
) -> None:
    data = dataset.subset(range(29))
    protocol = replace(
        rhythm,
        network=replace(rhythm.network, dropout=0.0, head_dropout=0.0),
        # Weights that stay as they are: then each process can be imitated alone.
        phases=(Phase(learning_rate=1e-30),),
        augmentations=(),
        batch_size=2,
        ema=None,
    )
    run = train(protocol, data, folder, fold=0, budget="cpu", machine=TWO)
    job = open_job(protocol, data, folder, 0)
    batches = batching.epoch_batches(job.split.train, job.targets, job.prepared.lengths, protocol, 0)
    # The second process has no recording of its own in the smallest batch, and borrows one.
    assert {len(batch) for batch in batches} == {1, 2}
    seen = []
    losses = np.zeros((2, len(batches)))
    weights_of = torch.tensor(job.class_weights, dtype=torch.float32)
    for rank in (0, 1):
        network = phases.PhaseTraining(Machine().fabric(), job, State(), lambda *_: None).network.train()
        read = batching.loader(job.signals(0), [batching.share_of(b, rank, 2) for b in batches], 0)
        for step, batch in enumerate(read):
            losses[rank, step] = torch.nn.functional.cross_entropy(
                network(batch.x, batch.lengths), batch.targets, weights_of, reduction="none",
                label_smoothing=protocol.label_smoothing).sum().item()  # fmt: skip
        seen.append(dict(network.named_buffers()))
    totals = np.array(
        [job.class_weights[job.targets[[index for index, _ in batch]]].sum() for batch in batches]
    )
    losses[1, [len(batch) == 1 for batch in batches]] = 0
    (row,) = run.log()
    assert float(row["train_loss"]) == pytest.approx((losses.sum(0) / totals).mean(), rel=1e-4)
    for rank in (0, 1):
        # Two processes that both read one share would have this loss.
        same = np.where([len(batch) == 1 for batch in batches], losses[0], 2 * losses[rank])
        assert float(row["train_loss"]) != pytest.approx((same / totals).mean(), rel=1e-3)
    for name, found in run.network().named_buffers():
        if "running" in name:
            assert not torch.allclose(seen[0][name], seen[1][name], rtol=1e-3)
            assert torch.allclose(found, (seen[0][name] + seen[1][name]) / 2, rtol=1e-4, atol=1e-6)


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
            train(rhythm, dataset, folder, fold=0, budget="cpu", machine=TWO)


def test_a_finished_run_is_left_alone(
    trained: Callable[..., Run], dataset: Dataset, rhythm: Protocol
) -> None:
    run = trained(0)
    before = {path: path.stat().st_mtime_ns for path in run.folder.rglob("*") if path.is_file()}
    again = train(rhythm, dataset, run.folder, fold=0, budget="cpu")
    assert again.was_finished
    assert not run.was_finished
    assert {path: path.stat().st_mtime_ns for path in run.folder.rglob("*") if path.is_file()} == before


def test_a_folder_of_another_run_is_refused_with_what_differs(
    trained: Callable[..., Run], dataset: Dataset, rhythm: Protocol
) -> None:
    folder = trained(0).folder
    other = replace(rhythm, phases=(replace(rhythm.phases[0], epochs=3),), seed=1)
    with pytest.raises(RunError, match=r"fold, protocol\.phases\.0\.epochs, protocol\.seed\)"):
        train(other, dataset, folder, fold=1, budget="cpu")
    with pytest.raises(RunError, match=r"dataset\.n_records"):
        train(rhythm, dataset.subset(range(20)), folder, fold=0, budget="cpu")
    with pytest.raises(RunError, match="init"):
        start_weights = dict(trained(0).network().state_dict())
        train(rhythm, dataset, folder, fold=0, budget="cpu", init=Initial(start_weights))


def test_a_second_process_is_kept_out(dataset: Dataset, rhythm: Protocol, folder: Path) -> None:
    folder.mkdir()
    with run_folder.locked(folder), pytest.raises(RunError, match="another process"):
        train(rhythm, dataset, folder, fold=0, budget="cpu")


@pytest.mark.parametrize(
    "file",
    ["run.json", CHECKPOINT.name, "log.csv", "weights.pt", "scores.npz", "done.json", "*.f32", "*.npz"],
)
def test_a_full_disk_ends_a_run_that_then_goes_on(
    dataset: Dataset, rhythm: Protocol, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    def full_disk(number: int) -> None:
        path, wanted = Path(f"/proc/self/fd/{number}").readlink(), Path(file)
        is_asked = (
            path.parent.name == ".cache" if file[0] == "*" else path.name.startswith(f".{wanted.stem}.")
        )
        if is_asked and path.suffix == wanted.suffix:
            raise OSError(28, "No space left on device")

    folder = tmp_path / "run"
    protocol = replace(rhythm, phases=(replace(rhythm.phases[0], epochs=1),))
    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(RunError, match="No space left") as caught:
        train(protocol, dataset, folder, fold=0, budget="cpu")
    assert "\n" not in str(caught.value)
    assert [path for path in tmp_path.rglob("*") if ".partial" in path.name or path.match(file)] == []
    monkeypatch.undo()
    assert train(protocol, dataset, folder, fold=0, budget="cpu").finished


def test_a_loss_that_is_not_finite_ends_a_run(dataset: Dataset, rhythm: Protocol, folder: Path) -> None:
    phase = replace(rhythm.phases[0], learning_rate=1e30, schedule="constant", epochs=3)
    with pytest.raises(RunError, match=r"loss (nan|inf)"):
        train(replace(rhythm, phases=(phase,), gradient_clip=None), dataset, folder, fold=0, budget="cpu")


def test_a_run_begins_with_given_weights(
    trained: Callable[..., Run],
    dataset: Dataset,
    rhythm: Protocol,
    folder: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    init = dict(trained(0).network().state_dict())
    slow = replace(rhythm, phases=(Phase(epochs=1, learning_rate=1e-12),), ema=None)
    run = train(slow, dataset, folder, fold=0, budget="cpu", init=Initial(init))
    assert not run.ancestors.is_known
    learnt = dict(run.network().named_parameters())
    assert all(torch.allclose(learnt[name], init[name], atol=1e-6) for name in learnt)
    assert caplog.messages == []
    fewer = {name: weight for name, weight in init.items() if not name.startswith("classifier.")}
    train(slow, dataset, folder.with_name("fewer"), fold=0, budget="cpu", init=Initial(fewer))
    n = sum(weight.dtype.is_floating_point for weight in init.values())
    assert caplog.messages == [f"initial weights: {n - 2} of {n} tensors taken, left out: classifier.*"]
    with pytest.raises(RunError, match="none of the initial weights"):
        strange = {"other": torch.zeros(1)}
        train(slow, dataset, folder.with_name("strange"), fold=0, budget="cpu", init=Initial(strange))


def test_weights_that_have_seen_what_tests_a_run_are_refused(
    trained: Callable[..., Run], dataset: Dataset, rhythm: Protocol, folder: Path
) -> None:
    everything, other_fold, same_fold = (initial_weights(trained(fold).folder) for fold in (None, 1, 0))
    for init, n in ((everything, 6), (other_fold, 6)):
        with pytest.raises(
            RunError, match=f"saw {n} of the recordings of simulated that are to test"
        ) as told:
            train(rhythm, dataset, folder, fold=0, budget="cpu", init=init)
        assert "\n" not in str(told.value)
        assert not (folder / "run.json").exists()
    child = train(rhythm, dataset, folder, fold=0, budget="cpu", init=same_fold)
    assert child.ancestors == trained(0).ancestry()
    # What its ancestors saw counts, whatever it learnt from itself: here everything but the first six.
    heir = train(rhythm, dataset, folder.with_name("heir"), fold=None, budget="cpu", init=everything)
    settings = json.loads((heir.folder / "run.json").read_text())
    settings["dataset"] |= {"name": "elsewhere", "fingerprint": "0" * 64}
    (heir.folder / "run.json").write_text(json.dumps(settings))
    with pytest.raises(RunError, match="saw 6 of the recordings"):
        train(rhythm, dataset, folder.with_name("leak"), fold=0, budget="cpu",
              init=initial_weights(heir.folder))  # fmt: skip


def test_weights_that_saw_one_beat_of_a_tested_recording_are_refused(
    trained_beats: Callable[..., Run], beats: Dataset, heartbeat: Protocol, folder: Path
) -> None:
    by_patient = replace(heartbeat, split_by="patient")
    same, other = (initial_weights(trained_beats("patient", fold).folder) for fold in (0, 1))
    mixed = initial_weights(trained_beats("beat").folder)
    tested = {*trained_beats("patient", 0).scores().part("test").recordings}
    said = (
        f"saw {len(tested)} of the recordings of simulated that are to test or stop this run, {min(tested)}"
    )
    with pytest.raises(RunError, match=said):
        train(by_patient, beats, folder, fold=0, budget="gpu", init=other)
    # By beat every recording is on both sides: no weights that saw the data set can be told to be clean.
    for protocol, init in ((by_patient, mixed), (heartbeat, mixed), (heartbeat, same)):
        with pytest.raises(RunError, match="that are to test or stop this run"):
            train(protocol, beats, folder, fold=0, budget="gpu", init=init)
    quick = replace(by_patient, phases=(replace(by_patient.phases[0], epochs=1, train_last=1),))
    child = train(quick, beats, folder, fold=0, budget="gpu", init=same)
    assert child.ancestors == trained_beats("patient").ancestry()
    learnt, given = child.network().state_dict(), same.weights
    kept = [name for name in learnt if not name.startswith("dense.2.")]
    assert all(torch.equal(learnt[name], given[name]) for name in kept)


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
    run = train(replace(protocol, phases=protocol.phases[:1]), data, folder, fold=0, budget="cpu")
    scores = run.scores()
    assert run.protocol.classes == ("well", "sick")
    assert scores.logits.shape[1] == 2
    assert {scores.patients.count(patient) for patient in scores.part("test").patients} == {2}


def test_a_run_reports_what_it_does_and_prints_nothing(
    dataset: Dataset, rhythm: Protocol, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    told: list[tuple[str, int, int]] = []
    losses: list[float] = []

    @contextmanager
    def display() -> Iterator[Report]:
        def report(what: str, done: int, n: int, loss: float) -> None:
            told.append((what, done, n))
            losses.append(loss)

        yield report

    run = train(rhythm, dataset, tmp_path / "run", fold=2, budget="cpu", progress=display)
    assert capfd.readouterr() == ("", "")
    assert ("preparing signals", 30, 30) in told
    assert [what for what, done, n in told if done == n and "epoch" in what] == [
        "joint, epoch 1/2",
        "joint, epoch 2/2",
    ]
    assert told[-1][0] == "trained and scored"
    assert [round(loss, 6) for loss in losses if loss == loss] == [
        round(float(row["train_loss"]), 6) for row in run.log()
    ]


def test_a_run_says_what_it_is_trained_on_and_when_it_goes_on_elsewhere(
    trained: Callable[..., Run],
    dataset: Dataset,
    rhythm: Protocol,
    folder: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    shutil.copytree(trained(0).folder, folder)
    settings = dict(trained(0).settings)
    assert settings["machine"] == {"devices": 1, "accelerator": "cpu", "precision": "32-true"}
    other = {
        "versions": {**settings["versions"], "threads": 9},
        "machine": {**settings["machine"], "devices": 4},
    }
    (folder / "run.json").write_text(json.dumps(settings | other))
    train(rhythm, dataset, folder, fold=0, budget="cpu")
    assert caplog.messages == []
    (folder / "done.json").unlink()
    train(rhythm, dataset, folder, fold=0, budget="cpu")
    (message,) = caplog.messages
    assert "versions.threads, machine.devices" in message
    assert "\n" not in message


def test_folds_that_the_data_state_are_counted(rhythm: Protocol, dataset: Dataset, folder: Path) -> None:
    entries = tuple(replace(entry, fold=index % 3) for index, entry in enumerate(dataset.entries))
    run = train(rhythm, replace(dataset, entries=entries), folder, fold=2, budget="cpu")
    assert (run.done()["n_folds"], run.done()["n_test"]) == (3, 10)
    assert evaluate_runs([run], n_resamples=10).n_folds == 3


def test_a_log_that_was_killed_away_is_written_again(
    trained: Callable[..., Run], dataset: Dataset, rhythm: Protocol, folder: Path
) -> None:
    shutil.copytree(trained(0).folder, folder)
    (folder / "log.csv").write_text("phase\n")
    (folder / "done.json").unlink()
    run = train(rhythm, dataset, folder, fold=0, budget="cpu")
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


def test_a_run_of_several_labels_is_the_same_to_the_last_byte_and_goes_on(
    labelled_runs: tuple[Run, ...], noise: Dataset, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, files = labelled_runs[1], ("weights.pt", "scores.npz", "features.npz")
    again = train(noisy_protocol(), noise, folder, fold=1, budget="cpu")
    assert [(again.folder / name).read_bytes() for name in files] == [
        (whole.folder / name).read_bytes() for name in files
    ]

    class KilledError(Exception):
        pass

    def kill(*_: object) -> None:
        raise KilledError

    place = folder.with_name(f"{folder.name}-killed")
    write = run_module.write_atomically
    for stop in (lambda path: path.name == "weights.pt", lambda path: path.name == "done.json"):

        def until(path: Path, content: bytes, stop: Callable[[Path], bool] = stop) -> None:
            if stop(path):
                raise KilledError
            write(path, content)

        monkeypatch.setattr(run_module, "write_atomically", until)
        with pytest.raises(KilledError):
            train(noisy_protocol(), noise, place, fold=1, budget="cpu")
        assert not (place / "done.json").exists()
    monkeypatch.undo()
    resumed = train(noisy_protocol(), noise, place, fold=1, budget="cpu")
    assert [(resumed.folder / name).read_bytes() for name in files] == [
        (whole.folder / name).read_bytes() for name in files
    ]
    assert train(noisy_protocol(), noise, place, fold=1, budget="cpu").was_finished


def test_a_run_of_several_labels_holds_patients_and_their_truth_out(
    labelled_runs: tuple[Run, ...], noise: Dataset
) -> None:
    tested = [name for run in labelled_runs for name in run.scores().part("test").record_ids]
    assert sorted(tested) == list(noise.record_ids)
    truth = dict(zip(noise.record_ids, noise.label_matrix(), strict=True))
    for run in labelled_runs:
        scores, done = run.scores(), run.done()
        expected = np.stack([truth[name] for name in scores.record_ids])
        assert np.array_equal(scores.truth, expected, equal_nan=True)
        patients = {part: set(scores.part(part).patients) for part in ("validation", "test")}
        assert not patients["validation"] & patients["test"]
        assert 0 <= done["test_f1"] <= 1 and done["n_folds"] == 3
        losses = [float(row["validation_loss"]) for row in run.log()]
        assert done["best_epoch"] == 1 + int(np.argmin(losses))


def test_fewer_recordings_than_folds_are_refused(noise: Dataset, folder: Path) -> None:
    with pytest.raises(DatasetError, match="expected at least 3 recordings, found 2"):
        train(noisy_protocol(), noise.subset([0, 1]), folder, fold=0, budget="cpu")
    assert not folder.exists()
    with pytest.raises(DatasetError, match="4 recordings or more to train and validate on, found 2"):
        train(noisy_protocol(), noise.subset([0, 2, 4]), folder, fold=0, budget="cpu")


def test_a_source_of_one_recording_is_never_left_out_alone(noise: Dataset, folder: Path) -> None:
    by_source = noisy_protocol(split_by="source")
    with pytest.raises(DatasetError, match="two sources or more of at least 60 recordings, found a with 30"):
        train(by_source, noise, folder, fold=0, budget="cpu")


def test_a_class_that_nobody_has_trains_with_any_weighting_and_loss(noise: Dataset, folder: Path) -> None:
    one = Phase(epochs=1, monitor="loss")
    for loss, weights in (("binary-cross-entropy", "inverse"), ("categorical-on-sigmoid", "power:0.5")):
        place = folder.with_name(f"{folder.name}-{loss}")
        protocol = noisy_protocol(phases=(one,), loss=loss, class_weights=weights)
        run = train(protocol, noise, place, fold=0, budget="cpu")
        assert np.isfinite(run.scores().logits).all()
        assert np.isfinite([float(row["validation_loss"]) for row in run.log()]).all()


def test_several_labels_learn_from_no_teacher(
    labelled_runs: tuple[Run, ...], noise: Dataset, folder: Path
) -> None:
    with pytest.raises(SettingsError, match="expected loss=cross-entropy for a teacher"):
        train(noisy_protocol(), noise, folder, fold=0, budget="cpu", teachers=labelled_runs[:1])


@pytest.mark.realdata
def test_real_recordings_train(data_folder: Path, rhythm: Protocol, folder: Path) -> None:
    from einthoven.datasets import open_data

    data = open_data(data_folder, "cinc2017").subset(range(40))
    run = train(rhythm, data, folder, fold=0, budget="cpu")
    assert run.done()["n_test"] == 8
