"""Tables of scores where a recording may have several classes: a row a way to decide, then a row a class."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from einthoven.apps.cli.output import Item, Layout, value_of
from einthoven.apps.cli.scores import FACTS, OVERALL, named_scores, run_facts, score_cell, score_field
from einthoven.apps.cli.table import Cell, Row, Table

if TYPE_CHECKING:
    from einthoven.metrics import OutputTable, RankingTable, Score
    from einthoven.training.class_groups import GroupScores
    from einthoven.training.head_scores import HeadScores
    from einthoven.training.label_evaluation import LabelEvaluation

OVERALL_MEASURES = ("challenge metric", "AUROC", "AUPRC", "accuracy", "F1", "F2", "G2")
"""Columns of the table of sources; accuracy is the share of recordings given just the classes they have."""
FREQUENT = "frequent"
"""Beside `OVERALL` among the scores of a measure: the mean over the classes with ten positives or more."""
FREQUENT_MEASURES = ("AUROC", "AUPRC", "F1", "F2", "G2")
"""Columns of the table of these means."""
CLASS_MEASURES = ("precision", "recall", "F1", "F2", "G2", "AUROC", "AUPRC")
"""Columns of the table of classes."""
PRIMARY = "out-of-fold"
"""The rule whose classes are shown one by one."""
RULES: Mapping[str, str] = {
    "fixed": "0.5 each",
    "singstad2018": "thresholds by the paper's way, from the selected model's training scores",
    "out-of-fold": "thresholds for F2 and G2",
    "exact": "the best thresholds for F2 and G2",
    "f1": "thresholds for F1",
    "challenge": "thresholds for the challenge metric",
}
"""What each of `THRESHOLD_RULES` does, in words; `rule_words` adds what fits those that are cross-fitted."""
OF_SOURCES = "; where a source is left out, over those of which it has ten recordings and others any"
TITLE = "Scores in percent, 95 % intervals; means over all classes; accuracy: exactly the right classes"
FREQUENT_TITLE = "Means over the {} classes with ten positives or more"


def rule_words(rule: str, n_folds: int) -> str:
    """Say what thresholds are for, and where a rule is cross-fitted what they are fitted on.

    n_folds : that decide each other; of a single one, parts do

    >>> rule_words("f1", 9)
    "thresholds for F1, each fold's from the others"
    >>> rule_words("f1", 1)
    "thresholds for F1, each part of the fold's from its other parts"
    """
    from einthoven.decisions import THRESHOLD_RULES

    if THRESHOLD_RULES[rule].fitted_on != "out-of-fold":
        return RULES[rule]
    fitted = "each fold's from the others" if n_folds > 1 else "each part of the fold's from its other parts"
    return f"{RULES[rule]}, {fitted}"


def label_items(
    evaluation: LabelEvaluation, source: str, facts: Mapping[str, Any], n_folds: int
) -> list[dict[str, Any]]:
    """Return a row for each measure of each head and way to decide, with the facts it comes from.

    n_folds : that decide each other: where a source is left out, of all sources that were
    """
    items = []
    for head in evaluation.heads:
        known = {**facts, "head": head.head, "calibration_error": head.calibration_error, "brier": head.brier,
                 "n_records": head.ranking.n_records, "resampled": head.ranking.resampled,
                 "n_deciding_folds": n_folds}  # fmt: skip
        for decided in head.decided:
            where = f"{source}{_left_out(evaluation)}, {_name(head)}, {rule_words(decided.rule, n_folds)}"
            measures = label_measures(decided.table, head.ranking, decided.challenge)
            name = OVERALL if evaluation.split_by == "source" else FREQUENT
            measures = over_frequent(measures, (*head.groups, *decided.groups), name)
            for measure, scores in measures.items():
                items.append(
                    {
                        "source": where,
                        "measure": measure,
                        "scores": scores,
                        "rule": decided.rule,
                        "thresholds": dict(zip(head.ranking.classes, decided.thresholds, strict=True)),
                        "support": dict(zip(head.ranking.classes, head.ranking.support, strict=True)),
                        "frequent_classes": frequent_classes(head.groups),
                        **known,
                    }
                )
    return items


def is_primary(item: Item) -> bool:
    """Tell whether a row's classes are shown one by one: those of the primary rule, and published ones."""
    return bool(item.get("rule", PRIMARY) == PRIMARY)


def label_layout(items: Sequence[Item], by_class: Callable[[Item], bool] = is_primary) -> Layout:
    """Return how these rows are shown: sources first, then the classes of some of them."""
    found = dict.fromkeys(name for item in items for name in item["scores"])
    names = [*_classes(found), OVERALL, *(name for name in found if name == FREQUENT)]
    fields: dict[str, Any] = {name: value_of(name) for name in ("source", "measure")}
    for name in names:
        for key in ("value", "low", "high"):
            fields[name if key == "value" else f"{name}_{key}"] = score_field(name, key)
    fields |= {name: value_of(name) for name in ("head", "rule", *FACTS)}

    def further(shown: Sequence[Item]) -> list[list[Table]]:
        return [*_frequent_tables(shown), *_class_tables(shown, by_class)]

    return Layout(_overall_tables, fields, further=further)


