"""Fixtures that all tests share."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from einthoven.bundle import Abstention, Bundle, Golden, InputSpec, Label, write_bundle


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
