"""Whether the limb leads fit each other, and whether electrodes of the limbs were exchanged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, permutations

import numpy as np
from numpy.typing import NDArray

from einthoven.leads import LIMB_LEADS, OF_I_AND_II, derive_limb_leads, pair_of
from einthoven.record import Signal
from einthoven.signal.polarity import Polarity, polarities

MAX_DEVIATION = 0.2
"""Up to this share of its own height a lead may differ from what I and II give.

Recorders compute four limb leads from two, so that only rounding and filters of their own part them: of 1,191
recordings of PTB-XL and Challenge 2020 none differs by more than 0.04.
"""
_FLOOR_MV, _FLOOR_OF_I_AND_II = 0.01, 0.25
"""A lead on which the heart's axis stands upright is almost flat: it counts as at least so high."""
_MAX_SECONDS = 60
"""So many, evenly spread, are enough to see in which order the leads are."""
_RELATIONS = np.array([[float(row == name) for row in LIMB_LEADS] for name in LIMB_LEADS[2:]])
"""(4, 6): each of III, aVR, aVL, aVF minus what I and II give."""
_RELATIONS[:, :2] -= [OF_I_AND_II[name] for name in LIMB_LEADS[2:]]
_LATERAL = ("V6", "V5")

Arrangement = tuple[tuple[int, ...], tuple[float, ...]]
"""For each limb lead the row that shows it, and the sign with which it does."""


def limb_deviations(signal: Signal, leads: Sequence[str], fs: float) -> dict[str, float]:
    """Measure how far each limb lead is from what I and II give.

    Seconds are centred and compared one by one, and the median second counts: offsets, jolts, a wandering
    baseline and gaps do not matter.

    Source: Einthoven's law and Goldberger's leads, see `einthoven.leads`. Differences: none.

    Parameters
    ----------
    signal : (n_leads, n_samples), mV, NaN where a sample is missing; seconds with such are left out
    leads : names of the rows
    fs : sampling rate, Hz

    Returns
    -------
    lead -> root mean square of the difference, over that of the lead itself or of what it should be,
    whichever is higher: 0 for a perfect fit. Of III, aVR, aVL and aVF those that are there; none without I
    and II, or without a whole second.
    """
    if not {"I", "II"} <= set(leads):
        return {}
    products = _products(signal, leads, fs)
    if not len(products):
        return {}
    deviations = _deviations(products, _AS_LABELLED)
    return {name: float(d) for name, d in zip(LIMB_LEADS[2:], deviations, strict=True) if name in leads}


def find_labels(signal: Signal, leads: Sequence[str], fs: float) -> dict[str, str] | None:
    """Tell which names of limb leads make them fit each other, where those they have do not.

    Tried are one lead upside down, and any other order of the six; of those that fit the one that changes
    least.

    Parameters
    ----------
    signal, leads, fs : as for `limb_deviations`

    Returns
    -------
    Name that a lead has -> what it shows, a leading minus for upside down, only of those that differ:
    `{"aVR": "aVF", "aVF": "aVR"}`; empty if the names fit. None if nothing fits, or not all six are there.

    >>> from einthoven.signal.simulated import simulate
    >>> record = simulate(leads=("I", "II", "III", "aVR", "aVL", "aVF"))
    >>> find_labels(record.signal, ("I", "III", "II", "aVR", "aVL", "aVF"), record.fs)
    {'II': 'III', 'III': 'II'}
    """
    if not set(LIMB_LEADS) <= set(leads):
        return None
    products = _products(signal, leads, fs)
    products = products[np.linspace(0, len(products) - 1, min(len(products), _MAX_SECONDS)).astype(np.int64)]
    if not len(products):
        return None
    for rows, signs in sorted(_arrangements(), key=_n_changed):
        if _deviations(products, (rows, signs)).max() <= MAX_DEVIATION:
            shown = dict(sorted(zip(rows, zip(LIMB_LEADS, signs, strict=True), strict=True)))
            return {
                LIMB_LEADS[row]: name if sign > 0 else f"-{name}"
                for row, (name, sign) in shown.items()
                if (name, sign) != (LIMB_LEADS[row], 1.0)
            }
    return None


