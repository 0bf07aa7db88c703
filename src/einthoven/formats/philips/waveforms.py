"""The samples of a Philips document: `parsedwaveforms` and `repbeats`, as steps and in millivolts."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import FormatError
from einthoven.formats.given import Given
from einthoven.formats.philips.encoding import decode_bytes, decode_words
from einthoven.formats.philips.facts import text_of
from einthoven.formats.philips.labels import labels_of_acquisition
from einthoven.formats.philips.xli import decode_xli, restore_limb_leads
from einthoven.record import TWELVE_LEADS, Signal

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MICROVOLTS_A_MILLIVOLT = 1000.0
_SIGNAL = "dataacquisition/signalcharacteristics"
_LIMB = TWELVE_LEADS[:6]
_MISSING = 32767
_PLAUSIBLE_UV = (0.01, 100.0)
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Waveforms:
    """Leads of one rate.

    digital : (n_leads, n_samples) int32, steps; zero is 0 mV
    fs : Hz
    step_uv : microvolts a step
    labels : as the document spells them
    """

    digital: NDArray[np.int32]
    fs: float
    step_uv: float
    labels: tuple[str, ...]
    warnings: tuple[str, ...] = ()

    @property
    def millivolts(self) -> Signal:
        """The samples, rounded once."""
        signal = np.empty(self.digital.shape, np.float32)
        with np.errstate(over="ignore"):
            for out, row in zip(signal, self.digital, strict=True):
                out[:] = row * self.step_uv / MICROVOLTS_A_MILLIVOLT
        return signal


def read_waveforms(root: Element, element: Element, given: Given) -> Waveforms:
    """Read all leads of `parsedwaveforms`.

    What its attributes state goes before `signalcharacteristics`, which tells of the acquisition only.

    Raises FormatError if samples, sampling rate, resolution or labels are missing or damaged, or more than
    the limits allow; RecordError if sampling rate or units are not the ones given, or if the number of
    samples is not the stated one and the caller is strict.
    """
    where = given.where
    fs = _positive(element.get("samplespersecond") or text_of(root.find(f"{_SIGNAL}/samplingrate")),
                   "samples per second", where)  # fmt: skip
    given.agree_fs(fs)
    given.agree_units("uV")
    step_uv = _positive(_resolution(root, element), "a resolution in uV", where)
    bits = element.get("bitspersample") or element.get("nbitspersample") or "16"
    if bits.strip() != "16":
        raise FormatError(f"{where}, {element.tag}: expected 16 bits a sample, found {bits!r:.40}")
    labels = _labels(root, element, given)
    digital = _digital(root, element, labels, given)
    notes = _doubts(element, digital.shape[1], fs, step_uv, given)
    return Waveforms(digital, fs, step_uv, labels, notes)


def read_beats(element: Element, given: Given) -> Waveforms:
    """Read `repbeats`: one beat a lead; 32767 is no sample.

    Samples after the last one of any lead are cut off; elsewhere they stay 32767.

    Raises FormatError if rate or resolution are not stated, as in version 1.03, or if samples are damaged.
    """
    where = f"{given.where}, repbeats"
    if element.get("compression"):
        raise FormatError(f"{where}: expected uncompressed beats, found {element.get('compression')!r:.40}")
    fs = _positive(element.get("samplespersec"), "samples per second", where)
    step_uv = _positive(element.get("resolution"), "a resolution in uV", where)
    beats = element.findall("repbeat")
    given.limits.check("leads", len(beats), where)
    encoding = element.get("dataencoding", "")
    rows = [decode_words(beat if (inner := beat.find("waveform")) is None else inner, encoding, True, where)
            for beat in beats]  # fmt: skip
    if not rows or len({len(row) for row in rows}) > 1:
        raise FormatError(
            f"{where}: expected beats of the same length, found {[len(row) for row in rows]!s:.60}"
        )
    digital = np.array(rows)
    there = np.flatnonzero((digital != _MISSING).any(axis=0))
    if not len(there):
        raise FormatError(f"{where}: expected samples, found none")
    labels = tuple(beat.get("leadname", "").strip() for beat in beats)
    return Waveforms(digital[:, : there[-1] + 1], fs, step_uv, labels)


def with_gaps(beats: Waveforms) -> Signal:
    """Return representative beats in mV, NaN where no sample is."""
    signal = beats.millivolts
    signal[beats.digital == _MISSING] = np.nan
    return signal


def cut(waveforms: Waveforms, n_samples: int) -> Waveforms:
    """Return the first samples only."""
    return replace(waveforms, digital=waveforms.digital[:, :n_samples])


def _resolution(root: Element, element: Element) -> str:
    places = (f"{_SIGNAL}/resolution", f"{_SIGNAL}/signalresolution")
    stated = (element.get("resolution"), *(text_of(root.find(place)) for place in places))
    return next(filter(None, stated), "")


def _positive(text: str | None, what: str, where: str) -> float:
    stripped = (text or "").strip()
    value = float(stripped) if _NUMBER.fullmatch(stripped) else 0.0
    if not (value > 0 and isfinite(value)):
        raise FormatError(f"{where}: expected {what}, found {stripped!r:.40}")
    return value


def _whole(text: str | None, what: str, where: str) -> int | None:
    stripped = (text or "").strip()
    if not stripped:
        return None
    if not (stripped.lstrip("+-").isdecimal() and stripped.isascii() and len(stripped) < 10):
        raise FormatError(f"{where}: expected a whole number as {what}, found {stripped!r:.40}")
    return int(stripped)


def _labels(root: Element, element: Element, given: Given) -> tuple[str, ...]:
    labels = tuple((element.get("leadlabels") or "").split())
    n_stated = _whole(element.get("numberofleads"), "the number of leads", given.where)
    if not labels:
        n_channels = n_stated or _whole(text_of(root.find(f"{_SIGNAL}/numberchannelsallocated")),
                                        "the number of channels", given.where)  # fmt: skip
        acquisition = text_of(root.find(f"{_SIGNAL}/acquisitiontype"))
        return labels_of_acquisition(acquisition, n_channels or 0, given.where)
    given.limits.check("leads", len(labels), given.where)
    if n_stated is not None and not 0 < n_stated <= len(labels):
        raise FormatError(
            f"{given.where}, {element.tag}: expected labels of {n_stated} leads, found {len(labels)}"
        )
    return labels[:n_stated]


def _digital(root: Element, element: Element, labels: tuple[str, ...], given: Given) -> NDArray[np.int32]:
    where = given.where
    compression = _compression(element)
    encoding = element.get("dataencoding", "")
    signed = (element.get("signalsigned") or text_of(root.find(f"{_SIGNAL}/signalsigned"))) != "False"
    offset = _whole(element.get("signaloffset") or text_of(root.find(f"{_SIGNAL}/signaloffset")),
                    "the signal's offset", where)  # fmt: skip
    if compression == "XLI":
        digital = _from_xli(element, encoding, labels, given)
    elif compression:
        raise FormatError(
            f"{where}, {element.tag}: expected compression XLI or none, found {compression!r:.40}"
        )
    else:
        digital = _from_words(decode_words(element, encoding, signed, where), element, len(labels), given)
    if digital.size == 0:
        raise FormatError(f"{where}, {element.tag}: expected samples of {len(labels)} leads, found none")
    return digital - (offset or 0)


def _compression(element: Element) -> str:
    if element.get("compressflag") == "False":
        return ""
    return (element.get("compression") or element.get("compressmethod") or "").strip()


def _from_xli(element: Element, encoding: str, labels: tuple[str, ...], given: Given) -> NDArray[np.int32]:
    where = f"{given.where}, {element.tag}"
    rows = decode_xli(
        decode_bytes(element, encoding, given.where), len(labels), given.limits.unpacked_bytes, where
    )
    lengths = [len(row) for row in rows]
    if len(set(lengths)) > 1:
        raise FormatError(f"{where}: expected leads of one length, found {lengths!s:.80}")
    given.limits.check("samples", sum(lengths), where)
    digital = np.array(rows, np.int32)
    if labels[:6] == _LIMB:
        digital[2:6] = restore_limb_leads(digital[0], digital[1], tuple(digital[2:6]))
    elif computed := [label for label in labels if label.lstrip("-") in _LIMB[2:]]:
        raise FormatError(
            f"{where}: expected the leads {', '.join(_LIMB)} first, as XLI stores the last four as "
            f"differences from the computed ones, found {', '.join(computed)} among {' '.join(labels)}"
        )
    return digital


def _from_words(words: NDArray[np.int32], element: Element, n_leads: int, given: Given) -> NDArray[np.int32]:
    given.limits.check("samples", len(words), given.where)
    if len(words) % n_leads:
        raise FormatError(f"{given.where}, {element.tag}: expected samples of {n_leads} leads, "
                          f"found {len(words)} samples")  # fmt: skip
    return words.reshape(n_leads, -1)


def _doubts(element: Element, n_samples: int, fs: float, step_uv: float, given: Given) -> tuple[str, ...]:
    notes = []
    duration_ms = _whole(element.get("durationperchannel"), "the duration in ms", given.where)
    if duration_ms is not None and abs(n_samples - duration_ms * fs / 1000) >= 1:
        text = (
            f"expected {duration_ms * fs / 1000:g} samples a lead at {fs:g} Hz, found {n_samples}: check fs"
        )
        notes.append(given.doubt(text))
    if not _PLAUSIBLE_UV[0] <= step_uv <= _PLAUSIBLE_UV[1]:
        notes.append(given.doubt(f"a resolution of {step_uv:g} is implausible in uV, which the format has"))
    return tuple(notes)
