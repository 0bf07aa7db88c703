"""Electrocardiograms made up by a model of the heart, so that the truth about them is known.

Each of nine electrodes sees the heart's vector from its place, and has a wandering baseline and noise of its
own; leads are the differences that define them. So III = II - I, and the augmented leads follow, in every
sample.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import SettingsError
from einthoven.record import Annotation, Record, lead_name
from einthoven.signal.simulated_beats import RHYTHM_BEATS, place_beats, with_ectopic
from einthoven.signal.simulated_heart import heart_vector
from einthoven.signal.simulated_noise import drowning_noise, electrode_noise

RHYTHMS: dict[str, tuple[str, str]] = {
    "normal": ("normal sinus rhythm", "N"),
    "af": ("atrial fibrillation", "A"),
    "ectopy": ("sinus rhythm with ectopic beats", "O"),
    "noise": ("too noisy to tell", "~"),
}
"""What can be simulated: its meaning, and its class in the CinC 2017 challenge."""

ECTOPIC: dict[str, tuple[str, ...]] = {"normal": ("V", "A"), "af": ("V",)}
"""Kinds of ectopic beats that may be added to a rhythm; fibrillating atria have no beats of their own."""

ELECTRODES: dict[str, tuple[float, float, float]] = {
    "RA": (-1 / 2, -1 / (2 * 3**0.5), 0.0),
    "LA": (1 / 2, -1 / (2 * 3**0.5), 0.0),
    "LL": (0.0, 1 / 3**0.5, 0.0),
    "V1": (-0.45, 0.0, 0.95),
    "V2": (0.10, 0.0, 1.40),
    "V3": (0.60, 0.05, 1.20),
    "V4": (1.00, 0.15, 0.90),
    "V5": (1.15, 0.15, 0.45),
    "V6": (1.05, 0.15, 0.05),
}
"""How much of the heart's vector (x left, y feet, z front) each sees; the limbs make Einthoven's triangle."""

_LIMB_LEADS: dict[str, dict[str, float]] = {
    "I": {"LA": 1, "RA": -1},
    "II": {"LL": 1, "RA": -1},
    "III": {"LL": 1, "LA": -1},
    "aVR": {"RA": 1, "LA": -0.5, "LL": -0.5},
    "aVL": {"LA": 1, "RA": -0.5, "LL": -0.5},
    "aVF": {"LL": 1, "RA": -0.5, "LA": -0.5},
}
_CHEST_LEADS = {
    name: {name: 1.0, "RA": -1 / 3, "LA": -1 / 3, "LL": -1 / 3} for name in ELECTRODES if name.startswith("V")
}
LEADS: dict[str, dict[str, float]] = _LIMB_LEADS | _CHEST_LEADS
"""Each lead as a sum of electrodes; a chest lead is against Wilson's central terminal."""


