"""Machines: how many processes there can be, and who reads ahead."""

import os

import pytest
import torch

from einthoven.errors import SettingsError
from einthoven.training.machine import Machine


@pytest.fixture
def two_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)


@pytest.mark.parametrize(("devices", "workers"), [(0, None), (10_000, None), (1, -1)])
def test_what_is_not_there_is_refused(devices: int, workers: int | None) -> None:
    with pytest.raises(SettingsError, match=r"devices|workers"):
        Machine(devices, workers)


def test_a_cpu_reads_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert Machine().workers == 0
    assert Machine(n_workers=3).workers == 3
    assert Machine().to_json() == {"devices": 1, "accelerator": "cpu", "precision": "32-true"}


@pytest.mark.usefixtures("two_gpus")
@pytest.mark.parametrize(("cores", "devices", "workers"), [(16, 1, 8), (4, 1, 3), (16, 2, 7), (1, 1, 0)])
def test_a_gpu_is_read_for_by_the_cores_that_are_left(
    cores: int, devices: int, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    machine = Machine(devices)
    assert machine.workers == workers
    assert machine.to_json() == {"devices": devices, "accelerator": "cuda", "precision": "bf16-mixed"}
    with pytest.raises(SettingsError, match="1 to 2 devices"):
        Machine(3)
