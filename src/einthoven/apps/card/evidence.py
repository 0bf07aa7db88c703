"""How far probabilities can be believed, and when a model says nothing: measured on unseen recordings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from einthoven.apps.card.facts import NOT_MEASURED, count, percent, share, unit_of
from einthoven.apps.card.markdown import plain, sentence, table
from einthoven.apps.card.reliability import SOME, bin_span, furthest_off, reliability_bins
from einthoven.bundle.facts import listed, objects, stated
from einthoven.inference.obstacles import MAX_MISSING, MAX_UNUSABLE

if TYPE_CHECKING:
    from einthoven.bundle import Abstention, Bundle

_NOT_MEASURED = sentence(NOT_MEASURED)
_HIGHEST = "its highest probability"


def calibration_section(bundle: Bundle, picture: str) -> str:
    """Return errors, the table of the reliability diagram, and a link to it.

    picture : the diagram's file, from the card's folder
    """
    found, things = stated(bundle.provenance, "calibrated"), f"{unit_of(bundle)}s"
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
        else f"the figures here are of these very {things}, which flatters them"
    )
    text = (
        f"Of the {things} that get a probability of 0.8, about 80 % should be answered right. To that end "
        f"{_scaled(bundle)} divided by a temperature of {share(bundle.temperature)}, which changes no "
        f"answer. It was fitted on all held-out {things}; {measured}.{_of_whom(bundle)}"
        f"{_furthest_off(bundle)}"
    )
    bins = [
        (bin_span(at), count(at.n_records), share(at.confidence), share(at.accuracy))
        for at in reliability_bins(bundle)
    ]
    curve = table(("probability", things, "mean probability", "share right"), bins)
    shown = [f"![Reliability diagram]({picture})", curve] if bins else ["Reliability curve: not measured."]
    return "\n\n".join([text, table(("", "before", "after"), errors), *shown])


def _scaled(bundle: Bundle) -> str:
    return "logits are" if bundle.chain is None else "the logarithms of what the chain gives are"


def _furthest_off(bundle: Bundle) -> str:
    """Say where probabilities are furthest from the share of right answers, among bins of some size."""
    worst = furthest_off(bundle)
    if worst is None:
        return ""
    return (
        f" Furthest off, of the bins with at least {percent(SOME)} of the {unit_of(bundle)}s, is "
        f"{bin_span(worst)}: a mean probability of {share(worst.confidence)}, and {share(worst.accuracy)} "
        "are right."
    )


def _of_whom(bundle: Bundle) -> str:
    """Say that single networks were measured where several answer together."""
    on = stated(bundle.provenance, "calibrated", "measured_on")
    if on is None or len(bundle.networks) == 1:
        return ""
    less = "more is left unanswered" if bundle.cut is None else "it is sure of fewer heartbeats"
    return (
        f" That is of {plain(on)}: what the networks say together is mostly less sure of itself, so "
        f"that {less} than is stated here."
    )


def abstention_section(bundle: Bundle) -> str:
    """Return when the model says nothing, what that gains, and what other thresholds would.

    A model of heartbeats names them all, and says of which it is not sure.
    """
    at = bundle.abstention
    if at is None:
        return "It always answers."
    if bundle.cut is not None:
        return "\n\n".join((_unsure(bundle, at), _others(bundle)))
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
    return "\n\n".join((text, _others(bundle)))


def _unsure(bundle: Bundle, at: Abstention) -> str:
    """Say of which heartbeats a model is not sure."""
    crossed = stated(bundle.provenance, "calibrated", "cross_fitted")
    fitted = "each by a threshold fitted on the others" if crossed else "on which the threshold was fitted"
    text = (
        "It names every heartbeat, and says that it is not sure of those whose highest probability is below "
        f"{share(at.threshold)}. It is sure of {percent(at.coverage)} of the {count(at.n_records)} held-out "
        f"heartbeats, {fitted}, and {percent(at.kept_accuracy)} of these are named right; of all, "
        f"{percent(at.accuracy)} are."
    )
    if not at.can_abstain(len(bundle.labels)):
        text = (
            f"**It is always sure**: the highest of {len(bundle.labels)} probabilities is never below its "
            f"threshold, {share(at.threshold)}. Of the {count(at.n_records)} held-out heartbeats "
            f"{percent(at.accuracy)} are named right."
        )
    return (
        f"{text} Where the lead is too high, mostly hum or no ECG, or what was found are hardly heartbeats, "
        "it says so, and none of them is to be believed. Stretches without signal, or with hum, noise or no "
        "ECG in place of one, are left out by `einthoven beats`, not in the scores above."
    )


def _others(bundle: Bundle) -> str:
    """Return what other thresholds would do."""
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
    what = "answered" if bundle.cut is None else "sure"
    headings = (what, f"{unit_of(bundle)}s", "threshold", f"accuracy of the {what}", f"F1avg of the {what}")
    return table(headings, rows) if rows else "Other thresholds: not measured."
