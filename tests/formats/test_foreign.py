"""Files that are named, but not read, beside those of devices that are; their first bytes by hand."""

import gzip
import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
import scipy.io

from einthoven.errors import ECGError, FormatError
from einthoven.formats import is_record, read_record
from einthoven.formats.foreign import recognise
from einthoven.formats.sniff import content_of


def edf(reserved: bytes = b"", n_signals: int = 2) -> bytes:
    """The first 256 bytes of an EDF header, and those of its signals, empty."""
    fields = (b"0".ljust(8), b"X X X X".ljust(80), b"Startdate 01-JAN-2020 X X X".ljust(80), b"01.01.20",
              b"12.00.00", str(256 * (n_signals + 1)).encode().ljust(8), reserved.ljust(44), b"10".ljust(8),
              b"1".ljust(8), str(n_signals).encode().ljust(4))  # fmt: skip
    return b"".join(fields) + b" " * 256 * n_signals


def xml(root: str, before: str = "<?xml version='1.0' encoding='UTF-8'?>\n") -> bytes:
    return f"{before}<{root}>\n</{root.split()[0]}>\n".encode()


DEVICES = {
    "a.edf": (edf(), "edf"),
    "b.edf": (edf(b"EDF+C"), "edf"),
    "c.rec": (edf(b"EDF+D", n_signals=12), "edf"),
    "d.bdf": (b"\xffBIOSEMI" + edf()[8:], "edf"),
    "f.dcm": (bytes(128) + b"DICM" + bytes(60), "dicom"),
    "g.scp": (b"\x12\x34" + bytes(14) + b"SCPECG" + bytes(60), "scp"),
    "h.ecg": (b"ISHNE1.0" + bytes(600), "ishne"),
    "i.xml": (xml('AnnotatedECG xmlns="urn:hl7-org:v3"'), "aecg"),
    "j.xml": (xml("hl7:AnnotatedECG", "<!-- <RestingECG> --><?x a?>"), "aecg"),
    "k.xml": (xml("RestingECG", '<?xml version="1.0"?><!DOCTYPE RestingECG SYSTEM "restecg.dtd">\n'), "muse"),
    "l.xml": (
        "\ufeff<?xml version='1.0' encoding='utf-16'?><restingecgdata xmlns='x'>".encode("utf-16-le"),
        "philips",
    ),
    "m": (bytes(128) + b"DICM" + bytes(60), "dicom"),
}
RECORDINGS = {
    "e.gdf": (b"GDF 2.51" + bytes(300), "a GDF recording"),
    "n.xml": (xml("CardiologyXML", "\ufeff"), "a GE CardioSoft recording (XML)"),
}


def zipped(*names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return stream.getvalue()


OTHERS = {
    "a.pdf": (b"%PDF-1.7\n", "a PDF document"),
    "b.png": (b"\x89PNG\r\n\x1a\n" + bytes(20), "a PNG picture"),
    "c.jpg": (b"\xff\xd8\xff\xe0" + bytes(20), "a JPEG picture"),
    "d.tif": (b"II*\0" + bytes(20), "a TIFF picture"),
    "e.zip": (zipped("a.hea", "a.dat"), "a ZIP archive"),
    "g.h5": (b"\x89HDF\r\n\x1a\n" + bytes(20), "an HDF5 file"),
    "h.xml": (xml("note"), "an XML document"),
    "i.xml": (b"<?xml version='1.0'?><!-- never closed", "an XML document"),
}


@pytest.mark.parametrize("name", DEVICES)
@pytest.mark.parametrize("is_packed", [False, True])
def test_files_of_devices_are_listed_and_what_is_wrong_with_them_is_said(
    tmp_path: Path, name: str, is_packed: bool
) -> None:
    data, content = DEVICES[name]
    assert content_of(data) == content
    path = tmp_path / name
    path.write_bytes(gzip.compress(data) if is_packed else data)
    assert is_record(path)
    with pytest.raises(ECGError, match=f"{name}[:,] "):
        read_record(path)


def test_the_list_of_a_medium_is_no_recording(tmp_path: Path) -> None:
    (tmp_path / "DICOMDIR").write_bytes(DEVICES["f.dcm"][0])
    assert not is_record(tmp_path / "DICOMDIR")


@pytest.mark.parametrize("name", RECORDINGS)
def test_recordings_are_named_and_listed(tmp_path: Path, name: str) -> None:
    data, what = RECORDINGS[name]
    path = tmp_path / name
    path.write_bytes(data)
    assert is_record(path)
    with pytest.raises(FormatError) as caught:
        read_record(path)
    reads = "WFDB, EDF, DICOM, HL7 aECG, GE MUSE XML, Philips XML, SCP-ECG, ISHNE, MATLAB, NumPy, CSV"
    assert str(caught.value) == f"{path}: this is {what}, which einthoven does not read; it reads {reads}"


@pytest.mark.parametrize("name", OTHERS)
def test_what_may_hold_no_recording_is_named_and_not_listed(tmp_path: Path, name: str) -> None:
    data, what = OTHERS[name]
    path = tmp_path / name
    path.write_bytes(data)
    assert not is_record(path)
    with pytest.raises(FormatError, match=rf"{name}: this is {what}, which einthoven does not read; "):
        read_record(path)


def test_bytes_are_recognised_too() -> None:
    with pytest.raises(FormatError, match=r"^<bytes>: this is a GDF recording"):
        read_record(RECORDINGS["e.gdf"][0])


def test_matlab_7_3_says_how_to_save_it(tmp_path: Path) -> None:
    head = b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\0\2IM" + bytes(384)
    (tmp_path / "x.mat").write_bytes(head + b"\x89HDF\r\n\x1a\n" + bytes(100))
    with pytest.raises(FormatError, match=r"expected MATLAB up to version 7\.2, found 7\.3: save it with"):
        read_record(tmp_path / "x.mat")


def saved(function: object, *args: object, **kwargs: object) -> bytes:
    stream = io.BytesIO()
    function(stream, *args, **kwargs)  # type: ignore[operator]
    return stream.getvalue()


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"0       1       2\n3       4       5\n" * 20,
        b"x 1 360 2\nx.dat 16 200\n",
        b"1,2\n3,4\n",
        b"<1,2\n3,4\n",
        b"PK\x03\x04",
        saved(np.save, np.zeros(300)),
        saved(np.savez, signal=np.zeros(300)),
        saved(scipy.io.savemat, {"val": np.zeros(300)}),
        saved(scipy.io.savemat, {"val": np.zeros(300)}, format="4"),
        bytes(600),
    ],
)
def test_nothing_else_is_recognised(head: bytes) -> None:
    assert recognise(head) is None
