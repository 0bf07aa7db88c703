"""What a model says of a recording, and the JSON object that it becomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Prediction:
    """The answer to one recording; `classification.schema.json` beside this module describes its JSON.

    record : the recording's name: file name without folder and ending
    path : the file it was read from, empty if it came from memory
    model, model_version : which model answered
    leads_used : the leads that the model looked at; the others had no part in the answer
    labels : what the recording shows: what the networks voted for first, then by probability; exactly one for
        a single-label model
    probs : label -> calibrated probability, 0 to 1, for every class of the model
    abstained : whether the answer should be taken as "not sure"; `labels` are kept all the same
    abstain_reason : why, or None
    heart_rate : beats a minute in the leads used, 60 s over the median R-R interval; None where fewer than
        three beats were found, where what was found is noise, or where the signal cannot carry an answer (a
        flat line, say)
    quality : what was measured on the leads used, see `einthoven.signal.quality`
    warnings : what a reader of the answer should know
    """

    record: str
    path: str
    model: str
    model_version: str
    leads_used: tuple[str, ...]
    labels: tuple[str, ...]
    probs: Mapping[str, float]
    abstained: bool
    abstain_reason: str | None
    heart_rate: float | None
    quality: Mapping[str, Any]
    warnings: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object, its keys in the order of the schema."""
        return {
            "schema": SCHEMA_VERSION,
            "record": self.record,
            "path": self.path,
            "model": self.model,
            "model_version": self.model_version,
            "leads_used": list(self.leads_used),
            "labels": list(self.labels),
            "probs": dict(self.probs),
            "abstained": self.abstained,
            "abstain_reason": self.abstain_reason,
            "heart_rate": self.heart_rate,
            "quality": dict(self.quality),
            "warnings": list(self.warnings),
        }


@dataclass(frozen=True, slots=True)
class Failure:
    """A recording that got no answer.

    record : the recording's name: file name without folder and ending
    path : the file, empty if the recording came from memory
    error : the reason, one line
    """

    record: str
    path: str
    error: str

    @classmethod
    def of(cls, error: Exception, *, path: str = "", record: str = "") -> Failure:
        """Return the failure that an exception stands for; the name comes from the path if there is none."""
        where = path or record
        reason = " ".join(str(error).removeprefix(f"{where}: ").split()) or type(error).__name__
        return cls(record=record or PurePath(path).stem, path=path, error=reason)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object, its keys in the order of the schema."""
        return {"schema": SCHEMA_VERSION, "record": self.record, "path": self.path, "error": self.error}
