"""`einthoven models`: what can answer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from einthoven.apps.cli.output import FormatOption, ResultsOption, emit, plain_layout

if TYPE_CHECKING:
    from einthoven.bundle import Bundle


def models(
    bundles: Annotated[
        list[Path] | None,
        typer.Argument(metavar="BUNDLE", show_default=False, help="Bundle files."),
    ] = None,
    wanted: FormatOption = None,
    output: ResultsOption = None,
) -> None:
    """List the models that come with the package, or describe bundles.

    [bold]Examples[/bold]

    einthoven models

    einthoven models my.einthoven --format json
    """
    from einthoven.inference.shipped import open_model, shipped_models

    names: list[str | Path] = [*bundles] if bundles else [*shipped_models()]
    items = [describe(open_model(name)) for name in names]
    shown = ("name", "version", "task", "labels", "networks", "f1_average", "abstains_below", "coverage")
    notes = [] if items else ["no model comes with this package"]
    emit(items, plain_layout(shown), wanted, output, notes)


def describe(bundle: Bundle) -> dict[str, Any]:
    """Return what a bundle says of itself, as JSON values."""
    abstention = bundle.abstention
    return {
        "name": bundle.name,
        "version": bundle.version,
        "task": bundle.task,
        "labels": [f"{label.name}: {label.meaning}" for label in bundle.labels],
        "leads": list(bundle.input.leads),
        "networks": len(bundle.networks),
        "vote": bundle.vote,
        "temperature": bundle.temperature,
        "simulated": _stated(bundle.provenance, "simulated"),
        "size_bytes": sum(map(len, bundle.networks)),
        "abstains_below": abstention.threshold if abstention else None,
        "coverage": abstention.coverage if abstention else None,
        "f1_average": _stated(bundle.provenance, "held_out", "table", "f1_average", "value"),
        "min_duration_s": bundle.input.min_duration_s,
        "max_duration_s": bundle.input.max_duration_s,
        "provenance": dict(bundle.provenance),
    }


def _stated(provenance: Mapping[str, Any], *keys: str) -> Any:
    """Return a value of a provenance, None where whoever made the bundle did not state it."""
    value: Any = provenance
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
