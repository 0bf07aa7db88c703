"""EDF and BDF files as records."""

import random
import time
import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest
from edf_file import Text, Wave, edf_file, keeping, tal
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.errors import ECGError, FormatError, RecordError
from einthoven.formats.edf import encode_edf, read_edf
from einthoven.formats.given import Given
from einthoven.formats.limits import Limits
from einthoven.record import Record

X = Given(where="x.edf", name="x", path="x.edf")
LEAD = Wave()


def microvolts(*values: float) -> np.ndarray:
    return (np.array(values) * 1e-3).astype(np.float32)


@pytest.mark.parametrize("bdf", [False, True])
def test_a_lead(bdf: bool) -> None:
    record = read_edf(edf_file(LEAD, bdf=bdf), X)
    np.testing.assert_array_equal(record.signal, microvolts(1, 2, 3, 4, 5, 6, 7, 8)[None], strict=True)
    assert (record.fs, record.leads, record.name, record.path) == (4.0, ("II",), "x", "x.edf")
    assert (record.warnings, record.annotations) == ((), None)


def test_24_bits() -> None:
    wave = Wave(
        records=((-8388608, 8388607, -1, 70000),), physical=(-8388608, 8388607), digital=(-8388608, 8388607)
    )
    record = read_edf(edf_file(wave, bdf=True), X)
    np.testing.assert_array_equal(record.signal[0], microvolts(-8388608, 8388607, -1, 70000))


def test_gain_offset_and_units() -> None:
    wave = Wave(physical=(-1, 3), digital=(-100, 300), dimension="mV")
    np.testing.assert_array_equal(
        read_edf(edf_file(wave), X).signal[0, :2], np.array([0.01, 0.02], np.float32)
    )
    turned = Wave(physical=(1000, -1000))
    np.testing.assert_array_equal(read_edf(edf_file(turned), X).signal[0, :2], microvolts(-1, -2))


def test_two_leads_and_others_that_are_left_out() -> None:
    eeg = Wave("EEG Fpz-Cz", ((9,), (9,)))
    data = edf_file(
        eeg, Wave("EKG1"), Wave("SpO2", ((7,), (7,)), "%"), Wave("V5", ((8, 7, 6, 5), (4, 3, 2, 1)))
    )
    record = read_edf(data, X)
    assert record.leads == ("EKG1", "V5")
    np.testing.assert_array_equal(record.signal[1], microvolts(8, 7, 6, 5, 4, 3, 2, 1))
    assert record.warnings == ("left out, as they are no ECG: EEG Fpz-Cz, SpO2 (%)",)


def test_a_lower_rate_is_repeated() -> None:
    record = read_edf(edf_file(LEAD, Wave("ECG V1", ((1, 2), (3, 4)))), X)
    np.testing.assert_array_equal(record.signal[1], microvolts(1, 1, 2, 2, 3, 3, 4, 4))
    assert (record.fs, record.warnings) == (
        4.0,
        ("V1: samples repeated to the highest rate of the recording",),
    )


def test_rates_without_a_common_one_are_refused_unless_a_lead_is_chosen() -> None:
    data = edf_file(LEAD, Wave("ECG V1", ((1, 2, 3), (3, 4, 5))))
    with pytest.raises(FormatError, match=r"down to 1/16, found II 4 Hz, V1 3 Hz: choose leads of one rate"):
        read_edf(data, X)
    record = read_edf(data, Given(where="x", leads=("V1",)))
    assert (record.fs, record.leads, record.warnings) == (3.0, ("V1",), ())


def test_a_rate_that_is_far_too_low_for_an_ecg_is_not_repeated() -> None:
    with pytest.raises(FormatError, match="found I 17 Hz, V1 1 Hz"):
        read_edf(edf_file(Wave("ECG I", ((0,) * 17,)), Wave("ECG V1", ((1,),))), X)


def test_samples_that_are_said_to_be_missing_more_than_once() -> None:
    text = Text(
        [tal("+0", "") + tal("+0", "missing: II", duration="1.5") + tal("+0.5", "missing: II", duration="9")]
    )
    record = read_edf(
        edf_file(Wave(records=((1, 2, 3, 4, 5, 6, 7, 8),)), text, record_s=4, reserved="EDF+C"), X
    )
    np.testing.assert_array_equal(np.isnan(record.signal[0]), [True] * 8)
    assert record.annotations is None


