"""What a training run does, in full: data to logits, step by step, as frozen values without PyTorch."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Literal, cast, get_args

from einthoven.errors import SettingsError
from einthoven.networks import NETWORKS, NetworkSettings
from einthoven.pipeline import Pipeline
from einthoven.signal.beats import Cut, cut_json, read_cut
from einthoven.training.augmentation import Augmentation
from einthoven.training.augmentations import AUGMENTATIONS

Optimizer = Literal["adam", "adamw", "rmsprop", "sgd"]
Loss = Literal["cross-entropy", "binary-cross-entropy", "categorical-on-sigmoid"]
Schedule = Literal["constant", "one-cycle", "step", "plateau"]
Monitor = Literal["f1", "loss"]
SplitKind = Literal["cross-validation", "production"]
SplitBy = Literal["patient", "beat", "source"]


@dataclass(frozen=True)
class Phase:
    """One stretch of training, begun from the best weights of the one before (the last, without validation).

    name : what log.csv calls it
    epochs : at most so many
    head : the network's `head` in this phase; None keeps the network's own
    freeze_convolutions : train only what comes after the convolutions
    train_last : train only so many fully connected layers, counted from the end; None trains everything
    optimizer, learning_rate, weight_decay : PyTorch's defaults otherwise
    schedule : "constant"; "one-cycle" up to `learning_rate` during the share `pct_start`, then down;
        "step": divided by 10 every `step_epochs`; "plateau": times `plateau_factor` whenever the validation
        loss has not got better for more than `plateau_patience` epochs, as in PyTorch's scheduler
    monitor : what makes an epoch the best one, and the early stop wait: validation F1avg ("f1") or "loss"
    patience : epochs without a better one before stopping; None never stops early
    check_every : epochs between validations
    not_before : no early stop before this epoch
    """

    name: str = "joint"
    epochs: int = 1
    head: str | None = None
    freeze_convolutions: bool = False
    train_last: int | None = None
    optimizer: Optimizer = "adam"
    learning_rate: float = 1e-3
    weight_decay: float = 0.0
    schedule: Schedule = "constant"
    step_epochs: int = 200
    pct_start: float = 0.3
    plateau_patience: int = 5
    plateau_factor: float = 0.5
    monitor: Monitor = "f1"
    patience: int | None = None
    check_every: int = 1
    not_before: int = 0

    def __post_init__(self) -> None:
        _check_choice("optimizer", self.optimizer, get_args(Optimizer))
        _check_choice("schedule", self.schedule, get_args(Schedule))
        _check_choice("monitor", self.monitor, get_args(Monitor))
        _check_least(self, 1, "epochs", "check_every", "step_epochs", "patience", "plateau_patience",
                     "train_last")  # fmt: skip
        _check_least(self, 0, "not_before")
        _check_range(self, "learning_rate", above=0)
        _check_range(self, "weight_decay", least=0)
        _check_range(self, "pct_start", above=0, below=1)
        _check_range(self, "plateau_factor", above=0, below=1)


@dataclass(frozen=True)
class Protocol:
    """Everything that decides what a run ends with, apart from data, fold and number of processes.

    recipe : name of the recipe it came from; no setting changes it
    classes : labels, in the order of the network's outputs
    scored : classes whose F1 scores are averaged to F1avg
    leads : that the network takes, in order; where it takes one and a record does not have it, the record's
        first
    cut : cuts recordings into heartbeats, which are then what is split, trained on and judged; None: whole
        recordings are. With a cut, `leads` are its rows
    part : of the data set, by a name that the data set knows; empty for all of it
    chain_strength : how much a heartbeat's neighbours count in naming it, [0, 1], see `einthoven.beat_chain`
    pipeline : signal to network input
    augment_after : number of pipeline steps before augmentation, whose result is cached; the rest follow it
    loss : "cross-entropy" where exactly one class holds; where any number do, "binary-cross-entropy", or
        "categorical-on-sigmoid": see `einthoven.training.objective`
    may_lack_leads : a recording may lack some of `leads`; their rows are then zero
    class_weights : "inverse" frequency, "code" (0.8 + 20 / percent), "power:P" (inverse frequency to the
        power P) or "none"; where any number of classes hold, of a hit over that of an absence, and not "code"
    oversample : draw every class as often as the most frequent one
    split : "cross-validation" (test 1/`n_folds`, validation 1/`n_validation_parts` of the rest) or
        "production" (no test part; stopped on 1/`n_folds`)
    split_by : "patient" (the data set's own folds if it states any; no patient on two sides), "source" (each
        source of at least 60 recordings is a fold) or "beat" (at random, whoever the patient: one patient's
        beats are on both sides, and the figures are flattered)
    n_validation_parts : the validation part is so small a share of what does not test; None: 1 + `n_folds`
    use_validation : keep a validation part for early stopping; otherwise it trains too
    ema : decay of the moving average of the weights that is kept in their place, [0, 1), or None
    label_smoothing : share of the target that all classes divide, [0, 1)
    gradient_clip : largest gradient norm, above 0, or None
    continue_on_union : afterwards, at most so many epochs on training and validation data together
        (Goodfellow et al., Deep Learning, algorithm 7.3); 0 for none. The validation part then judges nothing
    teacher : file that `write_teacher` made, to distil from, or empty; it has the share `teacher_weight`,
        [0, 1], of the loss, at `teacher_temperature`
    seed : of initial weights, order, augmentation and dropout
    split_seed : of the folds: networks with different seeds share them
    """

    recipe: str = field(metadata={"settable": False})
    classes: tuple[str, ...]
    pipeline: Pipeline
    network: NetworkSettings
    phases: tuple[Phase, ...]
    scored: tuple[str, ...] = ()
    leads: tuple[str, ...] = ("I",)
    cut: Cut | None = None
    part: str = ""
    chain_strength: float = 0.0
    augment_after: int = 0
    augmentations: tuple[Augmentation, ...] = ()
    batch_size: int = 32
    loss: Loss = "cross-entropy"
    may_lack_leads: bool = False
    class_weights: str = "inverse"
    label_smoothing: float = 0.0
    oversample: bool = False
    split: SplitKind = "cross-validation"
    n_folds: int = 5
    split_by: SplitBy = "patient"
    n_validation_parts: int | None = None
    use_validation: bool = True
    ema: float | None = None
    gradient_clip: float | None = None
    continue_on_union: int = 0
    teacher: str = ""
    teacher_weight: float = 0.5
    teacher_temperature: float = 2.0
    seed: int = 0
    split_seed: int = 0

    def __post_init__(self) -> None:
        _check_choice("split", self.split, get_args(SplitKind))
        _check_choice("split_by", self.split_by, get_args(SplitBy))
        _check_choice("loss", self.loss, get_args(Loss))
        _check_least(self, 1, "batch_size")
        _check_least(self, 2, "n_folds", "n_validation_parts")
        _check_least(self, 0, "continue_on_union", "seed", "split_seed")
        _check_range(self, "ema", least=0, below=1)
        _check_range(self, "label_smoothing", least=0, below=1)
        _check_range(self, "gradient_clip", above=0)
        _check_range(self, "teacher_weight", least=0, most=1)
        _check_range(self, "teacher_temperature", above=0)
        _check_range(self, "chain_strength", least=0, most=1)
        _check_weighting(self.class_weights)
        if not self.phases or not self.leads:
            raise SettingsError("expected at least one phase and one lead")
        if not 0 <= self.augment_after <= len(self.pipeline.steps):
            raise SettingsError(f"expected augment_after from 0 to {len(self.pipeline.steps)}, "
                                f"found {self.augment_after}")  # fmt: skip
        if unknown := set(self.scored) - set(self.classes):
            raise SettingsError(f"expected scored classes among {self.classes}, found {sorted(unknown)}")
        self._check_cut()
        self._check_multi_label()
        for phase in self.phases:
            self._check_phase(phase)
        if self.continue_on_union and not self.use_validation:
            raise SettingsError("continue_on_union needs a validation part: set use_validation=true")
        if self.continue_on_union and self.split == "production":
            raise SettingsError("continue_on_union trains on the validation part, and split=production holds "
                                "no other part out: nothing would be left to judge by")  # fmt: skip

    def _check_cut(self) -> None:
        """Refuse what does not fit the heartbeats that the cut gives, or that there are none."""
        if self.chain_strength and (self.cut is None or self.split_by == "beat"):
            raise SettingsError("expected chain_strength 0 where no successive heartbeats are held out, "
                                f"found {self.chain_strength}")  # fmt: skip
        if self.cut is None:
            return
        if self.leads != self.cut.rows:
            raise SettingsError(f"expected leads {', '.join(self.cut.rows)}, as the cut gives them, "
                                f"found {', '.join(self.leads)}")  # fmt: skip
        for name in ("n_samples", "n_features"):
            given, found = getattr(self.cut, name, None), getattr(self.network, name, None)
            if found not in (None, given):
                raise SettingsError(f"expected network.{name} of {given}, as the cut gives, "
                                    f"found {found}")  # fmt: skip

    def _check_multi_label(self) -> None:
        """Refuse what needs exactly one class a recording."""
        if not self.is_multi_label:
            return
        found = {
            "a cut into heartbeats": self.cut is not None,
            "oversample": self.oversample,
            "a teacher": bool(self.teacher),
            "class_weights=code": self.class_weights == "code",
        }
        if wrong := [name for name, is_set in found.items() if is_set]:
            raise SettingsError(f"expected loss=cross-entropy for {', '.join(wrong)}, found {self.loss}")

    def _check_phase(self, phase: Phase) -> None:
        """Refuse a phase that the network, or the lack of a validation part, makes impossible."""
        where, network = f"phase {phase.name}", self.network
        if phase.freeze_convolutions and not hasattr(network, "head"):
            raise SettingsError(f"{where}: {network.name} has no part to freeze")
        n_dense = getattr(network, "n_dense", 0)
        if phase.train_last is not None and phase.train_last > n_dense:
            raise SettingsError(f"{where}: expected train_last of at most {n_dense}, the fully connected "
                                f"layers of {network.name}, found {phase.train_last}")  # fmt: skip
        if phase.schedule == "plateau" and not self.use_validation:
            raise SettingsError(f"{where}: schedule plateau needs a validation part: set use_validation=true")

    @property
    def is_multi_label(self) -> bool:
        """Whether any number of classes may hold at once."""
        return self.loss != "cross-entropy"

    @property
    def n_leads(self) -> int:
        """Leads, or rows of a heartbeat, that the network takes."""
        return len(self.leads) if self.cut is None else len(self.cut.served.rows)

    @property
    def scored_indices(self) -> tuple[int, ...]:
        """Positions of the classes that F1avg averages; all of them if none is named."""
        return tuple(self.classes.index(name) for name in self.scored or self.classes)

    @property
    def cached_pipeline(self) -> Pipeline:
        """The steps before augmentation."""
        return Pipeline(self.pipeline.steps[: self.augment_after])

    @property
    def epoch_pipeline(self) -> Pipeline:
        """The steps after augmentation."""
        return Pipeline(self.pipeline.steps[self.augment_after :])

    def network_of(self, phase: Phase) -> NetworkSettings:
        """Return the network's settings in this phase."""
        if phase.head is None:
            return self.network
        if not hasattr(self.network, "head"):
            name = self.network.name
            raise SettingsError(f"phase {phase.name}: expected no head for {name}, found {phase.head}")
        network: NetworkSettings = replace(cast(Any, self.network), head=phase.head)
        return network

    def to_json(self) -> dict[str, Any]:
        """Return the protocol as JSON values; `from_json` reads it back."""
        plain = {item.name: getattr(self, item.name) for item in fields(self)}
        return _lists(plain) | {
            "pipeline": self.pipeline.to_json(),
            "network": {"network": self.network.name, **_lists(asdict(self.network))},
            "cut": None if self.cut is None else cut_json(self.cut),
            "augmentations": [{"augmentation": type(a).__name__, **asdict(a)} for a in self.augmentations],
            "phases": [asdict(phase) for phase in self.phases],
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Protocol:
        """Build the protocol that `to_json` wrote.

        Raises SettingsError naming what is unknown or missing.
        """
        plain = {name: _tuples(value) for name, value in values.items()}
        try:
            plain["pipeline"] = Pipeline.from_json(values["pipeline"])
            plain["network"] = _tagged(values["network"], "network", NETWORKS)
            if values.get("cut") is not None:
                plain["cut"] = read_cut(values["cut"])
            plain["augmentations"] = tuple(
                _tagged(item, "augmentation", AUGMENTATIONS) for item in values["augmentations"]
            )
            plain["phases"] = tuple(Phase(**item) for item in values["phases"])
            return cls(**plain)
        except (KeyError, TypeError) as error:
            raise SettingsError(f"protocol: unknown or missing setting: {error}") from error


def _tagged(item: Mapping[str, Any], tag: str, kinds: Mapping[str, type[Any]]) -> Any:
    values = {name: _tuples(value) for name, value in item.items() if name != tag}
    if item[tag] not in kinds:
        raise SettingsError(f"expected {tag} among {', '.join(kinds)}, found {item[tag]}")
    return kinds[item[tag]](**values)


def _tuples(value: Any) -> Any:
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value


def _lists(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise SettingsError(f"expected {name} to be one of {', '.join(choices)}, found {value!r}")


def _check_least(settings: object, least: int, *names: str) -> None:
    """Refuse what is below `least`; None is no value."""
    for name in names:
        value = getattr(settings, name)
        if value is not None and not value >= least:
            raise SettingsError(f"expected {name} of at least {least}, found {value}")


def _check_range(
    settings: object,
    name: str,
    *,
    least: float = -math.inf,
    above: float = -math.inf,
    most: float = math.inf,
    below: float = math.inf,
) -> None:
    """Refuse a number that is not finite or out of range; None is no number."""
    value = getattr(settings, name)
    # Written so that NaN, of which no comparison is true, is refused; so are the infinities.
    if value is None or (least <= value <= most and above < value < below):
        return
    bounds = ((least, "from"), (above, "above"), (most, "to"), (below, "below"))
    said = " ".join(f"{word} {bound:g}" for bound, word in bounds if math.isfinite(bound))
    raise SettingsError(f"expected {name} {said}, found {value}")


def _check_weighting(text: str) -> None:
    name, _, power = text.partition(":")
    if name == "power":
        try:
            is_finite = math.isfinite(float(power))
        except ValueError:
            is_finite = False
        if not is_finite:
            raise SettingsError(f"expected power:NUMBER for class_weights, found {text!r}")
    else:
        _check_choice("class_weights", text, ("inverse", "code", "none", "power:NUMBER"))
