"""What a network says of recordings that did not train it, and of whom these are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class HeldOutScores:
    """What a run's network says of recordings that did not train it.

    record_ids : n_records names
    truth : (n_records,) class indices, or (n_records, n_classes) float32: 1, 0, NaN where nobody judged
    logits : (n_records, n_classes) float32
    parts : n_records times "test" or "validation"
    patients : n_records patients, empty where unknown
    folds : n_records folds, of the runs that held them out; None where a run has none
    recordings : of heartbeats, the recording that each was cut from; empty where each is a whole one
    """

    record_ids: tuple[str, ...]
    truth: NDArray[Any]
    logits: NDArray[np.float32]
    parts: tuple[str, ...]
    patients: tuple[str, ...]
    folds: tuple[int | None, ...]
    recordings: tuple[str, ...] = ()

    def part(self, name: str) -> HeldOutScores:
        """Return the scores of one part."""
        rows = [row for row, part in enumerate(self.parts) if part == name]
        ids, patients = (tuple(of[row] for row in rows) for of in (self.record_ids, self.patients))
        folds = tuple(self.folds[row] for row in rows)
        recordings = tuple(self.recordings[row] for row in rows) if self.recordings else ()
        parts = (name,) * len(rows)
        return HeldOutScores(ids, self.truth[rows], self.logits[rows], parts, patients, folds, recordings)

    def groups(self) -> NDArray[np.str_] | None:
        """Return whom to resample by, one name a record; None if these are recordings of unknown patients.

        Beats of an unknown patient are not independent either: their recording stands for the patient.
        """
        if not any(self.patients) and not self.recordings:
            return None
        pairs = zip(self.patients, self.recordings or self.record_ids, strict=True)
        return np.array([f"patient {patient}" if patient else f"record {name}" for patient, name in pairs])
