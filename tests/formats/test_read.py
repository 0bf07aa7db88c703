import io
import os
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import scipy.io
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.errors import ECGError, FormatError, RecordError
from einthoven.formats import read_record
from einthoven.formats.limits import Limits
from einthoven.formats.sniff import HEAD_BYTES, READ

READABLE = f"expected one of {', '.join(READ)}"


@pytest.fixture
def wfdb_folder(tmp_path: Path) -> Path:
    (tmp_path / "A1.hea").write_text("A1 1 360 2\nA1.mat 16+24 1000/mV 16 0 0 0 0 II\n")
    (tmp_path / "A1.mat").write_bytes(bytes(24) + np.array([5, 7], "<i2").tobytes())
    (tmp_path / "A1.atr").write_bytes(bytes(2))
    return tmp_path


@pytest.mark.parametrize("name", ["A1.hea", "A1", "A1.mat", "A1.atr"])
@pytest.mark.parametrize("kind", [str, Path])
def test_names_of_a_wfdb_record(wfdb_folder: Path, name: str, kind: type) -> None:
    record = read_record(kind(wfdb_folder / name))
    assert record.signal.tolist() == [[np.float32(0.005), np.float32(0.007)]]
    assert (record.name, record.path) == ("A1", str(wfdb_folder / name))


def test_a_folder_of_the_records_name_does_not_hide_it(wfdb_folder: Path) -> None:
    (wfdb_folder / "A1").mkdir()
    assert read_record(wfdb_folder / "A1").n_samples == 2


def test_names_with_dots(wfdb_folder: Path) -> None:
    (wfdb_folder / "A1.hea").rename(wfdb_folder / "A1.v2.hea")
    assert read_record(wfdb_folder / "A1.v2").name == "A1.v2"


def test_content_decides_and_not_the_ending(wfdb_folder: Path) -> None:
    (wfdb_folder / "A1.hea").rename(wfdb_folder / "header.txt")
    assert read_record(wfdb_folder / "header.txt").name == "header"
    with (wfdb_folder / "array.csv").open("wb") as file:
        np.save(file, np.arange(5))
    record = read_record(wfdb_folder / "array.csv", fs=100, units="mV")
    assert (record.n_samples, record.name, record.path) == (5, "array", str(wfdb_folder / "array.csv"))


def test_bytes_and_file_objects(tmp_path: Path) -> None:
    path = tmp_path / "x.npy"
    np.save(path, np.arange(5))
    options = {"fs": 100, "units": "mV"}
    with path.open("rb") as file:
        for source, name in ((path.read_bytes(), ""), (io.BytesIO(path.read_bytes()), ""), (file, "x")):
            record = read_record(source, **options)  # type: ignore[arg-type]
            assert (record.n_samples, record.name, record.path) == (5, name, "")
    assert read_record(path, name="mine", **options).name == "mine"  # type: ignore[arg-type]


def test_the_name_given_goes_first(wfdb_folder: Path) -> None:
    assert read_record(wfdb_folder / "A1.hea", name="mine").name == "mine"


def test_one_lead_may_be_given_as_text(wfdb_folder: Path) -> None:
    assert read_record(wfdb_folder / "A1", leads="II").leads == ("II",)


@pytest.mark.parametrize("fs", [250, np.float32(250), np.int64(250), np.array(250)])
def test_the_rate_given_may_be_any_number(tmp_path: Path, fs: float) -> None:
    np.save(tmp_path / "x.npy", np.arange(5))
    record = read_record(tmp_path / "x.npy", fs=fs, units="mV")
    assert (record.fs, type(record.fs)) == (250.0, float)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"fs": "250"}, "expected a number as the sampling rate in Hz, found '250'"),
        ({"fs": float("nan")}, "expected a sampling rate above 0 Hz, found nan"),
        ({"fs": -360}, "expected a sampling rate above 0 Hz, found -360"),
        ({"units": 5}, "expected units as text, such as mV, found 5"),
    ],
)
def test_what_is_given_is_looked_at_though_the_file_states_it(
    wfdb_folder: Path, options: dict[str, object], message: str
) -> None:
    with pytest.raises(RecordError, match=rf"A1\.hea: {message}$"):
        read_record(wfdb_folder / "A1.hea", **options)  # type: ignore[arg-type]
    with pytest.raises(RecordError, match=rf"^<bytes>: {message}$"):
        read_record(b"1\n2\n", **options)  # type: ignore[arg-type]


