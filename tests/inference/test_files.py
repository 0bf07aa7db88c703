"""Files become answers in portions, in their order."""

from pathlib import Path

import pytest

from einthoven.errors import FormatError
from einthoven.inference import files
from einthoven.inference.files import predict_each, predict_files
from einthoven.inference.prediction import Failure
from einthoven.inference.runtime import load
from einthoven.record import Record
from einthoven.signal.simulated import simulate


def read(seed: int) -> Record:
    if seed % 3 == 0:
        raise FormatError(f"{seed}: nothing\nto read")
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
