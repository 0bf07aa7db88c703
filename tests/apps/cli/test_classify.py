"""`einthoven classify`: rows, formats, exit codes."""

import csv
import io
import json
import re
import shutil
from importlib.resources import files
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from several_labels import shifted, ship, twelve_lead_bundle

from einthoven.bundle import Bundle, write_bundle
from einthoven.formats import write_wfdb
from einthoven.record import Record
from einthoven.signal.simulated import simulate

SCHEMA = json.loads((files("einthoven.inference") / "classification.schema.json").read_text())


def objects(text: str) -> list[dict]:
    """The JSON lines, each checked against the schema in the package."""
    lines = [json.loads(line) for line in text.splitlines()]
    for line in lines:
        jsonschema.validate(line, SCHEMA, cls=jsonschema.Draft202012Validator)
    return lines


@pytest.fixture
def folder(recordings: Path, tmp_path: Path) -> Path:
    """A copy of the recordings that a test may spoil."""
    return shutil.copytree(recordings, tmp_path / "copy")


def test_a_file_becomes_a_table(run, recordings: Path, tiny_model: Path) -> None:
    result = run("classify", recordings / "one.hea", "--model", tiny_model)
    assert result.code == 0
    assert result.err == ""
    row = next(line for line in result.out.splitlines() if "one" in line)
    assert re.search(r"one\s+normal rhythm \(N\)\s+0\.\d\d\s+70\s+1\.00", row)


def test_json_is_one_object_a_line_as_the_schema_says(run, recordings: Path, tiny_model: Path) -> None:
    result = run("classify", recordings, "--model", tiny_model, "--format", "json")
    assert result.code == 0
    first, second, third = objects(result.out)
    assert [item["record"] for item in (first, second, third)] == ["one", "three", "two"]
    assert first["path"] == str(recordings / "one.hea")
    assert (first["model"], first["model_version"], first["schema"]) == ("tiny", "1.2", 1)
    assert second["leads_used"] == ["II"]
    assert "lead I is not there" in second["warnings"][0]
    assert first["labels"] == ["N"]
    assert set(first["probs"]) == {"N", "A", "O", "~"}


def test_csv_has_a_column_for_each_probability(run, recordings: Path, tiny_model: Path) -> None:
    result = run("classify", recordings, "--model", tiny_model, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(result.out)))
    assert [row["record"] for row in rows] == ["one", "three", "two"]
    assert sum(float(rows[0][f"prob_{label}"]) for label in "NAO~") == pytest.approx(1, abs=1e-5)
    assert rows[0]["labels"] == "N"
    assert rows[0]["abstained"] == "False"


def test_one_bad_file_among_many_is_a_row_with_its_reason(run, folder: Path, tiny_model: Path) -> None:
    (folder / "two.dat").write_bytes((folder / "two.dat").read_bytes()[:100])
    result = run("classify", folder, "--model", tiny_model, "--format", "json")
    assert result.code == 1
    good, also_good, bad = objects(result.out)
    assert "error" not in good
    assert "error" not in also_good
    assert bad["record"] == "two"
    assert bad["path"] == str(folder / "two.hea")
    assert "\n" not in bad["error"]
    assert result.err == f"error: 1 of 3 recordings failed: {bad['path']}: {bad['error']}\n"


def test_a_table_names_the_reason_of_a_failure(run, folder: Path, tiny_model: Path) -> None:
    (folder / "two.dat").unlink()
    result = run("classify", folder, "--model", tiny_model)
    assert result.code == 1
    assert re.search(r"two\s+failed\s+.*two\.dat", result.out)


