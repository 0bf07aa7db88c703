import copy
import math
import pickle
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest

from einthoven.errors import ECGError, RecordError
from einthoven.record import Annotation, Record, lead_name

SIGNAL = np.array([[0, 1, 2], [3, 4, math.nan]], np.float32)


def test_what_a_record_knows() -> None:
    record = Record(SIGNAL, 100.0, ("I", "V1"))
    assert (record.n_leads, record.n_samples, record.duration_s) == (2, 3, 0.03)
    assert (record.name, record.annotations, dict(record.patient), record.comments, record.warnings) == (
        "", None, {}, (), (),
    )  # fmt: skip


def test_a_record_does_not_change() -> None:
    record = Record(SIGNAL, 100.0, ("I", "V1"))
    with pytest.raises(AttributeError):
        record.fs = 50.0  # type: ignore[misc]
    with pytest.raises(TypeError):
        record.patient["age"] = "5"  # type: ignore[index]


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda item: pickle.loads(pickle.dumps(item))])
def test_a_copy_is_the_same_and_does_not_change_either(copied: Callable[[Record], Record]) -> None:
    marks = Annotation(np.array([1]), ("N",), ("note",))
    record = Record(SIGNAL, 100.0, ("I", "V1"), "r", "r.hea", marks, {"age": "5"}, ("c",), ("w",))
    made = copied(record)
    assert np.array_equal(made.signal, SIGNAL, equal_nan=True)
    assert (made.fs, made.leads, made.name, made.path) == (100.0, ("I", "V1"), "r", "r.hea")
    assert (dict(made.patient), made.comments, made.warnings) == ({"age": "5"}, ("c",), ("w",))
    assert made.annotations is not None
    assert (made.annotations.samples.tolist(), made.annotations.symbols, made.annotations.notes) == (
        [1], ("N",), ("note",),
    )  # fmt: skip
    assert not made.signal.flags.writeable
    with pytest.raises(TypeError):
        made.patient["age"] = "6"  # type: ignore[index]


def test_a_record_goes_to_another_process_and_back() -> None:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        made = pool.submit(copy.copy, Record(SIGNAL, 100.0, ("I", "V1"), "r")).result()
    assert (made.name, made.n_samples) == ("r", 3)


def test_what_is_known_of_a_patient_is_not_the_callers_own_mapping() -> None:
    facts = {"age": "5"}
    record = Record(SIGNAL, 100.0, ("I", "V1"), patient=facts)
    facts["age"] = "6"
    assert dict(record.patient) == {"age": "5"}


@pytest.mark.parametrize(
    "given",
    [
        [[1, 2, 3]],
        np.array([[1, 2, 3]], np.float64),
        np.array([[1, 2, 3]], np.int16),
        np.array([[1, 2, 3]], np.uint64),
        np.array([[1, 2, 3]], np.float16),
        np.array([[1, 2, 3]], ">f4"),
    ],
)
def test_any_real_numbers_become_millivolts_in_float32(given: object) -> None:
    signal = Record(given, 100.0, ("I",)).signal  # type: ignore[arg-type]
    np.testing.assert_array_equal(signal, np.array([[1, 2, 3]], np.float32), strict=True)


def test_what_a_mask_hides_is_missing() -> None:
    masked = np.ma.masked_equal(np.array([[1, 2, 3]]), 2)
    np.testing.assert_array_equal(Record(masked, 100.0, ("I",)).signal, [[1, math.nan, 3]])


def test_the_signal_is_read_only_and_the_callers_array_is_not() -> None:
    for given in (SIGNAL.copy(), SIGNAL.astype(float)):
        record = Record(given, 100.0, ("I", "II"))
        with pytest.raises(ValueError, match="read-only"):
            record.signal[0, 0] = 5
        assert given.flags.writeable
        assert not record.select(["II"]).signal.flags.writeable


@pytest.mark.parametrize("fs", [250, np.int16(250), np.float32(250), np.array(250), 250.0])
def test_the_rate_may_be_any_number(fs: float) -> None:
    record = Record(SIGNAL, fs, ("I", "II"))
    assert (record.fs, type(record.fs)) == (250.0, float)


def test_lead_names_are_translated_and_one_may_be_text() -> None:
    assert Record(SIGNAL, 100.0, ["AVR", "MDC_ECG_LEAD_V1"]).leads == ("aVR", "V1")  # type: ignore[arg-type]
    record = Record(SIGNAL[:1], 100.0, "II")  # type: ignore[arg-type]
    assert record.leads == record.select("II").leads == record.for_model("II").leads == ("II",)


