"""`einthoven evaluate --model` with a model of heartbeats, on recordings that only have MIT-BIH's names."""

import csv
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from einthoven.aami import beats_of
from einthoven.apps.cli.beat_notes import beat_notes, confusion_lines
from einthoven.apps.cli.given import dataset_of
from einthoven.bundle import Bundle, read_bundle, write_bundle
from einthoven.datasets.mitdb import open_mitdb
from einthoven.formats import write_wfdb
from einthoven.inference.beats import BeatModel
from einthoven.record import Annotation
from einthoven.signal.simulated import simulate
from einthoven.training.ancestry import Ancestry, Seen, digest, seen_of

MEASURES = (
    "F1", "F1 (EC57)", "recall", "precision", "precision (EC57)", "false positive rate",
    "false positive rate (EC57)", "balanced accuracy",
)  # fmt: skip
NAMES = ("101", "106", "201", "202", "102")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Simulated hearts with ectopic beats, called by names of DS1, of DS2 and of a paced one."""
    place = tmp_path_factory.mktemp("data") / "mitdb" / "1.0.0"
    for seed, name in enumerate(NAMES):
        made = simulate("ectopy", duration_s=30, fs=250, leads=("II", "V1"), seed=seed)
        record = replace(made, leads=("MLII", "V1"), name=name, comments=())
        if name == "106":
            marks = made.annotations
            assert marks is not None
            # The last beat is called a fusion.
            record = replace(record, annotations=Annotation(marks.samples, (*marks.symbols[:-1], "F")))
        write_wfdb(record, place, name=name)
    return place.parents[1]


@pytest.fixture
def bundle(tiny_beats: Bundle, tmp_path: Path) -> Callable[..., Path]:
    """Writes the tiny model with these parts of an ancestry, or other changes."""

    def write(*parts: Seen, is_known: bool = True, **changes: object) -> Path:
        facts = {"learnt_from": Ancestry(parts, is_known).to_json()}
        write_bundle(replace(tiny_beats, **{"provenance": facts, **changes}), tmp_path / "x.einthoven")
        return tmp_path / "x.einthoven"

    return write


def seen(*names: str, dataset: str = "mitdb") -> Seen:
    return Seen(dataset, "public", "f" * 8, 9999, "trained", frozenset(map(digest, names)))


def rows_of(result) -> list[dict]:
    assert result.code == 0, result.err
    return [json.loads(line) for line in result.out.splitlines()]


def test_both_ways_have_every_score(run, database: Path, bundle) -> None:
    result = run("evaluate", "--model", bundle(), "--data", database, "--part", "ds1", "--format", "json")
    rows = rows_of(result)
    assert [row["measure"] for row in rows] == [*MEASURES, *MEASURES]
    assert [row["source"] for row in rows[::8]] == [
        "tiny-beats 0.3, at annotated R peaks", "tiny-beats 0.3, at R peaks that it finds"]  # fmt: skip
    annotated = {row["measure"]: row for row in rows[:8]}
    facts = annotated["F1"]
    assert (facts["n_recordings"], facts["n_patients"], facts["n_failed"]) == (2, 2, 0)
    assert (facts["part"], facts["unit"], facts["resampled"]) == ("ds1", "heartbeat", "patients")
    assert facts["classes"] == ["N", "S", "V", "F", "Q", "none"]
    confusion = np.array(facts["confusion"])
    assert confusion.shape == (6, 6)
    assert facts["n_records"] == confusion[:5].sum() == confusion.sum()
    scores = annotated["recall"]["scores"]
    assert scores["V"]["value"] == round(confusion[2, 2] / confusion[2].sum(), 4)
    assert scores["overall"]["value"] == round(np.trace(confusion) / confusion.sum(), 4)
    assert scores["Q"] == {"value": None, "low": None, "high": None}
    assert set(annotated["balanced accuracy"]["scores"]) == {"overall"}


def test_the_counts_are_those_of_asking_the_model_itself(
    run, database: Path, bundle, tiny_beats: Bundle
) -> None:
    arguments = ("--data", database, "--part", "all", "--format", "json")
    rows = rows_of(run("evaluate", "--model", bundle(), *arguments))
    expected = np.zeros((6, 6), int)
    model, data = BeatModel(tiny_beats), open_mitdb(database)
    for number in range(len(data)):
        record = data.read(number)
        assert record.annotations is not None
        rpeaks, classes = beats_of(record.annotations)
        said = ["NSVFQ".index(label) for label in model.classify(record, rpeaks).labels]
        np.add.at(expected, (classes, said), 1)
    np.testing.assert_array_equal(rows[0]["confusion"], expected)
    # The model knows early beats: all V, and all S as V.
    assert expected[2, 2] > 10
    assert rows[0]["n_recordings"] == 5
    assert rows[0]["n_patients"] == 4


def test_the_table_is_readable_with_its_confusion_matrix(
    run, database: Path, bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ("evaluate", "--model", bundle(), "--data", database, "--part", "ds1")
    rows = rows_of(run(*arguments, "--format", "json"))
    for columns in (160, 80, 60):
        monkeypatch.setenv("COLUMNS", str(columns))
        table = run(*arguments).out
        assert max(map(len, table.splitlines())) <= columns
        words = " ".join(table.split())
        for said in (
            "95 % intervals", "Rows (EC57): V for an F or Q beat, and S for a Q beat, are neither right nor",
            "tiny-beats 0.3: mitdb, part ds1;",
            "of 2 recordings and 2 patients; ventricular flutter left out",
            "at R peaks that it finds: sure of", "false positive rate (EC57)",
        ):  # fmt: skip
            assert said in words
        line = [str(cell) for cell in rows[0]["confusion"][2][:5]]
        assert re.search(rf"^  V +{' +'.join(line)}$", table, re.MULTILINE)


def test_the_average_weighs_each_recording_alike(
    run, database: Path, bundle, tiny_beats: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    arguments = ("evaluate", "--model", bundle(), "--data", database, "--part", "all")
    rows = rows_of(run(*arguments, "--format", "json"))
    model, data = BeatModel(tiny_beats), open_mitdb(database)
    alone = []
    for number in range(len(data)):
        record = data.read(number)
        assert record.annotations is not None
        truth = beats_of(record.annotations)
        said = ["NSVFQ".index(label) for label in model.classify(record, truth[0]).labels]
        matrix = np.zeros((5, 5), int)
        np.add.at(matrix, (truth[1], said), 1)
        alone.append(matrix)
    recall = [[m[c, c] / m[c].sum() for m in alone if m[c].any()] for c in range(5)]
    # Calling F and Q beats V counts neither way, nor Q beats S.
    counted = [(0, 1, 2, 3, 4), (0, 1, 2, 3), (0, 1, 2), (0, 1, 2, 3, 4), (0, 1, 2, 3, 4)]
    given = [[m[list(counted[c]), c].sum() for m in alone] for c in range(5)]
    precision = [[m[c, c] / n for m, n in zip(alone, given[c], strict=True) if n] for c in range(5)]
    average = rows[0]["average"]
    for name, expected in (("recall", recall), ("precision (EC57)", precision)):
        means = [round(float(np.mean(values)), 4) if values else None for values in expected]
        assert list(average[name].values()) == means
    gross = {row["measure"]: row["scores"] for row in rows[:8]}
    assert average["precision (EC57)"]["V"] != gross["precision (EC57)"]["V"]["value"]
    assert average["recall"]["Q"] is None
    assert set(average) == {"recall", "precision (EC57)", "false positive rate (EC57)"}
    assert all(row["average"] == average for row in rows[:8])
    text = run(*arguments).out
    line = f"average over recordings, %: recall N {100 * average['recall']['N']:.1f}, S "
    assert line in " ".join(text.split())
    assert " Q " not in next(one for one in text.splitlines() if one.startswith("average over"))


def test_csv_has_a_row_for_each(run, database: Path, bundle, tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    assert run("evaluate", "-m", bundle(), "--data", database, "--part", "ds1", "-o", path).code == 0
    with path.open() as table:
        rows = list(csv.DictReader(table))
    assert [row["way"] for row in rows] == ["annotated"] * 8 + ["found"] * 8
    assert {row["part"] for row in rows} == {"ds1"}
    assert rows[0]["n_patients"] == "2"


def test_published_rows_stand_beside_ds2_only(run, database: Path, bundle) -> None:
    arguments = ("evaluate", "--model", bundle(), "--data", database, "--format", "json")
    rows = rows_of(run(*arguments, "--part", "ds2"))
    published = [row for row in rows if "way" not in row]
    assert {row["source"].split(", ")[0] for row in published} == {"Published"}
    assert any("de Chazal et al. 2004" in row["source"] for row in published)
    assert rows.index(published[-1]) < rows.index(next(row for row in rows if "way" in row))
    for part in ("all", "ds1", "inter-patient"):
        rows = rows_of(run(*arguments, "--part", part))
        assert all("way" in row for row in rows)


def test_recordings_that_trained_the_model_are_named(run, database: Path, bundle) -> None:
    def note(part: str, *parts: Seen, is_known: bool = True) -> tuple[str, dict]:
        model = bundle(*parts, is_known=is_known)
        arguments = ("evaluate", "--model", model, "--data", database, "--part", part)
        (row, *_) = [r for r in rows_of(run(*arguments, "--format", "json")) if "way" in r]
        return " ".join(run(*arguments).out.split()), row

    text, row = note("ds1", seen("106", "999"))
    assert "106 trained tiny-beats, or stopped its training: the scores are flattered" in text
    assert (row["learnt_from_it"], row["seen"], row["same_patient"]) == ("recordings", ["106"], [])
    text, row = note("ds1", seen("101", "106"))
    assert "all of these recordings trained tiny-beats" in text
    # 202 is of the patient of 201.
    text, row = note("ds2", seen("201"))
    assert "202: other recordings of the same patient trained tiny-beats" in text
    assert (row["seen"], row["same_patient"]) == ([], ["202"])
    text, row = note("ds2", seen("101", "106"))
    assert "flattered" not in text
    assert row["learnt_from_it"] is None
    text, row = note("ds2", seen("202", dataset="another"))
    assert "flattered" not in text
    text, row = note("ds2", is_known=False)
    assert "what tiny-beats learnt from is not all stated: these recordings may be among it" in text
    assert row["learnt_from_it"] == "unknown"
    everything = seen_of({"name": "mitdb", "kind": "public", "fingerprint": "0"}, "trained", None)
    assert note("ds2", everything)[1]["seen"] == ["202"]


def test_without_a_part_nothing_is_scored(run, database: Path, bundle, monkeypatch) -> None:
    monkeypatch.setattr("einthoven.apps.cli.beat_scores.score_beats", lambda *_: pytest.fail("was scored"))
    result = run("evaluate", "--model", bundle(seen("106")), "--data", database)
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert "error: mitdb: expected --part with one of ds1 (to train: 2 recordings, 1 of people " in result.err


def test_before_it_is_scored_it_is_said_what_the_model_has_seen(run, database: Path, bundle) -> None:
    result = run("evaluate", "--model", bundle(seen("106")), "--data", database, "--part", "ds1")
    line = "mitdb: 1 of 2 recordings are among those that tiny-beats learnt from: their scores are flattering"
    assert line in result.err.splitlines()
    other = run("evaluate", "--model", bundle(seen("106")), "--data", database, "--part", "ds2")
    assert "learnt from" not in other.err


@pytest.mark.parametrize("name", ["", "mitbih_test.csv"])
def test_beats_in_tables_are_refused(run, bundle, tmp_path: Path, name: str) -> None:
    (tmp_path / "tables").mkdir()
    row = ",".join(["0.5"] * 187)
    for table in ("mitbih_train.csv", "mitbih_test.csv"):
        (tmp_path / "tables" / table).write_text(f"{row},0.0\n{row},1.0\n")
    result = run("evaluate", "--model", bundle(), "--data", tmp_path / "tables" / name)
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert "expected recordings, as tiny-beats reads them, found mitdb-beats: beats in tables" in result.err


def test_paced_recordings_are_told_where_they_are_in(run, database: Path, bundle) -> None:
    arguments = ("evaluate", "--model", bundle(), "--data", database)
    assert "paced: 102; EC57 leaves these out" in " ".join(run(*arguments, "--part", "all").out.split())
    assert "paced" not in run(*arguments, "--part", "ds1").out


def test_a_recording_that_fails_is_counted_and_named(run, database: Path, bundle, tmp_path: Path) -> None:
    place = tmp_path / "copy"
    place.mkdir()
    for path in (database / "mitdb" / "1.0.0").iterdir():
        (place / path.name).write_bytes(path.read_bytes()[: 100 if path.name == "106.dat" else None])
    arguments = ("evaluate", "--model", bundle(), "--data", place, "--part", "ds1")
    result = run(*arguments)
    assert result.code == 0
    assert "1 of 2 recordings could not be used and are left out: 106: " in " ".join(result.out.split())
    (row, *_) = rows_of(run(*arguments, "--format", "json"))
    assert (row["n_recordings"], row["n_failed"], list(row["failed"])) == (1, 1, ["106"])


def test_scores_are_written_into_a_bundle(run, database: Path, bundle) -> None:
    path = bundle()
    before = read_bundle(path)
    arguments = ("evaluate", "--model", path, "--data", database, "--part", "ds1", "--write-into", path)
    result = run(*arguments)
    assert result.code == 0, result.err
    assert f"wrote {path} (tiny-beats, with these scores)" in result.err
    found = read_bundle(path)
    assert (found.networks, found.temperature) == (before.networks, before.temperature)
    assert found.provenance["learnt_from"] == before.provenance["learnt_from"]
    annotated, at_found = found.provenance["tested"]
    assert (annotated["way"], at_found["way"]) == ("annotated", "found")
    assert (annotated["dataset"], annotated["part"], annotated["looks"]) == ("mitdb", "ds1", 1)
    assert annotated["command"] == "einthoven evaluate --model tiny-beats --data FOLDER --part ds1"
    rows = rows_of(run(*arguments[:-2], "--format", "json"))
    assert annotated["scores"] == {row["measure"]: row["scores"] for row in rows[:8]}
    assert annotated["confusion"] == rows[0]["confusion"]
    assert str(path.parent) not in json.dumps(dict(found.provenance))
    assert run(*arguments).code == 0
    assert [test["looks"] for test in read_bundle(path).provenance["tested"]] == [2, 2]
    BeatModel(read_bundle(path))


def test_scores_are_written_into_the_file_of_that_model_only(
    run, database: Path, bundle, tiny_beats: Bundle, tiny_model: Path, tmp_path: Path
) -> None:
    path, other = bundle(), tmp_path / "other.einthoven"
    write_bundle(replace(tiny_beats, temperature=2.0), other)
    kept = other.read_bytes()
    start = ("evaluate", "--model", path, "--data", database, "--part", "ds1", "--write-into")
    for target, said in (
        ("beats", "expected the file of a bundle, found a shipped model's name"),
        (other, "expected the model that is scored, tiny-beats 0.3, found another: tiny-beats 0.3"),
        (tmp_path / "none.einthoven", "cannot be read"),
    ):
        result = run(*start, target)
        assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
        assert said in result.err
    assert other.read_bytes() == kept
    result = run("evaluate", "--model", tiny_model, "--data", database, "--write-into", tiny_model)
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert "--write-into: expected a model of heartbeats, found tiny" in result.err


def test_of_a_model_that_goes_one_way_one_is_told(run, database: Path, bundle) -> None:
    rows = rows_of(run("evaluate", "-m", bundle(), "--data", database, "--part", "ds1", "--format", "json"))
    notes = beat_notes(rows[8:])
    assert any(note.startswith("at R peaks that it finds") for note in notes)
    assert not any(note.startswith("at annotated R peaks") for note in notes)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--part", "ds3"), "mitdb: expected a part among all, ds1, "),
        (
            ("--part", "paced", "--fs", "250"),
            "expected fs, units and leads for a folder with labels.csv only",
        ),
    ],
)
def test_what_cannot_be_is_refused(run, database: Path, bundle, arguments, said: str) -> None:
    result = run("evaluate", "--model", bundle(), "--data", database, *arguments)
    assert (result.code, result.out) == (2, "")
    assert said in result.err


def test_recordings_with_a_label_are_no_annotated_beats(run, bundle, tmp_path: Path) -> None:
    write_wfdb(replace(simulate(duration_s=6), comments=()), tmp_path / "mine", name="r0")
    (tmp_path / "mine" / "labels.csv").write_text("record,label\nr0,N\n")
    result = run("evaluate", "--model", bundle(), "--data", tmp_path / "mine", "--part", "ds1")
    assert result.code == 2
    assert "expected recordings whose beats are annotated, as in mitdb, found r0 with a label" in result.err


def test_options_of_models_are_refused_with_runs(run, tmp_path: Path) -> None:
    for option in (("--part", "ds1"), ("--write-into", "x.einthoven")):
        result = run("evaluate", tmp_path, *option)
        assert result.code == 2
        assert "--part and --write-into: expected --model and --data with them, found runs" in result.err


@pytest.mark.parametrize(
    ("dataset", "expected"),
    [
        ({"name": "mitdb", "kind": "public"}, "mitdb"),
        ({"name": "mitdb-beats", "kind": "public"}, "mitdb"),
        ({"name": "ptbdb", "kind": "public"}, "ptbdb"),
        ({"name": "ptbdb", "kind": "own"}, "mitdb"),
        ({"name": "simulated", "kind": "simulated"}, "mitdb"),
        ({"name": "elsewhere", "kind": "public"}, "mitdb"),
        ("text", "mitdb"),
        (None, "mitdb"),
    ],
)
def test_the_data_set_is_the_one_it_learnt_from(tiny_beats: Bundle, dataset: object, expected: str) -> None:
    assert dataset_of(replace(tiny_beats, provenance={"dataset": dataset})) == expected


def test_a_model_of_recordings_expects_its_own_data_set(tiny_bundle: Bundle) -> None:
    assert dataset_of(tiny_bundle) == "cinc2017"
    older = replace(tiny_bundle, provenance={"dataset": {"name": "cinc2017"}})
    assert dataset_of(older) == "cinc2017"
    ptbxl = replace(tiny_bundle, provenance={"dataset": {"name": "ptbxl", "kind": "public"}})
    assert dataset_of(ptbxl) == "ptbxl"


def test_a_confusion_matrix_leaves_out_an_empty_none() -> None:
    assert confusion_lines(["N", "V", "none"], [[9, 2, 0], [1, 7, 0], [0, 0, 0]]) == [
        "     N  V", "  N  9  2", "  V  1  7"]  # fmt: skip
    assert confusion_lines(["N", "V", "none"], [[9, 2, 0], [1, 7, 0], [100, 0, 0]]) == [
        "          N  V  none",
        "  N       9  2     0",
        "  V       1  7     0",
        "  none  100  0     0",
    ]


def test_answers_that_are_not_to_be_believed_are_told() -> None:
    item = {
        "model": "m", "model_version": "1", "dataset": "mitdb", "part": "", "way": "found",
        "n_records": 7, "n_recordings": 1, "n_patients": 1, "n_failed": 0, "resampled": "patients",
        "seen": [], "same_patient": [], "learnt_from_it": None, "failed": {}, "paced": [],
        "obstacles": {"101": "mostly hum"}, "coverage": 0.0, "sure_accuracy": None,
        "calibration_error": 0.1, "brier": 0.2, "classes": ["N", "none"], "confusion": [[7, 0], [0, 0]],
        "average": {"recall": {"N": 1.0, "S": None}},
    }  # fmt: skip
    notes = beat_notes([item])
    said = "are not to be believed, though they count here:"
    assert notes[0] == f"m says itself that its answers to 1 of 1 recording {said} mostly hum in 101"
    assert notes[1].startswith("m 1: mitdb; 7 heartbeats of 1 recording and 1 patient; ventricular flutter")
    assert notes[2].startswith("at R peaks that it finds: sure of 0.0 %; calibration error 0.100")
    obstacles = {"102": "spikes: 93% in V5: none is known", "101": "mostly hum", "104": "spikes: 54% in V5"}
    (first, *_) = beat_notes([item | {"n_recordings": 5, "obstacles": obstacles}])
    assert first == (
        f"m says itself that its answers to 3 of 5 recordings {said} spikes in 102, 104 (102: 93% in V5: "
        "none is known); mostly hum in 101"
    )
    assert beat_notes([item | {"obstacles": {}}]) == notes[1:]
