import pickle

import pytest

from einthoven.errors import ECGError, FormatError, MissingExtraError, one_line


@pytest.mark.parametrize(
    "sign", ["\n", "\r", "\t", "\x00", "\x1b", "\x7f", "\x85", "\u2028", "\u202e", "\ud800"]
)
def test_what_is_no_sign_of_a_line_is_escaped(sign: str) -> None:
    text = one_line(f"lead {sign} I")
    assert text == f"lead {ascii(sign)[1:-1]} I"
    assert one_line(text) == text


def test_other_signs_stay() -> None:
    text = "µV, 'Müller', \\x1b, \u00a0, 心電図"
    assert one_line(text) == text


@pytest.mark.parametrize("kind", [FormatError, MissingExtraError])
def test_messages_are_one_line_whatever_a_file_says_in_them(kind: type[ECGError]) -> None:
    error = kind("x: expected a lead, found 'I\n\x1b[2J'")
    assert str(error) == r"x: expected a lead, found 'I\n\x1b[2J'"
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
