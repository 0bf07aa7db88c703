"""How a model was trained: recipe, settings, networks, versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from einthoven.apps.card.facts import NOT_STATED, count, share, unit_of
from einthoven.apps.card.markdown import call, code, plain, table
from einthoven.bundle.facts import is_number, listed, objects, stated

if TYPE_CHECKING:
    from einthoven.bundle import Bundle

# Parts of the training settings that are objects of their own, and the key of each one's name.
_TAGS = {"cut": "cut", "network": "network", "phases": "name", "augmentations": "augmentation"}


def training_section(bundle: Bundle) -> str:
    """Return recipe, settings, networks and versions."""
    facts = bundle.provenance
    training = stated(facts, "training")
    rows = [("recipe", f"{_known(facts, 'recipe')}, budget {_known(facts, 'budget')}")]
    for name, tag in _TAGS.items():
        part = stated(training, name)
        items = [part] if isinstance(part, Mapping) else objects(training, name)
        rows += [(name, ", ".join(call(item, tag) for item in items))] if items else []
    if isinstance(training, Mapping):
        others = [f"{key}={value}" for key, value in training.items() if key not in _TAGS]
        rows.append(("other settings", code(", ".join(others))))
    rows += [("versions", ", ".join(f"{plain(k)} {plain(v)}" for k, v in _versions(facts)))]
    return "\n\n".join(
        filter(
            None, (table(("", ""), rows), _networks(facts, unit_of(bundle)), _taught(facts), _heads(facts))
        )
    )


def _networks(facts: Mapping[str, Any], unit: str) -> str:
    headings = ("network", "fold kept back", "seed", f"{unit}s", "epochs", "weights, SHA-256")
    shipped, judges = objects(facts, "networks"), objects(facts, "judged_by")
    own = [item.get("weights_sha256") for item in shipped]
    rows = [_network("shipped", item) for item in shipped]
    rows += [_network("judged", item) for item in judges if item.get("weights_sha256") not in own]
    return table(headings, rows) if rows else ""


def _network(role: str, item: Mapping[str, Any]) -> tuple[str, ...]:
    fold = item.get("fold")
    epochs = ", ".join(" ".join(map(plain, phase)) for phase in listed(item, "epochs") if listed(phase))
    begun = f" from the weights {code(str(item['init'])[:12])}" if item.get("init") else ""
    kept = "none" if fold is None else plain(fold)
    digest = code(str(item.get("weights_sha256"))[:12])
    return role, kept, plain(item.get("seed")), count(item.get("n_train")), epochs + begun, digest


def _taught(facts: Mapping[str, Any]) -> str:
    networks = objects(facts, "networks")
    if not any(item.get("distilled") for item in networks):
        return ""
    weight = share(stated(facts, "training", "teacher_weight"))
    return (f"Distilled: a share of {weight} of the loss is a teacher's answers. Training refuses a teacher "
            "that learnt from a recording that tests its pupil.")  # fmt: skip


def _heads(facts: Mapping[str, Any]) -> str:
    """Say what was fitted behind the networks, and what was out of the ordinary in that."""
    fitted = [item for item in objects(facts, "networks") if item.get("head")]
    if not fitted:
        return ""
    sizes = [item["n_head_train"] for item in fitted if is_number(item.get("n_head_train"))]
    span = " to ".join(map(count, dict.fromkeys((min(sizes), max(sizes))))) if sizes else NOT_STATED
    text = f"Behind each network: support vector machines, fitted to {span} recordings that it kept back."
    unfit = max(len(listed(item, "head_notes")) for item in fitted)
    if unfit:
        text += (
            f" Of {count(unfit)} classes, at most, there was too little to learn, or nothing that ranks "
            "better than chance: there the answer is the share of the class, the same for every recording."
        )
    return text


def _versions(facts: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    found = stated(facts, "versions")
    return list(found.items()) if isinstance(found, Mapping) else [(NOT_STATED, "")]


def _known(facts: Mapping[str, Any], key: str) -> str:
    value = stated(facts, key)
    return NOT_STATED if value is None else code(value)
