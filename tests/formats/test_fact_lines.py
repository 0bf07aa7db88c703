"""Facts as lines."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from einthoven.formats.fact_lines import PATIENT, RECORDING, fact_lines, read_facts
from einthoven.record import Record

WORDS = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=8)


@given(
    st.dictionaries(st.sampled_from(sorted(PATIENT)), WORDS),
    st.dictionaries(st.sampled_from(sorted(RECORDING)), WORDS),
)
def test_every_known_fact_is_read_back(patient: dict[str, str], recording: dict[str, str]) -> None:
    record = Record([[0.0]], 250, ("I",), patient=patient, recording=recording, statements=("a", "b"))
    facts = read_facts(fact_lines(record))
    assert (facts.patient, facts.recording, facts.statements) == (patient, recording, ("a", "b"))


def test_other_lines_are_comments() -> None:
    lines = ("no colon", "Age:", "Unknown: 5", "Age: 50", "Age: 60")
    facts = read_facts(lines)
    assert facts.comments == ("no colon", "Age:", "Unknown: 5")
    assert facts.patient == {"age": "50"}


def test_a_fact_of_several_lines_becomes_one() -> None:
    record = Record([[0.0]], 250, ("I",), patient={"history": "a\nb"}, comments=("c\nd",))
    assert fact_lines(record) == ("History: a b", "c", "d")
