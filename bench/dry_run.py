"""Everything from a store to tables of scores, at the size of the PhysioNet/CinC Challenge 2020.

`python -m bench.dry_run --n 43000 --folder DIR` prints a row a step: seconds, and the most memory it held. It
measures cost alone. The recordings are variants (gain, circular shift, noise) of a few hundred simulated
ones, and labels of what the simulator cannot make are dealt at random, so that the scores mean nothing.
Linux only: memory is read from /proc.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np

from einthoven.apps.cli.progress import progress, training_progress
from einthoven.datasets.dataset import Dataset, Entry
from einthoven.datasets.dealing import deal_labels
from einthoven.datasets.simulated import SIMULATED_NOTE
from einthoven.datasets.simulated_twelve_leads import simulated_twelve_leads
from einthoven.datasets.store import open_store, write_store
from einthoven.decisions import THRESHOLD_RULES, apply_thresholds, sigmoid
from einthoven.metrics import challenge_score, output_table, ranking_table
from einthoven.metrics.cinc2020 import CLASSES
from einthoven.recipes import find_recipe
from einthoven.record import Record
from einthoven.signal.simulated import LEADS
from einthoven.training.folds import split_dataset
from einthoven.training.heads import SVMSettings, cross_fitted_head_logits
from einthoven.training.label_evaluation import evaluate_labels
from einthoven.training.prepared import CACHE, prepare_signals
from einthoven.training.protocol import Protocol
from einthoven.training.run import train
from einthoven.training.run_folder import Run

Result = TypeVar("Result")

N = 43_000
FEWEST = 500
"""Recordings below which the rarest classes have too few to learn from."""
N_ORIGINALS = 300
FS, DURATION_S = 500.0, 10.0
SOURCES = {
    "cpsc2018": 6877,
    "cpsc2018-extra": 3453,
    "incart": 74,
    "ptb": 516,
    "ptb-xl": 21837,
    "georgia": 10344,
}
"""Recordings that the challenge published, of which the sources here have the proportions."""
SHARES = (0.3, 0.005)
"""Of the recordings that have the most and the least frequent of the classes that are dealt."""
ROOM = 1.1
"""Of the bytes of the store and the prepared signals, so many must be free."""
EVERY_S = 0.02
"""Between two looks at the memory."""


@dataclass(frozen=True)
class Variants:
    """A data set's reader: an original, circularly shifted, higher or lower, with noise of its own.

    originals : file of (n_originals, n_leads, n_samples) int16, µV
    """

    originals: Path

    def __call__(self, entry: Entry) -> Record:
        index = int(entry.record_id.rpartition("-")[2])
        table = np.load(self.originals, mmap_mode="r")
        draw = np.random.default_rng([1, index])
        original = np.roll(table[index % len(table)], int(draw.integers(table.shape[2])), axis=1)
        noise = 10 * draw.standard_normal(original.shape, np.float32)
        # Whole µV, as a recorder gives them.
        signal = np.rint(original * np.float32(draw.uniform(0.8, 1.25)) + noise) / np.float32(1000)
        return Record(signal, FS, tuple(LEADS), entry.record_id)


def made_up(n: int, originals: Path) -> Dataset:
    """Return `n` recordings of 24 classes and six sources; one patient in three has two of them."""
    short = simulated_twelve_leads(CLASSES, N_ORIGINALS, fs=FS, duration_s=(DURATION_S, DURATION_S))
    shape = (N_ORIGINALS, len(LEADS), int(FS * DURATION_S))
    table = np.lib.format.open_memmap(originals, "w+", np.int16, shape)
    for row, signal in zip(table, short.signals(), strict=True):
        row[:] = np.rint(1000 * signal)
    table.flush()
    rng = np.random.default_rng(0)
    unmade = [name for name, count in short.class_counts.items() if not count]
    dealt = rng.random((n, len(unmade))) < np.geomspace(*SHARES, len(unmade))
    # Four in a row are of one source, so that patients are.
    parts = np.array(list(SOURCES.values())) / sum(SOURCES.values())
    sources = rng.choice(list(SOURCES), size=n // 4 + 1, p=parts)
    entries = tuple(
        Entry(
            f"variant-{index:05d}",
            (*short.entries[index % N_ORIGINALS].labels, *(unmade[k] for k in np.flatnonzero(dealt[index]))),
            patient=f"patient-{index - (index % 4 == 1):05d}",
            source=f"simulated-{sources[index // 4]}",
        )
        for index in range(n)
    )
    return Dataset("dry-run", CLASSES, entries, Variants(originals), (SIMULATED_NOTE,), kind="simulated")


def bytes_needed(n: int, protocol: Protocol) -> int:
    """Return how much disk `n` recordings take, in the store (16 bits) and prepared (32 bits)."""
    prepared, _ = protocol.cached_pipeline(np.zeros((len(LEADS), int(FS * DURATION_S)), np.float32), FS)
    return n * (2 * len(LEADS) * int(FS * DURATION_S) + 4 * prepared.size)


def memory_mib(name: str) -> float:
    """Return a figure of /proc/self/status, MiB: VmHWM is the peak, RssAnon what is no mapped file."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1024


