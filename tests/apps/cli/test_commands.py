"""What all commands share, and the small ones."""

import csv
import io
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest

import einthoven
from einthoven.apps.cli import main
from einthoven.apps.cli.app import app
from einthoven.apps.cli.models import MAX_IN_WORDS
from einthoven.apps.text import counted
from einthoven.bundle import encode_bundle
from einthoven.datasets import open_folder
from einthoven.errors import DatasetError
from einthoven.formats import write_wfdb

COMMANDS = [command.name or command.callback.__name__ for command in app.registered_commands]


def test_version(run) -> None:
    assert run("--version").out == f"einthoven {einthoven.__version__}\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_examples(run, command: str) -> None:
    result = run(command, "--help")
    assert result.code == 0
    assert result.out.count(f" einthoven {command} ") >= 2


def test_help_lists_the_commands(run) -> None:
    result = run("--help")
    assert all(command in result.out for command in COMMANDS)
    assert "Not a medical device" in result.out


@pytest.mark.parametrize("arguments", [("no-such-command",), ("classify", "x", "--fs", "fast"), ("--wrong",)])
def test_wrong_usage_is_exit_code_2_and_no_traceback(run, arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert result.code == 2
    assert "Traceback" not in result.err


@pytest.mark.parametrize(
    ("raised", "code", "said"),
    [
        (DatasetError("nothing\nthere"), 2, "error: nothing\\nthere\n"),
        (OSError(28, "No space left on device", "out.csv"), 2, "error: out.csv: No space left on device\n"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_errors_are_one_line(
    run, monkeypatch: pytest.MonkeyPatch, raised: BaseException, code: int, said: str
) -> None:
    def fails(*_: object) -> None:
        raise raised

    monkeypatch.setattr("einthoven.inference.shipped.shipped_models", fails)
    result = run("models")
    assert (result.code, result.err) == (code, said)


def test_errors_are_red_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["einthoven", "models", "absent"])
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.delenv("NO_COLOR", raising=False)
    with pytest.raises(SystemExit):
        main()
    assert capsys.readouterr().err.startswith("\x1b[31merror: absent: ")


def test_models_describes_bundles(run, tiny_model: Path) -> None:
    result = run("models", tiny_model, "--format", "json")
    item = json.loads(result.out)
    assert (item["name"], item["version"], item["networks"]) == ("tiny", "1.2", 1)
    assert item["abstains_below"] == 0.6
    assert item["provenance"]["data"] == "simulated"
    labels = "N: normal rhythm, A: atrial fibrillation, O: other rhythm, ~: noise"
    assert f"  labels          {labels}" in run("models", tiny_model).out.splitlines()


def test_models_refuses_a_damaged_bundle(run, tiny_bundle, tmp_path: Path) -> None:
    (tmp_path / "cut.einthoven").write_bytes(encode_bundle(tiny_bundle)[:-9])
    result = run("models", tmp_path / "cut.einthoven")
    assert result.code == 2
    assert "truncated" in result.err


def test_models_lists_what_is_shipped(run) -> None:
    assert run("models").code == 0


def test_simulate_writes_wfdb_with_the_truth(run, tmp_path: Path) -> None:
    result = run("simulate", "--rhythm", "af", "--n", 2, "--seed", 7, "--leads", "I,II", "--duration", 6,
                 "-o", tmp_path / "made", "--format", "csv")  # fmt: skip
    assert result.code == 0
    rows = list(csv.DictReader(io.StringIO(result.out)))
    assert [row["record"] for row in rows] == ["af-7", "af-8"]
    first, second = (einthoven.read_record(row["path"]) for row in rows)
    assert first.leads == ("I", "II")
    assert first.duration_s == 6
    assert first.annotations is not None
    assert any("atrial fibrillation" in line for line in first.comments)
    assert not np.array_equal(first.signal, second.signal)


def test_simulate_leaves_a_table_of_labels_that_classify_and_a_data_set_take(
    run, tmp_path: Path, tiny_model: Path
) -> None:
    for rhythm, n in (("af", 2), ("noise", 1), ("af", 3)):
        made = run("simulate", "--rhythm", rhythm, "--n", n, "--duration", 6, "-o", tmp_path / "made")
        assert made.code == 0, made.err
    dataset = open_folder(tmp_path / "made")
    assert dict(zip(dataset.record_ids, dataset.class_indices(), strict=True)) == {
        "af-0": 0, "af-1": 0, "noise-0": 1, "af-2": 0}  # fmt: skip
    assert dataset.classes == ("A", "~")
    table = tmp_path / "made" / "labels.csv"
    answered = run("classify", tmp_path / "made", "--truth", table, "--model", tiny_model)
    assert "of 4 answers agree with the truth" in answered.out


def test_simulate_leaves_a_table_of_another_kind_alone(run, tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("record,label,patient\na,N,p\n")
    result = run("simulate", "-o", tmp_path)
    assert result.code == 2
    assert "found record, label, patient" in result.err
    assert [path.name for path in tmp_path.iterdir()] == ["labels.csv"]


def test_simulate_shows_how_far_it_is(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("einthoven.apps.cli.progress.LINE_EVERY_S", 0.0)
    *lines, wrote = run("simulate", "--n", 3, "--duration", 6, "-o", tmp_path).err.splitlines()
    assert [line.partition(",")[0] for line in lines] == [f"simulating: {i} of 3" for i in (1, 2, 3)]
    assert wrote == f"wrote {tmp_path} (3 recordings)"


def test_an_interruption_leaves_recordings_with_their_labels(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def second_time(record, folder, **options):
        if (tmp_path / "af-0.hea").exists():
            raise KeyboardInterrupt
        return write_wfdb(record, folder, **options)

    monkeypatch.setattr("einthoven.formats.write_wfdb", second_time)
    result = run("simulate", "--rhythm", "af", "--n", 3, "--duration", 6, "-o", tmp_path)
    assert (result.code, result.err) == (130, "interrupted: 1 of 3 recordings made, which stay\n")
    assert open_folder(tmp_path).record_ids == ("af-0",)


@pytest.mark.parametrize("command", ["models", "recipes"])
def test_a_list_fits_80_columns_and_goes_to_a_file(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    items = [json.loads(line) for line in run(command, "--format", "json").out.splitlines()]
    table = run(command).out
    assert max(map(len, table.splitlines())) <= 80
    flat = re.sub(r"\s+", " ", table)
    for item in items:
        values = [item["name"], item.get("title", ""), item.get("citation", "")]
        labels = item.get("labels", ())
        # Of many labels the names only.
        values += labels if len(labels) <= MAX_IN_WORDS else [name.partition(":")[0] for name in labels]
        assert all(value in flat for value in values)
    written = run(command, "-o", tmp_path / "list.json")
    assert written.err == f"wrote {tmp_path / 'list.json'} ({counted(len(items), command[:-1])})\n"
    assert json.loads((tmp_path / "list.json").read_text()) == items
    refused = run(command, "-o", tmp_path / "list.doc")
    assert (refused.code, refused.err.count("\n")) == (2, 1)


def test_simulate_makes_twelve_leads(run, tmp_path: Path) -> None:
    assert run("simulate", "--leads", "12", "--duration", 5, "-o", tmp_path).code == 0
    assert einthoven.read_record(tmp_path / "normal-0.hea").n_leads == 12


@pytest.mark.parametrize(
    ("option", "value"), [("--rhythm", "tango"), ("--leads", "I,X"), ("--duration", "-1")]
)
def test_simulate_refuses_what_it_cannot_make(run, tmp_path: Path, option: str, value: str) -> None:
    result = run("simulate", option, value, "-o", tmp_path)
    assert result.code == 2
    assert result.err.startswith("error: ")
    assert list(tmp_path.iterdir()) == []
