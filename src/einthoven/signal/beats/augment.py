"""Random changes of a heartbeat that `AroundRPeaks` cut for training; the given rows are never changed."""

from __future__ import annotations

import numpy as np

from einthoven.errors import SettingsError
from einthoven.record import Signal

N_ROWS = 3
"""Rows of a view: beat, usual beat, features."""


def choose_view(rows: Signal, rng: np.random.Generator, first: int, last: int) -> Signal:
    """Return the rows with another view's in place of the first three.

    rows : (3 n_views, n_samples) of a beat
    first, last : the view is one of these, counted from 0, any as likely as another

    Raises SettingsError if there are not so many views: only a cut for training gives them.
    """
    if len(rows) < N_ROWS * (last + 1):
        raise SettingsError(f"expected heartbeats cut for training, of {N_ROWS * (last + 1)} rows or more, "
                            f"found {len(rows)}")  # fmt: skip
    view = int(rng.integers(first, last + 1))
    return np.concatenate([rows[N_ROWS * view : N_ROWS * (view + 1)], rows[N_ROWS:]])


def shift_beat(rows: Signal, rng: np.random.Generator, most: int) -> Signal:
    """Move the beat, not the usual one, by up to `most` samples; its end value follows.

    rows : (n_rows, n_samples) of a beat; without a move, the very array that was given is returned
    """
    by = int(rng.integers(-most, most + 1))
    if by == 0:
        return rows
    moved = rows.copy()
    moved[0] = np.roll(rows[0], by)
    if by > 0:
        moved[0, :by] = rows[0, 0]
    else:
        moved[0, by:] = rows[0, -1]
    return moved


def scale_waves(rows: Signal, rng: np.random.Generator, low: float, high: float) -> Signal:
    """Make beat and usual beat `low` to `high` times as high, alike.

    rows : (n_rows, n_samples) of a beat
    """
    scaled = rows.copy()
    scaled[:2] *= np.float32(rng.uniform(low, high))
    return scaled


def disturb_waves(rows: Signal, rng: np.random.Generator, level: float) -> Signal:
    """Add muscle noise and baseline wander to the beat, and white noise a third as high to the usual one.

    rows : (n_rows, n_samples) of a beat
    level : largest standard deviation of the noise, in halves of the usual QRS complex; the wander is up to
        twice as high
    """
    n = len(rows[0])
    height = level * rng.random()
    disturbed = rows.copy()
    noise = rng.standard_normal(n + 2)
    smooth = (noise[:-2] + noise[1:-1] + noise[2:]) / np.sqrt(3)
    wander = 2 * np.sin(9 * rng.random() * np.linspace(0, 1, n) + 2 * np.pi * rng.random())
    disturbed[0] += (height * (smooth + wander)).astype(np.float32)
    disturbed[1] += (height / 3 * rng.standard_normal(n)).astype(np.float32)
    return disturbed


def disturb_features(rows: Signal, rng: np.random.Generator, n_features: int, level: float) -> Signal:
    """Add noise of standard deviation `level` to the features.

    rows : (n_rows, n_samples) of a beat
    n_features : numbers that the third row begins with
    """
    disturbed = rows.copy()
    disturbed[2, :n_features] += (level * rng.standard_normal(n_features)).astype(np.float32)
    return disturbed
