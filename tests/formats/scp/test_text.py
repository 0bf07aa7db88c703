import pytest

from einthoven.formats.scp.text import decode_text


@pytest.mark.parametrize(
    ("raw", "language", "text"),
    [
        (b"", 0, ""),
        (b"\0abc", 0, ""),
        (b" a\tb ", 0, "a\tb"),
        (b"a\x07b", 0, "a b"),
        (b"one\r\ntwo", 0, "one\ntwo"),
        (b"M\xfcller", 0, "Müller"),
        (b"M\xfcller", 0xFE, "Müller"),
        (b"M\xfcller", 0x37, "M�ller"),
        (b"\x80\xdb", 0x33, "�"),
        ("王".encode("utf-16-le") + b"\0\0x", 0x07, "王"),
        (b"\x00\xd8\x41", 0x07, "�"),
    ],
)
def test_never_fails(raw: bytes, language: int, text: str) -> None:
    assert decode_text(raw, language) == text
