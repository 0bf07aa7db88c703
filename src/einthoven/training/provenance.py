"""Where a bundle comes from, as JSON: data, split, networks, scores, calibration. The model card reads it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import reduce
from importlib import metadata
from operator import or_
from typing import Any

from einthoven.training.calibration import Calibration
from einthoven.training.evaluate import Evaluation, differences
from einthoven.training.run_folder import Run

SPLIT = ("split", "n_folds", "split_seed", "use_validation", "split_by", "n_validation_parts", "part")
"""Settings of a protocol that decide which recordings train."""
ELSEWHERE = ("recipe", "classes", "leads", "pipeline", "scored", "seed", "teacher", *SPLIT)
"""Settings that a bundle states under other names; a teacher's path says nothing to anyone else."""


def provenance(
    runs: Sequence[Run],
    judges: Sequence[Run],
    evaluation: Evaluation,
    calibration: Calibration,
) -> dict[str, Any]:
    """Return everything that a bundle states of its runs and of what judged them.

    Parameters
    ----------
    runs : that gave the networks
    judges : whose held-out recordings were scored; the runs themselves if no others were
    evaluation, calibration : of the judges

    Returns
    -------
    JSON values: scores that are not defined, of a class without recordings, are None.
    """
    settings, protocol = runs[0].settings, runs[0].protocol
    stated = {
        "recipe": settings["recipe"],
        "budget": settings["budget"],
        "dataset": settings["dataset"],
        "simulated": any(run.settings["dataset"]["kind"] == "simulated" for run in (*runs, *judges)),
        "learnt_from": reduce(or_, (run.ancestry() for run in runs)).to_json(),
        "split": {
            **{name: getattr(protocol, name) for name in SPLIT},
            "n_folds": evaluation.n_folds,
            "by": evaluation.split_by,
        },
        "training": {k: v for k, v in protocol.to_json().items() if k not in ELSEWHERE},
        "networks": [{**_trained(run), "n_parameters": _n_parameters(run)} for run in runs],
        "judged_by": [_trained(run) for run in judges],
        "judges_differ_in": sorted({key for judge in judges for key in differences(runs[0], judge)}),
        "versions": {**settings["versions"], "packed_by": metadata.version("einthoven")},
        "held_out": {**evaluation.to_dict(), **_whose(evaluation)},
        "calibrated": calibration.to_dict(),
    }
    found: dict[str, Any] = _plain(stated)
    return found


def _whose(evaluation: Evaluation) -> dict[str, int]:
    """Return of how many recordings, and patients where these are known, heartbeats were held out."""
    scores = evaluation.scores
    if not scores.recordings:
        return {}
    patients = set(scores.patients)
    known = {} if "" in patients else {"n_patients": len(patients)}
    return {"n_recordings": len(set(scores.recordings)), **known}


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


def _n_parameters(run: Run) -> int:
    return sum(weight.numel() for weight in run.network().parameters())


def _plain(value: Any) -> Any:
    """Return JSON values: tuples as lists, and None for numbers that JSON cannot hold."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
