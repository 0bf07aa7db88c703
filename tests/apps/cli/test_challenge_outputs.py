"""`einthoven classify --format cinc2017` and `cinc2020`: what the challenges' scorers read."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from several_labels import shifted, ship, twelve_lead_bundle

from einthoven.apps.cli.challenge_outputs import entry_2020, scored_codes
from einthoven.bundle import Bundle, Label, write_bundle
from einthoven.bundle.outline import Outline
from einthoven.datasets.label_table import read_label_table
from einthoven.formats import read_record, write_wfdb
from einthoven.inference.runtime import load
from einthoven.metrics.cinc2020 import CLASSES, merge_outputs, merge_scores
from einthoven.recipes import RECIPES
from einthoven.recipes.ecg12 import LABELS
from einthoven.record import Record

AF, NSR, PAC, SVPB = "164889003", "426783006", "284470004", "63593006"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Recordings of twelve leads, and of one, one of which is nothing."""
    for name, mv in (("r1", 0.0), ("r2", 2.0), ("r3", 0.75)):
        write_wfdb(shifted(mv), tmp_path / "data", name=name)
    return tmp_path / "data"


@pytest.fixture
def twelve(tmp_path: Path) -> Path:
    """A model of several labels."""
    write_bundle(twelve_lead_bundle(), tmp_path / "tiny12.einthoven")
    return tmp_path / "tiny12.einthoven"


def read_entry(path: Path) -> tuple[str, tuple[str, ...], list[int], list[float]]:
    """Read a file as the challenge's scorer does."""
    first, codes, given, scores = path.read_text().splitlines()
    return (
        first,
        tuple(codes.split(",")),
        list(map(int, given.split(","))),
        list(map(float, scores.split(","))),
    )


