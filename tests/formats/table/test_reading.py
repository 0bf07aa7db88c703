from pathlib import Path

import numpy as np
import pytest

from einthoven.errors import FormatError, RecordError
from einthoven.formats import read_record
from einthoven.formats.limits import Limits
from einthoven.formats.table import reading
from einthoven.formats.table.reading import decode_text, find_layout
from einthoven.record import Record


def read(text: str, encoding: str = "utf-8", **options: object) -> Record:
    return read_record(text.encode(encoding), **{"fs": 250, "units": "mV"} | options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "I,II\n1,4.5\n2,5\n-3e0,6\n",
        "I;II\r\n1;4.5\r\n2;5\r\n-3;6\r\n",
        "I;II\n1,0;4,5\n2;5\n-3;6,00\n",
        "I\tII\n1\t4,5\n2\t5\n-3\t6\n",
        "# said\n\n  I   II\n 1 4.5\n 2   5\n-3 6",
        '"I","II"\n"1","4.5"\n"2","5"\n"-3","6"\n',
        "index,I,II\n0,1,4.5\n1,2,5\n2,-3,6\n",
        ",I,II\n0,1,4.5\n1,2,5\n2,-3,6\n",
        "I,II,\n1,4.5,\n2,5,\n-3,6,\n",
    ],
)
def test_spellings_of_one_table(text: str) -> None:
    record = read(text)
    np.testing.assert_array_equal(record.signal, np.array([[1, 2, -3], [4.5, 5, 6]], np.float32), strict=True)
    assert record.leads == ("I", "II")


def test_columns_without_a_name_are_counted() -> None:
    record = read("40A\t90\t\n" + "".join(f"{i}\t{i * i % 7}\t{i % 3}\n" for i in range(9)))
    assert record.leads == ("40A", "90", "lead 3")
    assert "the file does not name every lead: called lead 3" in record.warnings
    with pytest.raises(RecordError, match="called lead 2"):
        read("I,\n1,3\n2,1\n1,2\n", strict=True)


def test_comments_are_kept() -> None:
    record = read("# Age: 5\n# early\nI\n1\n# later\n2\n")
    assert (record.comments, dict(record.patient)) == (("early", "later"), {"age": "5"})


@pytest.mark.parametrize("encoding", ["utf-8-sig", "latin-1"])
def test_encodings(encoding: str) -> None:
    assert read("caf\u00e9,II\n1,2\n3,4\n", encoding).leads == ("caf\u00e9", "II")


def test_without_names() -> None:
    assert read("1\n2\n3\n").signal.tolist() == [[1, 2, 3]]
    assert read("1,2\n3,4\n5,6\n", leads=["II", "V1"]).signal.tolist() == [[1, 3, 5], [2, 4, 6]]
    assert read("1,2,3\n4,5,6\n").signal.tolist() == [[1, 2, 3], [4, 5, 6]]


@pytest.mark.parametrize("missing", ["", "nan", "NA", "n/a", "null"])
def test_missing_samples(missing: str) -> None:
    record = read(f"I,II\n{missing},{missing}\n1,{missing}\n2,3\n")
    np.testing.assert_array_equal(record.signal, np.array([[np.nan, 1, 2], [np.nan, np.nan, 3]], np.float32))


@pytest.mark.parametrize(
    ("heading", "step"),
    [("time", 0.004), ("Time (s)", 0.004), ("t [ms]", 4), ("time_ms", 4), ("seconds", 0.004)],
)
def test_times_give_the_rate(heading: str, step: float) -> None:
    rows = "".join(f"{5 + i * step:.6f},{i}\n" for i in range(20))
    record = read(f"{heading},II\n{rows}", fs=None)
    assert (record.fs, record.leads, record.n_samples) == (250.0, ("II",), 20)


def test_rounded_times_give_the_rate_that_was_meant() -> None:
    rows = "".join(f"{i / 360:.3f},{i}\n" for i in range(3600))
    assert read(f"time,II\n{rows}", fs=None).fs == 360
    rows = "".join(f"{i / 128.5:.6f},{i}\n" for i in range(3600))
    assert read(f"time,II\n{rows}", fs=None).fs == pytest.approx(128.5, rel=1e-6)


