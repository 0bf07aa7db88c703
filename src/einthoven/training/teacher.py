"""Distillation: the logits that a pupil learns from, and the check that they give nothing away."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning.fabric import Fabric
from numpy.typing import NDArray

from einthoven.datasets.dataset import Dataset
from einthoven.decisions import average, softmax
from einthoven.errors import RunError
from einthoven.training.ancestry import UNKNOWN, Ancestry, describe, recording_of, seen_of
from einthoven.training.checkpoint import write_atomically
from einthoven.training.folds import Split, split_dataset
from einthoven.training.job import open_job, predict
from einthoven.training.progress import Display
from einthoven.training.protocol import Protocol
from einthoven.training.run_folder import SETTINGS, Run

TEACHER = "teacher.npz"
"""What the teachers of a run said, in its folder."""


def taught(
    protocol: Protocol,
    teachers: Sequence[Run],
    dataset: Dataset,
    folder: Path,
    fold: int | None,
    display: Display,
) -> Protocol:
    """Ask a run's teachers, unless it was done before, and return the protocol that names their answers.

    Raises
    ------
    RunError as `read_teacher` and `teach` do, or if the run in the folder has had other teachers.
    """
    path = folder / TEACHER
    _, split = split_dataset(protocol, dataset, fold)
    _check_unseen(path, _seen(teachers, dataset), dataset.record_ids, split)
    if not path.exists() or _origin(path) != _names(teachers):
        if path.exists() and (folder / SETTINGS).exists():
            raise RunError(f"{folder}: holds a run with other teachers: choose another folder")
        with display() as report:
            teach(teachers, dataset, path, lambda done, n: report("asking teachers", done, n, float("nan")))
    return replace(protocol, teacher=str(path))


def teacher_hash(protocol: Protocol) -> str | None:
    """Return the SHA-256 of a protocol's teacher, hexadecimal; None if it has none.

    Raises RunError if the file cannot be read.
    """
    if not protocol.teacher:
        return None
    try:
        return hashlib.sha256(Path(protocol.teacher).read_bytes()).hexdigest()
    except OSError as error:
        raise RunError(f"{protocol.teacher}: expected a teacher's logits: {error}") from error


def teacher_ancestry(protocol: Protocol, dataset: Dataset) -> Ancestry:
    """Return what a protocol's teacher has seen, of its data set and of others; nothing if it has none.

    Raises RunError if the file cannot be read.
    """
    if not protocol.teacher:
        return Ancestry()
    path = Path(protocol.teacher)
    with _opened(path) as found:
        whole = {entry.record_id: recording_of(entry) for entry in dataset.entries}
        seen = {whole.get(name, name) for name in found["seen"].tolist()}
        own = seen_of(describe(dataset), "trained", seen)
        return Ancestry((own,)) | Ancestry.from_json(json.loads(str(found["ancestry"])))


def read_teacher(protocol: Protocol, record_ids: Sequence[str], split: Split) -> NDArray[np.float32]:
    """Return the teacher's logits of all recordings: (n_records, n_classes), NaN where it has none.

    Raises
    ------
    RunError if the file cannot be read, has other classes, or the teacher was trained on a recording that is
    to test or stop its pupil.
    """
    logits = np.full((len(record_ids), len(protocol.classes)), np.nan, np.float32)
    if not protocol.teacher:
        return logits
    with _opened(Path(protocol.teacher)) as file:
        found = dict(zip(file["record_ids"].tolist(), file["logits"], strict=True))
        classes, seen = tuple(file["classes"].tolist()), set(file["seen"].tolist())
    if classes != protocol.classes:
        raise RunError(f"{protocol.teacher}: expected the classes {protocol.classes}, found {classes}")
    _check_unseen(Path(protocol.teacher), seen, record_ids, split)
    for row, record_id in enumerate(record_ids):
        if record_id in found:
            logits[row] = found[record_id]
    return logits


def write_teacher(
    path: Path,
    classes: Sequence[str],
    record_ids: Sequence[str],
    logits: NDArray[np.floating],
    seen: Sequence[str],
    origin: Sequence[str] = (),
    ancestry: Ancestry = UNKNOWN,
) -> None:
    """Write a teacher's logits for `Protocol.teacher`.

    Parameters
    ----------
    path : npz file
    classes : in the order of the logits
    record_ids : recordings that the teacher speaks of
    logits : (n_records, n_classes)
    seen : every recording of the data set that any part of the teacher, or what it comes from, has seen
    origin : what the teacher is made of: the SHA-256 of each network's weights
    ancestry : what the initial weights and the teachers of its parts have seen

    Raises RunError if the file cannot be written.
    """
    file = io.BytesIO()
    np.savez(
        file,
        classes=np.array(classes, str),
        record_ids=np.array(record_ids, str),
        logits=np.asarray(logits, np.float32),
        seen=np.array(seen, str),
        origin=np.array(origin, str),
        ancestry=np.array(json.dumps(ancestry.to_json())),
    )
    write_atomically(path, file.getvalue())


def teach(
    runs: Sequence[Run],
    dataset: Dataset,
    path: str | Path,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Write what finished runs say of every recording of a data set, for `Protocol.teacher`.

    The logits are logarithms of the runs' mean probabilities, on signals that are not augmented.

    Parameters
    ----------
    runs : of the same classes; each in a folder beside the `.cache` of prepared signals
    dataset : what they were trained on
    path : npz file to write
    progress : called with (teachers asked, all)

    Raises
    ------
    RunError if a run is not finished, has other classes, or was trained on another data set.
    """
    classes, probs = runs[0].protocol.classes, []
    seen, origin, ancestry = _seen(runs, dataset), _names(runs), _ancestors(runs)
    fabric = Fabric(accelerator="cuda" if torch.cuda.is_available() else "cpu", devices=1)
    for done, run in enumerate(runs):
        if run.protocol.classes != classes:
            raise RunError(f"{run.folder}: expected the classes {classes}, found {run.protocol.classes}")
        if progress is not None:
            progress(done, len(runs))
        job = open_job(run.protocol, dataset, run.folder, run.fold)
        network = run.network().to(fabric.device)
        probs.append(softmax(predict(fabric, network, job, np.arange(len(dataset)))))
    logits = np.log(np.maximum(average(np.stack(probs)), 1e-12))
    write_teacher(Path(path), classes, dataset.record_ids, logits, sorted(seen), origin, ancestry)


