"""The manifest of a bundle: plain JSON out, every field checked on the way in."""

import json
from dataclasses import replace
from typing import Any

import pytest

from einthoven.bundle import Bundle
from einthoven.bundle.manifest import MAX_MANIFEST_BYTES, assemble, decode_manifest, encode_manifest, take
from einthoven.errors import BundleError


@pytest.fixture
def plain(tiny_bundle: Bundle) -> dict[str, Any]:
    """The manifest of the tiny model, to be spoilt."""
    return dict(json.loads(encode_manifest(tiny_bundle)))


def test_a_bundle_is_assembled_from_its_manifest(tiny_bundle: Bundle) -> None:
    several = replace(
        tiny_bundle, single_label=False, thresholds=(0.1, 0.2, 0.3, 1.0), abstention=None, vote="majority"
    )
    for bundle in (tiny_bundle, several):
        content = encode_manifest(bundle)
        found = assemble(decode_manifest(content), bundle.networks, bundle.golden)
        assert encode_manifest(found) == content
        assert (found.labels, found.input, found.abstention) == (
            bundle.labels,
            bundle.input,
            bundle.abstention,
        )
        assert (found.thresholds, found.vote) == (bundle.thresholds, bundle.vote)
        assert not found.at_least_one and b"at_least_one" not in content
    always = encode_manifest(replace(several, at_least_one=True))
    assert assemble(decode_manifest(always), several.networks, several.golden).at_least_one
    with pytest.raises(BundleError, match="at_least_one: expected bool, found 1"):
        assemble(json.loads(always) | {"at_least_one": 1}, several.networks, several.golden)


def test_text_is_kept_as_it_is(tiny_bundle: Bundle) -> None:
    assert "rythme cardiaque: é".encode() in encode_manifest(replace(tiny_bundle, task="rythme cardiaque: é"))


@pytest.mark.parametrize("value", [{1}, float("inf"), "\ud800", object()])
def test_what_is_no_json_is_refused(tiny_bundle: Bundle, value: object) -> None:
    with pytest.raises(BundleError, match=r"^model 'tiny': expected a manifest of plain JSON, found "):
        encode_manifest(replace(tiny_bundle, provenance={"value": value}))


def test_a_manifest_is_bounded(tiny_bundle: Bundle) -> None:
    room = MAX_MANIFEST_BYTES - len(encode_manifest(replace(tiny_bundle, provenance={"x": ""})))
    full = encode_manifest(replace(tiny_bundle, provenance={"x": "y" * room}))
    assert len(full) == MAX_MANIFEST_BYTES
    with pytest.raises(BundleError, match=f"manifest of {MAX_MANIFEST_BYTES + 1} bytes, at most"):
        encode_manifest(replace(tiny_bundle, provenance={"x": "y" * (room + 1)}))


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"[]", "expected an object, found list"),
        (b"{", "is not JSON"),
        (b'{"x": NaN}', "NaN is not JSON"),
        (b'{"x": -Infinity}', "-Infinity is not JSON"),
        (b"\xff", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
    ],
)
def test_what_is_no_object_is_refused(content: bytes, found: str) -> None:
    with pytest.raises(BundleError, match=rf"^manifest\.json.*{found}"):
        decode_manifest(content)


@pytest.mark.parametrize("kind", [int, float, str, bool, dict, list])
def test_a_field_has_the_type_it_should_have(kind: type) -> None:
    values: dict[str, Any] = {"int": 3, "float": 0.5, "str": "x", "bool": True, "dict": {}, "list": []}
    fitting = {"int": {"int"}, "float": {"int", "float"}}.get(kind.__name__, {kind.__name__})
    for name, value in values.items():
        if name in fitting:
            assert type(take({"key": value}, "key", kind)) is kind
        else:
            with pytest.raises(BundleError, match=f"^manifest.json: key: expected {kind.__name__}, found "):
                take({"key": value}, "key", kind)


