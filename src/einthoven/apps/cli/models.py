"""`einthoven models`: what can answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from einthoven.apps.cli.output import (
    FormatOption,
    Item,
    Layout,
    ResultsOption,
    check_output,
    emit,
    plain_layout,
    say_wrote,
)
from einthoven.apps.cli.table import Table
from einthoven.atomic import written_atomically
from einthoven.errors import SettingsError

if TYPE_CHECKING:
    from einthoven.bundle import Bundle

MAX_IN_WORDS = 8
"""Of a model of more labels the table has their names only."""


def models(
    bundles: Annotated[
        list[str] | None,
        typer.Argument(metavar="MODEL", show_default=False, help="Names of shipped models, bundle files."),
    ] = None,
    card: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="Write each one's model card there: NAME.md, NAME-reliability.svg."
        ),
    ] = None,
    wanted: FormatOption = None,
    output: ResultsOption = None,
) -> None:
    """List the models that come with the package, or describe bundles; write their model cards.

    [bold]Examples[/bold]

    einthoven models

    einthoven models my.einthoven --format json

    einthoven models beats --card cards
    """
    from einthoven.inference.shipped import open_model, shipped_models
    from einthoven.training.ancestry import bundle_ancestry

    check_output(wanted, output)
    found = [open_model(name) for name in bundles or shipped_models()]
    if card is not None:
        emit(write_cards(found, card), plain_layout(("name", "card", "picture"), "model"), wanted, output)
        return
    items = [describe(bundle) for bundle in found]
    shown = ["name", "version", "task", "labels", "networks", "f1_average", "abstains_below", "coverage"]
    if any(not bundle.single_label for bundle in found):
        shown.insert(shown.index("f1_average") + 1, "macro_auroc")
    notes = [f"{bundle.name}: what it learnt from is not all stated" for bundle in found
             if not bundle_ancestry(bundle.provenance).is_known]  # fmt: skip
    notes += [] if items else ["no model comes with this package"]
    emit(items, _layout(shown), wanted, output, notes)


def _layout(shown: Sequence[str]) -> Layout:
    """Return the layout of these facts; in the table many labels are named only."""
    plain = plain_layout(shown, "model")

    def tables(items: Sequence[Item]) -> Sequence[Table]:
        return plain.tables([{**item, "labels": _few(item["labels"])} for item in items])

    return replace(plain, tables=tables)


def _few(labels: Sequence[str]) -> list[str]:
    if len(labels) <= MAX_IN_WORDS:
        return list(labels)
    names = ", ".join(name.partition(": ")[0] for name in labels)
    return [f"{names} (their meanings: --format json, or --card)"]


def describe(bundle: Bundle) -> dict[str, Any]:
    """Return what a bundle says of itself, as JSON values."""
    from einthoven.apps.card.facts import unit_of
    from einthoven.apps.card.label_facts import answering_head
    from einthoven.bundle.facts import stated

    abstention = bundle.abstention
    ranking = stated(answering_head(bundle), "ranking")
    return {
        "name": bundle.name,
        "version": bundle.version,
        "task": bundle.task,
        "unit": unit_of(bundle),
        "labels": [f"{label.name}: {label.meaning}" for label in bundle.labels],
        "leads": list(bundle.input.leads),
        "cut": None if bundle.cut is None else dict(bundle.cut),
        "chain": None if bundle.chain is None else dict(bundle.chain),
        "networks": len(bundle.networks),
        "vote": bundle.vote,
        "temperature": bundle.temperature,
        "simulated": stated(bundle.provenance, "simulated"),
        "size_bytes": sum(map(len, bundle.networks)),
        "thresholds": None if bundle.thresholds is None else list(bundle.thresholds),
        "abstains_below": abstention.threshold if abstention else None,
        "coverage": abstention.coverage if abstention else None,
        "f1_average": stated(bundle.provenance, "held_out", "table", "f1_average", "value"),
        "macro_auroc": stated(ranking, "macro_auroc", "value"),
        "min_duration_s": bundle.input.min_duration_s,
        "max_duration_s": bundle.input.max_duration_s,
        "provenance": dict(bundle.provenance),
    }


def write_cards(bundles: Sequence[Bundle], folder: Path) -> list[dict[str, Any]]:
    """Write the model card of each bundle, and its picture, into a folder, and say so.

    Returns the names of the files, as JSON values. Raises SettingsError if a name is none that a file can
    have, or two bundles share one; OSError if a file cannot be written.
    """
    from einthoven.apps.card import draw_reliability, model_card

    names = [bundle.name for bundle in bundles]
    for name in names:
        # A bundle comes from anywhere: its name must not lead out of the folder.
        if name.startswith(".") or not all(c.isalnum() or c in "-_. " for c in name):
            raise SettingsError(f"expected a model's name of letters, digits, - and _, found {name!r}")
        if names.count(name) > 1:
            raise SettingsError(f"expected models of different names, found {name!r} twice")
    items = []
    for bundle in bundles:
        page, picture = folder / f"{bundle.name}.md", folder / f"{bundle.name}-reliability.svg"
        with written_atomically(picture) as partial:
            draw_reliability(bundle, partial)
        with written_atomically(page) as partial:
            partial.write_text(model_card(bundle), encoding="utf-8", newline="\n")
        say_wrote(page, f"card of {bundle.name}")
        say_wrote(picture, f"reliability of {bundle.name}")
        items.append({"name": bundle.name, "card": str(page), "picture": str(picture)})
    return items
