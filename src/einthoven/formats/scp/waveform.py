"""Sections 5 and 6 of SCP-ECG: samples of each lead, as they are stored.

Source: EN 1064:2005+A1:2007, 5.8 and 5.9. Samples are 16-bit numbers, or their first or second differences,
and these may be coded by Huffman tables.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import FormatError
from einthoven.formats.scp.huffman import HuffmanTables, decode_huffman
from einthoven.formats.scp.leads import Lead
from einthoven.formats.scp.sections import Section

_FIRST, _SECOND = 1, 2
_PADDING_BYTES = 4
"""Writers fill up to even lengths, and some add a byte of their own."""


@dataclass(frozen=True, slots=True)
class Waveform:
    """Section 5 or 6, still coded.

    amplitude_nv : what one step is, nV
    interval_us : time between two samples, us
    differences : 0, 1 or 2: which differences are stored
    is_bimodal : whether section 6 says that samples outside of protected areas were thinned out
    leads : the bytes of each lead
    where : what messages call it
    """

    amplitude_nv: int
    interval_us: int
    differences: int
    is_bimodal: bool
    leads: tuple[bytes, ...]
    where: str


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """The samples of a lead as they are stored.

    samples : (n,) steps
    n_bytes_left : how many bytes of the lead were not looked at, without zeros at the end
    is_wrapped : whether sums of differences left the 16 bits of a sample
    """

    samples: NDArray[np.int64]
    n_bytes_left: int
    is_wrapped: bool

    @property
    def has_rest(self) -> bool:
        """Whether more is left than what writers fill up with."""
        return self.n_bytes_left > _PADDING_BYTES


def read_waveform(section: Section, n_leads: int) -> Waveform:
    """Read the beginning of section 5 or 6, and take the leads' bytes apart.

    Raises FormatError if there are other than differences of order 0 to 2, or fewer bytes than the leads
    take.
    """
    amplitude, interval, differences, bimodal = section.unpack("<HHBB", 0, "the scale of the samples")
    if differences > _SECOND:
        raise FormatError(f"{section.where}: expected differences of order 0, 1 or 2, found {differences}")
    lengths = section.unpack(f"<{n_leads}H", 6, f"the lengths of {n_leads} leads")
    at = 6 + 2 * n_leads
    if at + sum(lengths) > len(section.body):
        raise FormatError(
            f"{section.where}: expected {sum(lengths)} bytes of {n_leads} leads, "
            f"found {len(section.body) - at}: the file is truncated"
        )
    leads = []
    for length in lengths:
        leads.append(section.body[at : at + length])
        at += length
    return Waveform(amplitude, interval, differences, bimodal == 1, tuple(leads), section.where)


def decode_lead(
    waveform: Waveform, number: int, lead: Lead, n_samples: int | None, tables: HuffmanTables | None
) -> Stored:
    """Decode the samples of a lead.

    number : the lead's, counted from 0
    n_samples : how many there must be; as many as there are if None
    tables : those of section 2, None where the data are not coded

    Raises FormatError if there are fewer.
    """
    data, where = waveform.leads[number], f"{waveform.where}, lead {lead.name}"
    if tables is None:
        count = len(data) // 2 if n_samples is None else n_samples
        values = np.frombuffer(data[: min(2 * count, len(data) // 2 * 2)], "<i2").astype(np.int64)
        n_left = len(data) - 2 * len(values)
    else:
        values, n_left = decode_huffman(data, tables, n_samples, where)
    if n_samples is not None and len(values) < n_samples:
        raise too_few(waveform, number, lead, n_samples, len(values))
    samples = _samples(values, waveform.differences)
    wrapped = (samples + 2**15) % 2**16 - 2**15
    rest = data[len(data) - n_left :].rstrip(b"\0")
    return Stored(wrapped, len(rest), bool((wrapped != samples).any()))


def too_few(waveform: Waveform, number: int, lead: Lead, expected: int, found: int) -> FormatError:
    """Make the error that says that a lead's bytes hold fewer samples than section 3 says."""
    return FormatError(
        f"{waveform.where}, lead {lead.name}: expected {expected} samples in its "
        f"{len(waveform.leads[number])} bytes, found at most {found}"
    )


def _samples(values: NDArray[np.int64], differences: int) -> NDArray[np.int64]:
    """Sum up differences: the first one or two values are samples themselves."""
    if differences == _FIRST:
        return np.cumsum(values)
    if differences == _SECOND and len(values) > 1:
        slopes = np.cumsum(np.concatenate(([values[1] - values[0]], values[2:])))
        return np.cumsum(np.concatenate((values[:1], slopes)))
    return values