def test_only_what_may_be_missing_is_none() -> None:
    assert take({"key": None}, "key", dict, optional=True) is None
    for mapping in ({}, [], "key", None):
        with pytest.raises(BundleError, match=r"^manifest\.json: key is missing$"):
            take(mapping, "key", dict, optional=True)
    with pytest.raises(BundleError, match="key: expected dict, found None"):
        take({"key": None}, "key", dict)


def test_every_field_is_needed(tiny_bundle: Bundle, plain: dict[str, Any]) -> None:
    # The file layer counts the networks.
    for name in plain.keys() - {"n_networks"}:
        without = {key: value for key, value in plain.items() if key != name}
        with pytest.raises(BundleError, match=rf"^manifest\.json: {name} is missing$"):
            assemble(without, tiny_bundle.networks, tiny_bundle.golden)
    for group in ("input", "abstention"):
        for name in plain[group]:
            spoilt = plain | {group: {key: value for key, value in plain[group].items() if key != name}}
            with pytest.raises(BundleError, match=f"{name} is missing"):
                assemble(spoilt, tiny_bundle.networks, tiny_bundle.golden)


def test_the_leave_to_lack_leads_is_written_only_where_it_is_given(
    tiny_bundle: Bundle, plain: dict[str, Any]
) -> None:
    # So bundles from before there was such a field stay as they are, and readable.
    assert "may_lack_leads" not in plain["input"]
    assert not assemble(plain, tiny_bundle.networks, tiny_bundle.golden).input.may_lack_leads
    leave = replace(tiny_bundle, input=replace(tiny_bundle.input, may_lack_leads=True))
    manifest = decode_manifest(encode_manifest(leave))
    assert manifest["input"]["may_lack_leads"] is True
    assert assemble(manifest, leave.networks, leave.golden).input == leave.input
    manifest["input"]["may_lack_leads"] = 1
    with pytest.raises(BundleError, match="may_lack_leads: expected bool, found 1"):
        assemble(manifest, leave.networks, leave.golden)


CUT = {"cut": "AroundRPeaks", "fs": 125.0, "training": False}
CHAIN = {"counts": [[9, 1, 0, 0]] * 4, "strength": 0.5}


@pytest.mark.parametrize("chain", [None, CHAIN])
def test_a_model_of_heartbeats_has_a_schema_of_its_own(tiny_bundle: Bundle, chain: Any) -> None:
    bundle = replace(tiny_bundle, pipeline=(), cut=CUT, chain=chain)
    content = encode_manifest(bundle)
    manifest = decode_manifest(content)
    assert manifest["schema"] == 2 and (manifest["cut"], manifest["chain"]) == (CUT, chain)
    found = assemble(manifest, bundle.networks, bundle.golden)
    assert encode_manifest(found) == content and (found.cut, found.chain) == (CUT, chain)
    for name in ("cut", "chain"):
        without = {key: value for key, value in manifest.items() if key != name}
        with pytest.raises(BundleError, match=f"{name} is missing"):
            assemble(without, bundle.networks, bundle.golden)
    with pytest.raises(BundleError, match="cut: expected dict, found None"):
        assemble({**manifest, "cut": None}, bundle.networks, bundle.golden)


def test_a_model_of_recordings_keeps_the_first_schema_and_knows_no_cut(
    tiny_bundle: Bundle, plain: dict[str, Any]
) -> None:
    assert plain["schema"] == 1 and not {"cut", "chain"} & plain.keys()
    assert assemble(plain, tiny_bundle.networks, tiny_bundle.golden).cut is None


def test_a_newer_schema_is_named_first(tiny_bundle: Bundle) -> None:
    with pytest.raises(BundleError, match=r"written by a newer einthoven \(schema 3\), this one reads 2"):
        assemble({"schema": 3}, tiny_bundle.networks, tiny_bundle.golden)
