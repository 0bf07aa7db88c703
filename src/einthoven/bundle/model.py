"""What a packed model consists of, as frozen dataclasses that refuse values out of range."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import isfinite
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.decisions import Abstention
from einthoven.errors import BundleError

MAX_NETWORKS = 32
VOTES = ("mean", "majority")


@dataclass(frozen=True, slots=True)
class Label:
    """One class of a model.

    name : short name, as it is printed and stored (`AF`)
    meaning : the class in words (`atrial fibrillation`)
    snomed : SNOMED CT code, empty where none fits
    """

    name: str
    meaning: str
    snomed: str = ""


@dataclass(frozen=True, slots=True)
class InputSpec:
    """What a model expects of a recording before its pipeline.

    fs : sampling rate the network was trained at, Hz; the pipeline resamples to it
    leads : leads the network takes, in order; a one-lead model takes the first lead if its own is not there
    min_duration_s, max_duration_s : length of signal the model was made for, seconds
    units : always `mV`
    may_lack_leads : whether leads of several that are not there may be zeros, as in training
    """

    fs: float
    leads: tuple[str, ...]
    min_duration_s: float
    max_duration_s: float
    units: str = "mV"
    may_lack_leads: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Golden:
    """A simulated recording and what the model says of it, checked whenever the model is loaded.

    signal : (n_leads, n_samples) float32, mV, before the pipeline
    fs : sampling rate, Hz
    probs : (n_classes,) float32, calibrated, averaged over the networks
    """

    signal: NDArray[np.float32]
    fs: float
    probs: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Bundle:
    """A packed model.

    name, version, task : what it is called, which edition, what it decides (one line)
    labels : the classes, in the order of the networks' outputs
    pipeline : JSON of the `Pipeline` that prepares a signal, see `Pipeline.to_json`
    input : what the model expects of a recording
    networks : ONNX graphs. Inputs: float32 (batch, lead, [bin,] time) zero-padded, int64 (batch,) valid time
        steps; output: logits, float32 (batch, n_classes)
    golden : a simulated recording and the model's answer
    single_label : whether exactly one label holds (softmax), or any number of them (sigmoid)
    vote : `mean` of the networks' probabilities, or `majority` of their answers
    temperature : each network's logits are divided by it
    thresholds : one probability a class, from which on it holds; multi-label models only
    at_least_one : whether a recording that reaches none of them gets the class that misses its own least, see
        `einthoven.decisions.apply_thresholds`
    abstention : when to withhold the answer, or None for never
    provenance : data, hashes, split, code version, metrics with intervals; JSON
    cut : JSON of the cut that divides a recording into heartbeats, each of which gets an answer, see
        `einthoven.signal.beats`; the pipeline is then empty. None: the whole recording gets one answer
    chain : JSON of what neighbouring heartbeats say of each other, see `einthoven.beat_chain`, or None. The
        temperature then comes after it

    Raises BundleError if a value is out of range or contradicts another.
    """

    name: str
    version: str
    task: str
    labels: tuple[Label, ...]
    pipeline: tuple[Mapping[str, Any], ...]
    input: InputSpec
    networks: tuple[bytes, ...]
    golden: Golden
    single_label: bool = True
    vote: str = "mean"
    temperature: float = 1.0
    thresholds: tuple[float, ...] | None = None
    abstention: Abstention | None = None
    provenance: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    cut: Mapping[str, Any] | None = None
    chain: Mapping[str, Any] | None = None
    at_least_one: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "pipeline", tuple(self.pipeline))
        for found, expected in _contradictions(self):
            raise BundleError(f"model {self.name!r}: expected {expected}, found {found}")


def _contradictions(bundle: Bundle) -> Iterable[tuple[object, str]]:
    names = [label.name for label in bundle.labels]
    taken, golden, n = bundle.input, bundle.golden, len(names)
    thresholds, abstention = bundle.thresholds, bundle.abstention
    rules: list[tuple[bool, object, str]] = [
        (bool(bundle.name and bundle.version), (bundle.name, bundle.version), "a name and a version"),
        (n >= 2 and len(set(names)) == n and all(names), names, "two or more different labels"),
        (1 <= len(bundle.networks) <= MAX_NETWORKS, len(bundle.networks), f"1 to {MAX_NETWORKS} networks"),
        (all(isinstance(s, Mapping) for s in bundle.pipeline), bundle.pipeline, "pipeline steps as objects"),
        (bundle.cut is None or (not bundle.pipeline and isinstance(bundle.cut.get("cut"), str)),
         (bundle.cut, bundle.pipeline), "a cut by its name, without a pipeline"),
        (bundle.chain is None or bundle.cut is not None, bundle.chain, "a chain with a cut only"),
        (bundle.cut is None or bundle.single_label, bundle.single_label, "one class a heartbeat"),
        (bundle.vote in VOTES, bundle.vote, f"a vote among {', '.join(VOTES)}"),
        (isfinite(bundle.temperature) and bundle.temperature > 0, bundle.temperature, "temperature above 0"),
        (isfinite(taken.fs) and taken.fs > 0, taken.fs, "a sampling rate above 0 Hz"),
        (taken.units == "mV", taken.units, "mV as units"),
        (len(taken.leads) > 0, taken.leads, "at least one lead"),
        (0 < taken.min_duration_s < taken.max_duration_s < float("inf"),
         (taken.min_duration_s, taken.max_duration_s), "durations with 0 < min < max"),
        ((thresholds is None) == bundle.single_label, thresholds, "thresholds if and only if multi-label"),
        (abstention is None or bundle.single_label, abstention, "abstention for single-label models only"),
        (thresholds is not None or not bundle.at_least_one, bundle.at_least_one,
         "at_least_one with thresholds only"),
        (thresholds is None or len(thresholds) == n, thresholds, f"{n} thresholds or none"),
        (all(0 <= t <= 1 for t in thresholds or ()), thresholds, "thresholds between 0 and 1"),
        (abstention is None or (0 <= abstention.threshold <= 1 and 0 <= abstention.coverage <= 1),
         abstention, "an abstention threshold and coverage between 0 and 1"),
        (golden.signal.ndim == 2 and len(golden.signal) == len(taken.leads) and golden.signal.size > 0,
         golden.signal.shape, f"a golden signal with {len(taken.leads)} leads"),
        (golden.probs.shape == (n,), golden.probs.shape, f"{n} golden probabilities"),
        (isfinite(golden.fs) and golden.fs > 0, golden.fs, "a golden sampling rate above 0 Hz"),
    ]  # fmt: skip
    return ((found, expected) for holds, found, expected in rules if not holds)
