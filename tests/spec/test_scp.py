"""SCP-ECG, clause by clause: EN 1064:2005+A1:2007, and EN 1064:2020 where it says so."""

import struct

import numpy as np
import pytest
import scp_encoder as scp

from einthoven.errors import FormatError
from einthoven.formats.given import Given
from einthoven.formats.scp import looks_like_scp, read_scp
from einthoven.record import Record

FILE = Given(where="x.scp", name="x", path="x.scp")
ROWS = {"I": [0, 3, -5, 900, -1200, 40, 40, 41], "II": [7, 7, 7, 8, 6, -300, 0, 12]}


def read(data: bytes) -> Record:
    return read_scp(data, FILE)


def steps(record: Record, lead: str, amplitude_nv: int = 1000) -> list[int]:
    row = record.signal[record.leads.index(lead)].astype(np.float64)
    return np.rint(row * 1e6 / amplitude_nv).astype(int).tolist()


def changed(data: bytes, at: int, value: bytes) -> bytes:
    return data[:at] + value + data[at + len(value) :]


def numbered(first: int, names: str) -> list[tuple[int, str]]:
    return list(enumerate(names.split(), first))


def place(data: bytes, number: int) -> int:
    """Where a section begins, counted from 0."""
    return struct.unpack_from("<HII", data, 22 + 10 * number)[2] - 1


class TestRecord:
    """5.2: the record as a whole."""

    def test_a_good_one_has_no_warnings(self) -> None:
        record = read(scp.simple(ROWS, fields=[scp.machine()]))
        assert record.warnings == ()
        assert (record.fs, record.name, record.path) == (500.0, "x", "x.scp")
        assert steps(record, "I") == ROWS["I"]
        assert steps(record, "II") == ROWS["II"]

    def test_its_length_is_checked(self) -> None:
        data = scp.simple(ROWS, fields=[scp.machine()])
        longer = read(data + b"\0\0")
        assert longer.warnings == (f"expected a record of {len(data)} bytes, found {len(data) + 2}",)
        assert steps(longer, "I") == ROWS["I"]

    def test_checksums_are_named(self) -> None:
        data = scp.simple(ROWS, fields=[scp.machine(), scp.tag(30, "abc")])
        at = data.index(b"abc\0")
        assert read(changed(data, at, b"X")).warnings == (
            "the record's checksum is wrong: the file was changed, or written carelessly",
            "section 1: its checksum is wrong",
        )

    def test_a_checksum_of_0_is_not_stated(self) -> None:
        data = scp.simple(ROWS, fields=[scp.machine()])
        for at in (0, 6, *(place(data, number) for number in (1, 2, 3, 6))):
            data = changed(data, at, b"\0\0")
        assert read(data).warnings == ()


class TestPointers:
    """5.3: section 0."""

    def test_sections_lie_in_any_order(self) -> None:
        bodies = {
            1: scp.header(scp.machine()),
            2: scp.huffman(None),
            3: scp.leads([(1, 4, 1)]),
            6: scp.waveform([scp.coded([1, 2, 3, 4], None)]),
        }
        record = read(scp.record(bodies, order=[6, 3, 2, 1]))
        assert steps(record, "I") == [1, 2, 3, 4]
        assert record.warnings == ()

    def test_the_name_of_the_format_may_be_missing(self) -> None:
        data = scp.simple(ROWS, name=bytes(6))
        assert looks_like_scp(data)
        assert looks_like_scp(scp.simple(ROWS))
        assert steps(read(data), "I") == ROWS["I"]

    @pytest.mark.parametrize("head", [b"", b"SCPECG", b"time,I,II\n0,1,2\n" * 9, bytes(100), b"\xff" * 100])
    def test_other_files_are_none(self, head: bytes) -> None:
        assert not looks_like_scp(head)

    def test_sections_of_a_manufacturer_are_passed_over(self) -> None:
        record = read(scp.simple(ROWS, fields=[scp.machine()], more={200: b"own", 1023: b"own"}))
        assert record.warnings == ()
        assert steps(record, "II") == ROWS["II"]


