"""Philips documents as records."""

import os
import random
import re
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from philips_document import (
    TWELVE,
    base64_words,
    calibration,
    compressed,
    document_1_03,
    document_1_04,
    ecg,
)

from einthoven.errors import ECGError, FormatError, RecordError
from einthoven.formats.given import Given
from einthoven.formats.limits import Limits
from einthoven.formats.philips import looks_like_philips, read_philips
from einthoven.record import TWELVE_LEADS

X = Given(where="x.xml", name="x", path="x.xml")


def marked(leads: np.ndarray, height: int = 200) -> np.ndarray:
    return np.hstack([leads, np.tile(calibration(height), (len(leads), 1))])


def plain(leads: np.ndarray, more: str = "") -> bytes:
    attributes = (
        f'dataencoding="Base64" numberofleads="{len(leads)}" leadlabels="I II V1 V2 V3 V4"'
        f' durationperchannel="{leads.shape[1] * 2}" samplespersecond="500" resolution="5" {more}'
    )
    return document_1_04(base64_words(leads), attributes=attributes)


def test_leads_of_version_1_04() -> None:
    leads = ecg()
    record = read_philips(document_1_04(compressed(leads)), X)
    np.testing.assert_array_equal(record.signal, (leads * 5 / 1000).astype(np.float32), strict=True)
    # The attributes of the samples go before those of the acquisition, which say 250 Hz and 10 uV here.
    assert (record.fs, record.leads, record.name, record.path) == (500.0, TWELVE_LEADS, "x", "x.xml")
    assert record.warnings == ()


def test_leads_of_version_1_03_have_their_usual_order() -> None:
    leads = ecg(seed=2)
    record = read_philips(document_1_03(compressed(leads)), X)
    np.testing.assert_array_equal(record.signal, (leads * 5 / 1000).astype(np.float32))
    assert (record.fs, record.leads, record.warnings) == (500.0, TWELVE_LEADS, ())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("version", ["1.04", "1.04.01"])
def test_versions_and_encodings(version: str, encoding: str) -> None:
    data = document_1_04(compressed(ecg()), version=version, encoding=encoding)
    assert looks_like_philips(data[:65536])
    assert read_philips(data, X).warnings == ()


@pytest.mark.parametrize(("version", "found"), [("1.04.02", "version 1.04.02"), ("", "no version")])
def test_another_version_is_read_with_a_warning(version: str, found: str) -> None:
    record = read_philips(document_1_04(compressed(ecg()), version=version), X)
    assert record.warnings == (
        f"expected a Philips document of version 1.03, 1.04, 1.04.01, found {found}: read as they are",
    )


def test_other_documents_are_not_taken_for_one() -> None:
    assert not looks_like_philips(b"<RestingECG/>")
    assert not looks_like_philips(b"restingecgdata,1,2\n")
    with pytest.raises(
        FormatError, match=r"x.xml: expected the element restingecgdata .* found 'RestingECG'"
    ):
        read_philips(b"<RestingECG/>", X)


def test_a_calibration_pulse_is_cut_off_with_a_warning() -> None:
    leads = ecg(300)
    record = read_philips(document_1_04(compressed(marked(leads))), X)
    np.testing.assert_array_equal(record.signal, (leads * 5 / 1000).astype(np.float32))
    assert record.warnings == (
        "the last 0.4 s, a calibration pulse of 1 mV in all leads, are no ECG: cut off",
    )


def test_a_pulse_of_another_height_stays_with_a_warning() -> None:
    record = read_philips(document_1_04(compressed(marked(ecg(300), height=100))), X)
    assert record.n_samples == 500
    assert record.warnings == (
        "the last 0.4 s are a pulse of 0.5 mV in all leads, as no ECG is: kept, "
        "as a calibration pulse has 1 mV",
    )


def test_nothing_but_a_calibration_pulse_is_no_ecg() -> None:
    with pytest.raises(RecordError, match=r"x.xml: expected an ECG, found only a calibration pulse of 1 mV"):
        read_philips(document_1_04(compressed(np.tile(calibration(), (12, 1)))), X)


def test_uncompressed_leads_are_stored_whole() -> None:
    leads = np.arange(12).reshape(2, 6) - 4
    record = read_philips(plain(leads).replace(b"I II V1 V2 V3 V4", b"II III"), X)
    np.testing.assert_array_equal(record.signal, (leads * 5 / 1000).astype(np.float32))
    assert record.leads == ("II", "III")


