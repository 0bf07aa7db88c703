"""Why a model answered as it did: how much each sample speaks for a label, and how far to believe that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from einthoven.errors import SettingsError
from einthoven.record import Signal

MARKED_SHARE = 0.1
"""So much of what is explained is marked as important, at most."""
SLIGHT = 0.25
"""A change of the log-odds below this hardly matters: at a probability of 0.5 it is one of 0.06."""
_CERTAIN = 1e-9
"""Probabilities nearer than this to 0 or 1 count as that near: log-odds have no bounds."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece that is marked as important.

    start_s, end_s : seconds from the start of the recording
    attribution : mean over its samples, log-odds
    """

    start_s: float
    end_s: float
    attribution: float


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """How much each sample of a recording, or of a part of it, speaks for a label.

    record, path : the recording's name, and the file that it was read from
    model : who was asked: name and version, or a run's folder
    signal : (n_leads, n_samples) float32, the leads that were looked at, all of them, without NaN
    background : of the same shape, what removed samples become, see `einthoven.inference.occlusion.Removal`
    fs : sampling rate, Hz
    leads : names of the rows of `signal`
    first : sample where the part that is explained begins
    label : what is explained
    probs : label -> probability, of the recording as it is
    attribution : (n_explained,) log-odds; positive where a sample speaks for the label. By occlusion: by how
        much the label's log-odds fall when the sample is removed, the mean over the windows that remove it.
        By gradients: what the window around the sample adds to the label's log-odds
    method : "occlusion" or "integrated gradients"
    window_s : length of what is removed at once, or summed over, s
    step_s : how far apart the windows begin, s; None for gradients
    fill : what removed samples become, by name: "line" or "usual"
    warnings : what a reader should know
    unit : of the signal
    origin_s : where the first sample of `signal` lies in the recording, s
    beat : number of the heartbeat, from 1, of which `signal` is the input of a network; None of a recording
    rpeak_s : where the R peak of this heartbeat lies in the recording, s
    choice : how this heartbeat was chosen, where it was by its class
    beside : what the network reads of the heartbeat besides `signal`, by name, and how much it speaks for the
        label, log-odds
    obstacle : why the answer should not be believed, or None
    unsure : why the model is not sure of its answer, though nothing is wrong with the recording, or None
    """

    record: str
    path: str
    model: str
    signal: Signal
    background: Signal
    fs: float
    leads: tuple[str, ...]
    first: int
    label: str
    probs: Mapping[str, float]
    attribution: NDArray[np.float64]
    method: str
    window_s: float
    step_s: float | None
    fill: str
    warnings: tuple[str, ...] = ()
    unit: str = "mV"
    origin_s: float = 0.0
    beat: int | None = None
    rpeak_s: float | None = None
    choice: str = ""
    beside: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    obstacle: str | None = None
    unsure: str | None = None

    @property
    def prob(self) -> float:
        """Probability of the label."""
        return self.probs[self.label]

    @property
    def answer(self) -> str:
        """The most probable label."""
        return max(self.probs, key=self.probs.__getitem__)

    @property
    def column(self) -> int:
        """Position of the label among those of the model."""
        return list(self.probs).index(self.label)

    @property
    def part(self) -> slice:
        """The samples that are explained."""
        return slice(self.first, self.first + len(self.attribution))

    @property
    def start_s(self) -> float:
        """Where the part that is explained begins, s."""
        return self.time_of(self.first)

    @property
    def end_s(self) -> float:
        """Where it ends, s."""
        return self.time_of(self.first + len(self.attribution))

    def time_of(self, sample: float) -> float:
        """Return where a sample of `signal` lies in the recording, s."""
        return self.origin_s + sample / self.fs

    def runs(self, share: float = MARKED_SHARE) -> list[tuple[int, int]]:
        """Return the marked pieces, (first sample, first after it) in the whole signal, in their order.

        They are the samples of highest attribution, `share` of them at most, as far as it is above 0.

        Raises SettingsError if the share is not above 0 and at most 0.5.
        """
        return [(self.first + a, self.first + b) for a, b in runs_of(marked(self.attribution, share))]

    def segments(self, share: float = MARKED_SHARE) -> tuple[Segment, ...]:
        """Return the marked pieces, the most important first."""
        found = [
            Segment(
                self.time_of(a),
                self.time_of(b),
                float(self.attribution[a - self.first : b - self.first].mean()),
            )
            for a, b in self.runs(share)
        ]
        return tuple(sorted(found, key=lambda segment: -segment.attribution))

    def to_dict(self, share: float = MARKED_SHARE) -> dict[str, Any]:
        """Return what is to be told of it, as JSON values."""
        return {
            "record": self.record,
            "path": self.path,
            "model": self.model,
            "beat": self.beat,
            "rpeak_s": None if self.rpeak_s is None else round(self.rpeak_s, 4),
            "choice": self.choice,
            "leads_used": list(self.leads),
            "label": self.label,
            "probs": dict(self.probs),
            "method": self.method,
            "window_s": self.window_s,
            "step_s": self.step_s,
            "fill": self.fill,
            "start_s": round(self.start_s, 4),
            "end_s": round(self.end_s, 4),
            "segments": [_rounded(segment) for segment in self.segments(share)],
            "beside": {name: round(value, 6) for name, value in self.beside.items()},
            "obstacle": self.obstacle,
            "unsure": self.unsure,
            "warnings": list(self.warnings),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Faithfulness:
    """What removing the marked pieces does to the score, beside removing as many random ones.

    share : of the explained samples that was removed
    n_pieces : in so many pieces
    drop : by how much the label's log-odds fall without the marked pieces
    prob_after : the label's probability then
    random_drops : the same for pieces of the same lengths in random places, one number a trial
    """

    share: float
    n_pieces: int
    drop: float
    prob_after: float
    random_drops: tuple[float, ...] = field(repr=False)

    @property
    def random_mean(self) -> float:
        """Mean drop of the random removals."""
        return float(np.mean(self.random_drops))

    @property
    def random_range(self) -> tuple[float, float]:
        """Lowest and highest drop of the random removals."""
        return min(self.random_drops), max(self.random_drops)

    @property
    def is_faithful(self) -> bool:
        """Whether the marked pieces matter more than random ones do on average."""
        return self.drop > self.random_mean

    @property
    def is_slight(self) -> bool:
        """Whether removing the marked pieces hardly changes the answer."""
        return abs(self.drop) < SLIGHT

    @property
    def n_as_much(self) -> int:
        """How many of the random removals lower the score as much as that of the marked pieces, or more."""
        return sum(other >= self.drop for other in self.random_drops)

    @property
    def beaten(self) -> float:
        """Share of the random removals that lower the score less."""
        return float(np.mean([self.drop > other for other in self.random_drops]))

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        low, high = self.random_range
        return {
            "share": round(self.share, 4),
            "n_pieces": self.n_pieces,
            "drop": round(self.drop, 6),
            "prob_after": round(self.prob_after, 6),
            "random_mean": round(self.random_mean, 6),
            "random_low": round(low, 6),
            "random_high": round(high, 6),
            "n_random": len(self.random_drops),
            "beaten": round(self.beaten, 4),
            "n_as_much": self.n_as_much,
            "is_slight": self.is_slight,
        }


def _rounded(segment: Segment) -> dict[str, float]:
    return {name: round(value, 6) for name, value in asdict(segment).items()}


def log_odds(probs: ArrayLike) -> NDArray[np.float64]:
    """Return ln(p / (1 - p)) of probabilities, of any shape, kept 1e-9 away from 0 and 1.

    >>> log_odds([0.5, 0.9]).round(3).tolist()
    [0.0, 2.197]
    """
    p = np.clip(np.asarray(probs, np.float64), _CERTAIN, 1 - _CERTAIN)
    return np.asarray(np.log(p) - np.log1p(-p))


def marked(attribution: NDArray[np.float64], share: float = MARKED_SHARE) -> NDArray[np.bool_]:
    """Tell which samples are marked: the highest `share` of them, as far as they are above 0.

    attribution : (n_samples,); of equal ones the earlier is marked

    Raises SettingsError if the share is not above 0 and at most 0.5.
    """
    if not 0 < share <= 0.5:
        raise SettingsError(f"expected a share above 0 and at most 0.5 to be marked, found {share}")
    highest = np.argsort(-attribution, kind="stable")[: max(1, int(share * len(attribution)))]
    mask = np.zeros(len(attribution), np.bool_)
    mask[highest] = attribution[highest] > 0
    return mask


def runs_of(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the runs of True, (first, first after it).

    >>> runs_of(np.array([True, False, True, True]))
    [(0, 1), (2, 4)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
