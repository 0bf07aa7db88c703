"""Seal runs into a bundle: graphs, calibration, abstention, provenance, and a golden pair."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from einthoven.bundle import Bundle, InputSpec, Label, write_bundle
from einthoven.errors import RunError
from einthoven.pipeline import Resample
from einthoven.signal.beats import cut_json
from einthoven.training.golden import golden
from einthoven.training.heads import SVMSettings
from einthoven.training.judgement import (
    DEFAULT_RULE,
    Judgement,
    check_rule,
    judge_labels,
    judge_one_class,
)
from einthoven.training.protocol import Protocol
from einthoven.training.provenance import provenance
from einthoven.training.run_folder import Run
from einthoven.training.sealed_network import SealedNetwork, with_svm

DURATION_S = (5.0, 3600.0)
"""Shortest and longest recording that a packed model takes; far beyond those it learnt from it warns."""
MAX_NAMED = 9
"""Of so many classes the line that says what a model decides has the names."""
BEATS_DURATION_S = (1.0, 7 * 24 * 3600.0)
"""The same of a model of heartbeats, where nothing depends on it: each beat gets an answer of its own."""


@dataclass(frozen=True)
class Description:
    """What a bundle is called, and what it says of itself that no run knows.

    name, version : what to call it
    labels : meanings of classes, and their SNOMED CT codes; a class that is not among them means its name
    limits : what users of the model should know, one sentence each
    attribution : whose data it learnt from, and under which licence
    n_published : recordings of that data set that are public, of which a run may have had fewer
    """

    name: str
    version: str
    labels: tuple[Label, ...] = ()
    limits: tuple[str, ...] = ()
    attribution: str = ""
    n_published: int | None = None

    def label(self, name: str) -> Label:
        """Return the meaning of a class."""
        return next((label for label in self.labels if label.name == name), Label(name, name))


def pack(
    runs: Sequence[Run],
    path: str | Path,
    description: Description,
    *,
    vote: str = "mean",
    coverage: float = 0.9,
    judged_by: Sequence[Run] = (),
    svm: SVMSettings | None = None,
    thresholds: str = DEFAULT_RULE,
    progress: Callable[[int, int], None] | None = None,
) -> Bundle:
    """Write runs as one bundle.

    Temperature and abstention are always those of single networks, each on the recordings of its own fold,
    for no recording is unseen by all networks of an ensemble. An ensemble's mean probabilities are mostly
    less sure of themselves and more often right, so that it abstains more often than the stated coverage
    says. With a majority vote, what the threshold tests is the mean probability of the class that won, not
    the highest one.

    Parameters
    ----------
    runs : finished runs with the same pipeline and classes; each gives a network
    path : of the bundle
    description : what to call it, and what to say of it
    vote : "mean" of the networks' probabilities, or "majority" of their answers
    coverage : share of recordings that are to be answered; the least sure others are not
    judged_by : runs of the same kind, one a fold, whose held-out recordings calibrate the bundle; without
        them those of `runs` do. A network that was trained on everything needs them
    svm : of several labels: support vector machines answer, fitted to what each run held out; None: the
        networks' own heads
    thresholds : of several labels: how they are found, a name among `THRESHOLD_RULES`
    progress : called with (steps done, all)

    Returns
    -------
    The bundle, as it was written. What speaks against relying on it (an accuracy not above that of always
    giving one answer, a temperature at its bound, a threshold that never holds an answer back) is in its
    `provenance["warnings"]`, one sentence each.

    Raises
    ------
    RunError if the runs do not fit each other, nothing was held out to calibrate by, or machines are asked
    for that a run of one class a recording does not have.
    SettingsError if there is no such rule for thresholds, or it is of the networks' own heads alone.
    BundleError if a graph does not give its network's logits.
    """
    report, n_steps = progress or (lambda *_: None), len(runs) + 2
    _check_fit(runs, judged_by, svm)
    check_rule(thresholds, svm)
    judges = judged_by or runs
    networks = [SealedNetwork(run) if svm is None else with_svm(run, svm) for run in runs]
    if runs[0].protocol.is_multi_label:
        judgement = judge_labels(judges, svm, thresholds)
    else:
        judgement = judge_one_class(judges, vote if runs[1:] else "mean", coverage)
    report(1, n_steps)
    graphs: list[bytes] = []
    for network in networks:
        graphs.append(network.graph())
        report(1 + len(graphs), n_steps)
    facts = {
        **_described(provenance(networks, judges, judgement), description),
        "warnings": list(judgement.warnings),
    }
    bundle = _bundle(networks, graphs, description, judgement, vote, facts)
    write_bundle(bundle, path)
    report(n_steps, n_steps)
    return bundle


def _bundle(
    networks: Sequence[SealedNetwork],
    graphs: Sequence[bytes],
    description: Description,
    judgement: Judgement,
    vote: str,
    facts: Mapping[str, Any],
) -> Bundle:
    first = networks[0].run
    protocol = first.protocol
    return Bundle(
        name=description.name,
        version=description.version,
        task=_task(protocol),
        labels=tuple(map(description.label, protocol.classes)),
        # What a cut leaves for the pipeline to do is for training only.
        pipeline=tuple(protocol.pipeline.to_json()) if protocol.cut is None else (),
        input=_input(first),
        networks=tuple(graphs),
        golden=golden(networks, judgement.temperature),
        single_label=not protocol.is_multi_label,
        vote=vote,
        temperature=judgement.temperature,
        thresholds=judgement.thresholds,
        at_least_one=judgement.at_least_one,
        abstention=judgement.abstention,
        provenance=facts,
        cut=None if protocol.cut is None else cut_json(protocol.cut.served),
        chain=first.done().get("chain"),
    )


def _check_fit(runs: Sequence[Run], judged_by: Sequence[Run], svm: SVMSettings | None) -> None:
    if not runs:
        raise RunError("expected at least one run to pack, found none")
    if svm is not None and not runs[0].protocol.is_multi_label:
        raise RunError(f"{runs[0].folder}: expected a run of several labels for support vector machines, "
                       "found one of a single label")  # fmt: skip
    first, facts = runs[0].protocol, _kind(runs[0])
    for run in (*runs[1:], *judged_by):
        other = run.protocol
        if _form(other) != _form(first):
            raise RunError(
                f"{run.folder}: expected pipeline, classes, leads and cut of {runs[0].folder}, found others"
            )
        for name, found in _kind(run).items():
            if found != facts[name]:
                raise RunError(f"{run.folder}: expected the {name} of {runs[0].folder}, {facts[name]}, "
                               f"found {found}")  # fmt: skip
    for run in judged_by:
        if run.protocol.network != first.network:
            raise RunError(f"{run.folder}: expected the network of {runs[0].folder}, found another")


def _form(protocol: Protocol) -> tuple[object, ...]:
    return (
        protocol.pipeline,
        protocol.classes,
        protocol.leads,
        protocol.cut,
        protocol.chain_strength,
        protocol.loss,
        protocol.may_lack_leads,
    )


def _kind(run: Run) -> dict[str, Any]:
    """Return what a bundle states once for all of its runs and judges."""
    return {
        "recipe": run.settings["recipe"],
        "budget": run.settings["budget"],
        "data set": run.settings["dataset"]["fingerprint"],
        "split_seed": run.protocol.split_seed,
    }


def _task(protocol: Protocol) -> str:
    if protocol.cut is not None:
        return f"one of {', '.join(protocol.classes)} for each heartbeat of a lead"
    leads, classes = protocol.leads, protocol.classes
    of = f"lead {leads[0]}" if len(leads) == 1 else f"the leads {', '.join(leads)}"
    number = "any" if protocol.is_multi_label else "one"
    names = ", ".join(classes) if len(classes) <= MAX_NAMED else f"{len(classes)} classes"
    return f"{number} of {names} for a recording of {of}"


def _described(facts: Mapping[str, Any], description: Description) -> dict[str, Any]:
    """Return what runs state, and what the caller says of their data."""
    published = {} if description.n_published is None else {"n_published": description.n_published}
    return {
        **facts,
        "dataset": {**facts["dataset"], **published},
        "limits": list(description.limits),
        "attribution": description.attribution,
    }


def _input(run: Run) -> InputSpec:
    cut = run.protocol.cut
    if cut is not None:
        return InputSpec(cut.fs, cut.leads, *BEATS_DURATION_S)
    may_lack_leads = run.protocol.may_lack_leads
    return InputSpec(_fs(run), run.protocol.leads, *DURATION_S, may_lack_leads=may_lack_leads)


def _fs(run: Run) -> float:
    """Return the sampling rate that the pipeline resamples to, else that of the data."""
    rates = [step.fs for step in run.protocol.pipeline.steps if isinstance(step, Resample)]
    return float(rates[-1] if rates else run.done()["fs"])
