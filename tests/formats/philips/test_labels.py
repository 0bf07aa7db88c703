import pytest

from einthoven.errors import FormatError
from einthoven.formats.philips.labels import is_no_ecg, labels_of_acquisition, usual_names
from einthoven.record import TWELVE_LEADS


def test_chest_leads_of_the_older_code() -> None:
    names, notes = usual_names(["I", "C1", "C4R", "C9"])
    assert (names, notes) == (("I", "V1", "V4R", "V9"), ())


def test_derived_leads() -> None:
    names, notes = usual_names(["Id", "aVRd", "-aVRd", "C2d", "V3", "V3d", "Xd"])
    assert names == ("I", "aVR", "-aVR", "V2", "V3", "V3d", "X")
    assert notes == ("derived from other leads, as the file says: Id, aVRd, -aVRd, C2d, V3d, Xd",)


@pytest.mark.parametrize("label", ["RESP", "RESP-ECG-derived-II", "PLETH", "PACE", "?"])
def test_what_is_no_ecg(label: str) -> None:
    assert is_no_ecg(label)


@pytest.mark.parametrize("label", ["I", "V3R", "MCL1", "PADS", "X", "ECG"])
def test_what_is_an_ecg(label: str) -> None:
    assert not is_no_ecg(label)


def test_unnamed_leads() -> None:
    assert labels_of_acquisition("STD-12", 16, "x") == TWELVE_LEADS
    for acquisition, count in (("MIDA", 12), ("STD-12", 11), ("", 12)):
        with pytest.raises(FormatError, match=f"found {count} unnamed channels of '{acquisition}'"):
            labels_of_acquisition(acquisition, count, "x")
