"""ISHNE Holter files, by the parts of Badilini 1998, doi:10.1111/j.1542-474X.1998.tb00353.x."""

import struct

import numpy as np
import pytest
from ishne_encoder import encode_ishne
from scp_encoder import crc16

from einthoven.formats.given import Given
from einthoven.formats.ishne import read_ishne

FILE = Given(where="x.ecg")
FRAMES = [[0], [1], [-1], [32767], [-32768]]


def test_magic_number_and_checksum() -> None:
    """The checksum is CRC-CCITT over the fixed and the free block, without magic number and itself."""
    data = encode_ishne(FRAMES, [6], block=b"free")
    assert struct.unpack_from("<H", data, 8)[0] == crc16(data[10:526])
    assert read_ishne(data, FILE).warnings == ()
    changed = data[:525] + b"X" + data[526:]
    assert len(read_ishne(changed, FILE).warnings) == 1
    samples_changed = data[:526] + b"\7" + data[527:]
    assert read_ishne(samples_changed, FILE).warnings == ()


def test_fixed_block_lies_where_the_paper_says() -> None:
    data = bytearray(encode_ishne(FRAMES, [6]))
    data[28:31], data[68:71], data[108:110] = b"Emm", b"Noe", b"42"
    struct.pack_into("<hh", data, 128, 1, 3)
    struct.pack_into("<3h", data, 132, 23, 3, 1882)
    struct.pack_into("<3h", data, 138, 1, 2, 1935)
    struct.pack_into("<3h", data, 150, 4, 5, 6)
    struct.pack_into("<h", data, 158, 15)
    struct.pack_into("<h", data, 206, 1000)
    struct.pack_into("<h", data, 230, 3)
    data[232:239] = b"analog\0"
    struct.pack_into("<h", data, 272, 1000)
    struct.pack_into("<H", data, 8, crc16(bytes(data[10:522])))
    record = read_ishne(bytes(data), FILE)
    assert dict(record.patient) == {
        "id": "4217",
        "name": "Emm Noeelace",
        "birth_date": "1882-03-23",
        "sex": "male",
        "race": "Oriental",
    }
    assert dict(record.recording) == {
        "recorded_at": "1935-02-01T04:05:06",
        "device": "analog",
        "pacemaker": "dual chamber, unipolar",
    }
    assert (record.fs, record.leads) == (1000.0, ("V5",))
    np.testing.assert_array_equal(record.signal[0], np.array([0, 0.001, -0.001, 32.767, -32.768], np.float32))


@pytest.mark.parametrize(
    ("code", "lead"),
    [
        *enumerate(("X", "Y", "Z", "I", "II", "III", "aVR", "aVL", "aVF"), 2),
        *enumerate(("V1", "V2", "V3", "V4", "V5", "V6", "ES", "AS", "AI"), 11),
    ],
)
def test_table_1_lead_specification(code: int, lead: str) -> None:
    record = read_ishne(encode_ishne(FRAMES, [code]), FILE)
    assert (record.leads, record.warnings) == ((lead,), ())


@pytest.mark.parametrize("code", [-9, 0, 1])
def test_table_1_leads_without_a_name(code: int) -> None:
    record = read_ishne(encode_ishne(FRAMES, [code]), FILE)
    assert record.leads == ("lead 1",)
    assert len(record.warnings) == 1


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (-9, None),
        (0, None),
        (1, None),
        (2, "intermittent noise"),
        (3, "frequent noise"),
        (4, "intermittent disconnection"),
        (5, "frequent disconnection"),
    ],
)
def test_table_2_lead_quality(code: int, words: str | None) -> None:
    record = read_ishne(encode_ishne(FRAMES, [6], quality=[code]), FILE)
    assert record.warnings == ((f"II: the recorder found {words}",) if words else ())


@pytest.mark.parametrize(
    ("code", "words"), [(0, "none"), (1, "of unknown type"), (5, "dual chamber, bipolar")]
)
def test_pacemaker_codes(code: int, words: str) -> None:
    assert read_ishne(encode_ishne(FRAMES, [6], pacemaker=code), FILE).recording["pacemaker"] == words


def test_ecg_block_is_multiplexed() -> None:
    frames = [[1, 10, 100], [2, 20, 200]]
    record = read_ishne(encode_ishne(frames, [5, 6, 7], resolution=[1000, 100, 10]), FILE)
    np.testing.assert_array_equal(record.signal, np.array([[1, 2]] * 3, np.float32) / np.float32(1000))
