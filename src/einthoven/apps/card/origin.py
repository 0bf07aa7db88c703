"""Where a model comes from: data, split, and whose figures the scores are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from einthoven.apps.card.facts import NOT_STATED, count, unit_of
from einthoven.apps.card.label_facts import class_figures, n_held_out
from einthoven.apps.card.markdown import code, plain, table
from einthoven.bundle.facts import is_number, listed, objects, stated
from einthoven.training.ancestry import bundle_ancestry, is_begun_afresh, kind_of

if TYPE_CHECKING:
    from einthoven.bundle import Bundle

_BY = {
    "recording": "by recording: the data set names no patients",
    "patient": "by patient: all {unit}s of a patient are on one side",
    "beat": "by beat: one patient's beats are on both sides, which flatters the figures",
    "source": "by source: each source that is large enough is left out in turn, whole",
}
_UNSEEN_BEATS = {
    "recording": "on heartbeats of recordings it had not seen",
    "patient": "on heartbeats of patients it had not seen",
    "beat": "on heartbeats it had not seen, of patients that it had",
}
_UNSURE = (
    "on {unit}s that did not train it; what its initial weights or its teacher had seen is not known, and "
    "these may be among it"
)
_PARTS = {
    "ds1": "DS1 of de Chazal et al. 2004 without recording 201, whose patient is in DS2 too",
    "ds1-classical": "DS1 of de Chazal et al. 2004",
    "inter-patient": "DS1 of de Chazal et al. 2004 trains, but for recording 201, whose patient is in DS2 "
    "too; DS2 tests",
    "inter-patient-classical": "DS1 of de Chazal et al. 2004 trains and DS2 tests; recordings 201 and 202, "
    "one on each side, are of one patient",
}
"""What is meant by parts of MIT-BIH."""


def data_section(bundle: Bundle) -> str:
    """Return what the model learnt from and what it was judged by."""
    facts, unit = bundle.provenance, unit_of(bundle)
    rows = [
        ("data set", _dataset(facts, unit)),
        ("sources", _sources(facts)),
        ("part", _part(facts)),
        ("split", _split(facts, unit)),
        # The length of a heartbeat is that of the cut.
        ("lengths", _lengths(facts) if bundle.cut is None else ""),
        ("held out", _held_out(facts, unit)),
        ("patients", _patients(facts)),
        ("classes", _labels_held_out(bundle)),
    ]
    parts = [table(("", ""), [row for row in rows if row[1]]), whose_figures(bundle)]
    if stated(facts, "simulated"):
        parts.insert(0, "**SIMULATED recordings: no patient was measured.**")
    return "\n\n".join(filter(None, parts))


def whose_figures(bundle: Bundle) -> str:
    """Say which recordings the shipped networks learnt from, and which networks the figures are of."""
    facts, unit = bundle.provenance, unit_of(bundle)
    networks, folds = objects(facts, "networks"), listed(facts, "held_out", "folds")
    if not networks or not folds:
        return f"What the figures are of: {NOT_STATED}."
    return f"{_learnt(facts, networks, unit)}; {_judged(facts, networks, folds, unit)}."


def _learnt(facts: Mapping[str, Any], networks: Sequence[Mapping[str, Any]], unit: str) -> str:
    name = "The shipped network" if len(networks) == 1 else f"Each of the {len(networks)} shipped networks"
    n, sizes = stated(facts, "dataset", "n_records"), [item.get("n_train") for item in networks]
    numbers = [float(size) for size in sizes if size is not None and is_number(size)]
    if not numbers:
        return f"{name} learnt from some {unit}s, how many is {NOT_STATED}"
    of = _of_recordings(facts) if unit == "heartbeat" else ""
    if all(size == n for size in sizes):
        return f"{name} learnt from all {count(n)} {unit}s{of}"
    span = dict.fromkeys((min(numbers), max(numbers)))
    return f"{name} learnt from {' to '.join(map(count, span))} of {count(n)} {unit}s{of}"


def _of_recordings(facts: Mapping[str, Any]) -> str:
    """Say how many recordings the heartbeats that trained are of, where they are listed."""
    lists = [part.records for part in bundle_ancestry(facts).parts if part.role == "trained"]
    known = [records for records in lists if records is not None]
    if not known or len(known) < len(lists):
        return ""
    return f", which are of {count(len(frozenset().union(*known)))} recordings"


def _judged(
    facts: Mapping[str, Any], networks: Sequence[Mapping[str, Any]], folds: Sequence[Any], unit: str
) -> str:
    by = str(stated(facts, "split", "by"))
    unseen = _unseen(objects(facts, "judged_by") or networks, unit, by)
    if _judge_themselves(facts, networks, folds):
        if len(networks) == 1:
            return f"the figures are its own, {unseen}"
        return (
            f"the figures are those of each network alone, {unseen}; what they answer together was not "
            "measured"
        )
    differing = ", ".join(map(code, listed(facts, "judges_differ_in")))
    kind = f"that differ from it in {differing}" if differing else "of the same kind"
    which = f"the {len(folds)} fold networks" if len(folds) > 1 else "one fold network"
    return f"the figures are those of {which} {kind}, each {unseen}"


def _unseen(judges: Sequence[Mapping[str, Any]], unit: str, by: str) -> str:
    """Say of what was scored that it was not seen, as far as that is known."""
    known = (item.get("is_origin_known", is_begun_afresh(item)) is True for item in judges)
    if not all(known):
        return _UNSURE.format(unit=unit)
    unseen = f"on {unit}s it had not seen"
    return _UNSEEN_BEATS.get(by, unseen) if unit == "heartbeat" else unseen


def _judge_themselves(
    facts: Mapping[str, Any], networks: Sequence[Mapping[str, Any]], folds: Sequence[Any]
) -> bool:
    if judges := objects(facts, "judged_by"):
        hashes = [{str(item.get("weights_sha256")) for item in items} for items in (networks, judges)]
        return hashes[0] == hashes[1]
    return [item.get("fold") for item in networks] == list(folds)


def _dataset(facts: Mapping[str, Any], unit: str) -> str:
    name = stated(facts, "dataset", "name")
    if name is None:
        return NOT_STATED
    fingerprint = stated(facts, "dataset", "fingerprint")
    told = f", fingerprint {code(str(fingerprint)[:12])}" if fingerprint else ""
    n, published = stated(facts, "dataset", "n_records"), stated(facts, "dataset", "n_published")
    is_public = isinstance(stated(facts, "dataset"), Mapping) and kind_of(facts["dataset"]) == "public"
    is_counted = is_public and unit == "recording" and is_number(n) and is_number(published)
    if is_counted and n < published:
        return f"{plain(name)}: {count(n)} of the {count(published)} public recordings were at hand{told}"
    return f"{plain(name)}, {count(n)} {unit}s{told}"


def _sources(facts: Mapping[str, Any]) -> str:
    """Return how many recordings each source has, the largest first, empty if that is not stated."""
    found = stated(facts, "dataset", "sources")
    known = {name: n for name, n in found.items() if is_number(n)} if isinstance(found, Mapping) else {}
    return ", ".join(f"{plain(name)} {count(n)}" for name, n in sorted(known.items(), key=lambda of: -of[1]))


def _patients(facts: Mapping[str, Any]) -> str:
    """Return of how many patients the recordings of several labels are that were held out."""
    known, unknown = (stated(facts, "held_out", f"n_{of}") for of in ("patients", "of_unknown_patients"))
    n = n_held_out(facts)
    if not all(map(is_number, (known, unknown, n))):
        return ""
    if known == 0:
        return "not known: two recordings of one patient may lie on both sides of the split"
    words = f"{count(known)} of {count(n - unknown)} recordings"
    if unknown:
        words += f"; of the other {count(unknown)} recordings the patient is not known"
    return words


def _labels_held_out(bundle: Bundle) -> str:
    """Say in how many of the held-out recordings the classes were judged, of a model of several labels."""
    rows = [row for row in class_figures(bundle) if is_number(row.n_judged) and is_number(row.n_positive)]
    if not rows:
        return ""
    judged = [row.n_judged for row in rows]
    span = " to ".join(map(count, dict.fromkeys((min(judged), max(judged)))))
    return (
        f"{len(rows)}; whether a recording has one was judged in {span} of them, the others count nothing "
        "for it; how many have each stands under Scores"
    )


def _part(facts: Mapping[str, Any]) -> str:
    """Return which part of the data set was used, empty if that is all of it."""
    part = stated(facts, "split", "part")
    if not part:
        return ""
    words = _PARTS.get(str(part)) if stated(facts, "dataset", "name") == "mitdb" else None
    return code(part) + (f": {words}" if words else "")


def _split(facts: Mapping[str, Any], unit: str) -> str:
    n_folds, kind = stated(facts, "split", "n_folds"), stated(facts, "split", "split")
    if n_folds is None:
        return NOT_STATED
    by = str(stated(facts, "split", "by"))
    seed = plain(stated(facts, "split", "split_seed"))
    words = [f"{count(n_folds)} stratified folds ({plain(kind)})", f"seed {seed}"]
    told = _BY.get(by, f"by patient or by recording: {NOT_STATED}")
    return ", ".join([*words, told.format(unit=unit)])


def _lengths(facts: Mapping[str, Any]) -> str:
    spans = [listed(item, "trained_s") for item in objects(facts, "networks")]
    found = [span for span in spans if len(span) == 3 and all(map(is_number, span))]
    if not found:
        return ""
    low, high = min(span[0] for span in found), max(span[2] for span in found)
    return f"it learnt from recordings of {low:.0f} to {high:.0f} s (median {found[0][1]:.0f} s)"


def _held_out(facts: Mapping[str, Any], unit: str) -> str:
    support, folds = listed(facts, "held_out", "table", "support"), listed(facts, "held_out", "folds")
    if not folds or not all(map(is_number, support)):
        return ""
    of_labels = n_held_out(facts)
    n_folds, part = stated(facts, "held_out", "n_folds"), stated(facts, "held_out", "part")
    sizes = [(name, stated(facts, "held_out", f"n_{name}")) for name in ("recordings", "patients")]
    # Of several labels the patients have a row of their own.
    known = [(name, size) for name, size in sizes if is_number(size) and of_labels is None]
    whose = " and ".join(f"{count(size)} {name}" for name, size in known)
    n = of_labels if is_number(of_labels) else sum(support)
    words = f"{count(n)} {unit}s{f' of {whose}' if whose else ''}, the {plain(part)} part"
    if len(folds) == n_folds:
        words += f" of all {count(n_folds)} folds"
    elif None not in folds:
        names = ", ".join(plain(fold) for fold in folds)
        words += f" of fold{'s' * (len(folds) > 1)} {names} of {count(n_folds)} (not all were run)"
    if part == "validation":
        words += "; they also decided when to stop, which flatters the figures"
    return words
