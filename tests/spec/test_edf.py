"""EDF, EDF+ and BDF, clause by clause.

Sources: https://www.edfplus.info/specs/edf.html; https://www.edfplus.info/specs/edfplus.html, sections 2.1
and 2.2; https://www.edfplus.info/specs/edftexts.html; https://www.biosemi.com/faq/file_format.htm.
"""

import numpy as np
import pytest
from edf_file import Text, Wave, edf_file, keeping, tal

from einthoven.errors import FormatError
from einthoven.formats.edf import encode_edf, looks_like_edf, read_edf
from einthoven.formats.given import Given
from einthoven.record import Annotation, Record

X = Given(where="x.edf")
FIELDS = (8, 80, 80, 8, 8, 8, 44, 8, 8, 4)
SIGNAL_FIELDS = (16, 80, 8, 8, 8, 8, 8, 80, 8, 32)


def read(*signals: Wave | Text, **fields: object) -> Record:
    return read_edf(edf_file(*signals, **fields), X)


def written(record: Record | None = None) -> tuple[list[str], list[list[str]], bytes]:
    """Return the fields of the header, those of the signals, and the data records of a file of ours."""
    data = encode_edf(record or Record(np.arange(2000.0).reshape(2, 1000) / 1000, 500, ("I", "V1")))
    fields, at = [], 0
    for size in FIELDS:
        fields.append(data[at : at + size].decode("ascii"))
        at += size
    of_signals = []
    for size in SIGNAL_FIELDS:
        of_signals.append(
            [data[at + i * size : at + (i + 1) * size].decode("ascii") for i in range(int(fields[9]))]
        )
        at += size * int(fields[9])
    assert at == int(fields[5])
    return fields, of_signals, data[at:]


class TestEdf:
    """EDF, "Full specification"."""

    def test_all_first_fields_come_before_all_second_ones(self) -> None:
        record = read(Wave("ECG I", dimension="mV"), Wave("ECG II", dimension="uV"))
        assert (record.leads, record.signal[:, 0].tolist()) == (("I", "II"), [1.0, np.float32(1e-3)])

    def test_a_data_record_holds_all_samples_of_each_signal_in_turn(self) -> None:
        record = read(Wave("ECG I", ((1, 2), (3, 4))), Wave("ECG II", ((5, 6), (7, 8))))
        np.testing.assert_array_equal(record.signal * 1000, [[1, 2, 3, 4], [5, 6, 7, 8]])

    def test_samples_are_twos_complement_of_2_bytes_little_endian(self) -> None:
        data = edf_file(Wave(records=((0,),), physical=(-32768, 32767), digital=(-32768, 32767)))
        record = read_edf(data[:512] + b"\xfe\xff", X)
        assert record.signal[0, 0] == np.float32(-2e-3)

    def test_limits_tell_gain_and_offset(self) -> None:
        record = read(Wave(physical=(0, 100), digital=(-50, 50), dimension="mV"))
        np.testing.assert_array_equal(record.signal[0, :2], [51, 52])

    def test_the_rate_is_samples_by_duration_of_a_data_record(self) -> None:
        assert read(Wave(), record_s="0.5").fs == 8.0

    def test_our_header(self) -> None:
        fields, signals, records = written()
        assert fields[0] == "0       "
        assert [field.rstrip() for field in fields[5:]] == ["1024", "EDF+C", "1", "2", "3"]
        assert [text.rstrip() for text in signals[0]] == ["ECG I", "ECG V1", "EDF Annotations"]
        assert [text.rstrip() for text in signals[2]] == ["uV", "uV", ""]
        assert [int(text) for text in signals[5]] == [-32768] * 3
        assert [int(text) for text in signals[6]] == [32767] * 3
        counts = [int(text) for text in signals[8]]
        assert counts[:2] == [1000, 1000]
        assert len(records) == 2 * sum(counts)
        assert not "".join(signals[9]).strip()


