"""The header record of EDF and BDF: what decides the samples is checked, the rest is taken as it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from einthoven.errors import FormatError, RecordError
from einthoven.formats.given import Given

FIXED_BYTES = 256
SIGNAL_BYTES = 256
FIELD_CHARACTERS = 8
"""Of a number."""
EDF_VERSION = b"0".ljust(8)
BDF_VERSION = b"\xffBIOSEMI"
ANNOTATIONS = ("EDF Annotations", "BDF Annotations")
"""Labels of signals that hold text: EDF+, section 2.2.1."""

_FIELDS = (("version", 8), ("patient", 80), ("recording", 80), ("startdate", 8), ("starttime", 8),
           ("n_bytes", 8), ("reserved", 44), ("n_records", 8), ("record_s", 8), ("n_signals", 4))  # fmt: skip
_SIGNAL_FIELDS = (("label", 16), ("transducer", 80), ("dimension", 8), ("physical_min", 8),
                  ("physical_max", 8), ("digital_min", 8), ("digital_max", 8), ("prefiltering", 80),
                  ("samples_per_record", 8), ("reserved", 32))  # fmt: skip
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_MOST_SAMPLES = 10**8
_UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class Signal:
    """What the header says of one signal; limits are as they are spelt: only a kept signal needs them."""

    label: str
    dimension: str
    physical_min: str
    physical_max: str
    digital_min: str
    digital_max: str
    prefiltering: str
    samples_per_record: int

    @property
    def is_annotations(self) -> bool:
        """Whether it holds text."""
        return self.label in ANNOTATIONS

    def gain(self, where: str) -> tuple[float, float]:
        """Return gain and offset; a physical value is (digital + offset) * gain.

        Raises FormatError, naming the signal, if a limit is no number, or if two limits are the same.
        """
        where = f"{where}, signal {self.label!r}"
        low, high = (_number(text, "physical minimum and maximum", where)
                     for text in (self.physical_min, self.physical_max))  # fmt: skip
        bottom, top = (_number(text, "digital minimum and maximum", where)
                       for text in (self.digital_min, self.digital_max))  # fmt: skip
        for what, least, most in (("physical", low, high), ("digital", bottom, top)):
            if least == most:
                raise FormatError(f"{where}: expected a {what} minimum and maximum that differ, as the gain "
                                  f"follows from them, found {least:g} for both")  # fmt: skip
        gain = (high - low) / (top - bottom)
        if not (isfinite(gain) and gain != 0 and isfinite(high / gain)):
            raise FormatError(f"{where}: expected limits that give a gain, found physical {low:g} to "
                              f"{high:g}, digital {bottom:g} to {top:g}")  # fmt: skip
        return gain, high / gain - top


@dataclass(frozen=True, slots=True)
class Header:
    """What an EDF or BDF file is.

    n_bytes : of the header
    n_records : whole data records that the file holds, of those that the header claims
    record_s : seconds a data record
    """

    is_bdf: bool
    patient: str
    recording: str
    startdate: str
    starttime: str
    reserved: str
    n_bytes: int
    n_records: int
    record_s: float
    signals: tuple[Signal, ...]
    warnings: tuple[str, ...] = ()

    @property
    def is_plus(self) -> bool:
        """Whether it is EDF+ or BDF+."""
        return self.reserved[:4] in ("EDF+", "BDF+")

    @property
    def is_discontinuous(self) -> bool:
        """Whether there may be gaps between data records."""
        return self.is_plus and self.reserved[4:5] == "D"

    @property
    def sample_bytes(self) -> int:
        """Bytes a sample."""
        return 3 if self.is_bdf else 2

    @property
    def record_bytes(self) -> int:
        """Bytes a data record."""
        return self.sample_bytes * sum(signal.samples_per_record for signal in self.signals)

    def columns(self, signal: int) -> slice:
        """Return which bytes of a data record are of this signal."""
        start = sum(self.signals[i].samples_per_record for i in range(signal))
        end = start + self.signals[signal].samples_per_record
        return slice(start * self.sample_bytes, end * self.sample_bytes)


def looks_like_edf(head: bytes) -> bool:
    """Tell from a file's first bytes whether it is EDF or BDF, whose size fits the number of signals."""
    if len(head) < FIXED_BYTES or head[:8] not in (EDF_VERSION, BDF_VERSION):
        return False
    size, n_signals = head[184:192].strip(), head[252:256].strip()
    return size.isdigit() and n_signals.isdigit() and int(size) == FIXED_BYTES + SIGNAL_BYTES * int(n_signals)


