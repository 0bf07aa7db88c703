"""Data records to samples, through the `edfio` package; and samples to steps.

The package refuses damaged headers, and takes 24-bit samples apart only all at once. So it is handed some
data records at a time, of the wanted signals only, behind a header that is made here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import RecordError
from einthoven.formats.edf.header import FIELD_CHARACTERS, Header, Signal, encode_header
from einthoven.formats.steps import step_of
from einthoven.formats.units import millivolts

UV_A_MV = 1000.0
_BLOCK_BYTES = 2**20
_LEAST, _MOST = -32768, 32767
_MOST_UV = 9_999_999.0
_RANGES = (32767, 32000, 30000, 25000, 20000, 16384, 16000, 12500, 10000, 8192, 5000, 4096, 2048, 1024)
"""Numbers of steps of which one or another gives limits of few characters."""


def digital_blocks(
    data: bytes, header: Header, signals: Sequence[int]
) -> Iterator[tuple[slice, list[NDArray[np.int16] | NDArray[np.int32]]]]:
    """Decode some signals, some data records at a time; the others are passed over.

    Yields which data records, and of each signal its samples in them, shape (records * samples_per_record,).
    """
    import edfio

    read = edfio.read_bdf if header.is_bdf else edfio.read_edf
    shape = header.n_records, header.record_bytes
    records = np.frombuffer(data, np.uint8, shape[0] * shape[1], offset=header.n_bytes).reshape(shape)
    columns = [header.columns(signal) for signal in signals]
    at_once = max(1, _BLOCK_BYTES // sum(part.stop - part.start for part in columns))
    for start in range(0, header.n_records, at_once):
        block = records[start : start + at_once]
        wanted = np.concatenate([block[:, part] for part in columns], axis=1)
        decoded = read(_header(header, signals, len(block)) + wanted.tobytes())
        yield slice(start, start + len(block)), [signal.digital for signal in decoded.signals]


def _header(header: Header, signals: Sequence[int], n_records: int) -> bytes:
    """Make a header that states only what decides where samples lie."""
    bare = [
        Signal(f"signal {place}", "", "-1", "1", "-1", "1", "", header.signals[signal].samples_per_record)
        for place, signal in enumerate(signals)
    ]
    return encode_header(bare, n_records, "1", is_bdf=header.is_bdf)


@dataclass(frozen=True, slots=True)
class Steps:
    """A lead in steps of 16 bits.

    digital : (n_samples,) int16
    physical : what the least and the most step are in uV, as they are spelt in the header
    digital_limits : the least and the most step, as they are spelt there
    """

    digital: NDArray[np.int16]
    physical: tuple[str, str]
    digital_limits: tuple[str, str] = (str(_LEAST), str(_MOST))


def quantise(lead: NDArray[np.float32]) -> Steps:
    """Turn a lead, (n_samples,) in mV without missing samples, into steps of 16 bits.

    Whole microvolts stay as they are, and so do other steps that the lead has, see `step_of`; otherwise its
    range is divided into 65535 steps.

    Raises RecordError if a sample is beyond 9999.999 mV.
    """
    microvolts = lead.astype(np.float64)
    microvolts *= UV_A_MV
    least, most = float(microvolts.min()), float(microvolts.max())
    if max(-least, most) > _MOST_UV:
        raise RecordError(f"expected samples within {_MOST_UV / UV_A_MV:g} mV, which EDF has room for, "
                          f"found {max(-least, most) / UV_A_MV:g} mV")  # fmt: skip
    if round(least) >= _LEAST and round(most) <= _MOST:
        whole = np.rint(microvolts)
        if np.array_equal((whole * millivolts("uV", "")).astype(np.float32), lead):
            return Steps(whole.astype(np.int16), (str(_LEAST), str(_MOST)))
    own = None if least == most else _in_own_steps(lead, max(-least, most))
    if own is not None:
        return own
    low, high = _limit(least, ROUND_FLOOR), _limit(most, ROUND_CEILING)
    if low == high:
        high = _limit(most + 1.0, ROUND_CEILING)
    gain = (float(high) - float(low)) / (_MOST - _LEAST)
    microvolts /= gain
    microvolts -= float(high) / gain - _MOST
    np.rint(microvolts, out=microvolts)
    np.clip(microvolts, _LEAST, _MOST, out=microvolts)
    return Steps(microvolts.astype(np.int16), (low, high))


def _in_own_steps(lead: NDArray[np.float32], largest_uv: float) -> Steps | None:
    """Return a lead in the steps that it was recorded in, if the header has characters for their limits."""
    step = step_of(lead)
    if step is None:
        return None
    for most in _RANGES:
        limit = f"{most * step * UV_A_MV:.6f}".rstrip("0").rstrip(".")
        if largest_uv > float(limit) or len(limit) >= FIELD_CHARACTERS or not float(limit):
            continue
        gain = 2 * float(limit) / (2 * most)
        digital = np.rint(lead.astype(np.float64) / step)
        if np.array_equal((digital * gain * millivolts("uV", "")).astype(np.float32), lead):
            return Steps(digital.astype(np.int16), (f"-{limit}", limit), (str(-most), str(most)))
    return None


def _limit(microvolts: float, rounding: str) -> str:
    """Spell a limit in at most 8 characters, rounded outwards."""
    for decimals in (3, 2, 1, 0):
        number = Decimal(microvolts).quantize(Decimal(1).scaleb(-decimals), rounding)
        text = f"{number.normalize():f}"
        if len(text) <= FIELD_CHARACTERS:
            break
    return text
