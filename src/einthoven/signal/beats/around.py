"""Beats as einthoven's own classifier reads them: the wave, the wave that is usual here, and the rhythm."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import UnionType
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import RecordError, SettingsError
from einthoven.record import Signal, sampling_rate
from einthoven.signal.beats.cut import BeatInputs, checked_rpeaks
from einthoven.signal.beats.fibrillation import fibrillating_times, without_p_waves
from einthoven.signal.beats.rhythm import N_FEATURES, intervals_before, rhythm_features
from einthoven.signal.beats.shape import (
    AFTER_S,
    BEFORE_S,
    N_SHAPE,
    correlation,
    likeness,
    qrs_of,
    shape_features,
)
from einthoven.signal.beats.windows import aligned, usual_beats, windows
from einthoven.signal.filters import bandpass, check_band
from einthoven.signal.missing import fill_missing
from einthoven.signal.resample import resample
from einthoven.signal.rpeaks import find_rpeaks

_Indices = NDArray[np.int64]

LOWEST_MV = 0.05
"""A usual QRS complex that is lower is not scaled up further."""
LARGEST, LARGEST_FEATURE = 6.0, 4.0
"""Waves, in halves of the usual QRS complex, and features are cut off beyond plus and minus this."""
N_ALIKE = 4
"""Neighbours to either side that a beat is compared with, one by one."""
UNLIKE = 0.8
"""Below this correlation with the usual beat, a beat is taken for a ventricular one."""
VIEWS = ("lead", "other lead", "sum", "difference", "fibrillation", "fibrillation in the other lead")
"""What a training cut holds of each beat; the first is what serves."""
N_LEADS_VIEWS = 4
"""So many of them, the first, are the beat as it was recorded."""
_SEED = 1895


@dataclass(frozen=True)
class AroundRPeaks:
    """A window around each R peak, with the beat that is usual around it, and its rhythm.

    Each beat gives three rows: the beat, the usual beat, and the features: those of `rhythm_features`, of
    `shape_features` and of `likeness`, in this order, then zeros. Waves lie within -6 and 6, where the usual
    QRS complex is 2 high, features within -4 and 4.

    Gain, offset and polarity of the lead change nothing: beats are turned so that the largest deflection of
    the usual QRS complex points upwards. Only where that complex is under 0.05 mV high is it taken as 0.05.

    Source: none; composed here. Parts that have one name it.

    fs : rate of the rows, Hz
    before_s, after_s : length of the window before and after the R peak, s; at least 0.28 and 0.48, where P
        and T waves are looked for
    low_hz, high_hz : zero-phase band-pass
    reach_s : R peaks are moved to the largest deflection, so far at most, s
    n_usual : so many beats to either side are looked at for the usual beat
    usual_step : so many neighbours share it
    training : also cut other views of each beat, from which augmentation draws: in the other lead, in the sum
        and the difference of the two (of one lead alone, that lead and nothing), and as in atrial
        fibrillation, see `VIEWS`

    Raises SettingsError if a setting is out of range.

    >>> from einthoven.signal.simulated import simulate
    >>> record = simulate(duration_s=20, seed=1)
    >>> AroundRPeaks()(record.signal, record.fs).rows.shape
    (24, 3, 150)
    """

    fs: float = 125.0
    before_s: float = 0.6
    after_s: float = 0.6
    low_hz: float = 0.5
    high_hz: float = 40.0
    reach_s: float = 0.072
    n_usual: int = 100
    usual_step: int = 20
    training: bool = False

    leads: ClassVar[tuple[str, ...]] = ("MLII",)
    finds_rpeaks: ClassVar[bool] = False
    n_features: ClassVar[int] = N_FEATURES + N_SHAPE + 2 * N_ALIKE

    def __post_init__(self) -> None:
        for name in ("fs", "before_s", "after_s", "low_hz", "high_hz", "reach_s"):
            _check_above_0(name, getattr(self, name), "a number", int | float)
        for name in ("n_usual", "usual_step"):
            _check_above_0(name, getattr(self, name), "a whole number", int)
        if not isinstance(self.training, bool):
            raise SettingsError(f"AroundRPeaks: expected training true or false, found {self.training!r}")
        check_band(self.low_hz, self.high_hz, 3)
        if self.before_s < BEFORE_S or self.after_s < AFTER_S:
            raise SettingsError(f"AroundRPeaks: expected before_s from {BEFORE_S:g} and after_s from "
                                f"{AFTER_S:g}, found {self.before_s:g} and {self.after_s:g}")  # fmt: skip
        if self.n_samples < self.n_features:
            raise SettingsError(f"AroundRPeaks: expected windows of at least {self.n_features} samples, "
                                f"found {self.n_samples}")  # fmt: skip

    @property
    def rows(self) -> tuple[str, ...]:
        """Names of the rows: three a view."""
        views = VIEWS if self.training else VIEWS[:1]
        names = [("beat", "usual beat", "rhythm and shape")]
        names += [(f"beat: {view}", f"usual beat: {view}", f"rhythm and shape: {view}") for view in views[1:]]
        return tuple(name for of_view in names for name in of_view)

    @property
    def served(self) -> AroundRPeaks:
        """The cut of a model that is trained on this one."""
        return replace(self, training=False)

    @property
    def takes_other_leads(self) -> bool:
        """Whether leads beyond the first are of use."""
        return self.training

    @property
    def n_samples(self) -> int:
        """Length of each row; the last of each view holds its features, and zeros after them."""
        return self.rpeak + round(self.after_s * self.fs)

    @property
    def rpeak(self) -> int:
        """Index of the R peak in a row."""
        return round(self.before_s * self.fs)

    def __call__(self, signal: Signal, fs: float, rpeaks: _Indices | None = None) -> BeatInputs:
        """Cut a recording.

        Parameters
        ----------
        signal : (n_leads, n_samples) float32, mV; NaN where a sample is missing. Only a training cut reads
            more than the first lead, and no more than two
        fs : sampling rate, Hz
        rpeaks : (n_beats,) sample indices, increasing; None: those that `find_rpeaks` finds in the first lead

        Returns
        -------
        Rows (n_beats, 3, n_samples), three for each of six views of a training cut, and the R peaks as they
        were given or found, each of which gives one beat. None of them is skipped.

        Raises
        ------
        RecordError if there is no lead or sample, if R peaks are not increasing sample indices of it, or if
        its rate is none, or too low to find R peaks where none are given.
        """
        rate = sampling_rate(fs, "heartbeats")
        leads = np.atleast_2d(signal)
        if leads.ndim != 2 or leads.size == 0:
            raise RecordError(f"expected at least one lead to cut, (n_leads, n_samples), found shape "
                              f"{np.shape(signal)}")  # fmt: skip
        given = (
            find_rpeaks(leads[:1], rate, warn=False)
            if rpeaks is None
            else checked_rpeaks(rpeaks, leads.shape[1])
        )
        if not len(given):
            return BeatInputs(np.empty((0, len(self.rows), self.n_samples), np.float32), given)
        return BeatInputs(np.concatenate(self._views(leads, rate, given), axis=1), given)

    def _views(self, leads: Signal, fs: float, rpeaks: _Indices) -> list[Signal]:
        """Return (n_beats, 3, n_samples) for each view, of one beat or more."""
        main = self._lead(leads[0], fs)
        times = rpeaks / fs
        if not self.training:
            return [self._rows(*self._scaled(main, fs, rpeaks), times)]
        other = self._lead(leads[min(1, len(leads) - 1)], fs)
        one, two = (lead / max(float(lead.std()), 1e-6) for lead in (main, other))
        scaled = [self._scaled(lead, fs, rpeaks) for lead in (main, other, one + two, one - two)]
        rng = np.random.default_rng([_SEED, len(rpeaks), int(rpeaks[0])])
        fibrillating = [self._fibrillating(*waves, times, rng) for waves in scaled[:2]]
        return [*(self._rows(*waves, times) for waves in scaled), *fibrillating]

    def _lead(self, lead: Signal, fs: float) -> Signal:
        """Return a lead (n_samples,), mV, filtered and at the rate of the rows."""
        filtered = bandpass(fill_missing(lead), fs, self.low_hz, self.high_hz)
        return resample(filtered, fs, self.fs)

    def _scaled(self, lead: Signal, fs: float, rpeaks: _Indices) -> tuple[Signal, Signal]:
        """Return the beats and the usual beats, (n_beats, n_samples) each, the usual QRS complex 2 high."""
        places = np.clip(np.round(rpeaks * (self.fs / fs)).astype(np.int64), 0, len(lead) - 1)
        peaks = aligned(lead, places, round(self.reach_s * self.fs))
        beats = windows(lead, peaks, self.rpeak, self.n_samples - self.rpeak)
        usual = usual_beats(beats, intervals_before(rpeaks / fs), self.n_usual, self.usual_step)
        qrs = usual[:, qrs_of(self.rpeak, self.fs)]
        height = np.maximum(np.ptp(qrs, axis=1), LOWEST_MV)
        side = np.where(qrs.max(axis=1) >= -qrs.min(axis=1), 2.0, -2.0)
        scale = (side / height).astype(np.float32)[:, None]
        return beats * scale, usual * scale

    def _rows(self, beats: Signal, usual: Signal, times_s: NDArray[np.float64]) -> Signal:
        """Return (n_beats, 3, n_samples) of scaled beats and usual beats, and the times of their R peaks."""
        qrs = qrs_of(self.rpeak, self.fs)
        described = (
            rhythm_features(times_s),
            shape_features(beats, usual, self.rpeak, self.fs),
            likeness(beats[:, qrs], N_ALIKE),
        )
        rows = np.zeros((len(beats), 3, self.n_samples), np.float32)
        rows[:, 0], rows[:, 1] = np.clip(beats, -LARGEST, LARGEST), np.clip(usual, -LARGEST, LARGEST)
        features = np.concatenate(described, axis=1)
        rows[:, 2, : self.n_features] = np.clip(features, -LARGEST_FEATURE, LARGEST_FEATURE)
        return rows

    def _fibrillating(
        self, beats: Signal, usual: Signal, times_s: NDArray[np.float64], rng: np.random.Generator
    ) -> Signal:
        """Return the rows of beats as they would be in atrial fibrillation."""
        qrs = qrs_of(self.rpeak, self.fs)
        is_unlike = correlation(beats[:, qrs], usual[:, qrs]) < UNLIKE
        times = fibrillating_times(times_s, is_unlike, rng)
        return self._rows(*without_p_waves(beats, usual, self.rpeak, self.fs, rng), times)


def _check_above_0(name: str, value: object, words: str, kind: type | UnionType) -> None:
    # Not finite, or true: what JSON and Python take for a number, and is none.
    if isinstance(value, bool) or not isinstance(value, kind) or not 0 < value < np.inf:  # type: ignore[operator]
        raise SettingsError(f"AroundRPeaks: expected {name} to be {words} above 0, found {value!r}")