def test_times_against_the_rate_given() -> None:
    with pytest.raises(RecordError, match="expected fs=500 Hz as given, found 250 Hz in the file"):
        read("time,II\n0,1\n0.004,2\n", fs=500)


@pytest.mark.parametrize(
    "times", [(0, 1, 2, 9), (0, 1, 1, 1), (3, 2, 1, 0), (0, 0, 0, 0), (0, 1, "nan", 3), (0, 1, 2, "inf")]
)
def test_uneven_times(times: tuple[object, ...]) -> None:
    text = "time,II\n" + "".join(f"{time},1\n" for time in times)
    with pytest.raises(FormatError, match="expected evenly spaced times, found gaps, repeats or steps back"):
        read(text, fs=None)


LEAD = [round(float(np.sin(i)), 4) for i in range(40)]


def table(*columns: object, names: str = "", delimiter: str = ",") -> str:
    rows = [delimiter.join(map(str, row)) for row in zip(*columns, strict=False)]
    return "\n".join([names, *rows] if names else rows) + "\n"


def times(step: float, n: int = 40) -> list[float]:
    return [round(i * step, 6) for i in range(n)]


@pytest.mark.parametrize("names", ["", "zeit,II", "x0,MLII", "Unnamed: 0,II", "Time,II", "sample stamp,ECG"])
def test_a_column_of_times_is_found(names: str) -> None:
    record = read(table(times(0.004), LEAD, names=names), fs=None)
    assert (record.fs, record.n_leads) == (250.0, 1)
    np.testing.assert_allclose(record.signal[0], LEAD, atol=1e-6)
    # A heading that says time needs no explanation.
    assert len(record.warnings) == (names != "Time,II")
    assert all("rises evenly by 0.004: taken as times in s, so 250 Hz" in text for text in record.warnings)
    assert read(table(times(0.004), LEAD, names=names), fs=251).fs == 250.0
    with pytest.raises(RecordError, match="expected fs=300 Hz as given, found 250 Hz in "):
        read(table(times(0.004), LEAD, names=names), fs=300)


@pytest.mark.parametrize("names", ["", "zeit,II", "t,II"])
def test_times_in_milliseconds_without_a_unit(names: str) -> None:
    record = read(table(times(2), LEAD, names=names), fs=None)
    assert record.fs == 500.0
    assert "rises evenly by 2: taken as times in ms, so 500 Hz, not as a lead" in record.warnings[0]


@pytest.mark.parametrize("start", [0, 1, 17])
@pytest.mark.parametrize("names", ["", "nr,II", ",II", "Unnamed: 0,II", "'sample #','MLII'", "time,II"])
def test_a_count_of_samples_is_no_lead_and_states_no_rate(names: str, start: int) -> None:
    text = table(range(start, start + 40), LEAD, names=names)
    record = read(text)
    assert (record.fs, record.n_leads) == (250.0, 1)
    np.testing.assert_allclose(record.signal[0], LEAD, atol=1e-6)
    # A heading that says so needs no explanation.
    assert [("counts" in text) for text in record.warnings] == [True] * ("sample" not in names)
    with pytest.raises(RecordError, match=r"expected fs \(Hz\), found none"):
        read(text, fs=None)


def test_a_count_and_times_beside_each_other() -> None:
    record = read(table(range(40), times(0.002), LEAD, LEAD), fs=None)
    assert (record.fs, record.leads) == (500.0, ("lead 1", "lead 2"))
    assert [text.split(" ", 2)[:2] for text in record.warnings[:2]] == [["channel", "1"], ["channel", "2"]]


def test_times_along_the_longer_side() -> None:
    text = "\n".join(",".join(map(str, row)) for row in (times(0.004), LEAD))
    assert read(text, fs=None).fs == 250


def test_an_index_with_a_step_is_no_lead_and_one_with_gaps_is_refused() -> None:
    assert read(table(range(0, 80, 2), LEAD, names="sample,II")).leads == ("II",)
    with pytest.raises(FormatError, match="found column sample that only rises, with gaps or repeats"):
        read(table([*range(20), *range(30, 50)], LEAD, names="sample,II"))


def test_samples_may_be_called_samples() -> None:
    assert read(table(LEAD, names="sample")).leads == ("sample",)


