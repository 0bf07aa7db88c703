"""What is strict, what only warns, and what the caller says."""

import struct

import numpy as np
import pytest
import scp_encoder as scp

from einthoven.errors import FormatError, RecordError
from einthoven.formats.given import Given
from einthoven.formats.limits import Limits
from einthoven.formats.scp import read_scp
from einthoven.record import Record

FILE = Given(where="x.scp")
STRICT = Given(where="x.scp", strict=True)
ROWS = {"V1": [1, 2, 3, 4], "V2": [5, 6, 7, 8]}


def steps(record: Record, lead: str) -> list[int]:
    row = record.signal[record.leads.index(lead)].astype(np.float64)
    return np.rint(row * 1000).astype(int).tolist()


def refusal(data: bytes, given: Given = FILE) -> str:
    with pytest.raises((FormatError, RecordError)) as caught:
        read_scp(data, given)
    return str(caught.value)


def bodies(**changed: bytes | None) -> dict[int, bytes]:
    """A recording of two plain leads; sections are given as s3, s4 and so on, None leaves one out."""
    found = {
        1: scp.header(scp.machine()),
        3: scp.leads([(1, 4, 3), (1, 4, 4)]),
        6: scp.waveform([scp.plain(row) for row in ROWS.values()]),
    } | {int(name[1:]): body for name, body in changed.items()}
    return {number: body for number, body in found.items() if body is not None}