def forget_peak() -> None:
    """Let VmHWM begin again at what is held now; where the system does not allow it, it stays the highest."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


@dataclass
class Steps:
    """Times one step after the other, and prints a row for each.

    own : most memory of the step that is no mapped file, MiB, looked at every `EVERY_S`
    highest, highest_own : of all steps, MiB
    """

    own: float = 0.0
    highest: float = 0.0
    highest_own: float = 0.0
    _over: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Look at the memory until the end; print head and foot of the table."""
        print("| step | seconds | peak memory, MiB | of it no mapped file, MiB |\n| --- | --- | --- | --- |")
        watch = threading.Thread(target=self._watch, daemon=True)
        since = time.perf_counter()
        watch.start()
        try:
            yield
            seconds = time.perf_counter() - since
            print(f"| all | {seconds:.1f} | {self.highest:.0f} | {self.highest_own:.0f} |", flush=True)
        finally:
            self._over.set()
            watch.join()

    def __call__(self, what: str, work: Callable[[], Result]) -> Result:
        """Do one step and return its result."""
        forget_peak()
        self.own = 0.0
        since = time.perf_counter()
        found = work()
        seconds = time.perf_counter() - since
        self._look()
        peak = memory_mib("VmHWM")
        self.highest, self.highest_own = max(self.highest, peak), max(self.highest_own, self.own)
        print(f"| {what} | {seconds:.1f} | {peak:.0f} | {self.own:.0f} |", flush=True)
        return found

    def _watch(self) -> None:
        while not self._over.wait(EVERY_S):
            self._look()

    def _look(self) -> None:
        self.own = max(self.own, memory_mib("RssAnon"))


def one_epoch() -> Protocol:
    """Return the protocol of shahid2020-cnn, budget cpu, that trains for one epoch."""
    protocol = find_recipe("shahid2020-cnn").protocol("cpu")
    return replace(protocol, phases=tuple(replace(phase, epochs=1) for phase in protocol.phases))


def dry_run(n: int, folder: Path, step: Steps) -> None:
    """Walk the whole way and print what it takes."""
    protocol = one_epoch()
    made = step(f"simulate {N_ORIGINALS} originals", lambda: made_up(n, folder / "originals.npy"))
    with progress("writing the store, recordings") as report:
        step(f"write the store, {n:,} recordings", lambda: write_store(made, folder / "store", report))
    store = step("open it", lambda: open_store(folder / "store"))
    patients = [entry.patient for entry in store.entries]
    step("deal five folds by patient", lambda: deal_labels(store.label_matrix(), patients, 5, 0))
    step("split and check for leakage", lambda: split_dataset(protocol, store, 0))
    with progress("preparing signals, recordings") as report:
        step("prepare signals", lambda: prepare_signals(store, protocol, folder / CACHE, report))
    run = step(
        "train one epoch of one fold, score",
        lambda: train(protocol, store, folder / "run", fold=0, budget="cpu", progress=training_progress),
    )
    _judge(run, step)


