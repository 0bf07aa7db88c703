"""ISHNE Holter recordings, version 1.0: a header of 522 bytes, a free block, and multiplexed 16-bit samples.

Source: F. Badilini, 1998, Annals of Noninvasive Electrocardiology 3, 263-266,
doi:10.1111/j.1542-474X.1998.tb00353.x. Numbers are little-endian; -9 stands for what is not known.
Differences: the number of samples may be that of one lead or of all, as both are found; leads VR, VL and VF
are taken as the augmented ones, as recorders mean them. The format has no value for a missing sample.
"""

from __future__ import annotations

import datetime
from binascii import crc_hqx
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import FormatError, RecordError
from einthoven.formats.given import Given
from einthoven.record import Record

_MAGIC = b"ISHNE1.0"
_ANNOTATIONS_MAGIC = b"ANN  1.0"
_HEADER = np.dtype(
    [
        ("magic", "S8"),
        ("checksum", "<u2"),
        *((name, "<i4") for name in ("block_bytes", "n_samples", "block_at", "samples_at")),
        ("version", "<i2"),
        ("first_name", "S40"),
        ("last_name", "S40"),
        ("id", "S20"),
        ("sex", "<i2"),
        ("race", "<i2"),
        *((name, "<i2", 3) for name in ("birth_date", "record_date", "file_date", "start_time")),
        ("n_leads", "<i2"),
        *((name, "<i2", 12) for name in ("leads", "qualities", "resolutions")),
        ("pacemaker", "<i2"),
        ("recorder", "S40"),
        ("fs", "<i2"),
        ("proprietary", "S80"),
        ("copyright", "S80"),
        ("reserved", "S88"),
    ]
)
"""Dates are day, month and year, the time hour, minute and second, resolutions nV a step."""
_CRC_FROM = 10
_CRC_START = 0xFFFF
_MOST_LEADS = 12
_UNKNOWN = -9
_NANOVOLTS = 1e6
"""In a millivolt."""
_CHUNK = 2**20
_MOST_TEXT = 2**16
"""Bytes of the free block that are looked at."""

_LEADS: Mapping[int, str] = MappingProxyType(
    dict(
        enumerate(
            (
                *("X", "Y", "Z", "I", "II", "III", "aVR", "aVL", "aVF"),
                *("V1", "V2", "V3", "V4", "V5", "V6", "ES", "AS", "AI"),
            ),
            2,
        )
    )
)
"""Table 1; 0 is an unknown lead, 1 a generic bipolar one."""
_QUALITIES: Mapping[int, str] = MappingProxyType(
    {
        2: "intermittent noise",
        3: "frequent noise",
        4: "intermittent disconnection",
        5: "frequent disconnection",
    }
)
_SEXES: Mapping[int, str] = MappingProxyType({1: "male", 2: "female"})
_RACES: Mapping[int, str] = MappingProxyType({1: "Caucasian", 2: "Black", 3: "Oriental"})
_PACEMAKERS: Mapping[int, str] = MappingProxyType(
    {
        0: "none",
        1: "of unknown type",
        2: "single chamber, unipolar",
        3: "dual chamber, unipolar",
        4: "single chamber, bipolar",
        5: "dual chamber, bipolar",
    }
)


def looks_like_ishne(head: bytes) -> bool:
    """Tell whether a file is an ISHNE Holter recording, or the marks of its beats, from its first bytes."""
    return head.startswith((_MAGIC, _ANNOTATIONS_MAGIC)) and b"\0" in head


