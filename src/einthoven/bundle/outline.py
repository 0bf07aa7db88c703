"""What a bundle says of itself, read without its networks: enough to choose among several."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from typing import IO

from einthoven.bundle.archive import read_member
from einthoven.bundle.manifest import (
    MANIFEST,
    MAX_MANIFEST_BYTES,
    SCHEMA,
    decode_manifest,
    take,
    take_abstention,
    take_input,
    take_labels,
    take_thresholds,
)
from einthoven.bundle.model import Bundle, InputSpec, Label
from einthoven.decisions import Abstention
from einthoven.errors import BundleError


@dataclass(frozen=True, slots=True)
class Outline:
    """What choosing a model, and showing its answers, needs of its bundle; the fields are those of `Bundle`.

    is_of_beats : whether it answers for each heartbeat, not for the whole recording
    """

    name: str
    labels: tuple[Label, ...]
    input: InputSpec
    thresholds: tuple[float, ...] | None
    abstention: Abstention | None
    is_of_beats: bool

    @classmethod
    def of(cls, bundle: Bundle) -> Outline:
        """Return the outline of a bundle that was read."""
        return cls(
            name=bundle.name,
            labels=bundle.labels,
            input=bundle.input,
            thresholds=bundle.thresholds,
            abstention=bundle.abstention,
            is_of_beats=bundle.cut is not None,
        )

    @property
    def is_multi_label(self) -> bool:
        """Whether a recording may have any number of its classes."""
        return self.thresholds is not None


def read_outline(file: IO[bytes], where: str) -> Outline:
    """Read the outline of a bundle, without proof that nothing in the file was changed.

    Parameters
    ----------
    file : the bundle, open at its beginning
    where : what messages call it

    Raises
    ------
    BundleError if it is no bundle, or a field of its manifest is not there or of another type.
    """
    try:
        with zipfile.ZipFile(file) as members:
            manifest = decode_manifest(read_member(members, MANIFEST, MAX_MANIFEST_BYTES))
        return Outline(
            name=take(manifest, "name", str),
            labels=take_labels(manifest),
            input=take_input(manifest),
            thresholds=take_thresholds(manifest),
            abstention=take_abstention(manifest),
            is_of_beats=take(manifest, "schema", int) != SCHEMA,
        )
    except (BundleError, zipfile.BadZipFile, ValueError, TypeError) as error:
        raise BundleError(f"{where}: {error}") from error