def test_a_column_that_says_it_is_a_lead_is_one() -> None:
    for names in ("I,II", "x (mV),II", "aVR,II"):
        assert read(table(range(40), LEAD, names=names)).n_leads == 2


@pytest.mark.parametrize(
    ("heading", "step", "fs"),
    [
        ("zeit (ms)", 4, 250),
        ("x [µs]", 4000, 250),
        ("Time (min)", 0.0001, 166.666),
        ("t_us", 2000, 500),
        ("ms", 4, 250),
        ("Milliseconds", 4, 250),
        ("sec", 0.5, 2),
        ("time (s)", 1, 1),
    ],
)
def test_a_unit_of_time_is_taken_at_its_word(heading: str, step: float, fs: float) -> None:
    record = read(table(times(step), LEAD, names=f"{heading},II"), fs=None)
    assert (record.fs, record.warnings) == (pytest.approx(fs, rel=1e-4), ())


def test_times_without_unit_of_no_plausible_rate_state_none() -> None:
    record = read(table(times(0.1), LEAD, names="time,II"))
    assert (record.fs, record.leads) == (250.0, ("II",))
    assert "left out, as it is no lead, nor times of a plausible sampling rate" in record.warnings[0]


@pytest.mark.parametrize("text", ["0,05\n-0,1\n0,123\n", "1,25\n-3,04\n"])
def test_decimal_commas_are_not_two_columns(text: str) -> None:
    with pytest.raises(FormatError, match=r"expected decimal points.*found \S+ in line \d, which may be one"):
        read(text)


@pytest.mark.parametrize("text", ["0,5\n1,25\n", "0,05\n0,-1\n", "0.5,05\n1,05\n", "0,05,1\n1,2,3\n"])
def test_two_columns_are_not_decimal_commas(text: str) -> None:
    assert read(text).n_leads > 1


@pytest.mark.parametrize("names", ["record,label", "Record;Labels", "record\tpatient\tlabel"])
def test_a_table_of_labels_is_no_recording_though_they_are_numbers(names: str) -> None:
    delimiter = names[6]
    rows = "".join(delimiter.join([str(100 + i)] * len(names.split(delimiter))) + "\n" for i in range(20))
    assert find_layout(f"{names}\n{rows}") is None


def test_a_single_time_gives_no_rate() -> None:
    with pytest.raises(RecordError, match=r"expected fs \(Hz\), found none"):
        read("time,II\n0,1\n", fs=None)


def test_units_in_the_names() -> None:
    record = read("I (uV),II [mV]\n1000,1\n2000,2\n", units=None)
    assert record.signal.tolist() == [[1, 2], [1, 2]]
    assert record.leads == ("I", "II")
    assert read("I (uV)\n1000\n2000\n", units="µV").signal.tolist() == [[1, 2]]
    with pytest.raises(RecordError, match=r"expected units=V as given, found uV in the file for column I$"):
        read("I (uV)\n1000\n2000\n", units="V")
    with pytest.raises(RecordError, match=r"expected units=uV as given, found mV in the file for column II$"):
        read("I,II (mV)\n1,1\n2,2\n", units="uV")
    with pytest.raises(RecordError, match="expected units of the samples, found none"):
        read("I (uV),II\n1000,1\n2000,2\n", units=None)
    with pytest.raises(FormatError, match="expected a unit of V, mV, uV or nV, found 'furlong'"):
        read("I (furlong)\n1\n2\n", units=None)


def test_fs_and_units_must_be_known() -> None:
    with pytest.raises(RecordError, match=r"pass fs=, units= \(on the command line --fs, --units\)"):
        read("1\n2\n", fs=None, units=None)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("1,2\n3\n", "expected 2 cells in line 4, found 1"),
        ("1,2\n3,4,5\n", "expected 2 cells in line 4, found 3"),
        ("1,2\n3,oops\n", "line 4: expected numbers, found 'oops'$"),
    ],
)
def test_a_bad_row_is_named_by_its_line(rows: str, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        read(f"# comment\nI,II\n{rows}")


def test_no_column_of_samples() -> None:
    with pytest.raises(FormatError, match="expected a column of samples, found time, index"):
        read("time,index\n0,1\n0.004,2\n", fs=None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "record,label\nA1,N\nA2,A\n",
        "A00001,N\nA00002,A\n",
        "words and words\n",
        "1,2\n,\n"[4:],
        "a,b\n1,2,3\n",
    ],
)
def test_other_texts_are_no_tables(text: str) -> None:
    assert find_layout(text) is None