def read_ishne(data: bytes, given: Given) -> Record:
    """Read an ISHNE Holter recording.

    Raises FormatError if the header is cut or impossible, or if there are fewer samples than it states;
    RecordError if the file holds marks of beats and no samples, if the sampling rate or the unit is not the
    one given, a lead asked for is not there, or a lead's name is not known and the caller is strict.
    """
    header = _read_header(data, given)
    n_leads, samples_at = int(header["n_leads"]), int(header["samples_at"])
    names, lead_warnings = _leads(header, n_leads, given)
    fs = _rate(int(header["fs"]), given)
    n_samples, size_warnings = _measure(int(header["n_samples"]), n_leads, len(data) - samples_at, given)
    given.limits.check("samples", n_samples * n_leads, given.where)
    frames = np.frombuffer(data, "<i2", n_samples * n_leads, samples_at).reshape(n_samples, n_leads)
    patient, recording, fact_warnings = _facts(header)
    texts = [header["proprietary"], header["copyright"], header["reserved"]]
    texts.append(data[_HEADER.itemsize : min(samples_at, _HEADER.itemsize + _MOST_TEXT)])
    record = Record(
        signal=_millivolts(frames, header["resolutions"][:n_leads].tolist()),
        fs=fs,
        leads=names,
        name=given.name,
        path=given.path,
        patient=MappingProxyType(patient),
        recording=MappingProxyType(recording),
        comments=tuple(line for raw in texts for line in _text(raw).splitlines() if line.strip()),
        warnings=(*_checksum_warnings(header, data), *lead_warnings, *size_warnings, *fact_warnings),
    )
    return record.select(given.leads) if given.leads is not None else record


def _read_header(data: bytes, given: Given) -> np.void:
    where = given.where
    if data.startswith(_ANNOTATIONS_MAGIC):
        raise RecordError(
            f"{where}: expected a recording, found an ISHNE annotation file, which holds marks of beats and "
            "no samples: read the recording that it belongs to"
        )
    if not data.startswith(_MAGIC) or len(data) < _HEADER.itemsize:
        raise FormatError(
            f"{where}: expected {_HEADER.itemsize} bytes that begin with ISHNE1.0, "
            f"found {len(data)} that begin with {data[:8]!r}"
        )
    header: np.void = np.frombuffer(data, _HEADER, 1)[0]
    n_leads, samples_at = int(header["n_leads"]), int(header["samples_at"])
    if not 1 <= n_leads <= _MOST_LEADS:
        raise FormatError(f"{where}: expected 1 to {_MOST_LEADS} leads, found {n_leads}")
    if not _HEADER.itemsize <= samples_at <= len(data):
        raise FormatError(
            f"{where}: expected samples from byte {_HEADER.itemsize} to {len(data)}, "
            f"found them at byte {samples_at}"
        )
    return header


def _checksum_warnings(header: np.void, data: bytes) -> tuple[str, ...]:
    """Compare the checksum of the header and the free block; 0 counts as not stated."""
    warnings: tuple[str, ...] = ()
    stated, samples_at = int(header["checksum"]), int(header["samples_at"])
    found = crc_hqx(data[_CRC_FROM:samples_at], _CRC_START)
    if stated not in (0, found):
        warnings = (f"expected checksum {stated:04X} of the header, found {found:04X}",)
    expected = _HEADER.itemsize + max(0, int(header["block_bytes"]))
    if samples_at != expected:
        warnings += (
            f"expected samples at byte {expected}, after the free block, found them at {samples_at}",
        )
    return warnings


