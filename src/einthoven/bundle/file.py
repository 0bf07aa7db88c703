"""Read, write and verify the one file a bundle is."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path

from einthoven.atomic import write_atomically
from einthoven.bundle.archive import MAX_BUNDLE_BYTES, check_members, open_seal, pack, read_member, seal
from einthoven.bundle.golden import GOLDEN, MAX_GOLDEN_BYTES, decode_golden, encode_golden
from einthoven.bundle.manifest import (
    MANIFEST,
    MAX_MANIFEST_BYTES,
    assemble,
    decode_manifest,
    encode_manifest,
    take,
)
from einthoven.bundle.model import MAX_NETWORKS, Bundle
from einthoven.errors import BundleError

_NONSENSE = (
    zipfile.BadZipFile, zlib.error, struct.error, ValueError, KeyError, TypeError, EOFError, OSError,
    NotImplementedError, RuntimeError, OverflowError, MemoryError,
)  # fmt: skip


def write_bundle(bundle: Bundle, path: str | Path) -> None:
    """Write a bundle to a file, all of it or nothing.

    Parameters
    ----------
    bundle : Bundle
        The model.
    path : str or Path
        Where to; an existing file is replaced in one step, a folder that is not there is made.

    Raises
    ------
    BundleError
        If the bundle is larger than `MAX_BUNDLE_BYTES` or the provenance is not JSON.
    OSError
        If the file cannot be written.
    """
    write_atomically(Path(path), encode_bundle(bundle))


def encode_bundle(bundle: Bundle) -> bytes:
    """Return the bytes of a bundle; the same bundle always gives the same bytes.

    Raises BundleError as `write_bundle` does.
    """
    members = [(MANIFEST, encode_manifest(bundle))]
    members += [(_network_name(i), graph) for i, graph in enumerate(bundle.networks)]
    members += [(GOLDEN, encode_golden(bundle.golden))]
    content = seal(pack(members))
    if len(content) > MAX_BUNDLE_BYTES:
        raise BundleError(f"model {bundle.name!r}: expected at most {MAX_BUNDLE_BYTES} bytes, "
                          f"found {len(content)}")  # fmt: skip
    return content


def read_bundle(source: str | Path | bytes) -> Bundle:
    """Read a bundle and verify every byte of it.

    Parameters
    ----------
    source : str, Path or bytes
        A file, or its content.

    Returns
    -------
    Bundle
        The model. Its golden pair is not computed here: the runtime does that.

    Raises
    ------
    BundleError
        If it is no bundle, of a newer version, changed, truncated or too large, or if a member or a field is
        missing or out of range.
    """
    where = "bundle" if isinstance(source, bytes) else str(source)
    content = source if isinstance(source, bytes) else _read_file(Path(source))
    archive = open_seal(content, where)
    try:
        return _decode_archive(archive)
    except BundleError as error:
        raise BundleError(f"{where}: {error}") from None
    # The digest is no signature: someone may have sealed nonsense, and zipfile has many words for that.
    except _NONSENSE as error:
        raise BundleError(f"{where}: sealed, but its content is not a model: {error}") from error


def _read_file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BUNDLE_BYTES + 1)
    except OSError as error:
        raise BundleError(f"{path}: cannot be read: {error.strerror or error}") from error


def _decode_archive(archive: bytes) -> Bundle:
    with zipfile.ZipFile(io.BytesIO(archive)) as members:
        check_members(members)
        manifest = decode_manifest(read_member(members, MANIFEST, MAX_MANIFEST_BYTES))
        n_networks = take(manifest, "n_networks", int)
        if not 1 <= n_networks <= MAX_NETWORKS:
            raise BundleError(f"expected 1 to {MAX_NETWORKS} networks, found {n_networks}")
        networks = tuple(read_member(members, _network_name(i), MAX_BUNDLE_BYTES) for i in range(n_networks))
        golden = decode_golden(read_member(members, GOLDEN, MAX_GOLDEN_BYTES))
    return assemble(manifest, networks, golden)


def _network_name(index: int) -> str:
    return f"network-{index}.onnx"