def simulate(
    rhythm: str = "normal",
    *,
    duration_s: float = 30.0,
    fs: float = 300.0,
    leads: Sequence[str] = ("I",),
    seed: int = 0,
    heart_rate: float = 70.0,
    noise_mv: float = 0.02,
    ectopic: Sequence[str] = (),
    heart_seed: int | None = None,
) -> Record:
    """Make up a recording whose rhythm and beats are known.

    Source: P. E. McSharry, G. D. Clifford, L. Tarassenko, L. A. Smith, "A dynamical model for generating
    synthetic electrocardiogram signals", 2003, DOI 10.1109/TBME.2003.808805.
    Differences: the Gaussians are summed in closed form, where the paper integrates a differential equation;
    they are vectors in space, seen by nine electrodes; fibrillation, ectopic beats and noise are added.

    Parameters
    ----------
    rhythm : "normal" (breathing and blood pressure vary the interval); "af" (irregular, 1.35 times as fast,
        no P waves but f waves of 4 to 9 Hz); "ectopy" (at least one premature beat: ventricular, so wide,
        without P wave and with a compensatory pause, or atrial); "noise" (normal, drowned by motion and
        muscles)
    duration_s : length, at least 0.5 s; for "ectopy" at least five beats
    fs : sampling rate, 50 to 10,000 Hz
    leads : which of the twelve leads
    seed : decides everything random: morphology, axis, beats, noise; a lead is the same whichever others are
        asked for with it
    heart_rate : rate of the sinus node, 20 to 200 beats a minute
    noise_mv : standard deviation of the white noise in leads I, II and III, mV
    ectopic : kinds of ectopic beats that a "normal" (V, A) or an "af" (V) recording of at least five beats
        surely has, and no others; "ectopy" draws its own
    heart_seed : decides morphology and axis in place of `seed`: recordings that share it are of one heart

    Returns
    -------
    Record with annotations (true R peaks; N, V, A) and comments that state the truth ("rhythm: ...",
    "label: ...", the letter being the class in the CinC 2017 challenge).

    Raises
    ------
    SettingsError if one of these is unknown or out of range.

    >>> record = simulate("af", seed=1)
    >>> record.signal.shape, record.comments[:2]
    ((1, 9000), ('rhythm: atrial fibrillation', 'label: A'))
    """
    kinds = _check_ectopic(rhythm, ectopic)
    names = _check(rhythm, duration_s, fs, leads, heart_rate, noise_mv, bool(kinds) or rhythm == "ectopy")
    for number in (seed, 0 if heart_seed is None else heart_seed):
        if isinstance(number, bool) or number < 0:
            raise SettingsError(f"expected a seed from 0, found {number}")
    n = round(duration_s * fs)
    beat_rng, heart_rng, noise_rng = np.random.default_rng(seed).spawn(3)
    if heart_seed is not None:
        heart_rng = np.random.default_rng(heart_seed).spawn(3)[1]
    beats = place_beats(rhythm, duration_s, heart_rate, beat_rng)
    if kinds:
        beats = with_ectopic(beats, kinds, duration_s, heart_rate, beat_rng)
    heart = heart_vector(beats, rhythm == "af", n, fs, heart_rng)
    needed = [name for name in ELECTRODES if any(name in LEADS[lead] for lead in names)]
    sources = dict(zip(ELECTRODES, noise_rng.spawn(len(ELECTRODES)), strict=True))
    electrodes = {
        name: np.asarray(ELECTRODES[name]) @ heart
        + electrode_noise(n, fs, noise_mv / 2**0.5, sources[name])
        + (drowning_noise(n, fs, sources[name]) if rhythm == "noise" else 0.0)
        for name in needed
    }
    samples = np.round(beats.times_s * fs).astype(np.int64)
    inside = (samples >= 0) & (samples < n)
    meaning, label = RHYTHMS["ectopy" if kinds and rhythm == "normal" else rhythm]
    return Record(
        signal=np.stack([_lead(name, electrodes) for name in names]).astype(np.float32),
        fs=float(fs),
        leads=names,
        name=f"simulated-{rhythm}-{seed}",
        annotations=Annotation(samples[inside], tuple(beats.kinds[inside].tolist())),
        comments=(f"rhythm: {meaning}", f"label: {label}", f"simulated by einthoven, seed {seed}"),
    )


def _lead(name: str, electrodes: dict[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    parts = [weight * electrodes[electrode] for electrode, weight in LEADS[name].items()]
    return np.asarray(np.sum(parts, axis=0))


def _check_ectopic(rhythm: str, ectopic: Sequence[str]) -> tuple[str, ...]:
    kinds, known = tuple(ectopic), ECTOPIC.get(rhythm, ())
    if len(set(kinds)) < len(kinds) or not set(kinds) <= set(known):
        expected = f"different ectopic beats among {', '.join(known)}" if known else "no ectopic beats to add"
        raise SettingsError(f"rhythm {rhythm}: expected {expected}, found {', '.join(kinds)}")
    return kinds


def _check(
    rhythm: str,
    duration_s: float,
    fs: float,
    leads: Sequence[str],
    heart_rate: float,
    noise_mv: float,
    is_ectopic: bool,
) -> tuple[str, ...]:
    if rhythm not in RHYTHM_BEATS:
        raise SettingsError(f"expected a rhythm among {', '.join(RHYTHMS)}, found {rhythm!r}")
    for name, value, low, high in (
        ("fs", fs, 50, 10_000),
        ("heart_rate", heart_rate, 20, 200),
        ("noise_mv", noise_mv, 0, 100),
        ("duration_s", duration_s, 300 / heart_rate if is_ectopic else 0.5, 7 * 86_400),
    ):
        if not (isfinite(value) and low <= value <= high):
            raise SettingsError(f"expected {name} from {low:g} to {high:g}, found {value}")
    names = tuple(lead_name(name) for name in ([leads] if isinstance(leads, str) else leads))
    unknown = [name for name in names if name not in LEADS]
    if unknown or not names or len(set(names)) < len(names):
        raise SettingsError(f"expected different leads among {', '.join(LEADS)}, found {', '.join(names)}")
    return names
