"""WFDB files by the clauses of signal(5) and header(5), bytes worked out by hand."""

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wfdb_encoder import RANGES, write_wfdb

from einthoven.errors import ECGError
from einthoven.formats.given import Given
from einthoven.formats.wfdb import read_wfdb
from einthoven.record import Record

SIGNAL_5 = {
    # "Each sample is represented as an 8-bit first difference": from the initial value 10.
    "8": (b"\x01\x80\x7f", [11, -117, 10]),
    # "16-bit two's complement amplitude stored least significant byte first".
    "16": (b"\x01\x00\xff\xff\x00\x80", [1, -1, None]),
    # "24-bit two's complement amplitude stored least significant byte first".
    "24": (b"\x01\x00\x00\xff\xff\xff\x00\x00\x80", [1, -1, None]),
    # "32-bit two's complement amplitude stored least significant byte first".
    "32": (b"\x01\x00\x00\x00\xff\xff\xff\xff\x00\x00\x00\x80", [1, -1, None]),
    # "16-bit two's complement amplitude stored most significant byte first".
    "61": (b"\x00\x01\xff\xff\x80\x00", [1, -1, None]),
    # "8-bit amplitude in offset binary form (i.e., 128 must be subtracted from each unsigned byte)".
    "80": (b"\x81\x7f\x00", [1, -1, None]),
    # "16-bit amplitude in offset binary form (i.e., 32,768 must be subtracted ...)".
    "160": (b"\x01\x80\xff\x7f\x00\x00", [1, -1, None]),
    # "12-bit two's complement": 12 low bits of the first byte pair; 4 high bits of it and the third byte.
    "212": (b"\x01\xf0\xff\x00\x08", [1, -1, None]),
    # "10-bit": 11 low bits of each byte pair without the lowest; the 5 high bits of both.
    "310": (b"\x02\x00\xfe\x07\x00\x04", [1, -1, 0, None]),
    # "10-bit": the low 10 bits, the next 10, the 10 above; "the two most significant bits are unused".
    "311": (b"\x01\xfc\x0f\xe0", [1, -1, None]),
}


def read(path: Path) -> Record:
    return read_wfdb(path, Given(where=str(path), name=path.stem))


@pytest.mark.parametrize("fmt", SIGNAL_5)
def test_signal_5_formats(tmp_path: Path, fmt: str) -> None:
    data, values = SIGNAL_5[fmt]
    (tmp_path / "x.dat").write_bytes(data)
    path = tmp_path / "x.hea"
    path.write_text(f"x 1 100 {len(values)}\nx.dat {fmt} 1/mV 0 0 10 0 0 II\n")
    expected = [np.nan if value is None else value for value in values]
    np.testing.assert_array_equal(read(path).signal, np.array([expected], np.float32), strict=True)


def test_signal_5_unused_bits_of_format_311_are_of_no_sample(tmp_path: Path) -> None:
    (tmp_path / "x.dat").write_bytes(struct.pack("<I", 0xC0000000 | 5 << 20 | 4 << 10 | 3))
    path = tmp_path / "x.hea"
    path.write_text("x 1 100 3\nx.dat 311 1/mV 0 0 0 0 0 II\n")
    assert read(path).signal.tolist() == [[3, 4, 5]]


def test_header_5_byte_offset_and_skew(tmp_path: Path) -> None:
    path = write_wfdb(tmp_path, "16", [[[1], [5]], [[2], [6]]], offset=7, skews=[1, 0], gain="1/mV")
    np.testing.assert_array_equal(read(path).signal, np.array([[2, np.nan], [5, 6]], np.float32))


def test_header_5_samples_per_frame(tmp_path: Path) -> None:
    path = write_wfdb(tmp_path, "212", [[[1, 2], [9, 8]], [[3, 4], [7, 6]]], fs=90, gain="1/mV")
    found = read(path)
    assert found.signal.tolist() == [[1, 2, 3, 4], [9, 8, 7, 6]]
    assert found.fs == 180


def test_header_5_an_absent_baseline_is_the_adc_zero(tmp_path: Path) -> None:
    path = write_wfdb(tmp_path, "16", [[[20]]], gain="10/mV 12 10")
    assert read(path).signal.tolist() == [[1.0]]


@st.composite
def damaged(draw: st.DrawFn) -> tuple[dict[str, bytes], bytes]:
    """Bytes to put into one of the files of a record, and those that it has then."""
    fmt = draw(st.sampled_from(sorted(RANGES)))
    header = (
        f"x 2 100 6\nx.dat {fmt}x2 200(3)/mV 12 0 7 99 0 II\nx.dat {fmt}:1+3 100 8 0 0 0 0 V1\n# Age: 5\n"
    )
    master = "x/3 1 100 9\nall 0\na 4\n~ 2\n"
    texts = {"x.hea": draw(st.sampled_from([header, master])).encode(), "x.dat": bytes(range(200)),
             "all.hea": b"all 1 100 0\n~ 0 100 8 0 0 0 0 II\n",
             "a.hea": b"a 1 100 4\nx.dat 16 100 0 0 0 0 0 II\n",
             "x.atr": struct.pack("<4H", 1 << 10 | 3, 63 << 10 | 2, 0x4142, 0)}  # fmt: skip
    victim = draw(st.sampled_from(sorted(texts)))
    data = bytearray(texts[victim])
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        match draw(st.sampled_from(["flip", "cut", "insert", "digits"])):
            case "flip" if at < len(data):
                data[at] ^= draw(st.integers(1, 255))
            case "cut":
                del data[at : at + draw(st.integers(1, 9))]
            case "insert":
                data[at:at] = draw(st.binary(min_size=1, max_size=9))
            case "digits":
                data[at:at] = draw(
                    st.sampled_from([b"9", b"0", b"-", b"99999999", b"e9", b"/", b"~", b":", b"x"])
                )
    texts[victim] = bytes(data)
    return texts, bytes(data)


@settings(max_examples=120, deadline=None)
@given(files=damaged())
def test_damaged_files_raise_nothing_but_our_errors(
    tmp_path_factory: pytest.TempPathFactory, files: tuple[dict[str, bytes], bytes]
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    for name, data in files[0].items():
        (folder / name).write_bytes(data)
    try:
        found = read(folder / "x.hea")
    except ECGError as error:
        assert len(str(error).splitlines()) == 1
    else:
        assert found.n_samples > 0
