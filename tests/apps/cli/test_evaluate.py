"""`einthoven evaluate --model`: a model on a data set; runs are in `test_train.py`."""

import csv
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from einthoven.apps.cli.scores import note_of
from einthoven.bundle import Bundle, write_bundle
from einthoven.datasets import open_folder, write_store
from einthoven.formats import read_record, write_wfdb
from einthoven.signal.simulated import simulate
from einthoven.training.ancestry import Ancestry, Seen, describe, seen_of


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    """Recordings that the tiny model calls N: three of N, one of A."""
    folder, lines = tmp_path / "mine", ["record,label"]
    for seed, label in enumerate("NNNA"):
        write_wfdb(replace(simulate(duration_s=6, seed=seed), comments=()), folder, name=f"r{seed}")
        lines.append(f"r{seed},{label}")
    (folder / "labels.csv").write_text("\n".join(lines))
    return folder


def rows_of(result) -> list[dict]:
    assert result.code == 0, result.err
    return [json.loads(line) for line in result.out.splitlines()]


def test_all_recordings_and_those_it_was_sure_of(run, labelled: Path, tiny_model: Path) -> None:
    rows = rows_of(run("evaluate", "--model", tiny_model, "--data", labelled, "--format", "json"))
    assert [row["source"].partition(", ")[2] for row in rows] == [
        "all recordings", "all recordings", "those it was sure of", "those it was sure of"]  # fmt: skip
    f1, recall = rows[:2]
    assert (f1["measure"], recall["measure"]) == ("F1", "recall")
    assert (f1["n_records"], f1["n_failed"], f1["learnt_from_it"]) == (4, 0, "unknown")
    assert recall["scores"]["N"]["value"] == 1
    assert recall["scores"]["overall"]["value"] == 0.75
    assert f1["scores"]["N"]["value"] == pytest.approx(6 / 7, abs=1e-4)
    assert "could not be used" not in run("evaluate", "--model", tiny_model, "--data", labelled).out


