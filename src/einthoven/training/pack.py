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
from einthoven.training.calibration import Calibration, calibrate, calibration_warnings
from einthoven.training.evaluate import evaluate_runs
from einthoven.training.export import export_onnx
from einthoven.training.golden import golden
from einthoven.training.protocol import Protocol
from einthoven.training.provenance import provenance
from einthoven.training.run_folder import Run

DURATION_S = (5.0, 3600.0)
"""Shortest and longest recording that a packed model takes; far beyond those it learnt from it warns."""
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
    progress : called with (steps done, all)

    Returns
    -------
    The bundle, as it was written. What speaks against relying on it (an accuracy not above that of always
    giving one answer, a temperature at its bound, a threshold that never holds an answer back) is in its
    `provenance["warnings"]`, one sentence each.

    Raises
    ------
    RunError if the runs do not fit each other, or nothing was held out to calibrate by.
    BundleError if a graph does not give its network's logits.
    """
    report, n_steps = progress or (lambda *_: None), len(runs) + 2
    _check_fit(runs, judged_by)
    judges = judged_by or runs
    evaluation = evaluate_runs(judges)
    calibration = calibrate(evaluation, coverage)
    report(1, n_steps)
    graphs: list[bytes] = []
    for run in runs:
        graphs.append(_graph(run))
        report(1 + len(graphs), n_steps)
    facts = {
        **_described(provenance(runs, judges, evaluation, calibration), description),
        "warnings": list(calibration_warnings(evaluation, calibration, vote if runs[1:] else "mean")),
    }
    bundle = _bundle(runs, graphs, description, calibration, vote, facts)
    write_bundle(bundle, path)
    report(n_steps, n_steps)
    return bundle


def _bundle(
    runs: Sequence[Run],
    graphs: Sequence[bytes],
    description: Description,
    calibration: Calibration,
    vote: str,
    facts: Mapping[str, Any],
) -> Bundle:
    protocol = runs[0].protocol
    return Bundle(
        name=description.name,
        version=description.version,
        task=_task(protocol),
        labels=tuple(map(description.label, protocol.classes)),
        # What a cut leaves for the pipeline to do is for training only.
        pipeline=tuple(protocol.pipeline.to_json()) if protocol.cut is None else (),
        input=_input(runs[0]),
        networks=tuple(graphs),
        golden=golden(runs, calibration.temperature),
        vote=vote,
        temperature=calibration.temperature,
        abstention=calibration.abstention,
        provenance=facts,
        cut=None if protocol.cut is None else cut_json(protocol.cut.served),
        chain=runs[0].done().get("chain"),
    )


def _check_fit(runs: Sequence[Run], judged_by: Sequence[Run]) -> None:
    if not runs:
        raise RunError("expected at least one run to pack, found none")
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
    return protocol.pipeline, protocol.classes, protocol.leads, protocol.cut, protocol.chain_strength


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
    leads = protocol.leads
    of = f"lead {leads[0]}" if len(leads) == 1 else f"the leads {', '.join(leads)}"
    return f"one of {', '.join(protocol.classes)} for a recording of {of}"


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
    return InputSpec(_fs(run), run.protocol.leads, *DURATION_S)


def _fs(run: Run) -> float:
    """Return the sampling rate that the pipeline resamples to, else that of the data."""
    rates = [step.fs for step in run.protocol.pipeline.steps if isinstance(step, Resample)]
    return float(rates[-1] if rates else run.done()["fs"])


def _graph(run: Run) -> bytes:
    protocol = run.protocol
    settings = protocol.network_of(protocol.phases[-1])
    return export_onnx(run.network(), settings, protocol.n_leads, getattr(settings, "n_bins", None))
