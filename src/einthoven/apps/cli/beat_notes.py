"""What is said below scores of heartbeats: what they come from, and how classes are mixed up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from einthoven.apps.cli.output import Item
from einthoven.apps.text import counted
from einthoven.datasets.dataset import first_few

WAYS = {"annotated": "at annotated R peaks", "found": "at R peaks that it finds"}


def beat_notes(items: Sequence[Item]) -> list[str]:
    """Say below a table what measured rows come from, and how classes are mixed up."""
    ways = {item["way"]: item for item in items if "way" in item}
    item = next(iter(ways.values()))
    name = f"{item['model']} {item['model_version']}"
    part = f", part {item['part']}" if item["part"] else ""
    counts = (
        f"{counted(item['n_records'], 'heartbeat')} of {counted(item['n_recordings'], 'recording')} and "
        f"{counted(item['n_patients'], 'patient')}"
    )
    head = f"{name}: {item['dataset']}{part}; {counts}; ventricular flutter left out"
    notes = [f"{head}. 95 % intervals, by {item['resampled']}.", *_origin(item), *_left_out(item)]
    notes = [*_unbelieved(item), *notes]
    return [*notes, *(line for of_way in ways.values() for line in _way_notes(of_way))]


def _unbelieved(item: Item) -> list[str]:
    """Say, before anything else, of which recordings the model itself says that no answer is to be believed.

    Obstacles of a kind are told once; the figures in the first one's words are its own.
    """
    kinds: dict[str, list[tuple[str, str]]] = {}
    for name, reason in item["obstacles"].items():
        kind, _, details = reason.partition(": ")
        kinds.setdefault(kind, []).append((name, details))
    if not kinds:
        return []
    reasons = []
    for kind, found in kinds.items():
        name, details = found[0]
        such = f" ({name}: {details})" if details else ""
        reasons.append(f"{kind} in {', '.join(name for name, _ in found)}{such}")
    n = counted(item["n_recordings"], "recording")
    return [f"{item['model']} says itself that its answers to {len(item['obstacles'])} of {n} are not to be "
            f"believed, though they count here: {'; '.join(reasons)}"]  # fmt: skip


def _origin(item: Item) -> list[str]:
    """Say, if it is so, that a model learnt from recordings that it was scored on, or from their patients."""
    notes, model = [], item["model"]
    if n := len(item["seen"]):
        which = (
            "all of these recordings"
            if n == item["n_recordings"] + item["n_failed"]
            else ", ".join(item["seen"])
        )
        notes.append(f"{which} trained {model}, or stopped its training: the scores are flattered")
    if item["same_patient"]:
        names = first_few(item["same_patient"])
        notes.append(
            f"{names}: other recordings of the same patient trained {model}: the scores are flattered"
        )
    if item["learnt_from_it"] == "unknown":
        notes.append(f"what {model} learnt from is not all stated: these recordings may be among it")
    return notes


def _left_out(item: Item) -> list[str]:
    notes = []
    if item["failed"]:
        n = item["n_failed"] + item["n_recordings"]
        reasons = "; ".join(f"{name}: {reason}" for name, reason in item["failed"].items())
        notes.append(f"{item['n_failed']} of {n} recordings could not be used and are left out: {reasons}")
    if item["paced"]:
        notes.append(
            f"paced: {', '.join(item['paced'])}; EC57 leaves these out, and so do ds1 and ds2 (--part)"
        )
    return notes


def _way_notes(item: Item) -> list[str]:
    sure = "" if item["sure_accuracy"] is None else f", {100 * item['sure_accuracy']:.1f} % of these right"
    facts = (
        f"sure of {100 * item['coverage']:.1f} %{sure}; calibration error {item['calibration_error']:.3f}; "
        f"Brier score {item['brier']:.3f}; annotated class (row) by answer (column):"
    )
    lines = confusion_lines(item["classes"], item["confusion"])
    return [f"{WAYS[item['way']]}: {facts}", *lines, _average_note(item["average"])]


def _average_note(average: Mapping[str, Mapping[str, float | None]]) -> str:
    """Say the means over recordings; a class that is in none of them is left out.

    >>> _average_note({"recall": {"N": 0.9912, "V": 0.5, "Q": None}, "precision (EC57)": {"N": 1.0}})
    'average over recordings, %: recall N 99.1, V 50.0; precision (EC57) N 100.0'
    """
    parts = []
    for measure, of_classes in average.items():
        shown = ", ".join(f"{name} {100 * v:.1f}" for name, v in of_classes.items() if v is not None)
        if shown:
            parts.append(f"{measure} {shown}")
    return f"average over recordings, %: {'; '.join(parts)}"


def confusion_lines(classes: Sequence[str], confusion: Sequence[Sequence[int]]) -> list[str]:
    """Return a confusion matrix as lines, without rows and columns "none" where nothing is in them.

    >>> confusion_lines(["N", "V", "none"], [[90, 2, 0], [1, 7, 0], [0, 0, 0]])
    ['      N  V', '  N  90  2', '  V   1  7']
    """
    n = len(classes)
    if not any(confusion[-1]) and not any(row[-1] for row in confusion):
        n -= 1
    cells = [
        ["", *classes[:n]],
        *([name, *map(str, row[:n])] for name, row in zip(classes[:n], confusion, strict=False)),
    ]
    widths = [max(len(row[k]) for row in cells) for k in range(n + 1)]
    return [
        "  "
        + "  ".join(
            [
                row[0].ljust(widths[0]),
                *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)),
            ]
        )
        for row in cells
    ]
