"""Who can be asked why: a bundle, of recordings or heartbeats, by occlusion; a training run by gradients.

All have the same four methods, so that the command need not know whom it asks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from einthoven.errors import SettingsError

if TYPE_CHECKING:
    from typing import TypeAlias

    from einthoven.bundle import Bundle
    from einthoven.explanation import Explanation
    from einthoven.inference.beats import BeatModel
    from einthoven.inference.occlusion import Occlusion, Score
    from einthoven.inference.runtime import Model
    from einthoven.record import Record
    from einthoven.training.attribution import Gradients
    from einthoven.training.layers import Kernels, Layer
    from einthoven.training.trained import TrainedNetwork

    Seen: TypeAlias = tuple[tuple[Layer, ...], Kernels | None]

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked.

    label : to explain; the answer if None
    start_s, duration_s : part of a recording, s
    beat, beat_class : number of a heartbeat, or a class whose first one is meant
    window_s, step_s, fill : what is removed at once; None for what is usual
    """

    label: str | None = None
    start_s: float = 0.0
    duration_s: float | None = None
    beat: int | None = None
    beat_class: str | None = None
    window_s: float | None = None
    step_s: float | None = None
    fill: str | None = None

    @property
    def is_about_beat(self) -> bool:
        """Whether a heartbeat is named."""
        return self.beat is not None or self.beat_class is not None

    @property
    def is_about_part(self) -> bool:
        """Whether a part of a recording is named."""
        return self.start_s != 0 or self.duration_s is not None

    def occlusion(self, usual: Occlusion) -> Occlusion:
        """Return what is removed, where nothing is said as usual; a step is at most a window."""
        from einthoven.inference.occlusion import Occlusion

        window_s = usual.window_s if self.window_s is None else self.window_s
        step_s = min(usual.step_s, window_s) if self.step_s is None else self.step_s
        return Occlusion(window_s, step_s, usual.fill if self.fill is None else self.fill)


class Explainer(Protocol):
    """Who is asked."""

    @property
    def meanings(self) -> Mapping[str, str]:
        """What the labels mean."""

    def explain(self, record: Record, progress: Progress | None = None) -> Explanation:
        """Explain the answer to a recording."""

    def score(self, record: Record, explanation: Explanation) -> Score:
        """Return the function whose answers were explained."""

    def layers(self, record: Record, explanation: Explanation) -> Seen:
        """Return what the layers make of it, and the kernels of the first; needs the training packages."""


def open_explainer(model: str, asked: Asked) -> Explainer:
    """Open a shipped model, a bundle, or the folder of a run.

    Raises
    ------
    BundleError, RunError
        If it is none of these, or damaged.
    SettingsError
        If what is asked does not go with it.
    MissingExtraError
        If it is a run, and the training packages are not installed.
    """
    from einthoven.inference.shipped import open_model, shipped_models

    if model not in shipped_models() and Path(model).is_dir():
        return _open_run(Path(model), asked)
    bundle = open_model(model)
    if bundle.cut is None:
        from einthoven.inference.runtime import Model

        return explainer_of(Model(bundle), asked)
    from einthoven.inference.beats import BeatModel

    _refuse_part(asked, bundle.name)
    return BeatExplainer(BeatModel(bundle), asked)


def explainer_of(model: Model, asked: Asked, why: str = "") -> BundleExplainer:
    """Ask a model of recordings. Raises SettingsError if a heartbeat is asked about.

    why : it answers in place of another, if it does
    """
    _refuse_beat(asked, model.name)
    return BundleExplainer(model, asked, why)


def _meanings(bundle: Bundle) -> dict[str, str]:
    return {label.name: label.meaning for label in bundle.labels}


@dataclass(frozen=True, eq=False)
class BundleExplainer:
    """A model of recordings.

    why : it answers in place of another, if it does
    """

    model: Model
    asked: Asked
    why: str = ""

    @property
    def meanings(self) -> Mapping[str, str]:
        """What the labels mean."""
        return _meanings(self.model.bundle)

    def explain(self, record: Record, progress: Progress | None = None) -> Explanation:
        """Explain by occlusion."""
        from einthoven.inference.explain import explain
        from einthoven.inference.occlusion import Occlusion

        asked = self.asked
        found = explain(self.model, record, asked.label, start_s=asked.start_s, duration_s=asked.duration_s,
                        occlusion=asked.occlusion(Occlusion()), progress=progress)  # fmt: skip
        return replace(found, warnings=(self.why, *found.warnings)) if self.why else found

    def score(self, record: Record, explanation: Explanation) -> Score:  # noqa: ARG002
        """Return the model's probabilities of signals of the recording's rate."""
        from einthoven.inference.explain import score_of

        return score_of(self.model, explanation.fs)

    def layers(self, record: Record, explanation: Explanation) -> Seen:  # noqa: ARG002
        """Return no layers, which a bundle does not tell apart, and the kernels in its first graph."""
        from einthoven.pipeline import Pipeline
        from einthoven.training.layers import kernels_of_graph

        bundle = self.model.bundle
        _, rate = Pipeline.from_json(bundle.pipeline)(explanation.signal, explanation.fs)
        return (), kernels_of_graph(bundle.networks[0], rate)