@pytest.mark.parametrize("n_records", ["-1", "", "?", "0"])
def test_a_recording_that_was_broken_off(n_records: str) -> None:
    record = read_edf(edf_file(LEAD, n_records=n_records), X)
    assert record.n_samples == 8
    assert record.warnings == (
        f"the header does not say how many data records there are (found {n_records!r}), as where "
        "recording was broken off: 2 were found and read",
    )


def test_a_file_that_was_cut_off() -> None:
    data = edf_file(LEAD, n_records=7)
    record = read_edf(data[:-1], X)
    assert record.n_samples == 4
    assert record.warnings == (
        "expected 7 data records, found 1 whole ones: the file is cut off; what is there was read",
    )
    with pytest.raises(RecordError, match=r"x.edf: expected a data record of 8 bytes, found 7 bytes"):
        read_edf(data[:-9], X)


@pytest.mark.parametrize(("n_records", "tail", "rest"), [(1, b"", 8), (2, b"abc", 3)])
def test_a_file_that_is_longer(n_records: int, tail: bytes, rest: int) -> None:
    record = read_edf(edf_file(LEAD, n_records=n_records, tail=tail), X)
    assert record.n_samples == 4 * n_records
    assert record.warnings == (f"{rest} bytes follow the {n_records} data records of the header: not read",)


def test_gaps_between_data_records() -> None:
    text = Text(keeping("+0", "+1", "+3.5"))
    lead = Wave(records=((1, 2), (3, 4), (5, 6)))
    record = read_edf(edf_file(lead, text, reserved="EDF+D"), X)
    nan = np.nan
    np.testing.assert_array_equal(record.signal[0], microvolts(1, 2, 3, 4, nan, nan, nan, 5, 6))
    assert record.warnings == ("1 gaps between data records, 1.5 s in all: their samples are missing",)


def test_a_gap_in_leads_of_two_rates() -> None:
    leads = Wave("ECG I", ((1, 2), (3, 4))), Wave("ECG V1", ((5,), (6,)))
    record = read_edf(edf_file(*leads, Text(keeping("+0", "+2")), reserved="BDF+D", bdf=True), X)
    nan = np.nan
    expected = np.array([microvolts(1, 2, nan, nan, 3, 4), microvolts(5, 5, nan, nan, 6, 6)])
    np.testing.assert_array_equal(record.signal, expected)


def test_rounded_time_stamps_are_no_gaps() -> None:
    lead = Wave(records=((1,) * 1000,) * 3)
    text = Text(keeping("+0", "+0.993", "+2.002"))
    record = read_edf(edf_file(lead, text, reserved="EDF+D"), X)
    assert (record.n_samples, record.warnings) == (3000, ())


def test_a_data_record_without_a_time_stamp_follows_its_predecessor() -> None:
    lead = Wave(records=((1,), (2,), (3,)))
    text = Text([tal("+0", ""), b"", tal("+3", "")])
    record = read_edf(edf_file(lead, text, reserved="EDF+D"), X)
    np.testing.assert_array_equal(record.signal[0], microvolts(1, 2, np.nan, 3))
    assert record.warnings == (
        "1 of 3 data records have no time stamp: taken to follow their predecessors",
        "1 gaps between data records, 1 s in all: their samples are missing",
    )


def test_data_records_that_overlap_are_refused() -> None:
    text = Text(keeping("+0", "+0.5"))
    with pytest.raises(
        FormatError, match=r"expected data record 2 after its predecessor, found it 0.5 s before"
    ):
        read_edf(edf_file(LEAD, text, reserved="EDF+D"), X)


def test_a_gap_beyond_the_limit_is_refused_before_room_is_made() -> None:
    text = Text(keeping("+0", "+999999999999999"))
    with pytest.raises(FormatError, match=r"gap samples \(the limit gap_samples\), found 3999999999999992"):
        read_edf(edf_file(LEAD, text, reserved="EDF+D"), X)


def test_stamps_that_contradict_a_continuous_recording() -> None:
    text = Text(keeping("+0", "+9"))
    record = read_edf(edf_file(LEAD, text, reserved="EDF+C"), X)
    assert record.n_samples == 8
    assert record.warnings == (
        "time stamps of data records are off by up to 8 s, though the recording is said to have no gaps: "
        "read without them",
    )


