"""How the answers of a model are shown: which columns, which names, and what is said once for many."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from einthoven.apps.cli.output import Item, Layout, value_of
from einthoven.apps.cli.table import Cell, Row, Table
from einthoven.apps.text import counted

if TYPE_CHECKING:
    from einthoven.inference.runtime import Model

NAMED = 3
"""So many recordings are named where a remark is said once for all of them."""
_UNSURE = "not sure: "
NOUN = "recording"


def answer_layout(model: Model, *, with_truth: bool = False) -> Layout:
    """Return how the answers of a model are shown."""
    columns = _columns(model, with_truth)
    abstention = model.bundle.abstention
    threshold = abstention.threshold if abstention else None

    def tables(items: Sequence[Item]) -> list[Table]:
        names = shown_names(items)
        said = [_remarks(item, threshold) for item in items]
        answered = {row for row, item in enumerate(items) if "error" not in item}
        own, marks, notes = shared_remarks(said, names, answered)
        headings = ["record", *columns, *(["note"] if any(marks) else [])]
        rows = []
        for row, item in enumerate(items):
            cells = [Cell(names[row]), *(show(item) for show in columns.values())]
            cells += [Cell(marks[row])] if any(marks) else []
            rows.append(Row(tuple(cells), Cell("; ".join(own[row]), "red" if "error" in item else "")))
        return [Table(tuple(headings), tuple(rows), notes=tuple(notes))]

    return Layout(tables, _fields(model, with_truth), NOUN)


def is_right(item: Item) -> bool:
    """Tell whether the answer is the one that the truth is."""
    return bool(item.get("labels", [])[:1] == [item["truth"]])


def _columns(model: Model, with_truth: bool) -> dict[str, Callable[[Item], Cell]]:
    meanings = {label.name: label.meaning for label in model.bundle.labels}

    def named(label: str) -> str:
        return f"{meanings[label]} ({label})" if label in meanings else label

    def answer(item: Item) -> Cell:
        if "error" in item:
            return Cell("failed", "red")
        words = " + ".join(named(label) for label in item["labels"]) or "none of the labels"
        return Cell(f"not sure: {words}?", "yellow") if item["abstained"] else Cell(words, "bold")

    def truth(item: Item) -> Cell:
        if "truth" not in item:
            return Cell("")
        return Cell(item["truth"]) if is_right(item) else Cell(f"{item['truth']} (!)", "red")

    return {
        **({"truth": truth} if with_truth else {}),
        "answer": answer,
        "prob.": lambda item: _number(
            item["probs"][item["labels"][0]] if item.get("labels") else None, ".2f"
        ),
        "bpm": lambda item: _number(item.get("heart_rate"), ".0f"),
        "quality": lambda item: _number(item.get("quality", {}).get("score"), ".2f"),
    }


def _number(value: float | None, form: str) -> Cell:
    return Cell("" if value is None else format(value, form))


def _remarks(item: Item, threshold: float | None) -> list[str]:
    """Return what is to be said of an answer, in words that many share: the numbers stand beside them."""
    if "error" in item:
        return [item["error"]]
    reason = item["abstain_reason"]
    if reason and reason.startswith(_UNSURE) and threshold is not None:
        reason = f"{_UNSURE}the probability is below {threshold:.2f}"
    return list(dict.fromkeys([*filter(None, [reason]), *item["warnings"]]))


def shared_remarks(
    remarks: Sequence[Iterable[str]], names: Sequence[str], answered: set[int]
) -> tuple[list[list[str]], list[str], list[str]]:
    """Take out what is said of several recordings, to say it once.

    Parameters
    ----------
    remarks : of each recording
    names : of the recordings
    answered : rows of those that got an answer

    Returns
    -------
    What only one recording has, for each; for each the numbers of the notes that apply to it, except of
    those that say so themselves, since they apply to all or name the few; and the notes.
    """
    rows_of: dict[str, list[int]] = {}
    for row, lines in enumerate(remarks):
        for line in lines:
            rows_of.setdefault(line, []).append(row)
    own: list[list[str]] = [[] for _ in remarks]
    marks: list[list[str]] = [[] for _ in remarks]
    notes = []
    n_marked = 0
    for line, rows in rows_of.items():
        n = counted(len(rows), NOUN)
        if len(rows) == 1:
            own[rows[0]].append(line)
        elif len(rows) == len(own):
            notes.append(f"all {n}: {line}")
        elif set(rows) == answered:
            notes.append(f"all {n} that got an answer: {line}")
        elif len(rows) <= NAMED:
            notes.append(f"{n} ({', '.join(names[row] for row in rows)}): {line}")
        else:
            n_marked += 1
            notes.append(f"note {n_marked}, {n}: {line}")
            for row in rows:
                marks[row].append(str(n_marked))
    return own, [", ".join(numbers) for numbers in marks], notes


def shown_names(items: Sequence[Item]) -> list[str]:
    """Return what each recording is called in a table: by its name, where others have that too by its path.

    The path begins below the folder that all recordings lie in, and has no ending unless two recordings of
    one name lie in the same folder.
    """
    names = [str(item["record"]) for item in items]
    for with_ending in (False, True):
        often = Counter(names)
        if len(often) == len(names):
            break
        below = _paths_below([item["path"] for item in items])
        for row, item in enumerate(items):
            if often[names[row]] > 1 and item["path"]:
                path = below[row] if with_ending else below[row].parent / str(item["record"])
                names[row] = path.as_posix()
    return names


def _paths_below(paths: Sequence[str]) -> list[Path]:
    """Return paths from the folder that all of them lie in."""
    absolute = [Path(path).absolute() for path in paths]
    try:
        common = os.path.commonpath(
            [path.parent for path, given in zip(absolute, paths, strict=True) if given]
        )
    except ValueError:
        # Nothing is common to the drives of Windows.
        return absolute
    return [path.relative_to(common) if given else path for path, given in zip(absolute, paths, strict=True)]


def _fields(model: Model, with_truth: bool) -> Mapping[str, Callable[[Item], Any]]:
    def prob_of(label: str) -> Callable[[Item], Any]:
        return lambda item: item.get("probs", {}).get(label)

    before = ("record", "path", "model", "model_version", "leads_used", "labels")
    after = ("abstained", "abstain_reason", "warnings", "error", *(("truth",) if with_truth else ()))
    return {
        **{name: value_of(name) for name in before},
        **{f"prob_{label}": prob_of(label) for label in model.labels},
        "heart_rate": value_of("heart_rate"),
        "quality": lambda item: item.get("quality", {}).get("score"),
        **{name: value_of(name) for name in after},
    }