@pytest.mark.parametrize(
    ("encoding", "samples"), [("Plain", "0 -1\n +2 65535"), ("Hex", "0000 FFFF\n0200 ffff")]
)
def test_plain_and_hex(encoding: str, samples: str) -> None:
    unsigned = encoding == "Plain"
    attributes = f'dataencoding="{encoding}" leadlabels="V1 V2" samplespersecond="250" resolution="2.5"'
    record = read_philips(document_1_04(samples, attributes=attributes), X)
    expected = [[0, -1], [2, 65535 if unsigned else -1]]
    np.testing.assert_array_equal(record.signal, (np.array(expected) * 2.5 / 1000).astype(np.float32))


def test_unsigned_samples_and_an_offset() -> None:
    leads = np.array([[40000, 32768]])
    text = base64_words(leads.astype("<u2").view("<i2"))
    attributes = (
        'dataencoding="Base64" leadlabels="V1" samplespersecond="250" resolution="1" signalsigned="False"'
        ' signaloffset="32768"'
    )
    record = read_philips(document_1_04(text, attributes=attributes), X)
    np.testing.assert_array_equal(record.signal, np.array([[7.232, 0]], np.float32))


def test_what_the_attributes_lack_is_taken_from_the_acquisition() -> None:
    attributes = 'dataencoding="Plain" leadlabels="V1"'
    record = read_philips(document_1_04("1 2", attributes=attributes), X)
    assert (record.fs, record.signal[0].tolist()) == (250.0, [np.float32(0.01), np.float32(0.02)])


def test_a_number_of_samples_that_is_not_the_stated_one_is_a_doubt() -> None:
    data = plain(ecg(500, 6)).replace(b'durationperchannel="1000"', b'durationperchannel="2000"')
    assert read_philips(data, X).warnings == ("expected 1000 samples a lead at 500 Hz, found 500: check fs",)
    with pytest.raises(
        RecordError, match=r"x.xml: expected certain units and leads \(strict\), found: expected"
    ):
        read_philips(data, Given(where="x.xml", strict=True))


def test_an_implausible_resolution_is_a_doubt() -> None:
    data = plain(ecg(500, 6)).replace(b'resolution="5"', b'resolution="5000"')
    assert "a resolution of 5000 is implausible in uV, which the format has" in read_philips(data, X).warnings


def test_leads_and_rate_that_are_given() -> None:
    data = document_1_04(compressed(ecg()))
    record = read_philips(data, Given(where="x.xml", leads=("v2", "II"), fs=500, units="uV"))
    assert record.leads == ("V2", "II")
    with pytest.raises(RecordError, match="expected fs=300 Hz as given, found 500 Hz"):
        read_philips(data, Given(where="x.xml", fs=300))
    with pytest.raises(RecordError, match="expected units=mV as given, found uV"):
        read_philips(data, Given(where="x.xml", units="mV"))
    with pytest.raises(RecordError, match="expected lead V9"):
        read_philips(data, Given(where="x.xml", leads=("V9",)))


def test_channels_that_are_no_ecg_are_left_out() -> None:
    data = plain(ecg(500, 6)).replace(b"I II V1 V2 V3 V4", b"I RESP-Imp V1 PACE V3 PLETH")
    record = read_philips(data, X)
    assert record.leads == ("I", "V1", "V3")
    assert record.warnings == ("left out, as they are no ECG: RESP-Imp, PACE, PLETH",)
    assert read_philips(data, Given(where="x", leads=("PLETH",))).leads == ("PLETH",)
    only = plain(ecg(500, 1)).replace(b"I II V1 V2 V3 V4", b"PLETH")
    with pytest.raises(RecordError, match=r"x.xml: expected an ECG lead, found PLETH"):
        read_philips(only, X)


def test_representative_beats() -> None:
    beats = (
        '<repbeats dataencoding="Base64" samplespersec="1000" resolution="2.5">'
        '<repbeat leadname="II"><waveform duration="5">'
        f"{base64_words([1, 32767, 3, 32767, 32767])}</waveform>"
        f'</repbeat><repbeat leadname="V1">{base64_words([4, 5, 6, 32767, 32767])}</repbeat></repbeats>'
    )
    record = read_philips(document_1_04(compressed(ecg()), waveforms=beats), X)
    beat = record.representative_beat
    assert beat is not None
    expected = np.array([[0.0025, np.nan, 0.0075], [0.01, 0.0125, 0.015]], np.float32)
    np.testing.assert_array_equal(beat.signal, expected)
    assert (beat.fs, beat.leads, record.warnings) == (1000.0, ("II", "V1"), ())


