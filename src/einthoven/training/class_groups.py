"""Classes whose means are told beside those of all: the ones with enough positives, and published sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.datasets.ptbxl import CLASSES as PTBXL_SUPERCLASSES
from einthoven.metrics import Score, output_table, ranking_table
from einthoven.metrics.cinc2020 import CLASSES as CHALLENGE_CLASSES
from einthoven.truth import MIN_POSITIVES

FREQUENT = "frequent"
"""The group of the classes with at least `MIN_POSITIVES`, of which the networks learnt any."""
PUBLISHED = {"challenge-2020": CHALLENGE_CLASSES, "ptbxl-superclasses": PTBXL_SUPERCLASSES}
"""Sets of classes that others report means of, each a group where all of it is there."""


@dataclass(frozen=True)
class ClassGroup:
    """Some classes of a run.

    name : `FREQUENT`, or a name among `PUBLISHED`
    classes : their names, in the order of the columns
    columns : their positions
    """

    name: str
    classes: tuple[str, ...]
    columns: tuple[int, ...]


@dataclass(frozen=True)
class GroupScores:
    """Means over the classes of a group, of what ranks recordings or of the classes given to them.

    name, classes : of the group
    means : measure -> mean over those classes for which it is defined
    """

    name: str
    classes: tuple[str, ...]
    means: dict[str, Score]

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        return asdict(self)


def class_groups(
    classes: Sequence[str], support: Sequence[int], taught: Sequence[bool]
) -> tuple[ClassGroup, ...]:
    """Return the groups that a run's classes contain whole.

    support : of each class, the held-out recordings that have it
    taught : of each class, whether the training part had any
    """
    counts = zip(classes, support, taught, strict=True)
    frequent = {name for name, n, is_taught in counts if n >= MIN_POSITIVES and is_taught}
    named = {FREQUENT: frequent} | {
        name: set(of) for name, of in PUBLISHED.items() if set(of) <= set(classes)
    }
    found = []
    for name, members in named.items():
        columns = tuple(place for place, of in enumerate(classes) if of in members)
        if columns:
            found.append(ClassGroup(name, tuple(classes[place] for place in columns), columns))
    return tuple(found)


def ranking_of_groups(
    groups: Sequence[ClassGroup],
    truth: NDArray[Any],
    logits: NDArray[np.float64],
    *,
    patients: NDArray[Any] | None,
    n: int,
) -> tuple[GroupScores, ...]:
    """Return the mean areas of each group.

    Parameters
    ----------
    groups : as `class_groups` returns them
    truth : (n_records, n_classes) 1, 0, NaN where nobody judged
    logits : (n_records, n_classes)
    patients : (n_records,), drawn whole; None: records are drawn one by one
    n : resamples
    """
    found = []
    for of in groups:
        columns = list(of.columns)
        table = ranking_table(truth[:, columns], logits[:, columns], of.classes, groups=patients, n=n)
        means = {"AUROC": table.macro_auroc, "AUPRC": table.macro_auprc}
        found.append(GroupScores(of.name, of.classes, means))
    return tuple(found)


def outputs_of_groups(
    groups: Sequence[ClassGroup],
    truth: NDArray[Any],
    outputs: NDArray[np.bool_],
    *,
    patients: NDArray[Any] | None,
    n: int,
) -> tuple[GroupScores, ...]:
    """Return the mean F1, F2 and G2 of each group, in which a record's other classes do not count.

    outputs : (n_records, n_classes), the classes given; the other parameters as `ranking_of_groups`
    """
    found = []
    for of in groups:
        columns = list(of.columns)
        table = output_table(truth[:, columns], outputs[:, columns], of.classes, groups=patients, n=n)
        means = {"F1": table.macro_f1, "F2": table.macro_f_beta, "G2": table.macro_g_beta}
        found.append(GroupScores(of.name, of.classes, means))
    return tuple(found)
