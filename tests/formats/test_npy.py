import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from einthoven.errors import FormatError, RecordError
from einthoven.formats import Limits, read_record
from einthoven.formats.npy import announced_samples, decode_npy


def npy(array: Any, **options: Any) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, **options)
    return stream.getvalue()


def npz(**arrays: Any) -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)
    return stream.getvalue()


@pytest.mark.parametrize("dtype", ["<f8", ">f8", "<f4", "<i2", ">i2", "u1", "f2"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays_as_numpy_writes_them(dtype: str, order: Any) -> None:
    array = np.arange(12).reshape(3, 4).astype(dtype, order=order)
    np.testing.assert_array_equal(decode_npy(npy(array), "x"), array, strict=True)


def test_array() -> None:
    record = read_record(
        npy(np.array([[1, 2, 3], [4, 5, 6]], np.int16)), fs=300, units="uV", leads=["I", "II"]
    )
    np.testing.assert_array_equal(record.signal, np.array([[1, 2, 3], [4, 5, 6]], np.float32) / 1000)
    assert (record.fs, record.leads) == (300.0, ("I", "II"))


def test_array_without_fs_and_units() -> None:
    with pytest.raises(
        RecordError, match=r"^<bytes>: expected fs \(Hz\) and units of the samples, found none"
    ):
        read_record(npy(np.zeros(9)))


def test_objects_are_never_unpickled() -> None:
    class Trap:
        def __reduce__(self) -> Any:
            return (pytest.fail, ("unpickled",))

    for data in (npy(np.array([Trap()], object), allow_pickle=True), npz(signal=np.array([Trap()], object))):
        with pytest.raises(
            FormatError, match="expected an array of numbers, found object, which is never unpickled"
        ):
            read_record(data, fs=300, units="mV")


def test_a_claimed_shape_is_compared_with_the_file() -> None:
    data = npy(np.zeros((2, 10)))
    claimed = data.replace(b"(2, 10), ", b"(2, 9999999999999), ").replace(b" " * 11 + b"\n", b"\n")
    assert len(claimed) == len(data)
    for bad in (claimed, data[:-1]):
        with pytest.raises(
            FormatError, match=r"expected \d+ bytes for an array of shape \(2, \d+\), found \d+$"
        ):
            read_record(bad, fs=300, units="mV")


@pytest.mark.parametrize("length", [6, 9, 40])
def test_damaged_header(length: int) -> None:
    with pytest.raises(FormatError, match="expected the header of a NumPy array, found a damaged one"):
        read_record(npy(np.zeros(9))[:length], fs=300, units="mV")


def test_structured_arrays_are_no_signal() -> None:
    with pytest.raises(FormatError, match="expected real numbers"):
        read_record(npy(np.zeros(3, [("a", "f4")])), fs=300, units="mV")


def test_archive_that_says_what_it_is() -> None:
    data = npz(
        signal=np.array([[1.0], [2.0]]).T, fs=np.array(500), units=np.array("V"), leads=np.array(["V1"])
    )
    record = read_record(data)
    assert (record.signal.tolist(), record.fs, record.leads) == ([[1000.0, 2000.0]], 500.0, ("V1",))


def test_archive_with_a_single_array_or_a_known_name() -> None:
    assert read_record(npz(anything=np.arange(3), n=np.array(3)), fs=1, units="mV").n_samples == 3
    assert read_record(npz(val=np.arange(3), other=np.arange(9)), fs=1, units="mV").n_samples == 3


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        (
            {"a": np.arange(3), "b": np.arange(3)},
            "expected an array named signal, val, ecg or a single one, found a, b",
        ),
        ({}, "expected an array named signal, val, ecg or a single one, found none"),
        (
            {"signal": np.arange(3), "fs": np.arange(2)},
            r"expected one number as fs, found an array of int64 \(2,\)",
        ),
        (
            {"signal": np.arange(3), "fs": np.array("fast")},
            "expected one number as fs, found an array of <U4",
        ),
    ],
)
def test_archives_that_say_too_little(arrays: dict[str, Any], message: str) -> None:
    with pytest.raises(FormatError, match=message):
        read_record(npz(**arrays), fs=300, units="mV")


def test_archive_of_another_rate_than_given() -> None:
    with pytest.raises(RecordError, match="expected fs=300 Hz as given, found 500 Hz in the file"):
        read_record(npz(signal=np.arange(3), fs=np.array(500)), fs=300, units="mV")


