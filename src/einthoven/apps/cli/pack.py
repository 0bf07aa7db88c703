"""`einthoven pack`: from finished runs to a bundle."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from einthoven.apps.cli.extra import training_extra
from einthoven.apps.cli.heads import SVMHead, SVMTeacher, SVMTeacherOption, svm_settings
from einthoven.apps.cli.models import describe
from einthoven.apps.cli.output import (
    Format,
    FormatOption,
    emit,
    if_interrupted,
    naming,
    plain_layout,
    say,
    say_wrote,
)
from einthoven.apps.cli.progress import progress
from einthoven.apps.text import counted
from einthoven.errors import SettingsError

if TYPE_CHECKING:
    from einthoven.bundle import Bundle
    from einthoven.training.pack import Description
    from einthoven.training.run_folder import Run


def pack(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN", show_default=False)],
    output: Annotated[Path, typer.Option("--output", "-o", help="The bundle: NAME.einthoven.")],
    name: Annotated[str | None, typer.Option(help="The model's name; the file's if not given.")] = None,
    version: Annotated[str, typer.Option(help="The model's edition.")] = "1",
    vote: Annotated[
        str, typer.Option(help="mean of the networks' probabilities, or majority of answers.")
    ] = "mean",
    coverage: Annotated[float, typer.Option(help="Share of recordings that are to get an answer.")] = 0.9,
    judged_by: Annotated[
        list[Path] | None,
        typer.Option(metavar="RUN", help="Runs, one a fold, whose held-out recordings calibrate."),
    ] = None,
    svm: Annotated[
        SVMHead | None,
        typer.Option(
            help="Of several labels: machines that answer in place of the networks' own heads; none if not "
            "given.",
            show_default=False,
        ),
    ] = None,
    svm_from: SVMTeacherOption = SVMTeacher.HELD_OUT,
    thresholds: Annotated[
        str | None,
        typer.Option(
            metavar="RULE",
            help="Of several labels: how thresholds are found: out-of-fold, exact, f1, challenge, "
            "singstad2018 or fixed; out-of-fold if not given.",
            show_default=False,
        ),
    ] = None,
    wanted: FormatOption = None,
) -> None:
    """Seal finished runs into one file that classifies without PyTorch.

    [bold]Examples[/bold]

    einthoven pack runs/try -o try.einthoven

    einthoven pack runs/cnn-* -o ensemble.einthoven --vote majority

    einthoven pack runs/all -o rhythm.einthoven --judged-by runs/0 --judged-by runs/1

    einthoven pack runs/resnet-0 -o twelve.einthoven --svm linear --thresholds challenge
    """
    with training_extra():
        from einthoven.training.pack import pack as pack_runs
        from einthoven.training.run_folder import open_run

        opened = [open_run(run) for run in runs]
        described = _description(opened, name or output.stem, version)
        judges = [open_run(run) for run in judged_by or ()]
        rule = _rule_for(opened, svm, thresholds)
        machines = svm_settings(svm, svm_from)
        with (
            if_interrupted(lambda: f"{output} {'stays as it was' if output.exists() else 'was not written'}"),
            progress("packing") as report,
            naming(output),
        ):
            bundle = pack_runs(
                opened,
                output,
                described,
                vote=vote,
                coverage=coverage,
                judged_by=judges,
                svm=machines,
                thresholds=rule,
                progress=report,
            )
    _show(bundle, wanted)
    if bundle.provenance["simulated"]:
        say("SIMULATED recordings: no patient was measured")
    for warning in bundle.provenance["warnings"]:
        say(f"warning: {warning}")
    say_wrote(output, counted(len(bundle.networks), "network"))


def _rule_for(runs: Sequence[Run], svm: SVMHead | None, thresholds: str | None) -> str:
    """Return the rule for thresholds that runs are to be packed with.

    Raises SettingsError if it, or machines, are given for runs of a single label.
    """
    from einthoven.training.judgement import DEFAULT_RULE

    given = [name for name, value in (("--svm", svm), ("--thresholds", thresholds)) if value is not None]
    if given and runs and not runs[0].protocol.is_multi_label:
        raise SettingsError(f"{' and '.join(given)}: expected runs of several labels with them, found "
                            f"{runs[0].folder}, of one class a recording or heartbeat")  # fmt: skip
    return thresholds or DEFAULT_RULE


def _show(bundle: Bundle, wanted: Format | None) -> None:
    """Print what was packed; of several labels each has a threshold, and none is ever withheld."""
    item = describe(bundle)
    decides: tuple[str, ...] = ("abstains_below", "coverage")
    if bundle.thresholds is not None:
        names = [label.name for label in bundle.labels]
        stated = {name: round(at, 6) for name, at in zip(names, bundle.thresholds, strict=True)}
        calibrated = bundle.provenance["calibrated"]
        item |= {"thresholds": stated, "head": calibrated["head"], "rule": calibrated["rule"]}
        decides = ("head", "rule", "thresholds")
    shown = ("name", "version", "labels", "networks", "temperature", *decides, "simulated")
    emit([item], plain_layout(shown, "model"), wanted)


def _description(runs: Sequence[Run], name: str, version: str) -> Description:
    """Return what the recipe of runs says of the data set that it is made for; of others it knows nothing.

    What the classes mean it also knows of simulated recordings, which imitate that data set.
    """
    from einthoven.recipes import RECIPES
    from einthoven.training.pack import Description

    recipe = RECIPES.get(runs[0].settings["recipe"])
    # A name alone may be that of anybody's folder.
    found = {(run.settings["dataset"]["kind"], run.settings["dataset"].get("name")) for run in runs}
    if recipe is not None and all(kind == "simulated" for kind, _ in found):
        return Description(name, version, recipe.labels)
    if recipe is None or found != {("public", recipe.dataset)}:
        return Description(name, version)
    told = (recipe.limits, recipe.attribution, recipe.n_published)
    return Description(name, version, recipe.labels, *told)