def test_nothing_done_is_exit_code_2(run, folder: Path, tiny_model: Path, tmp_path: Path) -> None:
    absent = run("classify", folder / "absent.hea", "--model", tiny_model, "--format", "json")
    assert absent.code == 2
    assert objects(absent.out)[0]["record"] == "absent"
    assert absent.err.startswith(f"error: {folder / 'absent.hea'}: ")
    assert absent.err.count("\n") == 1
    both = run("classify", folder / "absent.hea", folder / "gone.hea", "--model", tiny_model)
    assert both.code == 2
    first, *named = both.err.splitlines()
    assert first == "error: all 2 recordings failed:"
    assert [line.partition(": ")[0] for line in named] == [
        f"  {folder / name}.hea" for name in ("absent", "gone")
    ]
    (tmp_path / "empty").mkdir()
    empty = run("classify", tmp_path / "empty", "--model", tiny_model)
    assert empty.code == 2
    assert "no recording in this folder" in empty.err


def test_a_missing_model_is_one_line(run, recordings: Path) -> None:
    result = run("classify", recordings, "--model", "no-such-model")
    assert result.code == 2
    assert result.out == ""
    assert result.err.startswith("error: no-such-model: expected a model of the package")
    assert result.err.count("\n") == 1


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (simulate(duration_s=1), "expected at least 5 s of signal, found 1 s"),
        (Record(np.zeros((1, 60 * 3601), np.float32), 60.0, ("I",)), "windows of up to 1 h"),
    ],
)
def test_too_short_and_too_long_are_refused(
    run, tmp_path: Path, tiny_model: Path, record: Record, reason: str
) -> None:
    path = write_wfdb(record, tmp_path, name="r")
    result = run("classify", path, "--model", tiny_model)
    assert result.code == 2
    assert reason in result.err


def test_200_hours_are_refused_without_reading_the_samples(run, tmp_path: Path, tiny_model: Path) -> None:
    (tmp_path / "holter.hea").write_text("holter 1 250 180000000\nholter.dat 16 200 16 0 0 0 0 I\n")
    result = run("classify", tmp_path / "holter.hea", "--model", tiny_model)
    assert result.code == 2
    assert "holter.hea: 200 h of signal, but this model was made for windows of up to 1 h" in result.err


def test_a_flat_line_is_answered_with_not_sure(run, tmp_path: Path, tiny_model: Path) -> None:
    path = write_wfdb(Record(np.zeros((1, 3000), np.float32), 300.0, ("I",)), tmp_path, name="flat")
    result = run("classify", path, "--model", tiny_model, "--format", "json")
    assert result.code == 0
    (item,) = objects(result.out)
    assert item["abstained"]
    assert item["abstain_reason"] == "flat line: lead I does not move"
    assert item["labels"] == ["N"]
    table = run("classify", path, "--model", tiny_model).out
    assert "not sure: normal rhythm (N)?" in table
    assert "flat line: lead I does not move" in table


def test_missing_samples_are_said(run, tmp_path: Path, tiny_model: Path) -> None:
    signal = simulate(duration_s=10).signal.copy()
    signal[:, 100:180] = np.nan
    path = write_wfdb(Record(signal, 300.0, ("I",)), tmp_path, name="gaps")
    (item,) = objects(run("classify", path, "--model", tiny_model, "--format", "json").out)
    assert any("missing" in line for line in item["warnings"])
    assert not item["abstained"]


def test_files_that_state_nothing_take_options(run, tmp_path: Path, tiny_model: Path) -> None:
    signal = simulate(duration_s=10, leads=("I", "II")).signal
    np.savetxt(tmp_path / "bare.csv", 1000 * signal.T, delimiter=",", fmt="%.1f")
    refused = run("classify", tmp_path / "bare.csv", "--model", tiny_model)
    assert refused.code == 2
    assert refused.err.count("\n") == 1
    options = ("--fs", 300, "--units", "uV", "--leads", "II, I", "--format", "json")
    (item,) = objects(run("classify", tmp_path / "bare.csv", "--model", tiny_model, *options).out)
    assert item["leads_used"] == ["I"]
    seconds = signal[1].reshape(10, 300)
    assert item["quality"]["amplitude_mv"][0] == pytest.approx(np.median(np.ptp(seconds, axis=1)), abs=0.01)


