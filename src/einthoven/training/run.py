"""Train a network by a protocol, into a folder from which it can be resumed."""

from __future__ import annotations

import hashlib
import io
import json
import platform
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning.fabric import Fabric
from numpy.typing import NDArray
from torch import distributed
from torch.multiprocessing.spawn import ProcessExitedException, ProcessRaisedException

from einthoven.datasets.dataset import Dataset
from einthoven.errors import DatasetError, RunError, SettingsError
from einthoven.networks.network import Network
from einthoven.training.ancestry import Ancestry, check_unseen, describe
from einthoven.training.chained import chain_of, chained
from einthoven.training.checkpoint import encode, snapshot, write_atomically
from einthoven.training.features import Features, describe_all
from einthoven.training.folds import split_dataset
from einthoven.training.initial import Initial, check_frozen
from einthoven.training.job import Job, open_job, predict
from einthoven.training.machine import Machine
from einthoven.training.phases import train_phases
from einthoven.training.progress import Display, quiet_lightning, unseen
from einthoven.training.protocol import Protocol
from einthoven.training.run_folder import (
    DERIVED,
    DONE,
    FEATURES,
    SCHEMA,
    SCORES,
    SETTINGS,
    WEIGHTS,
    Run,
    check_same,
    claimed,
    open_run,
)
from einthoven.training.state import State, write_log
from einthoven.training.teacher import read_teacher, taught, teacher_ancestry, teacher_hash


def train(
    protocol: Protocol,
    dataset: Dataset,
    folder: str | Path,
    *,
    fold: int | None,
    budget: str,
    init: Initial | None = None,
    teachers: Sequence[Run] = (),
    machine: Machine | None = None,
    progress: Display | None = None,
) -> Run:
    """Train a network, or go on where a run that was interrupted stopped.

    Parameters
    ----------
    protocol : what to do
    dataset : what to learn from; if its classes are not the protocol's, they take their place
    folder : of the run; made if it is not there. Prepared signals are kept in `.cache` beside it
    fold : which fold tests, from 0; None trains on everything
    budget : name of the budget that the protocol was made for, for the record
    init : weights to begin with, and what they have seen; those whose name or shape does not fit are left
        out, with a warning
    teachers : finished runs to distil from, in place of the protocol's `teacher`
    machine : what trains; one process if not given
    progress : opens what shows how far it is; nothing does if not given

    Returns
    -------
    The finished run. If it was finished before, `was_finished` is true and nothing was done.

    Raises
    ------
    RunError if the folder holds something else than a run, or a run with other settings, another process
    trains there, initial weights or a teacher, or what they come from, saw what is to test or stop the run,
    the loss is not finite, or a file cannot be written.
    DatasetError if the data set cannot be split so.
    SettingsError if only the last layers are to learn, and initial weights do not give all before them, or
    teachers are given for several labels.
    """
    place, machine, display = Path(folder), machine or Machine(), progress or unseen
    protocol = adapt(protocol, dataset)
    if teachers and protocol.is_multi_label:
        raise SettingsError(f"expected loss=cross-entropy for a teacher, found {protocol.loss}")
    with claimed(place):
        if teachers:
            protocol = taught(protocol, teachers, dataset, place, fold, display)
        if init is not None and fold is not None:
            check_unseen(init.ancestry, dataset, split_dataset(protocol, dataset, fold)[1], place)
        check_frozen(protocol, init, place)
        settings = _settings(protocol, dataset, fold, budget, init) | {"machine": machine.to_json()}
        is_new = not (place / SETTINGS).exists()
        if not is_new:
            check_same(open_run(place), settings)
        if (place / DONE).exists():
            return replace(open_run(place), was_finished=True)
        job = _job(protocol, dataset, place, fold, display)
        # Only now: a fold or data that were refused must not bar the folder to the corrected command.
        if is_new:
            write_atomically(place / SETTINGS, json.dumps(settings, indent=1, ensure_ascii=False).encode())
        weights = None if init is None else init.weights
        _launch(replace(job, init=weights, n_workers=machine.workers), machine, display)
        return open_run(place)


def adapt(protocol: Protocol, dataset: Dataset) -> Protocol:
    """Return the protocol for the classes of a data set: its own, if they are not all among the protocol's.

    Raises DatasetError if there are fewer than two.
    """
    if set(dataset.classes) <= set(protocol.classes):
        return protocol
    if len(dataset.classes) < 2:
        raise DatasetError(
            f"{dataset.name}: expected two classes or more, found {', '.join(dataset.classes)}"
        )
    return replace(protocol, classes=dataset.classes, scored=())


def _settings(
    protocol: Protocol, dataset: Dataset, fold: int | None, budget: str, init: Initial | None
) -> dict[str, Any]:
    ancestry = (Ancestry() if init is None else init.ancestry) | teacher_ancestry(protocol, dataset)
    return {
        "schema": SCHEMA,
        "recipe": protocol.recipe,
        "budget": budget,
        "fold": fold,
        "protocol": protocol.to_json(),
        "dataset": {**describe(dataset), "classes": list(dataset.classes)},
        "teacher": teacher_hash(protocol),
        "init": None if init is None else hashlib.sha256(encode(snapshot(init.weights))).hexdigest(),
        "versions": {
            "einthoven": version("einthoven"),
            "python": platform.python_version(),
            "torch": torch.__version__,
            "numpy": np.__version__,
            "threads": torch.get_num_threads(),
        },
        DERIVED: ancestry.to_json(),
    }


