"""What a model says of a recording, and the JSON object that it becomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import numpy as np

from einthoven.decisions import apply_thresholds
from einthoven.errors import one_line

SCHEMA_VERSION = 1
UNSURE = "not sure: "
"""What the reason begins with where an answer is withheld though nothing is wrong with the recording."""
NONE_REACHES = f"{UNSURE}no class reaches its threshold"
"""What the reason begins with where a multi-label model gives no class."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """The answer to one recording; `classification.schema.json` beside this module describes its JSON.

    record : the recording's name: file name without folder and ending
    path : the file it was read from, empty if it came from memory
    model, model_version : which model answered
    leads_used : the leads that the model looked at; the others had no part in the answer
    labels : what the recording shows: what the networks voted for first, then by probability; exactly one for
        a single-label model. Of a multi-label model those that reach their thresholds; where none does, none,
        or the nearest if the bundle says `at_least_one`, and the model abstains
    probs : label -> calibrated probability, 0 to 1, for every class of the model
    abstained : whether the answer should be taken as "not sure"; `labels` are kept all the same
    abstain_reason : why, or None
    heart_rate : beats a minute in the leads used, 60 s over the median R-R interval; None where fewer than
        three beats were found, where what was found is noise, or where the signal cannot carry an answer (a
        flat line, say)
    quality : what was measured on the leads used, see `einthoven.signal.quality`
    warnings : what a reader of the answer should know
    thresholds : label -> the probability from which on it is given, of a multi-label model; else None
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
    thresholds: Mapping[str, float] | None = None

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
            **({} if self.thresholds is None else {"thresholds": dict(self.thresholds)}),
            "abstained": self.abstained,
            "abstain_reason": self.abstain_reason,
            "heart_rate": self.heart_rate,
            "quality": dict(self.quality),
            "warnings": list(self.warnings),
        }


def nearest_class(probs: Mapping[str, float], thresholds: Mapping[str, float]) -> str:
    """Return the class that misses its threshold least, in log-odds; one that reaches it, if there is one.

    Parameters
    ----------
    probs, thresholds : label -> 0 to 1; the labels that `thresholds` has are compared

    >>> nearest_class({"AF": 0.31, "MI": 0.04}, {"AF": 0.4, "MI": 0.5})
    'AF'
    """
    names = list(thresholds)
    # A threshold of 0 or 1 has no odds.
    at = np.clip([thresholds[name] for name in names], 1e-9, 1 - 1e-9)
    given = apply_thresholds([[probs[name] for name in names]], at, at_least_one=True)
    return names[int(given[0].argmax())]


def none_reaches(probs: Mapping[str, float], thresholds: Mapping[str, float]) -> str:
    """Say that no class reaches its threshold, and which one is nearest; the parameters as `nearest_class`.

    >>> none_reaches({"AF": 0.31, "MI": 0.04}, {"AF": 0.4, "MI": 0.5})
    'not sure: no class reaches its threshold; the nearest is AF with 0.31 (threshold 0.40)'
    """
    nearest = nearest_class(probs, thresholds)
    for n_digits in (2, 3, 6):
        prob, threshold = f"{probs[nearest]:.{n_digits}f}", f"{thresholds[nearest]:.{n_digits}f}"
        if prob != threshold:
            break
    return f"{NONE_REACHES}; the nearest is {nearest} with {prob} (threshold {threshold})"


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
        text, where = str(error), path or record
        # An error of our own says its place in one line, whatever the name is.
        for place in (where, one_line(where)):
            text = text.removeprefix(f"{place}: ")
        reason = " ".join(text.split()) or type(error).__name__
        return cls(record=record or PurePath(path).stem, path=path, error=reason)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object, its keys in the order of the schema."""
        return {"schema": SCHEMA_VERSION, "record": self.record, "path": self.path, "error": self.error}
