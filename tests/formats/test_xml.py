"""XML documents: encodings, what is refused, and how long the refusals take."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.errors import FormatError
from einthoven.formats.limits import LIMITS, Limits
from einthoven.formats.xml import parse_xml, root_of

DOCUMENT = '<?xml version="1.0" encoding="{}"?>\n<!-- ECG -->\n<ecg><name>Jürgen</name></ecg>'


def text_of(data: bytes) -> str | None:
    return parse_xml(data, "x.xml", LIMITS).findtext("name")


def refusal_of(data: bytes, limits: Limits = LIMITS) -> str:
    with pytest.raises(FormatError, match=r"^x\.xml: expected ") as error:
        parse_xml(data, "x.xml", limits)
    return str(error.value).removeprefix("x.xml: expected ")


@pytest.mark.parametrize(
    ("declared", "written"),
    [
        ("UTF-8", "utf-8"),
        ("UTF-8", "utf-8-sig"),
        ("UTF-16", "utf-16"),
        ("UTF-16", "utf-16-le"),
        ("UTF-16", "utf-16-be"),
        ("ISO-8859-1", "latin-1"),
        ("iso-8859-15", "iso-8859-15"),
        ("windows-1252", "cp1252"),
        # What databases and editors make of them.
        ("UTF-16", "utf-8"),
        ("UTF-8", "cp1252"),
        ("utf-8", "latin-1"),
    ],
)
def test_encodings(declared: str, written: str) -> None:
    data = DOCUMENT.format(declared).encode(written)
    assert text_of(data) == "Jürgen"
    assert root_of(data) == "ecg"


@pytest.mark.parametrize(
    ("encoding", "name"), [("GB2312", "李"), ("GB18030", "李"), ("Shift_JIS", "田中"), ("EUC-KR", "김")]
)
def test_encodings_of_eastern_asia(encoding: str, name: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}" ?><ecg><name>{name}</name></ecg>'
    assert text_of(text.encode(encoding)) == name
    assert "text in gb2312, as the document says, found" in refusal_of(
        b'<?xml version="1.0" encoding="GB2312"?><ecg>\xff\xff</ecg>'
    )


def test_a_document_without_a_declaration_is_utf_8_or_windows_1252() -> None:
    assert text_of("<ecg><name>Jürgen’s</name></ecg>".encode()) == "Jürgen’s"
    assert text_of("<ecg><name>Jürgen’s</name></ecg>".encode("cp1252")) == "Jürgen’s"


def test_blanks_before_the_document_are_passed_over() -> None:
    assert text_of(b"\r\n  " + DOCUMENT.format("UTF-8").encode()) == "Jürgen"


@pytest.mark.parametrize("encoding", ["klingon", "hex", "utf-7", "punycode"])
def test_unknown_encodings(encoding: str) -> None:
    assert refusal_of(DOCUMENT.format(encoding).encode()).startswith(
        ("XML in a known encoding", "well-formed")
    )


def test_namespaces_and_prefixes_are_cut_off() -> None:
    root = parse_xml(
        b'<h:ecg xmlns:h="urn:x" xmlns:xsi="urn:y"><h:value xsi:type="PQ" h:unit="uV"/></h:ecg>', "x", LIMITS
    )
    assert root.tag == "ecg"
    assert root.find("value") is not None
    assert {"type": "PQ", "unit": "uV"}.items() <= root[0].attrib.items()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "well-formed XML, found at line 1, column 0: no element found"),
        (b"<ecg>\n</egc>", "well-formed XML, found at line 2, column 2: mismatched tag"),
        (b"<ecg>\0</ecg>", "well-formed XML, found at line 1, column 5: not well-formed"),
        ("<ecg>ü\0</ecg>".encode("latin-1"), "well-formed XML, found at line 1, column 5: not well-formed"),
        (b"<ecg>&beat;</ecg>", "well-formed XML, found at line 1, column 5: undefined entity"),
        (b"<ecg/><ecg/>", "well-formed XML, found at line 1, column 6: junk after document element"),
        (b"<ecg", "well-formed XML, found at line 1, column 0: unclosed token"),
    ],
)
def test_damaged_documents(data: bytes, reason: str) -> None:
    assert refusal_of(data).startswith(reason)


@pytest.mark.parametrize(
    ("declaration", "found"),
    [
        (b'<!ENTITY a "x">', "the declaration of 'a'"),
        (b'<!ENTITY a SYSTEM "file:///etc/passwd">', "the declaration of 'a'"),
        (b'<!ENTITY % a SYSTEM "http://localhost/x">%a;', "the declaration of 'a'"),
        (b'<!ENTITY a "&b;&b;"><!ENTITY b "&a;&a;">', "the declaration of 'a'"),
        (b'<!ENTITY a SYSTEM "x" NDATA gif>', "the declaration of 'a'"),
    ],
)
def test_entities_are_refused_before_they_are_used(declaration: bytes, found: str) -> None:
    data = b"<!DOCTYPE ecg [" + declaration + b"]><ecg>&a;</ecg>"
    assert refusal_of(data) == f"XML without entities of its own, found {found}"


def test_a_document_type_is_passed_over_and_never_fetched() -> None:
    with tempfile.TemporaryDirectory() as folder:
        dtd = Path(folder) / "ecg.dtd"
        dtd.write_text('<!ENTITY beat "N"><!ATTLIST ecg unit CDATA "uV">')
        head = f'<!DOCTYPE ecg SYSTEM "{dtd.as_uri()}">'.encode()
        assert parse_xml(head + b"<ecg>1</ecg>", "x", LIMITS).attrib == {}
        # A missing number must not go unnoticed.
        assert refusal_of(head + b"<ecg>1 &beat; 2</ecg>") == (
            "XML without entities of its own, found a reference to 'beat'"
        )
    public = b'<!DOCTYPE ecg PUBLIC "-//X//EN" "http://localhost/x.dtd" [<!ELEMENT ecg ANY>]><ecg>1</ecg>'
    assert parse_xml(public, "x", LIMITS).text == "1"


def test_declared_defaults_are_not_filled_in() -> None:
    data = b'<!DOCTYPE a [<!ATTLIST b c CDATA "d">]><a><b/></a>'
    assert parse_xml(data, "x", LIMITS)[0].attrib == {}


def test_depth_and_number_of_elements() -> None:
    assert parse_xml(b"<a>" * 64 + b"</a>" * 64, "x", LIMITS).tag == "a"
    assert "at most 64 xml depth (the limit xml_depth), found 65" in refusal_of(b"<a>" * 65 + b"</a>" * 65)
    assert "at most 64 xml depth" in refusal_of(b"<a>" * 300_000)
    few = Limits(xml_elements=3)
    assert len(parse_xml(b"<a><b/><b/></a>", "x", few)) == 2
    assert "at most 3 xml elements (the limit xml_elements), found 4" in refusal_of(b"<a>" + b"<b/>" * 3, few)
    assert "at most 9 file bytes" in refusal_of(b"<a>12345</a>", Limits(file_bytes=9))


def test_long_tags_and_comments() -> None:
    assert len(parse_xml(b'<a b="' + b"x" * 2**21 + b'"/>', "x", LIMITS).attrib["b"]) == 2**21
    for start in (b"<a><!--", b'<a b="'):
        assert refusal_of(start + b"x" * 2**25).startswith("tags and comments of at most 16777216 bytes")
    long = parse_xml(b"<a>" + b"1 2\n" * 2**20 + b"</a>", "x", LIMITS)
    assert long.text is not None
    assert len(long.text) == 2**22


@pytest.mark.parametrize(
    "data",
    [
        b'<a xmlns="' + b"u" * 500_000 + b'">' + b"<a/>" * 120_000 + b"</a>",
        b'<!DOCTYPE a [<!ATTLIST b c CDATA "' + b"u" * 300_000 + b'">]><a>' + b"<b/>" * 150_000 + b"</a>",
        b"<a " + b" ".join(b"a%d=''" % i for i in range(90_000)) + b"/>",
        b"<a>" + b"<b/>" * 240_000 + b"</a>",
        b"<a>" + b"&amp;" * 200_000 + b"</a>",
    ],
    ids=["long namespace", "long default", "attributes", "elements", "references"],
)
def test_what_would_grow_with_the_square_does_not(data: bytes) -> None:
    # Each would take minutes or gigabytes otherwise, which the run of the tests does not survive unnoticed.
    assert parse_xml(data, "x", LIMITS).tag == "a"


@pytest.mark.parametrize(
    ("head", "root"),
    [
        (b"<ecg>", "ecg"),
        (b"  \n<ecg/>", "ecg"),
        (b"<x:ecg xmlns:x='urn:x'>", "ecg"),
        (b'<!-- a > b --><?xml-stylesheet href="x"?><ecg a="1">', "ecg"),
        (b'<!DOCTYPE ecg SYSTEM "ecg.dtd"><ecg>', "ecg"),
        (b'<!DOCTYPE ecg [<!ELEMENT a (b)><!ATTLIST a c CDATA "">]\n><ecg>', "ecg"),
        (b'<?xml version="1.0"?><!-- ' + b"x" * 5000 + b" --><ecg>", "ecg"),
        (b'<?xml version="1.0"?><!-- unfinished', ""),
        (b'<?xml version="1.0"?><!DOCTYPE ecg [<!ELEMENT a (b)>', ""),
        (b'<?xml version="1.0"?>', ""),
        (b"<!-- unfinished", None),
        (b"<ecg", None),
        (b"< 3 mV", None),
        (b"I,II,III\n1,2,3", None),
        (b"", None),
        (b"\xff\xfe", None),
        (b"\xff\xd8\xff\xe0", None),
    ],
)
def test_the_root_is_told_from_the_head(head: bytes, root: str | None) -> None:
    assert root_of(head) == root


def test_telling_the_root_takes_no_longer_for_what_is_made_to_delay_it() -> None:
    for piece in (b"<!--", b"<?", b"<!DOCTYPE [", b"<!DOCTYPE [<!--", b"<!---->", b"<??>", b" "):
        assert root_of((piece * 65536)[:65536]) is None


@settings(max_examples=150, deadline=1000)
@given(st.binary(max_size=60), st.integers(0, 60), st.integers(0, 8))
def test_only_one_kind_of_error_comes_out(noise: bytes, at: int, cut: int) -> None:
    data = b'<?xml version="1.0"?><!DOCTYPE a [<!ATTLIST a b CDATA "c">]><a b="1"><!-- c --><b>2</b></a>'
    changed = data[:at] + noise + data[at + cut :]
    root_of(changed)
    try:
        parse_xml(changed, "x", LIMITS)
    except FormatError as error:
        assert str(error).startswith("x: expected ")
