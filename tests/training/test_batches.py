"""Batches: every recording once, neighbours in length, the same for the same seed and epoch."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from einthoven.datasets.dataset import Dataset
from einthoven.training.augmentation import FlipPolarity, WhiteNoise
from einthoven.training.batches import (
    collate,
    epoch_batches,
    is_lent,
    length_batches,
    loader,
    n_batches,
    share_of,
)
from einthoven.training.job import Job, open_job
from einthoven.training.protocol import Protocol

N = 503
LENGTHS = np.random.default_rng(0).integers(900, 6100, N)
LABELS = np.random.default_rng(1).choice(4, N, p=[0.6, 0.09, 0.27, 0.04])


@pytest.fixture
def job(dataset: Dataset, rhythm: Protocol, folder: Path) -> Job:
    return open_job(rhythm, dataset, folder, 0)


def test_an_epoch_draws_every_recording_once(rhythm: Protocol) -> None:
    indices = np.arange(3, N)
    batches = epoch_batches(indices, LABELS, LENGTHS, rhythm, epoch=0)
    assert sorted(index for batch in batches for index, _ in batch) == indices.tolist()
    sizes = {len(batch) for batch in batches}
    assert sizes <= {7, 8, 9}
    assert len(batches) == n_batches(len(indices), 8)


def test_batches_hold_recordings_of_similar_length_and_come_in_random_order(rhythm: Protocol) -> None:
    batches = epoch_batches(np.arange(N), LABELS, LENGTHS, rhythm, epoch=0)
    lengths = [LENGTHS[[index for index, _ in batch]] for batch in batches]
    padding = 1 - sum(x.sum() for x in lengths) / sum(len(x) * x.max() for x in lengths)
    assert padding < 0.1
    means = np.array([x.mean() for x in lengths])
    assert abs(np.corrcoef(means, np.arange(len(means)))[0, 1]) < 0.4


def test_seed_and_epoch_decide_the_order(rhythm: Protocol) -> None:
    first = epoch_batches(np.arange(N), LABELS, LENGTHS, rhythm, epoch=0)
    assert first == epoch_batches(np.arange(N), LABELS, LENGTHS, rhythm, epoch=0)
    assert first != epoch_batches(np.arange(N), LABELS, LENGTHS, rhythm, epoch=1)
    assert first != epoch_batches(np.arange(N), LABELS, LENGTHS, replace(rhythm, seed=1), epoch=0)


def test_oversampling_draws_every_class_alike_and_its_recordings_evenly(rhythm: Protocol) -> None:
    protocol = replace(rhythm, oversample=True)
    draws = [draw for batch in epoch_batches(np.arange(N), LABELS, LENGTHS, protocol, 0) for draw in batch]
    assert len(set(draws)) == len(draws)
    per_class = Counter(int(LABELS[index]) for index, _ in draws)
    assert set(per_class.values()) == {int(np.bincount(LABELS).max())}
    per_record = Counter(index for index, _ in draws)
    for label in range(4):
        times = [per_record[i] for i in np.flatnonzero(label == LABELS)]
        assert max(times) - min(times) <= 1


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_processes_share_a_batch_and_borrow_where_it_is_too_small(n: int) -> None:
    batch = [(index, 0) for index in range(n)]
    shares = [share_of(batch, rank, 3) for rank in range(3)]
    assert all(shares)
    own = [rank for rank in range(3) if not is_lent(batch, rank)]
    assert own == list(range(min(n, 3)))
    assert sorted(draw for rank in own for draw in shares[rank]) == batch
    assert all(shares[rank] == [(0, 0)] for rank in range(3) if rank not in own)


def test_evaluation_batches_are_in_order_of_length() -> None:
    indices = np.arange(10, 50)
    batches = length_batches(indices, LENGTHS, 16)
    order = [index for batch in batches for index, _ in batch]
    assert sorted(order) == indices.tolist()
    assert np.all(np.diff(LENGTHS[order]) >= 0)
    assert [len(batch) for batch in batches] == [16, 16, 8]


def test_collate_pads_with_zeros_at_the_end() -> None:
    teacher = np.zeros(4, np.float32)
    signals = [np.full((2, 3), 1, np.float32), np.full((2, 5), 2, np.float32)]
    batch = collate([(signal, np.int64(k), teacher) for signal, k in zip(signals, (0, 3), strict=True)])
    assert batch.x.shape == (2, 2, 5)
    assert batch.x[0, :, 3:].abs().sum() == 0
    assert batch.x[0, :, :3].min() == 1
    assert batch.lengths.tolist() == [3, 5]
    assert batch.targets.tolist() == [0, 3]


def test_augmentation_is_decided_by_seed_epoch_and_draw(job: Job) -> None:
    first, _, _ = job.signals(0)[4, 0]
    assert np.array_equal(first, job.signals(0)[4, 0][0])
    for signals, draw in ((job.signals(1), (4, 0)), (job.signals(0), (4, 1))):
        assert not np.array_equal(first, signals[draw][0])
    plain, label, _ = job.signals(None)[4, 0]
    assert np.array_equal(plain, job.prepared[4])
    assert label == job.targets[4]


def test_nothing_is_drawn_where_nothing_is_augmented(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = replace(job, protocol=replace(job.protocol, augmentations=()))
    monkeypatch.setattr(np.random, "default_rng", lambda _: pytest.fail("a generator was made"))
    assert np.array_equal(plain.signals(0)[4, 0][0], job.prepared[4])


def test_a_class_whose_label_would_not_stay_true_is_spared(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    spared, other = (job.protocol.classes[job.targets[draw]] for draw in (4, 5))
    assert spared != other
    always = replace(job, protocol=replace(job.protocol, augmentations=(FlipPolarity(),)))
    monkeypatch.setattr(FlipPolarity, "spared", (spared,))
    signals = always.signals(0)
    assert np.array_equal(signals[4, 0][0], job.prepared[4])
    assert np.array_equal(signals[5, 0][0], -job.prepared[5])
    # Nothing is drawn for what is left out: the others draw as if it were not declared.
    noise = WhiteNoise()
    with_both, alone = (
        replace(job, protocol=replace(job.protocol, augmentations=steps)).signals(0)[4, 0][0]
        for steps in ((FlipPolarity(), noise), (noise,))
    )
    assert np.array_equal(with_both, alone)


def test_a_heartbeat_keeps_the_rows_that_the_network_reads(
    own_beats: Protocol, beats_in_views: Dataset, folder: Path
) -> None:
    job = open_job(own_beats, beats_in_views, folder, 0)
    assert job.prepared[0].shape == (18, 150)
    supraventricular = own_beats.classes.index("S")
    for draw in (0, 1, 2):
        plain, _, _ = job.signals(None)[draw, 0]
        changed, label, _ = job.signals(0)[draw, 0]
        assert np.array_equal(plain, job.prepared[draw][:3])
        assert changed.shape == (3, 150) and not np.array_equal(changed, plain)
        assert label == job.targets[draw]
    assert supraventricular in job.targets


def test_augmentation_acts_on_samples_ahead_of_the_spectrogram(
    dataset: Dataset, phased: Protocol, folder: Path
) -> None:
    job = open_job(phased, dataset, folder, 0)
    assert job.prepared[0].ndim == 2
    signal, _, _ = job.signals(0)[0, 0]
    assert signal.shape[:2] == (1, 33)
    plain, _, _ = job.signals(None)[0, 0]
    expected, _ = phased.pipeline(dataset.read(0).signal, 300.0)
    assert np.allclose(plain, expected, atol=1e-5)


def test_worker_processes_change_nothing(job: Job) -> None:
    batches = epoch_batches(job.split.train, job.targets, job.prepared.lengths, job.protocol, 0)[:2]
    alone, helped = (list(loader(job.signals(0), batches, workers)) for workers in (0, 1))
    for one, other in zip(alone, helped, strict=True):
        assert all(
            np.array_equal(a.numpy(), b.numpy(), equal_nan=True) for a, b in zip(one, other, strict=True)
        )
