"""Files become answers in portions, in their order."""

import io
from pathlib import Path

import numpy as np
import pytest

from einthoven.errors import FormatError
from einthoven.formats import read_record
from einthoven.inference import files
from einthoven.inference.files import predict_each, predict_files
from einthoven.inference.prediction import Failure
from einthoven.inference.runtime import load
from einthoven.record import Record
from einthoven.signal.simulated import simulate


def read(seed: int) -> Record:
    if seed % 3 == 0:
        raise FormatError(f"{seed}: nothing  to read")
    return simulate(duration_s=6, seed=seed)


def test_portions_change_nothing(tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = load(tiny_model)
    whole = list(predict_each(model, range(7), read))
    monkeypatch.setattr(files, "PORTION", 2)
    seen: list[tuple[int, int, int]] = []
    portions = list(predict_each(model, range(7), read, lambda *done: seen.append(done)))
    assert [answer.record for answer in portions] == [answer.record for answer in whole]
    assert [isinstance(answer, Failure) for answer in portions] == [i % 3 == 0 for i in range(7)]
    # Seeds 0, 3 and 6 cannot be read, which is known before the others of their portion are answered.
    assert list(dict.fromkeys(seen)) == [(2, 7, 1), (4, 7, 2), (6, 7, 2), (7, 7, 3)]


def test_progress_goes_on_within_a_portion_and_counts_refusals(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def short_sometimes(seed: int) -> Record:
        return simulate(duration_s=1 if seed == 2 else 6, seed=seed)

    monkeypatch.setattr("einthoven.inference.buckets.MAX_BATCH", 2)
    seen: list[tuple[int, int, int]] = []
    answers = list(predict_each(load(tiny_model), range(5), short_sometimes, lambda *done: seen.append(done)))
    assert [isinstance(answer, Failure) for answer in answers] == [i == 2 for i in range(5)]
    # What the model refuses is counted as done at once, and as failed when its turn comes.
    assert seen == [(3, 5, 0), (5, 5, 0), (5, 5, 1)]


def test_a_failure_is_one_line_without_its_path_twice(tiny_model: Path) -> None:
    (failure,) = predict_each(load(tiny_model), [3], read)
    assert failure == Failure(record="3", path="3", error="nothing to read")


def test_a_file_that_cannot_be_opened_is_a_failure(tiny_model: Path, tmp_path: Path) -> None:
    def denied(path: Path) -> Record:
        raise PermissionError(13, "Permission denied", str(path))

    (failure,) = predict_files(load(tiny_model), [tmp_path / "a.npy"], denied)
    assert isinstance(failure, Failure)
    assert "Permission denied" in failure.error


def test_long_recordings_make_small_portions(tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "PORTION_SAMPLES", 2000)
    n_read: list[int] = []

    def counted(seed: int) -> Record:
        n_read.append(seed)
        return simulate(duration_s=6, fs=300, seed=seed)

    answers = predict_each(load(tiny_model), range(5), counted)
    assert next(answers).record
    assert n_read == [0, 1]
    assert len(list(answers)) == 4


def test_an_array_that_is_too_long_is_refused_before_it_is_read(tiny_model: Path, tmp_path: Path) -> None:
    def never(path: Path) -> Record:
        raise AssertionError(f"{path} was read")

    path = tmp_path / "holter.npy"
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        stream, {"descr": "<i2", "fortran_order": False, "shape": (200 * 3600 * 125,)}
    )
    path.write_bytes(stream.getvalue())
    (failure,) = predict_files(load(tiny_model), [path], never, fs=125.0)
    assert isinstance(failure, Failure)
    assert failure.error == "200 h of signal, but this model was made for windows of up to 1 h"
    np.save(path, np.zeros(125 * 600, np.int16))
    with pytest.raises(AssertionError, match="was read"):
        list(predict_files(load(tiny_model), [path], never, fs=125.0))


def test_bad_files_at_the_edges_of_portions_move_no_row(tiny_model: Path, tmp_path: Path) -> None:
    bad, n = {127, 128, 256}, 300
    signal = (1000 * simulate(duration_s=6, fs=100, seed=1).signal).astype(np.int16)
    paths = [tmp_path / f"{i:03}.npy" for i in range(n)]
    for i, path in enumerate(paths):
        path.write_bytes(b"no array") if i in bad else np.save(path, signal)
    answers = list(
        predict_files(load(tiny_model), paths, lambda path: read_record(path, fs=100, units="uV"), fs=100.0)
    )
    assert [answer.record for answer in answers] == [f"{i:03}" for i in range(n)]
    assert {i for i, answer in enumerate(answers) if isinstance(answer, Failure)} == bad
