"""Random changes of a signal that leave its label true: pure functions, which training draws on.

All take a float32 signal (n_leads, n_samples) or (n_samples,), give back a new float32 array and leave the
given one as it is. Whatever is drawn is the same for all leads, unless said otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log1p

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import SettingsError
from einthoven.leads import LIMB_LEADS
from einthoven.record import Signal
from einthoven.signal.rpeaks import find_rpeaks

ASSUMED_BPM = 80.0
"""Zihlmann 2017, section 2.2: the heart rate that every recording is taken to have."""
MEASURED_BPM = (40.0, 180.0)
"""Measured heart rates beyond these count as these: mostly they are noise, or beats missed or found twice."""
_N_TWELVE = 12
"""Rows from which on the first six are the limb leads."""


def dropout_bursts(
    signal: Signal, fs: float, rng: np.random.Generator, fraction: float = 0.1, width_s: float = 0.05
) -> Signal:
    """Zero the signal for `width_s` around random instants, as a loose electrode does.

    Source: Zihlmann et al., 2017, section 2.2 ("dropout bursts"), 50 ms.
    Differences: the paper does not state how many. Here the instants are a Poisson process, so frequent that
    on average `fraction` of the samples is zeroed, overlaps taken into account.

    Raises SettingsError unless fraction is in [0, 1) and width_s above 0.
    """
    if not (0 <= fraction < 1 and width_s > 0):
        raise SettingsError(
            f"expected fraction in [0, 1) and width_s above 0, found {fraction} and {width_s}"
        )
    n, width = signal.shape[-1], max(1, round(width_s * fs))
    expected = -log1p(-fraction) / width * (n + width - 1)
    starts = rng.integers(0, n + width - 1, size=rng.poisson(expected))
    begins = np.bincount(starts, minlength=n + width - 1)
    open_bursts = np.convolve(begins, np.ones(width, dtype=np.int64))[width - 1 : width - 1 + n]
    return _zeroed(signal, open_bursts > 0)


def dropout_bursts_code(
    signal: Signal, rng: np.random.Generator, threshold: float = 2.0, width: int = 11
) -> Signal:
    """Zero `width` samples around each sample at which white noise exceeds `threshold`.

    Source: the public code of Zihlmann et al., 2017: standard normal noise above 2, widened to 11 samples,
    which zeroes about 22 % of the samples.
    Differences: none.

    Raises SettingsError unless width is odd and positive.
    """
    if width < 1 or width % 2 == 0:
        raise SettingsError(f"expected an odd, positive width, found {width}")
    hits = np.asarray(rng.standard_normal(signal.shape[-1]) > threshold)
    spread = np.convolve(hits.astype(np.int64), np.ones(width, dtype=np.int64))
    return _zeroed(signal, spread[width // 2 : width // 2 + signal.shape[-1]] > 0)


def resample_heart_rate(
    signal: Signal,
    rng: np.random.Generator,
    assumed_bpm: float = ASSUMED_BPM,
    low_bpm: float = 60.0,
    high_bpm: float = 120.0,
) -> Signal:
    """Stretch time so that a heart at `assumed_bpm` would beat at a rate drawn from [low_bpm, high_bpm].

    Source: Zihlmann et al., 2017, section 2.2 ("random resampling"): uniform on 60 to 120 bpm, assuming 80.
    Differences: samples are interpolated linearly; the paper does not say how.

    Returns
    -------
    (..., round(n_samples * assumed_bpm / drawn rate)): from 2/3 to 4/3 of the length by default.
    """
    _check_range("bpm", low_bpm, high_bpm, above=0)
    _check_range("assumed_bpm", assumed_bpm, assumed_bpm, above=0)
    return _stretch(signal, assumed_bpm / rng.uniform(low_bpm, high_bpm))


def resample_measured_heart_rate(
    signal: Signal,
    fs: float,
    rng: np.random.Generator,
    rpeaks: NDArray[np.int64] | None = None,
    low_bpm: float = 60.0,
    high_bpm: float = 120.0,
) -> Signal:
    """Stretch time so that the heart seems to beat at a rate drawn from [low_bpm, high_bpm].

    Source: the future work named by Zihlmann et al., 2017: random resampling by the real heart rate.
    Differences: samples are interpolated linearly. The rate is that of the median R-R interval, but at least
    40 and at most 180 bpm, so that what is no rhythm, such as noise, keeps from 1/3 to 3 times its length
    by default; with fewer than three R peaks it is taken to be 80 bpm, as in the paper.

    Parameters
    ----------
    signal : (n_leads, n_samples) or (n_samples,), mV
    fs : sampling rate, Hz
    rng : source of the drawn rate
    rpeaks : sample indices of the R peaks; None finds them
    low_bpm, high_bpm : range of the drawn rate, beats a minute
    """
    found = find_rpeaks(signal, fs, warn=False) if rpeaks is None else rpeaks
    bpm = ASSUMED_BPM
    if len(found) >= 3:
        bpm = float(np.clip(60 * fs / np.median(np.diff(found)), *MEASURED_BPM))
    return resample_heart_rate(signal, rng, bpm, low_bpm, high_bpm)


def resample_length(
    signal: Signal, rng: np.random.Generator, low: float = 2 / 3, high: float = 4 / 3
) -> Signal:
    """Stretch time by a factor drawn uniformly from [low, high].

    Source: the public code of Zihlmann et al., 2017.
    Differences: samples are interpolated linearly.
    """
    _check_range("factor", low, high, above=0)
    return _stretch(signal, rng.uniform(low, high))


def random_gain(signal: Signal, rng: np.random.Generator, low: float = 0.7, high: float = 1.4) -> Signal:
    """Multiply by a factor drawn uniformly from [low, high]."""
    _check_range("gain", low, high, above=0)
    return np.asarray(signal * rng.uniform(low, high), dtype=np.float32)


def flip_polarity(signal: Signal, rng: np.random.Generator, probability: float = 0.5) -> Signal:
    """Turn the signal upside down with this probability, as exchanged electrodes do."""
    return -signal if rng.random() < probability else signal.copy()


def random_crop(signal: Signal, fs: float, rng: np.random.Generator, max_s: float) -> Signal:
    """Keep `max_s` seconds from a random place; a shorter signal is kept whole."""
    _check_range("max_s", max_s, max_s, above=0)
    width = max(1, round(max_s * fs))
    start = int(rng.integers(max(0, signal.shape[-1] - width) + 1))
    return signal[..., start : start + width].copy()


def white_noise(signal: Signal, rng: np.random.Generator, high: float = 0.05) -> Signal:
    """Add white noise, another in each lead, of a standard deviation drawn from [0, high], mV."""
    _check_range("standard deviation", 0.0, high)
    return np.asarray(signal + rng.uniform(0, high) * rng.standard_normal(signal.shape), dtype=np.float32)


def baseline_wander(
    signal: Signal,
    fs: float,
    rng: np.random.Generator,
    high: float = 0.5,
    low_hz: float = 0.05,
    high_hz: float = 0.6,
) -> Signal:
    """Add one slow sine of low_hz to high_hz, its amplitude in each lead drawn from [0, high], mV."""
    _check_range("amplitude", 0.0, high)
    _check_range("frequency", low_hz, high_hz, above=0)
    return _with_sine(signal, fs, rng.uniform(low_hz, high_hz), high, rng)


def mains_hum(
    signal: Signal,
    fs: float,
    rng: np.random.Generator,
    high: float = 0.1,
    frequencies: Sequence[float] = (50.0, 60.0),
) -> Signal:
    """Add a sine at one of the mains frequencies, its amplitude in each lead drawn from [0, high], mV.

    Frequencies from fs / 2 on cannot be there and are left out; without any, the signal stays as it is.
    """
    _check_range("amplitude", 0.0, high)
    possible = [hz for hz in frequencies if hz < fs / 2]
    if not possible:
        return signal.copy()
    return _with_sine(signal, fs, float(rng.choice(possible)), high, rng)


def lead_dropout(
    signal: Signal, rng: np.random.Generator, limb_share: float = 0.2, single_share: float = 0.2
) -> Signal:
    """Zero some leads, as of a recorder with fewer electrodes, or where some are off.

    Parameters
    ----------
    signal : (n_leads, n_samples), mV; one of a single lead stays as it is
    rng : source of what is drawn
    limb_share : probability that only the limb leads stay, the first six of twelve or more rows in the usual
        order; of fewer rows random leads are zeroed
    single_share : probability that a single lead stays, any of them
        Otherwise 1 to n_leads - 1 random leads are zeroed, each number as likely as another.

    Raises SettingsError unless both shares are from 0, and at most 1 together.
    """
    if not (limb_share >= 0 and single_share >= 0 and limb_share + single_share <= 1):
        raise SettingsError("expected limb_share and single_share from 0, and at most 1 together, "
                            f"found {limb_share} and {single_share}")  # fmt: skip
    n = len(signal)
    if n < 2:
        return signal.copy()
    draw = rng.random()
    if draw < limb_share and n >= _N_TWELVE:
        gone = np.arange(len(LIMB_LEADS), n)
    elif limb_share <= draw < limb_share + single_share:
        gone = rng.permutation(n)[1:]
    else:
        gone = rng.permutation(n)[: rng.integers(1, n)]
    kept = signal.copy()
    kept[gone] = 0
    return kept


def _check_range(name: str, low: float, high: float, above: float = -np.inf) -> None:
    if not above < low <= high < np.inf:
        raise SettingsError(f"expected {name} from low to high, above {above:g}, found {low} to {high}")


def _zeroed(signal: Signal, gone: NDArray[np.bool_]) -> Signal:
    return np.where(gone, np.float32(0), signal)


def _stretch(signal: Signal, factor: float) -> Signal:
    n = signal.shape[-1]
    at = np.linspace(0, n - 1, max(1, round(n * factor)))
    rows = [np.interp(at, np.arange(n), row) for row in signal.reshape(-1, n)]
    return np.array(rows, dtype=np.float32).reshape(*signal.shape[:-1], len(at))


def _with_sine(signal: Signal, fs: float, hz: float, high: float, rng: np.random.Generator) -> Signal:
    sine = np.sin(2 * np.pi * (hz * np.arange(signal.shape[-1]) / fs + rng.random()))
    amplitude = rng.uniform(0, high, size=(*signal.shape[:-1], 1))
    return np.asarray(signal + amplitude * sine, dtype=np.float32)