class TestWhatIsStrict:
    @pytest.mark.parametrize(
        ("changed", "message"),
        [
            ({"s3": None}, "expected the definition of leads in section 3, found sections 1, 6"),
            ({"s6": None}, "expected rhythm data in section 6, found sections 1, 3"),
            (
                {"s1": None, "s3": None, "s6": None},
                "expected the definition of leads in section 3, found sections none",
            ),
            (
                {"s3": b"\2"},
                "section 3: expected lead 1 of 2 in bytes 3 to 11 of its data, found 2 bytes",
            ),
            ({"s3": b"\0\0"}, "section 3: expected at least one lead, found none"),
            (
                {"s3": scp.leads([(1, 4, 3)])[:8]},
                "section 3: expected lead 1 of 1 in bytes 3 to 11 of its data, found 8 bytes",
            ),
            (
                {"s3": scp.leads([(5, 4, 3), (1, 4, 4)])},
                "section 3: lead 1: expected an end after sample 5, found 4",
            ),
            (
                {"s3": scp.leads([(1, 4, 3), (1, 5, 4)])},
                "section 6, lead V2: expected 5 samples in its 8 bytes, found at most 4",
            ),
            (
                {"s3": scp.leads([(1, 4, 3), (1, 2**32 - 1, 4)])},
                "section 6, lead V2: expected 4294967295 samples in its 8 bytes, found at most 4",
            ),
            (
                {"s6": scp.waveform([scp.plain(row) for row in ROWS.values()])[:-2]},
                "section 6: expected 16 bytes of 2 leads, found 14: the file is truncated",
            ),
            (
                {"s6": b"\1\0\2"},
                "section 6: expected the scale of the samples in bytes 1 to 6 of its data, found 4 bytes",
            ),
            (
                {"s6": scp.waveform([b""] * 2, order=3)},
                "section 6: expected differences of order 0, 1 or 2, found 3",
            ),
            (
                {"s6": scp.waveform([scp.plain(row) for row in ROWS.values()], amplitude=0)},
                "section 6: expected steps above 0 nV, found 0",
            ),
            ({"s2": b"\1\0\0\0"}, "section 2: expected codes in Huffman table 1, found none"),
            (
                {
                    "s2": scp.huffman(None),
                    "s3": scp.leads([(1, 9, 3), (1, 9, 4)]),
                    "s6": scp.waveform([b"\xff\x82\x40"] * 2),
                },
                "section 6, lead V1: expected 9 samples in its 3 bytes, found at most 7",
            ),
            (
                {"s2": scp.huffman([scp.Table((("0", 0, 0),))]), "s6": scp.waveform([b"\x20"] * 2)},
                "section 6, lead V1: expected a Huffman code at bit 2, found none that fits",
            ),
        ],
    )
    def test_samples(self, changed: dict[str, bytes | None], message: str) -> None:
        assert refusal(scp.record(bodies(**changed))) == f"x.scp: {message}"

    @pytest.mark.parametrize(
        ("changed", "message"),
        [
            (
                {"s4": scp.beats(4, 1, [(0, 1, 1, 2)])},
                "expected section 5, as section 3 says that the reference",
            ),
            (
                {"s5": scp.waveform([scp.plain([1])] * 2)},
                "expected section 4, as section 3 says that the reference",
            ),
            (
                {"s4": scp.beats(4, 1, [(0, 1, 1, 2)])[:-2], "s5": scp.waveform([scp.plain([1, 2])] * 2)},
                "section 4: expected 1 QRS complexes in 20 bytes, found 18 bytes",
            ),
            (
                {"s4": scp.beats(4, 1, [(0, 1, 1, 2)]), "s5": scp.waveform([scp.plain([1])] * 2)},
                "section 5, lead V1: expected 2 samples in its 2 bytes, found at most 1",
            ),
            (
                {
                    "s4": scp.beats(4, 1, [(0, 1, 1, 2)]),
                    "s5": scp.waveform([scp.plain([1, 2])] * 2, amplitude=0),
                },
                "section 5: expected steps above 0 nV and an interval above 0 us, found 0 nV and 2000 us",
            ),
            (
                {"s4": scp.beats(0, 1, [(0, 1, 1, 2)]), "s5": scp.waveform([b""] * 2)},
                "section 5: expected samples of the reference beat, found none",
            ),
            (
                {"s4": scp.beats(0, 1, [(0, 1, 1, 2)]), "s5": scp.waveform([bytes(2**14 + 2), b""])},
                "section 5: expected at most 16384 bytes of a reference beat, found 16386",
            ),
            (
                {"s4": scp.beats(4, 1, [(0, 1, 1, 2)]), "s5": scp.waveform([scp.plain([1])] * 2)[:-2]},
                "section 5: expected 4 bytes of 2 leads, found 2: the file is truncated",
            ),
        ],
    )
    def test_what_was_subtracted_must_be_there(self, changed: dict[str, bytes], message: str) -> None:
        leads = scp.leads([(1, 4, 3), (1, 4, 4)], subtracted=True)
        assert refusal(scp.record(bodies(s3=leads, **changed))).startswith(f"x.scp: {message}")

    def test_thinned_data_must_be_complete(self) -> None:
        rows = [scp.plain([1, 2])] * 2
        changed = {
            "s3": scp.leads([(1, 13, 3), (1, 13, 4)]),
            "s5": scp.waveform([scp.plain([1])] * 2),
            "s6": scp.waveform(rows, interval=8000, bimodal=1),
        }
        assert refusal(scp.record(bodies(**changed))) == (
            "x.scp: section 6, lead V1: expected 13 samples in its 4 bytes, found at most 8"
        )
        changed["s4"] = scp.beats(2, 1, [(1, 1, 1, 1)])[:-2]
        assert refusal(scp.record(bodies(**changed))) == (
            "x.scp: section 4: expected 1 QRS complexes in 20 bytes, found 18 bytes"
        )
        changed["s4"] = scp.beats(2, 1, [(1, 1, 1, 1)], [(1, 1)])
        changed["s6"] = scp.waveform([scp.plain([1] * 7)] * 2, interval=8000, bimodal=1)
        assert refusal(scp.record(bodies(**changed))) == (
            "x.scp: section 6, lead V1: expected 4 stored samples in and between the protected areas of "
            "section 4, found more"
        )
        changed["s3"] = scp.leads([(1, 7, 3), (1, 7, 4)])
        changed["s4"] = scp.beats(2, 1, [])
        changed["s6"] = scp.waveform(rows, interval=8000, bimodal=1)
        assert refusal(scp.record(bodies(**changed))) == (
            "x.scp: section 6, lead V1: expected 4 samples in its 4 bytes, found at most 2"
        )


