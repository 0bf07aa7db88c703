"""The annotation format, by clause of annot(5)."""

import numpy as np
import pytest

from einthoven.errors import FormatError, RecordError
from einthoven.formats.wfdb.annotations import SYMBOLS, decode_annotations, encode_annotations
from einthoven.record import Annotation

END = b"\0\0"


def words(*values: int) -> bytes:
    return np.array(values, "<u2").tobytes()


def note(text: str) -> bytes:
    data = text.encode()
    return words(63 << 10 | len(data)) + data + b"\0" * (len(data) % 2)


def decode(data: bytes, fs: float = 360.0) -> Annotation:
    return decode_annotations(data, fs, "x.atr")


def test_codes() -> None:
    assert len(SYMBOLS) == len(set(SYMBOLS.values())) == 39
    assert (SYMBOLS[1], SYMBOLS[5], SYMBOLS[16], SYMBOLS[28], SYMBOLS[41]) == ("N", "V", "|", "+", "r")


def test_intervals_add_up() -> None:
    marks = decode(words(1 << 10 | 18, 5 << 10 | 1023, 8 << 10 | 0) + END)
    np.testing.assert_array_equal(marks.samples, [18, 1041, 1041])
    assert marks.symbols == ("N", "V", "A")
    assert marks.notes == ()


def test_skip_has_its_high_word_first_and_may_go_back() -> None:
    data = words(59 << 10, 1, 2, 1 << 10 | 3, 59 << 10, 0xFFFF, 0xFFFF, 1 << 10) + END
    np.testing.assert_array_equal(decode(data).samples, [65541, 65540])


def test_notes_lose_the_closing_zero_of_c() -> None:
    marks = decode(
        words(28 << 10 | 5) + note("(N\0") + words(28 << 10 | 5) + note("(AFIB") + words(1 << 10) + END
    )
    assert marks.notes == ("(N", "(AFIB", "")


def test_notes_in_latin_1() -> None:
    data = words(22 << 10 | 5, 63 << 10 | 2) + "\xe9t".encode("latin-1") + END
    assert decode(data).notes == ("\xe9t",)


def test_subtype_channel_and_number_are_read_over() -> None:
    data = words(1 << 10 | 5, 61 << 10 | 3, 62 << 10 | 1, 60 << 10 | 2, 5 << 10 | 7) + END
    marks = decode(data)
    np.testing.assert_array_equal(marks.samples, [5, 12])


def test_time_resolution_note_rescales() -> None:
    data = words(22 << 10) + note("## time resolution: 180") + words(1 << 10 | 100) + END
    marks = decode(data)
    np.testing.assert_array_equal(marks.samples, [200])
    assert marks.symbols == ("N",)


def test_rate_of_frames_rescales() -> None:
    marks = decode_annotations(words(1 << 10 | 100) + END, 500.0, "x.atr", 125.0)
    np.testing.assert_array_equal(marks.samples, [400])


def test_defined_symbols() -> None:
    at_start = words(22 << 10)
    texts = ("## annotation type definitions", "42 X a thing", "## end of definitions")
    definitions = b"".join(at_start + note(text) for text in texts)
    data = definitions + words(42 << 10 | 9, 43 << 10 | 1) + at_start + note("43 said later") + END
    marks = decode(data)
    assert marks.symbols == ("X", "43", '"')
    assert marks.notes == ("", "", "43 said later")


def test_other_notes_at_the_start_stay() -> None:
    assert decode(words(22 << 10) + note("6 leads") + END).notes == ("6 leads",)


def test_what_is_no_annotation_is_left_out() -> None:
    np.testing.assert_array_equal(decode(words(0 << 10 | 5, 1 << 10 | 5) + END).samples, [10])
    assert decode(END).symbols == ()


@pytest.mark.parametrize(
    "data", [b"", words(1 << 10 | 5), words(59 << 10, 1), words(1 << 10, 63 << 10 | 9), b"\0"]
)
def test_a_file_without_end_is_refused(data: bytes) -> None:
    with pytest.raises(
        FormatError, match=r"^x\.atr: expected an end mark after the last annotation, found the end"
    ):
        decode(data)


def marks_at(*samples: int, symbol: str = "N", text: str = "") -> Annotation:
    n = len(samples)
    return Annotation(np.array(samples, np.int64), (symbol,) * n, (text,) * n)


def test_steps_beyond_a_skip() -> None:
    marks = marks_at(5, 2**33)
    np.testing.assert_array_equal(decode(encode_annotations(marks)).samples, marks.samples)


@pytest.mark.parametrize(
    ("marks", "message"),
    [
        (marks_at(1, symbol="AF"), "expected WFDB mnemonics as annotation symbols, found 'AF'"),
        (marks_at(5, 4), "expected annotations in the order of their samples"),
        (marks_at(-1), "expected annotations in the order of their samples"),
        (marks_at(1, text="n" * 256), "expected notes of at most 255 bytes, found one of 256"),
    ],
)
def test_what_cannot_be_written(marks: Annotation, message: str) -> None:
    with pytest.raises(RecordError, match=message):
        encode_annotations(marks)


@pytest.mark.parametrize(
    ("fs", "digits"), [(360.0, "360"), (128.5, "128.5"), (1e6, "1000000"), (1 / 3, "0.3333333333")]
)
def test_a_rate_is_stated_in_digits_and_comes_first(fs: float, digits: str) -> None:
    data = encode_annotations(marks_at(7), fs)
    assert data.startswith(words(22 << 10) + note(f"## time resolution: {digits}"))
    assert data.removeprefix(words(22 << 10) + note(f"## time resolution: {digits}")) == words(1 << 10 | 7, 0)
    np.testing.assert_array_equal(decode(data, fs).samples, [7])
