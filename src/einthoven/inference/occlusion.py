"""Removing pieces of a signal, and what that does to a score: the core of explaining by occlusion.

Source: Zeiler & Fergus 2014 (ECCV, arXiv:1311.2901), section 4.2, for images.
Differences: the windows lie on a time axis and overlap; what is removed is not set to grey but to what joins
its neighbours; what is measured is the fall of the label's log-odds, which unlike a probability does not
stand still near 1.

It knows no models: a score is any function from signals to probabilities.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import SettingsError
from einthoven.explained_part import check_length, check_window
from einthoven.explanation import log_odds
from einthoven.record import Signal
from einthoven.signal.rpeaks import find_rpeaks

Score = Callable[[Sequence[Signal]], NDArray[np.float64]]
"""n signals (n_leads, n_samples) -> probabilities (n, n_classes)."""
Run = tuple[int, int]
"""A piece: its first sample, and the first after it."""

FILLS = ("line", "usual")
"""What takes the place of removed samples: a line between their neighbours, or the recording's usual beat."""
_MAX_BATCH, _BATCH_VALUES = 64, 2**22
"""Values in a batch of changed signals, unless a single one has more: 16 MiB."""
_BEFORE_S, _AFTER_S = 0.3, 0.5
"""The usual beat reaches so far before and after its R peak, s: from the P wave to the end of the T wave."""
_MIN_BEATS = 3


@dataclass(frozen=True, slots=True)
class Occlusion:
    """What is removed, and what takes its place.

    window_s : length of what is removed at once, s; a narrow QRS complex lasts 0.1
    step_s : how far apart the windows begin, s; at most `window_s`
    fill : "line" (between the samples beside it: what was there is gone, so that a removed QRS complex is a
        beat that did not happen) or "usual" (the recording's median beat, where it has one: the beats stay
        where they are and lose what is special about their shape)

    Raises SettingsError if a value is out of range.
    """

    window_s: float = 0.1
    step_s: float = 0.05
    fill: str = "line"

    def __post_init__(self) -> None:
        check_window(self.window_s)
        # Written so that NaN is refused too.
        if not 0 < self.step_s <= self.window_s:
            raise SettingsError(f"expected a step above 0 s, up to the window of {self.window_s:g} s, "
                                f"found {self.step_s:g} s")  # fmt: skip
        if self.fill not in FILLS:
            raise SettingsError(f"expected a fill among {', '.join(FILLS)}, found {self.fill}")


@dataclass(frozen=True, slots=True, eq=False)
class Removal:
    """A signal from which pieces can be removed.

    signal : (n_leads, n_samples) float32, without NaN
    background : of the same shape: what a removed piece becomes, but for a line that makes its ends meet the
        samples beside it. Zeros: nothing but that line
    """

    signal: Signal
    background: Signal

    def without(self, runs: Sequence[Run]) -> Signal:
        """Return a copy without some pieces, which neither touch nor overlap each other."""
        changed = np.array(self.signal)
        rest = self.signal - self.background
        n_samples = self.signal.shape[-1]
        for first, end in runs:
            # At an end of the recording there is one neighbour only; without any, nothing is left.
            sides = [rest[:, at] for at in (first - 1, end) if 0 <= at < n_samples]
            left, right = (sides[0], sides[-1]) if sides else (np.zeros(len(rest)), np.zeros(len(rest)))
            towards = np.arange(1, end - first + 1) / (end - first + 1)
            line = left[:, None] * (1 - towards) + right[:, None] * towards
            changed[:, first:end] = self.background[:, first:end] + line
        return changed


def windows_of(first: int, end: int, width: int, step: int) -> list[Run]:
    """Return overlapping windows from `first` to `end`, the last one ending there.

    >>> windows_of(0, 10, 4, 3)
    [(0, 4), (3, 7), (6, 10)]

    Raises SettingsError unless 1 <= step <= width <= end - first: every sample has to be in a window.
    """
    if not 1 <= step <= width <= end - first:
        raise SettingsError(f"expected windows of at most {end - first} samples, the part that is explained, "
                            f"and steps from 1 sample to a window, found {width} and {step}")  # fmt: skip
    starts = [*range(first, end - width, step), end - width]
    return [(start, start + width) for start in starts]


