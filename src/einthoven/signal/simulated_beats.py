"""When a simulated heart beats, and from where: one placement a rhythm."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.float64]

_MARGIN_S = 2.0
"""Beats before and after the recording, whose waves reach into it."""
_SHORTEST_RR_S = 0.28
_AF_RATE = 1.35
"""Untreated atrial fibrillation drives the ventricles faster than the sinus node would."""
_AF_VARIATION = 0.24
"""Standard deviation over mean of the R-R intervals; about 0.05 in sinus rhythm."""


@dataclass(frozen=True, slots=True)
class Beats:
    """Heartbeats in the order of time.

    times_s : (n,) instants of the R peaks, s; some lie before or after the recording
    kinds : (n,) WFDB codes: N from the sinus node (or conducted), A premature from the atria, V from a
        ventricle
    """

    times_s: Times
    kinds: NDArray[np.str_]

    @property
    def rr_s(self) -> Times:
        """The interval before each beat, s; the first beat's is taken to be that of the second."""
        rr = np.diff(self.times_s)
        return np.concatenate([rr[:1], rr])


def place_beats(rhythm: str, duration_s: float, heart_rate: float, rng: np.random.Generator) -> Beats:
    """Place the beats of one of the rhythms in RHYTHM_BEATS.

    Parameters
    ----------
    rhythm : key of RHYTHM_BEATS
    duration_s : length of the recording, s
    heart_rate : rate of the sinus node, beats a minute
    rng : source of everything random
    """
    return RHYTHM_BEATS[rhythm](duration_s, 60 / heart_rate, rng)


def _sinus(duration_s: float, mean_rr_s: float, rng: np.random.Generator) -> Beats:
    """Vary the interval with breathing, with the 0.1 Hz rhythm of the blood pressure, and a little at random.

    Source: P. E. McSharry et al., 2003, DOI 10.1109/TBME.2003.808805: the two peaks of the R-R spectrum.
    """
    count = int((duration_s + 2 * _MARGIN_S) / mean_rr_s * 1.1) + 4
    when = np.arange(count) * mean_rr_s
    breathing = rng.uniform(0.02, 0.06) * np.sin(2 * np.pi * (rng.uniform(0.2, 0.3) * when + rng.random()))
    pressure = rng.uniform(0.01, 0.04) * np.sin(2 * np.pi * (0.1 * when + rng.random()))
    rr = mean_rr_s * (1 + breathing + pressure + 0.01 * rng.standard_normal(count))
    return _from_intervals(rr, mean_rr_s, rng)


def _fibrillation(duration_s: float, mean_rr_s: float, rng: np.random.Generator) -> Beats:
    """Draw each interval from a gamma distribution, almost independent of the one before."""
    mean = mean_rr_s / _AF_RATE
    count = int((duration_s + 2 * _MARGIN_S) / min(mean, 1.0) * 1.5) + 8
    shape = _AF_VARIATION**-2
    drawn = rng.gamma(shape, mean / shape, size=count + 1)
    rr = 0.9 * drawn[1:] + 0.1 * drawn[:-1]
    return _from_intervals(np.maximum(rr, _SHORTEST_RR_S), mean, rng)


def _ectopic(duration_s: float, mean_rr_s: float, rng: np.random.Generator) -> Beats:
    """Make some sinus beats premature: ventricular with a compensatory pause, atrial with a shorter one."""
    sinus = _sinus(duration_s, mean_rr_s, rng)
    inside = _well_inside(sinus.times_s, duration_s, mean_rr_s)
    chosen = inside[rng.random(len(inside)) < rng.uniform(0.1, 0.3)]
    if len(chosen) == 0:
        chosen = rng.choice(inside, size=1)
    chosen = chosen[np.diff(chosen, prepend=-2) > 1]
    ventricular = rng.random(len(chosen)) < rng.choice([0.0, 0.5, 1.0], p=[0.25, 0.25, 0.5])
    return _made_premature(sinus, chosen, np.where(ventricular, "V", "A"), mean_rr_s, rng)


def with_ectopic(
    beats: Beats, symbols: Sequence[str], duration_s: float, heart_rate: float, rng: np.random.Generator
) -> Beats:
    """Make 5 to 25 % of the beats in a recording ectopic, none beside another: of every kind at least one.

    Parameters
    ----------
    beats : all from the sinus node, or conducted
    symbols : the kinds, among V and A, each once
    duration_s : length of the recording, at least five beats of this rate, s
    heart_rate : that the beats were placed with, beats a minute
    rng : source of everything random
    """
    mean_rr_s = 60 / heart_rate
    inside = _well_inside(beats.times_s, duration_s, mean_rr_s)
    # Every other beat, and as many of them as there can be: the first is among them where the number is odd.
    apart = inside[0 if len(inside) % 2 else rng.integers(2) :: 2]
    count = int(np.clip(round(rng.uniform(0.05, 0.25) * len(inside)), len(symbols), len(apart)))
    chosen = np.sort(rng.choice(apart, size=count, replace=False))
    kinds = rng.permutation([*symbols, *rng.choice(symbols, size=count - len(symbols))])
    return _made_premature(beats, chosen, kinds, mean_rr_s, rng)


def _well_inside(times_s: Times, duration_s: float, mean_rr_s: float) -> NDArray[np.int64]:
    """Return which beats are still in the recording if they come early."""
    return np.flatnonzero((times_s > 0.75 * mean_rr_s) & (times_s < duration_s - 0.25 * mean_rr_s))


def _made_premature(
    beats: Beats,
    chosen: NDArray[np.int64],
    symbols: NDArray[np.str_],
    mean_rr_s: float,
    rng: np.random.Generator,
) -> Beats:
    """Let the chosen beats come early, of these kinds: after an atrial one the sinus node begins anew."""
    times, kinds = beats.times_s.copy(), beats.kinds.copy()
    kinds[chosen] = symbols
    possible = np.maximum(beats.rr_s[chosen] - _SHORTEST_RR_S, 0)
    earlier = np.minimum(rng.uniform(0.2, 0.4, size=len(chosen)) * mean_rr_s, possible)
    times[chosen] -= earlier
    reset = np.zeros(len(times))
    reset[chosen] = np.where(symbols == "V", 0.0, 0.6 * earlier)
    times -= reset.cumsum() - reset
    return Beats(times, kinds)


def _from_intervals(rr: Times, mean_rr_s: float, rng: np.random.Generator) -> Beats:
    times = np.maximum(rr, _SHORTEST_RR_S).cumsum()
    start = -_MARGIN_S - rng.random() * mean_rr_s
    return Beats(times - times[0] + start, np.full(len(times), "N"))


RHYTHM_BEATS: dict[str, Callable[[float, float, np.random.Generator], Beats]] = {
    "normal": _sinus,
    "af": _fibrillation,
    "ectopy": _ectopic,
    "noise": _sinus,
}
"""How each rhythm places its beats."""
