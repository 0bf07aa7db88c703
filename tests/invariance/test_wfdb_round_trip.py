"""What is written as WFDB comes back the same, for us and for the wfdb package; codecs invert each other."""

import itertools
import tempfile
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from einthoven.errors import ECGError
from einthoven.formats import read_record, write_wfdb
from einthoven.formats.channels import is_other
from einthoven.formats.wfdb.annotations import SYMBOLS, decode_annotations, encode_annotations
from einthoven.formats.wfdb.header import Header, SignalLine, format_header, parse_header
from einthoven.formats.wfdb.samples import decode_212, n_bytes, n_values
from einthoven.record import Annotation, Record, lead_name

with warnings.catch_warnings():
    # The package's own use of pandas is deprecated; that is not ours to mend.
    warnings.simplefilter("ignore")
    import wfdb

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

WORDS = st.text(
    st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="#"), min_size=1, max_size=8
)
LEADS = WORDS.filter(lambda word: not is_other(word))
TEXT = st.lists(WORDS, min_size=1, max_size=3).map(" ".join)
RATES = st.floats(0.5, 5000).map(lambda fs: round(fs, 4))


@st.composite
def annotations(draw: st.DrawFn, n_samples: int) -> Annotation:
    n = draw(st.integers(0, 6))
    samples = sorted(draw(st.lists(st.integers(0, n_samples), min_size=n, max_size=n)))
    symbols = draw(st.lists(st.sampled_from(sorted(SYMBOLS.values())), min_size=n, max_size=n))
    notes = draw(st.lists(TEXT.filter(lambda text: not text.startswith("## ")), min_size=n, max_size=n))
    return Annotation(np.array(samples, np.int64), tuple(symbols), tuple(notes))


@st.composite
def records(draw: st.DrawFn) -> Record:
    n_leads, n_samples = draw(st.integers(1, 4)), draw(st.integers(1, 40))
    digital = draw(arrays(np.int16, (n_leads, n_samples), elements=st.integers(-32768, 32767)))
    signal = np.where(digital == -32768, np.nan, digital / 1000).astype(np.float32)
    return Record(
        signal=signal,
        fs=draw(RATES),
        leads=tuple(draw(st.lists(LEADS, min_size=n_leads, max_size=n_leads))),
        name="r",
        annotations=draw(st.none() | annotations(n_samples)),
        comments=tuple(draw(st.lists(TEXT, max_size=3))),
    )


@settings(max_examples=60, deadline=None)
@given(record=records())
def test_write_and_read(record: Record) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = write_wfdb(record, folder)
        read = read_record(path)
        theirs = wfdb.rdrecord(str(path.with_suffix("")))
        stored = wfdb.rdrecord(str(path.with_suffix("")), physical=False)
    np.testing.assert_array_equal(read.signal, record.signal, strict=True)
    np.testing.assert_array_equal(theirs.p_signal.T.astype(np.float32), record.signal)
    assert theirs.fs == record.fs == read.fs
    assert [checksum % 65536 for checksum in stored.checksum] == stored.calc_checksum()
    assert stored.init_value == stored.d_signal[0].tolist()
    assert read.leads == tuple(lead_name(lead) for lead in record.leads)
    assert read.comments == record.comments
    assert [text for text in read.warnings if "check the units" not in text] == []
    assert (read.annotations is None) == (record.annotations is None)
    if record.annotations is not None and read.annotations is not None:
        assert_same(read.annotations, record.annotations)


def assert_same(found: Annotation, expected: Annotation) -> None:
    np.testing.assert_array_equal(found.samples, expected.samples, strict=True)
    assert found.symbols == expected.symbols
    assert found.notes == expected.notes


def encode_212(values: np.ndarray) -> np.ndarray:
    """Pack pairs of 12-bit samples into three bytes, one at a time, as signal(5) says."""
    packed = bytearray()
    for first, second in itertools.zip_longest(*[iter(values.tolist())] * 2, fillvalue=0):
        packed += bytes([first & 0xFF, first >> 8 & 0x0F | second >> 4 & 0xF0, second & 0xFF])
    return np.frombuffer(bytes(packed[: n_bytes("212", len(values))]), np.uint8)


