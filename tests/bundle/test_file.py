"""The one file that a bundle is: round trip, every byte sealed, nothing trusted."""

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from einthoven import bundle as bundle_module
from einthoven.bundle import Bundle, encode_bundle, manifest, read_bundle, write_bundle
from einthoven.bundle.manifest import MAX_MANIFEST_BYTES
from einthoven.errors import BundleError


def _sealed(archive: bytes) -> bytes:
    return b"einthoven-bundle 1\n" + hashlib.sha256(archive).hexdigest().encode() + b"\n" + archive


def _members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content.split(b"\n", 2)[2])) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _packed(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return _sealed(buffer.getvalue())


def _with_manifest(bundle: Bundle, change: Callable[[dict[str, Any]], object]) -> bytes:
    members = _members(encode_bundle(bundle))
    manifest = json.loads(members["manifest.json"])
    change(manifest)
    return _packed(members | {"manifest.json": json.dumps(manifest).encode()})


def test_everything_comes_back(tiny_bundle: Bundle, tmp_path: Path) -> None:
    bundle = replace(tiny_bundle, networks=(b"first", b"second"), vote="majority")
    write_bundle(bundle, tmp_path / "model.einthoven")
    found = read_bundle(tmp_path / "model.einthoven")
    for name in ("name", "version", "task", "labels", "pipeline", "input", "networks", "vote", "temperature",
                 "single_label", "thresholds", "abstention"):  # fmt: skip
        assert getattr(found, name) == getattr(bundle, name), name
    assert dict(found.provenance) == bundle.provenance
    np.testing.assert_array_equal(found.golden.signal, bundle.golden.signal)
    np.testing.assert_array_equal(found.golden.probs, bundle.golden.probs)
    assert found.golden.fs == bundle.golden.fs


def test_multi_label_thresholds_come_back(tiny_bundle: Bundle) -> None:
    bundle = replace(tiny_bundle, single_label=False, thresholds=(0.1, 0.2, 0.3, 1.0), abstention=None)
    found = read_bundle(encode_bundle(bundle))
    assert found.thresholds == bundle.thresholds
    assert found.abstention is None


def test_the_same_model_gives_the_same_bytes(tiny_bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    first = encode_bundle(tiny_bundle)
    monkeypatch.setattr("time.time", lambda: 2e9)
    assert encode_bundle(replace(tiny_bundle)) == first
    assert encode_bundle(read_bundle(first)) == first


def test_the_first_line_says_what_it_is(tiny_bundle: Bundle) -> None:
    magic, digest, archive = encode_bundle(tiny_bundle).split(b"\n", 2)
    assert magic == b"einthoven-bundle 1"
    assert digest == hashlib.sha256(archive).hexdigest().encode()


@given(data=st.data())
def test_no_byte_can_change(tiny_bundle: Bundle, data: st.DataObject) -> None:
    content = bytearray(encode_bundle(tiny_bundle))
    position = data.draw(st.integers(0, len(content) - 1))
    content[position] ^= data.draw(st.integers(1, 255))
    with pytest.raises(BundleError):
        read_bundle(bytes(content))


@pytest.mark.parametrize("flip_case_at", range(19, 83))
def test_the_digest_itself_cannot_change(tiny_bundle: Bundle, flip_case_at: int) -> None:
    content = bytearray(encode_bundle(tiny_bundle))
    content[flip_case_at] ^= 0x20
    with pytest.raises(BundleError, match="damaged"):
        read_bundle(bytes(content))


@given(share=st.floats(0, 0.999))
def test_truncation_is_named(tiny_bundle: Bundle, share: float) -> None:
    content = encode_bundle(tiny_bundle)
    with pytest.raises(BundleError, match=r"truncated|not an einthoven bundle"):
        read_bundle(content[: int(share * len(content))])


def test_appended_bytes_are_refused(tiny_bundle: Bundle) -> None:
    with pytest.raises(BundleError, match="damaged"):
        read_bundle(encode_bundle(tiny_bundle) + b"\n")


def test_a_newer_manifest_is_refused(tiny_bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifest, "SCHEMA", 3)
    newer = encode_bundle(tiny_bundle)
    monkeypatch.undo()
    with pytest.raises(BundleError, match=r"written by a newer einthoven \(schema 3\), this one reads 2"):
        read_bundle(newer)


def test_a_newer_version_asks_for_an_upgrade(tiny_bundle: Bundle) -> None:
    newer = encode_bundle(tiny_bundle).replace(b"einthoven-bundle 1\n", b"einthoven-bundle 2\n", 1)
    expected = r"written by a newer einthoven \(bundle version 2\), this one reads 1: upgrade"
    with pytest.raises(BundleError, match=expected):
        read_bundle(newer)


@pytest.mark.parametrize("line", [b"einthoven-bundle 0\n", b"einthoven-bundle 01\n"])
def test_versions_that_never_were_are_refused(line: bytes) -> None:
    with pytest.raises(BundleError, match="expected bundle version 1"):
        read_bundle(line + b"0" * 64 + b"\n")


@pytest.mark.parametrize(
    "content",
    [b"", b"PK\x03\x04", b"einthoven-bundle\n", b"einthoven-bundle -1\n", b"einthoven-bundle " + b"9" * 99],
)
def test_other_files_are_no_bundles(content: bytes) -> None:
    with pytest.raises(BundleError, match="not an einthoven bundle"):
        read_bundle(content)


def test_the_message_begins_with_the_path(tmp_path: Path) -> None:
    path = tmp_path / "odd [name].einthoven"
    path.write_bytes(b"something else")
    with pytest.raises(BundleError) as caught:
        read_bundle(path)
    assert str(caught.value).startswith(f"{path}: ")
    with pytest.raises(BundleError, match="cannot be read: No such file"):
        read_bundle(tmp_path / "absent.einthoven")


@pytest.mark.parametrize("name", ["manifest.json", "network-0.onnx", "golden.npz"])
def test_a_missing_member_is_named(tiny_bundle: Bundle, name: str) -> None:
    members = _members(encode_bundle(tiny_bundle))
    del members[name]
    with pytest.raises(BundleError, match=f"{name} is missing"):
        read_bundle(_packed(members))


def test_deflated_members_are_read(tiny_bundle: Bundle) -> None:
    found = read_bundle(_packed(_members(encode_bundle(tiny_bundle))))
    assert found.networks == tiny_bundle.networks


@pytest.mark.parametrize(
    ("name", "size", "message"),
    [
        ("manifest.json", MAX_MANIFEST_BYTES + 1, "manifest.json: expected at most"),
        ("golden.npz", 2**24 + 1, "golden.npz: expected at most"),
        ("network-0.onnx", 2**28, "bytes unpacked"),
    ],
)
def test_nothing_is_inflated_beyond_the_limits(
    tiny_bundle: Bundle, name: str, size: int, message: str
) -> None:
    bomb = _packed(_members(encode_bundle(tiny_bundle)) | {name: b"0" * size})
    assert len(bomb) < size // 100
    with pytest.raises(BundleError, match=message):
        read_bundle(bomb)


def test_a_member_that_lies_about_its_size_is_refused(tiny_bundle: Bundle) -> None:
    members = _members(encode_bundle(tiny_bundle)) | {"golden.npz": b"0" * 100_000}
    archive = bytearray(_packed(members).split(b"\n", 2)[2])
    real, claimed = (100_000).to_bytes(4, "little"), (1000).to_bytes(4, "little")
    assert archive.count(real) == 2
    with pytest.raises(BundleError):
        read_bundle(_sealed(bytes(archive).replace(real, claimed)))


def test_a_member_must_not_occur_twice() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        for content in (b"{}", b"{}"):
            archive.writestr("manifest.json", content)
    with pytest.raises(BundleError, match="different members"):
        read_bundle(_sealed(buffer.getvalue()))


def test_a_file_over_the_limit_is_not_read(
    tiny_bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = encode_bundle(tiny_bundle)
    (tmp_path / "model.einthoven").write_bytes(content)
    for module in ("archive", "file"):
        monkeypatch.setattr(f"einthoven.bundle.{module}.MAX_BUNDLE_BYTES", len(content) - 1)
    with pytest.raises(BundleError, match="expected at most"):
        read_bundle(tmp_path / "model.einthoven")
    with pytest.raises(BundleError, match="expected at most"):
        write_bundle(tiny_bundle, tmp_path / "other.einthoven")
    assert not (tmp_path / "other.einthoven").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: m.pop("task"), "task is missing"),
        (lambda m: m.update(name=3), "name: expected str, found 3"),
        (lambda m: m.update(temperature=True), "temperature: expected float, found True"),
        (lambda m: m.update(temperature=float("nan")), "NaN is not JSON"),
        (lambda m: m.update(n_networks=True), "n_networks: expected int"),
        (lambda m: m.update(n_networks=10**9), "expected 1 to 32 networks, found 1000000000"),
        (lambda m: m.update(labels=["N", "A", "O", "~"]), "name is missing"),
        (lambda m: m.update(input=None), "input: expected dict, found None"),
        (lambda m: m["abstention"].pop("coverage"), "coverage is missing"),
        (lambda m: m.update(single_label=False, abstention=None, thresholds=["x"] * 4), "not a model"),
    ],
)
def test_a_wrong_field_is_named(
    tiny_bundle: Bundle, change: Callable[[dict[str, Any]], object], message: str
) -> None:
    with pytest.raises(BundleError, match=message):
        read_bundle(_with_manifest(tiny_bundle, change))


