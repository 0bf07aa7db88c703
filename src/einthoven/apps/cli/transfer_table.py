"""The table of `einthoven transfer`: a row a variant and unit, published accuracies in a column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any

from einthoven.apps.cli.deviations import deviations, in_words
from einthoven.apps.cli.output import Item, Layout, value_of
from einthoven.apps.cli.scores import ORIGIN_UNKNOWN, SPLIT_BY
from einthoven.apps.cli.table import Cell, Row, Table
from einthoven.apps.text import counted

if TYPE_CHECKING:
    from einthoven.metrics import Score
    from einthoven.training.evaluate import Evaluation
    from einthoven.training.transfer import Measured, VariantScores

PUBLISHED_HEADING = "published (PTB, random split)"
_MEASURES = ("accuracy", "balanced_accuracy", "f1", "auroc")
_FACTS = (
    *("n", "n_patients", "always", "n_trained", "n_weights", "recipe", "source", "dataset", "kind"),
    *("split_by", "part", "budget", "deviations", "epochs", "seconds", "folds", "n_folds", "is_origin_known"),
)


def trained_in_words(variant: str) -> str:
    """Say what learns.

    >>> [trained_in_words(name) for name in ("1", "3", "all", "scratch")]
    ['last layer', 'last 3 layers', 'all layers', 'from scratch']
    """
    if variant.isdecimal():
        return "last layer" if variant == "1" else f"last {variant} layers"
    return "all layers" if variant == "all" else f"from {variant}"


def transfer_items(
    scores: Sequence[VariantScores], published: Mapping[str, float], source: str
) -> list[dict[str, Any]]:
    """Return the rows: of each variant that of its heartbeats, and that of its recordings if there is one.

    scores : of the variants
    published : accuracy of heartbeats by variant, percent; it stands in the rows of heartbeats
    source : where the network comes from
    """
    items = []
    for one in scores:
        for unit, measured in (("heartbeat", one.beats), ("recording", one.recordings)):
            if measured is not None:
                stated = published.get(one.variant.name) if unit == "heartbeat" else None
                item = {
                    "variant": one.variant.name,
                    "unit": unit,
                    "scores": {name: _plain(getattr(measured, name)) for name in _MEASURES},
                    "published_accuracy": None if stated is None else round(stated / 100, 4),
                }
                items.append(item | _facts(one, measured, source))
    return items


def changed_settings(evaluation: Evaluation) -> dict[str, Any]:
    """Return where runs differ from the recipe's protocol, beside what makes a variant, and the split."""
    known = ("init", "split", "split_by", "trained")
    return {key: value for key, value in deviations(evaluation).items()
            if key not in known and not key.endswith(".train_last")}  # fmt: skip


def _facts(one: VariantScores, measured: Measured, source: str) -> dict[str, Any]:
    evaluation = one.evaluation
    return {
        "n": measured.n,
        "n_patients": measured.n_patients,
        "always": round(measured.always, 4),
        "classes": list(evaluation.protocol.classes),
        "n_trained": one.n_trained,
        "n_weights": one.n_weights,
        "recipe": evaluation.protocol.recipe,
        "source": source if one.variant.is_transferred else None,
        "dataset": evaluation.dataset,
        "kind": evaluation.kind,
        "split_by": evaluation.split_by,
        "part": evaluation.part,
        "budget": evaluation.budget,
        "deviations": changed_settings(evaluation),
        "epochs": {name: [fewest, most] for name, fewest, most in evaluation.epochs},
        "seconds": evaluation.seconds,
        "folds": list(evaluation.folds),
        "n_folds": evaluation.n_folds,
        "is_origin_known": evaluation.is_origin_known,
        "resampled": evaluation.table.resampled,
    }


def _plain(score: Score) -> dict[str, float | None]:
    values = {"value": score.value, "low": score.low, "high": score.high}
    return {key: round(value, 4) if isfinite(value) else None for key, value in values.items()}


def transfer_layout(items: Sequence[Item]) -> Layout:
    """Return how the rows are shown; the class that is looked for is the last one."""
    fields: dict[str, Any] = {"variant": value_of("variant"), "unit": value_of("unit")}
    for measure in _MEASURES:
        for key in ("value", "low", "high"):
            fields[measure if key == "value" else f"{measure}_{key}"] = _score_field(measure, key)
    fields |= {name: value_of(name) for name in ("published_accuracy", *_FACTS)}
    return Layout(lambda shown: _tables(shown, items), fields)


def _score_field(measure: str, key: str) -> Any:
    return lambda item: item["scores"][measure][key]


def _tables(shown: Sequence[Item], items: Sequence[Item]) -> list[Table]:
    """Return two forms: intervals beside the scores, and below them."""
    looked_for = items[0]["classes"][-1]
    headings = ("of each", "accuracy", "balanced", f"F1 of {looked_for}", "AUROC", PUBLISHED_HEADING)
    title = f"Scores in percent, 95 % intervals, by {items[0]['resampled']}"
    if items[0]["kind"] == "simulated":
        title = f"SIMULATED recordings. {title}"
    forms: list[list[Row]] = [[], []]
    for item in shown:
        above = (
            f"{trained_in_words(item['variant'])} ({item['n_trained']:,} of {item['n_weights']:,} weights)"
        )
        cells = [_cell(item["scores"][measure]) for measure in _MEASURES]
        published = item["published_accuracy"]
        last = Cell("" if published is None else f"{100 * published:.1f}")
        beside = [Cell(f"{cell.text} ({cell.below.replace('-', ' to ')})" if cell.below else cell.text)
                  for cell in cells]  # fmt: skip
        for rows, middle in zip(forms, (beside, cells), strict=True):
            rows.append(Row((Cell(item["unit"]), *middle, last), above=above))
    return [Table(headings, tuple(rows), title) for rows in forms]


def _cell(score: Mapping[str, float | None]) -> Cell:
    value, low, high = (score[key] for key in ("value", "low", "high"))
    if value is None or low is None or high is None:
        return Cell("")
    return Cell(f"{100 * value:.1f}", below=f"{100 * low:.1f}-{100 * high:.1f}")


def transfer_notes(items: Sequence[Item]) -> list[str]:
    """Say in two lines what the rows come from, and what the published column is not."""
    first = items[0]
    tested = [
        f"{counted(item['n'], item['unit'])} ({100 * item['always']:.1f} % of the most frequent class)"
        for item in items
        if item["variant"] == first["variant"]
    ]
    patients = [f"of {counted(first['n_patients'], 'patient')}"] if first["n_patients"] else []
    folds, changed = ", ".join(map(str, first["folds"])), in_words(first["deviations"])
    is_whole = len(first["folds"]) == first["n_folds"]
    words = [
        f"{' and '.join(tested)} {' '.join([*patients, ''])}in the {first['part']} part",
        SPLIT_BY[first["split_by"]],
        f"fold {folds} of {first['n_folds']}{'' if is_whole else ' (not all folds were run)'}",
        f"budget {first['budget']}{f' but {changed}' if changed else ''}",
        f"transferred from {first['source']}",
        *([] if first["is_origin_known"] else [ORIGIN_UNKNOWN]),
    ]
    where = "SIMULATED recordings" if first["kind"] == "simulated" else first["dataset"]
    return [
        f"{first['recipe']} on {where}: {'; '.join(words)}.",
        "Published accuracies are those of heartbeats of PTB split at random, one patient's on both sides: "
        "other data and, unless split at random here too, an easier question.",
    ]
