"""The command line, run inside the test's process."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from einthoven.apps.cli import main
from einthoven.formats import write_record
from einthoven.signal.simulated import simulate


@dataclass(frozen=True)
class Outcome:
    """What a command left behind."""

    code: int
    out: str
    err: str


Run = Callable[..., Outcome]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `einthoven` with these arguments."""

    def command(*arguments: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["einthoven", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        code = ended.value.code
        captured = capsys.readouterr()
        return Outcome(
            code if isinstance(code, int) else 0 if code is None else 1, captured.out, captured.err
        )

    return command


@pytest.fixture(scope="session")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of three simulated recordings: `one` and `two` with lead I, `three` with II and V1."""
    folder = tmp_path_factory.mktemp("recordings")
    for name, leads, seed in (("one", ("I",), 1), ("two", ("I",), 2), ("three", ("II", "V1"), 3)):
        write_record(simulate("normal", duration_s=10, leads=leads, seed=seed), folder, name=name)
    return folder
