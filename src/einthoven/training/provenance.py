"""Where a bundle comes from, as JSON: data, split, networks, scores, calibration. The model card reads it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import reduce
from importlib import metadata
from operator import or_
from typing import Any

from einthoven.training.evaluate import HeldOut, differences
from einthoven.training.judgement import Judgement
from einthoven.training.run_folder import Run
from einthoven.training.sealed_network import SealedNetwork

SPLIT = ("split", "n_folds", "split_seed", "use_validation", "split_by", "n_validation_parts", "part")
"""Settings of a protocol that decide which recordings train."""
ELSEWHERE = ("recipe", "classes", "leads", "pipeline", "scored", "seed", "teacher", *SPLIT)
"""Settings that a bundle states under other names; a teacher's path says nothing to anyone else."""


def provenance(
    networks: Sequence[SealedNetwork],
    judges: Sequence[Run],
    judgement: Judgement,
) -> dict[str, Any]:
    """Return everything that a bundle states of its runs and of what judged them.

    Parameters
    ----------
    networks : of the runs, as the bundle holds them
    judges : whose held-out recordings were scored; the runs themselves if no others were
    judgement : of the judges

    Returns
    -------
    JSON values: scores that are not defined, of a class without recordings, are None.
    """
    runs = [network.run for network in networks]
    settings, protocol, evaluation = runs[0].settings, runs[0].protocol, judgement.evaluation
    stated = {
        "recipe": settings["recipe"],
        "budget": settings["budget"],
        "dataset": {**settings["dataset"], **_sources(runs[0])},
        "simulated": any(run.settings["dataset"]["kind"] == "simulated" for run in (*runs, *judges)),
        "learnt_from": reduce(or_, (network.ancestry() for network in networks)).to_json(),
        "split": {
            **{name: getattr(protocol, name) for name in SPLIT},
            "n_folds": evaluation.n_folds,
            "by": evaluation.split_by,
        },
        "training": {k: v for k, v in protocol.to_json().items() if k not in ELSEWHERE},
        "networks": [
            {**_trained(network.run), "n_parameters": _n_parameters(network), **_head(network)}
            for network in networks
        ],
        "judged_by": [_trained(run) for run in judges],
        "judges_differ_in": sorted({key for judge in judges for key in differences(runs[0], judge)}),
        "versions": {**settings["versions"], "packed_by": metadata.version("einthoven")},
        "held_out": {**evaluation.to_dict(), **_whose(evaluation)},
        "calibrated": judgement.calibrated,
    }
    found: dict[str, Any] = _plain(stated)
    return found


def _whose(evaluation: HeldOut) -> dict[str, int]:
    """Return of how many recordings, and patients where these are known, heartbeats were held out."""
    scores = evaluation.scores
    if not scores.recordings:
        return {}
    patients = set(scores.patients)
    known = {} if "" in patients else {"n_patients": len(patients)}
    return {"n_recordings": len(set(scores.recordings)), **known}


def _sources(run: Run) -> dict[str, dict[str, int]]:
    """Return how many recordings each source of the data set has, if there are several, all of them known."""
    found = run.done().get("sources") or {}
    return {"sources": found} if len(found) > 1 and "" not in found else {}


def _trained(run: Run) -> dict[str, Any]:
    """Return what decides one network, and how it was trained."""
    done = run.done()
    return {
        "fold": run.fold,
        "seed": run.protocol.seed,
        "distilled": bool(run.protocol.teacher),
        "init": run.settings["init"],
        "is_origin_known": run.ancestors.is_known,
        "epochs": done["epochs"],
        "n_train": done["n_train"],
        "trained_s": done["train_s"],
        "weights_sha256": done["weights_sha256"],
    }


def _head(network: SealedNetwork) -> dict[str, Any]:
    """Return what was fitted behind a network, if anything was."""
    head = network.head
    if head is None:
        return {}
    return {
        "head": "SVM",
        "n_head_train": len(network.taught_head),
        "costs": head.costs.tolist(),
        "head_notes": head.notes.tolist(),
    }


def _n_parameters(network: SealedNetwork) -> int:
    return sum(weight.numel() for weight in network.network.parameters())


def _plain(value: Any) -> Any:
    """Return JSON values: tuples as lists, and None for numbers that JSON cannot hold."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
