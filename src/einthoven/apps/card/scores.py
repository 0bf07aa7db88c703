"""How often a model is right on recordings that the networks had not seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from einthoven.apps.card.cut import finds_rpeaks
from einthoven.apps.card.facts import ECTOPIC, NOT_MEASURED, NOT_STATED, count, percent, score, share, unit_of
from einthoven.apps.card.markdown import code, plain, sentence, table
from einthoven.bundle.facts import is_number, listed, stated
from einthoven.metrics.bootstrap import resample_confusion
from einthoven.metrics.confusion import (
    precision_at,
    precision_of_confusion,
    recall_of_confusion,
    specificity_of_confusion,
)
from einthoven.metrics.score import proportion_score

if TYPE_CHECKING:
    from einthoven.bundle import Bundle

Matrix = NDArray[np.int64]

_PREVALENCES = (0.01, 0.05, 0.2)
_MISTAKES = 3
_UNUSABLE = 0.5
"""A class of which F1 is lower, or not defined, is called not usable."""
_LEGEND = (
    "Recall (sensitivity): the share of a class's {unit}s that are found. Specificity: the share of all "
    "other {unit}s that are not taken for it. Precision (positive predictive value): the share of the "
    "answers of a class that are right. F1: the harmonic mean of recall and precision."
)


def scores_section(bundle: Bundle) -> str:
    """Return scores of each class and overall with their intervals, and which classes are mixed up."""
    found = stated(bundle.provenance, "held_out", "table")
    classes = listed(found, "classes")
    if not classes:
        return sentence(NOT_MEASURED)
    matrix = _matrix(found, len(classes))
    warnings = [f"**Warning**: {plain(item)}." for item in listed(bundle.provenance, "warnings")]
    unit = unit_of(bundle)
    parts = [
        *warnings,
        _at_rpeaks(bundle),
        _classes(classes, found, matrix, unit),
        _unusable(classes, found, unit),
        _LEGEND.format(unit=unit),
        _overall(found),
        _intervals(found, unit),
    ]
    if matrix is None:
        parts.append(f"Confusion matrix: {NOT_MEASURED}.")
    else:
        parts += [
            "Confusion matrix: a row a true class, a column an answer.",
            _confusion(classes, matrix),
            _mistakes(classes, matrix),
            _prevalences(classes, matrix, unit),
        ]
    return "\n\n".join(filter(None, parts))


def headline(bundle: Bundle) -> str:
    """Return the one figure that a reader takes away, and what it stands on."""
    found = stated(bundle.provenance, "held_out", "table")
    n, name = sum(filter(is_number, listed(found, "support"))), stated(bundle.provenance, "dataset", "name")
    value = stated(found, "f1_average")
    if not is_number(stated(value, "value")) or not n:
        return f"How good it is: {NOT_MEASURED}."
    kind = "**simulated**" if stated(bundle.provenance, "simulated") else "held-out"
    told = f"F1avg {score(value)}"
    if bundle.cut is not None:
        scores = zip(listed(found, "classes"), listed(found, "f1"), strict=False)
        ectopic = [f"F1 of {code(label)} {score(f1)}" for label, f1 in scores if label in ECTOPIC]
        told = ", ".join(ectopic) or told
    return f"**{told}** over {count(n)} {kind} {unit_of(bundle)}s of {plain(name or NOT_STATED)}."


def _at_rpeaks(bundle: Bundle) -> str:
    """Say of heartbeats at whose R peaks they were named."""
    if bundle.cut is None:
        return ""
    if finds_rpeaks(bundle):
        return (
            "Heartbeats at the R peaks that it finds, as far as an annotated one is within 50 ms. Every "
            "confusion counts."
        )
    return (
        "Heartbeats at their annotated R peaks: where R peaks have to be found, those that are missed and "
        "those that are none come on top. Every confusion counts."
    )


def _unusable(classes: list[Any], found: Mapping[str, Any], unit: str) -> str:
    """Name the classes whose answers are not to be relied on."""
    words = []
    for name, f1, size in zip(classes, listed(found, "f1"), listed(found, "support"), strict=False):
        value = stated(f1, "value")
        if not is_number(value):
            words.append(f"{code(name)}, of which nothing is known")
        elif value < _UNUSABLE:
            words.append(f"{code(name)}, whose F1 over {count(size)} {unit}s is {share(value)}")
    rule = f"F1 below {_UNUSABLE:g}, or unknown"
    return f"**Not to be relied on** ({rule}): {'; '.join(words)}." if words else ""


def _matrix(found: Any, n_classes: int) -> Matrix | None:
    """Return the confusion matrix if it is one, and of at least one recording."""
    rows = [row for row in listed(found, "confusion") if isinstance(row, list | tuple)]
    cells = [cell for row in rows for cell in row]
    is_square = len(rows) == n_classes and all(len(row) == n_classes for row in rows)
    if not is_square or not all(is_number(cell) and 0 <= cell < 2**40 for cell in cells):
        return None
    matrix = np.array(rows, np.int64)
    return matrix if matrix.sum() else None


def _classes(classes: list[Any], found: Mapping[str, Any], matrix: Matrix | None, unit: str) -> str:
    n = len(classes)
    by_record = stated(found, "resampled") == "records"
    columns = [
        [count(size) for size in listed(found, "support")],
        [score(item) for item in listed(found, "f1")],
        [score(item) for item in listed(found, "recall")],
        _derived(matrix, n, specificity_of_confusion, lambda m: m.sum() - m.sum(axis=1), by_record),
        [score(item) for item in listed(found, "precision")]
        or _derived(matrix, n, precision_of_confusion, lambda m: m.sum(axis=0), by_record),
    ]
    rows = zip(map(code, classes), *columns, strict=False)
    return table(("class", f"{unit}s", "F1", "recall", "specificity", "precision"), list(rows))


def _derived(
    matrix: Matrix | None,
    n_classes: int,
    of_confusion: Callable[[Matrix], NDArray[np.float64]],
    stands_on: Callable[[Matrix], Matrix],
    by_record: bool,
) -> list[str]:
    """Return a score of each class that follows from the matrix; its interval only where records were drawn.

    Of patients the matrix knows nothing.
    """
    if matrix is None:
        return [NOT_MEASURED] * n_classes
    if not by_record:
        return [share(float(value)) for value in of_confusion(matrix)]
    both = of_confusion(np.concatenate([matrix[None], resample_confusion(matrix)]))
    scores = map(proportion_score, both.T, stands_on(matrix).tolist())
    return [score({"value": at.value, "low": at.low, "high": at.high}) for at in scores]


def _overall(found: Mapping[str, Any]) -> str:
    averaged = ", ".join(code(name) for name in listed(found, "averaged"))
    text = f"F1avg, the mean F1 of {averaged}: **{score(stated(found, 'f1_average'))}**; "
    balanced = stated(found, "balanced_accuracy")
    if balanced is not None:
        text += f"balanced accuracy, the mean recall of the classes that occur: {score(balanced)}; "
    text += f"accuracy: {score(stated(found, 'accuracy'))}"
    sizes = zip(listed(found, "support"), listed(found, "classes"), strict=False)
    known = [(size, name) for size, name in sizes if is_number(size) and size > 0]
    if not known:
        return f"{text}."
    most, name = max(known, key=lambda item: float(item[0]))
    return f"{text}, where always answering {code(name)} gets {share(most / sum(size for size, _ in known))}."


def _intervals(found: Mapping[str, Any], unit: str) -> str:
    by = plain(stated(found, "resampled") or NOT_STATED).replace("records", "recordings")
    others = by if unit == "heartbeat" else "recordings"
    text = (
        f"In brackets 95 % bootstrap intervals over {by}: what other {others} of the same kind would "
        "change, not what another training would."
    )
    scores = [stated(found, "accuracy"), *listed(found, "f1"), *listed(found, "recall")]
    if any(stated(item, "value") in (0, 1) for item in scores):
        text += " Where a score is 0 or 1 the bootstrap is blind; there stands the exact binomial interval."
    return text


def _confusion(classes: list[Any], matrix: Matrix) -> str:
    names = [code(name) for name in classes]
    rows = [[name, *map(count, row)] for name, row in zip(names, matrix.tolist(), strict=True)]
    return table(["", *names], rows)


def _mistakes(classes: list[Any], matrix: Matrix) -> str:
    """Say which classes are most often taken for which others, by their share of the true class."""
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    np.fill_diagonal(shares, 0.0)
    order = np.argsort(-shares, axis=None, kind="stable")[:_MISTAKES]
    words = [
        f"{percent(float(shares[true, guess]))} of {code(classes[true])} are called {code(classes[guess])}"
        for true, guess in zip(*np.unravel_index(order, shares.shape), strict=True)
        if shares[true, guess] > 0
    ]
    return f"The most frequent mistakes: {', '.join(words)}." if words else ""


def _prevalences(classes: list[Any], matrix: Matrix, unit: str) -> str:
    """Return the precision of each class where it is rarer, or more frequent, than here."""
    recall, specificity = recall_of_confusion(matrix), specificity_of_confusion(matrix)
    here = matrix.sum(axis=1) / matrix.sum()
    rows = []
    for name, found, spared, part in zip(classes, recall, specificity, here, strict=True):
        values = [precision_at(found, spared, prevalence) for prevalence in (part, *_PREVALENCES)]
        rows.append([code(name), percent(float(part)), *map(share, values)])
    others = [f"precision at {100 * prevalence:g} %" for prevalence in _PREVALENCES]
    return (
        f"Precision depends on how many of the {unit}s have a class. Where these are more, or fewer, and "
        "recall and specificity stay the same, it is:\n\n"
        f"{table(['class', 'share here', 'precision here', *others], rows)}"
    )
