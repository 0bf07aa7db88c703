"""Codes of leads and beats, against the numbers that DICOM reprints (CID 3001 and CID 3335)."""

import pytest
from pydicom.sr import codes

from einthoven.formats.mdc import (
    BEATS,
    LEADS,
    beat_of_reference,
    beat_of_symbol,
    lead_of_name,
    lead_of_number,
    lead_of_reference,
)
from einthoven.formats.wfdb.annotations import SYMBOLS
from einthoven.record import TWELVE_LEADS


def meanings(partition: int) -> dict[int, str]:
    """Numbers of a partition of MDC and what DICOM says they mean."""
    stated = codes.cid3001 if partition == 2 else codes.cid3335
    return {int(code.value.partition(":")[2]): code.meaning for code in stated.concepts.values()}


@pytest.mark.parametrize("name", [*TWELVE_LEADS, "V7", "V8", "V9", "V3R", "V4R", "V7R", "X", "Y", "Z"])
def test_numbers_of_leads_are_those_of_dicom(name: str) -> None:
    lead = lead_of_name(name)
    assert lead is not None
    assert name.upper() in meanings(2)[lead.number].upper()
    assert lead_of_number(lead.number) == lead
    assert lead_of_reference(lead.reference) == lead


@pytest.mark.parametrize(
    ("number", "code", "name"),
    [
        (0, "CONFIG", ""),
        (codes.cid3001.FrankLeadH.value, "fH", "fH"),
        (codes.cid3001.DerivedLeadV6.value, "dV6", "V6"),
        (codes.cid3001.DerivedLeadAvf.value, "dAVF", "aVF"),
        (codes.cid3001.DerivedLeadIII.value, "dIII", "III"),
        (codes.cid3001.Avr.value, "AVRneg", "-aVR"),
        (codes.cid3001.ModifiedLimbLead.value, "ML", "ML"),
        (codes.cid3001.ModifiedChestLeadPerV1Placement.value, "MCL1", "MCL1"),
        (codes.cid3001.ChestLeadPerV7AndV8RPlacement.value, "CC7", "CC7"),
        (codes.cid3001.ChestManubriumLeadPerV7Placement.value, "CM7", "CM7"),
        (codes.cid3001.EASILeadES.value, "ES", "ES"),
        (codes.cid3001.EASIUpperSternumLead.value, "S", "S"),
        (codes.cid3001.AuxiliaryBipolarLead4.value, "AB4", "AB4"),
        (codes.cid3001.RightLegLead.value, "RL", "RL"),
        (codes.cid3001.CanineOverDorsalSpinousProcessOf7thThoracicVertebra.value, "V10", "V10"),
        (184, "dV10", "V10"),
    ],
)
def test_rarer_leads(number: int | str, code: str, name: str) -> None:
    lead = lead_of_number(int(str(number).removeprefix("2:")))
    assert lead is not None
    assert (lead.reference, lead.name) == (f"MDC_ECG_LEAD_{code}", name)
    assert lead.is_derived == code.startswith("d")


def test_every_lead_has_its_own_code_and_the_names_of_measured_ones_differ() -> None:
    assert len({lead.reference.upper() for lead in LEADS}) == len(LEADS) == 185
    measured = [lead.name for lead in LEADS if not lead.is_derived]
    assert len(set(measured)) == len(measured)
    assert set(meanings(2)) & set(range(185)) <= {lead.number for lead in LEADS}


def test_references_are_read_in_any_case_and_only_with_their_prefix() -> None:
    assert lead_of_reference(" mdc_ecg_lead_avr ") == lead_of_name("aVR")
    assert lead_of_reference("V1") is None
    assert lead_of_reference("MDC_ECG_LEAD_MLII") is None
    assert lead_of_number(185) is None
    assert lead_of_number(-1) is None


def test_numbers_of_beats_are_those_of_dicom() -> None:
    stated = meanings(10)
    for reference, words in [
        ("MDC_ECG_BEAT_NORMAL", "Normal beat"),
        ("MDC_ECG_BEAT_JUNC_P_C", "Junctional (nodal) premature"),
        ("MDC_ECG_BEAT_V_ESC", "Ventricular escape"),
        ("MDC_ECG_BEAT_RBB_BLK_INCOMP", "Incomplete right bundle"),
        ("MDC_ECG_BEAT_WPW_A", "Wolf-Parkinson type A"),
        ("MDC_ECG_BEAT_LEARN", "Pacemaker Learning beat"),
    ]:
        beat = beat_of_reference(reference)
        assert beat is not None
        assert stated[beat.number].startswith(words)


def test_beats_become_mnemonics_and_a_note_keeps_what_those_cannot_say() -> None:
    found = {beat.reference: (beat.symbol, bool(beat.note)) for beat in BEATS}
    assert found["MDC_ECG_BEAT_NORMAL"] == ("N", False)
    assert found["MDC_ECG_BEAT_V_P_C_RonT"] == ("r", False)
    assert found["MDC_ECG_BEAT_LBB_BLK_INCOMP"] == ("L", True)
    assert found["MDC_ECG_BEAT_WPW_B"] == ("N", True)
    assert found["MDC_ECG_BEAT"] == ("Q", True)
    assert {symbol for symbol, _ in found.values()} <= set(SYMBOLS.values())
    assert beat_of_reference("mdc_ecg_beat_v_p_c_ront") == beat_of_symbol("r")
    assert beat_of_reference("MDC_ECG_RHY") is None


def test_a_mnemonic_names_one_kind_of_beat() -> None:
    for symbol in "NLRBAaJSVrFejnE/fQ?x":
        beat = beat_of_symbol(symbol)
        assert beat is not None
        assert (beat.symbol, beat.note) == (symbol, "")
    assert beat_of_symbol("+") is None