@pytest.mark.parametrize(
    ("beats", "reason"),
    [
        ("<repbeats/>", "repbeats: expected samples per second, found ''"),
        ('<repbeats samplespersec="500"/>', "repbeats: expected a resolution in uV, found ''"),
        ('<repbeats samplespersec="500" resolution="5"/>', r"expected beats of the same length, found \[\]"),
        ('<repbeats compression="Huffman"/>', "expected uncompressed beats, found 'Huffman'"),
        (
            '<repbeats samplespersec="500" resolution="5" dataencoding="Plain"><repbeat leadname="I">32767'
            "</repbeat></repbeats>",
            "expected samples, found none",
        ),
        (
            '<repbeats samplespersec="500" resolution="5" dataencoding="Plain"><repbeat>1</repbeat>'
            "</repbeats>",
            "they name no lead",
        ),
    ],
)
def test_representative_beats_that_cannot_be_read_are_a_warning(beats: str, reason: str) -> None:
    record = read_philips(document_1_04(compressed(ecg()), waveforms=beats), X)
    assert record.representative_beat is None
    (warning,) = record.warnings
    assert warning.startswith("representative beats were not read: ")
    assert re.search(reason, warning)


DAMAGED: dict[str, tuple[Callable[[], bytes], str]] = {
    "no samples": (
        lambda: (
            document_1_04("")
            .replace(b"<parsedwaveforms", b"<other")
            .replace(b"</parsedwaveforms", b"</other")
        ),
        "expected parsedwaveforms, found no samples",
    ),
    "samples elsewhere": (
        lambda: (
            document_1_04("", waveforms='<unparsedwaveforms href="y"/>')
            .replace(b"<parsedwaveforms", b"<other")
            .replace(b"</parsedwaveforms", b"</other")
        ),
        "expected parsedwaveforms, found a link to samples in another file",
    ),
    "no base64": (lambda: document_1_04("!"), "parsedwaveforms: expected Base64, found"),
    "no hex": (lambda: document_1_04("zz", attributes='dataencoding="Hex" leadlabels="V1"'), "expected Hex"),
    "no number": (
        lambda: document_1_04("1 x", attributes='dataencoding="Plain" leadlabels="V1"'),
        "expected whole numbers of up to 6 digits, found 'x'",
    ),
    "unknown encoding": (
        lambda: document_1_04("1", attributes='dataencoding="Zip" leadlabels="V1"'),
        "expected Base64, Hex or Plain, found 'Zip'",
    ),
    "odd bytes": (
        lambda: document_1_04("00", attributes='dataencoding="Hex" leadlabels="V1"'),
        "expected words of 2 bytes, found 1 bytes",
    ),
    "empty": (
        lambda: document_1_04("", attributes='dataencoding="Hex" leadlabels="V1"'),
        "expected samples of 1 leads, found none",
    ),
    "leads that do not divide": (
        lambda: document_1_04("1 2 3", attributes='dataencoding="Plain" leadlabels="V1 V2"'),
        "expected samples of 2 leads, found 3 samples",
    ),
    "another compression": (
        lambda: document_1_04("1", attributes='dataencoding="Plain" compression="LZ" leadlabels="V1"'),
        "expected compression XLI or none, found 'LZ'",
    ),
    "another word size": (
        lambda: document_1_04(compressed(ecg())).replace(b'bitspersample="16"', b'bitspersample="14"'),
        "expected 16 bits a sample, found '14'",
    ),
    "no rate": (
        lambda: document_1_04(compressed(ecg())).replace(b'samplespersecond="500"', b'samplespersecond="x"'),
        "expected samples per second, found 'x'",
    ),
    "no resolution": (
        lambda: document_1_04(compressed(ecg())).replace(b'resolution="5"', b'resolution="0"'),
        "expected a resolution in uV, found '0'",
    ),
    "fewer labels": (
        lambda: document_1_04(compressed(ecg())).replace(b'numberofleads="12"', b'numberofleads="13"'),
        "expected labels of 13 leads, found 12",
    ),
    "no whole number of leads": (
        lambda: document_1_04(compressed(ecg())).replace(b'numberofleads="12"', b'numberofleads="1.5"'),
        "expected a whole number as the number of leads, found '1.5'",
    ),
    "an unknown acquisition": (
        lambda: document_1_03(compressed(ecg()), acquisition="EASI"),
        "expected lead labels or the twelve leads of an acquisition STD-12 or 10-WIRE, found 12 unnamed",
    ),
    "another order of compressed limb leads": (
        lambda: document_1_04(compressed(ecg())).replace(b"I II III aVR", b"I II aVR III"),
        "as XLI stores the last four as differences from the computed ones, found aVR, III, aVL, aVF among",
    ),
    "leads of two lengths": (
        lambda: document_1_04(compressed([[1, 2, 3], [1, 2]])).replace(
            f'numberofleads="12" durationperchannel="1000" leadlabels="{TWELVE}"'.encode(),
            b'leadlabels="V1 V2"',
        ),
        r"expected leads of one length, found \[3, 2\]",
    ),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_documents(name: str) -> None:
    make, message = DAMAGED[name]
    with pytest.raises(FormatError, match=message):
        read_philips(make(), X)


@pytest.mark.parametrize(("limit", "most"), [("leads", 11), ("samples", 5999), ("unpacked_bytes", 11999)])
def test_limits(limit: str, most: int) -> None:
    given = Given(where="x.xml", limits=Limits().with_values({limit: str(most)}))
    with pytest.raises(FormatError, match=limit):
        read_philips(document_1_04(compressed(ecg())), given)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=150, deadline=None)