@dataclass(frozen=True, eq=False)
class BeatExplainer:
    """A model of heartbeats."""

    model: BeatModel
    asked: Asked

    @property
    def meanings(self) -> Mapping[str, str]:
        """What the labels mean."""
        return _meanings(self.model.bundle)

    def explain(self, record: Record, progress: Progress | None = None) -> Explanation:  # noqa: ARG002
        """Explain a heartbeat by occlusion."""
        from einthoven.inference.explain_beats import BEAT_OCCLUSION, explain_beat

        asked = self.asked
        return explain_beat(self.model, record, asked.label, number=asked.beat, beat_class=asked.beat_class,
                            occlusion=asked.occlusion(BEAT_OCCLUSION))  # fmt: skip

    def score(self, record: Record, explanation: Explanation) -> Score:
        """Return the model's probabilities of the beat's first row, its other rows as they are."""
        from einthoven.inference.explain_beats import score_of_beat

        rows = self.model.cut_beats(record).rows
        return score_of_beat(self.model, rows[(explanation.beat or 1) - 1, 1:])

    def layers(self, record: Record, explanation: Explanation) -> Seen:  # noqa: ARG002
        """Return no layers, which a bundle does not tell apart, and the kernels in its first graph."""
        from einthoven.training.layers import kernels_of_graph

        return (), kernels_of_graph(self.model.bundle.networks[0], explanation.fs)


@dataclass(frozen=True, eq=False)
class RunExplainer:
    """The network of a training run.

    meanings : of its labels, where its recipe tells them
    """

    trained: TrainedNetwork
    asked: Asked
    meanings: Mapping[str, str]

    def explain(self, record: Record, progress: Progress | None = None) -> Explanation:  # noqa: ARG002
        """Explain by gradients."""
        from einthoven.training.attribution import BEAT_GRADIENTS, Gradients, explain_run, explain_run_beat

        asked, trained = self.asked, self.trained
        if trained.protocol.cut is None:
            own = self._gradients(Gradients())
            return explain_run(trained, record, asked.label, start_s=asked.start_s,
                               duration_s=asked.duration_s, gradients=own)  # fmt: skip
        own = self._gradients(BEAT_GRADIENTS)
        return explain_run_beat(trained, record, asked.label, number=asked.beat, beat_class=asked.beat_class,
                                gradients=own)  # fmt: skip

    def score(self, record: Record, explanation: Explanation) -> Score:
        """Return the network's probabilities of signals, or of a beat's first row."""
        import numpy as np

        if explanation.beat is None:
            return lambda signals: self.trained.probs(signals, explanation.fs)
        others = self.trained.rows_of(record)[explanation.beat - 1, 1:]
        return lambda beats: self.trained.probs(
            [np.concatenate([beat, others]) for beat in beats], explanation.fs
        )

    def layers(self, record: Record, explanation: Explanation) -> Seen:
        """Return what the layers make of the whole recording, or of the beat, and the first kernels."""
        from einthoven.training.layers import activations, first_kernels

        signal = explanation.signal
        if explanation.beat is not None:
            signal = self.trained.rows_of(record)[explanation.beat - 1]
        x, rate = self.trained.input(signal, explanation.fs)
        network = self.trained.network
        return activations(network, x, rate, self.trained.start_s(rate)), first_kernels(network, rate)

    def _gradients(self, usual: Gradients) -> Gradients:
        window_s = self.asked.window_s
        return usual if window_s is None else replace(usual, window_s=window_s)


def _open_run(folder: Path, asked: Asked) -> RunExplainer:
    from einthoven.apps.cli.extra import training_extra
    from einthoven.recipes import RECIPES
    from einthoven.training.run_folder import open_run

    run = open_run(folder)
    if asked.step_s is not None or asked.fill is not None:
        raise SettingsError(f"{folder}: a run is explained by gradients: --step and --fill go with a bundle")
    refuse = _refuse_beat if run.protocol.cut is None else _refuse_part
    refuse(asked, str(folder))
    with training_extra():
        from einthoven.training.trained import TrainedNetwork

        trained = TrainedNetwork.of(run)
    recipe = RECIPES.get(run.protocol.recipe)
    labels = () if recipe is None else recipe.labels
    return RunExplainer(trained, asked, {label.name: label.meaning for label in labels})


def _refuse_beat(asked: Asked, name: str) -> None:
    if asked.is_about_beat:
        raise SettingsError(f"model {name}: reads whole recordings: --beat and --beat-class go with a model "
                            "of heartbeats")  # fmt: skip


def _refuse_part(asked: Asked, name: str) -> None:
    if asked.is_about_part:
        raise SettingsError(f"model {name}: reads heartbeats: --start and --duration go with a model of "
                            "whole recordings")  # fmt: skip
