"""The manifest of a bundle: everything but the arrays and graphs, as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from types import MappingProxyType
from typing import Any, TypeVar, get_type_hints

from einthoven.bundle.model import Bundle, Golden, InputSpec, Label
from einthoven.decisions import Abstention
from einthoven.errors import BundleError

MANIFEST = "manifest.json"
MAX_MANIFEST_BYTES = 4 * 2**20
SCHEMA, SCHEMA_OF_BEATS = 1, 2
"""A model of heartbeats has a schema of its own: a reader that knows no `cut` would ask it of recordings."""

_Plain = TypeVar("_Plain")


def encode_manifest(bundle: Bundle) -> bytes:
    """Return the manifest as UTF-8 JSON.

    Raises BundleError if it is larger than `MAX_MANIFEST_BYTES` or holds what JSON cannot.
    """
    manifest = {
        "schema": SCHEMA if bundle.cut is None else SCHEMA_OF_BEATS,
        "name": bundle.name,
        "version": bundle.version,
        "task": bundle.task,
        "labels": [asdict(label) for label in bundle.labels],
        "single_label": bundle.single_label,
        "pipeline": [dict(step) for step in bundle.pipeline],
        "input": _input_json(bundle.input),
        "n_networks": len(bundle.networks),
        "vote": bundle.vote,
        "temperature": bundle.temperature,
        "thresholds": bundle.thresholds,
        # As before there was such a field, where it is not needed.
        **({"at_least_one": True} if bundle.at_least_one else {}),
        "abstention": asdict(bundle.abstention) if bundle.abstention else None,
        "provenance": dict(bundle.provenance),
        **({} if bundle.cut is None else {"cut": dict(bundle.cut), "chain": _optional(bundle.chain)}),
    }
    try:
        encoded = json.dumps(manifest, indent=1, ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError) as error:
        raise BundleError(
            f"model {bundle.name!r}: expected a manifest of plain JSON, found {error}"
        ) from error
    if len(encoded) > MAX_MANIFEST_BYTES:
        raise BundleError(
            f"model {bundle.name!r}: manifest of {len(encoded)} bytes, at most {MAX_MANIFEST_BYTES}"
        )
    return encoded


def decode_manifest(content: bytes) -> Mapping[str, Any]:
    """Return the manifest as it was parsed, its fields not yet checked.

    Raises BundleError if it is not a JSON object.
    """
    try:
        manifest = json.loads(content, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise BundleError(f"{MANIFEST} is not JSON: {error}") from error
    if not isinstance(manifest, dict):
        raise BundleError(f"{MANIFEST}: expected an object, found {type(manifest).__name__}")
    return manifest


def assemble(manifest: Mapping[str, Any], networks: tuple[bytes, ...], golden: Golden) -> Bundle:
    """Return the bundle a manifest describes.

    Raises BundleError naming the field that is missing, of another type, or out of range.
    """
    schema = take(manifest, "schema", int)
    if schema > SCHEMA_OF_BEATS:
        raise BundleError(
            f"{MANIFEST}: written by a newer einthoven (schema {schema}), this one reads {SCHEMA_OF_BEATS}"
        )
    is_of_beats = schema == SCHEMA_OF_BEATS
    chain = take(manifest, "chain", dict, optional=True) if is_of_beats else None
    return Bundle(
        name=take(manifest, "name", str),
        version=take(manifest, "version", str),
        task=take(manifest, "task", str),
        labels=take_labels(manifest),
        pipeline=tuple(take(manifest, "pipeline", list)),
        input=take_input(manifest),
        networks=networks,
        golden=golden,
        single_label=take(manifest, "single_label", bool),
        vote=take(manifest, "vote", str),
        temperature=take(manifest, "temperature", float),
        thresholds=take_thresholds(manifest),
        at_least_one="at_least_one" in manifest and take(manifest, "at_least_one", bool),
        abstention=take_abstention(manifest),
        provenance=MappingProxyType(take(manifest, "provenance", dict)),
        cut=MappingProxyType(take(manifest, "cut", dict)) if is_of_beats else None,
        chain=None if chain is None else MappingProxyType(chain),
    )


def take_labels(manifest: Mapping[str, Any]) -> tuple[Label, ...]:
    """Return the classes. Raises BundleError if they are not there, or of another type."""
    return tuple(_build(Label, item) for item in take(manifest, "labels", list))


def take_input(manifest: Mapping[str, Any]) -> InputSpec:
    """Return what the model expects. Raises BundleError if a field is not there, or of another type."""
    taken = take(manifest, "input", dict)
    return InputSpec(
        fs=take(taken, "fs", float),
        leads=tuple(str(lead) for lead in take(taken, "leads", list)),
        min_duration_s=take(taken, "min_duration_s", float),
        max_duration_s=take(taken, "max_duration_s", float),
        units=take(taken, "units", str),
        may_lack_leads="may_lack_leads" in taken and take(taken, "may_lack_leads", bool),
    )


def take_thresholds(manifest: Mapping[str, Any]) -> tuple[float, ...] | None:
    """Return the thresholds, if there are some. Raises BundleError if the field is of another type."""
    thresholds = take(manifest, "thresholds", list, optional=True)
    return None if thresholds is None else tuple(float(value) for value in thresholds)


def take_abstention(manifest: Mapping[str, Any]) -> Abstention | None:
    """Return when it abstains, if it may. Raises BundleError if a field is of another type."""
    abstention = take(manifest, "abstention", dict, optional=True)
    return None if abstention is None else _build(Abstention, abstention)


def take(mapping: Any, key: str, kind: type, *, optional: bool = False) -> Any:
    """Return one field of a JSON object, an int as a float where a float is wanted.

    Raises BundleError if the field is missing or of another type.
    """
    if not isinstance(mapping, dict) or key not in mapping:
        raise BundleError(f"{MANIFEST}: {key} is missing")
    value = mapping[key]
    if value is None and optional:
        return None
    # JSON writes 300.0 as 300, and in Python True is an int.
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise BundleError(f"{MANIFEST}: {key}: expected {kind.__name__}, found {value!r:.60}")
    return value


def _input_json(expected: InputSpec) -> dict[str, Any]:
    """Return it without the leave to lack leads where there is none, as before there was such a field."""
    fields = asdict(expected)
    return fields if expected.may_lack_leads else {k: v for k, v in fields.items() if k != "may_lack_leads"}


def _optional(mapping: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if mapping is None else dict(mapping)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _build(kind: type[_Plain], mapping: Any) -> _Plain:
    """Return a dataclass whose fields are plain values, from the JSON object of the same keys."""
    return kind(**{name: take(mapping, name, of) for name, of in get_type_hints(kind).items()})
