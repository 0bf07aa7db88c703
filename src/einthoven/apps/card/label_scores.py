"""How often a model of several labels is right on recordings that the networks had not seen, by class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import TYPE_CHECKING, Any

from einthoven.apps.card.facts import NOT_MEASURED, NOT_STATED, count, percent, score, share
from einthoven.apps.card.label_choice import choice_section
from einthoven.apps.card.label_facts import (
    UNDEFINED,
    ClassFigures,
    answering_head,
    cell,
    challenge_metric,
    class_figures,
    decided_of,
    n_held_out,
)
from einthoven.apps.card.markdown import code, plain, sentence, table
from einthoven.bundle.facts import is_number, listed, objects, stated
from einthoven.inference.known_limits import MOST
from einthoven.inference.label_doubts import Doubt
from einthoven.metrics.confusion import precision_at
from einthoven.training.class_groups import FREQUENT
from einthoven.truth import MIN_POSITIVES

if TYPE_CHECKING:
    from einthoven.bundle import Bundle

_PREVALENCES = (0.01, 0.05, 0.2)
_DOUBTS = {
    "few": f"fewer than {MIN_POSITIVES} positives",
    "chance": "AUROC not surely above chance",
    "wrong": "more often wrong than right (precision)",
    "untried": "given to no held-out recording",
}
"""Words for the kinds of `Doubt`, in their order."""
_GROUPS = {
    FREQUENT: f"classes with at least {MIN_POSITIVES} positives",
    "challenge-2020": "classes of the CinC Challenge 2020",
    "ptbxl-superclasses": "superclasses of PTB-XL",
}
"""Words for the groups of classes that a provenance may state means of."""
_LEGEND = (
    "Positives: held-out recordings that have the class, of those in which somebody judged whether; the "
    "others count nothing. AUROC: how often a recording with the class gets a higher probability than one "
    "without, 0.5 by chance. AUPRC: mean precision over all thresholds; by chance it is the share of "
    "positives. Threshold: the probability from which on the class is given; what follows it stands on it. "
    "Recall (sensitivity): the share of positives that are given the class. Specificity: the share of the "
    "others that are not. Precision (positive predictive value): the share of the recordings given the class "
    f"that have it. F1: the harmonic mean of recall and precision. {UNDEFINED}: not defined, as no recording "
    "has the class, or none was given it."
)


def label_scores_section(bundle: Bundle) -> str:
    """Return scores of each class, which are not to be relied on or missed, means, and what decides."""
    rows = class_figures(bundle)
    warnings = [f"**Warning**: {plain(item)}." for item in listed(bundle.provenance, "warnings")]
    if not rows:
        return "\n\n".join([*warnings, sentence(NOT_MEASURED)])
    parts = [
        *warnings,
        _classes(rows),
        _unreliable(rows),
        _LEGEND,
        _intervals(bundle),
        _means(bundle),
        _prevalences(rows),
        choice_section(bundle),
    ]
    return "\n\n".join(filter(None, parts))


def label_headline(bundle: Bundle) -> str:
    """Return the figures that a reader takes away, what they stand on, and how many classes are of no use."""
    rows, n = class_figures(bundle), n_held_out(bundle.provenance)
    head = answering_head(bundle)
    told = [_mean_of(group, rows) for group in objects(head, "groups") if group.get("name") != FREQUENT]
    if not any(told):
        own = {
            "classes": [row.name for row in rows],
            "means": {"AUROC": stated(head, "ranking", "macro_auroc")},
        }
        told = [_mean_of(own, rows)]
    if not any(told) or not is_number(n):
        return f"How good it is: {NOT_MEASURED}."
    kind = "**simulated**" if stated(bundle.provenance, "simulated") else "held-out"
    name = plain(stated(bundle.provenance, "dataset", "name") or NOT_STATED)
    sizes = [row.n_positive for row in rows if is_number(row.n_positive)]
    said = f"Macro AUROC {', '.join(filter(None, told))}; {count(n)} {kind} recordings of {name}."
    if sizes:
        said += f" A class has {count(min(sizes))} to {count(max(sizes))} positives among them, "
        said += f"{count(median(sizes))} in the median."
    doubtful, missed = sum(not row.is_reliable for row in rows), sum(row.is_missed for row in rows)
    if doubtful == len(rows):
        return f"{said} **None of its {len(rows)} classes is to be relied on**, see Scores."
    return (f"{said} **{doubtful} of its {len(rows)} classes are not to be relied on where they are given, "
            f"{missed} are mostly missed**, see Scores.")  # fmt: skip


def _mean_of(group: Mapping[str, Any], rows: Sequence[ClassFigures]) -> str:
    """Return a mean AUROC and over which classes it is; empty if there is none."""
    mean = stated(group, "means", "AUROC")
    if not is_number(stated(mean, "value")):
        return ""
    words = _GROUPS.get(str(group.get("name")), "classes")
    return f"**{score(mean)}** over {_n_of(group, rows)} {words}"


def _n_of(group: Mapping[str, Any], rows: Sequence[ClassFigures]) -> str:
    """Return how many classes of a group the mean is over: those that can be ranked."""
    names = [str(name) for name in listed(group, "classes")]
    n = sum(row.name in names and is_number(stated(row.auroc, "value")) for row in rows)
    return f"{n}" if n == len(names) else f"{n} of the {len(names)}"


def _classes(rows: Sequence[ClassFigures]) -> str:
    headings = (
        "class",
        "positives",
        "AUROC",
        "AUPRC",
        "threshold",
        "recall",
        "specificity",
        "precision",
        "F1",
    )
    return table(
        headings,
        [
            (
                code(row.name),
                f"{count(row.n_positive)} of {count(row.n_judged)}",
                cell(row.auroc),
                cell(row.auprc),
                share(row.threshold),
                cell(row.recall),
                cell(row.specificity),
                cell(row.precision),
                cell(row.f1),
            )
            for row in rows
        ],
    )


def _unreliable(rows: Sequence[ClassFigures]) -> str:
    """Name the classes that are not to be relied on where given, each with its reason, and those missed."""
    named: dict[str, list[str]] = {kind: [] for kind in _DOUBTS}
    for row in rows:
        if row.doubt is not None:
            named[row.doubt.kind].append(_doubtful(row.name, row.doubt))
    words = [f"{_DOUBTS[kind]}: {', '.join(names)}" for kind, names in named.items() if names]
    n, missed = sum(map(len, named.values())), [row for row in rows if row.is_missed]
    parts = []
    if n:
        parts.append(f"**Not to be relied on where given**, {n} of {len(rows)} classes: {'; '.join(words)}. "
                     "An answer that gives one of them says so.")  # fmt: skip
    if missed:
        names = (f"{code(row.name)} ({cell_value(row.recall)})" for row in missed)
        parts.append(f"**Mostly missed**, so that it proves little if they are not given, {len(missed)} of "
                     f"{len(rows)} classes (recall below {MOST:g}): {', '.join(names)}.")  # fmt: skip
    return "\n\n".join(parts)


def _doubtful(name: str, doubt: Doubt) -> str:
    """Return a class with the figure that speaks against it."""
    if doubt.value is None:
        return code(name)
    return f"{code(name)} ({count(doubt.value) if doubt.kind == 'few' else share(doubt.value)})"


def cell_value(value: Any) -> str:
    """Return a score without its interval, or a dash."""
    return share(stated(value, "value")) if is_number(stated(value, "value")) else UNDEFINED


def _intervals(bundle: Bundle) -> str:
    by = plain(stated(answering_head(bundle), "ranking", "resampled") or NOT_STATED).replace(
        "records", "recordings"
    )
    unknown = stated(bundle.provenance, "held_out", "n_of_unknown_patients")
    alone = ""
    if by == "patients" and is_number(unknown) and unknown > 0:
        alone = ", where a recording of an unknown patient counts as a patient"
    return (
        f"In brackets 95 % bootstrap intervals over {by}{alone}: what other {by} of the same kind would "
        "change, not what another training would. Where a score is 0 or 1 the bootstrap is blind; there "
        "stands the exact binomial interval."
    )


def _means(bundle: Bundle) -> str:
    """Return means over groups of classes, and scores of whole answers."""
    head, rows = answering_head(bundle), class_figures(bundle)
    decided = decided_of(head, bundle)
    of_outputs = {str(group.get("name")): group for group in objects(decided, "groups")}
    lines = []
    for group in objects(head, "groups"):
        name = str(group.get("name"))
        ranked = [cell(stated(group, "means", measure)) for measure in ("AUROC", "AUPRC")]
        given = [cell(stated(of_outputs.get(name), "means", measure)) for measure in ("F1", "F2", "G2")]
        lines.append((_GROUPS.get(name, code(name)), _n_of(group, rows), *ranked, *given))
    every = {"classes": [row.name for row in rows]}
    ranked = [cell(stated(head, "ranking", f"macro_{measure}")) for measure in ("auroc", "auprc")]
    given = [cell(stated(decided, "table", f"macro_{name}")) for name in ("f1", "f_beta", "g_beta")]
    lines.append(("all", _n_of(every, rows), *ranked, *given))
    metric = challenge_metric(decided)
    challenge = "" if metric is None else (
        f"Challenge metric of 2020: {cell(metric)}. In it what nobody judged counts as absent and not given, "
        "and the challenge's own figures are of its hidden recordings: they do not compare. "
    )  # fmt: skip
    return (
        "Means over classes, in which a class of few recordings weighs as much as one of many:\n\n"
        f"{table(('over', 'classes', 'AUROC', 'AUPRC', 'F1', 'F2', 'G2'), lines)}\n\n"
        f"F2 counts a missed class more than a false one; G2 is hits over hits, false alarms and twice the "
        "misses. In both a recording weighs one over the number of its classes, which are those of the row. "
        f"{challenge}Given exactly the classes they have, as far as judged, are "
        f"{_part(stated(decided, 'table', 'exact_match'))} of the recordings."
    )


def _part(value: Any) -> str:
    low, high = stated(value, "low"), stated(value, "high")
    interval = f" ({percent(low)} to {percent(high)})" if is_number(low) and is_number(high) else ""
    return f"{percent(stated(value, 'value'))}{interval}"


def _prevalences(rows: Sequence[ClassFigures]) -> str:
    """Return the precision of the classes to be relied on where they are rarer, or more frequent."""
    lines = []
    for row in rows:
        recall, spared, precision = (
            stated(at, "value") for at in (row.recall, row.specificity, row.precision)
        )
        figures = (recall, spared, precision, row.n_positive, row.n_judged)
        if row.is_reliable and all(map(is_number, figures)) and row.n_judged > 0:
            there = [precision_at(recall, spared, prevalence) for prevalence in _PREVALENCES]
            lines.append(
                [code(row.name), percent(row.n_positive / row.n_judged), share(precision), *map(share, there)]
            )
    headings = (
        "class",
        "share here",
        "precision here",
        *(f"precision at {100 * p:g} %" for p in _PREVALENCES),
    )
    return "" if not lines else (
        "Precision depends on how many of the recordings have a class, and data sets hold more of the rare "
        "ones than a clinic sees. Where recall and specificity stay the same, the precision of the classes "
        f"that are not named as unreliable is:\n\n{table(headings, lines)}"
    )  # fmt: skip
