"""Seal runs into a bundle: graphs, calibration, abstention, provenance, and a golden pair."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from einthoven.bundle import Bundle, Golden, InputSpec, Label, read_bundle, write_bundle
from einthoven.decisions import softmax
from einthoven.errors import RunError
from einthoven.pipeline import Resample
from einthoven.signal.simulated import LEADS, simulate
from einthoven.training.calibration import calibrate
from einthoven.training.checkpoint import Weights, decode
from einthoven.training.evaluate import evaluate_runs
from einthoven.training.export import export_onnx, read_weights
from einthoven.training.provenance import provenance
from einthoven.training.run_folder import WEIGHTS, Run, open_run

LABELS = {
    "N": Label("N", "normal sinus rhythm", "426783006"),
    "A": Label("A", "atrial fibrillation", "164889003"),
    "O": Label("O", "other rhythm"),
    "~": Label("~", "too noisy to classify"),
}
"""What the classes of the CinC Challenge 2017 mean, with their SNOMED CT codes."""

DURATION_S = (5.0, 3600.0)
"""Shortest and longest recording that a packed model takes; far beyond those it learnt from it warns."""
GOLDEN_S, GOLDEN_FS, GOLDEN_SEED = 12.0, 300.0, 2017
"""Length (s), rate (Hz) and seed of the simulated recording of the golden pair."""


def pack(
    runs: Sequence[Run],
    path: str | Path,
    *,
    name: str,
    version: str,
    vote: str = "mean",
    coverage: float = 0.9,
    judged_by: Sequence[Run] = (),
    limits: Sequence[str] = (),
    attribution: str = "",
) -> Bundle:
    """Write runs as one bundle.

    Parameters
    ----------
    runs : finished runs with the same pipeline and classes; each gives a network
    path : of the bundle
    name, version : what to call it
    vote : "mean" of the networks' probabilities, or "majority" of their answers
    coverage : share of recordings that are to be answered; the least sure others are not
    judged_by : runs of the same kind, one a fold, whose held-out recordings calibrate the bundle; without
        them those of `runs` do. A network that was trained on everything needs them
    limits : what users of the model should know, one sentence each
    attribution : whose data it learnt from, and under which licence

    Returns
    -------
    The bundle, as it was written.

    Raises
    ------
    RunError if the runs do not fit each other, or nothing was held out to calibrate by.
    BundleError if a graph does not give its network's logits.
    """
    _check_fit(runs, judged_by)
    judges = judged_by or runs
    evaluation = evaluate_runs(judges)
    calibration = calibrate(evaluation, coverage)
    protocol = runs[0].protocol
    bundle = Bundle(
        name=name,
        version=version,
        task=f"one of {', '.join(protocol.classes)} for a recording of {', '.join(protocol.leads)}",
        labels=tuple(LABELS.get(label, Label(label, label)) for label in protocol.classes),
        pipeline=tuple(protocol.pipeline.to_json()),
        input=InputSpec(_fs(runs[0]), protocol.leads, *DURATION_S),
        networks=tuple(_graph(run) for run in runs),
        golden=_golden(runs, calibration.temperature),
        vote=vote,
        temperature=calibration.temperature,
        abstention=calibration.abstention,
        provenance=provenance(runs, judges, evaluation, calibration, limits, attribution),
    )
    write_bundle(bundle, path)
    return bundle


def initial_weights(source: str | Path) -> Weights:
    """Return weights to begin a run with: those of a finished run, or of the first network of a bundle.

    Raises RunError if a run is not finished, BundleError if a bundle is damaged.
    """
    place = Path(source)
    if place.is_dir():
        run = open_run(place)
        run.done()
        weights: Weights = decode(place / WEIGHTS)
        return weights
    return read_weights(read_bundle(place).networks[0])


def _check_fit(runs: Sequence[Run], judged_by: Sequence[Run]) -> None:
    if not runs:
        raise RunError("expected at least one run to pack, found none")
    first = runs[0].protocol
    for run in (*runs[1:], *judged_by):
        other = run.protocol
        if (other.pipeline, other.classes, other.leads) != (first.pipeline, first.classes, first.leads):
            raise RunError(
                f"{run.folder}: expected pipeline, classes and leads of {runs[0].folder}, found others"
            )
    for run in judged_by:
        if run.protocol.network != first.network:
            raise RunError(f"{run.folder}: expected the network of {runs[0].folder}, found another")


def _fs(run: Run) -> float:
    """Return the sampling rate that the pipeline resamples to, else that of the data."""
    rates = [step.fs for step in run.protocol.pipeline.steps if isinstance(step, Resample)]
    return float(rates[-1] if rates else run.done()["fs"])


def _graph(run: Run) -> bytes:
    protocol = run.protocol
    settings = protocol.network_of(protocol.phases[-1])
    return export_onnx(run.network(), settings, protocol.n_leads, getattr(settings, "n_bins", None))


def _golden(runs: Sequence[Run], temperature: float) -> Golden:
    protocol = runs[0].protocol
    # The simulator knows the twelve leads only; to check a bundle by, any signal will do.
    leads = [name if name in LEADS else "I" for name in protocol.leads]
    names = list(dict.fromkeys(leads))
    found = simulate("normal", duration_s=GOLDEN_S, fs=GOLDEN_FS, leads=names, seed=GOLDEN_SEED)
    signal = found.signal[[names.index(name) for name in leads]]
    x = torch.from_numpy(np.ascontiguousarray(protocol.pipeline(signal, GOLDEN_FS)[0]))[None]
    lengths = torch.tensor([x.shape[-1]])
    with torch.no_grad():
        logits = np.stack([run.network()(x, lengths).numpy()[0] for run in runs])
    probs: NDArray[np.float32] = softmax(logits, temperature).mean(0).astype(np.float32)
    return Golden(signal, GOLDEN_FS, probs)
