"""What a network makes of all recordings of a run, for heads and thresholds that learn from it afterwards."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from lightning.fabric import Fabric
from numpy.typing import NDArray

from einthoven.networks.network import Network
from einthoven.training.job import Job, describe_signals


@dataclass(frozen=True, eq=False)
class Features:
    """Recordings as a trained network sees them, those that trained it among them.

    record_ids, patients : n_records names; the patient empty where unknown
    parts : n_records times "train", "validation" or "test"
    targets : (n_records, n_classes) float32: 1, 0, NaN where nobody judged
    features : (n_records, n_features) float32, what the network's classifier reads
    logits : (n_records, n_classes) float32, what it makes of them
    """

    record_ids: tuple[str, ...]
    patients: tuple[str, ...]
    parts: tuple[str, ...]
    targets: NDArray[np.float32]
    features: NDArray[np.float32]
    logits: NDArray[np.float32]

    def part(self, *names: str) -> Features:
        """Return the recordings of some parts."""
        rows = [row for row, part in enumerate(self.parts) if part in names]
        ids, patients, parts = (
            tuple(of[row] for row in rows) for of in (self.record_ids, self.patients, self.parts)
        )
        return Features(ids, patients, parts, self.targets[rows], self.features[rows], self.logits[rows])

    def groups(self) -> NDArray[np.int64]:
        """Number the patients, (n_records,); a recording of an unknown patient is a group of its own."""
        pairs = zip(self.patients, self.record_ids, strict=True)
        names = [f"patient {patient}" if patient else f"record {name}" for patient, name in pairs]
        return np.unique(names, return_inverse=True)[1].astype(np.int64)

    def to_bytes(self) -> bytes:
        """Return the content of the file that `from_arrays` understands."""
        file, names = io.BytesIO(), ("record_ids", "patients", "parts")
        arrays: dict[str, Any] = {name: np.array(getattr(self, name), str) for name in names}
        np.savez(file, targets=self.targets, features=self.features, logits=self.logits, **arrays)
        return file.getvalue()

    @classmethod
    def from_arrays(cls, found: Any, n_classes: int) -> Features:
        """Return what an open file of `to_bytes` holds.

        Raises KeyError, TypeError or ValueError if it is none.
        """
        ids, patients, parts = (tuple(found[name].tolist()) for name in ("record_ids", "patients", "parts"))
        targets, features, logits = (
            np.asarray(found[name], np.float32) for name in ("targets", "features", "logits")
        )
        lengths = [len(item) for item in (ids, patients, parts, targets, features, logits)]
        if set(lengths) != {len(ids)}:
            raise ValueError(f"arrays of different lengths: {lengths}")
        if {targets.shape, logits.shape} != {(len(ids), n_classes)} or features.ndim != 2:
            shapes = (targets.shape, features.shape, logits.shape)
            raise ValueError(f"targets, features and logits of {n_classes} classes of the shapes {shapes}")
        return cls(ids, patients, parts, targets, features, logits)


def describe_all(fabric: Fabric, network: Network, job: Job) -> Features:
    """Ask a trained network about all recordings of a job, not augmented, in every process."""
    everything = np.arange(len(job.targets))
    parts = np.full(len(everything), "train", dtype="<U10")
    parts[np.setdiff1d(job.split.validation, job.trained_on)] = "validation"
    parts[job.split.test] = "test"
    features, logits = describe_signals(fabric, network, job, everything)
    return Features(
        job.record_ids,
        job.patients,
        tuple(parts.tolist()),
        np.asarray(job.targets, np.float32),
        features,
        logits,
    )
