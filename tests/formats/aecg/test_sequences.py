"""Sequence sets: times, lead names, scales, units, and what is said where they are missing."""

from dataclasses import replace

import numpy as np
import pytest
from aecg_document import MDC, document, lead, recording, sequence_set, series, times

from einthoven.errors import FormatError, RecordError
from einthoven.formats.aecg import read_aecg
from einthoven.formats.given import Given
from einthoven.formats.limits import Limits
from einthoven.record import Record

X = Given(where="x.xml")


def read(*leads: str, given: Given = X, when: str | None = None) -> Record:
    return read_aecg(recording(*leads, when=when), given)


def refusal(*leads: str, given: Given = X, when: str | None = None) -> str:
    with pytest.raises((FormatError, RecordError), match=r"^x\.xml") as error:
        read(*leads, given=given, when=when)
    return str(error.value).removeprefix("x.xml, series RHYTHM").removeprefix("x.xml")


@pytest.mark.parametrize(
    ("scale", "unit", "factor"),
    [
        ("2.5", "uV", 0.0025),
        ("4.88", "uV", 0.00488),
        ("2.5", "µV", 0.0025),
        ("0.0025", "mV", 0.0025),
        ("5E-6", "V", 0.005),
        ("152.6", "nV", 0.0001526),
        ("1.5", "UV", 0.0015),
        ("-1", "uV", -0.001),
    ],
)
def test_scales_and_units(scale: str, unit: str, factor: float) -> None:
    record = read(lead("II", [-3, 0, 7, 32767], scale=f'<scale value="{scale}" unit="{unit}"/>', origin=""))
    assert record.warnings == ()
    assert np.array_equal(record.signal, np.float32(np.array([[-3, 0, 7, 32767]]) * factor))


def test_the_origin_is_added_in_its_own_unit() -> None:
    record = read(lead("II", [0, 4], origin='<origin value="1.5" unit="mV"/>'))
    assert np.array_equal(record.signal, np.float32([[1.5, 1.51]]))
    same = read(lead("II", [0, 4], origin='<origin value="-100"/>'))
    assert np.array_equal(same.signal, np.float32([[-0.1, -0.09]]))


@pytest.mark.parametrize("kind", ["SLIST_PQ", "SLIST_INT", "voc:SLIST_PQ", ""])
def test_kinds_of_lists(kind: str) -> None:
    assert read(lead("II", [1, 2], kind=kind)).n_samples == 2


def test_other_kinds_of_values() -> None:
    assert refusal(lead("II", [1], kind="GLIST_PQ")) == (
        ", lead II: expected samples as SLIST_PQ or SLIST_INT, found 'GLIST_PQ'"
    )


def test_a_missing_unit_or_scale_is_a_doubt() -> None:
    bare = lead("II", [1, -2], scale="", origin="", kind="SLIST_INT")
    record = read(bare)
    assert np.array_equal(record.signal, np.float32([[0.001, -0.002]]))
    assert record.warnings == (
        "the file states no unit of lead II: taken as uV",
        "the file states no scale of lead II: taken as 1 uV",
    )
    assert refusal(bare, given=replace(X, strict=True)).startswith(
        ": expected certain units and leads (strict), found: the file states no unit of lead II"
    )
    said = read(lead("II", [1], scale='<scale value="2"/>', origin=""), given=replace(X, units="mV"))
    assert (said.signal[0, 0], said.warnings) == (2, ())
    unscaled = read(lead("II", [1], scale="", origin='<origin value="0" unit="mV"/>'))
    assert (unscaled.signal[0, 0], unscaled.warnings) == (
        1,
        ("the file states no scale of lead II: taken as 1 mV",),
    )


def test_units_that_contradict_what_the_caller_says() -> None:
    assert refusal(lead("II", [1]), given=replace(X, units="mV")) == (
        ": expected units=mV as given, found uV in the file for lead II"
    )
    assert read(lead("II", [1]), given=replace(X, units="µV")).warnings == ()


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ({"scale": '<scale value="0" unit="uV"/>'}, "scale: expected a number other than 0, found '0'"),
        ({"scale": '<scale value="two" unit="uV"/>'}, "scale: expected a number, found 'two'"),
        ({"origin": '<origin value="x" unit="uV"/>'}, "origin: expected a number, found 'x'"),
    ],
)
def test_damaged_calibrations(part: dict[str, str], message: str) -> None:
    assert refusal(lead("II", [1], **part)) == f", lead II, {message}"


