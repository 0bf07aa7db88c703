import pytest

from einthoven.errors import RecordError
from einthoven.formats.channels import all_named, is_other, without_others
from einthoven.formats.given import Given


@pytest.mark.parametrize(
    "name",
    ["RESP", "resp_rate", "Pleth", "PPG1", "ABP", "ART 2", "CVP", "SpO2", "HR", "PULSE", "EEG (C4-A1)", "EMG",
     "ACC_X", " EtCO2"],
)  # fmt: skip
def test_names_of_other_signals(name: str) -> None:
    assert is_other(name)


@pytest.mark.parametrize(
    "name", ["I", "aVR", "V1", "MLII", "ECG", "ECG 1", "lead 3", "", "3", "artefact", "HRV"]
)
def test_names_that_may_be_leads(name: str) -> None:
    assert not is_other(name)


def test_others_are_left_out_unless_asked_for_or_alone() -> None:
    assert without_others(["I", "V1"]) == ([0, 1], ())
    said = "left out, as their names are not those of ECG leads: RESP, HR"
    assert without_others(["RESP", "I", "HR"]) == ([1], (said,))
    assert without_others(["RESP", "I"], ["RESP"]) == ([0, 1], ())
    assert without_others(["RESP", "HR"]) == ([0, 1], ("no channel has the name of an ECG lead: RESP, HR",))
    assert without_others([]) == ([], ())


def test_leads_without_a_name_are_counted() -> None:
    assert all_named(["I", "II"], Given(where="x")) == (["I", "II"], ())
    said = "the file does not name every lead: called lead 2, lead 3"
    assert all_named(["I", "", ""], Given(where="x")) == (["I", "lead 2", "lead 3"], (said,))
    with pytest.raises(RecordError, match="called lead 2"):
        all_named(["I", ""], Given(where="x", strict=True))