def label_note(item: Item) -> str:
    """Say in one line what the numbers of a run come from."""
    dataset = "SIMULATED recordings, no patient was measured" if item["simulated"] else str(item["dataset"])
    words = [dataset, *run_facts(item), {"source": "each source left out in turn"}.get(
        item["split_by"], f"split by {item['split_by']}")]  # fmt: skip
    words += ["thresholds and machines cross-fitted within the fold"] if item["n_deciding_folds"] == 1 else []
    return f"{item['recipe']}: {'; '.join(words)}. 95 % intervals, by {item['resampled']}."


def _left_out(evaluation: LabelEvaluation) -> str:
    if evaluation.split_by != "source" or len(evaluation.folds) != 1:
        return ""
    return f", {evaluation.source or f'source {evaluation.folds[0]}'} left out"


def over_frequent(
    measures: Mapping[str, dict[str, dict[str, float | None]]],
    groups: Sequence[GroupScores],
    name: str = FREQUENT,
) -> dict[str, dict[str, dict[str, float | None]]]:
    """Add means over the classes with ten positives or more to scores of measures, under a name."""
    means = {
        measure: named_scores((), (), score)[OVERALL]
        for group in groups
        if group.name == FREQUENT
        for measure, score in group.means.items()
    }
    return {
        measure: scores | ({name: means[measure]} if measure in means else {})
        for measure, scores in measures.items()
    }


def frequent_classes(groups: Sequence[GroupScores]) -> list[str]:
    """Return the classes with ten positives or more, as far as the networks learnt any."""
    return [name for group in groups if group.name == FREQUENT for name in group.classes]


def _classes(names: Iterable[str]) -> list[str]:
    return [name for name in names if name not in (OVERALL, FREQUENT)]


def _name(head: HeadScores) -> str:
    return "the network's own head" if head.head == "sigmoid" else f"SVM head ({head.head})"


def label_measures(
    table: OutputTable, ranking: RankingTable | None, challenge: Score | None
) -> dict[str, dict[str, dict[str, float | None]]]:
    """Return each measure's scores, by class and overall, as JSON holds them; None leaves measures out."""
    known: dict[str, tuple[Sequence[Score], Score | None]] = {
        "precision": (table.precision, None),
        "recall": (table.recall, None),
        "F1": (table.f1, table.macro_f1),
        "F2": (table.f_beta, table.macro_f_beta),
        "G2": (table.g_beta, table.macro_g_beta),
        "accuracy": ((), table.exact_match),
        **({} if challenge is None else {"challenge metric": ((), challenge)}),
    }
    if ranking is not None:
        known["AUROC"] = (ranking.auroc, ranking.macro_auroc)
        known["AUPRC"] = (ranking.auprc, ranking.macro_auprc)
    return {
        name: named_scores(table.classes, of_classes, overall)
        for name, (of_classes, overall) in known.items()
    }


def _by_source(items: Sequence[Item]) -> dict[str, dict[str, Item]]:
    found: dict[str, dict[str, Item]] = {}
    for item in items:
        found.setdefault(item["source"], {})[item["measure"]] = item
    return found


def _overall_tables(items: Sequence[Item]) -> list[Table]:
    simulated = "SIMULATED recordings. " if any(item.get("simulated") for item in items) else ""
    by_source = any(item.get("split_by") == "source" for item in items)
    title = f"{simulated}{TITLE}{OF_SOURCES if by_source else ''}"
    return _means_tables(items, OVERALL, OVERALL_MEASURES, title)


def _frequent_tables(items: Sequence[Item]) -> list[list[Table]]:
    """Return the table of means over the classes with ten positives or more, if there are any."""
    told = [item for item in items if FREQUENT in item["scores"]]
    if not told:
        return []
    sizes = dict.fromkeys(f"{len(item['frequent_classes'])} of {len(item['support'])}" for item in told)
    return [_means_tables(told, FREQUENT, FREQUENT_MEASURES, FREQUENT_TITLE.format(" or ".join(sizes)))]


def _means_tables(items: Sequence[Item], of: str, measures: Sequence[str], title: str) -> list[Table]:
    """Return a row a source of one kind of means, in both forms of the table."""
    sources = {name: own for name, own in _by_source(items).items()
               if any(of in item["scores"] for item in own.values())}  # fmt: skip
    shown = [name for name in measures if any(name in own for own in sources.values())]
    cells = {name: tuple(score_cell(own.get(measure, {"scores": {}}), of) for measure in shown)
             for name, own in sources.items()}  # fmt: skip
    beside = tuple(Row((Cell(name), *own)) for name, own in cells.items())
    above = tuple(Row(own, above=name) for name, own in cells.items())
    return [Table(("", *shown), beside, title), Table(tuple(shown), above, title)]


def _class_tables(items: Sequence[Item], by_class: Callable[[Item], bool]) -> list[list[Table]]:
    """Return a table of the classes of each source whose rows are to be shown so."""
    tables = []
    for name, own in _by_source(items).items():
        first = next(iter(own.values()))
        if not by_class(first):
            continue
        classes = next(filter(None, (_classes(item["scores"]) for item in own.values())), [])
        measures = [measure for measure in CLASS_MEASURES if measure in own]
        support = first.get("support", {})
        rows = tuple(
            Row((Cell(cls), Cell(str(support.get(cls, ""))), *(score_cell(own[m], cls) for m in measures)))
            for cls in classes
        )
        if rows:
            tables.append([Table(("class", "n", *measures), rows, name)])
    return tables
