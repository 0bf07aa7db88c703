"""Results in every format, on standard output and in files that are whole or not there."""

import csv
import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from einthoven.apps.cli import say_error
from einthoven.apps.cli.output import (
    Format,
    cell_text,
    check_output,
    emit,
    format_of,
    if_interrupted,
    naming,
    plain_layout,
    say_wrote,
)
from einthoven.errors import SettingsError

ITEMS = [{"name": "a", "labels": ["N", "A"], "probs": {"N": 0.5}}, {"name": "b", "labels": []}]
LAYOUT = plain_layout(("name", "labels", "probs"), "recording")
Captured = pytest.CaptureFixture[str]


def interrupted() -> Iterator[dict]:
    """One item, and then Ctrl-C."""
    yield ITEMS[0]
    raise KeyboardInterrupt


def as_array(text: str) -> None:
    assert json.loads(text) == ITEMS
    assert text.splitlines()[0] == "["


def as_lines(text: str) -> None:
    assert [json.loads(line) for line in text.splitlines()] == ITEMS


def as_csv(text: str) -> None:
    assert [row["labels"] for row in csv.DictReader(io.StringIO(text))] == ["N; A", ""]


def as_table(text: str) -> None:
    assert text.splitlines()[2:] == ["a     N, A    N=0.500", "b"]


def as_fenced(text: str) -> None:
    assert text.startswith("```\n")
    assert text.endswith("\n```\n")
    as_table(text.removeprefix("```\n").removesuffix("```\n"))


@pytest.mark.parametrize(
    ("name", "wanted", "holds"),
    [
        ("x.json", None, as_array),
        ("x.JSON", None, as_array),
        ("x.jsonl", None, as_lines),
        ("x.ndjson", None, as_lines),
        ("x.csv", None, as_csv),
        ("x.txt", None, as_table),
        ("x.md", None, as_fenced),
        ("x.json", Format.JSON, as_array),
        ("x.jsonl", Format.JSON, as_lines),
        ("x.txt", Format.JSON, as_lines),
        ("x", Format.JSON, as_lines),
        ("x.json", Format.CSV, as_csv),
        ("x.json", Format.TABLE, as_table),
    ],
)
def test_the_ending_picks_the_format_unless_one_is_asked_for(
    tmp_path: Path, capsys: Captured, name: str, wanted: Format | None, holds: Callable[[str], None]
) -> None:
    emit(iter(ITEMS), LAYOUT, wanted, tmp_path / "new" / name)
    holds((tmp_path / "new" / name).read_text())
    assert capsys.readouterr() == ("", f"wrote {tmp_path / 'new' / name} (2 recordings)\n")
    assert [path.name for path in (tmp_path / "new").iterdir()] == [name]


def test_an_array_of_nothing_is_valid(tmp_path: Path, capsys: Captured) -> None:
    emit([], LAYOUT, None, tmp_path / "x.json")
    assert json.loads((tmp_path / "x.json").read_text()) == []
    assert capsys.readouterr().err.endswith("x.json (0 recordings)\n")


@pytest.mark.parametrize(
    ("wanted", "holds"), [(None, as_table), (Format.JSON, as_lines), (Format.CSV, as_csv)]
)
def test_standard_output_is_not_named(
    capsys: Captured, wanted: Format | None, holds: Callable[[str], None]
) -> None:
    emit(ITEMS, LAYOUT, wanted)
    out, err = capsys.readouterr()
    holds(out)
    assert err == ""


@pytest.mark.parametrize(("name", "found"), [("x.xlsx", ".xlsx"), ("answers", "none")])
def test_an_unknown_ending_is_refused_with_those_that_are_known(name: str, found: str) -> None:
    with pytest.raises(
        SettingsError, match=rf"{name}: expected an ending among .csv, .json, .*, found {found}"
    ):
        format_of(None, Path(name))
    assert format_of(Format.CSV, Path(name)) is Format.CSV


def test_a_file_that_cannot_be_written_is_refused_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder.csv").mkdir()
    for target, error in (("folder.csv", IsADirectoryError), ("file/x.csv", NotADirectoryError)):
        with pytest.raises(error):
            check_output(None, tmp_path / target)
    with pytest.raises(SettingsError):
        check_output(None, tmp_path / "x.xlsx")
    check_output(None, None)
    check_output(None, tmp_path / "deep" / "er" / "x.csv")
    check_output(Format.JSON, Path(os.devnull))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder.csv"]


def test_a_folder_without_permission_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(PermissionError, match=r"x\.csv"):
        check_output(None, tmp_path / "x.csv")