def test_a_header_as_bytes_has_no_samples(wfdb_folder: Path) -> None:
    data = (wfdb_folder / "A1.hea").read_bytes()
    with pytest.raises(
        FormatError, match=r"^<bytes>: expected the path of a WFDB record, found the bytes of its header"
    ):
        read_record(data)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("folder", "folder: expected a file, found a folder"),
        ("nothing.hea", r"nothing\.hea: expected a WFDB header, found no such file"),
        ("nothing.mat", r"nothing\.mat: expected a file, found no such file"),
        ("empty", f"empty: {READABLE}, found an empty file"),
        ("blank.hea", r"blank\.hea: expected a WFDB record line .*, found no line"),
        ("noise", f"noise: {READABLE}, found unknown content"),
        ("static.hea", r"static\.hea: expected a WFDB record line"),
        ("orphan.dat", r"orphan\.dat: expected header orphan\.hea beside a WFDB signal file, found none"),
        ("tube", "tube: expected a file, found something else"),
        ("n" * 300, "n: expected a readable file, found .*too long"),
        ("nul\0", "expected a file, found no such file"),
        ("folder.hea", r"folder\.hea: expected a WFDB header, found something else"),
        ("pipe.hea", r"pipe\.hea: expected a WFDB header, found something else"),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder.hea").mkdir()
    (tmp_path / "empty").touch()
    (tmp_path / "blank.hea").touch()
    for noise in ("noise", "static.hea", "orphan.dat"):
        (tmp_path / noise).write_bytes(b"\0\1\2\3" * 100)
    os.mkfifo(tmp_path / "tube")
    os.mkfifo(tmp_path / "pipe.hea")
    with pytest.raises(FormatError, match=message):
        read_record(tmp_path / name)