class TestHeaderInformation:
    """5.4: section 1."""

    def test_the_patient(self) -> None:
        fields = [
            scp.tag(0, "Curie"),
            scp.tag(1, "Marie"),
            scp.tag(2, "P-1"),
            scp.tag(3, "Skłodowska".encode() + b"\0"),
            scp.tag(4, struct.pack("<HB", 36, 1)),
            scp.tag(5, struct.pack("<HBB", 1867, 11, 7)),
            scp.tag(6, struct.pack("<HB", 160, 1)),
            scp.tag(7, struct.pack("<HB", 55, 1)),
            scp.tag(8, b"\2"),
            scp.tag(9, b"\1"),
            scp.tag(10, b"\0\1\2Digoxin\0"),
            scp.tag(10, b"\0\0\0Aspirin\0"),
            scp.tag(10, b"\1\0\0\0"),
            scp.tag(35, "rheumatic fever"),
        ]
        assert dict(read(scp.simple(ROWS, fields=fields)).patient) == {
            "id": "P-1",
            "name": "Marie Curie Skłodowska",
            "birth_date": "1867-11-07",
            "age": "36",
            "sex": "female",
            "race": "Caucasian",
            "height_cm": "160",
            "weight_kg": "55",
            "medication": "Digoxin; Aspirin",
            "history": "rheumatic fever",
        }

    @pytest.mark.parametrize(
        ("tag", "unit", "number", "name", "value"),
        [
            (4, 2, 18, "age", "1.5"),
            (4, 3, 52, "age", "0.9966"),
            (4, 4, 731, "age", "2.001"),
            (4, 5, 4383, "age", "0.5"),
            (4, 0, 40, "age", None),
            (4, 1, 0, "age", None),
            (6, 2, 70, "height_cm", "177.8"),
            (6, 3, 1755, "height_cm", "175.5"),
            (7, 2, 3500, "weight_kg", "3.5"),
            (7, 3, 150, "weight_kg", "68.04"),
            (7, 4, 112, "weight_kg", "3.175"),
            (7, 9, 70, "weight_kg", None),
        ],
    )
    def test_units(self, tag: int, unit: int, number: int, name: str, value: str | None) -> None:
        fields = [scp.tag(tag, struct.pack("<HB", number, unit))]
        assert read(scp.simple(ROWS, fields=fields)).patient.get(name) == value

    @pytest.mark.parametrize(("code", "sex"), [(0, None), (1, "male"), (2, "female"), (9, None)])
    def test_sex(self, code: int, sex: str | None) -> None:
        fields = [scp.tag(8, bytes([code]))]
        assert read(scp.simple(ROWS, fields=fields)).patient.get("sex") == sex

    def test_the_recording(self) -> None:
        fields = [
            scp.machine(),
            scp.tag(13, "chest pain"),
            scp.tag(13, "syncope"),
            scp.tag(16, "St. Einthoven"),
            scp.tag(18, "Cardiology"),
            scp.tag(20, "Dr Referring"),
            scp.tag(21, "Dr Confirming"),
            scp.tag(22, "Tech"),
            scp.tag(25, struct.pack("<HBB", 2004, 2, 29)),
            scp.tag(26, bytes([23, 59, 1])),
            scp.tag(27, struct.pack("<H", 5)),
            scp.tag(28, struct.pack("<H", 150)),
            scp.tag(29, b"\2"),
            scp.tag(30, "first line\r\nsecond line"),
            scp.tag(31, "17"),
            scp.tag(34, struct.pack("<hH", 60, 0) + b"CET\0"),
        ]
        record = read(scp.simple(ROWS, fields=fields))
        assert dict(record.recording) == {
            "recorded_at": "2004-02-29T23:59:01+01:00",
            "manufacturer": "Einthoven & Co",
            "device": "CART",
            "device_serial": "SN-42",
            "software": "2.0",
            "institution": "St. Einthoven",
            "department": "Cardiology",
            "operator": "Tech",
            "physician": "Dr Confirming",
            "study_id": "17",
            "reason": "chest pain; syncope",
            "high_pass_hz": "0.05",
            "low_pass_hz": "150",
            "notch_hz": "50",
        }
        assert record.comments == ("first line", "second line")

    @pytest.mark.parametrize(
        ("bits", "notch"), [(0, None), (1, "60"), (2, "50"), (3, "50 and 60"), (12, None)]
    )
    def test_filter_bit_map(self, bits: int, notch: str | None) -> None:
        assert read(scp.simple(ROWS, fields=[scp.tag(29, bytes([bits]))])).recording.get("notch_hz") == notch

    @pytest.mark.parametrize(
        ("code", "name"), [(1, "Burdick"), (12, "Siemens"), (17, "Schiller"), (200, None)]
    )
    def test_manufacturers(self, code: int, name: str | None) -> None:
        fields = [scp.machine(manufacturer=code, texts=("1.7", "SN-42"))]
        recording = read(scp.simple(ROWS, fields=fields)).recording
        assert recording.get("manufacturer") == name
        assert recording["software"] == "1.7"

    @pytest.mark.parametrize(
        ("zone", "at"),
        [(None, "2004-02-29T01:02:03"), (0, "2004-02-29T01:02:03+00:00"), (-330, "2004-02-29T01:02:03-05:30"),
         (0x7FFF, "2004-02-29T01:02:03")],
    )  # fmt: skip
    def test_time_zones(self, zone: int | None, at: str) -> None:
        fields = [scp.tag(25, struct.pack("<HBB", 2004, 2, 29)), scp.tag(26, bytes([1, 2, 3]))]
        fields += [] if zone is None else [scp.tag(34, struct.pack("<hH", zone, 0))]
        assert read(scp.simple(ROWS, fields=fields)).recording["recorded_at"] == at

    @pytest.mark.parametrize(
        ("language", "codec", "text"),
        [
            (0x00, "ascii", "Smith"),
            (0x01, "latin-1", "Müller"),
            (0x01, "utf-8", "Müller"),
            (0x03, "iso8859_2", "Łódź"),
            (0x0B, "iso8859_4", "Ķīnā"),
            (0x13, "iso8859_5", "Иванов"),
            (0x1B, "iso8859_6", "سليم"),
            (0x23, "iso8859_7", "Παπάς"),
            (0x2B, "iso8859_8", "כהן"),
            (0x33, "iso8859_11", "สมชาย"),
            (0x3B, "iso8859_15", "Œuvre €"),
            (0x07, "utf-16-le", "王 Łódź"),
            (0x0F, "shift_jis", "ｻﾄｳ"),
            (0x17, "euc_jp", "佐藤"),
            (0x27, "gb2312", "王"),
            (0x2F, "euc_kr", "김"),
            (0x37, "utf-8", "Łódź 王"),
        ],
    )
    def test_alphabets(self, language: int, codec: str, text: str) -> None:
        name = scp.tag(0, text.encode(codec) + b"\0\0")
        record = read(scp.simple(ROWS, fields=[name, scp.machine(language=language)]))
        assert record.patient["name"] == text