@pytest.mark.parametrize("columns", [160, 120, 80, 50])
def test_scores_are_readable_and_whole_in_any_terminal(
    run, labelled: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    arguments = ("evaluate", "--model", tiny_model, "--data", labelled)
    table = run(*arguments).out
    assert max(map(len, table.splitlines())) <= columns
    words = table.replace("-", " ").split()
    for row in rows_of(run(*arguments, "--format", "json")):
        assert row["source"] in " ".join(words)
        scores = row["scores"]["overall"]
        assert all(f"{100 * scores[key]:.1f}" in re.findall(r"[0-9.]+", table) for key in scores)
    assert "calibration error" in " ".join(words)


def test_csv_has_what_the_notes_say(run, labelled: Path, tiny_model: Path, tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    arguments = ("evaluate", "--model", tiny_model, "--data", labelled)
    written = run(*arguments, "-o", path)
    assert (written.code, written.out, written.err) == (0, "", f"wrote {path} (4 rows)\n")
    with path.open() as table:
        rows = list(csv.DictReader(table))
    for row, item in zip(rows, rows_of(run(*arguments, "--format", "json")), strict=True):
        for name in ("calibration_error", "brier", "coverage", "n_failed", "resampled", "model"):
            assert row[name] == str(item[name])


def test_failures_are_left_out_said_and_counted_as_wrong(run, labelled: Path, tiny_model: Path) -> None:
    (labelled / "r0.dat").unlink()
    arguments = ("evaluate", "--model", tiny_model, "--data", labelled)
    rows = rows_of(run(*arguments, "--format", "json"))
    sources = list(dict.fromkeys(row["source"].partition(", ")[2] for row in rows))
    assert sources == ["all but 1 that failed", "those it was sure of", "failures counted as wrong"]
    without, with_them = ({row["measure"]: row for row in part} for part in (rows[:2], rows[-2:]))
    assert (without["F1"]["n_records"], with_them["F1"]["n_records"]) == (3, 4)
    assert without["recall"]["scores"]["N"]["value"] == 1
    assert with_them["recall"]["scores"]["N"]["value"] == pytest.approx(2 / 3, abs=1e-4)
    assert with_them["recall"]["scores"]["overall"]["value"] == 0.5
    assert with_them["F1"]["scores"]["N"]["value"] == pytest.approx(4 / 6, abs=1e-4)
    assert with_them["F1"]["confusion"][:2] == [[2, 0, 0, 0, 1], [1, 0, 0, 0, 0]]
    assert set(with_them["F1"]["scores"]) == {"N", "A", "O", "~", "overall"}
    table = run(*arguments).out
    assert "3 recordings; 1 of 4 could not be used and are left out" in table


@pytest.mark.parametrize(
    ("origin", "said"),
    [
        ({"name": "other", "fingerprint": "same"}, "these very recordings and labels: it is flattered"),
        ({"name": "mine", "fingerprint": "0"}, "tiny learnt from recordings of mine: where"),
        ({"name": "mine", "fingerprint": "0", "kind": "public"}, None),
        ({"name": "other", "fingerprint": "0"}, None),
        ("mine", None),
    ],
)  # fmt: skip
def test_what_a_model_learnt_from_is_spotted(
    run, labelled: Path, tmp_path: Path, tiny_bundle: Bundle, origin: object, said: str | None
) -> None:
    if isinstance(origin, dict) and origin["fingerprint"] == "same":
        origin = origin | {"fingerprint": open_folder(labelled).fingerprint()}
    write_bundle(replace(tiny_bundle, provenance={"dataset": origin}), tmp_path / "x.einthoven")
    table = " ".join(run("evaluate", "--model", tmp_path / "x.einthoven", "--data", labelled).out.split())
    assert said in table if said else "flattered" not in table
    assert said or "what tiny learnt from is not all stated: these recordings may be among it" in table


def test_before_it_is_scored_it_is_said_what_the_model_has_seen(
    run, labelled: Path, tmp_path: Path, tiny_bundle: Bundle
) -> None:
    part = seen_of(describe(open_folder(labelled)), "trained", ["r1", "r2"])
    facts = {"learnt_from": Ancestry((part,)).to_json()}
    write_bundle(replace(tiny_bundle, provenance=facts), tmp_path / "x.einthoven")
    found = run("evaluate", "--model", tmp_path / "x.einthoven", "--data", labelled)
    assert (
        found.err
        == "mine: 2 of 4 recordings are among those that tiny learnt from: their scores are flattering\n"
    )


def test_what_a_models_ancestors_learnt_from_is_spotted(
    run, labelled: Path, tmp_path: Path, tiny_bundle: Bundle
) -> None:
    data, bundle = open_folder(labelled), tmp_path / "x.einthoven"
    ids = data.record_ids

    def learnt(*parts: Seen, is_known: bool = True) -> str | None:
        facts = {"learnt_from": Ancestry(parts, is_known).to_json()}
        write_bundle(replace(tiny_bundle, provenance=facts), bundle)
        (row, *_) = rows_of(run("evaluate", "--model", bundle, "--data", labelled, "--format", "json"))
        return row["learnt_from_it"]

    elsewhere = seen_of({"name": "cinc2017", "kind": "public", "fingerprint": "0"}, "trained", None)
    other_half = seen_of(describe(data), "trained", ["another"])
    assert learnt(elsewhere, seen_of(describe(data), "stopped", ids[:1])) == "fingerprint"
    assert learnt(elsewhere, other_half) is None
    assert learnt(elsewhere, replace(other_half, fingerprint="0", records=None)) == "name"
    assert learnt(elsewhere, is_known=False) == "unknown"


def test_files_that_state_nothing_take_options(run, labelled: Path, tiny_model: Path) -> None:
    for path in list(labelled.glob("*.hea")):
        np.savetxt(path.with_suffix(".csv"), 1000 * read_record(path).signal.T, fmt="%.1f")
        path.unlink()
        path.with_suffix(".dat").unlink()
    arguments = ("evaluate", "--model", tiny_model, "--data", labelled)
    bare = run(*arguments)
    assert bare.code == 2
    assert "no recording could be used" in bare.err
    rows = rows_of(run(*arguments, "--fs", 300, "--units", "uV", "--format", "json"))
    assert rows[1]["scores"]["overall"]["value"] == 0.75


def test_labels_that_the_model_does_not_know_are_named(run, labelled: Path, tiny_model: Path) -> None:
    table = labelled / "labels.csv"
    table.write_text(table.read_text().replace(",A", ",AFIB"))
    result = run("evaluate", "--model", tiny_model, "--data", labelled)
    assert result.code == 2
    assert "expected labels among N, A, O, ~, found AFIB" in result.err


def test_a_data_set_of_which_nothing_can_be_used_is_refused(run, labelled: Path, tiny_model: Path) -> None:
    for path in labelled.glob("*.dat"):
        path.unlink()
    result = run("evaluate", "--model", tiny_model, "--data", labelled)
    assert result.code == 2
    assert "no recording could be used" in result.err


@pytest.mark.parametrize(("n", "said"), [(1, "mine; 1 recording; sure"), (2, "mine; 2 recordings; sure")])
def test_recordings_are_counted_in_words(n: int, said: str) -> None:
    facts = {
        "simulated": False,
        "dataset": "mine",
        "model": "tiny",
        "model_version": "1",
        "resampled": "record",
    }
    scores = {"n_failed": 0, "coverage": 0.5, "brier": 0.1, "calibration_error": 0.1}
    item = facts | scores | {"n_records": n}
    assert said in note_of(item)


def test_a_part_is_one_of_a_public_data_set(run, labelled: Path, tiny_model: Path, tmp_path: Path) -> None:
    arguments = ("evaluate", "--model", tiny_model, "--format", "json", "--part", "ds2", "--data")
    own = run(*arguments, labelled)
    assert "mine: used whole: the part ds2 is one of a public data set" in own.err
    assert {(row["part"], row["n_records"]) for row in rows_of(own)} == {("ds2", 4)}
    store = tmp_path / "public.store"
    public = replace(open_folder(labelled), name="cinc2017", kind="public")
    write_store(public, store)
    refused = run(*arguments, store)
    assert (refused.code, refused.out) == (2, "")
    assert "cinc2017: expected no part, found 'ds2'" in refused.err