def read_header(data: bytes, given: Given) -> Header:
    """Read the header and find out how many data records there are.

    Raises FormatError if the number or sizes of signals are damaged or contradict each other or the file,
    RecordError if there is no whole data record.
    """
    where = given.where
    if len(data) < FIXED_BYTES:
        raise FormatError(
            f"{where}: expected a header of at least {FIXED_BYTES} bytes, found {len(data)} bytes"
        )
    version = data[:8]
    if version not in (EDF_VERSION, BDF_VERSION):
        raise FormatError(f"{where}: expected version 0 of EDF or BIOSEMI of BDF, found {version!r}")
    fields, _ = _cut(data, 0, _FIELDS, 1)
    text = {name: values[0] for name, values in fields.items()}
    n_signals = _whole(text["n_signals"], "the number of signals", where)
    if n_signals < 1:
        raise FormatError(f"{where}: expected at least one signal, found {n_signals}")
    given.limits.check("leads", n_signals, where)
    n_bytes = FIXED_BYTES + SIGNAL_BYTES * n_signals
    if text["n_bytes"] not in ("", str(n_bytes)):
        raise FormatError(f"{where}: expected a header of {n_bytes} bytes for {n_signals} signals, "
                          f"found {text['n_bytes']!r}")  # fmt: skip
    if len(data) < n_bytes:
        raise FormatError(f"{where}: expected a header of {n_bytes} bytes, found {len(data)} bytes")
    record_s = _number(text["record_s"], "the duration of a data record in s", where)
    signals = _signals(data, n_signals, where)
    is_bdf = version == BDF_VERSION
    n_records, notes = _measure(len(data) - n_bytes, 3 if is_bdf else 2, signals, text["n_records"], where)
    kept = {name: text[name] for name in ("patient", "recording", "startdate", "starttime", "reserved")}
    return Header(
        is_bdf=is_bdf,
        n_bytes=n_bytes,
        n_records=n_records,
        record_s=record_s,
        signals=signals,
        warnings=notes,
        **kept,
    )


def encode_header(
    signals: Sequence[Signal],
    n_records: int,
    record_s: str,
    *,
    is_bdf: bool = False,
    patient: str = "",
    recording: str = "",
    startdate: str = "01.01.85",
    starttime: str = "00.00.00",
    reserved: str = "",
) -> bytes:
    """Write a header record; texts are of ASCII and no longer than their fields.

    record_s : seconds a data record, as it is to be spelt
    """
    n_signals = len(signals)
    text = {
        "patient": patient,
        "recording": recording,
        "startdate": startdate,
        "starttime": starttime,
        "n_bytes": str(FIXED_BYTES + SIGNAL_BYTES * n_signals),
        "reserved": reserved,
        "n_records": str(n_records),
        "record_s": record_s,
        "n_signals": str(n_signals),
    }
    parts = [BDF_VERSION if is_bdf else EDF_VERSION]
    parts += [text[name].encode("ascii").ljust(size) for name, size in _FIELDS[1:]]
    for name, size in _SIGNAL_FIELDS:
        parts += [str(getattr(signal, name, "")).encode("ascii").ljust(size) for signal in signals]
    return b"".join(parts)


def _cut(
    data: bytes, start: int, fields: tuple[tuple[str, int], ...], count: int
) -> tuple[dict[str, list[str]], int]:
    """Cut fields out of the header: all first ones, then all second ones, and so on."""
    found = {}
    for name, size in fields:
        end = start + size * count
        found[name] = [_text(data[at : at + size]) for at in range(start, end, size)]
        start = end
    return found, start


def _text(field: bytes) -> str:
    """Return a field, which should be ASCII, without the blanks or zeros that fill it."""
    try:
        text = field.decode("utf-8")
    except UnicodeDecodeError:
        text = field.decode("latin-1")
    return "".join(c if c.isprintable() else " " for c in text).strip()


def _signals(data: bytes, n_signals: int, where: str) -> tuple[Signal, ...]:
    fields, _ = _cut(data, FIXED_BYTES, _SIGNAL_FIELDS, n_signals)
    signals = []
    for i in range(n_signals):
        label = fields["label"][i]
        of_signal = f"{where}, signal {label or i + 1!r}"
        n_samples = _whole(fields["samples_per_record"][i], "samples in a data record", of_signal)
        if not 0 <= n_samples <= _MOST_SAMPLES:
            raise FormatError(f"{of_signal}: expected 0 to {_MOST_SAMPLES} samples in a data record, "
                              f"found {n_samples}")  # fmt: skip
        kept = {name: fields[name][i] for name in ("dimension", "physical_min", "physical_max",
                                                   "digital_min", "digital_max", "prefiltering")}  # fmt: skip
        signals.append(Signal(label=label, samples_per_record=n_samples, **kept))
    return tuple(signals)


def _measure(
    size: int, sample_bytes: int, signals: tuple[Signal, ...], claimed: str, where: str
) -> tuple[int, tuple[str, ...]]:
    """Return how many data records to read, and what is said where file and header differ."""
    record_bytes = sample_bytes * sum(signal.samples_per_record for signal in signals)
    if record_bytes == 0:
        raise FormatError(f"{where}: expected samples in a data record, found none")
    there, spare = divmod(size, record_bytes)
    number = _NUMBER.fullmatch(claimed)
    stated = int(float(claimed)) if number and isfinite(float(claimed)) else _UNKNOWN
    if there == 0:
        raise RecordError(f"{where}: expected a data record of {record_bytes} bytes, found {size} bytes")
    if stated <= 0:
        text = f"the header does not say how many data records there are (found {claimed!r}), as where "
        return there, (f"{text}recording was broken off: {there} were found and read",)
    if stated > there:
        return there, (f"expected {stated} data records, found {there} whole ones: the file is cut off; "
                       "what is there was read",)  # fmt: skip
    if stated < there or spare:
        rest = size - stated * record_bytes
        return stated, (f"{rest} bytes follow the {stated} data records of the header: not read",)
    return there, ()


def _number(text: str, what: str, where: str) -> float:
    value = float(text) if _NUMBER.fullmatch(text) else float("nan")
    if not isfinite(value):
        raise FormatError(f"{where}: expected a number as {what}, found {text!r}")
    return value


def _whole(text: str, what: str, where: str) -> int:
    value = _number(text, what, where)
    if not value.is_integer():
        raise FormatError(f"{where}: expected a whole number as {what}, found {text!r}")
    return int(value)
