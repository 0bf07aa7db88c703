"""Where a run stands, and the checkpoint that says so."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from einthoven.training.checkpoint import Weights, decode, encode, write_atomically
from einthoven.training.run_folder import CHECKPOINTS, LOG

CHECKPOINT = Path(CHECKPOINTS) / "last.ckpt"


@dataclass
class State:
    """Where a run stands.

    phase, epoch : position in the protocol, and epochs done in that phase
    step, total_epochs : optimiser steps and epochs done over all phases
    carried : weights that this phase began with; None: fresh ones
    best, best_score, best_epoch : weights, score and epoch of this phase's best epoch; the score is the
        validation F1avg, or the negative validation loss where that is monitored
    lowest_loss, plateau_since, falls : with a plateau schedule, the lowest validation loss of this phase,
        its epoch or that of the last fall, whichever is later, and how often the rate fell
    target_loss : the loss at which continuing on the union of both parts ends
    over : this phase is over
    rows : of log.csv
    """

    phase: int = 0
    epoch: int = 0
    step: int = 0
    total_epochs: int = 0
    carried: Weights | None = None
    best: Weights | None = None
    best_score: float = -math.inf
    best_epoch: int = 0
    lowest_loss: float = math.inf
    plateau_since: int = 0
    falls: int = 0
    target_loss: float | None = None
    over: bool = False
    rows: list[dict[str, Any]] = field(default_factory=list)

    def next_phase(self, weights: Weights) -> State:
        """Return the state at the beginning of the phase after this one."""
        return State(self.phase + 1, 0, self.step, self.total_epochs, weights, rows=self.rows)


def save_state(folder: Path, state: State, modules: dict[str, Any]) -> None:
    """Write the checkpoint of a run, then its log.

    Parameters
    ----------
    folder : of the run
    state : where it stands
    modules : state dicts of network, optimiser and moving average

    Raises
    ------
    RunError if a file cannot be written; the checkpoint before it is then intact.
    """
    values = {item.name: getattr(state, item.name) for item in fields(State)}
    write_atomically(folder / CHECKPOINT, encode({"state": values, **modules}))
    write_log(folder, state)


def write_log(folder: Path, state: State) -> None:
    """Write log.csv, an epoch a row.

    Raises RunError if it cannot be written.
    """
    lines = [",".join(state.rows[0])] if state.rows else []
    lines += [",".join("" if value is None else str(value) for value in row.values()) for row in state.rows]
    write_atomically(folder / LOG, "".join(f"{line}\n" for line in lines).encode())


def load_state(folder: Path) -> tuple[State, dict[str, Any]] | None:
    """Read what `save_state` wrote; None if there is no checkpoint yet.

    Raises RunError if it is damaged.
    """
    if not (folder / CHECKPOINT).exists():
        return None
    modules = decode(folder / CHECKPOINT)
    return State(**modules.pop("state")), modules
