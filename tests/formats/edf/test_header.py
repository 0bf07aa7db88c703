import pytest
from edf_file import Wave, edf_file

from einthoven.formats.edf import looks_like_edf


@pytest.mark.parametrize("bdf", [False, True])
def test_what_looks_like_one(bdf: bool) -> None:
    assert looks_like_edf(edf_file(Wave(), bdf=bdf))
    assert looks_like_edf(edf_file(Wave(), bdf=bdf)[:256])


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"0       " * 31,
        b"0       1,2,3\n" * 40,
        b"0       " + b" " * 248,
        edf_file(Wave())[:184] + b"513     " + edf_file(Wave())[192:256],
        b"1       " + edf_file(Wave())[8:],
        b"\xffBIOSEMX" + edf_file(Wave())[8:],
    ],
)
def test_what_does_not(head: bytes) -> None:
    assert not looks_like_edf(head)
