"""Files that are whole or not there."""

import os
from pathlib import Path

import pytest
import torch
from torch import nn

from einthoven.errors import RunError
from einthoven.training.checkpoint import carry_over, decode, encode, snapshot, summary, write_atomically


def test_equal_weights_are_equal_bytes_wherever_they_lay() -> None:
    weights = {"a": torch.arange(6.0).reshape(2, 3), "b": torch.ones(2)}
    view = {"a": torch.arange(12.0)[:6].reshape(2, 3), "b": torch.ones(4)[::2]}
    assert encode(snapshot(weights)) == encode(snapshot(view))


def test_what_is_written_is_read(tmp_path: Path) -> None:
    values = {"state": {"epoch": 3, "best": None, "rows": [{"phase": "x", "loss": 0.5}]}, "w": torch.ones(2)}
    write_atomically(tmp_path / "x", encode(values))
    assert decode(tmp_path / "x")["state"] == values["state"]


@pytest.mark.parametrize("content", [b"", b"nonsense", encode({"w": torch.ones(100)})[:-200]])
def test_a_damaged_file_is_a_run_error_of_one_line(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(RunError, match=str(tmp_path)) as caught:
        decode(tmp_path / "x")
    assert "\n" not in str(caught.value)


def test_nothing_in_a_file_is_ever_run(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (print, ("ran",))

    (tmp_path / "x").write_bytes(encode({"w": Evil()}))
    with pytest.raises(RunError):
        decode(tmp_path / "x")


def test_a_full_disk_leaves_the_file_before_intact(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full_disk(_: int) -> None:
        raise OSError(28, "No space left on device")

    write_atomically(tmp_path / "x", b"old")
    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(RunError, match="No space left"):
        write_atomically(tmp_path / "x", b"new")
    assert (tmp_path / "x").read_bytes() == b"old"
    monkeypatch.undo()
    write_atomically(tmp_path / "x", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_weights_that_fit_are_carried_over_and_others_stay() -> None:
    source, target = (
        nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 5)),
        nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 4)),
    )
    before = target[1].weight.detach().clone()
    assert carry_over(dict(source.state_dict()), target) == (2, ("1.weight", "1.bias"))
    assert torch.equal(target[0].weight, source[0].weight)
    assert torch.equal(target[1].weight, before)


def test_counts_of_batches_are_no_weights() -> None:
    source, target = nn.BatchNorm1d(2), nn.BatchNorm1d(2)
    weights = {name: w for name, w in source.state_dict().items() if name != "num_batches_tracked"}
    assert carry_over(weights, target) == (4, ())


def test_tensors_are_summed_up_by_the_largest_part_that_is_whole() -> None:
    network = nn.ModuleDict({"a": nn.ModuleDict({"b": nn.Linear(1, 1), "c": nn.Linear(1, 1)})})
    names = [name for name, _ in network.named_parameters()]
    assert summary(names, network) == "a.*"
    assert summary(names[1:], network) == "a.b.bias, a.c.*"
    assert summary([], network) == ""
