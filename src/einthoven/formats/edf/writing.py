"""A Record as an EDF+C file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import RecordError
from einthoven.formats.edf.annotations import MOST_TEXTS, encode_tal, spread
from einthoven.formats.edf.header import ANNOTATIONS, Signal, encode_header
from einthoven.formats.edf.identification import Fields, encode_identification
from einthoven.formats.edf.labels import ecg_lead, unique_names
from einthoven.formats.edf.marks import RECORDING_ENDS, Text, fact_texts, texts_of, texts_of_gaps
from einthoven.formats.edf.samples import Steps, quantise
from einthoven.formats.edf.timing import RecordLength, record_length
from einthoven.record import Record

_LABEL_CHARACTERS = 16
_RESERVED = "EDF+C"
_MICRO = Decimal("1e-6")


def encode_edf(record: Record) -> bytes:
    """Write a record as EDF+C, 16 bits a sample.

    Samples are in uV. A lead of whole microvolts within 16 bits comes back bit for bit; of another the range
    is divided into 65535 steps, so that no sample changes by more than half of one.

    EDF has no missing samples. Where one is missing, the last one before it stands in its place (the first
    one after it at the start, 0 in a lead without any), and the annotation `missing: ` with the names of the
    leads says so for as long as it lasts; `read_edf` makes them missing again. Where the last data record is
    not full, its rest repeats the last sample, after the annotation `Recording ends`, by which `read_edf`
    cuts it.

    Facts that have no field in EDF+, or do not fit it, statements and comments become annotations at the
    first sample, such as `Age: 60`; control characters in them become blanks. The name of a lead gets `ECG `
    before it, the standard's label; one that is none of the usual leads comes back with it. The
    representative beat and the warnings are not written.

    Raises RecordError if the sampling rate cannot be stated in 8 characters precisely enough, if a sample is
    beyond 9999.999 mV, if a label is longer than 16 characters or not of ASCII, if annotations lie outside
    the recording, or if there are more than two million annotations and gaps.
    """
    labels = _labels(record.leads)
    fields = encode_identification(record.patient, record.recording)
    rest = replace(record, patient=fields.patient_rest, recording=fields.recording_rest)
    missing = np.isnan(record.signal)
    texts = _texts(rest, missing, labels)
    longest = max((len("".join(text.texts).encode()) for text in texts), default=0) + 60
    length = record_length(record.fs, record.n_samples, record.n_leads, longest)
    n_records = -(-record.n_samples // length.n_samples)
    if n_records * length.n_samples > record.n_samples:
        texts.append(Text(record.n_samples, (RECORDING_ENDS,)))
    annotations = _annotation_signal(texts, length, n_records, fields.subsecond * _MICRO)
    leads = [quantise(_filled(row, gaps)) for row, gaps in zip(record.signal, missing, strict=True)]
    return _file(labels, leads, annotations, length, n_records, fields)


def _texts(record: Record, missing: NDArray[np.bool_], labels: Sequence[str]) -> list[Text]:
    names = unique_names([ecg_lead(label) or label for label in labels])
    marks = texts_of(record.annotations, record.n_samples)
    texts = [*fact_texts(record), *texts_of_gaps(missing, names), *marks]
    if len(texts) >= MOST_TEXTS:
        raise RecordError(f"expected fewer than {MOST_TEXTS} annotations and gaps, found {len(texts)}")
    return texts


def _labels(leads: Sequence[str]) -> list[str]:
    labels = [name if name.upper().startswith(("ECG", "EKG")) else f"ECG {name}" for name in leads]
    for label in labels:
        if not (label.isascii() and label.isprintable() and len(label) <= _LABEL_CHARACTERS):
            raise RecordError(f"expected labels of up to {_LABEL_CHARACTERS} characters of ASCII, which EDF "
                              f"has room for, found {label!r}")  # fmt: skip
    return labels


def _filled(lead: NDArray[np.float32], missing: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Put the last sample before each missing one in its place, or else the first one."""
    if not missing.any():
        return lead
    there = np.flatnonzero(~missing)
    if not len(there):
        return np.zeros_like(lead)
    nearest = np.where(missing, there[0], np.arange(len(lead)))
    return lead[np.maximum.accumulate(nearest)]


def _annotation_signal(
    texts: Sequence[Text], length: RecordLength, n_records: int, subsecond: Decimal
) -> bytes:
    keeping = [encode_tal(record * length.seconds + subsecond, ("",)) for record in range(n_records)]
    tals = [
        (
            min(text.sample // length.n_samples, n_records - 1),
            encode_tal(
                length.time(text.sample) + subsecond,
                text.texts,
                None if text.n_samples is None else length.time(text.n_samples),
            ),
        )
        for text in sorted(texts, key=lambda text: text.sample)
    ]
    return spread(tals, keeping)


def _file(
    labels: Sequence[str],
    leads: Sequence[Steps],
    annotations: bytes,
    length: RecordLength,
    n_records: int,
    fields: Fields,
) -> bytes:
    n_text = len(annotations) // n_records // 2
    signals = [
        Signal(label, "uV", *lead.physical, *lead.digital_limits, fields.prefiltering, length.n_samples)
        for label, lead in zip(labels, leads, strict=True)
    ]
    signals.append(Signal(ANNOTATIONS[0], "", "-1", "1", "-32768", "32767", "", n_text))
    header = encode_header(
        signals,
        n_records,
        length.text,
        patient=fields.patient,
        recording=fields.recording,
        startdate=fields.startdate,
        starttime=fields.starttime,
        reserved=_RESERVED,
    )
    n_samples = length.n_samples
    records = np.empty((n_records, len(leads) * n_samples + n_text), "<i2")
    for row, lead in enumerate(leads):
        padded = np.pad(lead.digital, (0, n_records * n_samples - len(lead.digital)), mode="edge")
        records[:, row * n_samples : (row + 1) * n_samples] = padded.reshape(n_records, n_samples)
    records[:, len(leads) * n_samples :] = np.frombuffer(annotations, "<i2").reshape(n_records, n_text)
    return b"".join((header, records.data))
