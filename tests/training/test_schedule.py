"""Learning rates, beside PyTorch's own scheduler."""

from dataclasses import replace

import pytest
import torch

from einthoven.training.protocol import Phase
from einthoven.training.schedule import build_optimizer, learning_rate, one_cycle, set_step


@pytest.mark.parametrize(("n_steps", "pct_start"), [(100, 0.3), (57, 0.2), (10, 0.5)])
def test_one_cycle_is_pytorchs(n_steps: int, pct_start: float) -> None:
    optimizer = torch.optim.Adam([torch.nn.Parameter(torch.zeros(1))])
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=2.0, total_steps=n_steps, pct_start=pct_start
    )
    for step in range(n_steps):
        rate, beta1 = one_cycle(step, n_steps, pct_start)
        group = optimizer.param_groups[0]
        assert 2 * rate == pytest.approx(group["lr"], rel=1e-9, abs=1e-12)
        assert beta1 == pytest.approx(group["betas"][0])
        optimizer.step()
        if step + 1 < n_steps:
            scheduler.step()


def test_one_step_is_a_cycle_too() -> None:
    assert one_cycle(0, 1, 0.2)[0] <= 1


def test_a_step_schedule_divides_by_ten_every_so_many_epochs() -> None:
    phase = Phase(epochs=600, schedule="step", step_epochs=200, learning_rate=1e-3)
    rates = [learning_rate(phase, epoch, 0, 1) for epoch in (0, 199, 200, 399, 400, 599)]
    assert rates == pytest.approx([1e-3, 1e-3, 1e-4, 1e-4, 1e-5, 1e-5])


def test_a_constant_schedule_leaves_rate_and_betas() -> None:
    phase = Phase(learning_rate=0.25)
    optimizer = build_optimizer(phase, [torch.nn.Parameter(torch.zeros(1))])
    set_step(optimizer, phase, 5, 100, 200)
    assert optimizer.param_groups[0]["lr"] == 0.25
    assert optimizer.param_groups[0]["betas"] == (0.9, 0.999)


def test_a_plateau_schedule_is_constant_until_losses_say_otherwise() -> None:
    phase = Phase(epochs=20, schedule="plateau", learning_rate=0.5)
    assert {learning_rate(phase, epoch, 10 * epoch, 200) for epoch in range(20)} == {0.5}


def test_a_cycle_moves_the_first_moment_against_the_rate() -> None:
    phase = Phase(schedule="one-cycle", learning_rate=1.0)
    optimizer = build_optimizer(phase, [torch.nn.Parameter(torch.zeros(1))])
    set_step(optimizer, phase, 0, 29, 100)
    assert optimizer.param_groups[0]["lr"] == pytest.approx(1.0)
    assert optimizer.param_groups[0]["betas"] == (pytest.approx(0.85), 0.999)


def test_the_optimiser_is_the_phases_and_leaves_frozen_parameters_out() -> None:
    free, frozen = (torch.nn.Parameter(torch.zeros(1), requires_grad=flag) for flag in (True, False))
    phase = Phase(optimizer="adamw", weight_decay=0.1)
    optimizer = build_optimizer(phase, [free, frozen])
    assert isinstance(optimizer, torch.optim.AdamW)
    assert optimizer.param_groups[0]["params"] == [free]
    assert optimizer.param_groups[0]["weight_decay"] == 0.1
    assert type(build_optimizer(replace(phase, optimizer="adam"), [free])) is torch.optim.Adam


def test_rmsprop_has_pytorchs_defaults_and_follows_a_cycle_without_betas() -> None:
    phase = Phase(optimizer="rmsprop", learning_rate=1.0, weight_decay=0.1, schedule="one-cycle")
    parameter = torch.nn.Parameter(torch.ones(1))
    optimizer = build_optimizer(phase, [parameter])
    assert isinstance(optimizer, torch.optim.RMSprop)
    group = optimizer.param_groups[0]
    assert (group["alpha"], group["momentum"], group["weight_decay"]) == (0.99, 0, 0.1)
    set_step(optimizer, phase, 0, 29, 100)
    assert group["lr"] == pytest.approx(1.0)
    assert "betas" not in group