def exchanged_electrodes(
    signal: Signal, leads: Sequence[str], fs: float, rpeaks: NDArray[np.int64]
) -> tuple[str, str] | None:
    """Tell which electrode seems exchanged with that of the right arm.

    With both arms exchanged lead I is upside down, and with right arm and left leg lead II: the P wave, the
    QRS complex and the T wave, as far as they point anywhere. V6 (or V5, where V6 points nowhere) looks at
    the heart from the same side and is not; in dextrocardia it is. Other exchanges look like another axis of
    the heart and cannot be told.

    Source: what electrocardiographers look for; J. A. Kors and G. van Herpen, Accurate automatic detection of
    electrode interchange in the electrocardiogram, 2001. Differences: signs of waves are compared, where the
    paper correlates leads with their reconstructions from others.

    Parameters
    ----------
    signal, leads, fs : as for `limb_deviations`
    rpeaks : (n_beats,) sample indices of the R peaks, increasing

    Returns
    -------
    `("RA", "LA")`, `("RA", "LL")`, or None: neither, or not to be told without two of I, II and III, without
    V5 and V6, or with fewer than three beats.
    """
    rows = {name: signal[row] for row, name in reversed(list(enumerate(leads)))}
    chest = [name for name in _LATERAL if name in rows]
    if pair_of(rows) is None or not chest:
        return None
    rows |= derive_limb_leads(rows)
    names = ("I", "II", "III", "aVR", *chest)
    found = polarities(np.stack([rows[name] for name in names]), fs, rpeaks)
    if found is None:
        return None
    of = dict(zip(names, found, strict=True))
    lateral = next((of[name] for name in chest if of[name].qrs), of[chest[0]])
    if lateral.qrs <= 0:
        return None
    arms, leg = _is_mirrored(of["I"], lateral), _is_mirrored(of["II"], lateral)
    leg = leg and of["II"].p < 0 <= min(of["aVR"].p, of["aVR"].qrs)
    if arms and leg:
        # III is then II, unchanged, or it is -I: the P wave of both is upright.
        leg = (of["III"].p or of["III"].qrs) < 0
        arms = not leg
    return ("RA", "LA") if arms else ("RA", "LL") if leg else None


def _is_mirrored(limb: Polarity, lateral: Polarity) -> bool:
    """Tell whether whatever points in a limb lead points down, P or T other than in a chest lead."""
    points_down = limb.qrs < 0 and max(limb.p, limb.t) <= 0 and min(limb.p, limb.t) < 0
    return points_down and (limb.p * lateral.p < 0 or limb.t * lateral.t < 0)


def _products(signal: Signal, leads: Sequence[str], fs: float) -> NDArray[np.float64]:
    """Return the mean products of the limb leads in each whole second without NaN, (n_seconds, 6, 6), mV².

    A lead that is not there is 0.
    """
    n = signal.shape[-1]
    width = min(max(2, round(fs)), n)
    seconds = np.zeros((n // width, len(LIMB_LEADS), width), np.float32)
    for place, name in enumerate(LIMB_LEADS):
        if name in leads:
            row = signal[list(leads).index(name), : n // width * width]
            seconds[:, place] = row.reshape(-1, width)
    seconds = seconds[~np.isnan(seconds).any(axis=(1, 2))]
    seconds -= seconds.mean(axis=-1, keepdims=True)
    products = np.empty((len(seconds), len(LIMB_LEADS), len(LIMB_LEADS)))
    for at, second in enumerate(seconds):
        exact = second.astype(np.float64)
        products[at] = exact @ exact.T / width
    return products


def _deviations(products: NDArray[np.float64], arrangement: Arrangement) -> NDArray[np.float64]:
    """Return the deviation of III, aVR, aVL and aVF if the rows are arranged so, (4,)."""
    rows, signs = list(arrangement[0]), np.asarray(arrangement[1])
    arranged = products[:, rows][:, :, rows] * (signs[:, None] * signs)
    given = _RELATIONS.copy()
    given[:, 2:] = 0
    own, differing, expected = (
        _height(arranged, weights) for weights in (np.eye(len(LIMB_LEADS)), _RELATIONS, given)
    )
    least = max(_FLOOR_MV, _FLOOR_OF_I_AND_II * own[:2].max())
    return np.asarray(differing / np.maximum(np.maximum(own[2:], expected), least))


def _height(products: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the root mean square of weighted sums of leads in the median second, (n_sums,), mV."""
    power = np.einsum("kr,srt,kt->sk", weights, products, weights)
    return np.asarray(np.sqrt(np.maximum(np.median(power, axis=0), 0.0)), dtype=np.float64)


_AS_LABELLED: Arrangement = (tuple(range(len(LIMB_LEADS))), (1.0,) * len(LIMB_LEADS))


def _arrangements() -> Iterator[Arrangement]:
    """Yield every order of the rows, and every row upside down."""
    usual, upright = _AS_LABELLED
    for rows in permutations(usual):
        yield rows, upright
    for upside_down in combinations(usual, 1):
        yield usual, tuple(-1.0 if row in upside_down else 1.0 for row in usual)


def _n_changed(arrangement: Arrangement) -> int:
    return sum(row != place or sign < 0 for place, (row, sign) in enumerate(zip(*arrangement, strict=True)))
