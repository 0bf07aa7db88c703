import zlib
from dataclasses import replace

import pytest
from dicom_files import bare, data_set, ecg, encoded
from pydicom import uid

from einthoven.errors import FormatError
from einthoven.formats.dicom.file import looks_like_dicom, read_file
from einthoven.formats.dicom.sop_classes import ECG_CLASSES
from einthoven.formats.given import Given
from einthoven.formats.limits import LIMITS

GIVEN = Given(where="x.dcm")


def refused(data: bytes, given: Given = GIVEN) -> str:
    with pytest.raises(FormatError) as caught:
        read_file(data, given)
    return str(caught.value)


def test_files_are_recognised_by_their_prefix_or_by_what_they_say_they_are() -> None:
    assert looks_like_dicom(ecg()[:65536])
    assert looks_like_dicom(bare(ecg()))
    assert looks_like_dicom(bare(ecg(syntax=uid.ImplicitVRLittleEndian)))
    assert looks_like_dicom(ecg()[132:])


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"DICM",
        b"time,I,II\n0,1.2.840.10008.5.1.4.1.1.9.1.1\n",
        b"\x08\x00\x16\x00UI\x1a\x001.2.840.10008.5.1.4.1.1.2\0",
        b"\x10\x00\x10\x00PN\x02\x00AB\x08\x00\x16\x00UI\x1e\x001.2.840.10008.5.1.4.1.1.9.1.1\0",
        bytes(200),
    ],
)
def test_what_is_no_dicom_or_not_for_certain(head: bytes) -> None:
    assert not looks_like_dicom(head)
    assert refused(head) == "x.dcm: expected DICOM, with DICM after 128 bytes, found neither that nor an ECG"


@pytest.mark.parametrize("kind", ["explicit", "implicit", "with File Meta Information"])
def test_without_preamble(kind: str) -> None:
    data = {
        "explicit": bare(ecg()),
        "implicit": bare(ecg(syntax=uid.ImplicitVRLittleEndian)),
        "with File Meta Information": ecg()[132:],
    }[kind]
    assert read_file(data, GIVEN).text("SOPClassUID") in ECG_CLASSES


@pytest.mark.parametrize("syntax", [uid.ExplicitVRLittleEndian, uid.ImplicitVRLittleEndian])
def test_a_missing_transfer_syntax_is_told_from_the_first_element(syntax: str) -> None:
    data = ecg(syntax=syntax)
    without = data.replace(b"\x02\x00\x10\x00UI", b"\x02\x00\x99\x00UI")
    assert read_file(without, GIVEN).text("SOPClassUID") in ECG_CLASSES
    strange = without.replace(b"\x08\x00\x16\x00", b"\x09\x00\x16\x00", 1)
    assert "expected a Transfer Syntax UID (0002,0010), found none" in refused(strange)


def test_an_unknown_transfer_syntax() -> None:
    data = ecg().replace(b"1.2.840.10008.1.2.1", b"1.2.840.99999.1.2.1")
    assert refused(data) == "x.dcm: expected a transfer syntax of DICOM, found '1.2.840.99999.1.2.1'"


@pytest.mark.parametrize(
    ("name", "found"),
    [
        (
            "1.2.840.10008.5.1.4.1.1.104.1",
            "Encapsulated PDF Storage: it is a PDF document in DICOM, which holds no",
        ),
        ("1.2.840.10008.5.1.4.1.1.2", "CT Image Storage: it is a picture, which holds no samples"),
        ("1.2.840.10008.5.1.4.1.1.9.2.1", "Hemodynamic Waveform Storage: its waveforms are no ECG's"),
        ("1.2.840.10008.5.1.4.1.1.9.3.1", "Cardiac Electrophysiology Waveform Storage: its waveforms are no"),
        ("1.2.840.10008.5.1.4.1.1.9.5.1", "Arterial Pulse Waveform Storage: its waveforms are no ECG's"),
        ("1.2.840.10008.5.1.4.1.1.9.6.1", "Respiratory Waveform Storage: its waveforms are no ECG's"),
        ("1.2.840.10008.5.1.4.1.1.9.4.1", "Basic Voice Audio Waveform Storage: its waveforms are no ECG's"),
        ("1.2.840.10008.5.1.4.1.1.88.33", "Comprehensive SR Storage: it is a report, which holds no samples"),
        ("1.2.840.10008.1.3.10", "Media Storage Directory Storage: it is a list of files"),
        ("1.2.3.4", "the unknown class '1.2.3.4'"),
    ],
)
def test_other_classes_are_named(name: str, found: str) -> None:
    message = refused(ecg(SOPClassUID=name))
    expected = "12-lead ECG, General ECG, Ambulatory ECG, General 32-bit ECG"
    assert message.startswith(f"x.dcm: expected DICOM with the waveforms of a {expected}, found {found}")
    assert len(message.splitlines()) == 1


@pytest.mark.parametrize("name", ECG_CLASSES)
def test_classes_of_ecgs(name: str) -> None:
    assert read_file(ecg(SOPClassUID=name), GIVEN).text("SOPClassUID") == name


def test_a_class_that_is_not_stated() -> None:
    data = (
        ecg()
        .replace(b"\x08\x00\x16\x00UI", b"\x08\x00\x17\x00UI")
        .replace(b"\x02\x00\x02\x00UI", b"\x02\x00\x99\x00UI")
    )
    assert refused(data).endswith("General 32-bit ECG, found no SOP Class UID (0008,0016)")


def test_deflated_data_sets_are_bounded() -> None:
    data = encoded(data_set(PatientComments=" " * 10_000), uid.DeflatedExplicitVRLittleEndian)
    assert read_file(data, GIVEN).text("SOPClassUID") in ECG_CLASSES
    few = replace(GIVEN, limits=replace(LIMITS, unpacked_bytes=1000))
    assert (
        refused(data, few)
        == "x.dcm: expected at most 1000 unpacked bytes (the limit unpacked_bytes), found 1001"
    )


def test_a_bomb_takes_no_more_memory_than_its_limit() -> None:
    shell = encoded(data_set(), uid.DeflatedExplicitVRLittleEndian)
    start = 144 + int.from_bytes(shell[140:144], "little")
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = shell[:start] + packer.compress(bytes(2**26)) + packer.flush()
    assert len(bomb) < 2**17
    few = replace(GIVEN, limits=replace(LIMITS, unpacked_bytes=2**20))
    assert "expected at most 1048576 unpacked bytes" in refused(bomb, few)


def test_damaged_deflated_data_sets() -> None:
    data = ecg(syntax=uid.DeflatedExplicitVRLittleEndian)
    assert "expected a whole deflated data set, found its end missing" in refused(data[:-20])
    start = 144 + int.from_bytes(data[140:144], "little")
    assert f"expected a deflated data set at {start}, found it damaged: " in refused(
        data[:start] + b"\xff" * 50
    )
