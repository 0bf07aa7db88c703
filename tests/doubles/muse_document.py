"""GE MUSE documents, written by hand, for tests of the reader."""

import base64
import struct
import zlib
from collections.abc import Sequence


def lead(
    name: str, samples: Sequence[int], *, per_bit: str = "4.88", units: str = "MICROVOLTS", more: str = "",
    crc: int | None = None, n_stated: int | None = None, text: str | None = None,
) -> str:  # fmt: skip
    """Write a `LeadData`; `text` stands for the samples in base64, `more` for further elements."""
    data = struct.pack(f"<{len(samples)}h", *samples)
    encoded = base64.encodebytes(data).decode() if text is None else text
    n_samples = len(samples) if n_stated is None else n_stated
    return (
        f"<LeadData><LeadByteCountTotal>{2 * n_samples}</LeadByteCountTotal>"
        f"<LeadSampleCountTotal>{n_samples}</LeadSampleCountTotal>"
        f"<LeadAmplitudeUnitsPerBit>{per_bit}</LeadAmplitudeUnitsPerBit>"
        f"<LeadAmplitudeUnits>{units}</LeadAmplitudeUnits><LeadID>{name}</LeadID>{more}"
        f"<LeadDataCRC32>{zlib.crc32(data) if crc is None else crc}</LeadDataCRC32>"
        f"<WaveFormData>\n{encoded}</WaveFormData></LeadData>"
    )


def waveform(*leads: str, kind: str = "Rhythm", base: str = "500", power: str = "0", more: str = "") -> str:
    """Write a `Waveform`."""
    return (
        f"<Waveform><WaveformType>{kind}</WaveformType><NumberofLeads>{len(leads)}</NumberofLeads>"
        f"<SampleType>CONTINUOUS_SAMPLES</SampleType><SampleBase>{base}</SampleBase>"
        f"<SampleExponent>{power}</SampleExponent>{more}{''.join(leads)}</Waveform>"
    )


def document(*parts: str, encoding: str = "ISO-8859-1") -> bytes:
    """Write a document of these waveforms and other parts."""
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?>\n<!DOCTYPE RestingECG SYSTEM "restecg.dtd">\n'
        f"<RestingECG><MuseInfo><MuseVersion>9.0</MuseVersion></MuseInfo>{''.join(parts)}</RestingECG>"
    )
    return text.encode(encoding)