def test_archive_of_other_units_than_given() -> None:
    data = npz(signal=np.arange(3), fs=np.array(500), units=np.array("V"))
    assert read_record(data, units="v").signal.tolist() == [[0, 1000, 2000]]
    with pytest.raises(RecordError, match="expected units=mV as given, found V in the file"):
        read_record(data, units="mV")


def test_damaged_archives() -> None:
    data = npz(signal=np.arange(1000))
    for bad in (data[:50], data[:60] + bytes(20) + data[80:]):
        with pytest.raises(FormatError, match="expected an archive of NumPy arrays, found a damaged one"):
            read_record(bad, fs=300, units="mV")


def test_an_archive_that_unpacks_to_too_much_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    data = npz(signal=np.zeros(10**5))
    assert len(data) < 10**4
    monkeypatch.setattr(zipfile.ZipFile, "read", pytest.fail)
    with pytest.raises(FormatError, match=r"at most 100000 unpacked bytes \(the limit .*\), found 800128"):
        read_record(data, fs=300, units="mV", limits=Limits(unpacked_bytes=10**5))


def test_named_channels_of_an_archive_that_are_no_ecg_are_left_out() -> None:
    data = npz(signal=np.arange(8).reshape(2, 4), leads=np.array(["RESP", "II"]))
    record = read_record(data, fs=300, units="mV")
    assert (record.leads, record.signal.tolist()) == (("II",), [[4, 5, 6, 7]])
    assert record.warnings == ("left out, as their names are not those of ECG leads: RESP",)
    assert read_record(data, fs=300, units="mV", leads=["RESP"]).signal.tolist() == [[0, 1, 2, 3]]
    short = npz(signal=np.arange(8).reshape(2, 4), leads=np.array(["RESP"]))
    with pytest.raises(RecordError, match="expected 2 lead names, found 1"):
        read_record(short, fs=300, units="mV")


@pytest.mark.parametrize(
    ("array", "n"),
    [(np.zeros((2, 50)), 50), (np.zeros((50, 2)), 50), (np.zeros(7), 7), (np.zeros((2, 3, 4)), None)],
)
def test_the_header_of_an_array_announces_its_length(
    tmp_path: Path, array: np.ndarray, n: int | None
) -> None:
    path = tmp_path / "x.npy"
    path.write_bytes(npy(array)[:128])
    assert announced_samples(path) == n


def test_what_is_no_array_announces_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.npy"
    for data in (b"", b"I,II\n1,2\n", npy(np.zeros(3))[:20]):
        path.write_bytes(data)
        assert announced_samples(path) is None


@pytest.mark.parametrize("what", ["leads", "units"])
@pytest.mark.parametrize("number", [0xD800, 0x110000, 0xFFFFFFFF])
@pytest.mark.parametrize("order", ["<", ">"])
def test_texts_of_an_archive_hold_characters_only(what: str, number: int, order: str) -> None:
    no_text = np.array([number], order + "u4").view(order + "U1")
    data = npz(**{"signal": np.arange(3), "fs": np.array(500), "units": np.array("mV"), what: no_text})
    with pytest.raises(FormatError, match=f"expected texts as {what}, found numbers that are no characters"):
        read_record(data)


def test_arrays_within_an_array_are_no_signal() -> None:
    data = npy(np.zeros((2, 8), "<i2")).replace(b"'<i2'", b"('<i2',(4,))").replace(b" " * 7 + b"\n", b"\n")
    with pytest.raises(FormatError, match=r"expected an array of numbers, found \('<i2', \(4,\)\)"):
        read_record(data, fs=300, units="mV")


def test_a_file_of_python_2_is_read_without_a_warning() -> None:
    data = npy(np.zeros(10, "<i2")).replace(b"(10,), ", b"(10L,),")
    assert read_record(data, fs=300, units="mV").n_samples == 10


def test_leads_without_a_name_are_counted() -> None:
    data = npz(signal=np.arange(8).reshape(2, 4), leads=np.array(["I", ""]))
    record = read_record(data, fs=300, units="mV")
    assert record.leads == ("I", "lead 2")
    assert record.warnings == ("the file does not name every lead: called lead 2",)


def test_a_header_with_an_odd_text_is_refused_without_a_warning() -> None:
    data = npy(np.zeros(10, "<i2")).replace(b"'<i2'", b"'\\o2'")
    with pytest.raises(FormatError, match="expected the header of a NumPy array, found a damaged one"):
        read_record(data, fs=300, units="mV")
