"""Which heartbeats each of several leads shows: a lead may show none, or be low without being noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from einthoven.leads import LIMB_LEADS
from einthoven.record import Signal
from einthoven.signal.limb_leads import MAX_DEVIATION, limb_deviations
from einthoven.signal.noise import MIN_BEATS, cut_beats, unlike_share
from einthoven.signal.templates import spread

MIN_SHOWN = 0.15
"""A lead in which what is alike elsewhere is less alike, see `shown_beats`, shows no heartbeats.

Of 871 recordings of PTB-XL two have such a lead: V5 and V6 of 583, which are of another moment, and aVL of
622, on which the axis stands upright; of 320 of Challenge 2020 none has. Of 9,120 leads of white noise two
lie above it (`python -m bench.silent_leads`).
"""
_PEAKED = 2.0
"""Kurtosis above which a beat is no hum, which has 1.5; noise has 3, a QRS complex 2 or more."""
_ALIKE = 0.8
"""Beats of a higher correlation in the clearest lead are alike."""
_MIN_PAIRS = 3
_TINY = np.float32(1e-30)
_MOST_BEATS = 64
"""So many, spread over the recording, are compared, each with each."""
_LOW = 0.5
"""A limb lead is low if its beats have less than this share of the height of those of the highest one."""


@dataclass(frozen=True, slots=True, eq=False)
class LeadBeats:
    """What the beats of a lead look like.

    noise : see `noise_share`; NaN where fewer than three can be compared
    height : the usual one, as the length of a vector, mV; NaN likewise
    peakedness : kurtosis of the usual one; NaN likewise
    shapes : (n, n_samples) up to 64 of them, spread over the recording, in each lead the same; of length 1
    there : (n,) whether each can be compared
    """

    noise: float
    height: float
    peakedness: float
    shapes: Signal
    there: NDArray[np.bool_]


def beats_of(lead: Signal, fs: float, rpeaks: NDArray[np.int64]) -> LeadBeats:
    """Look at the beats of a lead, (1, n_samples); fs, rpeaks : as `noise_share`."""
    beats = cut_beats(lead, fs, rpeaks)
    chosen = spread(np.arange(len(beats.waves)), _MOST_BEATS)
    shapes: Signal = (beats.waves[chosen] / np.maximum(beats.height[chosen], _TINY)).astype(np.float32)
    there = np.isin(chosen, beats.there)
    is_told = len(beats.there) >= MIN_BEATS and there.any()
    return LeadBeats(
        noise=unlike_share(beats) if is_told else np.nan,
        height=float(np.median(beats.height[beats.there])) if is_told else np.nan,
        peakedness=shapes.shape[1] * float(np.median((shapes[there] ** 4).sum(axis=1)))
        if is_told
        else np.nan,
        shapes=shapes,
        there=there,
    )


def shown_beats(leads: Sequence[LeadBeats]) -> NDArray[np.float64]:
    """Measure in each lead how much it shows of the heartbeats that the clearest lead shows.

    The clearest lead is the one of least noise among those whose beats are peaked, as hum is not. Two beats
    that are alike there, of correlation above 0.8, are alike in every lead that shows them, however low; in a
    lead that shows something else, such as noise, hum or a test signal, what is cut out at the same times
    correlates no more than by chance. So a premature beat of another shape, or an irregular rhythm, lowers
    nothing.

    Source: none. Scaling, shifting or inverting a lead changes nothing.

    Parameters
    ----------
    leads : of one recording, at R peaks that were found in all of them together

    Returns
    -------
    (n_leads,) mean correlation of such pairs, from 0 (shows nothing of them; also what is below) to 1; NaN
    where it cannot be told: of a single lead, without a peaked one, or of fewer than three pairs.

    >>> t = np.arange(3000) / 300
    >>> beats = np.exp(-(((t % 1 - 0.5) / 0.02) ** 2))
    >>> rows = np.stack([beats, -0.03 * beats, np.random.default_rng(0).standard_normal(3000)])
    >>> rpeaks = np.arange(150, 3000, 300)
    >>> shown_beats([beats_of(row[None].astype(np.float32), 300, rpeaks) for row in rows]).round(1)
    array([1., 1., 0.])
    """
    shown = np.full(len(leads), np.nan)
    peaked = [lead for lead in leads if lead.peakedness > _PEAKED]
    if len(leads) == 1 or not peaked:
        return shown
    clearest = min(peaked, key=lambda lead: lead.noise)
    alike = np.triu(clearest.shapes @ clearest.shapes.T > _ALIKE, 1)
    for at, lead in enumerate(leads):
        both = clearest.there & lead.there
        pairs = alike & both & both[:, None]
        if pairs.sum() >= _MIN_PAIRS:
            shown[at] = np.clip((lead.shapes @ lead.shapes.T)[pairs].mean(), 0, 1)
    return shown


def shown_through(
    signal: Signal, fs: float, names: Sequence[str], shown: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Say of III, aVR, aVL and aVF that they show the beats that I and II show, where these two give them.

    A heart's axis may stand upright on a lead, in which then hardly more than f waves and noise is to be
    seen. That is what should be there: see `limb_deviations`.

    Source: none.

    Parameters
    ----------
    signal, fs : as `noise_share`
    names : of the rows
    shown : (n_leads,) see `shown_beats`

    Returns
    -------
    (n_leads,), 1 in such leads in place of what was below `MIN_SHOWN`.
    """
    silent = [name for name, share in zip(names, shown, strict=False) if share < MIN_SHOWN]
    if not silent or {"I", "II"} & set(silent):
        return shown
    deviations = limb_deviations(signal, names, fs)
    is_given = [name in silent and deviations.get(name, np.inf) <= MAX_DEVIATION for name in names]
    return np.where(is_given, 1.0, shown)


def limb_noise(
    signal: Signal, fs: float, rpeaks: NDArray[np.int64], names: Sequence[str], leads: Sequence[LeadBeats],
    shown: NDArray[np.float64],
) -> NDArray[np.float64]:  # fmt: skip
    """Measure the noise of each lead, that of low limb leads by the height that beats have in the others.

    The limb leads are one vector seen from six sides: where it points past a lead, the beats are low there,
    and what disturbs all six alike is more of what is left. Such a lead is low and not noisy. Its beats are
    compared as if they were half as high as those of the highest limb lead, see `unlike_share`.

    Source: none. Scaling, shifting or inverting all leads alike changes nothing.

    Parameters
    ----------
    signal, fs, rpeaks : as `noise_share`
    names : of the rows; where they are not known nothing is low
    leads : what `beats_of` found in each row
    shown : (n_leads,) see `shown_beats` and `shown_through`

    Returns
    -------
    (n_leads,) from 0 to 1, NaN where fewer than three beats can be compared. That of other leads, of those
    that are high enough, and of those that show no heartbeats, is `noise_share`.
    """
    found = np.array([lead.noise for lead in leads])
    limbs = [at for at, name in enumerate(names) if name in LIMB_LEADS and shown[at] >= MIN_SHOWN]
    # A lead whose beats are noise says nothing of how high beats are.
    least = _LOW * np.nanmax([0.0, *(leads[at].height * (1 - leads[at].noise) for at in limbs)])
    for at in limbs:
        if leads[at].height < least:
            beside = least**2 - leads[at].height ** 2
            found[at] = unlike_share(cut_beats(signal[at : at + 1], fs, rpeaks), float(beside))
    return found
