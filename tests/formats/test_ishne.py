import struct
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from ishne_encoder import CODES, encode_ishne

from einthoven.errors import ECGError, FormatError, RecordError
from einthoven.formats.given import Given
from einthoven.formats.ishne import looks_like_ishne, read_ishne
from einthoven.formats.limits import Limits

FILE = Given(where="x.ecg", name="x", path="x.ecg")
FRAMES = [[i, -2 * i, 1000 - i] for i in range(50)]
THREE = [CODES["V1"], CODES["V5"], CODES["aVF"]]


def test_samples_and_facts() -> None:
    record = read_ishne(encode_ishne(FRAMES, THREE, resolution=[2500, 1000, 5]), FILE)
    steps = np.array(FRAMES).T
    scale = np.array([[2500], [1000], [5]])
    np.testing.assert_array_equal(record.signal, (steps * scale / 1e6).astype(np.float32), strict=True)
    assert (record.fs, record.leads, record.name, record.path) == (200.0, ("V1", "V5", "aVF"), "x", "x.ecg")
    assert dict(record.patient) == {
        "id": "H-17",
        "name": "Ada Lovelace",
        "birth_date": "1815-12-10",
        "sex": "female",
        "race": "Caucasian",
    }
    assert dict(record.recording) == {
        "recorded_at": "1998-06-05T09:30:15",
        "device": "digital",
        "pacemaker": "none",
    }
    assert (record.warnings, record.comments) == ((), ())


def test_texts_and_what_is_not_known() -> None:
    data = encode_ishne(
        FRAMES,
        THREE,
        block=b"protocol: 7\r\n\r\ndose: none",
        texts=(b"", "© 1998".encode("latin-1"), b"\x01\x02"),
        first_name=b"",
        last_name="Müller".encode(),
        sex=0,
        race=-9,
        birth=(-9, -9, -9),
        time=(-9, -9, -9),
        pacemaker=-9,
        recorder=b"",
    )
    record = read_ishne(data, FILE)
    assert record.comments == ("© 1998", "protocol: 7", "dose: none")
    assert dict(record.patient) == {"id": "H-17", "name": "Müller"}
    assert dict(record.recording) == {"recorded_at": "1998-06-05"}
    np.testing.assert_allclose(record.signal[0], 0.0025 * np.arange(50), rtol=1e-6)


def test_damaged_descriptions_only_warn() -> None:
    data = encode_ishne(
        FRAMES, THREE, birth=(31, 2, 1960), recorded=(1, 1, 2000), time=(25, 0, 0), checksum=7
    )
    record = read_ishne(data, FILE)
    assert dict(record.recording)["recorded_at"] == "2000-01-01"
    assert "birth_date" not in record.patient
    assert record.warnings[1:] == (
        "expected a date of birth, found day 31, month 2, year 1960",
        "expected a time of recording, found 25:0:0",
    )
    assert record.warnings[0].startswith("expected checksum 0007 of the header, found ")
    assert read_ishne(encode_ishne(FRAMES, THREE, checksum=0), FILE).warnings == ()


def test_leads_that_are_not_named() -> None:
    data = encode_ishne(FRAMES, [0, CODES["II"], CODES["II"]], quality=[3, 0, -9])
    record = read_ishne(data, FILE)
    assert record.leads == ("lead 1", "II", "lead 3")
    assert record.warnings == (
        "lead 1: expected the name of a lead, found an unknown one",
        "lead 1: the recorder found frequent noise",
        "lead 3: expected the name of a lead, found II for the second time",
    )
    with pytest.raises(
        RecordError, match=r"x.ecg: expected certain units and leads \(strict\), found: lead 1: "
    ):
        read_ishne(data, Given(where="x.ecg", strict=True))
    others = read_ishne(encode_ishne(FRAMES, [1, 77, CODES["ES"]]), FILE)
    assert others.leads == ("lead 1", "lead 2", "ES")
    assert [text.rpartition("found ")[2] for text in others.warnings] == ["a bipolar one", "the code 77"]


