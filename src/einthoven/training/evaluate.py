"""How good runs are: the recordings that did not train them, pooled over folds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from einthoven.decisions import softmax
from einthoven.errors import RunError
from einthoven.metrics import ScoreTable, brier_score, expected_calibration_error, score_table
from einthoven.training.held_out_scores import HeldOutScores
from einthoven.training.protocol import Protocol
from einthoven.training.run_folder import DERIVED, FREE, Run, differing_keys


@dataclass(frozen=True)
class HeldOut:
    """What runs of one protocol on one data set, each with its fold, were, and what they held out.

    protocol : of the first run; the others have other seeds
    budget, dataset : names
    kind : of the data set: "public", "own" or "simulated"
    seeds : of the runs, each once, ascending
    has_init, has_teacher : whether the runs began with given weights, and whether they learnt from a teacher
    is_origin_known : whether it is known what initial weights and teachers had seen
    part : "test", or "validation" where runs kept none for a test: these recordings decided when to stop
    folds, n_folds : folds that were run, of how many
    epochs : of each phase, its name, the fewest and the most epochs that a fold took
    seconds : of training, over all folds
    scores : of every held-out recording
    """

    protocol: Protocol
    budget: str
    dataset: str
    kind: str
    seeds: tuple[int, ...]
    has_init: bool
    has_teacher: bool
    is_origin_known: bool
    part: str
    folds: tuple[int | None, ...]
    n_folds: int
    epochs: tuple[tuple[str, int, int], ...]
    seconds: float
    scores: HeldOutScores

    @property
    def is_simulated(self) -> bool:
        """Whether no patient was measured."""
        return self.kind == "simulated"

    @property
    def split_by(self) -> str:
        """What was kept together: a "source", a "patient", a "recording" of an unknown patient, a "beat"."""
        if self.protocol.split_by != "patient":
            return self.protocol.split_by
        return "patient" if any(self.scores.patients) else "recording"

    @property
    def is_whole(self) -> bool:
        """Whether every fold was run."""
        return len(self.folds) == self.n_folds


@dataclass(frozen=True)
class Evaluation(HeldOut):
    """How good runs are of which each recording, or heartbeat, has exactly one class.

    table : scores with 95 % intervals
    calibration_error, brier : of the probabilities as they come from the networks
    """

    table: ScoreTable
    calibration_error: float
    brier: float

    def to_dict(self) -> dict[str, Any]:
        """Return all but protocol and single recordings as JSON values."""
        left_out = ("protocol", "scores", "table")
        plain = {name: value for name, value in self.__dict__.items() if name not in left_out}
        return {"recipe": self.protocol.recipe, **plain, "table": self.table.to_dict()}


def group_runs(runs: Sequence[Run]) -> list[list[Run]]:
    """Sort runs into groups that differ in fold and seed only, in the order in which they are given.

    Where two of a group have the same fold, it is divided by seed.
    """
    groups: list[list[Run]] = []
    for run in runs:
        for group in groups:
            if not differences(group[0], run):
                group.append(run)
                break
        else:
            groups.append([run])
    return [part for group in groups for part in _one_a_fold(group)]


def _one_a_fold(group: list[Run]) -> list[list[Run]]:
    if len({run.fold for run in group}) == len(group):
        return [group]
    by_seed: dict[int, list[Run]] = {}
    for run in group:
        by_seed.setdefault(run.protocol.seed, []).append(run)
    return list(by_seed.values())


def evaluate_runs(runs: Sequence[Run], *, n_resamples: int = 1000) -> Evaluation:
    """Score the held-out recordings of runs that differ in fold and seed only, as one.

    Parameters
    ----------
    runs : finished runs, each of another fold
    n_resamples : of the bootstrap; patients are drawn where they are known, else recordings, never beats of
        known recordings

    Raises
    ------
    RunError if a run is not finished, two of them differ in more or hold out the same recording, or none held
    out any.
    """
    found = held_out(runs)
    scores, classes = found.scores, found.protocol.classes
    probs, answers = softmax(scores.logits), scores.logits.argmax(1)
    table = score_table(scores.truth, answers, classes, groups=scores.groups(), n=n_resamples)
    if scores.recordings and not any(scores.patients):
        table = replace(table, resampled="recordings")
    return Evaluation(
        **found.__dict__,
        table=table,
        calibration_error=expected_calibration_error(probs, scores.truth),
        brier=brier_score(probs, scores.truth),
    )


def held_out(runs: Sequence[Run]) -> HeldOut:
    """Return what runs that differ in fold and seed only held out, and how they were trained.

    Raises RunError as `evaluate_runs` does.
    """
    scores = pooled_scores(runs)
    first, done = runs[0], [run.done() for run in runs]
    dataset, protocol = first.settings["dataset"], first.protocol
    counts = [[n for _, n in item["epochs"]] for item in done]
    names = [name for name, _ in done[0]["epochs"]]
    return HeldOut(
        protocol=protocol,
        budget=first.settings["budget"],
        dataset=dataset["name"],
        kind=dataset["kind"],
        seeds=tuple(sorted({run.protocol.seed for run in runs})),
        has_init=first.settings["init"] is not None,
        has_teacher=bool(protocol.teacher),
        is_origin_known=all(run.ancestors.is_known for run in runs),
        part=scores.parts[0],
        folds=tuple(run.fold for run in runs),
        n_folds=done[0]["n_folds"],
        epochs=tuple((name, min(n), max(n)) for name, *n in zip(names, *counts, strict=True)),
        seconds=sum(item["seconds"] for item in done),
        scores=scores,
    )


def pooled_scores(runs: Sequence[Run]) -> HeldOutScores:
    """Return the scores of all held-out recordings, each from the run that it did not train.

    Raises RunError as `evaluate_runs` does.
    """
    _check_alike(runs)
    parts = [run.scores() for run in runs]
    name = "test" if all("test" in scores.parts for scores in parts) else "validation"
    pooled = _concatenated([scores.part(name) for scores in parts])
    if not pooled.record_ids:
        folders = ", ".join(str(run.folder) for run in runs)
        raise RunError(f"{folders}: expected recordings that were held out, found none")
    if len(set(pooled.record_ids)) < len(pooled.record_ids):
        raise RunError("expected runs that hold out different recordings, found the same one in two of them")
    return pooled


def _check_alike(runs: Sequence[Run]) -> None:
    if not runs:
        raise RunError("expected at least one run, found none")
    for run in runs[1:]:
        if keys := differences(runs[0], run):
            raise RunError(f"{runs[0].folder} and {run.folder} differ in {', '.join(keys)}")


def _concatenated(parts: Sequence[HeldOutScores]) -> HeldOutScores:
    return HeldOutScores(
        record_ids=tuple(name for scores in parts for name in scores.record_ids),
        truth=np.concatenate([scores.truth for scores in parts]),
        logits=np.concatenate([scores.logits for scores in parts]),
        parts=tuple(part for scores in parts for part in scores.parts),
        patients=tuple(patient for scores in parts for patient in scores.patients),
        folds=tuple(fold for scores in parts for fold in scores.folds),
        recordings=tuple(name for scores in parts for name in scores.recordings),
    )


def differences(one: Run, other: Run) -> list[str]:
    """Name the settings, by dotted path, in which two runs differ, beside those that may differ by fold."""
    free = ["fold", "protocol.seed"]
    # Each fold has a teacher, and may have initial weights, of its own; but all have one, or none.
    free += ["protocol.teacher", "teacher"] * (bool(one.protocol.teacher) == bool(other.protocol.teacher))
    free += ["init"] * ((one.settings["init"] is None) == (other.settings["init"] is None))
    keys = differing_keys(dict(one.settings), dict(other.settings))
    return [key for key in keys if key not in free and key.partition(".")[0] not in (*FREE, DERIVED)]
