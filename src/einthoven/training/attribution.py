"""Why a trained network answered as it did, by its gradients; for networks that are still torch modules."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from einthoven.errors import MissingExtraError, RecordError, SettingsError
from einthoven.explained_part import (
    check_length,
    check_moves,
    check_window,
    choose_beat,
    column_of,
    part_of,
)
from einthoven.explanation import Explanation
from einthoven.record import Record, Signal
from einthoven.signal.missing import fill_missing
from einthoven.training.trained import TrainedNetwork

MIN_DURATION_S = 1.0
_MAX_GAP = 0.05
"""From this share of what the gradients should add up to on, the difference is told."""
_QUIET = 0.05
"""A frequency of a spectrogram has this share of its values below what it has when it is quiet."""
_BATCH_VALUES, _MAX_BATCH = 2**18, 16
_UNCALIBRATED = "probabilities of a run are not calibrated: pack it into a bundle for that"


@dataclass(frozen=True)
class Gradients:
    """How gradients become an explanation.

    n_steps : points on the way from a flat line to the recording
    window_s : what gradients say of single samples is summed over windows so long, s

    Raises SettingsError if a value is out of range.
    """

    n_steps: int = 50
    window_s: float = 0.2

    def __post_init__(self) -> None:
        if self.n_steps < 1:
            raise SettingsError(f"expected at least one step, found {self.n_steps}")
        check_window(self.window_s)


BEAT_GRADIENTS = Gradients(window_s=0.04)
"""Of a heartbeat, whose parts are shorter than what decides a rhythm."""


def explain_run(
    trained: TrainedNetwork,
    record: Record,
    label: str | None = None,
    *,
    start_s: float = 0.0,
    duration_s: float | None = None,
    gradients: Gradients | None = None,
) -> Explanation:
    """Explain by integrated gradients how much each sample of a recording speaks for a label.

    Source: Sundararajan, Taly, Yan, "Axiomatic Attribution for Deep Networks", ICML 2017, arXiv:1703.01365,
    as captum computes it.
    Differences: what is followed is the log-odds of the label instead of its probability, which stands still
    near 1. The way starts at a flat line in the part that is explained, the rest stays as it is: at the
    median of each lead, and in a spectrogram at the power of each frequency when it is quiet (its 5 %
    quantile). Zeros, the usual choice, are off the baseline of a beat that is scaled to [0, 1], and in a
    spectrogram as loud as 1 mV^2 / Hz; from there what was marked mattered less (docs/explain.md). What is
    said of single input values is summed over leads, frequencies, and windows of `window_s`.

    Parameters
    ----------
    trained : TrainedNetwork
        Who answers.
    record : Record
        As `read_record` returns it.
    label : str, optional
        A class of the run; the most probable one if not given.
    start_s, duration_s : float
        Which part is explained, s; as much as can be, from the beginning, if not given.
    gradients : Gradients, optional
        Steps and window.

    Returns
    -------
    Explanation

    Raises
    ------
    RecordError
        If the recording is under 1 s, a lead that is needed is not there, or nothing moves in it.
    SettingsError
        If there is no such class, or the part is not there.
    MissingExtraError
        If captum is not installed.
    """
    where = record.path or record.name or "record"
    if record.duration_s < MIN_DURATION_S:
        raise RecordError(f"{where}: expected at least {MIN_DURATION_S:g} s of signal, "
                          f"found {record.duration_s:g} s")  # fmt: skip
    trained.check_beats(are_wanted=False)
    chosen = record.for_model(trained.protocol.leads)
    signal, fs = fill_missing(chosen.signal), chosen.fs
    check_moves(signal, chosen.leads, where)
    first, end = part_of(chosen.n_samples, fs, start_s, duration_s)
    found = _attribute(trained, signal, fs, (first, end), label, gradients or Gradients())
    return Explanation(
        record=record.name,
        path=record.path,
        model=trained.name,
        signal=signal,
        background=np.zeros_like(signal),
        fs=fs,
        leads=chosen.leads,
        first=first,
        label=found.label,
        probs=found.probs,
        attribution=found.of_rows.sum(axis=0),
        method="integrated gradients",
        window_s=(gradients or Gradients()).window_s,
        step_s=None,
        fill="line",
        warnings=(_UNCALIBRATED, *record.warnings, *found.notes),
    )


def explain_run_beat(
    trained: TrainedNetwork,
    record: Record,
    label: str | None = None,
    *,
    number: int | None = None,
    beat_class: str | None = None,
    gradients: Gradients | None = None,
) -> Explanation:
    """Explain by integrated gradients how much each sample of a heartbeat speaks for its class.

    What is shown is the first row of the network's input, the beat; what the other rows add is in `beside`.

    Parameters
    ----------
    trained : TrainedNetwork
        Of a run that learnt from heartbeats.
    record : Record
        As `read_record` returns it.
    label : str, optional
        A class of the run; the most probable one if not given.
    number, beat_class : optional
        Which heartbeat: its number, from 1, or the first that the network gives this class; else the first.
    gradients : Gradients, optional
        Steps and window; the window is 0.04 s if not given.

    Returns, raises: as `explain_run`; RecordError too if there is no such heartbeat.
    """
    settings, cut = gradients or BEAT_GRADIENTS, trained.cut
    where = record.path or record.name or "record"
    beats = trained.beats_of(record)
    labels = [trained.protocol.classes[k] for k in trained.probs_of_rows(beats.rows).argmax(axis=1)]
    chosen = choose_beat(labels, number, beat_class, where)
    position = chosen.position
    rows, leads = beats.rows[position], record.for_model(cut.leads).leads
    check_moves(rows[:1], leads, f"{where}: beat {position + 1}")
    end = int(np.flatnonzero(rows[0])[-1]) + 1
    rpeak_s = float(beats.rpeaks[position] / record.fs)
    found = _attribute(trained, rows, cut.fs, (0, end), label, settings)
    return Explanation(
        record=record.name,
        path=record.path,
        model=trained.name,
        signal=rows[:1],
        background=np.zeros_like(rows[:1]),
        fs=cut.fs,
        leads=leads,
        first=0,
        label=found.label,
        probs=found.probs,
        attribution=found.of_rows[0],
        method="integrated gradients",
        window_s=settings.window_s,
        step_s=None,
        fill="line",
        warnings=(_UNCALIBRATED, *record.warnings, *found.notes),
        unit="scaled",
        origin_s=rpeak_s - float(getattr(cut, "before_s", 0.0)),
        beat=position + 1,
        rpeak_s=rpeak_s,
        choice=chosen.words,
        beside=dict(zip(cut.rows[1:], found.totals[1:].tolist(), strict=True)),
    )


@dataclass(frozen=True, eq=False)
class _Attributed:
    """What gradients say.

    label : of what
    probs : label -> probability
    of_rows : (n_rows, n_samples of the part) log-odds
    totals : (n_rows,) what each row adds over the whole part
    notes : what is to be said of it
    """

    label: str
    probs: dict[str, float]
    of_rows: NDArray[np.float64]
    totals: NDArray[np.float64]
    notes: tuple[str, ...]


def _attribute(
    trained: TrainedNetwork,
    signal: Signal,
    fs: float,
    part: tuple[int, int],
    label: str | None,
    settings: Gradients,
) -> _Attributed:
    """Follow the gradients of a label, the most probable one if None, in a part of a signal."""
    check_length("window", settings.window_s, fs)
    classes, (first, end) = trained.protocol.classes, part
    probs = trained.probs([signal], fs)[0]
    column = int(probs.argmax()) if label is None else column_of(label, classes, trained.name)
    x, rate = trained.input(signal, fs)
    middles = trained.start_s(rate) + np.arange(x.shape[-1]) / rate
    inside = (middles >= first / fs) & (middles < end / fs)
    # At least one step of the input: of a spectrogram one may be longer than the part.
    inside[np.abs(middles - (first + end) / fs / 2).argmin()] = True
    values, notes = _integrated(trained.network, x, inside, column, settings.n_steps)
    width = max(1, round(settings.window_s * rate))
    times = (np.arange(first, end) + 0.5) / fs
    return _Attributed(
        label=classes[column],
        probs={name: round(float(p), 6) for name, p in zip(classes, probs, strict=True)},
        of_rows=np.stack([np.interp(times, middles, _summed(row, width)) for row in values]),
        totals=values.sum(axis=1),
        notes=notes,
    )


def _integrated(
    network: nn.Module, x: Tensor, inside: NDArray[np.bool_], column: int, n_steps: int
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """Return what each row and time step adds to the log-odds of a class, (n_rows, n_steps), and remarks."""
    try:
        from captum.attr import IntegratedGradients
    except ModuleNotFoundError as error:
        raise MissingExtraError("gradients need captum: pip install 'einthoven[train]'") from error
    part, baseline = torch.from_numpy(inside), x.clone()
    level = _QUIET if x.ndim == 4 else 0.5
    baseline[..., part] = x[..., part].quantile(level, dim=-1, keepdim=True)

    def odds(batch: Tensor) -> Tensor:
        logits: Tensor = network(batch, torch.full((len(batch),), batch.shape[-1]))
        others = torch.cat([logits[:, :column], logits[:, column + 1 :]], 1)
        return logits[:, column] - others.logsumexp(1)

    found, gap = IntegratedGradients(odds).attribute(
        x,
        baselines=baseline,
        n_steps=n_steps,
        internal_batch_size=max(1, min(_MAX_BATCH, _BATCH_VALUES // x.numel())),
        return_convergence_delta=True,
    )
    values = (
        found[0].detach().double().flatten(1, -2).sum(1) if found.ndim == 4 else found[0].detach().double()
    )
    total, missing = float(values.sum()), float(gap)
    if abs(missing) <= _MAX_GAP * max(abs(total - missing), 1.0):
        return values, ()
    found_words = f"the gradients add up to {total:.2f}, the log-odds differ by {total - missing:.2f}"
    return values, (f"{found_words} from those of a flat line: more steps would bring them together",)


def _summed(values: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """Return the sum over the window of `width` steps around each step."""
    return np.convolve(values, np.ones(width), mode="full")[(width - 1) // 2 :][: len(values)]
