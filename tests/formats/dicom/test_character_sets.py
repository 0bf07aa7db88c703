import pytest

from einthoven.formats.dicom.character_sets import decode_text


@pytest.mark.parametrize(
    ("data", "sets", "text"),
    [
        (b"Doe^John \0", (), "Doe^John"),
        ("M\u00fcller".encode("latin-1"), ("ISO_IR 100",), "M\u00fcller"),
        ("M\u00fcller".encode(), ("ISO_IR 192",), "M\u00fcller"),
        ("M\u00fcller".encode(), (), "M\u00fcller"),
        ("M\u00fcller".encode("latin-1"), (), "M\u00fcller"),
        ("\u738b^\u5c0f\u4e1c".encode("gb18030"), ("GB18030",), "\u738b^\u5c0f\u4e1c"),
        # PS3.5, H.3.1: alphabetic, ideographic and phonetic parts.
        (
            b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B",
            ("", "ISO 2022 IR 87"),
            "Yamada^Tarou=\u5c71\u7530^\u592a\u90ce",
        ),
        ("Люкceмбypг".encode("iso8859_5"), ("ISO_IR 144",), "Люкceмбypг"),
    ],
)
def test_text(data: bytes, sets: tuple[str, ...], text: str) -> None:
    assert decode_text(data, sets) == text


@pytest.mark.parametrize("name", ["punycode", "utf_7", "unicode_escape", "zlib", "no such"])
def test_only_defined_terms_count(name: str) -> None:
    assert decode_text(b"a-\xe9", (name,)) == "a-\u00e9"


def test_what_cannot_be_decoded_is_replaced() -> None:
    assert decode_text(b"a\xff", ("ISO_IR 192",)) == "a\ufffd"
