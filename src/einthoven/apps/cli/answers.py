"""How the answers of a model are shown: which columns, which names, and what is said once for many."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from einthoven.apps.cli.agreement import BETWEEN, Truth, agrees
from einthoven.apps.cli.output import Item, Layout, value_of
from einthoven.apps.cli.table import Cell, Row, Table
from einthoven.apps.text import counted

if TYPE_CHECKING:
    from einthoven.bundle.outline import Outline

NAMED = 3
"""So many recordings are named where a remark is said once for all of them."""
_UNSURE, _PROBABILITY = "not sure: ", " has a probability of "
NOUN = "recording"


def answer_layout(outlines: Sequence[Outline], truth: Truth | None = None) -> Layout:
    """Return how the answers of one of these models, or of several, are shown.

    truth : what stands beside them; None for nothing
    """
    return Layout(partial(_tables, outlines, truth), _fields(outlines, truth is not None), NOUN)


def _tables(outlines: Sequence[Outline], truth: Truth | None, items: Sequence[Item]) -> list[Table]:
    """Return the forms of the table: of several classes a recording also one with short names only."""
    of = {outline.name: outline for outline in outlines}
    used = [of[name] for name in dict.fromkeys(item["model"] for item in items if "error" not in item)]
    shown = used or list(outlines)
    meanings = {label.name: label.meaning for outline in shown for label in outline.labels}
    names = shown_names(items)
    said = [_remarks(item, of.get(item.get("model", ""))) for item in items]
    answered = {row for row, item in enumerate(items) if "error" not in item}
    own, marks, notes = shared_remarks(said, names, answered)
    if len(outlines) > 1 and len(used) == 1:
        notes.append(f"model {used[0].name} answered, chosen by the leads; --model chooses another")

    def form(in_words: bool) -> Table:
        columns = _columns(shown, meanings if in_words else {}, truth)
        headings = ["record", *columns, *(["note"] if any(marks) else [])]
        rows = []
        for row, item in enumerate(items):
            cells = [Cell(names[row]), *(show(item) for show in columns.values())]
            cells += [Cell(marks[row])] if any(marks) else []
            rows.append(Row(tuple(cells), Cell("; ".join(own[row]), "red" if "error" in item else "")))
        legend = [] if in_words else _legend(items, meanings)
        return Table(tuple(headings), tuple(rows), notes=(*notes, *legend))

    return [form(True), *([form(False)] if any("thresholds" in item for item in items) else [])]


def _columns(
    outlines: Sequence[Outline], meanings: Mapping[str, str], truth: Truth | None
) -> dict[str, Callable[[Item], Cell]]:
    def named(label: str) -> str:
        return f"{meanings[label]} ({label})" if label in meanings else label

    return {
        **({"truth": partial(_beside, outlines, truth)} if truth is not None else {}),
        **({"model": lambda item: Cell(item.get("model", ""))} if len(outlines) > 1 else {}),
        "answer": partial(_answer, named),
        **({"prob.": _prob} if not all(outline.is_multi_label for outline in outlines) else {}),
        "bpm": lambda item: _number(item.get("heart_rate"), ".0f"),
        "quality": lambda item: _number(item.get("quality", {}).get("score"), ".2f"),
    }


def _beside(outlines: Sequence[Outline], truth: Truth, item: Item) -> Cell:
    """Return the truth of an answer, marked where the answer is another, or cannot be compared with it."""
    if "truth" not in item:
        return Cell("")
    words, asked = (
        item["truth"] or "none",
        [one for one in outlines if one.name == item.get("model", one.name)],
    )
    found = [agrees(item, truth.compared(one), is_multi_label=one.is_multi_label) for one in asked]
    is_so = next((one for one in found if one is not None), None)
    if is_so is None:
        return Cell(f"{words} (?)", "yellow")
    return Cell(words) if is_so else Cell(f"{words} (!)", "red")


def _answer(named: Callable[[str], str], item: Item) -> Cell:
    if "error" in item:
        return Cell("failed", "red")
    if "thresholds" in item:
        return _several(named, item)
    words = BETWEEN.join(named(label) for label in item["labels"]) or "none of the labels"
    return Cell(f"not sure: {words}?", "yellow") if item["abstained"] else Cell(words, "bold")


def _several(named: Callable[[str], str], item: Item) -> Cell:
    """Return the classes given, each with its probability; if there is none, the nearest."""
    labels = item["labels"] or [_nearest(item)]
    parts = [f"{named(label)} {item['probs'][label]:.2f}" for label in labels]
    if not item["abstained"]:
        return Cell(BETWEEN.join(parts), "bold", parts=tuple(parts))
    before = "not sure: " if item["labels"] else "not sure, nearest "
    parts[0] = before + parts[0]
    parts[-1] += "?"
    return Cell(BETWEEN.join(parts), "yellow", parts=tuple(parts))


def _nearest(item: Item) -> str:
    # Here so that `--help` needs no NumPy.
    from einthoven.inference.prediction import nearest_class

    return nearest_class(item["probs"], item["thresholds"])


def _prob(item: Item) -> Cell:
    is_one = item.get("labels") and "thresholds" not in item
    return _number(item["probs"][item["labels"][0]] if is_one else None, ".2f")


def _number(value: float | None, form: str) -> Cell:
    return Cell("" if value is None else format(value, form))


def _legend(items: Sequence[Item], meanings: Mapping[str, str]) -> list[str]:
    """Say what the short names in the answers mean."""
    named = dict.fromkeys(
        label for item in items if "error" not in item for label in item["labels"] or [_nearest(item)]
    )
    return ["; ".join(f"{label}: {meanings[label]}" for label in named if label in meanings)]


def _remarks(item: Item, outline: Outline | None) -> list[str]:
    """Return what is to be said of an answer, in words that many share: the numbers stand beside them."""
    from einthoven.inference.prediction import NONE_REACHES

    if "error" in item:
        return [item["error"]]
    reason = item["abstain_reason"]
    if reason and reason.startswith(NONE_REACHES):
        reason = NONE_REACHES
    elif (
        reason
        and _UNSURE in reason
        and _PROBABILITY in reason
        and outline is not None
        and outline.abstention is not None
    ):
        reason = f"{_UNSURE}the probability is below {outline.abstention.threshold:.2f}"
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


def _fields(outlines: Sequence[Outline], with_truth: bool) -> Mapping[str, Callable[[Item], Any]]:
    """Return the columns of the CSV; it begins before anybody knows which of several models will answer."""

    def prob_of(label: str) -> Callable[[Item], Any]:
        return lambda item: item.get("probs", {}).get(label)

    before = ("record", "path", "model", "model_version", "leads_used", "labels")
    after = ("abstained", "abstain_reason", "warnings", "error", *(("truth",) if with_truth else ()))
    return {
        **{name: value_of(name) for name in before},
        **{f"prob_{label.name}": prob_of(label.name) for outline in outlines for label in outline.labels},
        "heart_rate": value_of("heart_rate"),
        "quality": lambda item: item.get("quality", {}).get("score"),
        **{name: value_of(name) for name in after},
    }
