"""Progress appears on stderr only, and only where it is of use."""

import pickle
import re
import sys

import pytest

from einthoven.apps.cli import progress as module
from einthoven.apps.cli.progress import progress, training_progress


def test_what_is_soon_over_shows_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("counting") as report:
        report(1, 2)
        report(2, 2)
    assert capsys.readouterr() == ("", "")


def test_a_log_gets_a_line_now_and_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([0.0, 10.0, 40.0, 40.0, 50.0])
    monkeypatch.setattr(module.time, "monotonic", lambda: next(clock))
    with progress("counting") as report:
        report(1, 9)
        report(2, 9)
        report(3, 9)
    assert capsys.readouterr() == ("", "counting: 2 of 9\n")


def test_a_terminal_gets_a_bar_after_a_second(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    clock = iter([0.0, 0.5, 1.5])
    monkeypatch.setattr(module.time, "monotonic", lambda: next(clock, 2.0))
    with progress("counting [bold]things") as report:
        report(1, 9)
        assert capsys.readouterr().err == ""
        report(5, 9)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "counting [bold]things" in captured.err
    assert re.search("5/9", captured.err)


def test_training_tells_a_log_what_it_does(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([0.0, 10.0, 40.0, 40.0, 80.0, 80.0])
    monkeypatch.setattr(module.time, "monotonic", lambda: next(clock))
    with training_progress() as report:
        report("preparing signals", 1, 9, float("nan"))
        report("joint, epoch 1/2", 2, 9, 0.5)
        report("scoring", 0, 1, float("nan"))
    expected = "joint, epoch 1/2, loss 0.500: 2 of 9\nscoring: 0 of 1\n"
    assert capsys.readouterr() == ("", expected)


def test_training_shows_a_terminal_a_bar(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(module, "BAR_AFTER_S", 0.0)
    with training_progress() as report:
        report("joint, epoch 1/2", 2, 9, 0.25)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "joint, epoch 1/2, loss 0.250" in captured.err


def test_training_progress_can_be_sent_to_another_process() -> None:
    assert pickle.loads(pickle.dumps(training_progress)) is training_progress


def test_a_bar_can_be_forbidden(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setattr(module, "BAR_AFTER_S", 0.0)
    with progress("counting", enabled=False) as report:
        report(1, 2)
    assert capsys.readouterr().err == ""
