"""Recordings as the challenges of 2020 and 2021 pack them: a WFDB header that states diagnoses, and signals.

Source: https://physionet.org/content/challenge-2020/1.0.2/: NAME.hea with a line `#Dx:` and NAME.mat, up to
1,000 recordings in each of the folders g1, g2, ... of a source, or all in one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from einthoven.datasets.dataset import Entry, first_few
from einthoven.datasets.layout import is_file
from einthoven.errors import FormatError
from einthoven.formats import read_record
from einthoven.formats.listing import Failed, walk
from einthoven.formats.wfdb.header import Header, read_header
from einthoven.record import TWELVE_LEADS, Record, lead_name

_DX = re.compile(r"dx\s*:\s*(.*)", re.IGNORECASE)
_SAYS_NOTHING = frozenset({"", "unknown", "none", "nan", "n/a"})


def stated_diagnoses(comments: Iterable[str]) -> tuple[str, ...]:
    """Return what the line `#Dx:` of a recording states, each once, in its order; none if it says nothing.

    comments : of a header or a Record, without the sign

    >>> stated_diagnoses(("Age: 74", "Dx: 164889003,59118001", "Rx: Unknown"))
    ('164889003', '59118001')
    """
    found = (match[1] for comment in comments if (match := _DX.fullmatch(comment.strip())))
    stated = (item.strip() for line in found for item in re.split("[,;]", line))
    return tuple(dict.fromkeys(item for item in stated if item.casefold() not in _SAYS_NOTHING))


def has_diagnosis_line(comments: Iterable[str]) -> bool:
    """Tell whether a recording has a line `#Dx:`, whatever it says.

    comments : of a header or a Record, without the sign
    """
    return any(_DX.fullmatch(comment.strip()) for comment in comments)


def read_twelve(entry: Entry) -> Record:
    """Read a recording with those of the twelve leads that it has, in their usual order."""
    assert entry.path is not None
    record = read_record(entry.path)
    return record.select([lead for lead in TWELVE_LEADS if lead in record.leads])


@dataclass(frozen=True, slots=True)
class Labelled:
    """A recording whose header can be read and states diagnoses."""

    record_id: str
    path: Path
    diagnoses: tuple[str, ...]


class ChallengeHeaders:
    """What lies in folders of the challenges' packaging, and why some of it cannot be used.

    labelled : the recordings, by folder and name, each once
    headless : signal files (.mat) without a header, by name
    left_out, remarks : why recordings are left out, or what is odd of those that are kept; and their names
    failed : folders that cannot be looked into
    """

    def __init__(self, places: Sequence[Path], record_id: re.Pattern[str]) -> None:
        self.labelled: list[Labelled] = []
        self.headless: dict[str, Path] = {}
        self.left_out: dict[str, list[str]] = defaultdict(list)
        self.remarks: dict[str, list[str]] = defaultdict(list)
        self.failed: Failed = []
        seen: set[str] = set()
        for place in places:
            for folder, names in walk(place, self.failed):
                self._look_into(folder, set(names), seen, record_id)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a user should know, a line each."""
        left_out = (
            f"recordings left out, as they {why}: {len(names)} ({first_few(names)})"
            for why, names in self.left_out.items()
        )
        remarks = (f"{len(names)} recordings {what}: {first_few(names)}"
                   for what, names in self.remarks.items())  # fmt: skip
        return (*left_out, *remarks, *(reason for _, reason in self.failed))

    def _look_into(self, folder: Path, names: set[str], seen: set[str], record_id: re.Pattern[str]) -> None:
        for name in sorted(names):
            stem, ending = Path(name).stem, Path(name).suffix
            if ending not in (".hea", ".mat") or not record_id.fullmatch(stem):
                continue
            if ending == ".mat":
                if f"{stem}.hea" not in names:
                    self.headless.setdefault(stem, folder / name)
            elif stem in seen:
                self.remarks["are there more than once, of which the first is taken"].append(stem)
            else:
                seen.add(stem)
                self._take(folder / name, stem)

    def _take(self, path: Path, name: str) -> None:
        """Keep a recording if its header, its signal file and its diagnoses are there; else say why not."""
        try:
            header = read_header(path)
        except (FormatError, OSError):
            self.left_out["have a header that cannot be read"].append(name)
            return
        diagnoses = stated_diagnoses(header.comments)
        if not all(is_file(path.parent / file) for file in {line.file_name for line in header.signals}):
            self.left_out["lack their signal file"].append(name)
        elif not self._has_leads(header, name):
            self.left_out["have none of the twelve leads"].append(name)
        elif not diagnoses:
            self.left_out["state no diagnosis (#Dx:)"].append(name)
        else:
            self.labelled.append(Labelled(name, path, diagnoses))

    def _has_leads(self, header: Header, name: str) -> bool:
        leads = {lead_name(line.description) for line in header.signals}
        there = [lead for lead in TWELVE_LEADS if lead in leads]
        if 0 < len(there) < len(TWELVE_LEADS):
            self.remarks["lack some of the twelve leads"].append(f"{name} has {', '.join(there)}")
        if there and len(header.signals) > len(there):
            self.remarks["have more than the twelve leads, which are not read"].append(name)
        return bool(there)
