"""What a picture of an explanation tells, in words: the same in the picture, in HTML and on the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from einthoven.duration import format_duration
from einthoven.explanation import MARKED_SHARE, Explanation, Faithfulness
from einthoven.record import lead_words

if TYPE_CHECKING:
    from einthoven.training.layers import Kernels, Layer

CAVEAT = (
    "This shows what the answer of this network depends on, and proves no cause. What is there several times "
    "looks unimportant: where one piece is removed, the others remain."
)
UNFAITHFUL = "what is marked matters no more than chance: do not rely on this explanation"
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
        """What is explained, and how probable it is."""
        return f"What speaks for {self.named(self.explanation.label)}"

    @property
    def probability(self) -> str:
        """How probable the label is, and which one is more so."""
        shown = self.explanation
        words = f"probability {shown.prob:.2f}"
        if shown.label == shown.answer:
            return words
        return f"{words}; {self.named(shown.answer)}: {shown.probs[shown.answer]:.2f}"

    @property
    def facts(self) -> str:
        """What was looked at: leads, length, rate."""
        shown = self.explanation
        if shown.beat is not None:
            return f"beat {shown.beat}, from {shown.start_s:.2f} s on   {shown.fs:g} Hz"
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
            return f"{how} The colour is what they add to the log-odds of {shown.label}."
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
        n_trials = len(found.random_drops)
        return (
            f"Without the marked {found.share:.0%} ({pieces}) the log-odds of {shown.label} change by "
            f"{-found.drop:+.2f} (probability {found.prob_after:.2f}); without as much in random places by "
            f"{-found.random_mean:+.2f} on average ({-high:+.2f} to {-low:+.2f}, n={n_trials})."
        )

    @property
    def doubts(self) -> tuple[str, ...]:
        """What a reader should know."""
        found = self.faithfulness
        unfaithful = (UNFAITHFUL,) if found is not None and not found.is_faithful else ()
        nothing = () if self.explanation.runs(MARKED_SHARE) else (NOTHING,)
        return (*unfaithful, *nothing, *self.explanation.warnings)
