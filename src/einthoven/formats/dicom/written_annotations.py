"""Marks and statements to items of the Waveform Annotation Sequence.

Source: DICOM PS3.3, C.10.10. Marks of one kind and note share an item, and a note is an item of text at the
same samples in the same annotation group, as an item holds either a code or text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from einthoven.errors import RecordError
from einthoven.formats.dicom.annotation_codes import NOTE, code_of
from einthoven.formats.dicom.written_facts import plain_text
from einthoven.formats.dicom.written_waveform import coded
from einthoven.formats.wfdb.annotations import SYMBOLS
from einthoven.record import Record

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_MOST_POSITIONS = 16383
"""That many numbers of four bytes fit into a length of two."""
_MOST_GROUPS = 65535
_MOST_SAMPLES = 2**32 - 2
_LONGEST_TEXT = 1024


def annotation_items(record: Record, number: int) -> Iterator[Dataset]:
    """Make the items for the multiplex group of this number, from 1.

    Raises RecordError if a mark is before the first sample or no mnemonic, if a text is longer than 1024
    characters, or if there are too many kinds of marks.
    """
    for line in record.statements:
        if text := _checked(line):
            item = _item(number, 0)
            item.UnformattedTextValue = text
            yield item
    if record.annotations is None:
        return
    annotations = record.annotations
    if unknown := sorted(set(annotations.symbols) - set(SYMBOLS.values())):
        raise RecordError(
            f"expected WFDB mnemonics as annotation symbols, found {', '.join(map(repr, unknown))}"
        )
    notes = annotations.notes or ("",) * len(annotations.symbols)
    kinds: dict[tuple[str, str], list[int]] = {}
    for sample, symbol, note in zip(annotations.samples.tolist(), annotations.symbols, notes, strict=True):
        if not 0 <= sample < _MOST_SAMPLES:
            raise RecordError(f"expected annotations from sample 0 on, found one at {sample}")
        kinds.setdefault((symbol, _checked(note)), []).append(sample + 1)
    if len(kinds) >= _MOST_GROUPS:
        raise RecordError(f"expected fewer than {_MOST_GROUPS} kinds of annotations, found {len(kinds)}")
    for together, ((symbol, note), positions) in enumerate(kinds.items(), 1):
        for start in range(0, len(positions), _MOST_POSITIONS):
            part = positions[start : start + _MOST_POSITIONS]
            yield from _marks(symbol, note, part, number, together)


def _marks(symbol: str, note: str, positions: Sequence[int], number: int, together: int) -> Iterator[Dataset]:
    from pydicom.sequence import Sequence as Items

    if symbol != NOTE or not note:
        item = _item(number, together, positions)
        item.ConceptNameCodeSequence = Items([coded(*code_of(symbol))])
        yield item
    if note:
        item = _item(number, together, positions)
        item.UnformattedTextValue = note
        yield item


def _item(number: int, together: int, positions: Sequence[int] = ()) -> Dataset:
    from pydicom.dataset import Dataset

    item = Dataset()
    item.ReferencedWaveformChannels = [number, 0]
    item.AnnotationGroupNumber = together
    if positions:
        item.TemporalRangeType = "POINT" if len(positions) == 1 else "MULTIPOINT"
        item.ReferencedSamplePositions = list(positions)
    return item


def _checked(text: str) -> str:
    text = plain_text(text)
    if len(text) > _LONGEST_TEXT:
        raise RecordError(
            f"expected statements and notes of at most {_LONGEST_TEXT} characters, found one of {len(text)}"
        )
    return text
