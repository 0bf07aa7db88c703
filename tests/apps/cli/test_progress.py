"""Progress appears on stderr only, and only where it is of use."""

import pickle
import sys
from math import nan

import pytest

from einthoven.apps.cli import progress as module
from einthoven.apps.cli.progress import progress, training_progress


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock that progress is measured by."""
    made = Clock()
    monkeypatch.setattr(module.time, "monotonic", made)
    return made


def be_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make stderr a terminal of 80 columns; not a fixture, since a test has another stderr than those."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")


def test_what_is_soon_over_shows_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("counting") as report:
        report(1, 2)
        report(2, 2)
    assert capsys.readouterr() == ("", "")


def test_a_log_gets_a_line_now_and_then(capsys: pytest.CaptureFixture[str], clock: Clock) -> None:
    with progress("counting") as report:
        for done, clock.now in ((1, 10.0), (2, 40.0), (3, 50.0), (900, 80.0)):
            report(done, 9000, n_failed=done // 3)
    assert capsys.readouterr() == (
        "",
        "counting: 2 of 9000, 0.05/s, 49:59:20 left\ncounting: 900 of 9000, 11/s, 12:00 left, 300 failed\n",
    )


def test_at_the_end_no_time_is_left(capsys: pytest.CaptureFixture[str], clock: Clock) -> None:
    with progress("counting") as report:
        clock.now = 60.0
        report(90, 90)
        clock.now = 120.0
        report(0, 90)
    assert capsys.readouterr().err == "counting: 90 of 90, 1.5/s\ncounting: 0 of 90\n"


def test_where_the_total_is_not_known_there_is_a_count(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    with progress("looking, files") as report:
        clock.now = 40.0
        report(1200, None)
    assert capsys.readouterr().err == "looking, files: 1200, 30/s\n"
    be_a_terminal(monkeypatch)
    with progress("looking, files") as report:
        clock.now = 80.0
        report(1200, None)
    shown = capsys.readouterr().err
    assert "looking, files" in shown
    assert "1200, 30/s" in shown
    assert " of " not in shown


def test_a_terminal_gets_a_bar_after_a_second(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    be_a_terminal(monkeypatch)
    with progress("counting [bold]things") as report:
        clock.now = 0.5
        report(1, 900)
        assert capsys.readouterr().err == ""
        clock.now = 10.0
        report(300, 900, 2)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "counting [bold]things" in captured.err
    assert "300 of 900, 30/s, 0:20 left, 2 failed" in captured.err


def test_training_tells_a_log_what_it_does(capsys: pytest.CaptureFixture[str], clock: Clock) -> None:
    with training_progress() as report:
        for clock.now, *said in (
            (10.0, "preparing signals", 1, 9, nan),
            (40.0, "joint, epoch 1/2", 5, 9, 0.5),
            (80.0, "joint, epoch 1/2", 7, 9, 0.25),
            (120.0, "scoring", 0, 1, nan),
        ):
            report(*said)
    # The pace is that of the activity: a run that goes on did the first batches long ago.
    assert capsys.readouterr() == ("", "joint, epoch 1/2, loss 0.500: 5 of 9\n"
        "joint, epoch 1/2, loss 0.250: 7 of 9, 0.05/s, 0:40 left\nscoring: 0 of 1\n")  # fmt: skip


def test_training_shows_a_terminal_a_bar(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    be_a_terminal(monkeypatch)
    monkeypatch.setattr(module, "BAR_AFTER_S", 0.0)
    with training_progress() as report:
        report("joint, epoch 1/2", 2, 9, 0.25)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "joint, epoch 1/2, loss 0.250" in captured.err
    assert "2 of 9" in captured.err


def test_training_progress_can_be_sent_to_another_process() -> None:
    assert pickle.loads(pickle.dumps(training_progress)) is training_progress


def test_a_bar_can_be_forbidden(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setattr(module, "BAR_AFTER_S", 0.0)
    with progress("counting", enabled=False) as report:
        report(1, 2)
    assert capsys.readouterr().err == ""
