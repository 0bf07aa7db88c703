"""From leads in millivolts to an item of the Waveform Sequence: 16-bit steps and their sensitivity.

Source: DICOM PS3.3, C.10.9; PS3.16, CID 3001.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import RecordError
from einthoven.formats.mdc import lead_of_name
from einthoven.formats.steps import step_of
from einthoven.record import Record

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

PADDING = -32768
"""Stands for a missing sample."""
_MOST_STEPS = 32767
_COARSEST_UV = 2.0
"""Steps of which rounding takes at most 1 uV."""
_USUAL_UV = (1.0, 5.0, 2.5, 4.88, 10.0, 1.25, 2.0, 0.5, 0.625, 0.1)
"""Steps that many devices have."""
_DS_LENGTH = 16
_DIGITS = range(1, 15)
_LONGEST_LABEL = 16
_MOST_BYTES = 2**32 - 2
_CHUNK = 65536
_FILTERS = (
    ("high_pass_hz", "FilterLowFrequency"),
    ("low_pass_hz", "FilterHighFrequency"),
    ("notch_hz", "NotchFilterFrequency"),
)
_UNSPECIFIED = ("2:0", "Unspecified lead")


@dataclass(frozen=True, slots=True)
class Steps:
    """A lead as it is stored.

    digital : (n_samples,) int16
    sensitivity : uV a step, as a decimal string
    """

    digital: NDArray[np.int16]
    sensitivity: str


def multiplex_item(record: Record, recording: Mapping[str, str], *, is_beat: bool) -> Dataset:
    """Make an item of the Waveform Sequence.

    recording : facts of the recording, for its filters

    Raises RecordError if samples or names of leads do not fit.
    """
    from pydicom.dataset import Dataset
    from pydicom.sequence import Sequence

    if record.n_leads * record.n_samples * 2 > _MOST_BYTES:
        raise RecordError(f"{record.name or 'record'}: expected at most {_MOST_BYTES} bytes of samples, as "
                          f"DICOM does, found {record.n_leads} leads of {record.n_samples}")  # fmt: skip
    leads = [stored_lead(row, name) for row, name in zip(record.signal, record.leads, strict=True)]
    item = Dataset()
    item.MultiplexGroupTimeOffset = "0"
    item.WaveformOriginality = "DERIVED" if is_beat else "ORIGINAL"
    item.NumberOfWaveformChannels = record.n_leads
    item.NumberOfWaveformSamples = record.n_samples
    item.SamplingFrequency = decimal(record.fs)
    item.MultiplexGroupLabel = "MEDIAN BEAT" if is_beat else "RHYTHM"
    item.ChannelDefinitionSequence = Sequence(
        _channel(name, lead.sensitivity, recording) for name, lead in zip(record.leads, leads, strict=True)
    )
    item.WaveformBitsAllocated = 16
    item.WaveformSampleInterpretation = "SS"
    if np.isnan(record.signal).any():
        item.add_new("WaveformPaddingValue", "OW", np.array(PADDING, "<i2").tobytes())
    frames = np.empty((record.n_samples, record.n_leads), "<i2")
    for column, lead in enumerate(leads):
        frames[:, column] = lead.digital
    item.add_new("WaveformData", "OW", frames.tobytes())
    return item


def stored_lead(row: NDArray[np.float32], name: str) -> Steps:
    """Find the steps that hold a lead, without loss if there are any, else as fine as 16 bits allow.

    Raises RecordError if rounding would take more than 1 uV.
    """
    step = _step(row)
    if step is not None:
        return Steps(_digital(row, step), _sensitivity(row, step))
    largest = float(np.nanmax(np.abs(row), initial=0.0))
    uv = 1000 * largest / _MOST_STEPS
    if uv > _COARSEST_UV:
        most = _COARSEST_UV * _MOST_STEPS / 1000
        raise RecordError(f"lead {name}: expected samples of at most {most:g} mV, which 16 bits hold within "
                          f"1 uV, or multiples of one step, found {largest:g} mV")  # fmt: skip
    # Upwards, so that the largest still fits.
    sensitivity = f"{uv * 1.0005:.4g}"
    return Steps(_digital(row, float(sensitivity) / 1000), sensitivity)


def decimal(value: float) -> str:
    """Return a number in at most 16 characters, as exactly as they allow: PS3.5, 6.2, DS.

    >>> decimal(500.0), decimal(1 / 3)
    ('500', '0.33333333333333')
    """
    texts = (f"{value:.{digits}g}" for digits in reversed(range(1, 18)))
    return next(text for text in texts if len(text) <= _DS_LENGTH)


def _step(row: NDArray[np.float32]) -> float | None:
    """Return a step, mV, of which all samples are multiples that 16 bits hold, or None."""
    levels = np.unique(row[~np.isnan(row)])
    found = step_of(row)
    # Few samples have no neighbours that would show their step.
    for step in (found, *(uv / 1000 for uv in _USUAL_UV)):
        if step is not None:
            counts = np.rint(levels.astype(np.float64) / step)
            is_exact = step == found or np.array_equal((counts * step).astype(np.float32), levels)
            if is_exact and np.abs(counts).max(initial=0.0) <= _MOST_STEPS:
                return step
    return None


def _digital(row: NDArray[np.float32], step: float) -> NDArray[np.int16]:
    digital = np.empty(len(row), np.int16)
    for start in range(0, len(row), _CHUNK):
        chunk = slice(start, start + _CHUNK)
        steps = np.rint(row[chunk].astype(np.float64) / step)
        digital[chunk] = np.where(np.isnan(steps), PADDING, steps)
    return digital


def _sensitivity(row: NDArray[np.float32], step: float) -> str:
    """Return a step in uV with as few digits as give back each sample as it is."""
    levels = np.unique(row[~np.isnan(row)])
    counts = np.rint(levels.astype(np.float64) / step)
    texts = [text for digits in _DIGITS if len(text := f"{1000 * step:.{digits}g}") <= _DS_LENGTH]
    for text in texts:
        if np.array_equal((counts * float(text) * 0.001).astype(np.float32), levels):
            return text
    return texts[-1]


def _channel(name: str, sensitivity: str, recording: Mapping[str, str]) -> Dataset:
    from pydicom.dataset import Dataset
    from pydicom.sequence import Sequence

    if not 0 < len(name) <= _LONGEST_LABEL or "\\" in name or not name.isprintable():
        raise RecordError(f"expected names of leads of at most {_LONGEST_LABEL} characters, no backslash, "
                          f"found {name[:60]!r}")  # fmt: skip
    lead = lead_of_name(name)
    code, meaning = (f"2:{lead.number}", _meaning(lead.name)) if lead is not None else _UNSPECIFIED
    channel = Dataset()
    channel.ChannelLabel = name
    channel.ChannelSourceSequence = Sequence([coded(code, "MDC", meaning)])
    channel.ChannelSensitivity = sensitivity
    channel.ChannelSensitivityUnitsSequence = Sequence([coded("uV", "UCUM", "microvolt")])
    channel.ChannelSensitivityCorrectionFactor = "1"
    channel.ChannelBaseline = "0"
    channel.ChannelSampleSkew = "0"
    channel.WaveformBitsStored = 16
    for key, keyword in _FILTERS:
        if (hz := _hertz(recording.get(key, ""))) is not None:
            setattr(channel, keyword, hz)
    return channel


def _hertz(text: str) -> str | None:
    try:
        return decimal(float(text)) if float(text) > 0 else None
    except ValueError:
        return None


def _meaning(name: str) -> str:
    return f"Lead {name}"


def coded(code: str, scheme: str, meaning: str) -> Dataset:
    """Make an item of a code sequence: PS3.3, 8.8."""
    from pydicom.dataset import Dataset

    item = Dataset()
    item.CodeValue = code
    item.CodingSchemeDesignator = scheme
    item.CodeMeaning = meaning
    return item
