"""How long something takes is said once, from what the first part of it took."""

from collections.abc import Callable

import pytest

from einthoven.apps.cli.foretell import Foretold


def clock(*seconds: float) -> Callable[[], float]:
    times = iter(seconds)
    return lambda: next(times)


def test_what_takes_long_is_foretold_once_and_progress_passed_on(capsys: pytest.CaptureFixture[str]) -> None:
    told: list[tuple[int, int]] = []
    report = Foretold("windows", lambda *done: told.append(done), "fewer are faster", clock(0, 10, 12))
    for done in (0, 7, 14, 1199):
        report(done, 1199)
    assert told == [(0, 1199), (7, 1199), (14, 1199), (1199, 1199)]
    # 2 s for 7 windows are 342 s for all; what happened before the first began does not count.
    assert capsys.readouterr().err == "1,199 windows: about 5.7 min; fewer are faster\n"


def test_what_is_soon_over_is_not_foretold(capsys: pytest.CaptureFixture[str]) -> None:
    report = Foretold("windows", lambda *_: None, clock=clock(0, 0, 0.2))
    report(0, 640)
    report(64, 640)
    assert capsys.readouterr().err == ""


def test_who_does_not_say_when_work_begins_began_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    report = Foretold("steps", lambda *_: None, clock=clock(0, 3))
    report(1, 10)
    assert capsys.readouterr().err == "10 steps: about 30 s\n"
