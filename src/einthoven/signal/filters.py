"""Zero-phase filters, in NumPy alone so that serving does not pay for importing scipy.signal."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from einthoven.errors import RecordError, SettingsError
from einthoven.record import Signal

_PAD_S = 3.0
_AT_ONCE = 1 << 16
"""Frequencies whose response is in memory together: that of a day would be as large as the recording."""


def bandpass(
    signal: ArrayLike, fs: float, low_hz: float | None, high_hz: float | None, order: int = 3
) -> Signal:
    """Filter every lead with a Butterworth band-pass run forwards and backwards, so that nothing is delayed.

    Source: the squared magnitude of the bilinear-transformed Butterworth filter, which is what
    `scipy.signal.sosfiltfilt(butter(order, [low_hz, high_hz], "bandpass", fs=fs))` applies.
    Differences: applied to the spectrum of the recording, extended at both ends by an odd reflection of 3 s
    (less if the recording is shorter), where scipy extends by a few samples; so the two differ near the ends.

    Parameters
    ----------
    signal : (..., n_samples), mV, without NaN
    fs : sampling rate, Hz
    low_hz : lower cut (-6 dB, as the filter acts twice), Hz; None keeps everything below
    high_hz : upper cut, Hz; None, or a cut at or above fs / 2, keeps everything above
    order : order of the Butterworth prototype, 1 to 10

    Returns
    -------
    Filtered float32 array of the same shape, mV.

    Raises
    ------
    SettingsError if a cut is not positive, if low_hz is not below high_hz and fs / 2, or if order is out of
    range.
    RecordError if a sample is NaN.

    >>> import numpy as np
    >>> t = np.arange(3000) / 300
    >>> tone = np.sin(2 * np.pi * 10 * t)
    >>> bool(np.allclose(bandpass(tone + 5.0, 300, 0.5, 40.0)[900:-900], tone[900:-900], atol=1e-3))
    True
    """
    check_band(low_hz, high_hz, order)
    if low_hz is not None and low_hz >= fs / 2:
        raise SettingsError(
            f"expected a lower cut below half the sampling rate, found {low_hz} Hz at {fs} Hz"
        )
    x = np.asarray(signal)
    if np.isnan(x).any():
        raise RecordError("expected a signal without missing samples, found NaN: fill them first")
    high_hz = None if high_hz is None or high_hz >= fs / 2 else high_hz
    n = x.shape[-1]
    if n == 0 or (low_hz is None and high_hz is None):
        return x.astype(np.float32)
    start = min(round(_PAD_S * fs), n - 1)
    padded = _extend(x, start)
    n_padded = padded.shape[-1]
    spectrum = np.fft.rfft(padded)
    del padded
    step = 1.0 / (n_padded * (1 / fs))
    for first in range(0, spectrum.shape[-1], _AT_ONCE):
        part = spectrum[..., first : first + _AT_ONCE]
        frequencies = np.arange(first, first + part.shape[-1]) * step
        part *= _power_response(frequencies, fs, low_hz, high_hz, order)
    return np.fft.irfft(spectrum, n_padded)[..., start : start + n].astype(np.float32)


def check_band(low_hz: float | None, high_hz: float | None, order: int) -> None:
    """Raise SettingsError unless these three describe a filter."""
    for name, cut in (("low_hz", low_hz), ("high_hz", high_hz)):
        if cut is not None and not 0 < cut < np.inf:
            raise SettingsError(f"expected {name} above 0 Hz, or None for no cut, found {cut}")
    if low_hz is not None and high_hz is not None and low_hz >= high_hz:
        raise SettingsError(f"expected low_hz below high_hz, found {low_hz} and {high_hz}")
    if not 1 <= order <= 10:
        raise SettingsError(f"expected an order from 1 to 10, found {order}")


def _power_response(
    frequencies: NDArray[Any], fs: float, low_hz: float | None, high_hz: float | None, order: int
) -> NDArray[np.float64]:
    def warp(hz: NDArray[Any] | float) -> NDArray[Any]:
        return np.tan(np.pi * np.minimum(hz, fs / 2 * (1 - 1e-9)) / fs)

    w = warp(np.maximum(frequencies, fs * 1e-12))
    if low_hz is None:
        ratio = w / warp(high_hz or 0.0)
    elif high_hz is None:
        ratio = warp(low_hz) / w
    else:
        low, high = warp(low_hz), warp(high_hz)
        ratio = (w**2 - low * high) / ((high - low) * w)
    with np.errstate(over="ignore"):
        return np.asarray(1 / (1 + ratio ** (2 * order)), dtype=np.float64)


def _extend(x: NDArray[Any], pad: int) -> NDArray[np.float64]:
    """Reflect oddly at both ends, then join the far ends by a line: the FFT sees a signal without a jump.

    The signal begins at sample `pad` of what is returned.
    """
    n = x.shape[-1]
    reflected = n + 2 * pad
    length = fast_length(reflected + pad)
    extended = np.empty((*x.shape[:-1], length))
    extended[..., pad : pad + n] = x
    inner = extended[..., pad : pad + n]
    extended[..., :pad] = 2 * inner[..., :1] - inner[..., pad:0:-1]
    if pad:
        extended[..., pad + n : reflected] = 2 * inner[..., -1:] - inner[..., -2 : -2 - pad : -1]
    gap = length - reflected
    share = np.arange(1, gap + 1) / (gap + 1)
    first, last = extended[..., :1].copy(), extended[..., reflected - 1 : reflected].copy()
    extended[..., reflected:] = last + share * (first - last)
    return extended


def fast_length(n: int) -> int:
    """Return the smallest length from n on whose only prime factors are 2, 3 and 5: its FFT is quick.

    >>> [fast_length(n) for n in (1, 7, 9001, 10800)]
    [1, 8, 9216, 10800]
    """
    best = 1 << max(n - 1, 0).bit_length()
    fives = 1
    while fives < best:
        threes = fives
        while threes < best:
            quotient = -(-n // threes)
            best = min(best, threes << max(quotient - 1, 0).bit_length())
            threes *= 3
        fives *= 5
    return best
