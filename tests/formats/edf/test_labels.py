import pytest

from einthoven.formats.edf.labels import ecg_lead, may_be_ecg, unique_names


@pytest.mark.parametrize(
    ("label", "lead"),
    [
        ("ECG I", "I"),
        ("ECG V2R", "V2R"),
        ("ECG -aVR", "-aVR"),
        ("ECG X", "X"),
        ("EKG", "ECG"),
        ("ECG", "ECG"),
        ("ECG1", "ECG1"),
        ("ECG 2", "ECG 2"),
        ("EKG-Ref", "ECG"),
        ("ECG II-Ref", "II"),
        ("ECG Lead II", "II"),
        ("ecg_avf", "aVF"),
        ("ECG-aVR", "aVR"),
        ("ECG (V5)", "V5"),
        ("ECGII", "II"),
        ("ECG lead 3", "lead 3"),
        ("ECG LA-RA", "ECG LA-RA"),
        ("ECGL", "ECGL"),
        ("II", "II"),
        (" ii ", "II"),
        ("Lead I", "I"),
        ("channel V1", "V1"),
        ("mlii", "MLII"),
        ("MDC_ECG_LEAD_V3", "V3"),
        ("V7", "V7"),
    ],
)
def test_labels_of_leads(label: str, lead: str) -> None:
    assert ecg_lead(label) == lead


@pytest.mark.parametrize(
    "label",
    ["", "EEG Fpz-Cz", "C3-A2", "X", "ECG HR", "ECG Resp", "Pleth", "EOG left", "lead 1", "Status", "R-R"],
)
def test_labels_that_are_not_surely_of_leads(label: str) -> None:
    assert ecg_lead(label) is None


@pytest.mark.parametrize(
    "label",
    [
        *("Fp1", "C3-A2", "O2", "Cz", "EEG 1", "M1", "LOC", "E2", "Chin", "LLEG", "Snore", "Abdo", "SpO2"),
        *("Position", "STATUS", "Trigger", "DC5", "HR", "Leg 1"),
    ],
)
def test_labels_that_speak_against_an_ecg(label: str) -> None:
    assert not may_be_ecg(label)


@pytest.mark.parametrize("label", ["", "Channel 1", "lead 1", "A", "CM5", "Signal", "V"])
def test_labels_that_do_not(label: str) -> None:
    assert may_be_ecg(label)


def test_names_that_occur_twice_are_numbered() -> None:
    assert unique_names(["ECG", "II", "ECG", "ECG"]) == ("ECG", "II", "ECG 2", "ECG 3")
