"""`einthoven beats`: what it prints and writes, and what it refuses. A double stands in for the model."""

import csv
import io
import json
import re
import subprocess
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace

import jsonschema
import numpy as np
import pytest

from einthoven.apps.cli.beat_files import write_beats
from einthoven.formats import read_record, write_wfdb
from einthoven.formats.annotations import read_annotations, write_annotations
from einthoven.inference.beat_report import report
from einthoven.record import Annotation, Record
from einthoven.signal.left_out import find_left_out
from einthoven.signal.rpeaks import find_rpeaks
from einthoven.signal.simulated import simulate
from einthoven.training.ancestry import UNKNOWN, Ancestry, Seen, digest

SCHEMA = json.loads((files("einthoven.inference") / "beats.schema.json").read_text())
SIGNATURES = {".png": b"\x89PNG", ".pdf": b"%PDF", ".svg": b"<?xml"}


def seen(*names: str) -> Seen:
    """What a model has seen of a data set; all of it if no recordings are named."""
    return Seen("mitdb", "public", "f" * 8, 48, "trained", frozenset(map(digest, names)) if names else None)


NOTHING = Ancestry()


@dataclass
class Double:
    """A model that finds R peaks and gives them these labels, over and over."""

    heartbeats: Callable
    pattern: str = "NNNNV"
    name: str = "double"
    labels: tuple[str, ...] = tuple("NSVFQ")
    finds_rpeaks: bool = False
    obstacle: str | None = None
    are_beats: bool = False
    missed: tuple[str, ...] = ()
    learnt_from: Ancestry = NOTHING

    @property
    def bundle(self) -> SimpleNamespace:
        return SimpleNamespace(
            provenance={"learnt_from": self.learnt_from.to_json()}, input=SimpleNamespace(leads=("II",))
        )

    @property
    def cut(self) -> SimpleNamespace:
        return SimpleNamespace(finds_rpeaks=self.finds_rpeaks)

    def classify(self, record: Record, rpeaks=None):
        chosen = record.for_model(("II",))
        self.given = rpeaks
        peaks = find_rpeaks(chosen.signal, chosen.fs, warn=False) if rpeaks is None else rpeaks
        labels = (self.pattern * (len(peaks) + 1))[: len(peaks)]
        return self.heartbeats(
            labels, peaks, fs=record.fs, n_samples=record.n_samples, lead=chosen.leads[0], record=record.name,
            path=record.path, obstacle=self.obstacle, warnings=record.warnings,
            are_beats=self.are_beats, missed=self.missed,
            left_out=find_left_out(chosen.signal[0], chosen.fs, peaks), are_given=rpeaks is not None,
        )  # fmt: skip


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch, heartbeats) -> Double:
    """Takes the place of every model of beats."""
    double = Double(heartbeats)
    monkeypatch.setattr("einthoven.inference.beats.load_beats", lambda _: double)
    return double


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Half a minute of leads II and V1."""
    made = simulate("normal", duration_s=30, leads=("II", "V1"), seed=4)
    return write_wfdb(made, tmp_path / "made", name="one")


def item_of(text: str) -> dict:
    (line,) = text.splitlines()
    item = json.loads(line)
    jsonschema.validate(item, SCHEMA, cls=jsonschema.Draft202012Validator)
    return item


def annotate(recording: Path, extension: str, symbols: str, shift: int = 0) -> np.ndarray:
    record = read_record(recording)
    rpeaks = find_rpeaks(record.signal, record.fs)
    symbols = (symbols * len(rpeaks))[: len(rpeaks)]
    marks = Annotation(rpeaks + shift, tuple(symbols))
    write_annotations(marks, record.fs, recording.with_suffix(f".{extension}"))
    return rpeaks


pytestmark = pytest.mark.usefixtures("model")


def test_tables_show_classes_rhythm_and_ectopy(run, recording: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    result = run("beats", recording)
    assert (result.code, result.err) == (0, "")
    assert max(map(len, result.out.splitlines())) <= 80
    assert result.out.startswith("one: 30 s, lead II, model double 0\n")
    n = len(find_rpeaks(read_record(recording).signal, 300))
    n_v = n // 5
    assert re.search(rf"N +normal, or bundle branch block +{n - n_v} +\d\d\.\d % +0\n", result.out)
    assert re.search(rf"V +ventricular ectopic +{n_v} ", result.out)
    assert re.search(r"heart rate +\d\d bpm", result.out)
    for name in ("SDNN", "RMSSD", "pNN50"):
        assert re.search(rf"{name} +\d+\.\d (ms|%)", result.out)
    assert f"V: {n_v} isolated\n" in result.out
    assert "run of" not in result.out


def test_json_is_one_object_as_the_schema_says(run, recording: Path) -> None:
    result = run("beats", recording, "--format", "json")
    assert (result.code, result.err) == (0, "")
    item = item_of(result.out)
    assert (item["record"], item["path"], item["fs"]) == ("one", str(recording), 300)
    assert (item["lead"], item["model"]) == ("II", "double")
    assert len(item["rpeaks"]) == len(item["labels"]) == len(item["probs"]) == sum(item["counts"].values())
    assert set(item["labels"]) == {"N", "V"}


def test_csv_is_a_line_a_beat(run, recording: Path, tmp_path: Path) -> None:
    result = run("beats", recording, "--format", "csv", "-o", tmp_path / "beats.csv")
    rows = list(csv.DictReader(io.StringIO(result.out)))
    item = item_of(run("beats", recording, "--format", "json").out)
    assert [int(row["sample"]) for row in rows] == item["rpeaks"]
    assert [row["label"] for row in rows] == item["labels"]
    assert float(rows[3]["time_s"]) == pytest.approx(item["rpeaks"][3] / 300, abs=1e-4)
    assert (rows[0]["probability"], rows[0]["sure"]) == ("0.9000", "true")
    assert (tmp_path / "beats.csv").read_text() == result.out


def test_a_json_file_holds_the_same_object_and_the_tables_are_printed_too(
    run, recording: Path, tmp_path: Path
) -> None:
    result = run("beats", recording, "-o", tmp_path / "new" / "beats.json")
    item = item_of((tmp_path / "new" / "beats.json").read_text())
    assert item == item_of(run("beats", recording, "--format", "json").out)
    assert result.err == f"wrote {tmp_path / 'new' / 'beats.json'} ({len(item['labels'])} beats)\n"
    assert "SDNN" in result.out


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_annotations_are_what_wfdb_reads(run, recording: Path, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import wfdb
    result = run("beats", recording, "--format", "json", "-o", tmp_path / "two.atr")
    assert result.code == 0, result.err
    found = wfdb.rdann(str(tmp_path / "two"), "atr")
    item = item_of(result.out)
    assert (found.sample.tolist(), found.symbol, found.fs) == (item["rpeaks"], item["labels"], 300)


@pytest.mark.parametrize("ending", SIGNATURES)
def test_a_picture_is_drawn(run, recording: Path, tmp_path: Path, ending: str) -> None:
    picture = tmp_path / "new" / f"beats{ending}"
    result = run("beats", recording, "--picture", picture)
    assert (result.code, result.err) == (0, f"wrote {picture}\n")
    assert picture.read_bytes().startswith(SIGNATURES[ending])


def test_the_annotations_of_a_recording_are_replaced_only_if_forced(run, recording: Path, model) -> None:
    target = recording.with_suffix(".atr")
    before = target.read_bytes()
    result = run("beats", recording, "-o", target)
    assert result.code == 2
    assert result.err.startswith(
        f"error: {target}: expected a new file, found the annotations of the recording"
    )
    assert "--force" in result.err
    assert target.read_bytes() == before
    assert not hasattr(model, "given")
    assert run("beats", recording, "-o", target, "--force").code == 0
    assert target.read_bytes() != before


def test_the_recording_itself_is_never_replaced(run, tmp_path: Path) -> None:
    source = tmp_path / "export.csv"
    values = simulate("normal", duration_s=20, leads=("II",), seed=4).signal[0]
    source.write_text("II\n" + "\n".join(f"{value:.4f}" for value in values))
    said = ("--fs", 300, "--units", "mV")
    result = run("beats", source, *said, "-o", source, "--force")
    assert (result.code, result.out) == (2, "")
    assert "found the recording itself" in result.err
    assert run("beats", source, *said, "-o", tmp_path / "beats.csv").code == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("-o", "beats.txt"), "an ending among .atr, .csv, .json, found .txt (pictures: --picture)"),
        (("-o", "beats"), "expected an ending among .atr, .csv, .json, found none"),
        (("--picture", "beats.gif"), "expected an ending among .png, .pdf, .svg, found .gif"),
        (("--lead", "V9"), "expected lead V9, found II, V1"),
        (("--annotations", "qrs"), "one.qrs: expected an annotation file, found none; beside it: one.atr"),
        (("--annotations", "dat"), "expected the ending of an annotation file, such as atr, found 'dat'"),
    ],
)
def test_what_cannot_be_done_is_one_line(run, recording: Path, options: tuple, message: str) -> None:
    result = run("beats", recording, *options)
    assert (result.code, result.out) == (2, "")
    assert message in result.err
    assert result.err.count("\n") == 1


def test_a_folder_or_a_second_file_is_refused(run, recording: Path) -> None:
    result = run("beats", recording.parent)
    assert result.code == 2
    assert "expected one recording, found a folder: give its files one by one" in result.err
    assert run("beats", recording, recording).code == 2


def test_a_target_in_a_place_that_is_no_folder_is_refused_before_anything_is_read(
    run, recording: Path, model
) -> None:
    for option in ("-o", "--picture"):
        ending = ".json" if option == "-o" else ".png"
        result = run("beats", recording, option, recording / f"x{ending}")
        assert (result.code, result.out) == (2, "")
    assert not hasattr(model, "given")


def test_the_lead_can_be_chosen(run, recording: Path) -> None:
    assert item_of(run("beats", recording, "--lead", "V1", "--format", "json").out)["lead"] == "V1"


def test_annotated_beats_are_named_and_compared(run, recording: Path, model) -> None:
    rpeaks = annotate(recording, "ref", "NNNNV")
    result = run("beats", recording, "--annotations", "ref", "--format", "json")
    assert result.code == 0, result.err
    item = item_of(result.out)
    np.testing.assert_array_equal(model.given, rpeaks)
    assert item["rpeaks"] == rpeaks.tolist()
    assert item["reference"]["accuracy"] == 1
    annotate(recording, "ref", "NNVNV")
    shown = run("beats", recording, "--annotations", "ref").out
    n = len(rpeaks)
    n_wrong = len(range(2, n, 5))
    assert f"Annotated beats (rows), and what the model calls them (columns): {n} beats" in shown
    assert re.search(rf"\nV +{n_wrong} +0 +{n // 5} ", shown)
    assert re.search(r"\nF +0 +0 +0 +0 +0 +0 +- +-\n", shown)


def test_a_model_that_finds_its_own_r_peaks_is_compared_with_those(run, recording: Path, model) -> None:
    annotate(recording, "ref", "N", shift=6)
    model.finds_rpeaks, model.pattern = True, "N"
    item = item_of(run("beats", recording, "--annotations", "ref", "--format", "json").out)
    assert model.given is None
    assert item["reference"]["sensitivity"]["N"] == 1


@pytest.mark.parametrize(
    ("learnt_from", "said"),
    [
        (Ancestry((seen("two"),)), ""),
        (
            Ancestry((seen("two", "one"),)),
            "the model learnt from recording one of mitdb: if it is this one, the",
        ),
        (
            Ancestry((seen(),)),
            "the model learnt from mitdb: if this recording is of it, the comparison flatters",
        ),
        (Ancestry((replace(seen(), kind="simulated"),)), ""),
        (UNKNOWN, "what the model learnt from is not all stated: the comparison may flatter it"),
    ],
)
def test_a_comparison_on_what_a_model_has_learnt_says_so(
    run, recording: Path, model, learnt_from: Ancestry, said: str
) -> None:
    annotate(recording, "ref", "NNNNV")
    model.learnt_from = learnt_from
    first = item_of(run("beats", recording, "--annotations", "ref", "--format", "json").out)["warnings"][:1]
    assert (first or [""])[0].startswith(said)
    assert bool(first) == bool(said)
    assert not item_of(run("beats", recording, "--format", "json").out)["warnings"]


def test_wrong_annotations_are_refused(run, recording: Path) -> None:
    annotate(recording, "ref", "N", shift=75)
    result = run("beats", recording, "--annotations", "ref")
    assert (result.code, result.out) == (2, "")
    assert "all are about 250 ms late" in result.err
    anywhere = Annotation(np.arange(100, 8900, 170), ("N",) * len(range(100, 8900, 170)))
    write_annotations(anywhere, 300.0, recording.with_suffix(".odd"))
    result = run("beats", recording, "--annotations", "odd")
    assert (result.code, result.out) == (2, "")
    assert "are they of another recording?" in result.err
    far = Annotation(np.array([5, 9001]), ("N", "N"))
    write_annotations(far, 300.0, recording.with_suffix(".far"))
    result = run("beats", recording, "--annotations", "far")
    assert (result.code, result.out) == (2, "")
    assert "expected annotations within 9000 samples, found 1 beyond, the last at 9001" in result.err


def test_no_beats_are_a_result_with_its_reason_and_exit_code_1(run, tmp_path: Path) -> None:
    flat = Record(np.zeros((1, 3000), np.float32), 300.0, ("II",))
    path = write_wfdb(flat, tmp_path, name="flat")
    out, picture = tmp_path / "none.atr", tmp_path / "none.png"
    result = run("beats", path, "--format", "json", "-o", out, "--picture", picture)
    assert result.code == 1
    item = item_of(result.out)
    assert (item["rpeaks"], item["obstacle"]) == ([], "no heartbeat was found")
    assert item["left_out"] == [{"start_s": 0, "end_s": 10, "reason": "no signal"}]
    assert result.err.splitlines()[-1] == f"error: {path}: no heartbeat was found"
    assert b"einthoven double 0: no heartbeat was found" in out.read_bytes()
    assert picture.exists()
    shown = run("beats", path).out
    assert "no signal for 10 s, from 0 to 10 s" in shown


def test_beats_that_should_not_be_believed_are_exit_code_1(run, recording: Path, model) -> None:
    model.obstacle = "lead II does not look like an ECG: a sine"
    result = run("beats", recording)
    assert result.code == 1
    assert "not to be believed: lead II does not look like an ECG: a sine\n" in result.out
    assert re.search(r"heart rate +- ", result.out)
    assert "NN" not in result.out
    assert result.err == f"error: {recording}: lead II does not look like an ECG: a sine\n"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(
    ("are_beats", "said"),
    [(True, "classes not to be believed: pacing"), (False, "not to be believed: pacing")],
)
def test_annotations_say_of_themselves_that_they_are_not_to_be_believed(
    run, recording: Path, tmp_path: Path, model, are_beats: bool, said: str
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import wfdb
    model.obstacle, model.are_beats = "pacing spikes: 90 % in lead µ " + "of it " * 60, are_beats
    result = run("beats", recording, "--format", "json", "-o", tmp_path / "two.atr")
    assert result.code == 1
    found, item = wfdb.rdann(str(tmp_path / "two"), "atr"), item_of(result.out)
    assert (item["heart_rate"]["mean"] is not None) == are_beats
    (place,) = (i for i, symbol in enumerate(found.symbol) if symbol == '"')
    note = found.aux_note[place]
    assert note.startswith(f"einthoven double 0: {said} spikes: 90 % in lead \\xb5 of it")
    assert note.endswith(" ...")
    assert (found.sample[place], place) == (1, 0)
    is_beat = np.array(found.symbol) != '"'
    assert found.sample[is_beat].tolist() == item["rpeaks"]
    assert np.array(found.symbol)[is_beat].tolist() == item["labels"]
    assert b"research software, not a medical device" in (tmp_path / "two.atr").read_bytes()


def test_notes_and_beats_are_in_order_even_if_a_beat_is_at_the_start(heartbeats, tmp_path: Path) -> None:
    quiet = Record(np.zeros((1, 200), np.float32), 100.0, ("MLII",))
    record = read_record(write_wfdb(quiet, tmp_path, name="r"))
    write_beats(report(heartbeats("NVN", [0, 1, 90], obstacle="odd"), record), tmp_path / "r.atr")
    marks = read_annotations(record, "atr")
    assert "".join(marks.symbols) == '"N"VN'
    assert marks.samples.tolist() == [0, 0, 1, 1, 90]
    assert marks.notes[2] == "einthoven double 0: not to be believed: odd"


def test_classes_that_are_not_believed_leave_the_rate(run, recording: Path, model) -> None:
    model.obstacle, model.are_beats = "pacing spikes: 90 %", True
    result = run("beats", recording)
    assert result.code == 1
    assert "classes not to be believed: pacing spikes: 90 %\n" in result.out
    assert re.search(r"heart rate +\d\d bpm", result.out)
    assert "SDNN" not in result.out


def test_beats_annotated_without_signal_are_not_counted(run, recording: Path) -> None:
    rpeaks = annotate(recording, "ref", "NNNNV")
    read = read_record(recording)
    signal = read.signal.copy()
    signal[:, 3000:6000] = 0
    path = write_wfdb(replace(read, signal=signal, annotations=None), recording.parent, name="gap")
    path.with_suffix(".ref").write_bytes(recording.with_suffix(".ref").read_bytes())
    item = item_of(run("beats", path, "--annotations", "ref", "--format", "json").out)
    inside = (rpeaks >= 3000) & (rpeaks < 6000)
    n = int(inside.sum())
    # The flat stretch may begin a little before, and so take one more.
    assert len(rpeaks) - n - 2 <= len(item["rpeaks"]) <= len(rpeaks) - n
    assert not set(item["rpeaks"]) & set(rpeaks[inside].tolist())
    assert item["reference"]["n_beats"] == len(item["rpeaks"])
    assert any("annotated beats lie where there is no signal" in line for line in item["warnings"])


def test_annotations_that_end_early_are_told(run, tmp_path: Path, model) -> None:
    made = simulate("normal", duration_s=90, leads=("II",), seed=4)
    path = write_wfdb(made, tmp_path, name="long")
    record = read_record(path)
    rpeaks = find_rpeaks(record.signal, record.fs)
    write_annotations(Annotation(rpeaks[:30], ("N",) * 30), record.fs, path.with_suffix(".ref"))
    model.pattern = "N"
    shown = run("beats", path, "--annotations", "ref").out
    n = len(rpeaks)
    assert re.search(r"\nannotated +30 +0\n", shown)
    assert re.search(rf"\nfound +{n} +{n - 30}\n", shown)
    assert re.search(rf"annotations end at 0:\d\d\S* of 1:30 min; {n - 30} R peaks found after that", shown)


def test_runs_of_a_class_that_is_mostly_missed_are_marked(run, recording: Path, model) -> None:
    model.pattern, model.missed = "NVVVNSSSSN", ("S", "F")
    shown = run("beats", recording).out
    assert re.search(r"\nS \* +4 ", shown)
    assert re.search(r"\nV +3 ", shown)
    assert "*: of this class the model missed most" in shown
    model.missed = ("F",)
    assert "*" not in run("beats", recording).out


def test_runs_and_pauses_are_listed(run, recording: Path, model) -> None:
    model.pattern = "NVVVNSSSSN"
    signal = read_record(recording).signal.copy()
    signal[:, 3000:4300] *= 0.01
    path = write_wfdb(replace(read_record(recording), signal=signal), recording.parent, name="quiet")
    shown = run("beats", path).out
    assert re.search(r"run of +beats +from min:s +to min:s +bpm\n", shown)
    assert re.search(r"\nV +3 +0:\d\d\.\d +0:\d\d\.\d +\d+", shown)
    assert re.search(r"\nS +4 ", shown)
    assert re.search(r"over 3 s +1 +pauses, or missed; up to \d\.\d s", shown)


def test_of_many_runs_the_longest_are_listed(run, tmp_path: Path, model) -> None:
    model.pattern = "NVVV" * 3 + "NVVVV"
    made = simulate("normal", duration_s=60, leads=("II",), seed=4)
    shown = run("beats", write_wfdb(made, tmp_path, name="many")).out
    assert shown.count("\nV    ") == 1 + 10
    assert re.search(r"\nand 6 more, none of them longer; --format json has all\n", shown)


def test_a_model_of_other_classes_is_refused(run, recording: Path, model) -> None:
    model.labels = ("normal", "abnormal")
    result = run("beats", recording)
    assert (result.code, result.out) == (2, "")
    assert "expected AAMI classes of beats (N, S, V, F, Q), found normal, abnormal" in result.err


def test_a_model_of_whole_recordings_is_refused(
    run, recording: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    result = run("beats", recording, "--model", tiny_model)
    assert result.code == 2
    assert "expected a model of heartbeats, found one of whole recordings" in result.err


def test_it_starts_without_anything_heavy(recording: Path) -> None:
    heavy = ("matplotlib", "wfdb", "pandas", "scipy", "pyarrow", "torch", "onnx")
    code = (
        "import sys\n"
        "from types import SimpleNamespace\n"
        "import numpy as np\n"
        "import einthoven.inference.beats as module\n"
        "from einthoven.signal.rpeaks import find_rpeaks\n"
        "def classify(record, rpeaks=None):\n"
        "    peaks = find_rpeaks(record.signal, record.fs)\n"
        "    n = len(peaks)\n"
        "    return module.Heartbeats(record.name, record.path, record.fs, record.n_samples,\n"
        "        'II', 'm', '1', ('N',), peaks, ('N',) * n,\n"
        "        np.ones((n, 1), np.float32), np.ones(n, bool), None, ())\n"
        "double = SimpleNamespace(name='m', labels=('N',), classify=classify,\n"
        "    cut=SimpleNamespace(finds_rpeaks=False))\n"
        "module.load_beats = lambda _: double\n"
        "from einthoven.apps.cli import main\n"
        "try:\n    main()\n"
        f"finally:\n    print([name for name in {heavy} if name in sys.modules], file=sys.stderr)\n"
    )
    command = [sys.executable, "-c", code, "beats", str(recording), "-o", str(recording.parent / "x.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-1] == "[]"
