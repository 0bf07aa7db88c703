"""What the fuzzer begins with: short simulated recordings, in every format, of as many kinds as there are.

They are written by the product's own writers, and by the encoders of `tests/doubles`, which were made from
the standards and not from the readers.
"""

from __future__ import annotations

import gzip
import io
import re
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import scipy.io
from edf_file import Text, Wave, edf_file, keeping, tal
from wfdb_encoder import write_wfdb as write_in_format

from einthoven.formats import write_wfdb
from einthoven.formats.edf import encode_edf
from einthoven.formats.table import encode_csv
from einthoven.formats.wfdb.annotations import encode_annotations
from einthoven.record import TWELVE_LEADS, Annotation, Record
from einthoven.signal.simulated import simulate
from fuzz.device_seeds import (
    Seeds,
    aecg_seeds,
    dicom_seeds,
    ishne_seeds,
    muse_seeds,
    philips_seeds,
    scp_seeds,
    steps,
)
from fuzz.targets import FILES, SEPARATOR

FS = 250.0
MOST_TOKENS = 400
_WORD = re.compile(rb"[A-Za-z_][A-Za-z0-9_.:-]{2,40}")
_FORMATS = ("8", "16", "24", "32", "61", "80", "160", "212", "310", "311")


def write_seeds(name: str, folder: Path) -> Path:
    """Write the seeds of a format into a folder of their own, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind, data in SEEDS[name]().items():
        (folder / kind).write_bytes(data)
    return folder


def write_tokens(name: str, path: Path) -> Path:
    """Write the words of a format's seeds as a dictionary for the fuzzer, the short ones first."""
    words = {word for data in SEEDS[name]().values() for word in _WORD.findall(data)}
    chosen = sorted(words, key=lambda word: (len(word), word))[:MOST_TOKENS]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f'"{word.decode()}"\n' for word in chosen))
    return path


@cache
def recording(leads: Sequence[str] = ("I", "II"), duration_s: float = 0.6) -> Record:
    """Return a simulated recording with all that a record can hold beside its samples."""
    made = simulate("normal", duration_s=duration_s, fs=FS, leads=leads, seed=1)
    marks = Annotation(np.array([5, 9, 40]), ("N", "V", "+"), ("", "", "(AFIB"))
    return Record(
        signal=np.round(made.signal, 3),
        fs=FS,
        leads=leads,
        name="x",
        annotations=marks,
        patient={"id": "7", "name": "Anna Müller", "age": "52", "sex": "female", "birth_date": "1950-01-31"},
        recording={"recorded_at": "2002-11-22T09:10:00", "manufacturer": "Einthoven & Co", "device": "CART"},
        statements=("Sinus rhythm", "Normal ECG"),
        comments=("a remark",),
        representative_beat=Record(made.signal[:, :20], FS, leads),
    )


def edf_seeds() -> Seeds:
    """Return EDF and BDF files, with annotations, gaps and several rates."""
    rows = steps(["I", "II"], 24).tolist()
    halves = [(row[:12], row[12:]) for row in rows]
    waves = [Wave("ECG I", halves[0]), Wave("ECG II", halves[1], prefiltering="HP:0.05Hz LP:150Hz N:50Hz")]
    times = Text(keeping("+0", "+1"))
    noted = Text(
        [tal("+0", "") + tal("+0.5", "Sinus rhythm", duration="1"), tal("+1", "") + tal("+1.25", "N")]
    )
    gaps = Text(keeping("+0", "+7.5"))
    known = {"patient": "MCH-7 F 31-JAN-1950 Anna_Mueller", "recording": "Startdate 02-MAR-2020 X T CART"}
    return {
        "written": encode_edf(recording()),
        "plain": edf_file(*waves),
        "continuous": edf_file(*waves, times, reserved="EDF+C", **known),
        "noted": edf_file(waves[0], noted, reserved="EDF+C"),
        "gaps": edf_file(*waves, gaps, reserved="EDF+D"),
        "bdf": edf_file(*waves, bdf=True),
        "bdf-gaps": edf_file(waves[1], gaps, bdf=True, reserved="BDF+D", **known),
        "rates": edf_file(waves[0], Wave("ECG V5", (rows[1][:4], rows[1][4:8])), record_s=0.1),
        "others": edf_file(waves[0], Wave("SpO2", ((7,), (7,)), "%"), Wave("EEG Fz", ((9,), (9,)))),
        "length-unknown": edf_file(*waves, n_records=-1),
    }