class TestEdfPlusHeader:
    """EDF+, section 2.1.3, by item."""

    def test_1_only_printable_ascii(self) -> None:
        record = Record(np.zeros((1, 10)), 250, ("II",), patient={"name": "J\u00fcrgen", "id": "a\tb"})
        data = encode_edf(record)
        assert all(32 <= byte < 127 for byte in data[: int(data[184:192])])

    @pytest.mark.parametrize(("yy", "year"), [("85", 1985), ("99", 1999), ("00", 2000), ("84", 2084)])
    def test_2_the_clipping_year_is_1985(self, yy: str, year: int) -> None:
        record = read(Wave(), recording="", startdate=f"01.02.{yy}")
        assert record.recording["recorded_at"] == f"{year}-02-01T04:05:06"

    def test_3_patient(self) -> None:
        record = read(Wave(), patient="MCH-0234567 F 02-MAY-1951 Haagse_Harry", reserved="EDF+C")
        assert dict(record.patient) == {
            "id": "MCH-0234567",
            "name": "Haagse Harry",
            "birth_date": "1951-05-02",
            "sex": "female",
        }

    def test_3_what_is_not_known_is_x(self) -> None:
        assert dict(read(Wave(), patient="X X X X", reserved="EDF+C").patient) == {}
        assert written()[0][1].rstrip() == "X X X X"

    def test_4_recording_and_its_year_of_four_digits(self) -> None:
        recording = "Startdate 02-MAR-1902 PSG-1234/2002 NN Telemetry03"
        record = read(Wave(), recording=recording, startdate="02.03.02", reserved="EDF+C")
        assert dict(record.recording) == {
            "recorded_at": "1902-03-02T04:05:06",
            "study_id": "PSG-1234/2002",
            "operator": "NN",
            "device": "Telemetry03",
        }
        assert written()[0][2].rstrip() == "Startdate X X X X"

    def test_5_a_negative_gain(self) -> None:
        np.testing.assert_array_equal(read(Wave(physical=(1000, -1000))).signal[0, :2] * 1000, [-1, -2])

    def test_5_limits_must_differ(self) -> None:
        with pytest.raises(FormatError, match="physical minimum and maximum that differ"):
            read(Wave(physical=(3, 3)))

    def test_5_no_dimension_where_there_is_no_calibration(self) -> None:
        (doubt,) = read(Wave(dimension="", physical=(-5, 5))).warnings
        assert doubt == "no unit is stated: taken as mV, as the range is -5 to 5"

    def test_6_a_comma_is_no_decimal_separator(self) -> None:
        with pytest.raises(FormatError, match="expected a number as the duration of a data record in s"):
            read(Wave(), record_s="1,0")

    def test_10_minus_1_while_recording(self) -> None:
        record = read(Wave(), n_records=-1)
        assert record.n_samples == 8
        assert "does not say how many data records there are" in record.warnings[0]

    def test_11_prefiltering(self) -> None:
        record = read(Wave(prefiltering="HP:0.1Hz LP:75Hz N:50Hz"))
        facts = {"high_pass_hz": "0.1", "low_pass_hz": "75", "notch_hz": "50"}
        assert dict(record.recording) == facts
        ours = written(Record(np.zeros((1, 10)), 250, ("II",), recording=facts))[1]
        assert ours[7][0].rstrip() == "HP:0.1Hz LP:75Hz N:50Hz"


