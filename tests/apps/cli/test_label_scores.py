"""Tables of several labels: `einthoven evaluate` and `pack` on runs of them, and models on data."""

import csv
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from noisy_leads import CLASSES, noisy_dataset, noisy_protocol
from several_labels import shifted, twelve_lead_bundle

from einthoven.apps.cli.label_scores import RULES, label_layout, rule_words
from einthoven.apps.cli.scores import published_items
from einthoven.bundle import Bundle, read_bundle, write_bundle
from einthoven.datasets.dataset import Dataset, Entry
from einthoven.decisions import THRESHOLD_RULES
from einthoven.recipes import RECIPES
from einthoven.record import Record
from einthoven.training.ancestry import Ancestry, describe, seen_of

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Folders of two folds of a small network of several labels."""
    import torch

    from einthoven.training.run import train

    torch.set_num_threads(1)
    place = tmp_path_factory.mktemp("runs")
    protocol = noisy_protocol()
    for fold in (0, 1):
        train(protocol, noisy_dataset(), place / str(fold), fold=fold, budget="cpu")
    return [place / "0", place / "1"]


def rows_of(result) -> list[dict]:
    assert result.code == 0, result.err
    return [json.loads(line) for line in result.out.splitlines()]


def test_every_rule_has_its_words() -> None:
    assert set(RULES) == set(THRESHOLD_RULES)
    assert len(set(RULES.values())) == len(RULES)


def test_runs_have_a_row_a_way_to_decide_and_a_table_of_classes(
    run, runs: list[Path], tmp_path: Path
) -> None:
    shown = run("evaluate", *runs, "--svm", "none")
    assert shown.code == 0, shown.err
    words = " ".join(shown.out.split())
    assert words.startswith("Scores in percent, 95 % intervals; means over all classes")
    assert "Means over the 3 of 4 classes with ten positives or more AUROC AUPRC F1 F2 G2" in words
    for heading in ("challenge metric", "AUROC", "AUPRC", "accuracy", "F2", "G2"):
        assert heading in words
    assert all(f"the network's own head, {rule_words(rule, 2)}" in words for rule in ("fixed", "out-of-fold"))
    assert "each fold's from the others" in words and "other parts" not in words
    assert "cross-fitted within the fold" not in words
    assert "fold 0, 1 of 3 (not all folds were run); split by patient" in words
    assert "95 % intervals, by patients" in words
    # The classes by the primary rule only.
    assert words.count("class n precision recall") == 1
    rows = rows_of(run("evaluate", *runs, "--svm", "none", "--format", "json"))
    assert {row["rule"] for row in rows} == set(THRESHOLD_RULES)
    primary = {row["measure"]: row for row in rows if row["rule"] == "out-of-fold"}
    assert set(primary["F2"]["scores"]) == {*CLASSES, "overall", "frequent"}
    assert primary["F2"]["frequent_classes"] == ["NSR", "AF", "PVC"]
    for measure in ("AUROC", "F2"):
        scores = primary[measure]["scores"]
        mean = sum(scores[name]["value"] for name in ("NSR", "AF", "PVC")) / 3
        assert scores["frequent"]["value"] == pytest.approx(mean, abs=1e-4)
    assert set(primary["precision"]["scores"]) == set(CLASSES)
    assert set(primary["challenge metric"]["scores"]) == {"overall"}
    assert primary["AUROC"]["scores"]["LBBB"]["value"] is None
    assert primary["F2"]["support"]["LBBB"] == 0 and set(primary["F2"]["thresholds"]) == set(CLASSES)
    assert (primary["F2"]["head"], primary["F2"]["n_records"]) == ("sigmoid", 40)
    written = run("evaluate", *runs, "--svm", "none", "-o", tmp_path / "scores.csv")
    assert (written.code, written.err) == (0, f"wrote {tmp_path / 'scores.csv'} ({len(rows)} rows)\n")
    with (tmp_path / "scores.csv").open() as table:
        found = list(csv.DictReader(table))
    for row, item in zip(found, rows, strict=True):
        assert (row["measure"], row["rule"], row["head"]) == (item["measure"], item["rule"], "sigmoid")
        overall = item["scores"].get("overall", {}).get("value")
        assert row["overall"] == ("" if overall is None else str(overall))
        frequent = item["scores"].get("frequent", {}).get("value")
        assert row["frequent"] == ("" if frequent is None else str(frequent))


def test_machines_stand_beside_the_networks_own_head(run, runs: list[Path]) -> None:
    rows = rows_of(run("evaluate", runs[0], "--format", "json"))
    assert list(dict.fromkeys(row["head"] for row in rows)) == ["sigmoid", "linear"]
    assert any("SVM head (linear)" in row["source"] for row in rows)


def test_of_a_single_fold_the_others_are_its_own_parts(run, runs: list[Path]) -> None:
    words = " ".join(run("evaluate", runs[0], "--svm", "none").out.split())
    assert "thresholds and machines cross-fitted within the fold" in words
    assert "thresholds for F2 and G2, each part of the fold's from its other parts" in words
    assert "each fold's from the others" not in words


def test_a_source_left_out_is_decided_by_the_others_if_there_are_others(run, tmp_path: Path) -> None:
    from einthoven.training.run import train

    protocol, noise = noisy_protocol(split_by="source"), noisy_dataset(120)
    data = replace(noise, entries=tuple(replace(one, patient=None) for one in noise.entries))
    for fold in (0, 1):
        train(protocol, data, tmp_path / str(fold), fold=fold, budget="cpu")
    both = " ".join(run("evaluate", tmp_path / "0", tmp_path / "1", "--svm", "none").out.split())
    assert "a left out, the network's own head, thresholds for F1, each fold's from the others" in both
    assert "within the fold" not in both and "other parts" not in both
    alone = " ".join(run("evaluate", tmp_path / "1", "--svm", "none").out.split())
    assert "b left out, the network's own head, thresholds for F1, each part of the fold's from its" in alone
    assert "cross-fitted within the fold" in alone


def test_runs_of_one_class_and_of_several_are_not_mixed(run, runs: list[Path], tmp_path: Path) -> None:
    settings = ("network.stem_width=4", "network.widths=4,4", "network.strides=2,2", "network.recurrent=2")
    more = [text for item in (*settings, "phases.0.epochs=1") for text in ("--set", item)]
    assert run("train", "rhythm", *more, "-o", tmp_path / "one").code == 0
    mixed = run("evaluate", tmp_path / "one", runs[0])
    assert (mixed.code, mixed.out) == (2, "")
    assert mixed.err.splitlines()[-1].startswith(
        "error: expected runs of one class a recording or of several,"
    )
    for option in (("--svm", "linear"), ("--thresholds", "fixed")):
        refused = run("pack", tmp_path / "one", "-o", tmp_path / "x.einthoven", *option)
        assert (refused.code, refused.err.count("\n")) == (2, 1)
        assert f"{option[0]}: expected runs of several labels with them, found" in refused.err
    assert not (tmp_path / "x.einthoven").exists()


def test_published_figures_have_the_same_layout() -> None:
    row = RECIPES["shahid2020-cnn"].tables[0].rows[0]
    items = published_items(RECIPES["shahid2020-cnn"].tables[0], row)
    values = {item["measure"]: item["scores"]["overall"]["value"] for item in items}
    assert list(values) == ["F1", "accuracy", "challenge metric", "AUROC", "AUPRC", "F2"]
    assert list(values.values()) == [0.342, 0.0096, 0.5, 0.821, 0.343, 0.465]
    printed = RECIPES["singstad2018"].tables[0]
    both = [item for row in printed.rows for item in published_items(printed, row)]
    layout = label_layout(both)
    assert len(layout.tables(both)[0].rows) == 5
    (classes,) = layout.further(both)
    assert [row.cells[0].text for row in classes[0].rows] == list(printed.classes)


def test_pack_shows_thresholds_head_and_rule(run, runs: list[Path], tmp_path: Path) -> None:
    bundle = tmp_path / "x.einthoven"
    packed = run("pack", runs[0], "-o", bundle, "--thresholds", "challenge", "--svm", "linear")
    assert packed.code == 0, packed.err
    words = " ".join(packed.out.split())
    assert "challenge" in words and "linear" in words and "abstains" not in words
    assert "warning: no held-out recording has LBBB" in packed.err
    made = read_bundle(bundle)
    assert made.at_least_one and made.thresholds is not None
    for option, said in (("best", "found best"), ("singstad2018", "of support vector machines by a rule of")):
        refused = run("pack", runs[0], "-o", bundle, "--svm", "linear", "--thresholds", option)
        assert (refused.code, refused.err.count("\n")) == (2, 1), refused.err
        assert said in refused.err


MVS = {"r0": 0.0, "r1": 0.0, "r2": 2.0, "r3": 2.0, "r4": 0.75, "r5": 0.0}
"""Mean of lead I of each recording, mV: at 0 the model says NSR, at 0.75 nothing, at 2 AF and PAC."""


def read(entry: Entry) -> Record:
    if entry.record_id not in MVS:
        raise FileNotFoundError(2, "No such file", entry.record_id)
    return shifted(MVS[entry.record_id], name=entry.record_id, seed=int(entry.record_id[1:]))


def entry(name: str, *labels: str, **more: object) -> Entry:
    return Entry(name, labels, patient=f"p{name[1:]}", **more)  # type: ignore[arg-type]


DATA = Dataset(
    "cpsc2018",
    ("Normal", "AF", "PAC", "STE"),
    (
        entry("r0", "Normal"),
        entry("r1", "Normal", "STE"),
        entry("r2", "AF", "PAC"),
        entry("r3", "AF", unjudged=("PAC",)),
        entry("r4", "AF"),
        entry("r5", "PAC"),
    ),
    read,
    kind="public",
)


@pytest.fixture
def evaluated(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[dict]]:
    """Scores the model of doubles on a data set."""

    def rows(data: Dataset = DATA, bundle: Bundle | None = None, *more: str) -> list[dict]:
        monkeypatch.setattr("einthoven.datasets.open_data", lambda *_, **__: data)
        write_bundle(bundle or twelve_lead_bundle(), tmp_path / "m.einthoven")
        command = ("evaluate", "--model", tmp_path / "m.einthoven", "--data", tmp_path, *more)
        return rows_of(run(*command, "--format", "json"))

    return rows


def test_a_model_is_scored_by_its_thresholds_on_the_classes_that_both_have(evaluated) -> None:
    rows = evaluated()
    assert list(dict.fromkeys(row["source"] for row in rows)) == [
        "tiny12 0.1, all recordings", "tiny12 0.1, those it was sure of"]  # fmt: skip
    of = {row["measure"]: row for row in rows if row["source"].endswith("all recordings")}
    assert set(of) == {
        "precision",
        "recall",
        "F1",
        "F2",
        "G2",
        "accuracy",
        "challenge metric",
        "AUROC",
        "AUPRC",
    }
    # By one code Normal is NSR; STE is no class of the model, and MI is none of the data.
    assert set(of["recall"]["scores"]) == {"AF", "PAC", "NSR"}
    assert (of["F2"]["left_out"], of["F2"]["unjudged"]) == (["STE"], ["MI"])
    recall = {name: score["value"] for name, score in of["recall"]["scores"].items()}
    assert recall == {"AF": pytest.approx(2 / 3, abs=1e-4), "PAC": 0.5, "NSR": 1.0}
    # What nobody judged of r3 is no false alarm.
    assert of["precision"]["scores"]["PAC"]["value"] == 1.0
    assert of["precision"]["scores"]["NSR"]["value"] == pytest.approx(2 / 3, abs=1e-4)
    assert of["accuracy"]["scores"]["overall"]["value"] == pytest.approx(4 / 6, abs=1e-4)
    assert of["F2"]["support"] == {"AF": 3, "PAC": 2, "NSR": 2}
    assert (of["F2"]["n_records"], of["F2"]["n_failed"], of["F2"]["resampled"]) == (6, 0, "patients")
    assert of["F2"]["thresholds"]["PAC"] == 0.4 and of["F2"]["learnt_from_it"] == "unknown"


def test_a_model_too_has_means_over_the_classes_with_ten_positives(evaluated) -> None:
    few = {row["measure"]: row for row in evaluated()}
    assert few["F2"]["frequent_classes"] == [] and "frequent" not in few["F2"]["scores"]
    entries = tuple(replace(one, record_id=f"{one.record_id}x{k}") for one in DATA.entries for k in range(5))

    def reader(one: Entry) -> Record:
        return read(replace(one, record_id=one.record_id[:2]))

    rows = evaluated(replace(DATA, entries=entries, reader=reader))
    of = {row["measure"]: row for row in rows if row["source"].endswith("all recordings")}
    assert of["F2"]["support"] == {"AF": 15, "PAC": 10, "NSR": 10}
    assert of["F2"]["frequent_classes"] == ["AF", "PAC", "NSR"]
    for measure in ("F1", "AUROC", "AUPRC"):
        assert of[measure]["scores"]["frequent"]["value"] == of[measure]["scores"]["overall"]["value"]
    assert "frequent" not in of["challenge metric"]["scores"]


def test_failures_are_left_out_and_then_given_no_class(evaluated) -> None:
    more = replace(DATA, entries=(*DATA.entries, entry("r9", "AF")))
    rows = evaluated(more)
    of = {(row["source"].partition(", ")[2], row["measure"]): row for row in rows}
    parts = list(dict.fromkeys(part for part, _ in of))
    assert parts == ["all but 1 that failed", "those it was sure of", "failures given no class"]
    assert of[parts[0], "recall"]["scores"]["AF"]["value"] == pytest.approx(2 / 3, abs=1e-4)
    assert of[parts[2], "recall"]["scores"]["AF"]["value"] == 0.5
    assert (parts[2], "AUROC") not in of


def test_a_model_that_always_gives_one_class_does(evaluated) -> None:
    rows = evaluated(DATA, replace(twelve_lead_bundle(), at_least_one=True))
    recall = next(row for row in rows if row["measure"] == "recall")
    assert recall["scores"]["AF"]["value"] + recall["scores"]["NSR"]["value"] >= 1.0
    precision = next(row for row in rows if row["measure"] == "precision")
    assert precision["n_records"] == 6


def test_tables_and_notes_say_what_was_not_scored(run, evaluated, tmp_path: Path) -> None:
    facts = {"learnt_from": Ancestry((seen_of(describe(DATA), "trained", ["r0", "r1"]),)).to_json()}
    evaluated(DATA, replace(twelve_lead_bundle(), provenance=facts))
    told = run("evaluate", "--model", tmp_path / "m.einthoven", "--data", tmp_path)
    words = " ".join(told.out.split())
    assert "cpsc2018: left out, as tiny12 has no such class: STE" in words
    assert "cpsc2018: nobody judged MI: these are not scored" in words
    assert "a data set of these very recordings and labels: it is flattered" in words
    assert "2 of 6 recordings are among those that tiny12 learnt from" in told.err
    assert words.count("class n precision recall") == 1
    assert "6 recordings; sure of" in words


def test_ones_own_names_are_not_told_by_codes(evaluated) -> None:
    own = replace(DATA, kind="own", name="mine")
    rows = evaluated(own)
    assert rows[0]["left_out"] == ["Normal", "STE"] and rows[0]["unjudged"] == ["NSR", "MI"]
    assert "challenge metric" not in {row["measure"] for row in rows}
    strange = replace(own, classes=("odd",), entries=tuple(entry(name) for name in MVS))
    with pytest.raises(AssertionError, match="expected classes among AF, PAC, NSR, MI, found odd"):
        evaluated(strange)
    nobody = replace(own, entries=tuple(entry(name, unjudged=own.classes) for name in MVS))
    with pytest.raises(AssertionError, match="a class was judged, found none"):
        evaluated(nobody)


def test_a_model_of_an_older_run_has_seen_the_parts_of_what_it_learnt_from(evaluated) -> None:
    ptbxl = replace(
        DATA, name="ptbxl", entries=tuple(replace(e, fold=9 + k % 2) for k, e in enumerate(DATA.entries))
    )
    combined = {"name": "twelve-leads", "kind": "public", "fingerprint": "0", "n_records": 6}
    facts = {"learnt_from": Ancestry((seen_of(combined, "trained", None),)).to_json()}
    model = replace(twelve_lead_bundle(), provenance=facts)
    assert evaluated(ptbxl, model)[0]["learnt_from_it"] == "name"
    last = replace(ptbxl, entries=tuple(e for e in ptbxl.entries if e.fold == 10))
    # The combined data set leaves the last fold out, for models to be judged on.
    assert evaluated(last, model)[0]["learnt_from_it"] is None


@pytest.mark.parametrize(
    ("there", "learnt", "expected"),
    [
        (("ptbxl",), "twelve-leads", "ptbxl"),
        (("cinc2020", "cpsc2018"), "twelve-leads", "cinc2020"),
        (("cinc2020", "cpsc2018"), "cpsc2018", "cpsc2018"),
        (("cinc2017", "cpsc2018"), None, "cpsc2018"),
        (("cinc2020", "ptbxl"), "ptbxl", "ptbxl"),
        (("cinc2020", "ptbxl"), "twelve-leads", "expected one data set to score tiny12 on, found"),
        ((), "ptbxl", None),
    ],
)
def test_the_data_set_that_is_there_is_scored(
    there: tuple[str, ...],
    learnt: str | None,
    expected: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from einthoven.apps.cli.given import twelve_leads_in
    from einthoven.errors import DatasetError

    monkeypatch.setattr("einthoven.datasets.data_sets_in", lambda _: there)
    facts = {} if learnt is None else {"dataset": {"name": learnt, "kind": "public"}}
    bundle = replace(twelve_lead_bundle(), provenance=facts)
    if expected is not None and "expected" in expected:
        with pytest.raises(DatasetError, match=expected):
            twelve_leads_in(tmp_path, bundle)
        return
    assert twelve_leads_in(tmp_path, bundle) == expected
    (tmp_path / "labels.csv").touch()
    assert twelve_leads_in(tmp_path, bundle) is None
    assert twelve_leads_in(tmp_path / "labels.csv", bundle) is None


def test_a_damaged_run_is_one_line(run, runs: list[Path], tmp_path: Path) -> None:
    shutil.copytree(runs[0], tmp_path / "run")
    (tmp_path / "run" / "features.npz").write_bytes(b"nonsense")
    damaged = run("evaluate", tmp_path / "run")
    assert (damaged.code, damaged.err.count("\n")) == (2, 1)
    assert "features.npz: expected what a run wrote, found a damaged file" in damaged.err
