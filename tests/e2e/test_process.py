"""The command line as a process: what it imports, what it prints when things go wrong outside of it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from einthoven.datasets import open_cinc2017
from einthoven.formats import write_wfdb
from einthoven.inference.shipped import shipped_models
from einthoven.signal.simulated import simulate

HEAVY = (
    "scipy.signal",
    "scipy.special",
    "pandas",
    "matplotlib",
    "wfdb",
    "pyarrow",
    "torch",
    "sklearn",
    "onnx",
)
LIGHT_START = (*HEAVY, "scipy", "onnxruntime", "soxr")
PROBE = "import sys; print([name for name in sys.argv[1].split() if name in sys.modules], file=sys.stderr)"


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """A simulated recording at a rate that has to be resampled."""
    return write_wfdb(simulate(duration_s=10, fs=250), tmp_path / "made", name="one")


def run(*command: str, **options: object) -> subprocess.CompletedProcess[str]:
    """Run Python with these arguments; a minute is for the slowest machine."""
    return subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, check=False, timeout=60, **options
    )  # type: ignore[call-overload]


def test_classifying_imports_nothing_heavy(recording: Path, tiny_model: Path) -> None:
    code = (
        "import sys\n"
        "from einthoven.apps.cli import main\n"
        "heavy, sys.argv[1:2] = sys.argv[1].split(), []\n"
        "try:\n    main()\n"
        "finally:\n    print([name for name in heavy if name in sys.modules], file=sys.stderr)\n"
    )
    done = run("-c", code, " ".join(HEAVY), "classify", str(recording), "--model", str(tiny_model))
    assert done.returncode == 0, done.stderr
    assert "normal rhythm (N)" in done.stdout
    assert done.stderr == "[]\n"


@pytest.mark.parametrize(
    "code", ["import einthoven", "import einthoven.apps.cli.app", "from einthoven.recipes import RECIPES"]
)
def test_starting_imports_nothing_heavy(code: str) -> None:
    heavy = HEAVY if "recipes" in code else LIGHT_START
    done = run("-c", f"{code}; {PROBE}", " ".join(heavy))
    assert done.stderr == "[]\n"


def test_it_runs_as_a_module(recording: Path, tiny_model: Path) -> None:
    done = run("-m", "einthoven", "classify", str(recording), "--model", str(tiny_model), "--format", "json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["record"] == "one"


@pytest.mark.skipif(sys.platform != "linux", reason="file names are text elsewhere")
def test_a_file_name_that_is_no_text_is_printed_all_the_same(recording: Path, tiny_model: Path) -> None:
    odd = os.fsencode(recording.parent) + b"/\xff\xfe.hea"
    os.rename(recording, odd)  # noqa: PTH104
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "PYTHONIOENCODING": "ascii"}
    for form in ("table", "json", "csv"):
        done = run(
            "-m", "einthoven", "classify", odd, "--model", str(tiny_model), "--format", form, env=environment
        )  # type: ignore[arg-type]
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        assert "\\udcff" in done.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_one_line(recording: Path, tiny_model: Path) -> None:
    command = ("-m", "einthoven", "classify", str(recording), "--model", str(tiny_model), "--format", "json")
    with open("/dev/full", "w") as full:  # noqa: PTH123
        done = subprocess.run(
            [sys.executable, *command], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 2
    assert done.stderr == "error: standard output: No space left on device\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_named(recording: Path, tiny_model: Path) -> None:
    named = ("-m", "einthoven", "classify", str(recording), "--model", str(tiny_model), "--format", "csv")
    done = run(*named, "-o", "/dev/full")
    assert done.returncode == 2
    assert done.stderr == "error: /dev/full: No space left on device\n"


def test_a_reader_that_leaves_early_causes_no_traceback(recording: Path, tiny_model: Path) -> None:
    command = ("-m", "einthoven", "classify", str(recording), "--model", str(tiny_model), "--format", "json")
    with subprocess.Popen(
        [sys.executable, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()
    assert process.returncode == 1


def test_ctrl_c_causes_no_traceback(tmp_path: Path) -> None:
    # A process that was started in the background of a script ignores SIGINT until told otherwise.
    code = (
        "import os, signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from einthoven.apps.cli import main\n"
        "import einthoven.inference.shipped as shipped\n"
        "shipped.shipped_models = lambda: os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.argv = ['einthoven', 'models']\n"
        "main()\n"
    )
    done = run("-c", code, cwd=tmp_path)
    assert done.returncode == 128 + signal.SIGINT
    assert "Traceback" not in done.stderr


@pytest.mark.realdata
def test_real_recordings_are_classified(data_folder: Path, tiny_model: Path, tmp_path: Path) -> None:
    training = next(data_folder.rglob("training2017"))
    names = [path.stem for path in sorted(training.glob("A*.hea"))[:3]]
    for name in names:
        for path in training.glob(f"{name}.*"):
            (tmp_path / path.name).symlink_to(path)
    done = run("-m", "einthoven", "classify", str(tmp_path), "--model", str(tiny_model), "--format", "json")
    assert done.returncode == 0, done.stderr
    items = [json.loads(line) for line in done.stdout.splitlines()]
    assert [item["record"] for item in items] == names
    assert all(item["quality"]["score"] > 0.5 for item in items)


@pytest.mark.realdata
def test_the_shipped_model_knows_real_recordings(data_folder: Path, tmp_path: Path) -> None:
    if "rhythm" not in shipped_models():
        pytest.skip("this checkout has no model rhythm in the zoo")
    dataset = open_cinc2017(data_folder)
    classes = dataset.class_indices()
    chosen = [dataset.entries[row] for k in range(4) for row in np.flatnonzero(classes == k)[:10]]
    for entry in chosen:
        assert entry.path is not None
        for path in (entry.path, entry.path.with_suffix(".mat")):
            (tmp_path / path.name).symlink_to(path)
    table = tmp_path / "labels.csv"
    table.write_text("".join(["record,label\n", *(f"{e.record_id},{e.labels[0]}\n" for e in chosen)]))
    done = run("-m", "einthoven", "classify", str(tmp_path), "--truth", str(table), "--format", "json")
    assert done.returncode == 0, done.stderr
    items = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(items) == 40
    right = {label: sum(i["labels"] == [label] == [i["truth"]] for i in items) for label in dataset.classes}
    # Chance is 2 or 3 of 10; these recordings, or nearly all of them, were learnt from.
    assert all(n >= 5 for n in right.values()), right
    assert sum(right.values()) >= 30, right
