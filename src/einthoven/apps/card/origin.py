"""Where a model comes from: data, split, and whose figures the scores are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from einthoven.apps.card.facts import NOT_STATED, count, is_number, listed, objects, stated
from einthoven.apps.card.markdown import code, plain, table
from einthoven.training.ancestry import is_begun_afresh, kind_of

if TYPE_CHECKING:
    from einthoven.bundle import Bundle

_BY = {
    "recording": "by recording: the data set names no patients",
    "patient": "by patient: all recordings of a patient are on one side",
}
_UNSEEN = "on recordings it had not seen"
_UNSURE = (
    "on recordings that did not train it; what its initial weights or its teacher had seen is not known, and "
    "these may be among it"
)


def data_section(bundle: Bundle) -> str:
    """Return what the model learnt from and what it was judged by."""
    facts = bundle.provenance
    rows = [
        ("data set", _dataset(facts)),
        ("split", _split(facts)),
        ("lengths", _lengths(facts)),
        ("held out", _held_out(facts)),
    ]
    parts = [table(("", ""), [row for row in rows if row[1]]), whose_figures(bundle)]
    if stated(facts, "simulated"):
        parts.insert(0, "**SIMULATED recordings: no patient was measured.**")
    return "\n\n".join(filter(None, parts))


def whose_figures(bundle: Bundle) -> str:
    """Say which recordings the shipped networks learnt from, and which networks the figures are of."""
    facts = bundle.provenance
    networks, folds = objects(facts, "networks"), listed(facts, "held_out", "folds")
    if not networks or not folds:
        return f"What the figures are of: {NOT_STATED}."
    return f"{_learnt(facts, networks)}; {_judged(facts, networks, folds)}."


def _learnt(facts: Mapping[str, Any], networks: Sequence[Mapping[str, Any]]) -> str:
    name = "The shipped network" if len(networks) == 1 else f"Each of the {len(networks)} shipped networks"
    n, sizes = stated(facts, "dataset", "n_records"), [item.get("n_train") for item in networks]
    numbers = [float(size) for size in sizes if size is not None and is_number(size)]
    if not numbers:
        return f"{name} learnt from some recordings, how many is {NOT_STATED}"
    if all(size == n for size in sizes):
        return f"{name} learnt from all {count(n)} recordings"
    span = dict.fromkeys((min(numbers), max(numbers)))
    return f"{name} learnt from {' to '.join(map(count, span))} of {count(n)} recordings"


def _judged(facts: Mapping[str, Any], networks: Sequence[Mapping[str, Any]], folds: Sequence[Any]) -> str:
    unseen = _unseen(objects(facts, "judged_by") or networks)
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


def _unseen(judges: Sequence[Mapping[str, Any]]) -> str:
    """Say of what was scored that it was not seen, as far as that is known."""
    known = (item.get("is_origin_known", is_begun_afresh(item)) is True for item in judges)
    return _UNSEEN if all(known) else _UNSURE


def _judge_themselves(
    facts: Mapping[str, Any], networks: Sequence[Mapping[str, Any]], folds: Sequence[Any]
) -> bool:
    if judges := objects(facts, "judged_by"):
        hashes = [{str(item.get("weights_sha256")) for item in items} for items in (networks, judges)]
        return hashes[0] == hashes[1]
    return [item.get("fold") for item in networks] == list(folds)


def _dataset(facts: Mapping[str, Any]) -> str:
    name = stated(facts, "dataset", "name")
    if name is None:
        return NOT_STATED
    fingerprint = stated(facts, "dataset", "fingerprint")
    told = f", fingerprint {code(str(fingerprint)[:12])}" if fingerprint else ""
    n, published = stated(facts, "dataset", "n_records"), stated(facts, "dataset", "n_published")
    is_public = isinstance(stated(facts, "dataset"), Mapping) and kind_of(facts["dataset"]) == "public"
    if is_public and is_number(n) and is_number(published) and n < published:
        return f"{plain(name)}: {count(n)} of the {count(published)} public recordings were at hand{told}"
    return f"{plain(name)}, {count(n)} recordings{told}"


def _split(facts: Mapping[str, Any]) -> str:
    n_folds, kind = stated(facts, "split", "n_folds"), stated(facts, "split", "split")
    if n_folds is None:
        return NOT_STATED
    by = str(stated(facts, "split", "by"))
    seed = plain(stated(facts, "split", "split_seed"))
    words = [f"{count(n_folds)} stratified folds ({plain(kind)})", f"seed {seed}"]
    return ", ".join([*words, _BY.get(by, f"by patient or by recording: {NOT_STATED}")])


def _lengths(facts: Mapping[str, Any]) -> str:
    spans = [listed(item, "trained_s") for item in objects(facts, "networks")]
    found = [span for span in spans if len(span) == 3 and all(map(is_number, span))]
    if not found:
        return ""
    low, high = min(span[0] for span in found), max(span[2] for span in found)
    return f"it learnt from recordings of {low:.0f} to {high:.0f} s (median {found[0][1]:.0f} s)"


def _held_out(facts: Mapping[str, Any]) -> str:
    support, folds = listed(facts, "held_out", "table", "support"), listed(facts, "held_out", "folds")
    if not folds or not all(map(is_number, support)):
        return ""
    n_folds, part = stated(facts, "held_out", "n_folds"), stated(facts, "held_out", "part")
    words = f"{count(sum(support))} recordings, the {plain(part)} part"
    if len(folds) == n_folds:
        words += f" of all {count(n_folds)} folds"
    elif None not in folds:
        names = ", ".join(plain(fold) for fold in folds)
        words += f" of fold{'s' * (len(folds) > 1)} {names} of {count(n_folds)} (not all were run)"
    if part == "validation":
        words += "; they also decided when to stop, which flatters the figures"
    return words