def test_binary_is_no_text() -> None:
    assert decode_text(b"1,2\n\x00") is None


def test_binary_beyond_what_is_looked_at() -> None:
    with pytest.raises(FormatError, match="expected text with rows of numbers, found something else"):
        read("1\n" * 40000 + "\0")


def test_a_table_longer_than_what_is_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_text("".join(f"{i}.{i}\n" for i in range(20000)))
    assert read_record(path, fs=500, units="uV").n_samples == 20000
    path.write_text(",".join(str(i) for i in range(20000)))
    assert read_record(path, fs=500, units="uV").n_samples == 20000


def test_columns_of_other_signals_are_left_out_whatever_their_unit() -> None:
    record = read("time,RESP (ohm),II,SpO2 (%)\n0,7,1,98\n0.004,8,2,98\n", fs=None)
    assert (record.leads, record.signal.tolist(), record.fs) == (("II",), [[1, 2]], 250)
    assert record.warnings == ("left out, as their names are not those of ECG leads: RESP, SpO2",)
    assert read("RESP,II\n1,2\n3,4\n", leads=["RESP"]).signal.tolist() == [[1, 3]]
    assert read("RESP\n1\n3\n").warnings == ("no channel has the name of an ECG lead: RESP",)


def test_a_unit_behind_an_underscore_is_the_leads(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("time_ms,I_uV\n" + "".join(f"{4 * i},{1000 * (i % 7)}\n" for i in range(20)))
    record = read_record(path)
    assert (record.fs, record.leads) == (250.0, ("I",))
    assert record.signal.max() == pytest.approx(6.0)
    with pytest.raises(RecordError, match="uV"):
        read_record(path, units="mV")


def test_long_tables_are_read_some_lines_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_BLOCK", 8)
    for end in ("\n", "\r\n", "\r"):
        rows = [f"{i}.5,{-i}" for i in range(40)]
        record = read(end.join(["# said", "I,II", *rows[:20], "", "# again", *rows[20:]]))
        np.testing.assert_array_equal(record.signal, [np.arange(40) + 0.5, -np.arange(40.0)])
        assert record.comments == ("said", "again")
        with pytest.raises(FormatError, match="line 31: expected numbers, found 'x'"):
            read(end.join(["I,II", *rows[:29], "x,1", *rows]))
        with pytest.raises(FormatError, match="expected 2 cells in line 31, found 3"):
            read(end.join(["I,II", *rows[:29], "1,1,1", *rows]))


@pytest.mark.parametrize("text", ["I;II\n1,5;\n2;'3'\n", "I,II\n1.5,NA\n2,3\n", "I II\n1.5 nan\n2 3\n"])
def test_cells_that_are_no_plain_numbers(text: str) -> None:
    np.testing.assert_array_equal(read(text).signal, [[1.5, 2], [np.nan, 3]])


def test_tables_beyond_the_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    four = "1 2 3 9\n4 5 6 7\n" * 3
    assert read(four, limits=Limits(leads=4, samples=24)).n_leads == 4
    with pytest.raises(FormatError, match=r"at most 23 samples \(the limit samples\), found 24"):
        read(four, limits=Limits(samples=23))
    for text in (four, "a b c d\n" + four):
        with pytest.raises(FormatError, match=r"at most 1 leads \(the limit leads\), found 4"):
            read(text, limits=Limits(leads=1))
        with pytest.raises(FormatError, match=r"at most 3 leads \(the limit leads\), found 4"):
            read(text, limits=Limits(leads=3))
    monkeypatch.setattr(reading, "_LONGEST_LINE", 9)
    with pytest.raises(FormatError, match="expected at most 9 characters in line 2, found 10"):
        read("I II\n0.1 -0.123\n1 2\n")
    monkeypatch.setattr(reading, "_MOST_COMMENTS", 1)
    with pytest.raises(FormatError, match="expected at most 1 comments, found more"):
        read("# a\n# b\nI\n1\n")