def test_each_recording_has_a_file_of_four_lines(run, folder: Path, twelve: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "outputs"
    result = run("classify", folder, "--model", twelve, "--format", "cinc2020", "-o", out)
    assert (result.code, result.out) == (0, "")
    assert result.err.splitlines() == [
        f"wrote {out} (3 recordings)",
        '"not sure" of 2 recordings: what it holds is written all the same, as a challenge wants one of each',
    ]
    assert sorted(path.name for path in out.iterdir()) == ["r1.csv", "r2.csv", "r3.csv"]
    first, codes, given, scores = read_entry(out / "r2.csv")
    assert (first, codes, given) == ("#r2", (AF, PAC, SVPB, NSR), [1, 1, 1, 0])
    probs = load(twelve).predict(read_record(folder / "r2.hea")).probs
    assert scores == pytest.approx([probs["AF"], probs["PAC"], probs["PAC"], probs["NSR"]], abs=1e-6)
    assert read_entry(out / "r1.csv")[2] == [0, 0, 0, 1]
    # None reaches its threshold, and none is made up.
    assert sum(read_entry(out / "r3.csv")[2]) == 0


def test_equivalent_codes_are_scored_as_the_class(run, folder: Path, twelve: Path, tmp_path: Path) -> None:
    run("classify", folder / "r2.hea", "--model", twelve, "--format", "cinc2020", "-o", tmp_path / "out")
    _, codes, given, scores = read_entry(tmp_path / "out" / "r2.csv")
    flags = merge_outputs(np.array([given], bool), codes)[0]
    assert [CLASSES[k] for k in flags.nonzero()[0]] == ["AF", "PAC"]
    merged = merge_scores([scores], codes)[0]
    assert merged[CLASSES.index("PAC")] == pytest.approx(scores[1])


def test_the_labels_of_ecg12_are_all_27_codes_and_no_superclass() -> None:
    outline = replace(Outline.of(twelve_lead_bundle()), labels=LABELS)
    codes = scored_codes(outline)
    assert tuple(codes) == CLASSES
    assert len({code for several in codes.values() for code in several}) == 27


def test_ventricular_ectopics_of_singstad2018_are_the_scored_class() -> None:
    outline = replace(Outline.of(twelve_lead_bundle()), labels=RECIPES["singstad2018"].labels)
    codes = scored_codes(outline)
    # CPSC 2018's code of PVC is not scored in 2020, those of the class are.
    assert codes["PVC"] == ("427172004", "17338001")
    assert set(codes) == {"Normal", "AF", "I-AVB", "LBBB", "RBBB", "PAC", "PVC"}
    probs = {label.name: 0.1 for label in outline.labels} | {"PVC": 0.8}
    item = {"record": "r", "labels": ["PVC"], "probs": probs}
    lines = entry_2020(item, codes).splitlines()
    given = dict(zip(lines[1].split(","), lines[2].split(","), strict=True))
    assert [code for code, flag in given.items() if flag == "1"] == ["427172004", "17338001"]


def test_a_synonym_beside_the_class_itself_stands_for_nothing() -> None:
    labels = (Label("V", "", "164884008"), Label("PVC", "", "427172004"), Label("CLBBB", "", "733534002"))
    outline = replace(Outline.of(twelve_lead_bundle()), labels=labels)
    assert scored_codes(outline) == {"PVC": ("427172004", "17338001"), "CLBBB": ("164909002",)}


def test_a_label_of_each_of_two_equivalent_codes_keeps_its_own() -> None:
    labels = (Label("PAC", "", PAC), Label("SVPB", "", SVPB), Label("O", "other"), Label("X", "", "1"))
    outline = replace(Outline.of(twelve_lead_bundle()), labels=labels)
    assert scored_codes(outline) == {"PAC": (PAC,), "SVPB": (SVPB,)}


def test_a_rhythm_has_the_codes_of_its_labels(
    run, recordings: Path, tiny_model: Path, tmp_path: Path
) -> None:
    result = run("classify", recordings, "--model", tiny_model, "--format", "cinc2020", "-o", tmp_path)
    assert (result.code, result.err) == (0, f"wrote {tmp_path} (3 recordings)\n")
    assert read_entry(tmp_path / "one.csv")[1:3] == ((NSR, AF), [1, 0])
    codes = {"N": (NSR,), "A": (AF,)}
    other = {"record": "o", "labels": ["O"], "probs": {"N": 0.2, "A": 0.1, "O": 0.7, "~": 0.0}}
    assert entry_2020(other, codes) == f"#o\n{NSR},{AF}\n0,0\n0.200000,0.100000\n"


def test_a_model_without_scored_codes_is_refused(
    run, folder: Path, tiny_bundle: Bundle, tmp_path: Path
) -> None:
    labels = tuple(Label(label.name, label.meaning) for label in tiny_bundle.labels)
    write_bundle(replace(tiny_bundle, labels=labels), tmp_path / "m.einthoven")
    result = run(
        "classify", folder, "-m", tmp_path / "m.einthoven", "--format", "cinc2020", "-o", tmp_path / "o"
    )
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert (
        "expected a model of labels with SNOMED CT codes that the challenge scores, found tiny (N, A, O, ~)"
        in (result.err)
    )
    assert not (tmp_path / "o").exists()


def test_a_folder_is_needed_for_files(run, folder: Path, twelve: Path) -> None:
    arguments = ("classify", folder, "--model", twelve, "--format", "cinc2020")
    none = run(*arguments)
    assert (none.code, none.out) == (2, "")
    assert "--format cinc2020: expected -o FOLDER" in none.err
    file = run(*arguments, "-o", folder / "r1.hea")
    assert (file.code, file.err) == (2, f"error: {folder / 'r1.hea'}: expected a folder, found a file\n")
    below = run(*arguments, "-o", folder / "r1.hea" / "out")
    assert below.code == 2


def test_an_unusable_file_has_no_output(run, folder: Path, twelve: Path, tmp_path: Path) -> None:
    (folder / "r1.dat").write_bytes(b"short")
    out = tmp_path / "out"
    result = run("classify", folder, "--model", twelve, "--format", "cinc2020", "-o", out)
    assert result.code == 1
    assert sorted(path.name for path in out.iterdir()) == ["r2.csv", "r3.csv"]
    assert result.err.splitlines()[-1].startswith(f"error: 1 of 3 recordings failed: {folder / 'r1.hea'}: ")
    assert f"wrote {out} (2 recordings)" in result.err


@pytest.mark.parametrize("wanted", ["cinc2017", "cinc2020"])
def test_recordings_of_one_name_are_refused(
    run, recordings: Path, tiny_model: Path, tmp_path: Path, wanted: str
) -> None:
    for name in ("a", "b"):
        write_wfdb(read_record(recordings / "one.hea"), tmp_path / name, name="same")
    arguments = ("classify", tmp_path / "a", tmp_path / "b", "--model", tiny_model, "--format", wanted)
    result = run(*arguments, "-o", tmp_path / "out")
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert "expected recordings of different names, found" in result.err
    assert not (tmp_path / "out").exists()


def test_a_damaged_header_is_a_failure_as_ever(
    run, recordings: Path, tiny_model: Path, tmp_path: Path
) -> None:
    write_wfdb(read_record(recordings / "one.hea"), tmp_path, name="r")
    (tmp_path / "bad.hea").write_text("nonsense\n")
    (tmp_path / "bad.dat").write_bytes(b"12")
    arguments = ("classify", tmp_path / "r.hea", tmp_path / "bad.dat", "--model", tiny_model)
    result = run(*arguments, "--format", "cinc2017")
    assert (result.code, result.out) == (1, "r,N\n")
    assert "1 of 2 recordings failed" in result.err


def test_2017_is_a_line_a_recording(run, recordings: Path, tiny_model: Path, tmp_path: Path) -> None:
    write_wfdb(Record(np.zeros((1, 3000), np.float32), 300.0, ("I",)), tmp_path, name="flat")
    arguments = ("classify", recordings, tmp_path / "flat.hea", "--model", tiny_model, "--format", "cinc2017")
    result = run(*arguments)
    assert result.code == 0
    assert result.out == "one,N\nthree,N\ntwo,N\nflat,N\n"
    assert result.err.startswith('"not sure" of 1 recording: what it holds is written all the same')
    target = tmp_path / "answers.txt"
    written = run(*arguments, "-o", target)
    assert (written.code, written.out) == (0, "")
    assert target.read_text() == result.out
    assert f"wrote {target} (4 recordings)" in written.err
    assert [row.labels for row in read_label_table(target)] == [("N",)] * 4


def test_2017_wants_its_own_labels(
    run, folder: Path, twelve: Path, tiny_bundle: Bundle, tmp_path: Path
) -> None:
    result = run("classify", folder, "--model", twelve, "--format", "cinc2017")
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert "expected a model of the labels N, A, O, ~, found tiny12 (AF, PAC, NSR, MI)" in result.err
    labels = tuple(replace(label, name=label.name.replace("~", "X")) for label in tiny_bundle.labels)
    write_bundle(replace(tiny_bundle, labels=labels), tmp_path / "m.einthoven")
    assert run("classify", folder, "--model", tmp_path / "m.einthoven", "--format", "cinc2017").code == 2


def test_of_the_shipped_models_one_is_chosen_that_can_answer(
    run, folder: Path, tiny_bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "zoo").mkdir()
    ship(monkeypatch, tmp_path / "zoo", tiny_bundle, twelve_lead_bundle())
    by_rhythm = run("classify", folder / "r1.hea", "--format", "cinc2017")
    assert (by_rhythm.code, by_rhythm.out) == (0, "r1,N\n")
    write_wfdb(shifted(0.0, leads=("I",)), folder, name="r0")
    assert run("classify", folder, "--format", "cinc2020", "-o", tmp_path / "out").code == 0
    codes = [read_entry(tmp_path / "out" / f"r{k}.csv")[1] for k in (0, 1)]
    assert codes == [(NSR, AF), (AF, PAC, SVPB, NSR)]


def test_an_interruption_says_what_is_done(
    run, recordings: Path, tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(model, paths, read, *_, **__):
        yield from (model.predict(read(path)) for path in paths[:2])
        raise KeyboardInterrupt

    monkeypatch.setattr("einthoven.inference.files.predict_files", interrupt)
    arguments = ("classify", recordings, "--model", tiny_model, "--format")
    lines = run(*arguments, "cinc2017")
    assert (lines.code, lines.out) == (130, "one,N\nthree,N\n")
    assert lines.err == "interrupted: 2 recordings done\n"
    file = run(*arguments, "cinc2017", "-o", tmp_path / "answers.txt")
    assert file.code == 130
    assert not (tmp_path / "answers.txt").exists()
    assert run(*arguments, "cinc2020", "-o", tmp_path / "out").code == 130
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["one.csv", "three.csv"]


def test_the_truth_is_compared_all_the_same(run, recordings: Path, tiny_model: Path, tmp_path: Path) -> None:
    (tmp_path / "truth.csv").write_text("record,label\none,N\ntwo,A\n")
    arguments = ("classify", recordings, "--model", tiny_model, "--truth", tmp_path / "truth.csv")
    result = run(*arguments, "--format", "cinc2017")
    assert result.err == "1 of 2 answers agree with the truth\n"
    assert list(csv.reader(result.out.splitlines())) == [["one", "N"], ["three", "N"], ["two", "N"]]