class TestWhatOnlyWarns:
    def test_no_section_1(self) -> None:
        record = read_scp(scp.record(bodies(s1=None)), FILE)
        assert record.warnings == ("there is no section 1: nothing is known of the patient",)
        assert not record.patient
        assert not record.recording

    def test_a_field_that_is_cut(self) -> None:
        header = scp.tag(2, "P-9") + struct.pack("<BH", 0, 500) + b"Smith"
        record = read_scp(scp.record(bodies(s1=header)), FILE)
        assert dict(record.patient) == {"id": "P-9"}
        assert record.warnings == ("section 1: expected 500 bytes in tag 0, found 6: the rest was not read",)

    def test_damaged_dates(self) -> None:
        header = scp.header(
            scp.tag(5, struct.pack("<HBB", 1950, 13, 1)),
            scp.tag(25, struct.pack("<HBB", 2001, 9, 30)),
            scp.tag(26, bytes([24, 0, 0])),
        )
        record = read_scp(scp.record(bodies(s1=header)), FILE)
        assert dict(record.recording) == {"recorded_at": "2001-09-30"}
        assert record.warnings == (
            "section 1: expected a date in tag 5, found 1950-13-1",
            "section 1: expected a time in tag 26, found 24:0:0",
        )

    def test_short_or_empty_fields_are_not_there(self) -> None:
        header = scp.header(
            *(scp.tag(number, b"") for number in range(36)), scp.tag(4, b"\x20"), scp.tag(14, b"x")
        )
        record = read_scp(scp.record(bodies(s1=header)), FILE)
        assert (dict(record.patient), dict(record.recording), record.warnings) == ({}, {}, ())

    def test_a_date_without_a_time(self) -> None:
        header = scp.header(scp.tag(25, struct.pack("<HBB", 2001, 9, 30)))
        assert read_scp(scp.record(bodies(s1=header)), FILE).recording["recorded_at"] == "2001-09-30"

    @pytest.mark.parametrize(
        ("number", "body", "warning"),
        [
            (4, scp.beats(4, 1, [(0, 1, 1, 2)])[:-4],
             "section 4: expected 1 QRS complexes in 20 bytes, found 16 bytes"),
            (5, scp.waveform([scp.plain([1])] * 2)[:-2],
             "section 5: expected 4 bytes of 2 leads, found 2: the file is truncated"),
            (5, scp.waveform([scp.plain([1])] * 2, interval=0),
             "section 5: expected steps above 0 nV and an interval above 0 us, found 1000 nV and 0 us"),
            (7, b"\0\1", "section 7: expected spike 1 of 1 in bytes 7 to 10 of its data, found 2 bytes"),
            (8, scp.statements("Normal ECG")[:-4],
             "section 8: expected statement 1 of 1 in bytes 13 to 23 of its data, found 20 bytes"),
            (8, b"\0\1",
             "section 8: expected the number of statements in bytes 9 to 9 of its data, found 2 bytes"),
        ],
    )  # fmt: skip
    def test_sections_that_decide_nothing(self, number: int, body: bytes, warning: str) -> None:
        record = read_scp(scp.record(bodies(**{f"s{number}": body})), FILE)
        assert record.warnings == (f"{warning}: it was left out",)
        assert steps(record, "V1") == ROWS["V1"]
        assert record.representative_beat is None

    def test_more_data_than_samples(self) -> None:
        rows = [scp.plain([1, 2, 3, 4]), scp.plain([5, 6, 7, 8, 9, 9, 9])]
        record = read_scp(scp.record(bodies(s6=scp.waveform(rows))), FILE)
        assert record.warnings == (
            "section 6: more data than samples in section 3 in lead V2: the rest was not read",
        )
        assert steps(record, "V2") == ROWS["V2"]

    def test_zeros_after_the_samples_are_padding(self) -> None:
        rows = [scp.plain(row) + bytes(12) for row in ROWS.values()]
        assert read_scp(scp.record(bodies(s6=scp.waveform(rows))), FILE).warnings == ()

    def test_sums_that_leave_16_bits(self) -> None:
        rows = [scp.plain([32767, 1, 0, 0]), scp.plain([0, 0, 0, 0])]
        record = read_scp(scp.record(bodies(s6=scp.waveform(rows, order=1))), FILE)
        assert record.warnings == ("section 6: differences add up to more than 16 bits in lead V1",)
        assert steps(record, "V1") == [32767, -32768, -32768, -32768]

    def test_a_length_of_the_beat_that_was_rounded_up(self) -> None:
        changed = {
            "s4": scp.beats(3, 1, []),
            "s5": scp.waveform([scp.plain([1, 2]), scp.plain([3, 4])], interval=1024),
        }
        beat = read_scp(scp.record(bodies(**changed)), FILE).representative_beat
        assert beat is not None
        assert beat.signal.shape == (2, 2)

    def test_a_beat_whose_length_is_not_stated(self) -> None:
        beat = read_scp(
            scp.record(bodies(s5=scp.waveform([scp.plain([1, 2, 3]), scp.plain([4, 5])]))), FILE
        ).representative_beat
        assert beat is not None
        assert steps(beat, "V1") == [1, 2]
        assert steps(beat, "V2") == [4, 5]