def test_leads_asked_for() -> None:
    record = read_ishne(encode_ishne(FRAMES, THREE), Given(where="x.ecg", leads=("v5",)))
    assert record.leads == ("V5",)
    assert record.signal.shape == (1, 50)
    with pytest.raises(RecordError, match=r"expected lead V9, found V1, V5, aVF"):
        read_ishne(encode_ishne(FRAMES, THREE), Given(where="x.ecg", leads=("V9",)))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"n_leads": 0}, "x.ecg: expected 1 to 12 leads, found 0"),
        ({"n_leads": 13}, "x.ecg: expected 1 to 12 leads, found 13"),
        ({"samples_at": 521}, "x.ecg: expected samples from byte 522 to 822, found them at byte 521"),
        (
            {"samples_at": 2**30},
            "x.ecg: expected samples from byte 522 to 822, found them at byte 1073741824",
        ),
        ({"resolution": [0, 1, 1]}, "x.ecg: V1: expected a resolution above 0 nV, found 0"),
        ({"resolution": [1, -9, 1]}, "x.ecg: V5: expected a resolution above 0 nV, found -9"),
        (
            {"n_samples": 153},
            "x.ecg: expected 153 samples of 3 leads, found 50 a lead in 300 bytes: the file is truncated",
        ),
    ],
)
def test_impossible_headers(fields: dict[str, object], message: str) -> None:
    with pytest.raises(FormatError) as caught:
        read_ishne(encode_ishne(FRAMES, THREE, **fields), FILE)
    assert str(caught.value) == message


def test_cut_or_other_files() -> None:
    with pytest.raises(
        FormatError, match=r"expected 522 bytes that begin with ISHNE1.0, found 521 that begin"
    ):
        read_ishne(encode_ishne(FRAMES, THREE)[:521], FILE)
    with pytest.raises(FormatError, match=r"found 4 that begin with b'text'"):
        read_ishne(b"text", FILE)
    with pytest.raises(FormatError, match=r"found 0 a lead in 0 bytes: the file is truncated"):
        read_ishne(encode_ishne(FRAMES, THREE)[:522], FILE)


@pytest.mark.parametrize(
    ("stated", "n_samples", "warning"),
    [
        (50, 50, None),
        (150, 50, None),
        (40, 40, "expected 40 samples of 3 leads, found 50 a lead in 300 bytes: the rest was not read"),
        (90, 50, "expected 90 samples of 3 leads, found 50 a lead in 300 bytes: all of them were read"),
        (0, 50, "expected 0 samples of 3 leads, found 50 a lead in 300 bytes: all of them were read"),
        (-9, 50, "expected -9 samples of 3 leads, found 50 a lead in 300 bytes: all of them were read"),
    ],
)
def test_number_of_samples(stated: int, n_samples: int, warning: str | None) -> None:
    record = read_ishne(encode_ishne(FRAMES, THREE, n_samples=stated), FILE)
    assert record.n_samples == n_samples
    assert record.warnings == ((warning,) if warning else ())
    np.testing.assert_allclose(record.signal[1], -0.005 * np.arange(n_samples), rtol=1e-6)


def test_the_free_block_may_be_longer_than_stated() -> None:
    record = read_ishne(encode_ishne(FRAMES, THREE, block=b"abc", block_bytes=0), FILE)
    assert record.warnings == ("expected samples at byte 522, after the free block, found them at 525",)
    assert record.n_samples == 50


def test_rates_and_units_given() -> None:
    data = encode_ishne(FRAMES, THREE)
    assert read_ishne(data, Given(where="x.ecg", fs=200, units="nV")).fs == 200
    with pytest.raises(RecordError, match="expected fs=250 Hz as given, found 200 Hz in the file"):
        read_ishne(data, Given(where="x.ecg", fs=250))
    with pytest.raises(RecordError, match="expected units=mV as given, found nV in the file"):
        read_ishne(data, Given(where="x.ecg", units="mV"))
    unknown = encode_ishne(FRAMES, THREE, fs=-9)
    assert read_ishne(unknown, Given(where="x.ecg", fs=128)).fs == 128
    with pytest.raises(RecordError, match="expected a sampling rate above 0 Hz, found -9: pass fs="):
        read_ishne(unknown, FILE)


