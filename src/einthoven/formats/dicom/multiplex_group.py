"""Multiplex groups: channels that were sampled together, and from their samples to millivolts.

Source: DICOM PS3.3, C.10.9; PS3.5, 8.3. Differences: samples of 64 bits, which no ECG object may have, and
mu-law and A-law, which are for sound, are refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import FormatError
from einthoven.formats.dicom.channels import Channel, factor_of, read_channels
from einthoven.formats.dicom.data_set import DataSet
from einthoven.formats.dicom.dictionary import words_of
from einthoven.formats.given import Given
from einthoven.record import Signal

_TYPES = {(8, "SB"): "i1", (8, "UB"): "u1", (16, "SS"): "<i2", (16, "US"): "<u2", (32, "SL"): "<i4",
          (32, "UL"): "<u4"}  # fmt: skip
_COMPANDED = {"MB": "mu-law", "AB": "A-law"}
_OF_A_BEAT = re.compile(r"MEDIAN|AVERAGE|TEMPLATE|REPRESENTATIVE|BEAT", re.IGNORECASE)
_CHUNK = 65536


@dataclass(frozen=True, slots=True, eq=False)
class MultiplexGroup:
    """A group as it is described; its samples are read by `read_samples`.

    number : among the groups of the file, from 1
    is_derived : whether it was computed from other waveforms
    offset_s : when it begins, or None where the file does not say
    trigger : its sample that lies at what it was aligned by, from 0, or None
    channels : those that are ECG leads
    others : what the others are
    n_channels : with the others
    """

    data_set: DataSet
    number: int
    label: str
    is_derived: bool
    fs: float
    n_samples: int
    offset_s: float | None
    trigger: int | None
    channels: tuple[Channel, ...]
    others: tuple[str, ...]
    n_channels: int

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.n_samples / self.fs

    @property
    def is_called_a_beat(self) -> bool:
        """Whether its label is that of a median or average beat."""
        return _OF_A_BEAT.search(self.label) is not None

    @property
    def words(self) -> str:
        """What messages call it."""
        return f"group {self.number}{f' ({self.label})' if self.label else ''}"


def read_group(item: DataSet, number: int, given: Given) -> MultiplexGroup:
    """Read what an item of the Waveform Sequence says of its group.

    Raises FormatError if a number is missing or impossible, or beyond the limits.
    """
    n_channels, n_samples = item.integer("NumberOfWaveformChannels"), item.integer("NumberOfWaveformSamples")
    fs = item.number("SamplingFrequency")
    if n_channels < 1 or n_samples < 0 or fs <= 0:
        raise FormatError(f"{item.where}: expected channels, samples and a sampling frequency above 0 Hz, "
                          f"found {n_channels} channels of {n_samples} samples at {fs:g} Hz")  # fmt: skip
    given.limits.check("leads", n_channels, item.where)
    given.limits.check("samples", n_channels * n_samples, item.where)
    channels, others = read_channels(item, n_channels, fs, given)
    offset = item.numbers("MultiplexGroupTimeOffset")
    trigger = item.numbers("TriggerSamplePosition")
    return MultiplexGroup(
        item,
        number,
        " ".join(item.text("MultiplexGroupLabel").split())[:64],
        item.text("WaveformOriginality").upper() == "DERIVED",
        fs,
        n_samples,
        offset[0] / 1000 if offset else None,
        int(trigger[0]) - 1 if trigger else None,
        tuple(channels),
        tuple(others),
        n_channels,
    )


def read_samples(group: MultiplexGroup) -> tuple[Signal, tuple[str, ...]]:
    """Read the samples of a group's leads in mV, shape (n_leads, n_samples), and warnings.

    Padding is missing; a lead that was sampled later than its group by a sample or more is moved by as many.

    Raises FormatError if samples are encoded as no ECG is, or are fewer than stated.
    """
    item = group.data_set
    dtype = _sample_type(item)
    raw = _little_endian(item, "WaveformData")
    need = group.n_channels * group.n_samples * dtype.itemsize
    if len(raw) < need:
        what = f"{group.n_samples} samples of {group.n_channels} channels"
        raise FormatError(f"{item.where}: expected {need} bytes of {words_of('WaveformData')}, for {what}, "
                          f"found {len(raw)}")  # fmt: skip
    frames = np.frombuffer(raw[:need], dtype).reshape(group.n_samples, group.n_channels)
    padding = _padding(item, dtype)
    signal = np.empty((len(group.channels), group.n_samples), np.float32)
    for row, channel in zip(signal, group.channels, strict=True):
        _to_millivolts(frames[:, channel.position], channel, padding, row, item.where)
        _move(row, channel.skew_s * group.fs)
    # One byte may pad an odd number of them.
    more = len(raw) - need
    return signal, (
        f"{group.words}: {more} bytes more than its samples take were not read",
    ) if more > 1 else ()


def _sample_type(item: DataSet) -> np.dtype[Any]:
    bits = item.integer("WaveformBitsAllocated")
    interpretation = item.text("WaveformSampleInterpretation").upper()
    if interpretation in _COMPANDED:
        raise FormatError(f"{item.where}: expected linear samples, found {_COMPANDED[interpretation]} "
                          f"({interpretation}), which is for sound")  # fmt: skip
    if (bits, interpretation) not in _TYPES:
        raise FormatError(f"{item.where}: expected samples of 8 bits (SB, UB), 16 (SS, US) or 32 (SL, UL), "
                          f"found {bits} bits, {interpretation[:16]!r}")  # fmt: skip
    return np.dtype(_TYPES[bits, interpretation])


def _little_endian(item: DataSet, keyword: str) -> memoryview:
    """Return a value's bytes as they are in little-endian files: of OW, 16-bit words are swapped."""
    raw = item.raw(keyword)
    if item.encoding.order == "little" or item.vr(keyword) == "OB":
        return raw
    words = np.frombuffer(raw[: len(raw) // 2 * 2], ">u2").astype("<u2")
    return memoryview(words.tobytes())


def _padding(item: DataSet, dtype: np.dtype[Any]) -> int | None:
    raw = _little_endian(item, "WaveformPaddingValue")
    return int(np.frombuffer(raw[: dtype.itemsize], dtype)[0]) if len(raw) >= dtype.itemsize else None


def _to_millivolts(
    samples: NDArray[Any], channel: Channel, padding: int | None, out: NDArray[np.float32], where: str
) -> None:
    factor = factor_of(channel, where)
    with np.errstate(over="ignore", invalid="ignore"):
        for start in range(0, len(samples), _CHUNK):
            chunk = slice(start, start + _CHUNK)
            # In doubles, and in pydicom's order of operations, so that not the last bit differs.
            values = np.multiply(samples[chunk], channel.sensitivity, dtype=np.float64)
            values *= channel.correction
            values += channel.baseline
            values *= factor
            out[chunk] = values
            if padding is not None:
                out[chunk][samples[chunk] == padding] = np.nan


def _move(row: NDArray[np.float32], samples: float) -> None:
    """Move a lead to when it was sampled: a positive number of samples leaves its beginning missing."""
    n = round(max(-len(row), min(len(row), samples)))
    if n > 0:
        row[n:] = row[: len(row) - n].copy()
        row[:n] = np.nan
    elif n < 0:
        row[:n] = row[-n:].copy()
        row[n:] = np.nan