class TestDoubts:
    """They are warnings, and errors where the caller is strict."""

    def check(self, data: bytes, text: str) -> Record:
        record = read_scp(data, FILE)
        assert [warning for warning in record.warnings if warning.startswith(text)]
        assert refusal(data, STRICT).startswith(
            f"x.scp: expected certain units and leads (strict), found: {text}"
        )
        return record

    @pytest.mark.parametrize(("code", "found"), [(0, "an unspecified one"), (200, "the code 200")])
    def test_leads_that_the_standard_does_not_know(self, code: int, found: str) -> None:
        data = scp.record(bodies(s3=scp.leads([(1, 4, code), (1, 4, 4)])))
        record = self.check(data, f"section 3: expected a lead of the standard, found {found}: called lead 1")
        assert record.leads == ("lead 1", "V2")

    def test_subtraction_of_nothing(self) -> None:
        data = scp.record(bodies(s3=scp.leads([(1, 4, 3), (1, 4, 4)], subtracted=True)))
        record = self.check(
            data, "section 3 says that the reference beat was subtracted, but there are no sec"
        )
        assert steps(record, "V1") == ROWS["V1"]

    def test_plain_samples_beside_tables(self) -> None:
        rows = {"V1": list(range(40)), "V2": list(range(40, 80))}
        data = scp.simple(rows, coding="plain", order=0, more={2: scp.huffman(None)})
        record = self.check(data, "section 6: expected Huffman codes, found two bytes a sample in every lead")
        assert steps(record, "V2") == rows["V2"]
        table = [scp.Table((("0", 0, 0), ("11111111", 1, 0)))]
        data = scp.simple(rows, coding="plain", order=0, more={2: scp.huffman(table)})
        self.check(data, "section 6: expected Huffman codes, found two bytes a sample in every lead")

    def test_samples_that_are_counted_at_the_rate_of_the_beat(self) -> None:
        changed = {
            "s3": scp.leads([(1, 9, 3), (1, 9, 4)]),
            "s4": scp.beats(8, 1, [(1, 1, 5, 1)]),
            "s5": scp.waveform([scp.plain([1] * 4)] * 2, interval=2000),
            "s6": scp.waveform([scp.plain(row) for row in ROWS.values()], interval=4000),
        }
        record = self.check(
            scp.record(bodies(**changed)), "section 3 counts samples of 2000 us, as the reference"
        )
        assert (record.fs, record.signal.shape) == (250.0, (2, 4))
        assert record.annotations is not None
        assert record.annotations.samples.tolist() == [2]
        # Where the samples are there as they are counted, nothing is doubtful.
        changed["s3"] = scp.leads([(1, 4, 3), (1, 4, 4)])
        assert read_scp(scp.record(bodies(**changed)), STRICT).fs == 250.0
        changed["s3"] = scp.leads([(1, 400, 3), (1, 400, 4)])
        assert "expected 400 samples" in refusal(scp.record(bodies(**changed)))


