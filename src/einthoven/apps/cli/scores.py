"""Tables of scores: a row a source and measure, a column a class, intervals in brackets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any

from einthoven.apps.cli.deviations import in_words
from einthoven.apps.cli.output import Item, Layout, value_of
from einthoven.apps.cli.table import Cell, Row, Table
from einthoven.apps.text import counted

if TYPE_CHECKING:
    from einthoven.metrics import Score, ScoreTable
    from einthoven.recipes import ExpectedRow, ExpectedTable

MEASURES = ("F1", "recall")
BEAT_MEASURES = (*MEASURES, "precision", "balanced accuracy")
"""Of heartbeats; AAMI EC57 calls recall sensitivity, and precision positive predictivity."""
EC57 = " (EC57)"
"""Ends the names of measures of heartbeats that leave out what EC57 ignores."""
OVERALL = "overall"
SPLIT_BY = {
    "beat": "split by beat: one patient's beats are on both sides, which flatters the figures",
    "patient": "split by patient",
    "recording": "split by recording: no patients are known",
}
ORIGIN_UNKNOWN = "what the initial weights had seen is not known: these recordings may be among it"
FACTS = (
    *(
        "dataset",
        "kind",
        "simulated",
        "recipe",
        "deviations",
        "is_origin_known",
        "unit",
        "split_by",
        "part",
        "budget",
        "epochs",
        "folds",
        "n_folds",
    ),
    *("model", "model_version", "learnt_from_it", "n_records", "n_failed", "coverage"),
    *("way", "n_recordings", "n_patients"),
    *("calibration_error", "brier", "resampled"),
)


def measured_items(
    source: str, table: ScoreTable, facts: Mapping[str, Any], measures: Sequence[str] = MEASURES
) -> list[dict[str, Any]]:
    """Return the rows of a table that was measured, each with the facts it comes from."""
    counts = {
        "n_records": table.n_records,
        "resampled": table.resampled,
        "confusion": [list(row) for row in table.confusion],
    }
    return [
        {"source": source, "measure": measure, "scores": _scores(table, measure), **facts, **counts}
        for measure in measures
    ]


def published_items(table: ExpectedTable, row: ExpectedRow) -> list[dict[str, Any]]:
    """Return the rows of a published table, which are in percent, as far as they are stated."""
    percents: dict[str, tuple[tuple[float | None, ...], float | None]] = {
        "F1": (row.f1, row.f1_average),
        "recall" if row.recall else "accuracy": (row.recall, row.accuracy),
        "precision": (row.precision, None),
        "balanced accuracy": ((), row.balanced_accuracy),
        **{name: ((), value) for name, value in row.measures},
    }
    items = []
    for measure, (of_classes, overall) in percents.items():
        # Whoever states some classes leaves the others empty, so that the columns keep their order.
        named = dict(zip(table.classes, of_classes, strict=True)) if of_classes else {}
        named |= {} if overall is None else {OVERALL: overall}
        scores = {name: {"value": None if v is None else round(v / 100, 4)} for name, v in named.items()}
        if scores:
            items.append({"source": f"{table.title}, {row.name}", "measure": measure, "scores": scores})
    return items


def _scores(table: ScoreTable, measure: str) -> dict[str, dict[str, float | None]]:
    of_classes, overall = {
        "F1": (table.f1, table.f1_average),
        "recall": (table.recall, table.accuracy),
        "precision": (table.precision, None),
        "balanced accuracy": ((), table.balanced_accuracy),
    }[measure]
    return named_scores(table.classes, of_classes, overall)


def named_scores(
    classes: Sequence[str], of_classes: Sequence[Score], overall: Score | None = None
) -> dict[str, dict[str, float | None]]:
    """Return scores as JSON holds them, by class, and overall; `of_classes` may be empty.

    >>> from einthoven.metrics import Score
    >>> named_scores(("N",), (Score(0.91234, 0.9, 0.92),))
    {'N': {'value': 0.9123, 'low': 0.9, 'high': 0.92}}
    """
    named = dict(zip(classes, of_classes, strict=True)) if of_classes else {}
    named |= {} if overall is None else {OVERALL: overall}
    return {
        name: {key: score_value(getattr(score, key)) for key in ("value", "low", "high")}
        for name, score in named.items()
    }


def score_value(value: float) -> float | None:
    """Return a score as JSON can hold it: of a class without recordings there is none."""
    return round(value, 4) if isfinite(value) else None


def score_layout(items: Sequence[Item]) -> Layout:
    """Return how rows of scores are shown; the title says so if one of them was simulated."""
    names = [*dict.fromkeys(name for item in items for name in item["scores"] if name != OVERALL), OVERALL]
    fields: dict[str, Any] = {"source": value_of("source"), "measure": value_of("measure")}
    for name in names:
        for key in ("value", "low", "high"):
            fields[name if key == "value" else f"{name}_{key}"] = score_field(name, key)
    fields |= {name: value_of(name) for name in FACTS}
    return Layout(lambda shown: _tables(shown, names), fields)


def _tables(items: Sequence[Item], names: Sequence[str]) -> list[Table]:
    """Return three forms: sources beside the scores, sources above them, and intervals below them too."""
    title = "Scores in percent, 95 % intervals; overall: mean F1, accuracy"
    if any(item["measure"] == "precision" for item in items):
        title += "; recall is sensitivity, precision positive predictivity (+P)"
    if any(item["measure"].endswith(EC57) for item in items):
        title += (
            f". Rows{EC57}: V for an F or Q beat, and S for a Q beat, are neither right nor wrong; in the "
            "others every confusion counts"
        )
    if any(item.get("simulated") for item in items):
        title = f"SIMULATED recordings. {title}"
    cells = [tuple(score_cell(item, name) for name in names) for item in items]
    beside = [Row((Cell(item["source"]), Cell(item["measure"]), *map(_beside, scores)))
              for item, scores in zip(items, cells, strict=True)]  # fmt: skip
    above, below = (
        [Row((Cell(item["measure"]), *map(form, scores)), above=item["source"])
         for item, scores in zip(items, cells, strict=True)]
        for form in (_beside, lambda cell: cell)
    )  # fmt: skip
    return [
        Table(("", "score", *names), tuple(beside), title),
        Table(("score", *names), tuple(above), title),
        Table(("score", *names), tuple(below), title),
    ]


def score_cell(item: Item, name: str) -> Cell:
    """Return a score with its interval below it."""
    score = {key: value for key, value in item["scores"].get(name, {}).items() if value is not None}
    interval = f"{100 * score['low']:.1f}-{100 * score['high']:.1f}" if "low" in score else ""
    return Cell(f"{100 * score['value']:.1f}", below=interval) if "value" in score else Cell("")


def _beside(cell: Cell) -> Cell:
    return Cell(f"{cell.text} ({cell.below.replace('-', ' to ')})" if cell.below else cell.text)


def score_field(name: str, key: str) -> Any:
    """Return the function that looks up a number of a class's score."""
    return lambda item: item["scores"].get(name, {}).get(key)


