"""Where the heart beats: R peaks, of a whole recording or while it comes in."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import ArrayLike, NDArray

from einthoven.errors import NoSignalWarning, RecordError
from einthoven.record import Signal
from einthoven.signal.rpeaks.bands import QRSBands, decimation
from einthoven.signal.rpeaks.choice import BeatChoice
from einthoven.signal.rpeaks.flat import FlatLeads
from einthoven.signal.rpeaks.gaps import GapBridge
from einthoven.signal.rpeaks.levels import QRSLevels
from einthoven.signal.rpeaks.peaks import PeakPlacement
from einthoven.signal.rpeaks.scores import WaveScores

MIN_FS = 40.0
_SHORTEST_S = 0.5
"""In less, nothing tells a QRS complex from its surroundings."""
_AT_ONCE_S = 2.0
"""Smaller pieces are collected first: each costs some hundred calls."""
_PIECE_S = 240.0
"""Larger ones are cut: so their arrays stay in the processor's cache."""


def find_rpeaks(signal: Signal, fs: float, *, warn: bool = True) -> NDArray[np.int64]:
    """Find the R peak of each heartbeat.

    Source: the chain of J. Pan and W. J. Tompkins, 1985, DOI 10.1109/TBME.1985.325532: band-pass, slope,
    moving average, adaptive level, refractory time, search back.
    Differences: filters are zero-phase; the level is the median of the highest waves of some seconds before
    and after, so that a burst of noise does not move it; a wave is judged by how much it stands out from the
    half second on either side, and by its slope; the rhythm decides where that is not clear. Leads are
    averaged, those in which the beats stand out most counting most. Scaling, shifting or inverting the signal
    changes nothing. Its constants are chosen on DS1 of MIT-BIH without recording 201.

    Parameters
    ----------
    signal : (n_samples,) or (n_leads, n_samples), mV; NaN (missing) is bridged
    fs : sampling rate, Hz, at least 40
    warn : whether to warn where no lead carries a signal; False: whoever asks tells that himself

    Returns
    -------
    int64 sample indices, increasing, at the highest deflection of each QRS complex; empty for a flat
    line and for less than 0.5 s. They are those of `RPeakStream`, to the sample.

    Raises
    ------
    RecordError if the sampling rate is below 40 Hz.

    Warns
    -----
    NoSignalWarning if every lead is flat (all its samples alike) or has no samples but missing ones.
    """
    leads = np.atleast_2d(signal)
    stream = RPeakStream(fs, len(leads))
    piece = round(_PIECE_S * fs)
    found = [stream.push(leads[:, at : at + piece]) for at in range(0, leads.shape[-1], piece)]
    found.append(stream.finish(warn=False))
    if warn and stream.no_signal:
        warnings.warn(stream.no_signal, NoSignalWarning, stacklevel=2)
    return np.concatenate(found)


class RPeakStream:
    """Find R peaks while a recording comes in: constant memory, the same peaks however it is cut into chunks.

    A peak is told about 6 s after it came; where no clear beat follows, up to 12 s after.

    Parameters
    ----------
    fs : sampling rate, Hz, at least 40
    n_leads : number of leads

    Raises
    ------
    RecordError if the sampling rate is below 40 Hz.

    >>> from einthoven.signal.simulated import simulate
    >>> signal = simulate(seed=1).signal
    >>> stream = RPeakStream(fs=300.0)
    >>> peaks = [stream.push(signal[:, at : at + 100]) for at in range(0, 9000, 100)]
    >>> peaks.append(stream.finish())
    >>> bool((np.concatenate(peaks) == find_rpeaks(signal, 300.0)).all())
    True
    """

    def __init__(self, fs: float, n_leads: int = 1) -> None:
        if not fs >= MIN_FS:
            raise RecordError(f"expected at least {MIN_FS:g} Hz to find R peaks, found {fs:g} Hz")
        self._n_leads = n_leads
        self._shortest = _SHORTEST_S * fs
        self._at_once = round(_AT_ONCE_S * fs)
        self._waiting: list[Signal] = []
        self._n_waiting = 0
        self._n_samples = 0
        self._finished = False
        self._flat = FlatLeads(n_leads)
        self._gaps = GapBridge(fs, n_leads)
        self._bands = QRSBands(fs, n_leads)
        self._levels = QRSLevels(self._bands.fs, n_leads)
        self._scores = WaveScores(self._bands.fs)
        self._choice = BeatChoice(self._bands.fs)
        self._peaks = PeakPlacement(fs, decimation(fs), n_leads, self._levels.block)

    def push(self, chunk: ArrayLike) -> NDArray[np.int64]:
        """Take the next samples, (n_samples,) or (n_leads, n_samples) in mV; give back settled peaks.

        Raises RecordError if the chunk has another number of leads, or if the stream is finished.
        """
        samples = np.atleast_2d(np.asarray(chunk, np.float32))
        if self._finished:
            raise RecordError("expected no samples after the end of the stream")
        if samples.ndim != 2 or len(samples) != self._n_leads:
            raise RecordError(f"expected chunks of {self._n_leads} leads, found shape {samples.shape}")
        self._waiting.append(samples)
        self._n_waiting += samples.shape[-1]
        self._n_samples += samples.shape[-1]
        self._flat.look(samples)
        if self._n_waiting < self._at_once:
            return np.empty(0, np.int64)
        return self._work(self._gaps.push(self._collect()))

    @property
    def no_signal(self) -> str | None:
        """Why there was no peak so far: no lead has ever moved; None if one has, or if nothing came."""
        return self._flat.words()

    def finish(self, *, warn: bool = True) -> NDArray[np.int64]:
        """Give back the remaining peaks; nothing can be pushed any more.

        Warns with a NoSignalWarning if no lead has ever moved, unless `warn` is False. Raises RecordError if
        the stream is finished already.
        """
        if self._finished:
            raise RecordError("expected one end of the stream, found another")
        self._finished = True
        if warn and self.no_signal:
            warnings.warn(self.no_signal, NoSignalWarning, stacklevel=2)
        if self._n_samples < self._shortest:
            return np.empty(0, np.int64)
        peaks = [self._work(self._gaps.push(self._collect())), self._work(self._gaps.finish())]
        rest = (self._levels.push(*self._bands.finish()), self._levels.finish())
        peaks.extend(self._choose(*settled) for settled in rest)
        peaks.append(self._peaks.place(self._choice.push(*self._scores.finish())))
        peaks.append(self._peaks.place(self._choice.finish(self._scores.length)))
        return np.concatenate(peaks)

    def _collect(self) -> Signal:
        samples = self._waiting[0] if len(self._waiting) == 1 else self._joined()
        self._waiting, self._n_waiting = [], 0
        return samples

    def _joined(self) -> Signal:
        return np.concatenate([np.empty((self._n_leads, 0), np.float32), *self._waiting], axis=-1)

    def _work(self, samples: Signal) -> NDArray[np.int64]:
        self._peaks.keep(samples)
        return self._choose(*self._levels.push(*self._bands.push(samples)))

    def _choose(
        self, height: NDArray[np.float32], slope: NDArray[np.float32], weights: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        self._peaks.weigh(weights)
        waves, scores, settled = self._scores.push(height, slope)
        peaks = self._peaks.place(self._choice.push(waves, scores, settled))
        pending = self._choice.pending_from
        self._peaks.forget(settled if pending is None else min(pending, settled))
        return peaks