def test_annotations_count_from_the_first_sample() -> None:
    text = Text(
        [tal("+0.5", "") + tal("+0.75", "N"), tal("+1.5", "") + tal("+2", "Walking", duration="0.25")]
    )
    record = read_edf(edf_file(LEAD, text, reserved="EDF+C"), X)
    marks = record.annotations
    assert marks is not None
    assert (marks.samples.tolist(), marks.symbols) == ([1, 6], ("N", '"'))
    assert marks.notes == ("", "Walking (0.25 s)")
    assert "recorded_at" not in record.recording
    dated = edf_file(LEAD, text, reserved="EDF+C", recording="Startdate 02-MAR-2020 X X X")
    assert read_edf(dated, X).recording["recorded_at"] == "2020-03-02T04:05:06.500000"


def test_annotations_that_are_damaged_or_outside() -> None:
    text = Text([tal("+0", "") + b"junk\0" + tal("+9", "V"), tal("+1", "") + tal("-1", "N")])
    record = read_edf(edf_file(LEAD, text, reserved="EDF+C"), X)
    assert record.annotations is None
    assert record.warnings == (
        "1 annotations are damaged: left out",
        "2 annotations lie before the first sample or past the last: left out",
    )


def test_filters_of_all_leads() -> None:
    leads = [Wave(f"ECG V{i}", prefiltering="HP:0.05Hz LP:150Hz N:50Hz") for i in (1, 2)]
    assert dict(read_edf(edf_file(*leads), X).recording) == {
        "high_pass_hz": "0.05",
        "low_pass_hz": "150",
        "notch_hz": "50",
    }


def test_fields_that_are_not_ascii_never_stop_a_reading() -> None:
    data = edf_file(
        Wave(transducer="\u00e9lectrode", dimension="\u00b5V"),
        patient="J\u00fcrgen".encode("latin-1"),
        recording="\u2014",
        startdate="??.??.??",
        starttime="noon",
        reserved="\u00e9",
    )
    record = read_edf(data, X)
    assert (record.signal[0, 0], dict(record.patient)) == (np.float32(1e-3), {"id": "J\u00fcrgen"})
    assert record.comments == ("Recording: \u2014",)
    assert record.warnings == ("the date of the recording cannot be read: '??.??.??'",)


def test_zeros_that_fill_fields() -> None:
    data = edf_file(LEAD)
    filled = data[:236] + data[236:252].replace(b" ", b"\0") + data[252:]
    assert read_edf(filled, X).n_samples == 8


def test_what_is_given() -> None:
    data = edf_file(LEAD, Wave("ECG V1"))
    assert read_edf(data, Given(where="x", fs=4, units="uV", leads=("v1", "II"))).leads == ("V1", "II")
    with pytest.raises(RecordError, match="expected fs=500 Hz as given, found 4 Hz"):
        read_edf(data, Given(where="x", fs=500))
    with pytest.raises(RecordError, match="expected units=mV as given, found uv in the file for lead II"):
        read_edf(data, Given(where="x", units="mV"))
    with pytest.raises(RecordError, match="expected lead V9, found II, V1"):
        read_edf(data, Given(where="x", leads=("V9", "II")))


DAMAGED: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "expected a header of at least 256 bytes, found 0 bytes"),
    "another version": (
        lambda: b"1" + edf_file(LEAD)[1:],
        "expected version 0 of EDF or BIOSEMI of BDF, found",
    ),
    "no number of signals": (
        lambda: edf_file(LEAD, n_signals="x"),
        "expected a number as the number of signals, found 'x'",
    ),
    "no signals": (lambda: edf_file(LEAD, n_signals=0), "expected at least one signal, found 0"),
    "half a signal": (
        lambda: edf_file(LEAD, n_signals="1.5"),
        "expected a whole number as the number of signals",
    ),
    "many signals": (
        lambda: edf_file(LEAD, n_signals=9999),
        r"at most 256 leads \(the limit leads\), found 9999",
    ),
    "another size of the header": (
        lambda: edf_file(LEAD, n_bytes=768),
        "expected a header of 512 bytes for 1 signals, found '768'",
    ),
    "a header that is cut off": (
        lambda: edf_file(LEAD)[:500],
        "expected a header of 512 bytes, found 500 bytes",
    ),
    "no duration": (
        lambda: edf_file(LEAD, record_s="1,0"),
        "expected a number as the duration of a data record",
    ),
    "a duration of 0": (
        lambda: edf_file(LEAD, record_s=0),
        "expected a sampling rate of 0.1 to 1e.06 Hz, found 4 samples in data records of 0 s",
    ),
    "a negative duration": (lambda: edf_file(LEAD, record_s=-1), "expected a sampling rate"),
    "an infinite duration": (lambda: edf_file(LEAD, record_s="1e999"), "expected a number as the duration"),
    "a negative number of samples": (
        lambda: edf_file(LEAD).replace(b"4       " + b" " * 32, b"-4      " + b" " * 32),
        "expected 0 to 100000000 samples in a data record, found -4",
    ),
    "no samples": (
        lambda: edf_file(LEAD).replace(b"4       " + b" " * 32, b"0       " + b" " * 32),
        "expected samples in a data record, found none",
    ),
    "one physical limit": (
        lambda: edf_file(Wave(physical=(5, 5))),
        "signal 'ECG II': expected a physical minimum and maximum that differ, .* found 5 for both",
    ),
    "one digital limit": (
        lambda: edf_file(Wave(digital=(7, 7))),
        "expected a digital minimum and maximum that differ",
    ),
    "no limit": (
        lambda: edf_file(Wave(digital=("x", 7))),
        "signal 'ECG II': expected a number as digital minimum and maximum, found 'x'",
    ),
    "limits without a gain": (
        lambda: edf_file(Wave(physical=("1e-300", "2e-300"), digital=(-1, "9e99"))),
        "expected limits that give a gain",
    ),
    "no voltage": (
        lambda: edf_file(Wave(dimension="mmHg")),
        "expected a unit of V, mV, uV or nV, found 'mmHg'",
    ),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_files(name: str) -> None:
    make, message = DAMAGED[name]
    with pytest.raises(FormatError, match=message):
        read_edf(make(), X)