def _judge(run: Run, step: Steps) -> None:
    """Fit heads and thresholds, and compute all scores.

    Five folds hold out every recording once: the logits of all recordings stand for theirs.
    """
    features = step("read features and logits", run.features)
    own = features.part("validation", "test")
    groups = own.groups()
    parts = deal_labels(own.targets, [str(group) for group in groups], 5, 0)
    fit = partial(cross_fitted_head_logits, own.features, own.targets, groups, parts, SVMSettings())
    step(f"SVM heads, linear, of the fold's {len(parts):,} held out, five parts", fit)
    truth, probs, patients = features.targets, sigmoid(features.logits, 1.0), features.groups()
    thresholds = np.full(len(CLASSES), 0.5)
    for name, rule in THRESHOLD_RULES.items():
        if rule.fitted_on != "fixed":
            search = partial(rule.fit, truth, probs, classes=CLASSES)
            thresholds = step(f"thresholds of all, {name}", search)
    has, outputs = truth > 0.5, apply_thresholds(probs, thresholds)
    step("challenge metric of all, 1,000 resamples by patient",
         lambda: challenge_score(has, outputs, CLASSES, groups=patients))  # fmt: skip
    step("F, G and exact match of all, 1,000 resamples by patient",
         lambda: output_table(has, outputs, CLASSES, groups=patients))  # fmt: skip
    step("AUROC and AUPRC of all, 1,000 resamples by patient",
         lambda: ranking_table(has, probs, CLASSES, groups=patients))  # fmt: skip
    step("evaluate the fold, all ways to decide", lambda: evaluate_labels([run]))


def checked(n: int, folder: Path) -> str | None:
    """Return why there can be no run of `n` recordings in a folder, or None."""
    if not Path("/proc/self/status").exists():
        return "expected Linux, whose /proc tells the memory, found none"
    if n < FEWEST:
        return f"--n: expected {FEWEST} recordings or more, found {n}"
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        return f"{folder}: expected a new or empty folder, found it in use"
    there = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
    needed, free = ROOM * bytes_needed(n, one_epoch()), shutil.disk_usage(there).free
    if free < needed:
        return f"{folder}: expected {needed / 1e9:.1f} GB of free disk, found {free / 1e9:.1f} GB"
    return None


@contextmanager
def work_folder(folder: Path, is_kept: bool) -> Iterator[None]:
    """Make a folder, and in the end delete what was written there, and the folder if it is new."""
    is_new = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    finally:
        if not is_kept:
            for path in folder.iterdir():
                if path.is_dir():
                    shutil.rmtree(path)
                else:
                    path.unlink()
        if not is_kept and is_new:
            folder.rmdir()


def main() -> int:
    """Measure and print; 2 if there is no room or the folder is in use."""
    parser = argparse.ArgumentParser(prog="python -m bench.dry_run")
    parser.add_argument("--n", type=int, default=N, help="number of recordings")
    parser.add_argument("--folder", type=Path, required=True, help="new or empty; what is written is deleted")
    parser.add_argument("--keep", action="store_true", help="leave store, signals and run there")
    given = parser.parse_args()
    folder: Path = given.folder
    if problem := checked(given.n, folder):
        print(problem, file=sys.stderr)
        return 2
    threads = os.environ.get("OMP_NUM_THREADS", "not set")
    each = f"{len(LEADS)} leads x {DURATION_S:g} s at {FS:g} Hz, {len(CLASSES)} classes"
    print(f"{given.n:,} recordings x {each}; {os.cpu_count()} cores, OMP_NUM_THREADS {threads}\n")
    steps = Steps()
    with work_folder(folder, given.keep):
        with steps.watched():
            dry_run(given.n, folder, steps)
        for what, name in (("store", "store"), ("prepared signals", ".cache"), ("run", "run")):
            size = sum(path.stat().st_size for path in (folder / name).rglob("*") if path.is_file())
            print(f"{what}: {size / 1e9:.3f} GB on disk")
    return 0


if __name__ == "__main__":
    sys.exit(main())
