"""The WFDB header file (`.hea`): text to `Header` and back.

Source: WFDB Applications Guide, header(5), https://physionet.org/physiotools/wag/header-5.htm.
Fields that decide what the samples mean fail at once. Date, time and whatever follows the number of samples
describe the recording only and are not interpreted: the CinC 2017 headers carry them in the wrong order.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import isfinite
from pathlib import Path, PurePosixPath, PureWindowsPath

import numpy as np

from einthoven.errors import FormatError

DEFAULT_GAIN = 200.0
"""ADC units a physical unit where the gain is absent or 0: header(5), "ADC gain"."""
DEFAULT_FS = 250.0
"""Hz where the sampling frequency is absent: header(5), "sampling frequency"."""
MAX_BYTES = 2**24
"""The longest header that is read: room for some 300 000 segments."""

_INTEGER = re.compile(r"[-+]?\d{1,18}", re.ASCII)
_FORMAT = re.compile(r"(\d{1,9})(?:x(\d{1,9}))?(?::(\d{1,9}))?(?:\+(\d{1,18}))?", re.ASCII)
_GAIN = re.compile(r"([-+]?\d*\.?\d*(?:[eE][-+]?\d+)?)(?:\(([-+]?\d{1,18})\))?(?:/(.*))?", re.ASCII)
_LONGEST_GAIN = 100
_RECORD = re.compile(r"[^\s/,;]+(?:/(\d{1,9}))?[ \t]+(\d{1,9})(?:[ \t].*)?", re.ASCII)
_SEGMENT = re.compile(r"[^\s,;]+[ \t]+\d{1,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class SignalLine:
    """One signal as a header describes it; (sample - baseline) / gain is its value in `units`."""

    file_name: str
    fmt: str = "16"
    samples_per_frame: int = 1
    skew: int = 0
    byte_offset: int = 0
    gain: float = DEFAULT_GAIN
    baseline: int = 0
    units: str = "mV"
    adc_resolution: int = 0
    adc_zero: int = 0
    initial_value: int | None = None
    checksum: int | None = None
    block_size: int = 0
    description: str = ""


@dataclass(frozen=True, slots=True)
class Header:
    """A header file.

    fs : frames a second, Hz
    n_samples : frames in the record, None where the header does not say
    n_signals : what the record line says
    signals : one entry a signal, empty in the master header of a multi-segment record
    segments : name and number of frames of each segment, empty in an ordinary record
    comments : the `#` lines without their sign
    doubts : what is not stated of the units, and what was taken instead
    states_fs : whether the sampling rate is stated, and not the default of WFDB
    """

    name: str
    fs: float
    n_samples: int | None
    n_signals: int
    signals: tuple[SignalLine, ...] = ()
    segments: tuple[tuple[str, int], ...] = ()
    comments: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    states_fs: bool = True


def looks_like_header(text: str) -> bool:
    """Tell whether a text begins with the record line of a header and, after it, a signal or segment line."""
    lines = [line.strip() for line in text.splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")][:2]
    record = _RECORD.fullmatch(lines[0]) if lines else None
    if record is None:
        return False
    if len(lines) == 1:
        return int(record[2]) == 0
    if record[1]:
        return _SEGMENT.fullmatch(lines[1]) is not None
    return _is_signal_line(lines[1]) and _number(lines[1].split()[0]) is None


def read_header(path: Path) -> Header:
    """Read a header file.

    Raises FormatError if it cannot be read, is longer than any header, or is no WFDB header.
    """
    if not path.is_file():
        found = "something else" if path.exists() else "no such file"
        raise FormatError(f"{path}: expected a WFDB header, found {found}")
    if (size := path.stat().st_size) > MAX_BYTES:
        raise FormatError(f"{path}: expected a WFDB header of at most {MAX_BYTES} bytes, found {size}")
    data = path.read_bytes()
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    return parse_header(text, str(path))


def parse_header(text: str, where: str) -> Header:
    """Read a header; `where` names it in messages.

    Raises FormatError if the record line, a format, a gain or the number of lines is not as header(5) says,
    or if a file is named outside the header's folder.
    """
    lines = [line.strip() for line in text.splitlines()]
    comments = tuple(bare for line in lines if line.startswith("#") and (bare := line.strip("# \t")))
    lines = [line for line in lines if line and not line.startswith("#")]
    record = _RECORD.fullmatch(lines[0]) if lines else None
    if record is None:
        found = repr(lines[0][:60]) if lines else "no line"
        raise FormatError(
            f"{where}: expected a WFDB record line 'NAME N_SIGNALS [FS [N_SAMPLES]]', found {found}"
        )
    n_segments, n_signals = int(record[1] or 0), int(record[2])
    fields = lines[0].split()
    doubts: list[str] = []
    fs, n_samples = _sampling(fields[2:], where)
    rest = _expected_lines(lines[1:], n_segments or n_signals, "segment" if n_segments else "signal", where)
    return Header(
        name=fields[0].partition("/")[0],
        fs=fs or DEFAULT_FS,
        n_samples=n_samples,
        n_signals=n_signals,
        signals=() if n_segments else tuple(_signal_line(line, where, doubts) for line in rest),
        segments=tuple(_segment_line(line, where) for line in rest) if n_segments else (),
        comments=comments,
        doubts=tuple(dict.fromkeys(doubts)),
        states_fs=fs is not None,
    )


def format_header(header: Header) -> str:
    """Return the text of a header, every field of a signal line written out."""
    segments = f"/{len(header.segments)}" if header.segments else ""
    length = "" if header.n_samples is None else f" {header.n_samples}"
    lines = [f"{header.name}{segments} {header.n_signals} {_decimal(header.fs)}{length}"]
    lines += [_format_signal(signal) for signal in header.signals]
    lines += [f"{name} {length}" for name, length in header.segments]
    lines += [f"# {comment}" for comment in header.comments]
    return "\n".join(lines) + "\n"


def _sampling(fields: list[str], where: str) -> tuple[float | None, int | None]:
    if not fields:
        return None, None
    fs = _number(fields[0].partition("/")[0])
    if fs is None or not isfinite(fs) or fs <= 0:
        raise FormatError(f"{where}: expected a sampling rate above 0 Hz, found {fields[0]!r}")
    if len(fields) == 1:
        return fs, None
    n_samples = _integer(fields[1])
    if n_samples is None or n_samples < 0:
        raise FormatError(f"{where}: expected the number of samples, found {fields[1]!r}")
    return fs, n_samples or None


def _expected_lines(lines: list[str], n: int, kind: str, where: str) -> list[str]:
    if len(lines) < n or any(_is_signal_line(line) for line in lines[n:]):
        raise FormatError(f"{where}: expected {n} {kind} lines, as the record line says, found {len(lines)}")
    return lines[:n]


def _is_signal_line(line: str) -> bool:
    fields = line.split()
    return len(fields) >= 2 and _FORMAT.fullmatch(fields[1]) is not None


def _signal_line(line: str, where: str, doubts: list[str]) -> SignalLine:
    file_name, rest = _split(line)
    fmt, rest = _split(rest)
    form = _FORMAT.fullmatch(fmt)
    if form is None:
        raise FormatError(f"{where}: expected 'FILE FORMAT ...' in a signal line, found {line[:60]!r}")
    gain, rest = _split(rest)
    gain_value, baseline, units = _gain(gain, where, doubts)
    numbers, description = _leading_integers(rest, 5)
    adc_resolution, adc_zero, initial_value, checksum, block_size = numbers
    return SignalLine(
        file_name=inside_folder(file_name, where),
        fmt=form[1],
        samples_per_frame=int(form[2] or 1) or 1,
        skew=int(form[3] or 0),
        byte_offset=int(form[4] or 0),
        gain=gain_value,
        baseline=(adc_zero or 0) if baseline is None else baseline,
        units=units,
        adc_resolution=adc_resolution or 0,
        adc_zero=adc_zero or 0,
        initial_value=initial_value,
        checksum=checksum,
        block_size=block_size or 0,
        description=description,
    )


def _gain(field: str, where: str, doubts: list[str]) -> tuple[float, int | None, str]:
    # The pattern takes quadratic time to find that it does not fit.
    parts = _GAIN.fullmatch(field) if len(field) <= _LONGEST_GAIN else None
    gain = (_number(parts[1]) if parts[1] else 0.0) if parts else None
    if parts is None or gain is None or not isfinite(gain):
        raise FormatError(
            f"{where}: expected a gain such as '200', '1000/mV' or '200(1024)/mV', found {field[:60]!r}"
        )
    if gain == 0:
        doubts.append(f"the header states no gain: {DEFAULT_GAIN:g} a unit assumed, as WFDB does")
        gain = DEFAULT_GAIN
    return gain, None if parts[2] is None else _integer(parts[2]), parts[3] or "mV"


def _segment_line(line: str, where: str) -> tuple[str, int]:
    if not _SEGMENT.fullmatch(line):
        raise FormatError(f"{where}: expected 'SEGMENT N_SAMPLES', found {line[:60]!r}")
    name, length = line.split()
    return inside_folder(name, where), int(length)


def inside_folder(file_name: str, where: str) -> str:
    """Return the name of a file that a header refers to, spelt in one way: `./a` is `a`.

    Raises FormatError if it is absolute, leads out of the header's folder, or cannot be a file's name.
    """
    for path in (PurePosixPath(file_name), PureWindowsPath(file_name)):
        if path.anchor or ".." in path.parts:
            raise FormatError(
                f"{where}: expected signal files inside the header's folder, found {file_name!r}"
            )
    if "\0" in file_name or file_name in ("", "-"):
        raise FormatError(f"{where}: expected the name of a signal file, found {file_name!r}")
    return str(PurePosixPath(file_name))


def _leading_integers(text: str, n: int) -> tuple[list[int | None], str]:
    numbers: list[int | None] = []
    while len(numbers) < n:
        field, rest = _split(text)
        value = _integer(field)
        if value is None:
            break
        numbers.append(value)
        text = rest
    return numbers + [None] * (n - len(numbers)), text.strip()


def _split(text: str) -> tuple[str, str]:
    field, *rest = text.split(None, 1) or [""]
    return field, rest[0] if rest else ""


def _integer(text: str) -> int | None:
    return int(text) if _INTEGER.fullmatch(text) else None


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _decimal(value: float) -> str:
    return np.format_float_positional(value, trim="-")


def _format_signal(signal: SignalLine) -> str:
    frame = f"x{signal.samples_per_frame}" if signal.samples_per_frame > 1 else ""
    skew = f":{signal.skew}" if signal.skew else ""
    offset = f"+{signal.byte_offset}" if signal.byte_offset else ""
    return (
        f"{signal.file_name} {signal.fmt}{frame}{skew}{offset} "
        f"{_decimal(signal.gain)}({signal.baseline})/{signal.units} "
        f"{signal.adc_resolution} {signal.adc_zero} {signal.initial_value or 0} {signal.checksum or 0} "
        f"{signal.block_size} {signal.description}"
    ).rstrip()