def test_a_file_that_may_not_be_read(wfdb_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(FormatError, match=r"A1: expected a readable file, found .*Permission denied"):
        read_record(wfdb_folder / "A1")


class Counted(io.BytesIO):
    """A stream that counts what was read of it."""

    n_read = 0

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        self.n_read += len(data)
        return data


@pytest.mark.parametrize("content", [b"\0\1\2\3", b"some words "])
def test_of_unknown_content_only_the_head_is_read(tmp_path: Path, content: bytes) -> None:
    stream = Counted(content * 10**6)
    with pytest.raises(FormatError, match="found unknown content"):
        read_record(stream)
    assert stream.n_read == HEAD_BYTES
    with (tmp_path / "film.dat").open("wb") as file:
        file.write(content)
        file.truncate(2**28)
    tracemalloc.start()
    try:
        with pytest.raises(FormatError, match=r"expected header film\.hea beside"):
            read_record(tmp_path / "film.dat")
        assert tracemalloc.get_traced_memory()[1] < 2**24
    finally:
        tracemalloc.stop()


def test_a_stream_that_gives_little_at_a_time_is_read_whole() -> None:
    class Slow(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(7 if size is None or size > 7 else size)

    text = "".join(f"{i}.{i}\n" for i in range(20000))
    assert read_record(Slow(text.encode()), fs=500, units="uV").n_samples == 20000


def test_array_files_need_fs_and_units(tmp_path: Path) -> None:
    path = tmp_path / "x.npy"
    np.save(path, np.arange(5))
    with pytest.raises(
        RecordError, match=r"x\.npy: expected fs \(Hz\) and units .* \(on the command line --fs, --units\)$"
    ):
        read_record(path)


def saved(function: object, *args: object, **kwargs: object) -> bytes:
    stream = io.BytesIO()
    function(stream, *args, **kwargs)  # type: ignore[operator]
    return stream.getvalue()


VALID = {
    "npy": saved(np.save, np.arange(12.0).reshape(2, 6)),
    "npz": saved(np.savez_compressed, signal=np.arange(12.0), fs=np.array(100)),
    "mat5": saved(scipy.io.savemat, {"val": np.arange(12.0)}),
    "cpsc": saved(scipy.io.savemat, {"ECG": {"sex": "M", "age": 5, "data": np.zeros((12, 13))}}),
    "mat4": saved(scipy.io.savemat, {"val": np.arange(12.0)}, format="4"),
    "csv": b"time,I (mV),II (uV)\n0,1,2\n0.01,3,4\n0.02,5,6\n",
}


STATING = ("cpsc", "csv")
"""Those that state fs and units themselves."""


@pytest.mark.parametrize("kind", VALID)
def test_what_is_then_damaged_can_be_read(kind: str) -> None:
    record = read_record(VALID[kind], **({} if kind in STATING else {"fs": 100, "units": "mV"}))
    assert record.n_leads * record.n_samples >= 6


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", VALID)
@settings(deadline=None)
@given(data=st.data())
def test_damaged_files_raise_nothing_else(kind: str, data: st.DataObject) -> None:
    damaged = bytearray(VALID[kind])
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    damaged = damaged[: data.draw(st.integers(0, len(damaged)) | st.just(len(damaged)))]
    stated = {} if kind in STATING else {"fs": 100, "units": "mV"}
    try:
        record = read_record(bytes(damaged), **stated)
    except ECGError as error:
        assert str(error).startswith(("<bytes>", "record: "))
    else:
        # Nothing is made up: a sample is at least a byte, or was packed.
        assert record.n_leads * record.n_samples <= len(damaged) or kind == "npz"
        assert not np.isinf(record.signal).any()
        assert record.fs > 0


def test_reading_a_usual_file_imports_little(wfdb_folder: Path) -> None:
    code = (
        "import sys; from einthoven.formats import read_record; read_record(sys.argv[1]); "
        "print([m for m in ('scipy', 'wfdb', 'pandas', 'zipfile', 'tempfile') if m in sys.modules])"
    )
    found = subprocess.run(
        [sys.executable, "-c", code, str(wfdb_folder / "A1")], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"


def test_a_stream_of_text() -> None:
    with pytest.raises(RecordError, match=r"^<bytes>: expected a stream of bytes, .*, found one of str$"):
        read_record(io.StringIO("I\n1\n"))  # type: ignore[arg-type]


class _Broken(io.RawIOBase):
    """A stream whose reading fails after some bytes."""

    def __init__(self, start: bytes) -> None:
        self.start = start

    def read(self, size: int = -1) -> bytes:
        if not self.start:
            raise OSError("the line was cut")
        start, self.start = self.start[:size], self.start[size:]
        return start


@pytest.mark.parametrize("start", [b"", b"I\n1\n", b"\x1f\x8b\x08" + bytes(HEAD_BYTES)])
def test_a_stream_that_fails(start: bytes) -> None:
    with pytest.raises(FormatError):
        read_record(_Broken(start))  # type: ignore[arg-type]
    if not start.startswith(b"\x1f"):
        with pytest.raises(FormatError, match="expected a readable stream, found the line was cut"):
            read_record(_Broken(start))  # type: ignore[arg-type]


def test_a_stream_that_was_closed() -> None:
    stream = io.BytesIO(b"I\n1\n")
    stream.close()
    with pytest.raises(FormatError, match="expected a readable stream, found I/O operation on closed file"):
        read_record(stream)


def test_small_files_have_a_limit_too() -> None:
    data = b"I\n0.1\n0.2\n"
    message = r"expected at most 9 file bytes \(the limit file_bytes\), found 10"
    with pytest.raises(FormatError, match=message):
        read_record(data, fs=100, units="mV", limits=Limits(file_bytes=9))
    assert read_record(data, fs=100, units="mV", limits=Limits(file_bytes=10)).n_samples == 2