def occlude(
    score: Score,
    removal: Removal,
    windows: Sequence[Run],
    column: int,
    progress: Callable[[int, int], None] | None = None,
) -> NDArray[np.float64]:
    """Return by how much a label's log-odds fall without each window, (n_windows,).

    Parameters
    ----------
    score : who is asked
    removal : the signal
    windows : which pieces, each removed on its own
    column : the label's position among the probabilities
    progress : called with (windows done, all of them) before the first batch and after each
    """
    # Asked first: the first answer of all takes longer than others, and would spoil what is foretold from it.
    whole = log_odds(score([removal.signal]))[0, column]
    if progress is not None:
        progress(0, len(windows))
    batch = batch_of(removal.signal)
    drops = np.empty(len(windows))
    for start in range(0, len(windows), batch):
        portion = windows[start : start + batch]
        left = log_odds(score([removal.without([window]) for window in portion]))[:, column]
        drops[start : start + len(portion)] = whole - left
        if progress is not None:
            progress(start + len(portion), len(windows))
    return drops


def attribute(
    score: Score,
    removal: Removal,
    settings: Occlusion,
    fs: float,
    part: Run,
    column: int,
    progress: Callable[[int, int], None] | None = None,
) -> NDArray[np.float64]:
    """Return how much each sample of a part speaks for a label, (n_samples of the part,), log-odds.

    fs : Hz
    part : first sample, first after it

    The other parameters are those of `occlude`. Raises SettingsError if a window is longer than the part, or
    a window or a step is shorter than a sample.
    """
    for what, length_s in (("window", settings.window_s), ("step", settings.step_s)):
        check_length(what, length_s, fs)
    width, step = (max(1, round(length_s * fs)) for length_s in (settings.window_s, settings.step_s))
    if width > part[1] - part[0]:
        raise SettingsError(f"expected a window of at most {(part[1] - part[0]) / fs:.3g} s, the part "
                            f"that is explained, found {settings.window_s:g} s")  # fmt: skip
    windows = windows_of(*part, width, step)
    return spread(occlude(score, removal, windows, column, progress), windows, *part)


def spread(drops: NDArray[np.float64], windows: Sequence[Run], first: int, end: int) -> NDArray[np.float64]:
    """Return for each sample from `first` to `end` the mean drop of the windows that hold it."""
    sums, counts = np.zeros(end - first + 1), np.zeros(end - first + 1)
    for (start, stop), drop in zip(windows, drops, strict=True):
        sums[[start - first, stop - first]] += (drop, -drop)
        counts[[start - first, stop - first]] += (1, -1)
    return np.asarray(np.cumsum(sums)[:-1] / np.cumsum(counts)[:-1])


def batch_of(signal: Signal) -> int:
    """Return how many changed copies of a signal are asked about at once, so that memory stays bounded."""
    return max(1, min(_MAX_BATCH, _BATCH_VALUES // signal.size))


def background_of(fill: str, signal: Signal, fs: float) -> tuple[Signal, tuple[str, ...]]:
    """Return what removed samples become, see `Removal`, and what is to be said of it.

    fill : one of `FILLS`

    Raises SettingsError if it is none of them.
    """
    if fill not in FILLS:
        raise SettingsError(f"expected a fill among {', '.join(FILLS)}, found {fill}")
    if fill == "line":
        return np.zeros_like(signal), ()
    found = usual_beats(signal, fs)
    if found is None:
        return np.zeros_like(signal), ("too few beats for a usual one: what was removed became a line",)
    return found, ()


def usual_beats(signal: Signal, fs: float) -> Signal | None:
    """Return the signal as if each of its beats were the usual one, 0 between them; None of too few beats.

    The usual beat is the median over all beats, from 0.3 s before to 0.5 s after the R peak, bent so that it
    begins and ends at 0. So the beats stay where they are and lose what is special about their shape.

    signal : (n_leads, n_samples), mV, without NaN
    """
    rpeaks = find_rpeaks(signal, fs, warn=False)
    before, after = round(_BEFORE_S * fs), round(_AFTER_S * fs)
    n_samples = signal.shape[-1]
    whole = [peak for peak in rpeaks.tolist() if before <= peak <= n_samples - after]
    if len(whole) < _MIN_BEATS:
        return None
    beats = np.stack([signal[:, peak - before : peak + after] for peak in whole])
    usual = np.median(beats - np.median(beats, axis=-1, keepdims=True), axis=0)
    usual -= np.linspace(usual[:, 0], usual[:, -1], before + after, axis=-1)
    drawn = np.zeros_like(signal)
    for peak in rpeaks.tolist():
        start, end = max(0, peak - before), min(n_samples, peak + after)
        # Where beats follow fast, the next one's P wave takes the place of the end of the T wave.
        drawn[:, start:end] = usual[:, start - peak + before : end - peak + before]
    return drawn
