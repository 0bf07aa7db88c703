"""What was measured on recordings that the networks had not seen: scores, calibration, abstention."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from einthoven.apps.card.facts import (
    NOT_MEASURED,
    NOT_STATED,
    count,
    listed,
    objects,
    percent,
    score,
    share,
    stated,
)
from einthoven.apps.card.markdown import code, plain, sentence, table
from einthoven.apps.card.reliability import reliability_bins

if TYPE_CHECKING:
    from einthoven.bundle import Bundle

_NOT_MEASURED = sentence(NOT_MEASURED)


def scores_section(bundle: Bundle) -> str:
    """Return scores of each class and overall, with their intervals, and the confusion matrix."""
    found = stated(bundle.provenance, "held_out", "table")
    classes = listed(found, "classes")
    if not classes:
        return _NOT_MEASURED
    columns = [listed(found, name) for name in ("support", "f1", "recall")]
    rows = [
        (code(name), count(n), score(f1), score(recall))
        for name, n, f1, recall in zip(classes, *columns, strict=False)
    ]
    averaged = ", ".join(code(name) for name in listed(found, "averaged"))
    overall = [
        f"F1avg, the mean F1 of {averaged}: **{score(stated(found, 'f1_average'))}**",
        f"accuracy: {score(stated(found, 'accuracy'))}",
    ]
    by = plain(stated(found, "resampled") or NOT_STATED).replace("records", "recordings")
    return "\n\n".join(
        [
            table(("class", "recordings", "F1", "recall"), rows),
            f"{'; '.join(overall)}. In brackets 95 % bootstrap intervals over {by}.",
            "Confusion matrix: a row a true class, a column an answer.",
            _confusion(classes, found),
        ]
    )


def _confusion(classes: list[Any], found: Mapping[str, Any]) -> str:
    names = [code(name) for name in classes]
    matrix = [row for row in listed(found, "confusion") if isinstance(row, list | tuple)]
    rows = [[name, *map(count, row)] for name, row in zip(names, matrix, strict=False)]
    return table(["", *names], rows) if rows else _NOT_MEASURED


def calibration_section(bundle: Bundle, picture: str) -> str:
    """Return errors, the table of the reliability diagram, and a link to it.

    picture : the diagram's file, from the card's folder
    """
    found = stated(bundle.provenance, "calibrated")
    if stated(found, "calibration_error") is None:
        return _NOT_MEASURED
    before = stated(bundle.provenance, "held_out")
    errors = [
        (name, share(stated(before, key)), share(stated(found, key)))
        for name, key in (("expected calibration error", "calibration_error"), ("Brier score", "brier"))
    ]
    measured = (
        "on all held-out recordings; what is measured here is cross-fitted, each fold (or fifth of a single "
        "fold) by a temperature that was fitted on the others"
        if stated(found, "cross_fitted")
        else "on the held-out recordings that it is measured on here"
    )
    text = (
        f"Logits are divided by a temperature of {share(bundle.temperature)}. That one number was fitted "
        f"{measured}; it changes no answer.{_of_whom(bundle)}"
    )
    bins = [
        (f"{at.low:.2f} to {at.high:.2f}", count(at.n_records), share(at.confidence), share(at.accuracy))
        for at in reliability_bins(bundle)
    ]
    curve = table(("probability", "recordings", "mean probability", "share right"), bins)
    shown = [f"![Reliability diagram]({picture})", curve] if bins else ["Reliability curve: not measured."]
    return "\n\n".join([text, table(("", "before", "after"), errors), *shown])


def _of_whom(bundle: Bundle) -> str:
    """Say that single networks were measured where several answer together."""
    on = stated(bundle.provenance, "calibrated", "measured_on")
    if on is None or len(bundle.networks) == 1:
        return ""
    return (
        f" It was measured on {plain(on)}: what the networks say together is mostly less sure of itself, so "
        "that more is left unanswered than is stated here."
    )


def abstention_section(bundle: Bundle) -> str:
    """Return when the model says nothing, what that gains, and what other thresholds would."""
    at = bundle.abstention
    if at is None:
        return "It always answers."
    tested = "the probability of its answer" if bundle.vote == "majority" else "its highest probability"
    crossed = stated(bundle.provenance, "calibrated", "cross_fitted")
    fitted = (
        ", each by a threshold fitted on the others," if crossed else " that the threshold was fitted on,"
    )
    text = (
        f"It says nothing where {tested} is below {share(at.threshold)}. It then answers "
        f"{percent(at.coverage)} of the {count(at.n_records)} held-out recordings{fitted} "
        f"and {percent(at.kept_accuracy)} of these answers are right; if it always answered, "
        f"{percent(at.accuracy)} would be. A signal that carries no answer (flat, saturated, mostly missing) "
        "gets none either."
    )
    rows = [
        (
            percent(row.get("coverage")),
            count(row.get("n_answered")),
            share(row.get("threshold")),
            share(row.get("accuracy")),
            share(row.get("f1_average")),
        )
        for row in objects(bundle.provenance, "calibrated", "coverages")
    ]
    headings = ("answered", "recordings", "threshold", "accuracy of the answered", "F1avg of the answered")
    return f"{text}\n\n{table(headings, rows) if rows else 'Other thresholds: not measured.'}"