def test_damaged_digits_name_the_lead() -> None:
    assert refusal(lead("I", [1]), lead("V2", "1 2 3x")) == (
        ", lead V2: expected numbers parted by blanks, found '3x'"
    )
    huge = '<scale value="9e30" unit="V"/>'
    assert refusal(lead("II", "9e30", scale=huge)) == (
        ": expected samples of a voltage, found one too large for float32"
    )


def test_sequences_that_are_no_voltages_are_left_out() -> None:
    pressure = lead('<code code="MDC_PRESS_BLD"/>', [1], scale='<scale value="1" unit="mm[Hg]"/>', origin="")
    record = read(lead("II", [1]), pressure)
    assert record.leads == ("II",)
    assert record.warnings == ("left out, as they are no voltages: MDC_PRESS_BLD (mm[Hg])",)
    assert "expected at least one sample of an ECG lead" in refusal(pressure)
    wrong = lead("II", [1], scale='<scale value="1" unit="mm[Hg]"/>', origin="")
    assert "expected a unit of V, mV, uV or nV, found 'mm[Hg]'" in refusal(wrong)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("AVR", "aVR"),
        ("aVL", "aVL"),
        ("avf", "aVF"),
        ("V3R", "V3R"),
        ("V9", "V9"),
        ("X", "X"),
        ("ES", "ES"),
        ("AI", "AI"),
        ("MLII", "MLII"),
        ("AVRneg", "-aVR"),
        ("dV4", "V4"),
        ('<code code="ii"/>', "II"),
        ('<code code="LEAD_V1"/>', "V1"),
        ('<code code="CH 1"/>', "CH 1"),
        ('<code displayName="Lead I"/>', "I"),
        ('<code nullFlavor="OTH"><originalText> MLII </originalText></code>', "MLII"),
        (f'<code code="MDC_ECG_LEAD_CONFIG" {MDC} displayName="ECG"/>', "ECG"),
    ],
)
def test_names_of_leads(code: str, name: str) -> None:
    record = read(lead(code, [1]))
    assert (record.leads, record.warnings) == ((name,), ())


def test_leads_without_a_name_are_a_doubt() -> None:
    nameless = (
        "<code/>",
        f'<code code="MDC_ECG_LEAD_CONFIG" {MDC} displayName="Unspecified lead"/>',
        "<code/>",
    )
    record = read(lead("I", [1]), *(lead(code, [1]) for code in nameless))
    assert record.leads == ("I", "lead 2", "lead 3", "lead 4")
    assert record.warnings[1] == "the file does not say which lead the 3rd is: called lead 3"
    with pytest.raises(RecordError, match=r"strict\), found: the file does not say which lead the 1st is"):
        read(lead("<code/>", [1]), given=replace(X, strict=True))


@pytest.mark.parametrize(
    ("when", "fs"),
    [
        (times(step="2", unit="ms"), 500),
        (times(step="4000", unit="us"), 250),
        (times("TIME_RELATIVE", "0", "0.001"), 1000),
        (times("TIME_RELATIVE", "0.5", "5.5556", "ms"), 180),
        (times(head=""), 500),
        (times("TIME_RELATIVE", "3") + times(), 500),
    ],
)
def test_sampling_rates(when: str, fs: float) -> None:
    record = read(lead("II", [1, 2, 3]), when=when)
    assert (record.fs, record.n_samples, record.warnings) == (fs, 3, ())


def test_a_sampling_rate_that_is_not_clear() -> None:
    when = times(step="0.0039")
    record = read(lead("II", [1]), when=when)
    assert record.fs == pytest.approx(256.41, abs=0.01)
    assert record.warnings == (
        "the step from sample to sample is rounded so that the rate may be 253.16 to 259.74 Hz: taken as "
        "256.41 Hz; pass fs= if you know it",
    )
    known = read(lead("II", [1]), when=when, given=replace(X, fs=256))
    assert (known.fs, known.warnings) == (256, ())
    assert "expected fs=300 Hz as given" in refusal(lead("II", [1]), when=when, given=replace(X, fs=300))