def wfdb_seeds() -> Seeds:
    """Return WFDB records in every sample format, of several segments, and compressed."""
    rows = steps(["I", "II"], 24, microvolts=25.0).T.tolist()
    frames = [[[first], [second]] for first, second in rows]
    wide = [[[first, second], [first]] for first, second in rows]
    seeds = {f"format-{fmt}": _files_of_format(fmt, frames) for fmt in _FORMATS}
    seeds["several-a-frame"] = _files_of_format("212", wide, skews=[0, 2])
    seeds["offset"] = _files_of_format("16", frames, offset=24)
    with TemporaryDirectory() as folder:
        write_wfdb(recording(), folder, gain=200)
        seeds["written"] = _joined(Path(folder))
    a, b = (_files_of_format("16", frames[:12], name=name).split(SEPARATOR)[:2] for name in "ab")
    layout = b"layout 2 100 0\n~ 0 200(3)/mV 0 0 0 0 0 lead0\n~ 0 200(3)/mV 0 0 0 0 0 lead1\n"
    seeds["segments"] = SEPARATOR.join((b"x/3 2 100 36\na 12\n~ 12\nb 12\n", b"", b"", *a, *b))
    seeds["layout"] = SEPARATOR.join(
        (b"x/4 2 100 36\nlayout 0\na 12\n~ 12\nb 12\n", b"", b"", *a, *b, layout)
    )
    seeds["compressed"] = _compressed(np.array(rows, np.int16))
    return seeds


def annotation_seeds() -> Seeds:
    """Return annotation files: plain, with a rate of their own, with long gaps, and with own symbols."""
    marks = recording().annotations
    assert marks is not None
    far = Annotation(np.array([5, 2**20, 2**33]), ("N", "L", "~"), ("", "a note", ""))
    own = Annotation(
        np.array([0, 0, 0, 7]),
        ('"', '"', '"', "N"),
        ("## annotation type definitions", "42 x own", "## end of definitions", ""),
    )
    channels = b"".join(
        word.to_bytes(2, "little") for word in (1 << 10 | 5, 60 << 10 | 2, 61 << 10 | 1, 62 << 10, 0)
    )
    return {
        "plain": encode_annotations(marks),
        "rate": encode_annotations(marks, 360.0),
        "far": encode_annotations(far),
        "own-symbols": encode_annotations(own, 128.5),
        "channels": channels,
    }


def mat_seeds() -> Seeds:
    """Return MATLAB files of version 4 and 5, with a matrix and with CPSC 2018's structure."""
    rows = steps(["I", "II"], 40)
    twelve = steps(TWELVE_LEADS, 14).astype(np.float64) / 200
    challenge = {"ECG": {"sex": "Male", "age": 52.0, "data": twelve}}
    return {
        "matrix": _mat({"val": rows.astype(np.int16)}),
        "matrix-compressed": _mat({"val": rows.astype(np.int16), "fs": 250.0}, do_compression=True),
        "doubles": _mat(
            {"signal": rows / 200, "Fs": 250.0, "note": "a text", "cells": np.array([[1]], object)}
        ),
        "version-4": _mat({"val": rows.astype(np.int16)}, format="4"),
        "structure": _mat(challenge),
        "structure-compressed": _mat(challenge, do_compression=True),
    }


def npy_seeds() -> Seeds:
    """Return NumPy files: one array, and archives of several."""
    rows = steps(["I", "II"], 40)
    archive = {
        "signal": rows / 200,
        "fs": np.array(250),
        "units": np.array("mV"),
        "leads": np.array(["I", "II"]),
    }
    return {
        "integers": _npy(rows.astype(np.int16)),
        "columns": _npy(np.asfortranarray(rows.T / 200)),
        "one-dimension": _npy(rows[0].astype(">f4")),
        "times": _npy(np.stack([np.arange(40) / 250, rows[0] / 200])),
        "archive": _npz(np.savez, archive),
        "archive-compressed": _npz(np.savez_compressed, archive),
        "archive-of-one": _npz(np.savez, {"ecg": rows.astype(np.int32)}),
    }


