"""The rhythm data of SCP-ECG before they are decoded, and what decoding needs: sections 2 and 4 to 6.

Source: EN 1064:2005+A1:2007, 5.5 and 5.7 to 5.9.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import FormatError
from einthoven.formats.given import Given
from einthoven.formats.scp.beats import Beats, read_beats
from einthoven.formats.scp.huffman import HuffmanTables, read_tables
from einthoven.formats.scp.leads import Leads
from einthoven.formats.scp.reference import decode_reference
from einthoven.formats.scp.sections import BEATS, HUFFMAN, REFERENCE, RHYTHM, Section
from einthoven.formats.scp.waveform import Waveform, read_waveform

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, eq=False)
class Compressed:
    """What the rhythm data are decoded from.

    rhythm : section 6
    tables : those of section 2, None if the data are not coded
    beats : section 4, None if it is not there
    reference : section 5, None if it is not there
    reference_nv : (n_leads, n) the reference beat, nV; None if it is not there
    is_subtracted : whether the reference beat was subtracted from the rhythm
    """

    rhythm: Waveform
    tables: HuffmanTables | None
    beats: Beats | None
    reference: Waveform | None
    reference_nv: NDArray[np.float64] | None
    is_subtracted: bool

    @property
    def protected(self) -> NDArray[np.int64]:
        """Return (m, 2) first and last sample of each protected area."""
        return self.beats.protected if self.beats is not None else np.empty((0, 2), np.int64)


def leniently(
    section: Section | None, parse: Callable[[Section], _T], given: Given, warnings: list[str]
) -> _T | None:
    """Return what `parse` makes of a section; None, with a warning, if it is damaged."""
    if section is None:
        return None
    try:
        return parse(section)
    except FormatError as error:
        warnings.append(f"{str(error).removeprefix(f'{given.where}: ')}: it was left out")
        return None


def read_compressed(
    sections: Mapping[int, Section], leads: Leads, given: Given, *, revision_3: bool
) -> tuple[Compressed, tuple[str, ...]]:
    """Read sections 2 and 4 to 6, and return them with warnings.

    revision_3 : whether they are of EN 1064:2020, which thins no samples out

    Sections 4 and 5 may be missing where nothing was subtracted, and damaged where nothing was thinned out.

    Raises FormatError otherwise, or if section 2 or 6 is damaged; RecordError if the reference beat is said
    to be subtracted, yet there is none, and the caller is strict.
    """
    warnings: list[str] = []
    n_leads = len(leads.leads)
    rhythm = read_waveform(sections[RHYTHM], n_leads)
    tables = read_tables(sections.get(HUFFMAN))
    found = {number: sections[number] for number in (BEATS, REFERENCE) if number in sections}
    subtracted = leads.subtracted
    if subtracted and not found:
        warnings.append(given.doubt("section 3 says that the reference beat was subtracted, but there are no "
                                    "sections 4 and 5: the samples are taken as they are"))  # fmt: skip
        subtracted = False
    if revision_3:
        rhythm = replace(rhythm, is_bimodal=False)
    read = partial(_read, found, given=given, warnings=warnings)
    beats = read(BEATS, read_beats, needed=subtracted or (rhythm.is_bimodal and BEATS in found))
    subtracted = subtracted and beats is not None and bool(beats.subtracted.any())
    reference = read(
        REFERENCE,
        lambda section: read_waveform(section, n_leads),
        needed=subtracted or (rhythm.is_bimodal and REFERENCE in found),
    )
    reference_nv = None
    if reference is not None:
        decode = partial(decode_reference, reference, leads.leads, beats, tables)
        reference_nv = read(REFERENCE, lambda _: decode(), needed=subtracted)
    return Compressed(rhythm, tables, beats, reference, reference_nv, subtracted), tuple(warnings)


def _read(
    found: Mapping[int, Section],
    number: int,
    parse: Callable[[Section], _T],
    *,
    needed: bool,
    given: Given,
    warnings: list[str],
) -> _T | None:
    section = found.get(number)
    if not needed:
        return leniently(section, parse, given, warnings)
    if section is None:
        raise FormatError(f"{given.where}: expected section {number}, as section 3 says that the reference "
                          "beat was subtracted, found none")  # fmt: skip
    return parse(section)