def test_changed_bytes_raise_nothing_but_errors_of_ours(seed: int) -> None:
    chance = random.Random(seed)
    valid = chance.choice(MUTATED)
    data = bytearray(valid)
    for _ in range(chance.choice((1, 1, 2, 5))):
        at = chance.randrange(len(data))
        kind = chance.randrange(4)
        if kind == 0:
            data[at] = chance.randrange(256)
        elif kind == 1:
            del data[at : at + chance.randrange(1, 200)]
        elif kind == 2:
            data[at:at] = chance.randbytes(chance.randrange(1, 9))
        else:
            other = chance.randrange(len(data))
            data[at : at + 20] = data[other : other + 20]
    start = time.process_time()
    try:
        read_philips(bytes(data), X)
    except ECGError as error:
        assert "\n" not in str(error)
    assert time.process_time() - start < 1


MUTATED = (
    document_1_04(
        compressed(marked(ecg(60))),
        waveforms='<repbeats dataencoding="Plain" samplespersec="500"'
        ' resolution="5"><repbeat leadname="I">1 2 3 32767</repbeat></repbeats>',
    ),
    document_1_03(compressed(ecg(60))),
    plain(ecg(60, 6)),
)


@pytest.mark.realdata
def test_a_real_document() -> None:
    folder = os.environ.get("EINTHOVEN_FORMATS")
    if not folder:
        pytest.skip("EINTHOVEN_FORMATS is not set: no real document to read")
    record = read_philips((Path(folder) / "philips_sierra_1_04.xml").read_bytes(), X)
    assert (record.fs, record.leads, record.n_samples) == (500.0, TWELVE_LEADS, 5300)
    assert record.warnings == (
        "the last 0.4 s, a calibration pulse of 1 mV in all leads, are no ECG: cut off",
    )
    lead = dict(zip(record.leads, record.signal.astype(float), strict=True))
    # A step is 5 uV; what the cardiograph rounded itself is off by no more.
    for found, expected in (
        (lead["III"], lead["II"] - lead["I"]),
        (lead["aVR"], -(lead["I"] + lead["II"]) / 2),
        (lead["aVL"], (lead["I"] - lead["III"]) / 2),
        (lead["aVF"], (lead["II"] + lead["III"]) / 2),
    ):
        assert np.abs(found - expected).max() < 0.00501
    assert 0.8 < lead["II"].max() < 1.0
    assert record.patient["sex"] == "female"
    assert record.recording["recorded_at"] == "2008-12-23T19:44:46"
    assert record.statements[0] == "SINUS BRADYCARDIA V-rate<60"
    beat = record.representative_beat
    assert beat is not None
    assert (beat.fs, beat.leads, beat.n_samples, bool(np.isnan(beat.signal).any())) == (
        500,
        TWELVE_LEADS,
        600,
        False,
    )
    assert beat.signal[1].max() == np.float32(0.9025)