def test_annotations_only() -> None:
    text = Text(keeping("+0"))
    with pytest.raises(RecordError, match=r"x.edf: expected signals, found annotations only"):
        read_edf(edf_file(text, reserved="EDF+C", record_s=0), X)


def test_samples_too_large_for_a_record() -> None:
    with pytest.raises(RecordError, match="expected finite samples"):
        read_edf(edf_file(Wave(physical=("-9e99", "9e99"))), X)


def test_limit_of_samples() -> None:
    limited = Given(where="x.edf", limits=Limits(samples=7))
    with pytest.raises(FormatError, match="at most 7 samples"):
        read_edf(edf_file(LEAD), limited)


def test_memory_is_that_of_the_samples_and_little_more() -> None:
    n_records, rate = 3600, 1000
    others = np.zeros((n_records, 6 * rate), "<i2")
    ecg = np.tile(np.arange(rate, dtype="<i2"), (n_records, 1))
    labels = [f"EEG {i}" for i in range(6)]
    header = edf_file(*(Wave(label, ((0,) * rate,)) for label in labels), Wave("ECG", ((0,) * rate,)),
                      n_records=n_records)[: 256 * 8]  # fmt: skip
    data = header + np.hstack([others, ecg]).tobytes()
    read_edf(data[: 256 * 8 + 7 * rate * 2], Given(where="x"))
    tracemalloc.start()
    record = read_edf(data, X)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    np.testing.assert_array_equal(record.signal[0, -rate:], microvolts(*range(rate)))
    # The file itself has 50 MB, the lead as float32 14.4 MB; half a million samples are decoded at a time.
    assert peak < record.signal.nbytes + 20_000_000


MUTATED = (
    edf_file(
        LEAD,
        Wave("SpO2", ((7,), (7,)), "%"),
        Text([tal("+0", "") + tal("+0.5", "N", "x"), tal("+2", "")]),
        reserved="EDF+D",
        patient="1 F 01-JAN-1950 Jane_Doe",
        recording="Startdate 02-MAR-2020 X X X",
        startdate="02.03.20",
    ),
    edf_file(LEAD, Wave("ECG V1", ((1, 2), (3, 4))), bdf=True),
    encode_edf(Record(np.array([[0.1, np.nan, 3.0]]), 250, ("II",), patient={"age": "60"}, comments=("x",))),
)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=200, deadline=None)
def test_changed_bytes_raise_nothing_but_errors_of_ours(seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(chance.choice(MUTATED))
    for _ in range(chance.choice((1, 1, 2, 5))):
        at = chance.randrange(len(data))
        kind = chance.randrange(4)
        if kind == 0:
            data[at] = chance.randrange(256)
        elif kind == 1:
            del data[at : at + chance.randrange(1, 40)]
        elif kind == 2:
            data[at:at] = chance.randbytes(chance.randrange(1, 9))
        else:
            number = chance.choice((b"-1", b"0", b"99999999", b"1e308", b"1e-308", b"nan"))
            data[at : at + len(number)] = number
    start = time.process_time()
    try:
        read_edf(bytes(data), X)
    except ECGError as error:
        assert "\n" not in str(error)
    assert time.process_time() - start < 1