@given(values=arrays(np.int16, st.integers(0, 50), elements=st.integers(-2048, 2047)))
def test_212(values: np.ndarray) -> None:
    packed = encode_212(values)
    assert len(packed) == n_bytes("212", len(values))
    np.testing.assert_array_equal(
        decode_212(packed, len(values)).reshape(-1)[: len(values)], values, strict=True
    )


@given(data=st.binary(max_size=60))
def test_212_whatever_the_bytes(data: bytes) -> None:
    packed = np.frombuffer(data, np.uint8)
    n = n_values("212", len(data)) or 0
    values = decode_212(packed, n).reshape(-1)[:n]
    repacked = encode_212(values)
    if n % 2:
        # The upper half of the last byte belongs to no sample.
        np.testing.assert_array_equal(repacked[:-1], packed[: len(repacked) - 1])
        assert repacked[-1] == packed[len(repacked) - 1] & 0x0F
    else:
        np.testing.assert_array_equal(repacked, packed[: len(repacked)])


@given(
    fmt=st.sampled_from(["8", "16", "24", "32", "61", "80", "160", "212", "310", "311"]),
    n=st.integers(0, 10**12),
)
def test_sizes_fit(fmt: str, n: int) -> None:
    fits = n_values(fmt, n_bytes(fmt, n))
    assert fits is not None
    assert n <= fits <= n + 1
    assert n_bytes(fmt, n_values(fmt, n) or 0) <= n


@given(marks=annotations(3 * 10**9))
def test_annotations(marks: Annotation) -> None:
    assert_same(decode_annotations(encode_annotations(marks), 360.0, "x"), marks)


@given(data=st.binary(max_size=60) | st.binary(max_size=60).map(lambda data: data + bytes(2)))
def test_damaged_annotations_raise_nothing_else(data: bytes) -> None:
    try:
        marks = decode_annotations(data, 360.0, "x")
    except ECGError as error:
        assert str(error).startswith("x")
    else:
        # Nothing is made up: each mark has two bytes, and so has the end; notes have their letters' number.
        assert 2 * (len(marks.samples) + 1) <= len(data)
        assert all(marks.symbols)
        assert sum(map(len, marks.notes)) <= len(data)


@given(
    text=st.text(max_size=80)
    | st.from_regex(r"[a-z]{1,3}(/\d)? \d( \d{1,3}){0,2}\n(x.dat \S+ \S+.{0,20}\n)*")
)
def test_damaged_headers_raise_nothing_else(text: str) -> None:
    try:
        header = parse_header(text, "x")
    except ECGError as error:
        assert str(error).startswith("x")
    else:
        assert np.isfinite(header.fs)
        assert header.fs > 0
        assert header.n_samples is None or header.n_samples >= 0
        assert header.segments or len(header.signals) == header.n_signals
        assert all(np.isfinite(signal.gain) and signal.gain != 0 for signal in header.signals)
        names = [signal.file_name for signal in header.signals] + [name for name, _ in header.segments]
        assert not any(name.startswith("/") or ".." in name.split("/") for name in names)


SIGNALS = st.builds(
    SignalLine,
    file_name=st.sampled_from(["x.dat", "x.mat"]),
    fmt=st.sampled_from(["16", "212", "24"]),
    samples_per_frame=st.integers(1, 9),
    skew=st.integers(0, 9),
    byte_offset=st.integers(0, 99),
    gain=st.floats(1e-6, 1e9),
    baseline=st.integers(-(2**31), 2**31),
    units=st.sampled_from(["mV", "uV", "mmHg"]),
    adc_resolution=st.integers(0, 32),
    adc_zero=st.integers(-4096, 4096),
    initial_value=st.integers(-4096, 4096),
    checksum=st.integers(-32768, 32767),
    block_size=st.integers(0, 9),
    description=TEXT,
)


@given(signals=st.lists(SIGNALS, max_size=4), fs=RATES, n_samples=st.none() | st.integers(1, 10**9))
def test_header(signals: list[SignalLine], fs: float, n_samples: int | None) -> None:
    header = Header("r", fs, n_samples, len(signals), tuple(signals), comments=("Age: 74", "a b"))
    assert parse_header(format_header(header), "x") == header
