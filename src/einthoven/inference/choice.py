"""Which model answers a recording where several could: the one for its leads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from einthoven.bundle import InputSpec
from einthoven.bundle.outline import Outline
from einthoven.errors import BundleError, ECGError
from einthoven.inference.prediction import Failure, Prediction
from einthoven.inference.runtime import Model, load
from einthoven.inference.shipped import shipped_outlines
from einthoven.inference.usable_leads import TOO_FEW
from einthoven.record import Record, lead_words

OF_LEADS = 2, 3
"""A model whose leads may be lacking is for recordings with at least two thirds of them: eight of twelve.

It answers with fewer, but then learns less of the heart than the leads it is named for; and what shows in a
single lead, the rhythm, is told by a model made for that.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """Who answers a recording.

    model : that model, loaded
    record : the recording as that model reads it: with one lead if only that can be used
    why : why it answers in place of the one for the recording's leads; empty if it is that one
    """

    model: Model
    record: Record
    why: str = ""


class ModelChoice:
    """Models of whole recordings, of which each recording is answered by the one for its leads.

    A model of several leads is for the recordings that have them all, or two thirds of them if it may lack
    leads, where those count that are there and those limb leads that can be computed: I, II and V1 to V6 are
    twelve. A model of one lead is for any recording. Of the models that a recording is for, the one of most
    leads answers, of as many leads the first. Where there is none, the one of fewest leads is asked, which
    says what it misses. Where fewer than two of the leads turn out to be usable, the first model of one lead
    answers, with a warning, unless something speaks against its lead too.

    A model is loaded when its first recording comes. Any number of threads may ask at once.

    Parameters
    ----------
    outlines : sequence of Outline
        The models, of different names; at least one.
    load_model : callable
        Loads the model of a name.
    """

    def __init__(self, outlines: Sequence[Outline], load_model: Callable[[str], Model]) -> None:
        self.outlines = tuple(outlines)
        self._load_model = load_model
        self._loaded: dict[str, Model] = {}

    @classmethod
    def of(cls, model: Model) -> ModelChoice:
        """Return the choice that is none: of one model."""
        return cls((Outline.of(model.bundle),), lambda _: model)

    @classmethod
    def shipped(cls, *, threads: int | None = None) -> ModelChoice:
        """Return the choice among the models of whole recordings in the package.

        threads : that one call may use; as many as there are cores if not given

        Raises BundleError if there is none.
        """
        outlines = [outline for outline in shipped_outlines() if not outline.is_of_beats]
        if not outlines:
            raise BundleError("expected a model of whole recordings in the package, found none")
        return cls(outlines, lambda name: load(name, threads=threads))

    def only(self, is_wanted: Callable[[Outline], bool]) -> ModelChoice | None:
        """Return the choice among some of these models, None if there is none of them."""
        wanted = [outline for outline in self.outlines if is_wanted(outline)]
        return ModelChoice(wanted, self._load_model) if wanted else None

    @property
    def inputs(self) -> tuple[InputSpec, ...]:
        """What each model expects of a recording."""
        return tuple(outline.input for outline in self.outlines)

    def outline_for(self, record: Record) -> Outline:
        """Return which model answers a recording."""
        # What is no record is refused by whatever model is asked.
        if len(self.outlines) == 1 or not isinstance(record, Record):
            return self.outlines[0]
        suited = [outline for outline in self.outlines if is_for(record, outline.input)]
        if not suited:
            return min(self.outlines, key=_n_leads)
        return max(suited, key=_n_leads)

    def model_for(self, record: Record) -> Model:
        """Return the model that answers a recording, loaded. Raises BundleError if it is damaged."""
        return self.load_model(self.outline_for(record).name)

    def answering(self, record: Record) -> Chosen:
        """Return the model whose answer `predict` gives, loaded; no network is asked.

        Raises RecordError where the recording has to be looked at, and is one that `predict` would refuse;
        BundleError if a model is damaged.
        """
        outline = self.outline_for(record)
        model = self.load_model(outline.name)
        if _n_leads(outline) == 1 or len(self.outlines) == 1:
            return Chosen(model, record)
        return self._in_place_of(model.name, record, model.obstacle(record)) or Chosen(model, record)

    def load_model(self, name: str) -> Model:
        """Return one of the models by its name, loaded once. Raises BundleError if it is damaged."""
        if name not in self._loaded:
            self._loaded[name] = self._load_model(name)
        return self._loaded[name]

    def predict(self, record: Record) -> Prediction:
        """Say what one recording shows; `model` of the answer says who did. As `Model.predict`."""
        answer = self.model_for(record).predict(record)
        return self._instead(record, answer) or answer

    def predict_many(
        self, records: Iterable[Record], progress: Callable[[int, int], None] | None = None
    ) -> list[Prediction | Failure]:
        """Say what many recordings show, in their order, each by the model for its leads.

        Parameters, returns: as `Model.predict_many`. Raises BundleError if a model is damaged.
        """
        by_model: dict[str, dict[int, Record]] = {}
        for position, record in enumerate(records):
            by_model.setdefault(self.outline_for(record).name, {})[position] = record
        results: dict[int, Prediction | Failure] = {}
        total = sum(map(len, by_model.values()))
        for name, group in by_model.items():
            answers = self.load_model(name).predict_many(
                group.values(), _after(len(results), total, progress) if progress else None
            )
            for (position, record), answer in zip(group.items(), answers, strict=True):
                results[position] = self._instead(record, answer) or answer
        return [results[position] for position in range(total)]

    def _instead(self, record: Record, answer: Prediction | Failure) -> Prediction | None:
        """Return the answer of a model of one lead where another found fewer than two usable leads."""
        if isinstance(answer, Failure):
            return None
        chosen = self._in_place_of(answer.model, record, answer.abstain_reason)
        if chosen is None:
            return None
        (found,) = chosen.model.predict_many([chosen.record])
        return None if isinstance(found, Failure) else replace(found, warnings=(chosen.why, *found.warnings))

    def _in_place_of(self, name: str, record: Record, reason: str | None) -> Chosen | None:
        """Return who answers in place of a model that gives this reason for doubt.

        That is the model of one lead, on the one lead that can be used. None where the answer stands: also
        where no lead can be used, there is no such model, or something speaks against that lead too.
        """
        if not (reason or "").startswith(TOO_FEW):
            return None
        other = next((outline for outline in self.outlines if _n_leads(outline) == 1), None)
        if other is None:
            return None
        model = self.load_model(other.name)
        try:
            lead = self.load_model(name).usable_leads(record)
            usable = record.select(lead) if lead else None
            if usable is None or model.obstacle(usable) is not None:
                return None
        except ECGError:
            return None
        why = f"{reason}: {model.name} answers in place of {name}, from {lead_words(lead[0])}"
        return Chosen(model, usable, why)


def classify(record: Record) -> Prediction:
    """Say what a recording shows, by the shipped model for its leads; `model` of the answer names it.

    The model is loaded anew: for many recordings keep a `ModelChoice.shipped()`, which has `predict` and
    `predict_many`, or a model that you choose yourself, see `load`.

    Raises RecordError as `Model.predict` does, BundleError if there is no such model.
    """
    return ModelChoice.shipped().predict(record)


def is_for(record: Record, expected: InputSpec) -> bool:
    """Tell whether a recording has the leads that a model is made for: see `ModelChoice`."""
    n = len(expected.leads)
    if n == 1:
        return True
    share, whole = OF_LEADS if expected.may_lack_leads else (1, 1)
    return whole * (n - len(record.lacks(expected.leads))) >= share * n


def _n_leads(outline: Outline) -> int:
    return len(outline.input.leads)


def _after(before: int, total: int, progress: Callable[[int, int], None]) -> Callable[[int, int], None]:
    """Return what tells how far one model is, after so many recordings that others answered."""
    return lambda done, _: progress(before + done, total)