class TestHuffmanTables:
    """5.5 and Annex C: section 2."""

    def test_the_default_table_bit_by_bit(self) -> None:
        bits = {
            0: "0",
            1: "100",
            -1: "101",
            2: "1100",
            -3: "11101",
            8: "1111111100",
            -8: "1111111101",
            9: "1111111110" + "00001001",
            -9: "1111111110" + "11110111",
            127: "1111111110" + "01111111",
            -128: "1111111110" + "10000000",
            128: "1111111111" + "0000000010000000",
            -20000: "1111111111" + format(-20000 & 0xFFFF, "016b"),
        }
        text = "".join(bits.values())
        text += "0" * (-len(text) % 8)
        data = int(text, 2).to_bytes(len(text) // 8, "big")
        bodies = {2: struct.pack("<H", 19999), 3: scp.leads([(1, len(bits), 1)]), 6: scp.waveform([data])}
        assert steps(read(scp.record(bodies)), "I") == list(bits)

    def test_own_tables(self) -> None:
        table = scp.Table((("00", 5, 0), ("01", -5, 0), ("10", 0, 12), ("110", 100, 4), ("1110000", 77, 0)))
        values = [5, -5, 1000, -2048, 93, 107, 77, 5]
        bodies = {
            2: scp.huffman([table]),
            3: scp.leads([(1, len(values), 1)]),
            6: scp.waveform([scp.coded(values, [table])]),
        }
        assert steps(read(scp.record(bodies)), "I") == values

    def test_tables_are_switched(self) -> None:
        tables = [
            scp.Table((("0", 0, 0), ("10", 0, 4)), {"11": 2}),
            scp.Table((("1", 0, 16),), {"00": 1, "01": 3}),
            scp.Table((("1", 7, 0),), {"0": 1}),
        ]
        values = [0, 3, 20000, -20000, 7, 7, 0, -8]
        path = [1, 1, 2, 2, 3, 3, 1, 1]
        data = scp.coded(values, tables, path)
        bodies = {2: scp.huffman(tables), 3: scp.leads([(1, 8, 1), (1, 8, 2)]), 6: scp.waveform([data, data])}
        record = read(scp.record(bodies))
        # Each lead begins with the first table.
        assert steps(record, "I") == steps(record, "II") == values

    @pytest.mark.parametrize("bodies", [{}, {2: struct.pack("<H", 0)}])
    def test_without_tables_samples_are_plain(self, bodies: dict[int, bytes]) -> None:
        assert steps(read(scp.simple(ROWS, coding="plain", more=bodies)), "I") == ROWS["I"]


class TestLeads:
    """5.6: section 3."""

    @pytest.mark.parametrize(
        ("code", "name"),
        [
            *numbered(1, "I II V1 V2 V3 V4 V5 V6 V7 V2R V3R V4R V5R V6R V7R X Y Z CC5 CM5 LA RA LL"),
            *numbered(24, "fI fE fC fA fM fF fH"),
            *numbered(61, "III aVR aVL aVF -aVR V8 V9 V8R V9R D A J Defib Extern A1 A2 A3 A4"),
            *numbered(86, "C V VR VL VF MCL MCL1 MCL2 MCL3 MCL4 MCL5 MCL6 CC CC1 CC2 CC3 CC4 CC6 CC7"),
            *numbered(105, "CM CM1 CM2 CM3 CM4 CM6 dIII daVR daVL daVF"),
            *numbered(121, "CM7 CH5 CS5 CB5 CR5 ML AB1 AB2 AB3 AB4 ES AS AI S"),
            *numbered(147, "RL CV5RL CV6LL CV6LU V10"),
        ],
    )
    def test_identifications(self, code: int, name: str) -> None:
        bodies = {3: scp.leads([(1, 2, code)]), 6: scp.waveform([scp.plain([1, 2])])}
        record = read(scp.record(bodies))
        assert record.leads == (name,)

    def test_calibration_pulses_are_no_ecg(self) -> None:
        spans = [(1, 2, 3), (1, 2, 33), (1, 2, 79), (1, 2, 79)]
        bodies = {1: scp.header(), 3: scp.leads(spans), 6: scp.waveform([scp.plain([1, 2])] * 4)}
        record = read(scp.record(bodies))
        assert record.leads == ("V1",)
        assert record.warnings[1:] == (
            "left out, as they are calibration pulses: V1-cal, V8-cal, V8-cal (2)",
        )

    def test_limb_leads_that_are_not_stored_are_computed(self) -> None:
        first, second = np.array([10, 20, -30]), np.array([1, 7, 4])
        rows = {"V1": [0, 0, 0], "II": second.tolist(), "I": first.tolist()}
        record = read(scp.simple(rows, order=0))
        assert record.leads == ("I", "II", "III", "aVR", "aVL", "aVF", "V1")
        derived = np.stack([second - first, -(first + second) / 2, first - second / 2, second - first / 2])
        np.testing.assert_array_equal(record.signal[2:6], (derived / 1000).astype(np.float32), strict=True)
        assert record.warnings == ()

    def test_stored_limb_leads_stay(self) -> None:
        record = read(scp.simple({"I": [1, 2], "II": [3, 4], "aVF": [9, 9]}, order=0))
        assert record.leads == ("I", "II", "III", "aVR", "aVL", "aVF")
        assert steps(record, "aVF") == [9, 9]

    def test_leads_begin_and_end_where_they_say(self) -> None:
        spans = [(1, 3, 3), (3, 5, 4), (101, 102, 5)]
        rows = [scp.plain(row) for row in ([1, 2, 3], [4, 5, 6], [7, 8])]
        bodies = {3: scp.leads(spans, groups_of=1), 6: scp.waveform(rows)}
        record = read(scp.record(bodies))
        assert record.signal.shape == (3, 102)
        expected = np.full((3, 102), np.nan)
        expected[0, :3], expected[1, 2:5], expected[2, 100:] = [1, 2, 3], [4, 5, 6], [7, 8]
        np.testing.assert_array_equal(record.signal, (expected / 1000).astype(np.float32))

    def test_groups_that_all_begin_at_once_are_doubtful(self) -> None:
        spans = [(1, 2, code) for code in (3, 4, 5, 6)]
        bodies = {1: scp.header(), 3: scp.leads(spans, groups_of=2), 6: scp.waveform([scp.plain([1, 2])] * 4)}
        (warning,) = read(scp.record(bodies)).warnings
        assert warning.startswith(
            "the leads were recorded in groups of 2, yet all are said to begin at sample 1"
        )


BEAT = {"V1": [0, 10, 80, -40, 5, 0], "V2": [1, 4, 50, 9, -7, 2]}
COMPLEXES = [(0, 4, 6, 9), (1, 1, 14, 1), (0, 20, 22, 24)]
"""The fiducial point of the beat is its third sample; the last zone is shorter than the beat."""


def subtracted(rows: dict[str, list[int]], *, coding: str = "huffman", order: int = 2) -> bytes:
    is_coded = coding == "huffman"

    def stored(values: list[int]) -> bytes:
        return (
            scp.coded(scp.differences(values, order), None)
            if is_coded
            else scp.plain(scp.differences(values, order))
        )

    left = [stored(scp.residual(row, 1, BEAT[lead], 3, COMPLEXES)) for lead, row in rows.items()]
    spans = [(1, len(row), scp.LEAD_CODES[lead]) for lead, row in rows.items()]
    return scp.record(
        {
            1: scp.header(scp.machine()),
            **({2: scp.huffman(None)} if is_coded else {}),
            3: scp.leads(spans, subtracted=True),
            4: scp.beats(12, 3, COMPLEXES),
            5: scp.waveform([stored(BEAT[lead]) for lead in rows], order=order),
            6: scp.waveform(left, order=order),
        }
    )


class TestBeats:
    """5.7 and 5.8: sections 4 and 5."""

    ROWS = {"V1": [(7 * n) % 50 - 20 for n in range(30)], "V2": [n * n % 37 for n in range(30)]}  # noqa: RUF012

    @pytest.mark.parametrize("coding", ["huffman", "plain"])
    @pytest.mark.parametrize("order", [0, 1, 2])
    def test_the_reference_beat_is_added_where_it_was_subtracted(self, coding: str, order: int) -> None:
        record = read(subtracted(self.ROWS, coding=coding, order=order))
        assert steps(record, "V1") == self.ROWS["V1"]
        assert steps(record, "V2") == self.ROWS["V2"]
        assert record.warnings == ()

    def test_the_reference_beat_is_kept(self) -> None:
        beat = read(subtracted(self.ROWS)).representative_beat
        assert beat is not None
        assert (beat.fs, beat.leads) == (500.0, ("V1", "V2"))
        assert steps(beat, "V1") == BEAT["V1"]

    def test_qrs_complexes_are_marked(self) -> None:
        marks = read(subtracted(self.ROWS)).annotations
        assert marks is not None
        assert marks.samples.tolist() == [5, 13, 21]
        assert set(marks.symbols) == {'"'}
        assert marks.notes == ("QRS complex of type 0", "QRS complex of type 1", "QRS complex of type 0")

    def test_beat_and_rhythm_may_have_other_steps(self) -> None:
        bodies = {
            1: scp.header(),
            3: scp.leads([(1, 6, 3)], subtracted=True),
            4: scp.beats(4, 1, [(0, 3, 3, 4)]),
            5: scp.waveform([scp.plain([3, -2])], amplitude=5000),
            6: scp.waveform([scp.plain([1, 1, 1, 1, 1, 1])], amplitude=20000),
        }
        record = read(scp.record(bodies))
        np.testing.assert_array_equal(
            record.signal[0], np.array([0.02, 0.02, 0.035, 0.01, 0.02, 0.02], np.float32)
        )

    def test_without_the_flag_nothing_is_added(self) -> None:
        bodies = {
            3: scp.leads([(1, 3, 3)]),
            4: scp.beats(4, 1, [(0, 1, 1, 2)]),
            5: scp.waveform([scp.plain([30, 20])]),
            6: scp.waveform([scp.plain([1, 2, 3])]),
        }
        record = read(scp.record(bodies))
        assert steps(record, "V1") == [1, 2, 3]
        assert record.representative_beat is not None


class TestRhythm:
    """5.9: section 6."""

    @pytest.mark.parametrize("coding", ["huffman", "plain"])
    @pytest.mark.parametrize("order", [0, 1, 2])
    def test_differences(self, coding: str, order: int) -> None:
        record = read(scp.simple(ROWS, coding=coding, order=order))
        assert steps(record, "I") == ROWS["I"]
        assert steps(record, "II") == ROWS["II"]

    @pytest.mark.parametrize(
        ("amplitude", "interval", "fs"), [(1, 1000, 1000), (4880, 4000, 250), (65535, 976, 1e6 / 976)]
    )
    def test_steps_and_interval(self, amplitude: int, interval: int, fs: float) -> None:
        record = read(scp.simple(ROWS, amplitude=amplitude, interval=interval))
        assert record.fs == fs
        np.testing.assert_array_equal(
            record.signal[0], (np.array(ROWS["I"]) * amplitude / 1e6).astype(np.float32), strict=True
        )

    @pytest.mark.parametrize("order", [0, 1, 2])
    def test_protected_areas_are_exact_and_the_rest_is_interpolated(self, order: int) -> None:
        """5.9.2 and Annex C: `bimodal`, four samples become one outside of the protected areas."""
        samples = [10 * n for n in range(8)] + [500, -300, 200, 7, 8] + [n * n for n in range(7)]
        areas = [(9, 13)]
        stored = scp.thinned(samples, 1, areas, 4)
        assert stored == [20, 60, 500, -300, 200, 7, 8, 4, 16, 25, 36]
        bodies = {
            1: scp.header(),
            2: scp.huffman(None),
            3: scp.leads([(1, 20, 3)]),
            4: scp.beats(2, 1, [(1, 1, 9, 1)], areas),
            5: scp.waveform([scp.coded([0], None)], interval=2000),
            6: scp.waveform(
                [scp.coded(scp.differences(stored, order), None)], interval=8000, order=order, bimodal=1
            ),
        }
        record = read(scp.record(bodies))
        assert record.fs == 500
        assert steps(record, "V1") == [
            *(20, 20, 20, 30, 40, 50, 60, 60),
            *(500, -300, 200, 7, 8),
            *(4, 4, 4, 4),
            *(16, 25, 36),
        ]
        assert record.warnings == ()


class TestMeasurements:
    """5.10: section 7."""

    def test_pacemaker_spikes_are_marked(self) -> None:
        spikes = [(10, 1200), (4, 29999), (29999, 0), (4000, 5)]
        marks = read(scp.simple(ROWS, more={7: scp.measurements(spikes, 3)})).annotations
        assert marks is not None
        assert marks.samples.tolist() == [2, 5]
        assert marks.notes == ("pacemaker spike", "pacemaker spike of 1200 uV")


class TestStatements:
    """5.11 to 5.14: sections 8 to 11."""

    def test_full_text(self) -> None:
        body = scp.statements("Sinus rhythm", "", "Normal ECG")
        assert read(scp.simple(ROWS, more={8: body})).statements == ("Sinus rhythm", "Normal ECG")

    @pytest.mark.parametrize("number", [9, 10, 11])
    @pytest.mark.parametrize("body", [b"", b"\1", b"\xff" * 40])
    def test_the_others_never_stop_the_reading(self, number: int, body: bytes) -> None:
        record = read(scp.simple(ROWS, fields=[scp.machine()], more={number: body}))
        assert record.warnings == ()
        assert steps(record, "I") == ROWS["I"]


class TestRevision3:
    """EN 1064:2020: no subtraction, no bimodal compression, other sections."""

    @pytest.mark.parametrize("stated_by", ["section 0", "tag 14"])
    def test_reserved_flags_say_nothing(self, stated_by: str) -> None:
        in_section = stated_by == "section 0"
        bodies = {
            1: scp.header(scp.machine(protocol=30, language=0x37), scp.tag(0, "Łódź".encode() + b"\0")),
            3: scp.leads([(1, 3, 31), (1, 3, 3)], subtracted=True),
            5: scp.waveform([scp.plain([1])] * 2, interval=1000),
            6: scp.waveform([scp.plain([1, 2, 3])] * 2, bimodal=1),
        }
        record = read(scp.record(bodies, protocol=30 if in_section else 0))
        assert record.leads == ("dI", "V1")
        assert steps(record, "V1") == [1, 2, 3]
        assert record.patient["name"] == "Łódź"

    def test_a_long_term_recording_alone_is_named(self) -> None:
        bodies = {3: scp.leads([(1, 3, 1)]), 12: b"long-term"}
        with pytest.raises(FormatError) as caught:
            read(scp.record(bodies, protocol=30))
        assert str(caught.value) == (
            "x.scp: expected rhythm data in section 6, found only a long-term recording in section 12 "
            "(SCP-ECG 3.0), which is not read"
        )
