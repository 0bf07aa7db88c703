"""What is written as HL7 aECG comes back the same."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from einthoven.formats.aecg import encode_aecg, read_aecg
from einthoven.formats.channels import is_other
from einthoven.formats.given import Given
from einthoven.formats.wfdb.annotations import SYMBOLS
from einthoven.record import TWELVE_LEADS, Annotation, Record, lead_name

WORDS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=8)
TEXT = st.lists(WORDS, min_size=1, max_size=3).map(" ".join)
LEADS = st.one_of(
    st.sampled_from((*TWELVE_LEADS, "V7", "V3R", "MLII", "X")),
    WORDS.map(lead_name).filter(lambda word: bool(word) and not is_other(word)),
)
RATES = st.one_of(st.integers(1, 5000), st.floats(0.5, 5000))
KEYS = st.sampled_from(("id", "name", "age", "sex", "birth_date", "race", "height_cm", "of_a_vendor"))
TIMES = st.datetimes().map(lambda time: time.isoformat())
STEPS = st.sampled_from((0.0025, 0.005, 0.001, 0.00488, 0.00244, 0.000152, 0.000001))


@st.composite
def signals(draw: st.DrawFn, n_leads: int) -> np.ndarray:
    n_samples = draw(st.integers(1, 30))
    digital = draw(arrays(np.int16, (n_leads, n_samples), elements=st.integers(-32767, 32767)))
    steps = np.array(draw(st.lists(STEPS, min_size=n_leads, max_size=n_leads)))
    signal = (digital * steps[:, np.newaxis]).astype(np.float32)
    missing = draw(arrays(np.bool_, signal.shape))
    # The standard cannot say that nothing was recorded at the beginning or end.
    missing[0, [0, -1]] = False
    return np.where(missing, np.float32(np.nan), signal)


@st.composite
def marks(draw: st.DrawFn, n_samples: int) -> Annotation | None:
    n = draw(st.integers(0, 5))
    samples = sorted(draw(st.lists(st.integers(0, n_samples), min_size=n, max_size=n)))
    symbols = draw(st.lists(st.sampled_from(sorted(SYMBOLS.values())), min_size=n, max_size=n))
    notes = draw(st.lists(st.one_of(st.just(""), TEXT), min_size=n, max_size=n))
    return Annotation(np.array(samples, np.int64), tuple(symbols), tuple(notes)) if n else None


@st.composite
def records(draw: st.DrawFn, *, with_beat: bool = True) -> Record:
    leads = draw(st.lists(LEADS, min_size=1, max_size=4, unique=True))
    signal = draw(signals(len(leads)))
    recording = draw(st.dictionaries(st.sampled_from(("device", "operator", "pacemaker")), TEXT))
    if draw(st.booleans()):
        recording["recorded_at"] = draw(TIMES)
    return Record(
        signal,
        float(draw(RATES)),
        tuple(leads),
        annotations=draw(marks(signal.shape[1])),
        patient=draw(st.dictionaries(KEYS, TEXT)),
        recording=recording,
        statements=tuple(draw(st.lists(TEXT, max_size=2))),
        comments=tuple(draw(st.lists(TEXT, max_size=2))),
        representative_beat=draw(records(with_beat=False)) if with_beat and draw(st.booleans()) else None,
    )


def assert_same(found: Record, record: Record) -> None:
    assert (found.fs, found.leads) == (record.fs, record.leads)
    np.testing.assert_array_equal(found.signal, record.signal)
    if record.annotations is None:
        assert found.annotations is None
        return
    assert found.annotations is not None
    np.testing.assert_array_equal(found.annotations.samples, record.annotations.samples)
    assert found.annotations.symbols == record.annotations.symbols
    n = len(record.annotations.symbols)
    assert (found.annotations.notes or ("",) * n) == (record.annotations.notes or ("",) * n)


@settings(max_examples=100, deadline=None)
@given(records())
def test_what_is_written_is_read_back_bit_for_bit(record: Record) -> None:
    found = read_aecg(encode_aecg(record), Given(where="x.xml"))
    assert_same(found, record)
    assert dict(found.patient) == dict(record.patient)
    assert dict(found.recording) == dict(record.recording)
    assert (found.statements, found.comments) == (record.statements, record.comments)
    if record.representative_beat is None:
        assert found.representative_beat is None
    else:
        assert found.representative_beat is not None
        assert_same(found.representative_beat, record.representative_beat)
    assert encode_aecg(found) == encode_aecg(record)
