"""Whether a recording can be trusted: what electrodes, amplifiers and the mains do to it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from einthoven.record import Signal, leads_words
from einthoven.signal.amplitude import peak_to_peak
from einthoven.signal.filters import fast_length
from einthoven.signal.missing import fill_missing
from einthoven.signal.quality_words import MEASURES, say
from einthoven.signal.rpeaks import find_rpeaks
from einthoven.signal.shown_beats import MIN_SHOWN, beats_of, limb_noise, shown_beats, shown_through

_FLAT_MV = 0.010
_STUCK_S = 0.020
_STUCK_SAMPLES = 4
_MAINS_HZ = (50.0, 60.0)
_MAINS_HALF_WIDTH_HZ = 0.5
_AT_ONCE = 1 << 16
_ECG_HZ = (1.0, 45.0)
PLAUSIBLE_MV = (0.010, 20.0)
_BEATS_WITHIN_S = 5
"""A lead that moves for so many seconds and shows no three beats shows something else."""

_WARN_FLAT = 0.05
_WARN_SATURATED = 0.01
_WARN_MAINS = 0.10
_WARN_NOISE = 0.30
"""Of the CinC 2017 recordings with a rhythm 2 to 3 % lie above it, of those too noisy to read two thirds.

Of 871 recordings of PTB-XL 8 % have a lead above it, of 320 of Challenge 2020 11 %.
"""


@dataclass(frozen=True)
class Quality:
    """What disturbs each lead; every field holds one number a lead.

    flat : share of the whole seconds, as far as their samples are there, in which the lead moves by less than
        10 µV, 0 to 1
    saturated : share of the samples stuck at the lead's highest or lowest value for at least 20 ms, 0 to 1
    missing_fraction : share of the samples that are NaN, 0 to 1
    mains_ratio : power within 0.5 Hz of 50 or of 60 Hz, whichever is more, over the power from 1 to 45 Hz;
        0 where the sampling rate cannot show it
    noise : share of the beats found that resemble hardly any other, 0 to 1, see `noise_share`, and for limb
        leads that are low `limb_noise`; 1 where a lead that moves shows no beats, 0 where there is too little
        signal to tell
    amplitude_mv : peak-to-peak amplitude of the median second, mV; seconds whose samples are missing are left
        out, and it is 0 if they all are
    heartbeats : how far it shows the heartbeats that the clearest lead shows, 0 (not at all) to 1, see
        `shown_beats`; 1 where that cannot be told, and where I and II say that none are to be seen
    """

    flat: tuple[float, ...]
    saturated: tuple[float, ...]
    missing_fraction: tuple[float, ...]
    mains_ratio: tuple[float, ...]
    noise: tuple[float, ...]
    amplitude_mv: tuple[float, ...]
    heartbeats: tuple[float, ...]

    @property
    def score(self) -> float:
        """Mean over the leads of the share that is usable, from 0 (nothing) to 1 (nothing found).

        A lead's share is the product of what is not flat, not saturated, not missing and not noise, divided
        by 1 + mains_ratio; 0 if its amplitude is implausible.
        """
        return float(np.mean(self.usable))

    @property
    def usable(self) -> tuple[float, ...]:
        """The share of each lead that is usable, see `score`."""
        return tuple(
            self._plausible(lead)
            * (1 - self.flat[lead])
            * (1 - self.saturated[lead])
            * (1 - self.missing_fraction[lead])
            * (1 - self.noise[lead])
            / (1 + self.mains_ratio[lead])
            for lead in range(len(self.flat))
        )

    def shows_heartbeats(self, lead: int) -> bool:
        """Tell whether the lead at this position shows those that the clearest lead shows."""
        return self.heartbeats[lead] >= MIN_SHOWN

    def warnings(
        self, leads: Sequence[str], said: tuple[Collection[int], str] | None = None
    ) -> tuple[str, ...]:
        """Return one readable line for each kind of thing that a user should know, which names its leads.

        said : leads and one of the fields: what was said of these already, and is left out
        """
        said_leads, said_measure = said if said is not None else ((), "")
        found: dict[str, list[int]] = {measure: [] for measure in MEASURES}
        for lead in range(len(leads)):
            for measure in self._found(lead):
                if lead not in said_leads or measure not in self._covered(said_measure, lead):
                    found[measure].append(lead)
        return tuple(
            f"{leads_words([leads[at] for at in where])}: "
            + say(measure, [getattr(self, measure)[at] for at in where])
            for measure, where in found.items()
            if where
        )

    def _plausible(self, lead: int) -> bool:
        return PLAUSIBLE_MV[0] <= self.amplitude_mv[lead] <= PLAUSIBLE_MV[1]

    def _covered(self, measure: str, lead: int) -> tuple[str, ...]:
        """Return what goes without saying of a lead of which something is said."""
        # Hardly any amplitude is what a flat line is.
        is_low = measure == "flat" and self.amplitude_mv[lead] < PLAUSIBLE_MV[0]
        return (measure, "amplitude_mv") if is_low else (measure,)

    def _found(self, lead: int) -> Iterator[str]:
        """Yield the fields of which something should be said of a lead."""
        if self.missing_fraction[lead] > 0:
            yield "missing_fraction"
        if self.flat[lead] >= _WARN_FLAT:
            yield "flat"
        if self.saturated[lead] >= _WARN_SATURATED:
            yield "saturated"
        if self.mains_ratio[lead] >= _WARN_MAINS:
            yield "mains_ratio"
        if not self.shows_heartbeats(lead):
            yield "heartbeats"
        elif self.noise[lead] >= _WARN_NOISE:
            yield "noise"
        if not self._plausible(lead) and self.missing_fraction[lead] < 1 and self.flat[lead] < 1:
            yield "amplitude_mv"


def assess(
    signal: Signal, fs: float, rpeaks: NDArray[np.int64] | None = None, leads: Sequence[str] = ()
) -> Quality:
    """Measure what disturbs each lead of a recording.

    Parameters
    ----------
    signal : (n_leads, n_samples) float32, mV, NaN where a sample is missing
    fs : sampling rate, Hz, at least 40 unless R peaks are given
    rpeaks : (n_beats,) sample indices of the R peaks; found if not given
    leads : names of the rows, so that a limb lead in which beats are low is not called noisy for that

    Returns
    -------
    Quality, one number a lead in every field.

    Raises
    ------
    RecordError if R peaks have to be found and the sampling rate is below 40 Hz.

    >>> silence = np.zeros((1, 3000), np.float32)
    >>> assess(silence, 300).warnings(["I"])
    ('lead I: flat for 100 % of the time',)
    """
    missing = np.isnan(signal)
    filled = fill_missing(signal)
    heights = peak_to_peak(signal, fs)
    n_flat, n_moving = (heights < _FLAT_MV).sum(axis=-1), (heights >= _FLAT_MV).sum(axis=-1)
    flat = n_flat / np.maximum(n_flat + n_moving, 1)
    saturated = np.where(flat < 1, _stuck_share(filled, missing, fs), 0.0)
    peaks = find_rpeaks(signal, fs, warn=False) if rpeaks is None else rpeaks
    beats = [beats_of(signal[lead : lead + 1], fs, peaks) for lead in range(len(signal))]
    shown = shown_through(signal, fs, leads, shown_beats(beats))
    noise = limb_noise(signal, fs, peaks, leads, beats, shown)
    noise = np.where(np.isnan(noise), n_moving >= _BEATS_WITHIN_S, noise)
    return Quality(
        flat=_floats(flat),
        saturated=_floats(saturated),
        missing_fraction=_floats(missing.mean(axis=-1)),
        mains_ratio=_floats(mains_ratio(filled, fs)),
        noise=_floats(noise),
        amplitude_mv=_floats(_median_height(heights)),
        heartbeats=_floats(np.nan_to_num(shown, nan=1.0)),
    )


def _floats(values: NDArray[np.floating]) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


def _median_height(heights: Signal) -> NDArray[np.float64]:
    """Return the median over the seconds that could be measured, (n_leads,); 0 where none could."""
    measured = [row[~np.isnan(row)] for row in heights]
    return np.array([np.median(row) if len(row) else 0.0 for row in measured])


def _stuck_share(filled: Signal, missing: NDArray[np.bool_], fs: float) -> NDArray[np.float64]:
    length = max(_STUCK_SAMPLES, round(_STUCK_S * fs))
    shares = np.zeros(len(filled))
    for lead, (row, gaps) in enumerate(zip(filled, missing, strict=True)):
        for extreme in {row.max(), row.min()}:
            at_extreme = (row == extreme) & ~gaps
            if np.count_nonzero(at_extreme) >= length:
                edges = np.flatnonzero(np.diff(at_extreme.view(np.int8), prepend=0, append=0))
                runs = edges[1::2] - edges[::2]
                shares[lead] += runs[runs >= length].sum() / len(row)
    return shares


def mains_ratio(filled: Signal, fs: float) -> NDArray[np.float64]:
    """Measure the mains hum of each lead, see `Quality`; filled : (n_leads, n_samples), none missing."""
    n = filled.shape[-1]
    padded = fast_length(n)
    centred = filled - filled.mean(axis=-1, keepdims=True, dtype=np.float64)
    for start in range(0, n, _AT_ONCE):
        # np.hanning, piece by piece: that of a day would take several times its memory.
        at = np.arange(start, min(start + _AT_ONCE, n))
        centred[:, at[0] : at[-1] + 1] *= 0.5 + 0.5 * np.cos(np.pi * (2.0 * at + 1 - n) / max(n - 1, 1))
    spectrum = np.fft.rfft(centred, padded)
    del centred
    power = spectrum.real**2 + spectrum.imag**2
    frequencies = np.fft.rfftfreq(padded, 1 / fs)
    ecg = power[:, (frequencies >= _ECG_HZ[0]) & (frequencies <= _ECG_HZ[1])].sum(axis=-1)
    hum = np.zeros(len(filled))
    for hz in _MAINS_HZ:
        if hz + _MAINS_HALF_WIDTH_HZ < fs / 2:
            near = np.abs(frequencies - hz) <= _MAINS_HALF_WIDTH_HZ
            hum = np.maximum(hum, power[:, near].sum(axis=-1))
    ratio: NDArray[np.float64] = np.divide(hum, ecg, out=np.zeros_like(hum), where=ecg > 0)
    return ratio