class TestLeads:
    def test_the_same_lead_twice(self) -> None:
        record = read_scp(scp.record(bodies(s3=scp.leads([(1, 4, 2), (1, 4, 2)]))), FILE)
        assert record.leads == ("II", "II (2)")
        assert record.warnings == ("section 3: leads of a name that was there before: called II (2)",)

    def test_nothing_but_calibration_pulses(self) -> None:
        record = read_scp(scp.record(bodies(s3=scp.leads([(1, 4, 31), (1, 4, 32)]))), FILE)
        assert record.leads == ("I-cal", "II-cal")
        assert record.warnings == ("no lead is an ECG: all are calibration pulses",)

    def test_leads_asked_for(self) -> None:
        rows = {"I": [1, 2], "II": [3, 5], "V1": [0, 0]}
        record = read_scp(scp.simple(rows), Given(where="x.scp", leads=("avf", "V1")))
        assert record.leads == ("aVF", "V1")
        np.testing.assert_array_equal(record.signal[0], np.array([0.0025, 0.004], np.float32))
        assert "expected lead V6" in refusal(scp.simple(rows), Given(where="x.scp", leads=("V6",)))

    def test_limb_leads_that_were_not_recorded_together(self) -> None:
        record = read_scp(scp.record(bodies(s3=scp.leads([(1, 4, 1), (5, 8, 2)]))), FILE)
        assert record.leads == ("I", "II")


class TestWhatTheCallerSays:
    def test_rates_and_units(self) -> None:
        data = scp.record(bodies())
        assert read_scp(data, Given(where="x.scp", fs=500, units="nV")).fs == 500
        assert refusal(data, Given(where="x.scp", fs=250)) == (
            "x.scp: expected fs=250 Hz as given, found 500 Hz in the file"
        )
        assert refusal(data, Given(where="x.scp", units="mV")) == (
            "x.scp: expected units=mV as given, found nV in the file"
        )

    def test_a_rate_that_the_file_does_not_state(self) -> None:
        data = scp.record(bodies(s6=scp.waveform([scp.plain(row) for row in ROWS.values()], interval=0)))
        assert read_scp(data, Given(where="x.scp", fs=300)).fs == 300
        assert refusal(data) == (
            "x.scp: section 6: expected an interval between samples above 0 us, found 0: pass fs= "
            "(Hz; on the command line --fs)"
        )

    @pytest.mark.parametrize(
        ("limits", "spans", "message"),
        [
            (
                {"leads": 1},
                [(1, 4), (1, 4)],
                "x.scp: section 3: expected at most 1 leads (the limit leads), found 2",
            ),
            (
                {"samples": 7},
                [(1, 4), (1, 4)],
                "x.scp: expected at most 7 samples (the limit samples), found 8",
            ),
            (
                {"gap_samples": 11},
                [(1, 4), (7, 10)],
                "x.scp: expected at most 11 gap samples (the limit gap_samples), found 12",
            ),
        ],
    )
    def test_limits(self, limits: dict[str, int], spans: list[tuple[int, int]], message: str) -> None:
        data = scp.record(bodies(s3=scp.leads([(*span, 3 + i) for i, span in enumerate(spans)])))
        assert refusal(data, Given(where="x.scp", limits=Limits(**limits))) == message
        more = {name: value + 1 for name, value in limits.items()}
        assert read_scp(data, Given(where="x.scp", limits=Limits(**more))).n_leads == 2

    def test_a_lead_far_away_takes_no_room(self) -> None:
        data = scp.record(bodies(s3=scp.leads([(1, 4, 3), (2**32 - 4, 2**32 - 1, 4)])))
        assert refusal(data).startswith("x.scp: expected at most 2147483648 samples")

    def test_interpolated_samples_count_as_gaps(self) -> None:
        changed = {
            "s3": scp.leads([(1, 8, 3), (1, 8, 4)]),
            "s5": scp.waveform([scp.plain([1])] * 2),
            "s6": scp.waveform([scp.plain([1, 2])] * 2, interval=8000, bimodal=1),
        }
        data = scp.record(bodies(**changed))
        assert refusal(data, Given(where="x.scp", limits=Limits(gap_samples=11))).endswith("found 12")
        assert read_scp(data, Given(where="x.scp", limits=Limits(gap_samples=12))).n_samples == 8
