"""Running several targets: what is counted, and what is written."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fuzz.__main__ import Result, executions_in, main, run, write_results

from fuzz import __main__ as runner


def test_executions_are_counted_from_the_end_or_from_the_last_line() -> None:
    assert executions_in("#8\tNEW cov: 9\nstat::number_of_executed_units: 213003\n") == 213003
    assert executions_in("#2\tINITED\n#512\tpulse\nALARM: working on the last Unit\n") == 512
    assert executions_in("no such thing") == 0


def test_a_row_of_the_table() -> None:
    assert Result("scp", 1234567, 600.0, ("KeyError",)).row() == "| scp | 1,234,567 | 2,058 | 1 |"


def engine(code: int, said: str, finding: str = "") -> Any:
    """Stand for the process of a target."""

    def call(command: list[str], stdout: Any, **_: Any) -> subprocess.CompletedProcess[str]:
        stdout.write(said)
        stdout.flush()
        if finding:
            path = Path(".fuzz") / "findings" / command[3] / finding
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"x")
        return subprocess.CompletedProcess(command, code)

    return call


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let every look at the clock take 20 s, in an empty folder."""
    times = iter(range(0, 10**6, 20))
    monkeypatch.setattr(runner.time, "time", lambda: next(times))
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("clock")
def test_a_target_that_ended_early_begins_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", engine(77, "#100\tNEW\n", "timeout-1"))
    found = run("scp", 100)
    assert (found.target, found.executions, found.findings) == ("scp", 200, ("timeout-1",))
    assert Path(".fuzz/logs/scp.log").read_text() == "#100\tNEW\n" * 2


@pytest.mark.usefixtures("clock")
def test_a_target_that_does_not_begin_is_a_finding(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(subprocess, "run", engine(1, "ImportError: no module"))
    found = run("scp", 100)
    assert (found.executions, found.findings) == (0, ("did-not-begin",))
    assert "scp.log:\nImportError: no module" in capsys.readouterr().out


@pytest.mark.parametrize(("finding", "code"), [("", 0), ("KeyError", 1)])
def test_the_table_is_printed_and_written(
    finding: str,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(runner, "version", lambda _: "1.0")
    monkeypatch.setattr(
        runner, "run", lambda name, seconds: Result(name, 100, float(seconds), (finding,) if finding else ())
    )
    monkeypatch.setattr(sys, "argv", ["fuzz", "scp", "edf", "--seconds", "10"])
    Path(".fuzz").mkdir()
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == code
    printed = capsys.readouterr().out
    assert f"| scp | 100 | 10 | {code} |" in printed
    assert (".fuzz/findings/edf/KeyError" in printed) == bool(finding)
    stored = json.loads(Path(".fuzz/results.json").read_text())
    assert [target["target"] for target in stored["targets"]] == ["scp", "edf"]
    assert stored["versions"]["atheris"] == "1.0"


def test_unknown_formats_are_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["fuzz", "gdf"])
    with pytest.raises(SystemExit):
        main()
    assert "found gdf" in capsys.readouterr().err


def test_results_are_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(runner, "version", lambda _: "1.0")
    Path(".fuzz").mkdir()
    write_results([Result("scp", 5, 1.0, ())])
    assert json.loads(Path(".fuzz/results.json").read_text())["targets"] == [
        {"target": "scp", "executions": 5, "seconds": 1.0, "findings": []}
    ]