def test_leads_picks_among_those_of_the_file(run, recordings: Path, tiny_model: Path) -> None:
    result = run(
        "classify", recordings / "three.hea", "--model", tiny_model, "--leads", "V1", "--format", "json"
    )
    assert objects(result.out)[0]["leads_used"] == ["V1"]
    missing = run("classify", recordings / "three.hea", "--model", tiny_model, "--leads", "V9")
    assert missing.code == 2
    assert "V9" in missing.err


def test_results_go_to_a_file_whose_ending_picks_the_format(
    run, recordings: Path, tiny_model: Path, tmp_path: Path
) -> None:
    for name, first in (
        ("a.jsonl", '{"schema"'),
        ("a.json", "["),
        ("a.csv", "record,path"),
        ("a.txt", "record "),
    ):
        path = tmp_path / "new" / name
        result = run("classify", recordings, "--model", tiny_model, "-o", path)
        assert (result.code, result.out, result.err) == (0, "", f"wrote {path} (3 recordings)\n")
        assert path.read_text().startswith(first)
    run("classify", recordings, "--model", tiny_model, "-o", tmp_path / "b.txt", "--format", "json")
    assert len(objects((tmp_path / "b.txt").read_text())) == 3
    array = json.loads((tmp_path / "new" / "a.json").read_text())
    assert array == objects((tmp_path / "new" / "a.jsonl").read_text())
    names = ["a.csv", "a.json", "a.jsonl", "a.txt"]
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == names


def test_an_unknown_ending_is_refused_before_anything_is_read(run, recordings: Path, tmp_path: Path) -> None:
    result = run("classify", recordings, "--model", "absent", "-o", tmp_path / "answers.xlsx")
    assert result.code == 2
    assert "answers.xlsx: expected an ending among .csv, .json" in result.err
    assert result.err.count("\n") == 1


def test_failures_are_named_up_to_ten(run, recordings: Path, tiny_model: Path, tmp_path: Path) -> None:
    for k in range(12):
        (tmp_path / f"r{k:02}.npy").write_bytes(b"nothing")
    result = run("classify", recordings / "one.hea", tmp_path, "--model", tiny_model)
    assert result.code == 1
    first, *named, last = result.err.splitlines()
    assert first == "error: 12 of 13 recordings failed:"
    assert [line.partition(": ")[0] for line in named] == [f"  {tmp_path}/r{k:02}.npy" for k in range(10)]
    assert last == "  and 2 more; see the rows marked failed"
    assert result.out.count("failed") == 12


def test_failures_are_named_where_the_answers_go_to_a_file(
    run, recordings: Path, tiny_model: Path, tmp_path: Path
) -> None:
    (tmp_path / "r.npy").write_bytes(b"nothing")
    path = tmp_path / "a.json"
    result = run("classify", recordings, tmp_path / "r.npy", "--model", tiny_model, "-o", path)
    wrote, failed = result.err.splitlines()
    assert wrote == f"wrote {path} (4 recordings)"
    assert failed.startswith(f"error: 1 of 4 recordings failed: {tmp_path / 'r.npy'}: ")


