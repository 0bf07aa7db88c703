import struct

import numpy as np
import pytest
import scp_encoder as scp

from einthoven.errors import FormatError
from einthoven.formats.scp.huffman import decode_huffman, default_table, read_tables
from einthoven.formats.scp.sections import Section


def section(body: bytes) -> Section:
    return Section(2, body, "x.scp: section 2")


def code(prefix: int, total: int, mode: int, value: int, bits: int) -> bytes:
    return struct.pack("<BBBhI", prefix, total, mode, value, bits)


def one_table(*codes: bytes) -> bytes:
    return struct.pack("<HH", 1, len(codes)) + b"".join(codes)


def test_the_default_table_is_what_the_encoder_has() -> None:
    own = read_tables(section(scp.huffman([scp.Table(scp.DEFAULT_CODES)])))
    default = default_table()
    assert own is not None
    for field in ("starts", "stops", "prefix_bits", "total_bits", "values", "switches_to"):
        np.testing.assert_array_equal(getattr(own, field), getattr(default, field))


def test_many_values_over_many_chunks() -> None:
    values = np.random.default_rng(3).normal(0, 6, 40000).round().astype(int).tolist()
    data = scp.coded(values, None)
    assert len(data) > 2 * 2**16 / 8
    found, left = decode_huffman(data, default_table(), len(values), "x")
    assert found.tolist() == values
    assert left <= 1
    tables = [scp.Table(scp.DEFAULT_CODES), scp.Table((("1", 3, 0),))]
    two = read_tables(section(scp.huffman(tables)))
    assert two is not None
    assert decode_huffman(data, two, len(values), "x")[0].tolist() == values


def test_fewer_values_are_asked_for_than_there_are() -> None:
    data = scp.coded([1] * 100, None)
    found, left = decode_huffman(data, default_table(), 3, "x")
    assert (found.tolist(), left) == ([1, 1, 1], len(data) - 2)
    # The bits that fill up the last bytes look like zeros.
    everything, left = decode_huffman(data, default_table(), None, "x")
    assert everything.tolist() == [1] * 100 + [0] * (len(data) * 8 - 300)
    assert left == 0


@pytest.mark.parametrize("data", [b"", b"\xff\x80", b"\xff\xbf", b"\xff\xff\x00"])
def test_a_code_that_is_cut_is_no_value(data: bytes) -> None:
    found, left = decode_huffman(data, default_table(), 5, "x")
    assert (len(found), left) == (0, len(data))


def test_long_prefixes_and_numbers() -> None:
    body = one_table(
        code(1, 33, 1, -5, 0),
        code(32, 32, 1, 32767, 0xFFFFFFFF),
        code(31, 31, 1, -32768, 0x3FFFFFFF),
        code(2, 3, 1, 10, 1),
    )
    tables = read_tables(section(body))
    assert tables is not None
    bits = (
        "0" + format(2**31 - 1, "032b") + "1" * 32 + "1" * 30 + "0" + "0" + "1" * 32 + "10" + "1" + "10" + "0"
    )
    data = int(bits + "0" * (-len(bits) % 8), 2).to_bytes(-(-len(bits) // 8), "big")
    found, _ = decode_huffman(data, tables, 6, "x")
    assert found.tolist() == [2**31 - 6, 32767, -32768, -6, 9, 10]


def test_prefixes_written_the_other_way_round() -> None:
    body = one_table(
        code(1, 1, 1, 0, 0), code(3, 3, 1, 1, 0b100), code(3, 3, 1, -1, 0b101), code(2, 2, 1, 4, 0b11)
    )
    tables = read_tables(section(body))
    assert tables is not None
    assert decode_huffman(bytes([0b01001011, 0b10000000]), tables, 5, "x")[0].tolist() == [0, 1, -1, 4, 0]


def test_no_tables() -> None:
    assert read_tables(None) is None
    assert read_tables(section(struct.pack("<H", 0))) is None


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"\1", "expected the number of Huffman tables in bytes 1 to 2 of its data, found 1 bytes"),
        (struct.pack("<HH", 1, 0), "expected codes in Huffman table 1, found none"),
        (
            struct.pack("<HH", 2, 1) + code(1, 1, 1, 0, 0),
            "expected the number of codes in Huffman table 2 of 2 in bytes 14 to 15 of its data, "
            "found 13 bytes",
        ),
        (
            struct.pack("<HH", 1, 60000),
            "expected 60000 codes of Huffman table 1 in bytes 5 to 540004 of its data, found 4 bytes",
        ),
        (
            one_table(code(0, 3, 1, 0, 0)),
            "expected a prefix of 1 to 32 bits and up to 32 more in Huffman table 1, found 0 of 3 bits",
        ),
        (
            one_table(code(4, 3, 1, 0, 0)),
            "expected a prefix of 1 to 32 bits and up to 32 more in Huffman table 1, found 4 of 3 bits",
        ),
        (
            one_table(code(4, 37, 1, 0, 0)),
            "expected a prefix of 1 to 32 bits and up to 32 more in Huffman table 1, found 4 of 37 bits",
        ),
        (
            one_table(code(1, 1, 0, 2, 0)),
            "expected a switch to one of 1 Huffman tables in table 1, found 2",
        ),
        (
            one_table(code(1, 1, 1, 2, 0), code(1, 1, 1, 3, 0)),
            "expected codes of which none begins with another in Huffman table 1, found some that do",
        ),
    ],
)
def test_impossible_tables(body: bytes, message: str) -> None:
    with pytest.raises(FormatError) as caught:
        read_tables(section(body))
    assert str(caught.value) == f"x.scp: section 2: {message}"


def test_bits_that_are_no_code() -> None:
    tables = read_tables(section(one_table(code(2, 2, 1, 1, 0), code(2, 2, 1, 2, 0b10))))
    assert tables is not None
    with pytest.raises(FormatError, match=r"^x: expected a Huffman code at bit 4, found none that fits$"):
        decode_huffman(bytes([0b00011000]), tables, 4, "x")
    assert decode_huffman(bytes([0b00011000]), tables, 2, "x")[0].tolist() == [1, 2]
    two = read_tables(
        section(struct.pack("<HH", 2, 1) + code(1, 1, 0, 2, 0) + struct.pack("<H", 1) + code(1, 1, 1, 9, 1))
    )
    assert two is not None
    with pytest.raises(FormatError, match="expected a Huffman code at bit 2, found none that fits"):
        decode_huffman(bytes([0b01000000]), two, 2, "x")
    with pytest.raises(FormatError, match="expected a Huffman code at bit 0, found none that fits"):
        decode_huffman(bytes([0b10000000]), two, 2, "x")
