"""How far the probabilities of a model of several labels can be believed, and when it gives no class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from einthoven.apps.card.facts import NOT_MEASURED, count, percent, share
from einthoven.apps.card.label_choice import parts_of, rule_of
from einthoven.apps.card.label_facts import answering_head, class_figures, decided_of, n_held_out
from einthoven.apps.card.markdown import plain, sentence, table
from einthoven.apps.card.reliability import bin_span, furthest_off, reliability_bins
from einthoven.bundle.facts import is_number, stated
from einthoven.decisions.rules import THRESHOLD_RULES
from einthoven.inference.contradictions import contradiction
from einthoven.inference.obstacles import MAX_MISSING, MAX_UNUSABLE
from einthoven.inference.unexplained_rhythm import EXPLANATIONS, FIBRILLATION, MAX_CHANGE, NORMAL
from einthoven.inference.usable_leads import MIN_USABLE

if TYPE_CHECKING:
    from einthoven.bundle import Bundle


def label_calibration_section(bundle: Bundle, picture: str) -> str:
    """Return errors, the table of the reliability diagram of all classes together, and a link to it.

    picture : the diagram's file, from the card's folder
    """
    found = stated(bundle.provenance, "calibrated")
    if stated(found, "calibration_error") is None:
        return sentence(NOT_MEASURED)
    errors = [
        ("expected calibration error", share(stated(found, "calibration_error")), ""),
        ("Brier score", share(stated(found, "brier")), _idle_brier(bundle)),
    ]
    bins = reliability_bins(bundle)
    rows = [(bin_span(at), count(at.n_records), share(at.confidence), share(at.accuracy)) for at in bins]
    headings = ("probability", "pairs", "mean probability", "share that have the class")
    shown = [
        f"![Reliability diagram]({picture})",
        "All classes together, each pair of a recording and a class that was judged:",
        table(headings, rows),
    ]
    return "\n\n".join(
        [
            _how_calibrated(bundle),
            table(("mean over classes", "this model", "always saying each class's share"), errors),
            "Most probabilities are close to 0, as most classes are rare: both figures are small for that "
            f"alone, and they hide what single classes are off by.{_worst(bundle)}",
            *(shown if bins else ["Reliability curve: not measured."]),
        ]
    )


def _how_calibrated(bundle: Bundle) -> str:
    rule = THRESHOLD_RULES.get(str(rule_of(bundle)))
    meant = "Of the recordings that get a probability of 0.3 for a class, about 30 % should have it. "
    if rule is not None and rule.fitted_on == "training":
        return (
            f"{meant}Nothing was done to that end: the probabilities are the network's own, as it gives them."
        )
    return (
        f"{meant}To that end logits are divided by a temperature of {share(bundle.temperature)}, one for "
        "all classes, which does not change how a class ranks the recordings. It was fitted on all held-out "
        f"recordings; the figures here are cross-fitted: each {parts_of(bundle)} is measured by a "
        f"temperature fitted on the others.{_of_whom(bundle)}"
    )


def _of_whom(bundle: Bundle) -> str:
    """Say that single networks were measured where several answer together."""
    on = stated(bundle.provenance, "calibrated", "measured_on")
    if on is None or len(bundle.networks) == 1:
        return ""
    return (
        f" That is of {plain(on)}: the mean of what several say is mostly closer to the middle, so that it "
        "reaches high thresholds less often than is stated here, and low ones more often."
    )


def _worst(bundle: Bundle) -> str:
    worst = furthest_off(bundle)
    if worst is None:
        return ""
    return (
        f" Furthest off, of the bins with at least 1 % of the pairs, is {bin_span(worst)}: a mean "
        f"probability of {share(worst.confidence)}, and {share(worst.accuracy)} have the class."
    )


def _idle_brier(bundle: Bundle) -> str:
    """Return the Brier score of giving every recording the share of each class."""
    shares = [
        row.n_positive / row.n_judged
        for row in class_figures(bundle)
        if is_number(row.n_positive) and is_number(row.n_judged) and row.n_judged > 0
    ]
    return share(sum(p * (1 - p) for p in shares) / len(shares)) if shares else ""


def label_abstention_section(bundle: Bundle) -> str:
    """Return when the model gives no class, how often that was, and what it needs of the leads."""
    n = n_held_out(bundle.provenance)
    unanswered = stated(decided_of(answering_head(bundle), bundle), "n_unanswered")
    if bundle.at_least_one:
        text = (
            "Where no class reaches its threshold, it gives the one that misses its own least, and says that "
            "it is not sure."
        )
    else:
        text = (
            "Where no class reaches its threshold, it gives none and says that it is not sure. That does "
            "not mean that the ECG is normal."
        )
        if is_number(unanswered) and is_number(n) and n > 0:
            text += f" So it was with {count(unanswered)} of the {count(n)} held-out recordings "
            text += f"({percent(unanswered / n)})."
    text += _of_rhythm(bundle) + _of_contradictions(bundle)
    text += " There is no further limit on how sure it must be."
    return f"{text}\n\n{_of_signal(bundle)}"


def _of_rhythm(bundle: Bundle) -> str:
    """Say that a normal rhythm is doubted where it is irregular, if the model knows both."""
    names = [label.name for label in bundle.labels]
    normal = [name for name in names if name in NORMAL]
    if FIBRILLATION not in names or not normal:
        return ""
    reasons = [name for name in names if name in EXPLANATIONS]
    one_of = f"one of {', '.join(reasons)}" if len(reasons) > 1 else reasons[0]
    return (
        f" Nor is it sure where {' or '.join(normal)} is among the classes though the R-R intervals change "
        f"by more than {percent(MAX_CHANGE)} from beat to beat, as in atrial fibrillation, unless {one_of} "
        "is among them too."
    )


def _of_contradictions(bundle: Bundle) -> str:
    """Say that classes that exclude each other are doubted, if the model has such classes."""
    pairs = [(one, other) for one in bundle.labels for other in bundle.labels if contradiction((one, other))]
    if not pairs:
        return ""
    one, other = pairs[0]
    return f" Nor is it sure of classes that contradict each other, such as {one.name} and {other.name}."


def _of_signal(bundle: Bundle) -> str:
    """Say what signals get no answer, and what becomes of leads that are not there."""
    unusable = (
        f"flat or saturated for more than {percent(MAX_UNUSABLE)} of the time, lacks more than "
        f"{percent(MAX_MISSING)} of its samples, has gaps, is mostly hum or shows no heartbeats"
    )
    no_beats = ", or of which no lead has reliable heartbeats" if len(bundle.input.leads) > 1 else ""
    if not bundle.input.may_lack_leads or len(bundle.input.leads) < 2:
        return (
            f"A recording of which a lead is {unusable}, is marked as not to be believed in any case, and so "
            f"is what is no ECG{no_beats}."
        )
    n = len(bundle.input.leads)
    return (
        f"It does not need all {n} leads. Limb leads that are not there are computed from two of I, II and "
        "III; in place of others, and of a lead that is "
        f"{unusable}, it reads zeros, as it did in training, and the answer names these leads. Where fewer "
        f"than {MIN_USABLE} leads can be used, none of them has reliable heartbeats, or what there is is no "
        "ECG, the answer is marked as not to be believed. **All figures on this page are of recordings with "
        f"all {n} leads**: how good it is with fewer, the bundle does not state."
    )
