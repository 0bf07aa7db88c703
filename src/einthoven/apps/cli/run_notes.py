"""What a reader of a run's answer should know: which lead was read, and whether the run knows the recording.

A bundle says the first itself, and has been measured on recordings that it did not know.
"""

from __future__ import annotations

from pathlib import PurePath

from einthoven.errors import RunError
from einthoven.inference.pipeline_limits import extent_warning
from einthoven.inference.preparation import lead_choice
from einthoven.record import Record
from einthoven.training.ancestry import digest
from einthoven.training.run_folder import Run

_SURER = "its answer is surer than on others"


def run_notes(run: Run, record: Record) -> tuple[str, ...]:
    """Return what is to be said of a run's answer to a recording.

    Raises RecordError if a lead that the run needs is not there.
    """
    cut, pipeline = run.protocol.cut, run.protocol.pipeline
    leads = run.protocol.leads if cut is None else cut.leads
    notes = lead_choice(record, record.for_model(leads), leads) + known_recording(run, record)
    return notes if cut is not None else notes + extent_warning(record, pipeline, _trained_s(run))


def known_recording(run: Run, record: Record) -> tuple[str, ...]:
    """Say whether a recording, by its name, is one of those that the run learnt from."""
    try:
        parts, held_out = run.ancestry().parts, run.scores()
    except RunError:
        return ("what the run learnt from is not stated: it may know this recording",)
    names = _names(record)
    for part in parts:
        found = [name for name in names if part.records is not None and digest(name) in part.records]
        if found:
            did = "was trained on" if part.role == "trained" else "was stopped by its score on"
            return (f"the run {did} recording {found[0]} of {part.dataset}: if this is it, {_SURER}",)
    unseen = {*held_out.record_ids, *held_out.recordings}
    whole = [part.dataset for part in parts if part.records is None and part.kind != "simulated"]
    if whole and not unseen & set(names):
        return (f"the run was trained on {whole[0]}: if this recording is of it, {_SURER}",)
    return ()


def _names(record: Record) -> list[str]:
    """Return what a data set may call a recording: its name, or its path from some folder on."""
    parts = PurePath(record.path).with_suffix("").parts if record.path else ()
    return [record.name, *("/".join(parts[start:]) for start in range(len(parts) - 2, -1, -1))]


def _trained_s(run: Run) -> tuple[float, float] | None:
    """Return the shortest and the longest recording that trained a run, s, where it states them."""
    try:
        span = run.done()["train_s"]
    except RunError:
        return None
    return (float(span[0]), float(span[-1])) if span else None