def _job(protocol: Protocol, dataset: Dataset, folder: Path, fold: int | None, display: Display) -> Job:
    with display() as report:
        job = open_job(
            protocol,
            dataset,
            folder,
            fold,
            lambda done, n: report("preparing signals", done, n, float("nan")),
        )
    return replace(job, teacher=read_teacher(protocol, dataset.record_ids, job.split))


def _launch(job: Job, machine: Machine, display: Display) -> None:
    with quiet_lightning():
        fabric = machine.fabric()
        work = partial(_work, job=job, display=display)
        if machine.devices == 1:
            work(fabric)
            return
        try:
            fabric.launch(work)
        except ProcessRaisedException as error:
            # All that is left of what another process raised is its traceback, as text.
            raise RunError(str(error).strip().splitlines()[-1].partition(": ")[2]) from error
        except ProcessExitedException as error:
            raise RunError(f"{job.folder}: {error}; the same command goes on from there") from error


def _work(fabric: Fabric, job: Job, display: Display) -> None:
    """Train and score, in one of the processes."""
    shown = display if fabric.global_rank == 0 else unseen
    with quiet_lightning(), shown() as report:
        network, state = train_phases(fabric, job, report)
        report("scoring", 0, 1, float("nan"))
        features = describe_all(fabric, network, job) if job.protocol.is_multi_label else None
        if features is None:
            logits = predict(fabric, network, job, job.held_out)
        else:
            logits = features.logits[job.held_out]
        if fabric.global_rank == 0:
            _finish(job, state, network, logits, features)
        report("trained and scored", 1, 1, float("nan"))
    if fabric.world_size > 1:
        # A process that ends with its connections open may be aborted by them.
        fabric.barrier()
        distributed.destroy_process_group()


def _finish(
    job: Job, state: State, network: Network, logits: NDArray[np.float32], features: Features | None
) -> None:
    """Write weights and scores, and done.json last: where it is, everything is."""
    held_out, file = job.held_out, io.BytesIO()
    parts = np.where(np.isin(held_out, job.split.test), "test", "validation")
    weights = encode(snapshot(network.state_dict()))
    chain = chain_of(job)
    if chain is not None:
        logits = chained(chain, logits, [job.recordings[index] for index in held_out])
    np.savez(file, logits=logits, part=parts, **_named(job))
    done = _facts(job, state) | {"weights_sha256": hashlib.sha256(weights).hexdigest()}
    done |= {} if chain is None else {"chain": chain.to_json()}
    for part in ("validation", "test"):
        rows = parts == part
        if rows.any():
            done[f"{part}_f1"] = job.objective.score(job.targets[held_out[rows]], logits[rows])
    # The log of the last epoch is missing if the run was killed right after that epoch's checkpoint.
    write_log(job.folder, state)
    write_atomically(job.folder / WEIGHTS, weights)
    write_atomically(job.folder / SCORES, file.getvalue())
    if features is not None:
        write_atomically(job.folder / FEATURES, features.to_bytes())
    write_atomically(job.folder / DONE, json.dumps(done, indent=1).encode())


def _named(job: Job) -> dict[str, Any]:
    """Return what was held out, by name, and which recordings trained, or gave beats that did."""
    held_out, recordings = job.held_out, np.array(job.recordings, str)
    of_beats = {} if job.recordings == job.record_ids else {"recording": recordings[held_out]}
    return {
        "record_ids": np.array(job.record_ids, str)[held_out],
        "truth": job.targets[held_out],
        "patient": np.array(job.patients, str)[held_out],
        "trained": np.array(list(dict.fromkeys(recordings[job.trained_on].tolist())), str),
        **of_beats,
    }


def _facts(job: Job, state: State) -> dict[str, Any]:
    """Return how long the training was, on how many recordings of which lengths, and the sources of all.

    n_train counts those of the validation part too if they trained in the end.
    """
    trained_s = job.prepared.seconds[job.trained_on]
    return {
        "epochs": [
            [phase.name, sum(row["phase"] == phase.name for row in state.rows)] for phase in job.phases
        ],
        "best_epoch": state.best_epoch or None,
        "seconds": round(sum(row["seconds"] for row in state.rows), 1),
        "fs": job.prepared.fs,
        "n_folds": job.split.n_folds,
        "n_train": len(job.trained_on),
        "train_s": np.quantile(trained_s, (0, 0.5, 1)).tolist(),
        "n_validation": len(job.split.validation),
        "n_test": len(job.split.test),
        # What a heartbeat is of is its recording: that is told elsewhere.
        **({"sources": dict(Counter(job.sources))} if job.protocol.is_multi_label else {}),
        **({"source": job.sources[job.split.test[0]]} if job.protocol.split_by == "source" else {}),
    }