def _seen(runs: Sequence[Run], dataset: Dataset) -> set[str]:
    """Return the recordings that trained or stopped a run, or what it comes from."""
    seen = _ancestors(runs).among(dataset)
    for run in runs:
        if run.settings["dataset"]["fingerprint"] != dataset.fingerprint():
            raise RunError(f"{run.folder}: was trained on other data than {dataset.name}")
        _, split = split_dataset(run.protocol, dataset, run.fold)
        seen |= {dataset.record_ids[index] for index in (*split.train, *split.validation)}
    return seen


def _ancestors(runs: Sequence[Run]) -> Ancestry:
    return reduce(or_, (run.ancestors for run in runs))


def _names(runs: Sequence[Run]) -> list[str]:
    return [str(run.done()["weights_sha256"]) for run in runs]


def _origin(path: Path) -> list[str]:
    with _opened(path) as found:
        return [str(name) for name in found["origin"]]


@contextmanager
def _opened(path: Path) -> Iterator[Mapping[str, NDArray[Any]]]:
    """Give the arrays of a teacher's file, and turn what is wrong with them into a RunError."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as found:
            yield found
    except (OSError, ValueError, KeyError) as error:
        raise RunError(f"{path}: expected a teacher's logits: {error}") from error


def _check_unseen(path: Path, seen: Collection[str], record_ids: Sequence[str], split: Split) -> None:
    held_out = {record_ids[index] for index in (*split.test, *split.validation)}
    if leaked := sorted(held_out & set(seen)):
        raise RunError(f"{path}: the teacher was trained on {len(leaked)} of the recordings that test or "
                       f"stop its pupil, {leaked[0]} among them")  # fmt: skip