def note_of(item: Item) -> str:
    """Say in one line what the numbers of a measured row come from."""
    dataset = "SIMULATED recordings, no patient was measured" if item["simulated"] else str(item["dataset"])
    words = [dataset, *(run_facts(item) if "recipe" in item else _model_facts(item))]
    words.append(f"calibration error {item['calibration_error']:.3f}")
    words.append(f"Brier score {item['brier']:.3f}")
    name = item["recipe"] if "recipe" in item else f"{item['model']} {item['model_version']}"
    return f"{name}: {'; '.join(words)}. 95 % intervals, by {item['resampled']}."


def run_facts(item: Item) -> list[str]:
    """Say how many recordings runs held out, and how they were trained."""
    epochs = ", ".join(f"{name} {_range(*n)}" for name, n in item["epochs"].items())
    folds = ", ".join("all" if fold is None else str(fold) for fold in item["folds"])
    is_whole, changed = len(item["folds"]) == item["n_folds"], in_words(item["deviations"])
    return [
        f"{counted(item['n_records'], item['unit'])} of the {item['part']} part",
        *([SPLIT_BY[item["split_by"]]] if item["unit"] == "heartbeat" else []),
        f"budget {item['budget']}{f' but {changed}' if changed else ''}",
        f"epochs: {epochs}",
        f"fold {folds} of {item['n_folds']}{'' if is_whole else ' (not all folds were run)'}",
        *([] if item["is_origin_known"] else [ORIGIN_UNKNOWN]),
    ]


def _model_facts(item: Item) -> list[str]:
    n, n_failed = item["n_records"], item["n_failed"]
    failed = [f"{n_failed} of {n + n_failed} could not be used and are left out"] if n_failed else []
    return [
        counted(n, "recording"),
        *failed,
        f"sure of {100 * item['coverage']:.1f} %",
    ]


def _range(low: int, high: int) -> str:
    return str(low) if low == high else f"{low} to {high}"
