"""What a training begins with, as the command line names it: settings, recordings, initial weights."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from einthoven.apps.cli.data import noted
from einthoven.apps.cli.extra import refuse_said
from einthoven.apps.cli.output import say
from einthoven.apps.cli.progress import progress
from einthoven.apps.cli.reading import Said
from einthoven.errors import SettingsError

if TYPE_CHECKING:
    from einthoven.datasets import Dataset
    from einthoven.training.initial import Initial
    from einthoven.training.protocol import Protocol

BudgetOption = Annotated[
    str | None, typer.Option("--budget", help="cpu, gpu or paper; the recipe's first if not given.")
]
SettingsOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change a setting; may be repeated."),
]

N_SIMULATED = 120
"""Recordings that a recipe learns from where it is given none: enough to see the whole way in two minutes."""
SIMULATED_SOURCES = ("simulated-a", "simulated-b")
"""Where half of the twelve-lead recordings each are said to come from: a recipe may leave one out."""


def settings_of(texts: Iterable[str] | None) -> dict[str, str]:
    """Return what `--set` says: values by their keys, the last one where a key is said twice.

    Raises SettingsError if a text is not KEY=VALUE.
    """
    return dict(_pair(text) for text in texts or ())


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise SettingsError(f"--set: expected KEY=VALUE, found {text}")
    return key.strip(), value.strip()


def initial_of(init: str, option: str = "--init") -> Initial:
    """Return the weights of a shipped model, of a run or of a bundle to begin with, and what they have seen.

    option : that named it, for the message

    Raises SettingsError if there is nothing of that name; else as `initial_weights`.
    """
    from einthoven.inference.shipped import open_model, shipped_models
    from einthoven.training.initial import initial_weights

    names = shipped_models()
    if init in names:
        return initial_weights(open_model(init))
    if not Path(init).exists():
        raise SettingsError(f"{option} {init}: expected a shipped model ({', '.join(names) or 'none'}), "
                            f"the folder of a run or the path of a bundle, found none of these")  # fmt: skip
    return initial_weights(init)


def training_data(
    data: Path | None, name: str, protocol: Protocol, said: Said, folds: Iterable[int] = ()
) -> Dataset:
    """Return the recordings that are given, or simulated ones: of them the protocol's part, and its beats.

    name : of the public data set that is expected, see `open_data`
    said : of one's own recordings that do not state it
    folds : that are to test; one that is not there is refused before heartbeats are cut, which takes long

    What a user should know of the recordings that are given is said on stderr.

    Raises SettingsError if something is said of recordings where none are given; else as `open_data`,
    `select_part`, `check_fold` and `cut_beats`.
    """
    from einthoven.datasets import open_data, select_part
    from einthoven.training.fold_report import judged_note
    from einthoven.training.folds import check_fold

    if data is None:
        refuse_said(said)
    opened = _simulated(protocol) if data is None else open_data(data, name, **said)
    chosen = select_part(opened, protocol.part)
    for fold in folds:
        check_fold(protocol, chosen, fold)
    if protocol.cut is not None:
        from einthoven.datasets.heartbeats import cut_beats

        with progress(f"cutting heartbeats of {chosen.name}, recordings") as report:
            chosen = cut_beats(chosen, protocol.cut, report)
    # All that the simulator says is that it is one.
    if data is not None and (note := judged_note(protocol, noted(chosen))):
        say(f"{chosen.name}: {note}")
    return chosen


def _simulated(protocol: Protocol) -> Dataset:
    from einthoven.datasets.simulated import simulated_beats, simulated_dataset
    from einthoven.datasets.simulated_twelve_leads import simulated_twelve_leads

    if protocol.cut is not None:
        return simulated_beats(n=N_SIMULATED)
    if protocol.is_multi_label:
        return simulated_twelve_leads(protocol.classes, n=N_SIMULATED, sources=SIMULATED_SOURCES)
    return simulated_dataset(protocol.classes, n=N_SIMULATED)