@pytest.mark.parametrize(
    ("signal", "fs", "leads", "message"),
    [
        (SIGNAL[0], 100, ("I",), r"real numbers of shape \(n_leads, n_samples\), found float32 of .* \(3,\)"),
        (SIGNAL[None], 100, ("I",), r"found float32 of shape \(1, 2, 3\)"),
        (SIGNAL.astype(complex), 100, ("I", "II"), r"found complex128 of shape \(2, 3\)"),
        (SIGNAL > 0, 100, ("I", "II"), r"found bool of shape \(2, 3\)"),
        ([["1", "2"]], 100, ("I",), r"found <U1 of shape \(1, 2\)"),
        ([[1, None]], 100, ("I",), r"found object of shape \(1, 2\)"),
        ([[1, 2], [3]], 100, ("I", "II"), "found rows of different lengths"),
        (None, 100, ("I",), r"found object of shape \(\)"),
        ([[1e39, -1e300]], 100, ("I",), r"finite samples .* found 1e\+39 mV, too large for float32"),
        ([[1, -math.inf]], 100, ("I",), r"finite samples .* found an infinite one"),
        (SIGNAL, "250", ("I", "II"), "expected a number as the sampling rate in Hz, found '250'"),
        (SIGNAL, None, ("I", "II"), "expected a number as the sampling rate in Hz, found None"),
        (SIGNAL, True, ("I", "II"), "expected a number as the sampling rate in Hz, found True"),
        (SIGNAL, [250], ("I", "II"), r"expected a number as the sampling rate in Hz, found \[250\]"),
        (SIGNAL, 1j, ("I", "II"), "expected a number as the sampling rate in Hz, found 1j"),
        (SIGNAL, 0, ("I", "II"), "expected a sampling rate above 0 Hz, found 0"),
        (SIGNAL, math.nan, ("I", "II"), "expected a sampling rate above 0 Hz, found nan"),
        (SIGNAL, math.inf, ("I", "II"), "expected a sampling rate above 0 Hz, found inf"),
        (SIGNAL[:, :0], 100, ("I", "II"), "at least one lead and one sample, found 2 leads of 0 samples"),
        (SIGNAL[:0], 100, (), "found 0 leads of 3 samples"),
        (SIGNAL, 100, ("I",), "expected 2 lead names, found 1"),
        (SIGNAL, 100, "II", "expected 2 lead names, found 1"),
        (SIGNAL, 100, (1, 2), r"expected lead names as text, found \(1, 2\)"),
        (SIGNAL, 100, None, "expected lead names as text, found None"),
        (np.array([[math.inf]], np.float32), 100, ("I",), r"finite samples .* found an infinite one"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(
    signal: np.ndarray, fs: float, leads: tuple[str, ...], message: str
) -> None:
    with pytest.raises(RecordError, match=rf"^/d/x\.hea: .*{message}"):
        Record(signal, fs, leads, name="x", path="/d/x.hea")


def test_errors_are_also_built_in_ones() -> None:
    assert issubclass(RecordError, ECGError)
    with pytest.raises(ValueError, match=r"^x: expected"):
        Record(SIGNAL, -1.0, ("I", "II"), name="x")


def test_selection_orders_and_translates() -> None:
    record = Record(SIGNAL, 100.0, ("aVR", "MLII"), name="x")
    selected = record.select(["MLII", "AVR"])
    np.testing.assert_array_equal(selected.signal, SIGNAL[::-1])
    assert (selected.leads, selected.name) == (("MLII", "aVR"), "x")
    assert record.leads == ("aVR", "MLII")


def test_names_and_warnings_are_one_line_whatever_a_file_says_in_them() -> None:
    record = Record(SIGNAL, 100.0, ("I\x1b[2J", "a\nb"), warnings=("lead a\nb is noisy",))
    assert record.leads == (r"I\x1b[2J", r"a\nb")
    assert record.warnings == (r"lead a\nb is noisy",)
    assert record.select(["a\nb"]).leads == (r"a\nb",)


def test_selection_of_an_absent_lead_names_those_there() -> None:
    with pytest.raises(RecordError, match=r"^x: expected lead II, V9, found I, V1$"):
        Record(SIGNAL, 100.0, ("I", "V1"), name="x").select(["I", "ii", "V9"])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("avl", "aVL"),
        ("MDC_ECG_LEAD_AVF", "aVF"),
        ("mdc_ecg_lead_v6", "V6"),
        ("lead_II", "II"),
        ("ECG", "ECG"),
        ("", ""),
    ],
)
def test_lead_names(name: str, expected: str) -> None:
    assert lead_name(name) == expected


@pytest.mark.parametrize(
    ("samples", "symbols", "notes", "message"),
    [
        ([1, 2], ("N",), (), r"expected one symbol an annotated sample, found \(2,\) samples and 1 symbols"),
        ([[1, 2]], ("N",), (), r"found \(1, 2\) samples"),
        ([1], ("N",), ("a", "b"), "expected 1 notes or none, found 2"),
    ],
)
def test_annotations_fit(
    samples: list[int], symbols: tuple[str, ...], notes: tuple[str, ...], message: str
) -> None:
    with pytest.raises(RecordError, match=message):
        Annotation(np.array(samples), symbols, notes)


def test_a_model_gets_its_leads_or_the_first_in_place_of_its_only_one() -> None:
    record = Record(
        np.arange(3, dtype=np.float32)[:, None] * np.ones(5, np.float32), 300.0, ("V1", "I", "II")
    )
    assert record.for_model(("I",)).signal[:, 0].tolist() == [1]
    assert record.for_model(("V6",)).leads == ("V1",)
    assert record.for_model(("II", "V1")).signal[:, 0].tolist() == [2, 0]
    with pytest.raises(RecordError, match="V6"):
        record.for_model(("I", "V6"))


def test_lead_ii_and_mlii_stand_for_each_other() -> None:
    record = Record(np.arange(3)[:, None], 250.0, ("V5", "MLII", "III"))
    assert record.for_model(("II",)).leads == ("MLII",)
    assert record.for_model(("II",)).signal[:, 0].tolist() == [1]
    other = Record(np.arange(3)[:, None], 250.0, ("V5", "ii", "III"))
    assert other.for_model(("MLII",)).leads == ("II",)
    both = Record(np.arange(3)[:, None], 250.0, ("MLII", "V5", "II"))
    assert both.for_model(("II",)).leads == ("II",) and both.for_model(("MLII",)).leads == ("MLII",)
    # No other lead has one that looks like it, and of several leads none is exchanged.
    assert record.for_model(("V6",)).leads == ("V5",)
    with pytest.raises(RecordError, match="expected lead II, found V5, MLII, III"):
        record.for_model(("II", "V5"))


def test_a_model_of_one_lead_reads_an_ecg_before_another_channel() -> None:
    record = Record(np.arange(3)[:, None], 250.0, ("RESP", "MLII", "V1"))
    assert record.for_model(("I",)).leads == ("MLII",)
    assert record.for_model(("V1",)).leads == ("V1",)
    assert record.select(["RESP"]).for_model(("I",)).leads == ("RESP",)


def test_leads_are_found_whatever_the_case() -> None:
    record = Record(np.arange(20, dtype=np.float32).reshape(2, 10), 100.0, ("MLII", "v5x"))
    assert record.select(("mlii",)).leads == ("MLII",)
    assert record.select(("V5X", "MLII")).leads == ("v5x", "MLII")
    with pytest.raises(RecordError, match="expected lead mlIII, found MLII, v5x"):
        record.select(("mlIII",))


def test_limb_leads_that_are_not_there_are_computed() -> None:
    record = Record(np.arange(12).reshape(4, 3), 100.0, ("v6x", "III", "I", "V1"), warnings=("first",))
    chosen = record.for_model(("V1", "aVR", "II", "I", "V6X"))
    assert chosen.leads == ("V1", "aVR", "II", "I", "v6x")
    np.testing.assert_array_equal(chosen.signal[:, 0], [9, -7.5, 9, 6, 0])
    assert chosen.warnings == ("first", "leads aVR, II are computed from I and III")
    assert record.for_model(("aVR", "aVF")).signal[:, 0].tolist() == [-7.5, 6]
    assert record.lacks(("V1", "aVR", "V2", "v6X")) == ("V2",)
    with pytest.raises(RecordError, match=r"^record: expected lead V2, V3, found v6x, III, I, V1$"):
        record.for_model(("V1", "aVR", "V2", "V3"))


def test_leads_that_are_there_are_never_computed() -> None:
    record = Record(np.array([[1.0], [2.0], [50.0]]), 100.0, ("I", "II", "aVR"))
    chosen = record.for_model(("aVR", "III", "II"))
    assert chosen.signal[:, 0].tolist() == [50, 1, 2]
    assert chosen.warnings == ("lead III is computed from I and II",)
    assert record.for_model(("II", "aVR")).warnings == ()


def test_a_model_may_lack_leads() -> None:
    record = Record(np.arange(3)[:, None], 100.0, ("VX", "I", "V2"))
    chosen = record.for_model(("I", "II", "V2", "V3"), may_lack=True)
    assert chosen.leads == ("I", "II", "V2", "V3")
    assert chosen.signal[:, 0].tolist() == [1, 0, 2, 0]
    assert chosen.warnings == ("leads II, V3 are not there: zeros are in place",)
    both = Record(np.arange(3)[:, None], 100.0, ("I", "II", "V2")).for_model(("V1", "III"), may_lack=True)
    assert both.warnings == (
        "lead III is computed from I and II",
        "lead V1 is not there: zeros are in place",
    )
    with pytest.raises(RecordError, match="at least one of the leads II, V3, found VX, I, V2"):
        record.for_model(("II", "V3"), may_lack=True)
    # Of one lead the nearest is read, as ever.
    assert record.for_model(("II",), may_lack=True).leads == ("I",)


def test_of_two_leads_of_one_name_the_first_counts() -> None:
    record = Record(np.arange(4)[:, None], 100.0, ("I", "I", "II", "V1"))
    assert record.for_model(("III", "I", "V1")).signal[:, 0].tolist() == [2, 0, 3]
