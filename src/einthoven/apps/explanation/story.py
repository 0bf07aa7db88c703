"""What a picture of an explanation tells, in words: the same in the picture, in HTML and on the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from einthoven.duration import format_duration
from einthoven.explanation import MARKED_SHARE, SLIGHT, Explanation, Faithfulness
from einthoven.record import lead_words

if TYPE_CHECKING:
    from einthoven.training.layers import Kernels, Layer

CAVEAT = (
    "This shows what the answer of this network depends on, and proves no cause. What is there several times "
    "looks unimportant: where one piece is removed, the others remain."
)
UNFAITHFUL = "what is marked matters no more than chance: do not rely on this explanation"
OBSTACLE = "this answer should not be believed"
FROM_A_LINE = (
    "The colours add up over the whole way from that line to the signal; the check takes away no more than "
    "the marked tenth, and the rest may be enough for the answer: the two need not agree in size."
)
NOTHING = "nothing speaks for this label: no part is marked"
_FILLS = MappingProxyType({
    "line": "a line between its neighbours",
    "usual": "the usual beat",
})  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Story:
    """What is drawn.

    explanation : what speaks for a label
    faithfulness : what removing the marked pieces does; None if nothing is marked, or it was not measured
    meanings : label -> what it means
    layers : what the layers make of the input, in their order; none of a bundle
    kernels : of the first layer, or None
    """

    explanation: Explanation
    faithfulness: Faithfulness | None = None
    meanings: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    layers: Sequence[Layer] = ()
    kernels: Kernels | None = None

    def named(self, label: str) -> str:
        """Return a label with its meaning: `atrial fibrillation (A)`."""
        meaning = self.meanings.get(label, "")
        return f"{meaning} ({label})" if meaning and meaning != label else label

    @property
    def title(self) -> str:
        """What is explained, and whether the model is sure of its answer."""
        label = self.named(self.explanation.label)
        return f"Not sure: what speaks for {label}" if self.unsure else f"What speaks for {label}"

    @property
    def unsure(self) -> str:
        """Why the model is not sure of its answer; empty if it is."""
        reason = self.explanation.unsure
        return "" if reason is None else f"the model is {reason}"

    @property
    def probability(self) -> str:
        """How probable the label is, and which one is more so."""
        shown = self.explanation
        words = f"probability {shown.prob:.2f}"
        if shown.label == shown.answer:
            return words
        return f"{words}; {self.named(shown.answer)}: {shown.probs[shown.answer]:.2f}"

    @property
    def beat(self) -> str:
        """Which heartbeat it is: its number, its R peak, and how it was chosen; empty of a recording."""
        shown = self.explanation
        if shown.beat is None:
            return ""
        where = "" if shown.rpeak_s is None else f", R peak at {shown.rpeak_s:.2f} s"
        return f"beat {shown.beat}{where}" + (f" ({shown.choice})" if shown.choice else "")

    @property
    def facts(self) -> str:
        """What was looked at: leads, length, rate."""
        shown = self.explanation
        if shown.beat is not None:
            return f"{self.beat}   {shown.fs:g} Hz"
        names = ", ".join(map(lead_words, shown.leads))
        length_s = shown.signal.shape[-1] / shown.fs
        length = f"{length_s:.1f} s" if length_s < 120 else format_duration(length_s)
        return f"{names}   {length}   {shown.fs:g} Hz"

    @property
    def method(self) -> str:
        """How it was found out."""
        shown, window = self.explanation, f"{self.explanation.window_s:.3g} s"
        if shown.step_s is None:
            how = f"Integrated gradients from a flat line to the signal, summed over {window}."
            return f"{how} The colour is what they add to the log-odds of {shown.label}. {FROM_A_LINE}"
        how = f"Each {window} was in turn replaced by {_FILLS[shown.fill]}, every {shown.step_s:.3g} s."
        return f"{how} The colour is by how much the log-odds of {shown.label} fell, on average."

    @property
    def check(self) -> str:
        """What removing the marked pieces does, beside random ones."""
        found, shown = self.faithfulness, self.explanation
        if found is None:
            return ""
        low, high = found.random_range
        pieces = "1 piece" if found.n_pieces == 1 else f"{found.n_pieces} pieces"
        n_trials, n_as_much = len(found.random_drops), found.n_as_much
        as_much = f"; {n_as_much} of {n_trials} random removals did as much" if n_as_much else ""
        return (
            f"Without the marked {found.share:.0%} ({pieces}) the log-odds of {shown.label} change by "
            f"{-found.drop:+.2f} (probability {found.prob_after:.2f}); without as much in random places by "
            f"{-found.random_mean:+.2f} on average ({-high:+.2f} to {-low:+.2f}, n={n_trials}){as_much}."
        )

    @property
    def beside(self) -> str:
        """How much speaks for the label that the picture does not show."""
        shown = self.explanation
        if not shown.beside:
            return ""
        parts = ", ".join(f"{name} {value:+.2f}" for name, value in shown.beside.items())
        how = "what making each neutral takes away" if shown.step_s is not None else "by the same gradients"
        return f"Not in this picture, log-odds of {shown.label}: {parts} ({how})."

    @property
    def is_slight(self) -> bool:
        """Whether removing the marked pieces hardly changes the answer."""
        return self.faithfulness is not None and self.faithfulness.is_slight

    @property
    def alarms(self) -> tuple[str, ...]:
        """Why the answer, or the picture, should not be relied on; nothing else is so important."""
        found, shown = self.faithfulness, self.explanation
        obstacle = [] if shown.obstacle is None else [f"{OBSTACLE}: {shown.obstacle}"]
        unfaithful = [UNFAITHFUL] if found is not None and not found.is_faithful else []
        return (*obstacle, *unfaithful)

    @property
    def slight(self) -> str:
        """That hardly anything matters, where it is so: as with most normal heartbeats."""
        if not self.is_slight:
            return ""
        shown = self.explanation
        is_pale = float(np.abs(shown.attribution).max()) < SLIGHT
        what = "the colours show" if is_pale else "blue shows"
        return (f"Hardly anything matters with this fill ({_FILLS[shown.fill]}): without the marked pieces "
                f"the log-odds change by less than {SLIGHT:g}; {what} next to nothing.")  # fmt: skip

    @property
    def doubts(self) -> tuple[str, ...]:
        """What else a reader should know."""
        nothing = () if self.explanation.runs(MARKED_SHARE) else (NOTHING,)
        return (*nothing, *self.explanation.warnings)
