"""Mutations: what comes out is whole where the format is, and differs."""

import gzip
import random
import zipfile
from collections.abc import Callable
from io import BytesIO
from xml.etree import ElementTree

import numpy as np
import pytest
from fuzz.mutation import (
    MUTATORS,
    Mutator,
    mutate_base64_xml,
    mutate_gzip,
    mutate_mat,
    mutate_npz,
    mutate_xml,
)
from fuzz.seeds import SEEDS

from einthoven.formats.mat.variables import decode_mat

MOST = 2**16


def flipped(data: bytes, _: int) -> bytes:
    return bytes([data[0] ^ 1]) + data[1:] if data else b"\1"


def made(mutator: Mutator, data: bytes, most: int = MOST, n: int = 60) -> list[bytes]:
    return [mutator(data, most, random.Random(seed), flipped) for seed in range(n)]


@pytest.mark.parametrize("name", MUTATORS)
def test_mutations_keep_to_the_length_and_differ(name: str) -> None:
    for data in SEEDS[name]().values():
        found = made(MUTATORS[name], data, n=20)
        assert all(len(one) <= MOST for one in found)
        assert len(set(found)) > 1 or name in ("npy", "mat")
        assert set(found) != {data}


@pytest.mark.parametrize("name", MUTATORS)
@pytest.mark.parametrize(
    "data", [b"", b"<", b"PK\3\4", b"\x1f\x8b\x08", b"MATLAB", b"<a>", b"<a/>", bytes(200)]
)
def test_what_is_of_no_format_is_changed_as_it_is(name: str, data: bytes) -> None:
    assert all(isinstance(one, bytes) for one in made(MUTATORS[name], data, n=10))


@pytest.mark.parametrize("mutator", [mutate_xml, mutate_base64_xml])
def test_documents_stay_well_formed(mutator: Mutator) -> None:
    found = made(mutator, SEEDS["philips"]()["1.04-base64"])
    well_formed = sum(_is_read(ElementTree.fromstring, data) for data in found)
    assert well_formed > len(found) // 2


def test_packed_files_stay_whole() -> None:
    data = SEEDS["gzip"]()["csv"]
    assert all(gzip.decompress(one) == flipped(gzip.decompress(data), 0) for one in made(mutate_gzip, data))


def test_archives_stay_whole() -> None:
    for data in made(mutate_npz, SEEDS["npy"]()["archive"], n=20):
        with zipfile.ZipFile(BytesIO(data)) as archive:
            assert archive.testzip() is None
    integers = SEEDS["npy"]()["integers"]
    assert mutate_npz(integers, MOST, random.Random(1), flipped) == flipped(integers, MOST)


def test_compressed_variables_stay_whole() -> None:
    def last_changed(data: bytes, _: int) -> bytes:
        return data[:-1] + bytes([data[-1] ^ 64])

    data = SEEDS["mat"]()["structure-compressed"]
    found = mutate_mat(data, MOST, random.Random(1), last_changed)
    before, after = (decode_mat(one)["ECG"]["data"] for one in (data, found))  # type: ignore[index]
    assert int(np.sum(before != after)) == 1


def test_too_long_ones_are_changed_as_they_are() -> None:
    for name in MUTATORS:
        data = list(SEEDS[name]().values())[-1]
        assert set(made(MUTATORS[name], data, most=4, n=5)) == {flipped(data, 4)}


def _is_read(parse: Callable[[bytes], object], data: bytes) -> bool:
    try:
        parse(data)
    except ElementTree.ParseError:
        return False
    return True