def _leads(header: np.void, n_leads: int, given: Given) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return names, and warnings of what is not known or was noisy."""
    given.agree_units("nV")
    names: list[str] = []
    warnings: list[str] = []
    rows = zip(
        *(header[field][:n_leads].tolist() for field in ("leads", "qualities", "resolutions")), strict=True
    )
    for number, (code, quality, resolution) in enumerate(rows, 1):
        name = _LEADS.get(code, "")
        if not name or name in names:
            what = {0: "an unknown one", 1: "a bipolar one"}.get(code, f"the code {code}")
            found = f"{name} for the second time" if name else what
            name = f"lead {number}"
            warnings.append(given.doubt(f"{name}: expected the name of a lead, found {found}"))
        if resolution <= 0:
            raise FormatError(f"{given.where}: {name}: expected a resolution above 0 nV, found {resolution}")
        if quality in _QUALITIES:
            warnings.append(f"{name}: the recorder found {_QUALITIES[quality]}")
        names.append(name)
    return tuple(names), tuple(warnings)


def _rate(fs: int, given: Given) -> float:
    if fs > 0:
        given.agree_fs(fs)
        return float(fs)
    if given.fs is None:
        raise RecordError(
            f"{given.where}: expected a sampling rate above 0 Hz, found {fs}: pass fs= "
            "(on the command line --fs)"
        )
    return given.fs


def _measure(stated: int, n_leads: int, n_bytes: int, given: Given) -> tuple[int, tuple[str, ...]]:
    """Return the samples of a lead, and a warning where the file does not hold what the header states.

    Between the two meanings of what is stated, nobody can tell whether a file is too short: it is read.
    """
    there, of_all = n_bytes // (2 * n_leads), stated // n_leads
    expected = f"expected {stated} samples of {n_leads} leads, found {there} a lead in {n_bytes} bytes"
    if there == 0 or 0 < there < of_all:
        raise FormatError(f"{given.where}: {expected}: the file is truncated")
    if there == stated or there * n_leads == stated:
        return there, ()
    if 0 < stated < there:
        return stated, (f"{expected}: the rest was not read",)
    return there, (f"{expected}: all of them were read",)


def _millivolts(frames: NDArray[np.int16], resolutions: list[int]) -> NDArray[np.float32]:
    """Return (n_leads, n_samples) from (n_samples, n_leads), rounded once, without a copy in doubles."""
    signal = np.empty((frames.shape[1], frames.shape[0]), np.float32)
    for row, steps, resolution in zip(signal, frames.T, resolutions, strict=True):
        for start in range(0, len(row), _CHUNK):
            part = slice(start, start + _CHUNK)
            row[part] = steps[part].astype(np.float64) * resolution / _NANOVOLTS
    return signal


def _facts(header: np.void) -> tuple[dict[str, str], dict[str, str], tuple[str, ...]]:
    """Return what is stated of the patient and of the recording, and warnings."""
    warnings: list[str] = []
    born = _date(header["birth_date"].tolist(), "birth", warnings)
    recorded = _date(header["record_date"].tolist(), "recording", warnings)
    hour, minute, second = header["start_time"].tolist()
    if recorded and not hour == minute == second == _UNKNOWN:
        try:
            recorded += f"T{datetime.time(hour, minute, second).isoformat()}"
        except ValueError:
            warnings.append(f"expected a time of recording, found {hour}:{minute}:{second}")
    patient = {
        "id": _text(header["id"]),
        "name": f"{_text(header['first_name'])} {_text(header['last_name'])}".strip(),
        "birth_date": born,
        "sex": _SEXES.get(int(header["sex"]), ""),
        "race": _RACES.get(int(header["race"]), ""),
    }
    recording = {
        "recorded_at": recorded,
        "device": _text(header["recorder"]),
        "pacemaker": _PACEMAKERS.get(int(header["pacemaker"]), ""),
    }
    return _stated(patient), _stated(recording), tuple(warnings)


def _stated(facts: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in facts.items() if value}


def _date(fields: list[int], what: str, warnings: list[str]) -> str:
    day, month, year = fields
    if day == month == year and day in (_UNKNOWN, 0):
        return ""
    try:
        return datetime.date(year, month, day).isoformat()
    except ValueError:
        warnings.append(f"expected a date of {what}, found day {day}, month {month}, year {year}")
        return ""


def _text(raw: bytes) -> str:
    """Return a text up to its first null; empty if it is no text, as the free block may be anything."""
    raw = raw.split(b"\0", 1)[0]
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return text.strip() if all(c.isprintable() or c in "\r\n\t" for c in text) else ""