def test_whole_numbers_are_taken_for_floats(tiny_bundle: Bundle) -> None:
    found = read_bundle(_with_manifest(tiny_bundle, lambda m: m.update(temperature=2)))
    assert found.temperature == 2.0
    assert isinstance(found.temperature, float)


@pytest.mark.parametrize("manifest", [b"[]", b"{", b"[" * 100_000, b"\xff"])
def test_a_manifest_that_is_no_object_is_refused(tiny_bundle: Bundle, manifest: bytes) -> None:
    with pytest.raises(BundleError, match=r"manifest\.json"):
        read_bundle(_packed(_members(encode_bundle(tiny_bundle)) | {"manifest.json": manifest}))


def _golden(**arrays: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in arrays.items():
            archive.writestr(f"{name}.npy", content)
    return buffer.getvalue()


def _npy(array: Any) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def _claiming(shape: str) -> bytes:
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode()


@pytest.mark.parametrize(
    "arrays",
    [
        {},
        {"signal": b"", "fs": b"", "probs": b""},
        {"signal": _npy(np.array([[object()]])), "fs": _npy(1.0), "probs": _npy(np.ones(4))},
        {"signal": _claiming("(1000000, 1000000)"), "fs": _npy(1.0), "probs": _npy(np.ones(4))},
        {"signal": _claiming("(-1, -1)") + b"0000", "fs": _npy(1.0), "probs": _npy(np.ones(4))},
        {"signal": _npy(np.ones((1, 9))), "fs": _npy(np.ones(2)), "probs": _npy(np.ones(4))},
        {"signal": _npy(np.ones((1, 9))), "fs": _npy(1.0), "probs": _npy(np.array(["a"] * 4))},
    ],
)
def test_a_golden_pair_is_not_trusted(tiny_bundle: Bundle, arrays: dict[str, bytes]) -> None:
    members = _members(encode_bundle(tiny_bundle)) | {"golden.npz": _golden(**arrays)}
    with pytest.raises(BundleError):
        read_bundle(_packed(members))


@given(noise=st.binary(min_size=1, max_size=40), data=st.data())
def test_sealed_nonsense_is_an_error_of_ours_or_changes_nothing(
    tiny_bundle: Bundle, noise: bytes, data: st.DataObject
) -> None:
    archive = bytearray(encode_bundle(tiny_bundle).split(b"\n", 2)[2])
    start = data.draw(st.integers(0, len(archive) - len(noise)))
    archive[start : start + len(noise)] = noise
    try:
        found = read_bundle(_sealed(bytes(archive)))
    except BundleError as error:
        assert str(error).startswith("bundle: ")
    else:
        # A zip has bytes that mean nothing to us, such as its timestamps.
        assert encode_bundle(found) == encode_bundle(tiny_bundle)


@given(content=st.binary(max_size=300))
def test_sealed_noise_is_an_error_of_ours(content: bytes) -> None:
    with pytest.raises(BundleError):
        read_bundle(_sealed(content))


def test_writing_is_all_or_nothing(
    tiny_bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model.einthoven"
    write_bundle(tiny_bundle, path)
    before = path.read_bytes()

    def full_disk(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space left"):
        write_bundle(replace(tiny_bundle, name="other"), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_provenance_must_be_json(tiny_bundle: Bundle) -> None:
    for value in ({1, 2}, float("nan"), "\ud800"):
        with pytest.raises(BundleError, match="plain JSON"):
            encode_bundle(replace(tiny_bundle, provenance={"value": value}))
    with pytest.raises(BundleError, match=f"at most {MAX_MANIFEST_BYTES}"):
        encode_bundle(replace(tiny_bundle, provenance={"value": "x" * MAX_MANIFEST_BYTES}))


def test_the_package_exports_what_it_documents() -> None:
    assert all(hasattr(bundle_module, name) for name in bundle_module.__all__)