def test_limits() -> None:
    data = encode_ishne(FRAMES, THREE)
    with pytest.raises(
        FormatError, match=r"x.ecg: expected at most 149 samples \(the limit samples\), found 150"
    ):
        read_ishne(data, Given(where="x.ecg", limits=Limits(samples=149)))
    assert read_ishne(data, Given(where="x.ecg", limits=Limits(samples=150))).n_samples == 50


def test_annotation_files_are_named() -> None:
    data = encode_ishne([], THREE, magic=b"ANN  1.0") + struct.pack("<I", 7) + b"N\0\x10\0"
    assert looks_like_ishne(data)
    with pytest.raises(
        RecordError, match="found an ISHNE annotation file, which holds marks of beats and no sam"
    ):
        read_ishne(data, FILE)


def test_recognised_by_its_first_bytes() -> None:
    assert looks_like_ishne(encode_ishne(FRAMES, THREE))
    assert not looks_like_ishne(b"ISHNE1.0 is a format, says this text")
    assert not looks_like_ishne(b"")
    assert not looks_like_ishne(b"time,ISHNE1.0\0")


def test_a_long_recording_is_converted_in_parts() -> None:
    steps = np.arange(2**20 + 9, dtype=np.int64) % 30001 - 15000
    data = encode_ishne([[0]], [CODES["II"]], n_samples=len(steps), resolution=[2500])[:-2]
    record = read_ishne(data + steps.astype("<i2").tobytes(), FILE)
    np.testing.assert_array_equal(record.signal[0], (steps * 2500 / 1e6).astype(np.float32), strict=True)


@settings(max_examples=25, deadline=None)
@examples(
    frames=hnp.arrays(np.int16, hnp.array_shapes(min_dims=2, max_dims=2, max_side=12)),
    resolution=st.integers(1, 32767),
    of_all=st.booleans(),
)
def test_every_step_comes_back(frames: np.ndarray, resolution: int, of_all: bool) -> None:
    n_samples, n_leads = frames.shape
    codes = list(CODES.values())[:n_leads]
    data = encode_ishne(
        frames.tolist(),
        codes,
        resolution=[resolution] * n_leads,
        n_samples=n_samples * (n_leads if of_all else 1),
    )
    record = read_ishne(data, FILE)
    assert record.warnings == ()
    np.testing.assert_array_equal(np.rint(record.signal.T.astype(np.float64) * 1e6 / resolution), frames)


@settings(max_examples=60, deadline=None)
@examples(data=st.data())
def test_changed_bytes_end_in_a_record_or_one_error(data: st.DataObject) -> None:
    good = bytearray(encode_ishne(FRAMES, THREE, block=b"free"))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(8, len(good) - 1))
        kind = data.draw(st.sampled_from(["set", "cut", "insert"]))
        if kind == "set":
            good[at] = data.draw(st.integers(0, 255))
        elif kind == "cut":
            del good[at:]
            break
        else:
            good[at:at] = data.draw(st.binary(min_size=1, max_size=4))
    try:
        record = read_ishne(bytes(good), FILE)
    except ECGError as error:
        assert "\n" not in str(error)
    else:
        assert record.n_samples > 0


def test_against_ishneholterlib(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        # It asks NumPy for types by names that are to go.
        warnings.simplefilter("ignore")
        ishneholterlib = pytest.importorskip("ishneholterlib")
        path = tmp_path / "x.ecg"
        codes = [CODES[name] for name in ("I", "II", "aVR", "V1", "ES")]
        frames = np.random.default_rng(4).integers(-(2**15), 2**15, (300, 5)).tolist()
        path.write_bytes(
            encode_ishne(frames, codes, block=b"free text", resolution=[1, 77, 2500, 5000, 32767])
        )
        theirs = ishneholterlib.Holter(str(path), check_valid=False)
        theirs.load_data()
    ours = read_ishne(path.read_bytes(), FILE)
    assert [str(lead) for lead in theirs.lead] == list(ours.leads)
    assert (theirs.sr, theirs.id.decode(), theirs.sex, theirs.start_time.isoformat()) == (
        ours.fs,
        ours.patient["id"],
        2,
        ours.recording["recorded_at"].partition("T")[2],
    )
    for row, lead in zip(ours.signal, theirs.lead, strict=True):
        np.testing.assert_allclose(row, lead.data, rtol=1e-7)
