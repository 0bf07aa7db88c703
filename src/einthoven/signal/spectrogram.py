"""Log-spectrogram, the input of the spectrogram networks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import RecordError, SettingsError
from einthoven.record import Signal


def log_spectrogram(
    signal: Signal, fs: float, window: int = 64, overlap: int = 32, shape: float = 0.25
) -> NDArray[np.float32]:
    """Return the natural logarithm of the one-sided power spectral density over time.

    Source: M. Zihlmann, D. Perekrestenko, M. Tschannen, "Convolutional Recurrent Neural Networks for
    Electrocardiogram Classification", Computing in Cardiology 2017, section 2.1.
    Differences: none. What the paper leaves open is as in `scipy.signal.spectrogram` (each segment's mean is
    taken off), and bins without any power stay 0.

    Parameters
    ----------
    signal : (..., n_samples), mV, without NaN; zero-padded to one window if shorter
    fs : sampling rate, Hz
    window : samples a segment
    overlap : samples that neighbouring segments share
    shape : Tukey window's share inside the cosine flanks, 0 (rectangular) to 1 (Hann)

    Returns
    -------
    float32 array (..., window // 2 + 1, n_frames), ln(mV^2 / Hz), time last;
    n_frames = (n_samples - overlap) // (window - overlap). What remains at the end is left out.

    Raises
    ------
    SettingsError if window, overlap or shape is out of range. RecordError if a sample is NaN.

    >>> log_spectrogram(np.zeros((1, 18286), np.float32), 300).shape
    (1, 33, 570)
    """
    check_window(window, overlap, shape)
    if np.isnan(signal).any():
        raise RecordError("expected a signal without missing samples, found NaN: fill them first")
    missing = max(0, window - signal.shape[-1])
    padded = np.pad(signal, [(0, 0)] * (signal.ndim - 1) + [(0, missing)]) if missing else signal
    segments = np.lib.stride_tricks.sliding_window_view(padded, window, axis=-1)[..., :: window - overlap, :]
    taper = tukey(window, shape)
    centred = segments - segments.mean(axis=-1, dtype=np.float64, keepdims=True)
    spectrum = np.fft.rfft(centred * taper)
    power = (spectrum.real**2 + spectrum.imag**2) / (fs * (taper**2).sum())
    power[..., 1 : (window + 1) // 2] *= 2
    logs = np.log(power, out=np.zeros_like(power), where=power > 0)
    return np.ascontiguousarray(logs.swapaxes(-1, -2), dtype=np.float32)


def check_window(window: int, overlap: int, shape: float) -> None:
    """Raise SettingsError unless these three describe a spectrogram."""
    if window < 2:
        raise SettingsError(f"expected a window of at least 2 samples, found {window}")
    if not 0 <= overlap < window:
        raise SettingsError(f"expected an overlap from 0 to {window - 1} samples, found {overlap}")
    if not 0 <= shape <= 1:
        raise SettingsError(f"expected a Tukey shape from 0 to 1, found {shape}")


def tukey(n: int, shape: float) -> NDArray[np.float64]:
    """Return the periodic Tukey window: flat, with cosine flanks over `shape` of its length.

    Source: F. J. Harris, 1978, DOI 10.1109/PROC.1978.10837, section V.D.
    """
    if shape == 0:
        return np.ones(n)
    position = np.arange(n) / n
    flank = np.minimum(position, 1 - position) / (shape / 2)
    return np.where(flank < 1, 0.5 * (1 - np.cos(np.pi * flank)), 1.0)
