"""Distillation: the logits that a pupil learns from, and the check that they give nothing away."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from lightning.fabric import Fabric
from numpy.typing import NDArray

from einthoven.datasets.dataset import Dataset
from einthoven.decisions import average, softmax
from einthoven.errors import RunError
from einthoven.training.folds import Split
from einthoven.training.job import open_job, predict
from einthoven.training.protocol import Protocol
from einthoven.training.run_folder import Run


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
    try:
        with np.load(protocol.teacher, allow_pickle=False) as file:
            found = dict(zip(file["record_ids"].tolist(), file["logits"], strict=True))
            classes, seen = tuple(file["classes"].tolist()), set(file["seen"].tolist())
    except (OSError, ValueError, KeyError) as error:
        raise RunError(f"{protocol.teacher}: expected a teacher's logits: {error}") from error
    if classes != protocol.classes:
        raise RunError(f"{protocol.teacher}: expected the classes {protocol.classes}, found {classes}")
    held_out = {record_ids[index] for index in (*split.test, *split.validation)}
    if leaked := sorted(seen & held_out):
        raise RunError(f"{protocol.teacher}: the teacher was trained on {len(leaked)} of the recordings that "
                       f"test or stop its pupil, {leaked[0]} among them")  # fmt: skip
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
) -> None:
    """Write a teacher's logits for `Protocol.teacher`.

    Parameters
    ----------
    path : npz file
    classes : in the order of the logits
    record_ids : recordings that the teacher speaks of
    logits : (n_records, n_classes)
    seen : every recording that any part of the teacher was trained on
    """
    with path.open("wb") as file:
        np.savez(
            file,
            classes=np.array(classes, str),
            record_ids=np.array(record_ids, str),
            logits=np.asarray(logits, np.float32),
            seen=np.array(seen, str),
        )


def teach(runs: Sequence[Run], dataset: Dataset, path: str | Path) -> None:
    """Write what finished runs say of every recording of a data set, for `Protocol.teacher`.

    The logits are logarithms of the runs' mean probabilities, on signals that are not augmented.

    Parameters
    ----------
    runs : of the same classes; each in a folder beside the `.cache` of prepared signals
    dataset : what they were trained on
    path : npz file to write

    Raises
    ------
    RunError if a run is not finished, has other classes, or was trained on another data set.
    """
    classes, probs, seen = runs[0].protocol.classes, [], set[str]()
    for run in runs:
        if run.protocol.classes != classes:
            raise RunError(f"{run.folder}: expected the classes {classes}, found {run.protocol.classes}")
        if run.settings["dataset"]["fingerprint"] != dataset.fingerprint():
            raise RunError(f"{run.folder}: was trained on other data than {dataset.name}")
        job = open_job(run.protocol, dataset, run.folder, run.fold)
        fabric = Fabric(accelerator="cpu", devices=1)
        probs.append(softmax(predict(fabric, run.network(), job, np.arange(len(dataset)))))
        split = job.split
        seen |= {dataset.record_ids[index] for index in (*split.train, *split.validation)}
    logits = np.log(np.maximum(average(np.stack(probs)), 1e-12))
    write_teacher(Path(path), classes, dataset.record_ids, logits, sorted(seen))