def test_an_interruption_keeps_what_was_printed(
    run, recordings: Path, tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(model, paths, read, *_, **__):
        yield from (model.predict(read(path)) for path in paths[:2])
        raise KeyboardInterrupt

    monkeypatch.setattr("einthoven.inference.files.predict_files", interrupt)
    arguments = ("classify", recordings, "--model", tiny_model)
    lines = run(*arguments, "--format", "json")
    assert (lines.code, lines.err) == (130, "interrupted: 2 recordings done\n")
    assert [item["record"] for item in objects(lines.out)] == ["one", "three"]
    table = run(*arguments)
    assert (table.code, table.err) == (130, "interrupted: 2 recordings done\n")
    assert [line.split()[0] for line in table.out.splitlines() if "normal rhythm" in line] == ["one", "three"]
    file = run(*arguments, "-o", tmp_path / "a.json")
    assert file.code == 130
    assert file.err == f"interrupted: 2 recordings done; {tmp_path / 'a.json'} was not written\n"
    assert list(tmp_path.iterdir()) == []


def test_a_rate_that_the_file_states_goes_before_the_one_given(
    run, recordings: Path, tiny_model: Path
) -> None:
    arguments = ("classify", recordings / "one.hea", "--model", tiny_model, "--format", "json", "--fs")
    (near,) = objects(run(*arguments, 301).out)
    assert "--fs 301 was given, but the file states 300 Hz, which was used" in near["warnings"]
    (same,) = objects(run(*arguments, 300).out)
    assert not any("--fs" in line for line in same["warnings"])
    other = run(*arguments, 250)
    assert other.code == 2
    assert "expected fs=250 Hz as given, found 300 Hz in the file" in other.err


def test_recordings_of_one_name_are_told_apart(
    run, recordings: Path, tiny_model: Path, tmp_path: Path
) -> None:
    for folder in ("a", "b"):
        shutil.copytree(recordings, tmp_path / folder)
    shutil.copy(recordings / "one.hea", tmp_path / "b" / "only.hea")
    lines = run("classify", tmp_path, "--model", tiny_model).out.splitlines()[2:]
    assert [line.split()[0] for line in lines[:7]] == [
        "a/one", "a/three", "a/two", "b/one", "only", "b/three", "b/two"]  # fmt: skip


def test_an_unwritable_output_is_one_line(run, recordings: Path, tiny_model: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for target in (tmp_path, tmp_path / "file" / "x.json"):
        result = run("classify", recordings, "--model", tiny_model, "-o", target)
        assert result.code == 2
        assert result.err.startswith(f"error: {tmp_path}")
        assert result.err.count("\n") == 1


def test_markup_and_control_characters_in_names_are_only_text(
    run, recordings: Path, tiny_model: Path, tmp_path: Path
) -> None:
    for odd in ("[bold red]x[blink]", "tab\tand\x1b[31mred", "$math$ 心電図 :smile:"):
        bad, good = tmp_path / f"{odd}.npy", tmp_path / f"{odd}.hea"
        bad.write_bytes(b"nothing")
        shutil.copy(recordings / "one.hea", good)
        shutil.copy(recordings / "one.dat", tmp_path)
        result = run("classify", good, bad, "--model", tiny_model)
        assert result.code == 1
        assert result.out.count(odd.replace("\t", "\\t").replace("\x1b", "\\x1b")) == 2
        (line,) = objects(run("classify", good, "--model", tiny_model, "--format", "json").out)
        assert (line["record"], line["path"]) == (odd, str(good))


def test_a_file_given_twice_is_classified_once(run, recordings: Path, tiny_model: Path) -> None:
    result = run("classify", recordings, recordings / "one.hea", "--model", tiny_model, "--format", "json")
    assert [item["record"] for item in objects(result.out)] == ["one", "three", "two"]


def test_recordings_of_one_name_keep_their_own_truth(
    run, recordings: Path, tiny_model: Path, tmp_path
) -> None:
    for folder, record in (("a", "rec1"), ("b", "rec1"), ("b", "rec.2"), ("b", "rec")):
        (tmp_path / folder).mkdir(exist_ok=True)
        shutil.copy(recordings / "one.hea", tmp_path / folder / f"{record}.hea")
        shutil.copy(recordings / "one.dat", tmp_path / folder)
    table = tmp_path / "truth.csv"
    table.write_text("record,label\na/rec1,A\nb/rec1.hea,O\nrec.2,~\nrec,N\n")
    arguments = ("classify", tmp_path, "--model", tiny_model, "--truth", table, "--format", "json")
    found = {Path(item["path"]).relative_to(tmp_path).as_posix(): item["truth"]
             for item in objects(run(*arguments).out)}  # fmt: skip
    assert found == {"a/rec1.hea": "A", "b/rec1.hea": "O", "b/rec.2.hea": "~", "b/rec.hea": "N"}
    table.write_text("record,label\nrec.2,N\nrec1,A\n")
    ambiguous = run(*arguments)
    assert (ambiguous.code, ambiguous.out) == (2, "")
    assert "truth.csv, row 3, column record: expected one recording rec1" in ambiguous.err
    assert "a/rec1.hea and " in ambiguous.err
    assert ambiguous.err.count("\n") == 1


def test_the_truth_is_set_beside_the_answers(run, recordings: Path, tiny_model: Path, tmp_path: Path) -> None:
    (tmp_path / "truth.csv").write_text("record,label\none.hea,N\ntwo,A\n")
    arguments = ("classify", recordings, "--model", tiny_model, "--truth", tmp_path / "truth.csv")
    table = run(*arguments).out
    assert re.search(r"one\s+N\s+normal rhythm \(N\)", table)
    assert re.search(r"two\s+A \(!\)\s+normal rhythm \(N\)", table)
    assert "1 of 2 answers agree with the truth" in table
    assert [item.get("truth") for item in objects(run(*arguments, "--format", "json").out)] == [
        "N",
        None,
        "A",
    ]
    quiet = run(*arguments, "--format", "csv")
    assert quiet.err == "1 of 2 answers agree with the truth\n"
    (tmp_path / "truth.csv").write_text("record,label\nelsewhere,N\n")
    assert "the table of the truth names none of these recordings" in run(*arguments).out
    wrong = run("classify", recordings, "--model", tiny_model, "--truth", tmp_path / "absent.csv")
    assert wrong.code == 2


def test_a_model_of_heartbeats_is_refused_with_the_command_that_asks_it(
    run, recordings: Path, tiny_beats: Bundle, tmp_path: Path
) -> None:
    write_bundle(tiny_beats, tmp_path / "beats.einthoven")
    result = run("classify", recordings, "--model", tmp_path / "beats.einthoven")
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert "expected a model of whole recordings, found one of heartbeats: einthoven beats" in result.err


@pytest.fixture
def mixed(tiny_bundle: Bundle, tiny_beats: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of a recording of one lead and three of twelve; models of both kinds are shipped."""
    zoo, folder = tmp_path / "zoo", tmp_path / "mixed"
    zoo.mkdir()
    ship(monkeypatch, zoo, tiny_bundle, tiny_beats, twelve_lead_bundle())
    write_wfdb(shifted(0.0, leads=("I",)), folder, name="a-one")
    for name, mv in (("b-twelve", 0.0), ("c-twelve", 2.0), ("d-none", 0.75)):
        write_wfdb(shifted(mv), folder, name=name)
    return folder


def test_each_recording_is_answered_by_the_model_for_its_leads(run, mixed: Path) -> None:
    result = run("classify", mixed, "--format", "json")
    assert (result.code, result.err) == (0, "")
    items = objects(result.out)
    assert [item["model"] for item in items] == ["tiny", "tiny12", "tiny12", "tiny12"]
    assert [item["labels"] for item in items] == [["N"], ["NSR"], ["AF", "PAC"], []]
    assert ["thresholds" in item for item in items] == [False, True, True, True]
    assert items[2]["abstain_reason"].startswith("not sure: AF and PAC contradict each other: ")
    assert items[3]["abstain_reason"].startswith("not sure: no class reaches its threshold; the nearest is ")
    given = run("classify", mixed / "b-twelve.hea", "--model", mixed.parent / "zoo" / "tiny.einthoven")
    assert "normal rhythm (N)" in given.out
    assert "chosen" not in given.out


def test_the_table_says_which_model_answered(run, mixed: Path) -> None:
    table = run("classify", mixed).out.splitlines()
    assert table[0].split()[:3] == ["record", "model", "answer"]
    assert [line.split()[1] for line in table if re.match(r"[a-d]-", line)] == ["tiny", *["tiny12"] * 3]
    one = run("classify", mixed / "a-one.hea").out
    assert "model tiny answered, chosen by the leads; --model chooses another" in one


def test_the_csv_has_the_classes_of_both_models(run, mixed: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(run("classify", mixed, "--format", "csv").out)))
    assert rows[0]["prob_AF"] == ""
    assert rows[0]["prob_N"] != ""
    assert float(rows[1]["prob_NSR"]) == pytest.approx(1 / (1 + np.exp(-1)), abs=1e-3)


def test_without_another_model_nothing_is_chosen(run, mixed: Path) -> None:
    (mixed.parent / "zoo" / "tiny12.einthoven").unlink()
    result = run("classify", mixed)
    assert "model" not in result.out
    assert "of 12 leads only lead I was looked at" in result.out
    assert result.out.count(" 70 ") == 4
    path = mixed.parent / "zoo" / "tiny.einthoven"
    path.write_bytes(path.read_bytes()[:-100])
    damaged = run("classify", mixed / "absent.hea")
    assert (damaged.code, damaged.out) == (2, "")


def test_sets_of_classes_are_compared_with_the_truth(run, mixed: Path) -> None:
    table = mixed.parent / "labels.csv"
    table.write_text("record,labels\nb-twelve,NSR\nc-twelve,PAC;AF;MI\nd-none,\n")
    model = ("--model", mixed.parent / "zoo" / "tiny12.einthoven", "--truth", table)
    result = run("classify", mixed, *model, "--format", "json")
    assert [item.get("truth") for item in objects(result.out)] == [None, "NSR", "PAC + AF + MI", ""]
    assert result.err.splitlines() == [
        "exactly the classes of the truth: 2 of 3 recordings",
        "true classes found: 3 of 4, others given: 0; macro F1 0.750, the mean of the 4 classes that these "
        "recordings have",
    ]
    shown = run("classify", mixed, *model).out
    assert "PAC + AF + MI (!)" in shown
    assert "exactly the classes of the truth: 2 of 3 recordings" in shown
    assert re.search(r"d-none +none +not sure", shown)


def test_what_nobody_judged_is_neither_right_nor_wrong(run, mixed: Path) -> None:
    table = mixed.parent / "labels.csv"
    table.write_text("record,labels\nb-twelve,MI\nc-twelve,AF\nd-none,\n")
    model = ("--model", mixed.parent / "zoo" / "tiny12.einthoven", "--truth", table)
    shown = run("classify", mixed, *model).out
    assert "MI (!)" in shown and "AF (!)" not in shown
    words = " ".join(shown.split())
    assert (
        "exactly the classes of the truth, over the 2 of tiny12's 4 that the table names (AF, MI): 2 of 3 "
        "recordings"
    ) in words
    assert "nobody judged these classes, which the table names nowhere: NSR (1), PAC (1)" in words


def test_a_truth_of_other_names_says_which_model_has_them(run, mixed: Path) -> None:
    table = mixed.parent / "labels.csv"
    table.write_text("record,label\na-one,N\nb-twelve,N\nc-twelve,A\nd-none,A\n")
    shown = run("classify", mixed, "--truth", table)
    assert shown.code == 0, shown.err
    words = " ".join(shown.out.split())
    assert "1 of 1 answers agree with the truth" in words
    assert (
        "3 answers of tiny12 not compared (?): the truth says A, N, the model's classes are AF, PAC, NSR, "
        "MI; --model tiny has A, N"
    ) in words
    assert shown.out.count("(?)") == 4 and "(!)" not in shown.out
    table.write_text("record,label\na-one,MI\nb-twelve,NSR\n")
    other = " ".join(run("classify", mixed, "--truth", table).out.split())
    assert (
        "1 answer of tiny not compared (?): the truth says MI, the model's classes are N, A, O, ~; "
        "--model tiny12 has MI"
    ) in other
    assert "of tiny12's 4 that the table names (NSR, MI): 1 of 1 recording" in other