@pytest.mark.parametrize(("wanted", "n_lines"), [(Format.JSON, 1), (Format.CSV, 2), (None, 3)])
def test_what_was_there_before_an_interruption_is_printed(
    capsys: Captured, wanted: Format | None, n_lines: int
) -> None:
    with pytest.raises(KeyboardInterrupt):
        emit(interrupted(), LAYOUT, wanted)
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == n_lines
    assert "a" in out.splitlines()[-1]
    assert err == "interrupted: 1 recording done\n"


@pytest.mark.parametrize("name", ["x.json", "x.csv", "x.txt"])
def test_an_interruption_leaves_no_half_a_file(tmp_path: Path, capsys: Captured, name: str) -> None:
    path = tmp_path / name
    with pytest.raises(KeyboardInterrupt):
        emit(interrupted(), LAYOUT, None, path)
    assert list(tmp_path.iterdir()) == []
    assert capsys.readouterr().err == f"interrupted: 1 recording done; {path} was not written\n"
    path.write_text("old")
    with pytest.raises(KeyboardInterrupt):
        emit(interrupted(), LAYOUT, None, path)
    assert path.read_text() == "old"
    assert capsys.readouterr().err == f"interrupted: 1 recording done; {path} stays as it was\n"


def test_an_interruption_before_the_first_item_prints_no_table(capsys: Captured) -> None:
    def at_once() -> Iterator[dict]:
        raise KeyboardInterrupt
        yield {}

    with pytest.raises(KeyboardInterrupt):
        emit(at_once(), LAYOUT, None)
    assert capsys.readouterr() == ("", "interrupted: 0 recordings done\n")


@pytest.mark.skipif(not Path("/dev/null").exists(), reason="needs /dev/null")
def test_nothing_is_said_of_a_device_that_was_written_to(capsys: Captured) -> None:
    with pytest.raises(KeyboardInterrupt):
        emit(interrupted(), LAYOUT, Format.JSON, Path("/dev/null"))
    assert capsys.readouterr().err == "interrupted: 1 recording done\n"


def test_an_interruption_reaches_a_reader_that_has_left(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone(io.StringIO):
        def flush(self) -> None:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stdout", Gone())
    with pytest.raises(KeyboardInterrupt):
        emit(interrupted(), LAYOUT, None)


@pytest.mark.parametrize("wanted", [Format.JSON, Format.CSV])
def test_a_reader_gets_each_line_at_once(monkeypatch: pytest.MonkeyPatch, wanted: Format) -> None:
    class Pipe(io.StringIO):
        def flush(self) -> None:
            flushed.append(self.getvalue())

    def watched() -> Iterator[dict]:
        yield ITEMS[0]
        assert "a" in flushed[-1]
        yield ITEMS[1]
        assert flushed[-1].endswith(pipe.getvalue())

    flushed, pipe = [""], Pipe()
    monkeypatch.setattr(sys, "stdout", pipe)
    emit(watched(), LAYOUT, wanted)
    assert len(flushed) == 4


def test_only_an_interruption_is_said_to_be_one(capsys: Captured) -> None:
    with pytest.raises(ValueError, match="other"), if_interrupted(lambda: "nothing"):
        raise ValueError("other")
    assert capsys.readouterr().err == ""


def test_what_was_written_is_one_line(capsys: Captured) -> None:
    say_wrote(Path("odd\nname"), "a run")
    say_wrote(Path("plain"))
    assert capsys.readouterr() == ("", "wrote odd\\nname (a run)\nwrote plain\n")


def test_values_as_a_table_shows_them() -> None:
    values = (None, 0.12345, 12345.6, [1, "b"], {"k": 0.5}, True)
    assert [cell_text(value) for value in values] == ["", "0.123", "12346", "1, b", "k=0.500", "True"]


def test_an_error_that_names_no_file_is_given_the_name_of_what_is_written(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space left") as caught, naming(tmp_path / "x"):
        raise OSError(28, "No space left on device")
    assert caught.value.filename == str(tmp_path / "x")
    with pytest.raises(PermissionError) as other, naming(tmp_path / "x"):
        raise PermissionError(13, "Permission denied", "y")
    assert other.value.filename == "y"


def test_a_terminal_gets_an_error_folded_between_words_and_a_file_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    monkeypatch.setenv("NO_COLOR", "1")
    message = "unknown setting; known here: " + ", ".join(f"setting{k}" for k in range(20))
    say_error(message)
    assert capsys.readouterr().err == f"error: {message}\n"
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    say_error(message)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) > 4
    assert max(map(len, lines)) <= 50
    assert " ".join(lines) == f"error: {message}"
