"""Fixtures that all tests share."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike
from sum_network import sum_network

from einthoven.bundle import Abstention, Bundle, Golden, InputSpec, Label, write_bundle
from einthoven.decisions import softmax
from einthoven.inference.heartbeats import Heartbeats
from einthoven.signal.beats import AroundRPeaks, cut_json
from einthoven.signal.beats.rhythm import N_NEIGHBOURS
from einthoven.signal.simulated import simulate


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of real recordings, in PhysioNet's layout."""
    folder = os.environ.get("EINTHOVEN_DATA")
    if not folder:
        pytest.skip("EINTHOVEN_DATA is not set: no real recordings to read")
    return Path(folder)


def _amplitude_network(sharpness: float) -> bytes:
    """A network whose class k is the one nearest to the mean absolute amplitude in mV: 0, 1, 2 or 3."""
    from onnx import TensorProto, checker, helper

    classes = np.arange(4)
    constants = {
        "axes": (TensorProto.INT64, [2], [1, 2]),
        "last": (TensorProto.INT64, [1], [1]),
        "slope": (TensorProto.FLOAT, [1, 4], 2 * sharpness * classes),
        "offset": (TensorProto.FLOAT, [1, 4], -sharpness * classes**2),
    }
    nodes = [
        helper.make_node("Abs", ["x"], ["height"]),
        helper.make_node("ReduceSum", ["height", "axes"], ["total"], keepdims=0),
        helper.make_node("Cast", ["lengths"], ["steps"], to=TensorProto.FLOAT),
        helper.make_node("Div", ["total", "steps"], ["mean"]),
        helper.make_node("Unsqueeze", ["mean", "last"], ["column"]),
        helper.make_node("Mul", ["column", "slope"], ["scaled"]),
        helper.make_node("Add", ["scaled", "offset"], ["logits"]),
    ]
    graph = helper.make_graph(
        nodes,
        "amplitude",
        [
            helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 1, "time"]),
            helper.make_tensor_value_info("lengths", TensorProto.INT64, ["batch"]),
        ],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 4])],
        [helper.make_tensor(name, *value) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    checker.check_model(model)
    return bytes(model.SerializeToString())


@pytest.fixture(scope="session")
def amplitude_network() -> Callable[[float], bytes]:
    """Makes ONNX graphs whose answer anyone can work out by hand: see `_amplitude_network`."""
    return _amplitude_network


@pytest.fixture(scope="session")
def tiny_bundle() -> Bundle:
    """A model of four classes that answers N, A, O or ~ to a mean absolute amplitude of 0, 1, 2 or 3 mV."""
    signal = np.where(np.arange(1000) % 20 < 10, 1.0, -1.0).astype(np.float32)[None]
    logits = np.array([0.0, 1.0, 0.0, -3.0])
    return Bundle(
        name="tiny",
        version="1.2",
        task="rhythm by amplitude",
        labels=(
            Label("N", "normal rhythm", "426783006"),
            Label("A", "atrial fibrillation", "164889003"),
            Label("O", "other rhythm"),
            Label("~", "noise"),
        ),
        pipeline=({"step": "FillMissing"}, {"step": "Resample", "fs": 100.0}),
        input=InputSpec(fs=100.0, leads=("I",), min_duration_s=5.0, max_duration_s=3600.0),
        networks=(_amplitude_network(1.0),),
        golden=Golden(signal, 100.0, (np.exp(2 * logits) / np.exp(2 * logits).sum()).astype(np.float32)),
        temperature=0.5,
        abstention=Abstention(
            threshold=0.6, target=0.9, coverage=0.91, accuracy=0.8, kept_accuracy=0.85, n_records=100
        ),
        provenance={"data": "simulated", "metrics": {"F1avg": 0.8, "interval": [0.7, 0.9]}},
    )


@pytest.fixture(scope="session")
def tiny_model(tiny_bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of `tiny_bundle`."""
    path = tmp_path_factory.mktemp("models") / "tiny.einthoven"
    write_bundle(tiny_bundle, path)
    return path


EARLY, STEEPNESS = 0.13, 40.0
"""The tiny model of heartbeats calls a beat V from this logarithm of its earliness on, and how sharply."""


def _early_network(cut: AroundRPeaks) -> bytes:
    """A network whose logit of V grows with how early a beat comes; those of S, F and Q are -30."""
    weights = np.zeros((3, cut.n_samples))
    # The interval before the beat, over that of the underlying rhythm.
    weights[2, N_NEIGHBOURS - 1] = -STEEPNESS
    return sum_network(weights, [0.0, 0.0, 1.0, 0.0, 0.0], [0.0, -30.0, -STEEPNESS * EARLY, -30.0, -30.0])


@pytest.fixture(scope="session")
def tiny_beats() -> Bundle:
    """A model of heartbeats that calls early beats V and all others N."""
    cut = AroundRPeaks()
    record = simulate("ectopy", duration_s=10, fs=125.0, leads=("II",), seed=9)
    early = -cut(record.signal, record.fs).rows[:, 2, N_NEIGHBOURS - 1].astype(np.float64)
    logits = np.full((len(early), 5), -30.0)
    logits[:, 0], logits[:, 2] = 0.0, STEEPNESS * (early - EARLY)
    return Bundle(
        name="tiny-beats",
        version="0.3",
        task="one of N, S, V, F, Q for each heartbeat of a lead",
        labels=tuple(Label(name, f"class {name}") for name in "NSVFQ"),
        pipeline=(),
        input=InputSpec(fs=125.0, leads=("MLII",), min_duration_s=1.0, max_duration_s=604800.0),
        networks=(_early_network(cut),),
        golden=Golden(record.signal, record.fs, softmax(logits).mean(axis=0).astype(np.float32)),
        abstention=Abstention(
            threshold=0.9, target=0.9, coverage=0.92, accuracy=0.8, kept_accuracy=0.85, n_records=4000
        ),
        cut=cut_json(cut),
    )


@pytest.fixture
def forbid(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Makes a folder one that may not be looked into, even by root."""

    def deny(folder: Path) -> None:
        def scandir(path: Path) -> object:
            if Path(path) == folder:
                raise PermissionError(13, "Permission denied", str(path))
            return listed(path)

        listed = os.scandir
        monkeypatch.setattr(os, "scandir", scandir)

    return deny


def _heartbeats(
    labels: str,
    rpeaks: ArrayLike | None = None,
    *,
    fs: float = 100.0,
    n_samples: int | None = None,
    sure: ArrayLike | None = None,
    prob: float = 0.9,
    **more: Any,
) -> Heartbeats:
    peaks = np.asarray(100 * np.arange(1, len(labels) + 1) if rpeaks is None else rpeaks, np.int64)
    probs = np.full((len(labels), 5), (1 - prob) / 4, np.float32)
    probs[np.arange(len(labels)), ["NSVFQ".index(label) for label in labels]] = prob
    given = {"record": "r", "path": "", "lead": "MLII", "obstacle": None, "warnings": (), **more}
    return Heartbeats(
        fs=fs,
        n_samples=(int(peaks[-1]) if len(peaks) else 0) + 100 if n_samples is None else n_samples,
        model="double",
        model_version="0",
        classes=tuple("NSVFQ"),
        rpeaks=peaks,
        labels=tuple(labels),
        probs=probs,
        sure=np.ones(len(labels), bool) if sure is None else np.asarray(sure, bool),
        **given,
    )


@pytest.fixture(scope="session")
def heartbeats() -> Callable[..., Heartbeats]:
    """Makes what a model says of beats: a letter each, one a second at 100 Hz if no R peaks are given."""
    return _heartbeats