class TestAnnotations:
    """EDF+, section 2.2."""

    def test_2_2_1_the_annotation_signal_is_no_lead(self) -> None:
        assert read(Text(keeping("+0", "+1")), Wave(), reserved="EDF+C").leads == ("II",)

    def test_2_2_2_onset_duration_and_several_texts(self) -> None:
        lists = tal("+0", "") + b"+0.25\x150.5\x14Lights off\x14Close door\x14\0"
        marks = read(Wave(records=((1, 2, 3, 4),)), Text([lists]), reserved="EDF+C").annotations
        assert marks is not None
        assert (marks.samples.tolist(), marks.notes) == (
            [1, 1],
            ("Lights off (0.5 s)", "Close door (0.5 s)"),
        )

    def test_2_2_2_lists_may_lie_in_any_data_record(self) -> None:
        text = Text([tal("+0", "") + tal("+1.5", "V"), tal("+1", "") + tal("+0.5", "N")])
        marks = read(Wave(), text, reserved="EDF+C").annotations
        assert marks is not None
        assert (marks.samples.tolist(), marks.symbols) == ([2, 6], ("N", "V"))

    def test_2_2_3_texts_are_utf_8(self) -> None:
        text = Text([tal("+0", "") + tal("+0.5", "\u5fc3\u7535\u56fe"), tal("+1", "")])
        marks = read(Wave(), text, reserved="EDF+C").annotations
        assert marks is not None
        assert marks.notes == ("\u5fc3\u7535\u56fe",)

    def test_2_2_4_the_first_list_keeps_the_time(self) -> None:
        record = read(Wave(), Text(keeping("+0", "+2")), reserved="EDF+D")
        np.testing.assert_array_equal(np.isnan(record.signal[0]), [False] * 4 + [True] * 4 + [False] * 4)

    def test_2_2_4_the_first_list_has_the_fraction_of_the_start_time(self) -> None:
        text = Text([tal("+0.5", "") + tal("+1", "N"), tal("+1.5", "")])
        record = read(Wave(), text, reserved="EDF+C", recording="Startdate 02-MAR-2020 X X X")
        assert record.recording["recorded_at"] == "2020-03-02T04:05:06.500000"
        assert record.annotations is not None
        assert record.annotations.samples.tolist() == [2]

    def test_2_2_4_ours_begin_each_data_record_with_the_time(self) -> None:
        marks = Annotation(np.array([250 * 100]), ("V",))
        _, signals, records = written(Record(np.zeros((1, 250 * 120)), 250, ("II",), annotations=marks))
        lead, text = (2 * int(count) for count in signals[8])
        assert records[lead:].startswith(b"+0\x14\x14\0")
        assert records[lead + text + lead :].startswith(b"+60\x14\x14\0+100\x14V\x14\0")


class TestStandardTexts:
    """https://www.edfplus.info/specs/edftexts.html"""

    @pytest.mark.parametrize(
        "lead", ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V6", "V2R", "X", "Y", "Z", "-aVR"]
    )
    def test_2_3_labels_of_ecg(self, lead: str) -> None:
        assert read(Wave(f"ECG {lead}")).leads == (lead,)

    @pytest.mark.parametrize(
        "label", ["EEG Fpz-Cz", "EOG E1-M2", "EMG chin", "Resp nasal", "SaO2", "Temp rectal"]
    )
    def test_2_3_labels_of_others(self, label: str) -> None:
        record = read(Wave(label), Wave("ECG I"))
        assert (record.leads, record.warnings) == (("I",), (f"left out, as they are no ECG: {label}",))

    def test_3_recording_ends(self) -> None:
        text = Text([tal("+0", ""), tal("+1", "") + tal("+1.5", "Recording ends")])
        record = read(Wave(), text, reserved="EDF+C")
        assert (record.n_samples, record.annotations, record.warnings) == (6, None, ())


class TestBdf:
    """https://www.biosemi.com/faq/file_format.htm"""

    def test_samples_of_3_bytes(self) -> None:
        wave = Wave(records=((-2, 65536),), physical=(-8388608, 8388607), digital=(-8388608, 8388607))
        data = edf_file(wave, bdf=True)
        assert data[-6:] == b"\xfe\xff\xff\x00\x00\x01"
        np.testing.assert_array_equal(read_edf(data, X).signal[0], np.array([-2e-3, 65.536], np.float32))

    def test_the_first_byte_is_255(self) -> None:
        data = edf_file(Wave(), bdf=True)
        assert data[:8] == b"\xffBIOSEMI"
        assert looks_like_edf(data)

    def test_gaps_of_bdf_plus(self) -> None:
        record = read(Wave(), Text(keeping("+0", "+1.5")), reserved="BDF+D", bdf=True)
        assert int(np.isnan(record.signal).sum()) == 2
