"""Where converted recordings go, and that nothing is lost there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import chain, count
from pathlib import Path

from einthoven.errors import SettingsError

_MOST_HEADER = 2**20
_NO_WFDB = re.compile(r"[^-\w]", re.ASCII)


def bare_name(path: Path) -> str:
    """Return the name of a recording's file without its ending, and without `.gz`.

    >>> bare_name(Path("ward/b.xml.gz"))
    'b'
    """
    return Path(path.stem).stem if path.suffix.lower() == ".gz" else path.stem


def numbered(files: Sequence[Path], target: Path, kind: str) -> list[Path]:
    """Return places in one folder that do not tell what is there: `record-0001.edf`."""
    return [target / f"record-{number:04d}{_ending(kind)}" for number in range(1, len(files) + 1)]


def named(files: Sequence[Path], source: Path, target: Path, kind: str) -> list[Path]:
    """Return places below a folder as the files are below theirs, each of them another: `a.edf`, `a-2.edf`.

    In names of WFDB records `_` stands for what they must not have.
    """
    taken: set[str] = set()
    places = []
    for path in files:
        name = bare_name(path)
        name = _NO_WFDB.sub("_", name) if kind == "wfdb" else name
        folder = target / path.relative_to(source).parent
        for one in chain([name], (f"{name}-{number}" for number in count(2))):
            place = folder / f"{one}{_ending(kind)}"
            # Many disks do not tell capital letters from small ones.
            if str(place).casefold() not in taken:
                break
        taken.add(str(place).casefold())
        places.append(place)
    return places


def _ending(kind: str) -> str:
    from einthoven.formats.write import WRITERS

    return WRITERS[kind].ending


class Replaced:
    """Which files may be replaced: none of those that are read, and others only if that is asked for.

    sources : the recordings that are read
    is_forced : whether other files may be replaced
    """

    def __init__(self, sources: Sequence[Path], is_forced: bool) -> None:
        self.sources = sources
        self.is_forced = is_forced

    def check(self, files: Sequence[Path]) -> None:
        """Raise SettingsError, naming it, if one of these is there and must not be replaced."""
        for path in files:
            # A link to nothing is replaced like a file.
            if not path.exists() and not path.is_symlink():
                continue
            if path.exists() and _identity(path) in self._read:
                raise SettingsError(f"{path}: expected another file than one that is read")
            if not self.is_forced:
                raise SettingsError(f"{path}: expected a new file, found one: --force replaces it")

    @cached_property
    def _read(self) -> frozenset[tuple[int, int]]:
        parts = chain.from_iterable(map(_parts, self.sources))
        return frozenset(_identity(path) for path in parts if path.exists())


def _identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino


def _parts(source: Path) -> Iterator[Path]:
    """Yield a file, and of WFDB those of its record."""
    yield source
    headers = [source if source.suffix == ".hea" else source.with_suffix(".hea")]
    seen: set[Path] = set()
    while headers:
        header = headers.pop()
        if header in seen or not header.is_file():
            continue
        seen.add(header)
        yield from (header, header.with_suffix(".atr"))
        with header.open("rb") as file:
            text = file.read(_MOST_HEADER).decode("utf-8", "replace")
        for line in text.splitlines():
            name = line.partition(" ")[0].strip()
            if name and "\0" not in name and not name.startswith("#") and len(name) < 200:
                # A signal file, or a segment, which has a header of its own.
                yield header.parent / name
                headers.append(header.parent / f"{name}.hea")
