"""How far probabilities can be believed, and when a model says nothing: measured on unseen recordings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from einthoven.apps.card.facts import NOT_MEASURED, count, listed, objects, percent, share, stated
from einthoven.apps.card.markdown import plain, sentence, table
from einthoven.apps.card.reliability import Bin, reliability_bins
from einthoven.inference.obstacles import MAX_MISSING, MAX_UNUSABLE

if TYPE_CHECKING:
    from einthoven.bundle import Bundle

_NOT_MEASURED = sentence(NOT_MEASURED)
_SOME = 0.01
_HIGHEST = "its highest probability"


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
    part = "fold" if len(listed(before, "folds")) > 1 else "fifth of the fold"
    measured = (
        f"the figures here are cross-fitted: each {part} is measured by a temperature fitted on the others"
        if stated(found, "cross_fitted")
        else "the figures here are of these very recordings, which flatters them"
    )
    text = (
        "Of the recordings that get a probability of 0.8, about 80 % should be answered right. To that end "
        f"logits are divided by a temperature of {share(bundle.temperature)}, which changes no answer. "
        f"It was fitted on all held-out recordings; {measured}.{_of_whom(bundle)}{_furthest_off(bundle)}"
    )
    bins = [
        (_span(at), count(at.n_records), share(at.confidence), share(at.accuracy))
        for at in reliability_bins(bundle)
    ]
    curve = table(("probability", "recordings", "mean probability", "share right"), bins)
    shown = [f"![Reliability diagram]({picture})", curve] if bins else ["Reliability curve: not measured."]
    return "\n\n".join([text, table(("", "before", "after"), errors), *shown])


def _span(at: Bin) -> str:
    return f"{at.low:.2f} to {at.high:.2f}"


def _furthest_off(bundle: Bundle) -> str:
    """Say where probabilities are furthest from the share of right answers, among bins of some size."""
    bins = reliability_bins(bundle)
    large = [at for at in bins if at.n_records >= _SOME * sum(item.n_records for item in bins)]
    if not large:
        return ""
    worst = max(large, key=lambda at: abs(at.confidence - at.accuracy))
    return (
        f" Furthest off, of the bins with at least {percent(_SOME)} of the recordings, is {_span(worst)}: a "
        f"mean probability of {share(worst.confidence)}, and {share(worst.accuracy)} are right."
    )


def _of_whom(bundle: Bundle) -> str:
    """Say that single networks were measured where several answer together."""
    on = stated(bundle.provenance, "calibrated", "measured_on")
    if on is None or len(bundle.networks) == 1:
        return ""
    return (
        f" That is of {plain(on)}: what the networks say together is mostly less sure of itself, so "
        "that more is left unanswered than is stated here."
    )


def abstention_section(bundle: Bundle) -> str:
    """Return when the model says nothing, what that gains, and what other thresholds would."""
    at = bundle.abstention
    if at is None:
        return "It always answers."
    is_voted = bundle.vote == "majority" and len(bundle.networks) > 1
    tested = "the probability of its answer" if is_voted else _HIGHEST
    crossed = stated(bundle.provenance, "calibrated", "cross_fitted")
    fitted = (
        ", each by a threshold fitted on the others," if crossed else " that the threshold was fitted on,"
    )
    text = (
        f"It says nothing where {tested} is below {share(at.threshold)}. It then answers "
        f"{percent(at.coverage)} of the {count(at.n_records)} held-out recordings{fitted} "
        f"and {percent(at.kept_accuracy)} of these answers are right; if it always answered, "
        f"{percent(at.accuracy)} would be."
    )
    if not is_voted and not at.can_abstain(len(bundle.labels)):
        text = (
            f"**It always answers**, sure or not: the highest of {len(bundle.labels)} probabilities is never "
            f"below its threshold, {share(at.threshold)}. Of the {count(at.n_records)} held-out recordings "
            f"{percent(at.accuracy)} are answered right."
        )
    text += (
        f" A lead that is flat or saturated for more than {percent(MAX_UNUSABLE)} of the time, or lacks more "
        f"than {percent(MAX_MISSING)} of its samples, gets no answer in any case, nor does what is no ECG."
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
