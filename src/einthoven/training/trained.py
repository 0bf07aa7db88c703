"""The network of a finished run, ready to be asked about signals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from einthoven.decisions import softmax
from einthoven.errors import SettingsError
from einthoven.pipeline import LogSpectrogram
from einthoven.record import Record, Signal
from einthoven.signal.beats import BeatInputs, Cut
from einthoven.signal.beats.told import cut_told
from einthoven.training.protocol import Protocol
from einthoven.training.run_folder import Run

_BEATS = 256


@dataclass(frozen=True, eq=False)
class TrainedNetwork:
    """The network of a finished run, ready to answer.

    name : the run's folder
    protocol : what trained it
    network : in evaluation mode, on the CPU
    """

    name: str
    protocol: Protocol
    network: nn.Module

    @classmethod
    def of(cls, run: Run) -> TrainedNetwork:
        """Open a run. Raises RunError if it is not finished."""
        return cls(str(run.folder), run.protocol, run.network().requires_grad_(False))

    def input(self, signal: Signal, fs: float) -> tuple[Tensor, float]:
        """Return what the network reads of a signal, (1, n_leads, [n_bins,] n_steps), and its rate, Hz."""
        prepared, rate = self.protocol.pipeline(signal, fs)
        return torch.from_numpy(np.array(prepared, np.float32))[None], rate

    def check_beats(self, *, are_wanted: bool) -> None:
        """Raise SettingsError if a run of whole recordings should be one of heartbeats, or vice versa."""
        if (self.protocol.cut is not None) != are_wanted:
            names = ("heartbeats", "whole recordings")
            wanted, found = names if are_wanted else names[::-1]
            raise SettingsError(
                f"{self.name}: expected a run that learnt from {wanted}, found one of {found}"
            )

    def start_s(self, rate: float) -> float:
        """Return the middle of the input's first step, s; of a spectrogram that of its first window."""
        for step in self.protocol.pipeline.steps:
            if isinstance(step, LogSpectrogram):
                return step.window / (step.window - step.overlap) / rate / 2
        return 0.5 / rate

    @torch.no_grad()
    def probs(self, signals: Sequence[Signal], fs: float) -> NDArray[np.float64]:
        """Return probabilities (n_signals, n_classes), not calibrated, of signals of one length."""
        x = torch.cat([self.input(signal, fs)[0] for signal in signals])
        return softmax(self.network(x, torch.full((len(x),), x.shape[-1])).double().numpy())

    @property
    def cut(self) -> Cut:
        """How recordings are cut into what it reads. Raises SettingsError if it reads whole recordings."""
        self.check_beats(are_wanted=True)
        assert self.protocol.cut is not None
        return self.protocol.cut.served

    def beats_of(self, record: Record) -> BeatInputs:
        """Return the heartbeats of a recording as the network reads them.

        They are those of `BeatModel.classify`: not what is found in noise, or without signal.
        """
        chosen = record.for_model(self.cut.leads)
        return cut_told(self.cut, chosen.signal, chosen.fs).inputs

    def rows_of(self, record: Record) -> Signal:
        """Return what the network reads of each heartbeat, (n_beats, n_rows, n_samples)."""
        return self.beats_of(record).rows

    def probs_of_rows(self, rows: Signal) -> NDArray[np.float64]:
        """Return probabilities (n_beats, n_classes) of cut heartbeats (n_beats, n_rows, n_samples)."""
        portions = [rows[start : start + _BEATS] for start in range(0, len(rows), _BEATS)]
        found = [self.probs(list(portion), self.cut.fs) for portion in portions]
        return np.concatenate([np.empty((0, len(self.protocol.classes))), *found])
