"""The seven steps by which Kachuee et al. (2018) cut an ECG into heartbeats."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from math import floor, isfinite
from types import MappingProxyType
from typing import ClassVar, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import RecordError, SettingsError
from einthoven.record import Signal, sampling_rate
from einthoven.signal.beats.cut import BeatInputs, checked_rpeaks
from einthoven.signal.missing import fill_missing
from einthoven.signal.resample import resample
from einthoven.signal.rpeaks import find_rpeaks

RPeaks = Literal["found", "annotated"]

NO_SAMPLE = "windows without a sample"
FEW_CANDIDATES = "windows with fewer than two candidates"

_LEAST_STEP = 1e-5
"""Smaller steps, as a share of the window's height, are no slope: resampling leaves noise on a line."""
_LONE_BEAT_S = 1.0
"""The R-R interval where there is only one R peak."""

_Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Window:
    """A piece of the resampled lead.

    start : where it begins
    first : the first sample that no window before it held; beats are those from there on
    scaled : its amplitudes, lowest 0, highest 1; all 0 where they do not differ
    missing : whether the recording has no sample there
    """

    start: int
    first: int
    scaled: NDArray[np.float32]
    missing: bool


@dataclass(frozen=True)
class SevenSteps:
    """Cut a lead into heartbeats from one R peak to some way past the next.

    Source: M. Kachuee, S. Fazeli and M. Sarrafzadeh, 2018, arXiv:1805.00794, section III-A. Each window: (1)
    10 s of the lead at 125 Hz; (2) scaled to [0, 1]; (3) its local maxima, where the first derivative crosses
    zero; (4) of those, the R peaks are above 0.9; (5) T, the median R-R interval; (6) 1.2 T from each R peak
    on; (7) zeros to a fixed length.

    Differences: none in the seven steps. Choices where the paper leaves open what to do:

    - Windows follow one another. The last one also lasts 10 s: it reaches back, and gives only the beats that
      the one before it did not. A recording under 10 s is one window.
    - A plateau is one local maximum, at its middle (of two, the first). The ends of a window are none. Steps
      under 1e-5 of the window's height are no slope.
    - A beat ends with its window, as the window is all that is scaled; zeros fill it up. Beats of more than
      `n_samples` lose the end. 1.2 T is rounded to whole samples.
    - A window with fewer than two R peaks yields no beat, nor one in which every sample is missing; both are
      counted. A constant window has no maximum. Other missing samples are bridged (`fill_missing`).
    - The tables that were published with the paper hold 109,446 beats of MIT-BIH: the annotated 109,494 but
      one a recording, where the steps find 67,121. So `rpeaks="annotated"` cuts at R peaks that it is given
      (or those of `find_rpeaks`) in place of steps 3 and 4, and each of them gives one beat. T is then the
      median R-R interval of the window's given peaks; for one peak alone, the mean of the intervals to the
      peaks before and after it in the whole recording; 1 s where no other is given. A window that is constant
      or missing gives rows of zeros.

    fs : rate of the rows, Hz
    window_s : length of a window, s
    threshold : R peaks are above this height of the window, [0, 1)
    span : length of a beat in R-R intervals
    n_samples : length of each row
    rpeaks : "found" by steps 3 and 4, or "annotated"

    Raises SettingsError if a setting is out of range.

    >>> from einthoven.signal.simulated import simulate
    >>> record = simulate(duration_s=20, seed=1)
    >>> beats = SevenSteps()(record.signal, record.fs)
    >>> beats.rows.shape, beats.rpeaks[:3]
    ((16, 1, 187), array([ 317, 1313, 1577]))
    """

    fs: float = 125.0
    window_s: float = 10.0
    threshold: float = 0.9
    span: float = 1.2
    n_samples: int = 187
    rpeaks: RPeaks = "found"

    leads: ClassVar[tuple[str, ...]] = ("MLII",)
    rows: ClassVar[tuple[str, ...]] = ("beat",)
    takes_other_leads: ClassVar[bool] = False

    def __post_init__(self) -> None:
        for name in ("fs", "window_s", "span"):
            if not (_is_number(getattr(self, name)) and getattr(self, name) > 0):
                raise SettingsError(f"SevenSteps: expected {name} above 0, found {getattr(self, name)!r}")
        if self._window_length < 1:
            raise SettingsError(f"SevenSteps: expected window_s of at least one sample at {self.fs:g} Hz, "
                                f"found {self.window_s!r}")  # fmt: skip
        if not (_is_number(self.threshold) and 0 <= self.threshold < 1):
            raise SettingsError(f"SevenSteps: expected threshold from 0 to below 1, found {self.threshold!r}")
        if isinstance(self.n_samples, bool) or not isinstance(self.n_samples, int) or self.n_samples < 1:
            raise SettingsError(
                f"SevenSteps: expected a whole number from 1 for n_samples, found {self.n_samples!r}"
            )
        if self.rpeaks not in get_args(RPeaks):
            raise SettingsError(
                f"SevenSteps: expected rpeaks among {', '.join(get_args(RPeaks))}, found {self.rpeaks!r}"
            )

    @property
    def served(self) -> SevenSteps:
        """The cut of a model that is trained on this one: the same."""
        return self

    @property
    def finds_rpeaks(self) -> bool:
        """Whether it finds the R peaks itself and takes none."""
        return self.rpeaks == "found"

    def __call__(self, signal: Signal, fs: float, rpeaks: _Indices | None = None) -> BeatInputs:
        """Cut a lead.

        Parameters
        ----------
        signal : (1, n_samples) float32, mV; NaN where a sample is missing
        fs : sampling rate, Hz
        rpeaks : (n_beats,) int64 sample indices, increasing, with `rpeaks="annotated"` only

        Returns
        -------
        Rows (n_beats, 1, n_samples) in [0, 1], the R peaks in samples of `signal`, and how many windows gave
        no beat and why.

        Raises
        ------
        RecordError if the signal is not one lead with a sample or more, if R peaks are not increasing sample
        indices of it, or if its rate is none, or too low to find R peaks where none are given. SettingsError
        if R peaks are given to a cut that finds them.
        """
        rate = sampling_rate(fs, "heartbeats")
        if signal.ndim != 2 or len(signal) != 1 or signal.shape[1] == 0:
            raise RecordError(f"expected one lead, (1, n_samples), found shape {signal.shape}")
        if self.finds_rpeaks:
            if rpeaks is not None:
                raise SettingsError(f'expected no R peaks, as rpeaks="found" finds them, found {len(rpeaks)}')
            return self._at_found_rpeaks(signal[0], rate)
        given = (
            find_rpeaks(signal, rate, warn=False)
            if rpeaks is None
            else checked_rpeaks(rpeaks, signal.shape[1])
        )
        return self._at_given_rpeaks(signal[0], rate, given)

    def _at_found_rpeaks(self, lead: Signal, fs: float) -> BeatInputs:
        rows, positions, skipped = [self._no_rows()], [np.empty(0, np.int64)], Counter[str]()
        for window in self._windows(lead, fs):
            peaks = _local_maxima(window.scaled)
            peaks = peaks[window.scaled[peaks] > self.threshold]
            if window.missing or len(peaks) < 2:
                skipped[NO_SAMPLE if window.missing else FEW_CANDIDATES] += 1
                continue
            period = float(np.median(np.diff(peaks)))
            own = peaks[peaks >= window.first - window.start]
            rows.append(self._beats(window.scaled, own, period))
            positions.append(window.start + own)
        samples = np.floor(np.concatenate(positions) * (fs / self.fs) + 0.5).astype(np.int64)
        # Of a lead under 62 Hz two maxima can fall on one sample.
        rpeaks, kept = np.unique(np.minimum(samples, len(lead) - 1), return_index=True)
        found = np.concatenate(rows)
        return BeatInputs(
            found if len(kept) == len(found) else found[kept], rpeaks, MappingProxyType(skipped)
        )

    def _at_given_rpeaks(self, lead: Signal, fs: float, given: _Indices) -> BeatInputs:
        rows = [self._no_rows()]
        windows = list(self._windows(lead, fs))
        last = windows[-1].start + len(windows[-1].scaled) - 1
        positions = np.minimum(np.floor(given * (self.fs / fs) + 0.5).astype(np.int64), last)
        for window in windows:
            ends = (window.start, window.first, window.start + len(window.scaled))
            low, own, high = np.searchsorted(positions, ends).tolist()
            if own < high:
                period = self._period(positions, low, high)
                rows.append(self._beats(window.scaled, positions[own:high] - window.start, period))
        return BeatInputs(np.concatenate(rows), given)

    def _period(self, positions: _Indices, low: int, high: int) -> float:
        """Median R-R interval, samples, of those between low and high; of one, with its neighbours."""
        if high - low == 1:
            low, high = max(low - 1, 0), high + 1
        intervals = np.diff(positions[low:high])
        return float(np.median(intervals)) if len(intervals) else _LONE_BEAT_S * self.fs

    def _windows(self, lead: Signal, fs: float) -> Iterator[_Window]:
        filled = fill_missing(lead)
        resampled = resample(filled, fs, self.fs)
        n = len(resampled)
        for first in range(0, n, self._window_length):
            start = max(0, min(first, n - self._window_length))
            piece = resampled[start : start + self._window_length]
            begin, end = (floor(at * fs / self.fs + 0.5) for at in (start, start + len(piece)))
            begin = min(begin, len(lead) - 1)
            before = slice(begin, max(end, begin + 1))
            # Told before resampling, which leaves ripples on a line.
            flat = bool((filled[before] == filled[begin]).all())
            missing = bool(np.isnan(lead[before]).all())
            yield _Window(start, first, _scaled(piece, flat or missing), missing)

    def _beats(self, scaled: NDArray[np.float32], peaks: _Indices, period: float) -> NDArray[np.float32]:
        """Cut 1.2 periods from each peak on: (n_beats, 1, n_samples)."""
        steps = np.arange(self.n_samples)
        at = peaks[:, None] + steps
        there = (at < len(scaled)) & (steps < max(1, floor(self.span * period + 0.5)))
        beats = np.where(there, scaled[np.minimum(at, len(scaled) - 1)], np.float32(0))
        return beats[:, None]

    def _no_rows(self) -> NDArray[np.float32]:
        return np.empty((0, 1, self.n_samples), np.float32)

    @property
    def _window_length(self) -> int:
        return floor(self.window_s * self.fs + 0.5)


def _scaled(piece: NDArray[np.float32], flat: bool) -> NDArray[np.float32]:
    lowest = piece.min()
    height = piece.max() - lowest
    return np.zeros_like(piece) if flat or height == 0 else (piece - lowest) / height


def _local_maxima(scaled: NDArray[np.float32]) -> _Indices:
    """Where the first derivative crosses zero from above: between a rise and the fall that follows it."""
    slope = np.diff(scaled)
    changes = np.flatnonzero(np.abs(slope) > _LEAST_STEP)
    rises = slope[changes] > 0
    tops = np.flatnonzero(rises[:-1] & ~rises[1:])
    return np.asarray((changes[tops] + 1 + changes[tops + 1]) // 2, np.int64)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
