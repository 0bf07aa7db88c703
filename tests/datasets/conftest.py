"""Small data sets on disk and in memory, made by hand."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np
import pytest

from einthoven.datasets import Dataset, Entry
from einthoven.record import TWELVE_LEADS, Record

WriteRecording = Callable[[Path, str, int], None]


@pytest.fixture
def write_recording() -> Callable[..., None]:
    """Writes a recording as the CinC 2017 challenge stores it: name.hea, and name.mat with 24 bytes ahead."""

    def write(folder: Path, name: str, n_samples: int = 40) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        samples = (np.arange(n_samples) * 7 - 100).astype("<i2")
        head = np.array([30, 1, n_samples, 0, 4], "<u4").tobytes() + b"val\0"
        (folder / f"{name}.mat").write_bytes(head + samples.tobytes())
        (folder / f"{name}.hea").write_text(
            f"{name} 1 300 {n_samples} 2014-05-16 11:05:25 \n{name}.mat 16+24 1000/mV 16 0 -100 0 0 ECG \n"
        )

    return write


@pytest.fixture
def challenge(tmp_path: Path, write_recording: Callable[..., None]) -> Callable[..., Path]:
    """Makes a CinC 2017 training folder: the recordings named, and a reference of the text given."""

    def make(names: Iterable[str], reference: str, file_name: str = "REFERENCE-v3.csv") -> Path:
        training = tmp_path / "challenge-2017" / "1.0.0" / "training2017"
        training.mkdir(parents=True, exist_ok=True)
        for name in names:
            write_recording(training, name)
        (training / file_name).write_text(reference)
        return training

    return make


@pytest.fixture
def memory_dataset() -> Callable[..., Dataset]:
    """Makes a data set of signals in memory: name -> (n_leads, n_samples)."""

    def make(signals: Mapping[str, object], fs: float = 300.0) -> Dataset:
        arrays = {name: np.atleast_2d(np.asarray(values, np.float32)) for name, values in signals.items()}

        def read(entry: Entry) -> Record:
            signal = arrays[entry.record_id]
            return Record(signal, fs, ("I", "II", "III")[: len(signal)], entry.record_id)

        entries = tuple(
            Entry(
                name,
                ("N",) if number % 2 == 0 else ("A",),
                patient=f"p{number // 2}",
                fold=number,
                source="mem",
            )
            for number, name in enumerate(arrays)
        )
        return Dataset("memory", ("N", "A"), entries, read, ("made by hand",))

    return make


@pytest.fixture
def write_twelve() -> Callable[..., Path]:
    """Writes a recording as the challenge of 2020 stores it, lead k holding k / 1000 mV; gives its header."""

    def write(
        folder: Path,
        name: str,
        dx: str | None = "426783006",
        leads: Iterable[str] = TWELVE_LEADS,
        fs: int = 500,
        n_samples: int = 30,
    ) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        names = list(leads)
        samples = np.repeat(np.arange(len(names), dtype="<i2")[None], n_samples, axis=0)
        head = np.array([30, len(names), n_samples, 0, 4], "<u4").tobytes() + b"val\0"
        (folder / f"{name}.mat").write_bytes(head + samples.tobytes())
        lines = [f"{name} {len(names)} {fs} {n_samples} 12-May-2020 12:33:59"]
        lines += [f"{name}.mat 16+24 1000/mV 16 0 {k} 0 0 {lead}" for k, lead in enumerate(names)]
        lines += ["#Age: 74", "#Sex: Male"] + ([] if dx is None else [f"#Dx: {dx}"])
        header = folder / f"{name}.hea"
        header.write_text("\n".join(lines) + "\n")
        return header

    return write