def csv_seeds() -> Seeds:
    """Return tables with other separators, headings, and without any."""
    rows = (steps(["I", "II"], 30) / 200).T
    seconds = np.arange(30) / 250
    plain = "".join(f"{first:.3f},{second:.3f}\n" for first, second in rows)
    german = "".join(
        f"{t:.3f};{one:.2f};{two:.2f}\n".replace(".", ",")
        for t, (one, two) in zip(seconds, rows, strict=True)
    )
    tabs = "".join(f"{t * 1000:g}\t{one * 1000:g}\t\n" for t, (one, _) in zip(seconds, rows, strict=True))
    blanks = "".join(f"{i} {one:.2f} {two:.2f}\n" for i, (one, two) in enumerate(rows))
    quoted = "".join(f"{i},nan,{i % 7}\n" for i in range(20))
    return {
        "written": encode_csv(recording()),
        "bare": plain.encode(),
        "headed": f"I,II\n{plain}".encode(),
        "semicolons": f"\ufefftime;I;II (mV)\n{german}".encode(),
        "tabs": f"# a remark\nt (ms)\tII (uV)\t\n{tabs}".encode(),
        "blanks": blanks.encode(),
        "quoted": f'"sample","I [mV]","V1 [mV]"\n{quoted}'.encode(),
    }


def gzip_seeds() -> Seeds:
    """Return packed files, of one member and of several."""
    table, edf = encode_csv(recording(("II",))), encode_edf(recording(("II",)))
    named = io.BytesIO()
    with gzip.GzipFile("x.csv", "wb", fileobj=named, mtime=0) as stream:
        stream.write(table)
    return {
        "csv": gzip.compress(table, mtime=0),
        "named": named.getvalue(),
        "two-members": gzip.compress(table[:200], mtime=0) + gzip.compress(table[200:], mtime=0),
        "padded": gzip.compress(table, mtime=0) + bytes(20),
        "edf": gzip.compress(edf, mtime=0),
        "scp": gzip.compress(scp_seeds()["plain"], mtime=0),
        "npz": gzip.compress(npy_seeds()["archive"], mtime=0),
    }


def _files_of_format(
    fmt: str, frames: Sequence[Sequence[Sequence[int]]], name: str = "x", **options: Any
) -> bytes:
    with TemporaryDirectory() as folder:
        write_in_format(Path(folder), fmt, frames, name=name, **options)
        return _joined(Path(folder), name)


def _joined(folder: Path, name: str = "x") -> bytes:
    """Return the files of a record as one input: see `fuzz.targets.FILES`."""
    paths = [folder / file.replace("x.", f"{name}.") for file in FILES[:3]]
    parts = [path.read_bytes() if path.exists() else b"" for path in paths]
    return SEPARATOR.join(parts if parts[2] else parts[:2])


def _compressed(samples: np.ndarray) -> bytes:
    """Return a record in format 516, which is FLAC."""
    import soundfile

    stream = io.BytesIO()
    soundfile.write(stream, samples, 250, format="FLAC", subtype="PCM_16")
    lines = "".join(f"x.dat 516 200/mV 0 0 0 0 0 {lead}\n" for lead in ("I", "II"))
    return SEPARATOR.join((f"x 2 250 {len(samples)}\n{lines}".encode(), stream.getvalue()))


def _mat(variables: dict[str, Any], **options: Any) -> bytes:
    stream = io.BytesIO()
    scipy.io.savemat(stream, variables, **options)
    return stream.getvalue()


def _npy(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def _npz(save: Callable[..., None], arrays: dict[str, np.ndarray]) -> bytes:
    stream = io.BytesIO()
    save(stream, **arrays)
    return stream.getvalue()


SEEDS: dict[str, Callable[[], Seeds]] = {
    "edf": edf_seeds,
    "dicom": lambda: dicom_seeds(recording()),
    "aecg": lambda: aecg_seeds(recording()),
    "muse": muse_seeds,
    "philips": philips_seeds,
    "scp": scp_seeds,
    "ishne": ishne_seeds,
    "mat": mat_seeds,
    "npy": npy_seeds,
    "csv": csv_seeds,
    "gzip": gzip_seeds,
    "wfdb": wfdb_seeds,
    "annotations": annotation_seeds,
}
"""The seeds by the name of their format."""