def test_a_sampling_rate_that_the_caller_says() -> None:
    nothing = read(lead("II", [1]), when="", given=replace(X, fs=400))
    unitless = read(lead("II", [1]), when=times(step="2", unit=""), given=replace(X, fs=400))
    assert nothing.fs == unitless.fs == 400
    assert refusal(lead("II", [1]), given=replace(X, fs=250)) == (
        ": expected fs=250 Hz as given, found 500 Hz in the file"
    )


@pytest.mark.parametrize(
    ("when", "message"),
    [
        (
            "",
            ": expected a sequence TIME_ABSOLUTE or TIME_RELATIVE, found none: "
            "pass fs= (on the command line --fs)",
        ),
        (
            times(unit=""),
            ", TIME_ABSOLUTE, increment: expected a unit among s, ms, us, ns, min, h, d, found 'none': "
            "pass fs= (on the command line --fs)",
        ),
        (
            times(unit="Hz"),
            ", TIME_ABSOLUTE, increment: expected a unit among s, ms, us, ns, min, h, d, found 'Hz'",
        ),
        (times(step="0"), ", TIME_ABSOLUTE, increment: expected a number above 0, found '0'"),
        (times(step="-1"), ", TIME_ABSOLUTE, increment: expected a number above 0, found '-1'"),
        (
            times() + times("TIME_RELATIVE", step="0.004"),
            ": expected one sampling rate of a sequence set, found 250 Hz and 500 Hz",
        ),
        (
            '<component><sequence><code code="TIME_RELATIVE"/></sequence></component>',
            ", TIME_RELATIVE: expected a value, found none",
        ),
        (
            times().replace('xsi:type="GLIST_TS"', 'denominator="2"'),
            ", TIME_ABSOLUTE: expected one sample a step, found denominator '2'",
        ),
        (
            times().replace('xsi:type="GLIST_TS"', 'period="4"'),
            ", TIME_ABSOLUTE: expected one sample a step, found period '4'",
        ),
    ],
)
def test_times_that_are_refused(when: str, message: str) -> None:
    assert refusal(lead("II", [1]), when=when) == message


def listed(digits: str, scale: str = '<scale value="2" unit="ms"/>') -> str:
    value = (
        f'<value xsi:type="SLIST_PQ"><origin value="0" unit="ms"/>{scale}<digits>{digits}</digits></value>'
    )
    return f'<component><sequence><code code="TIME_RELATIVE"/>{value}</sequence></component>'


def test_times_given_point_by_point() -> None:
    record = read(lead("II", [1, 2, 3, 4]), when=listed("5 6 7 8"))
    assert (record.fs, record.n_samples) == (500, 4)
    ms = '<scale value="1" unit="ms"/>'
    rounded = read(lead("II", range(10)), when=listed("0 3 6 8 11 14 17 19 22 25", ms))
    assert rounded.fs == 360
    for bad in (
        listed("1 2 9"),
        listed("0 0.1 0.9"),
        listed("1"),
        listed("3 2 1"),
        listed("1 2 3", ""),
        listed("0 1e-38 2e-38"),
        listed("1 2 3", '<scale value="-2" unit="ms"/>'),
    ):
        assert "expected evenly spaced times with a unit" in refusal(lead("II", [1]), when=bad)


def test_limits() -> None:
    leads = [lead(f"V{i}", [1, 2]) for i in range(1, 7)]
    assert read(*leads, given=replace(X, limits=Limits(leads=7))).n_leads == 6
    assert "at most 6 leads (the limit leads), found 7" in refusal(
        *leads, given=replace(X, limits=Limits(leads=6))
    )
    assert "(the limit samples), found 12" in refusal(*leads, given=replace(X, limits=Limits(samples=11)))
    parts = [sequence_set(times(), lead("I", [1])), sequence_set(times(), lead("II", [1]))]
    with pytest.raises(FormatError, match="at most 1 leads"):
        read_aecg(
            document(series(parts[0], sequence_set(lead("II", [1])))), replace(X, limits=Limits(leads=1))
        )
