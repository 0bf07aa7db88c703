"""Tables keep to the width, are readable at 80 columns, and lose nothing."""

import io

import pytest

from einthoven.apps.cli.table import FLOOR, GAP, PLAIN_WIDTH, Cell, Row, Table, print_table, table_lines


def printed(*tables: Table, width: int = 80) -> list[str]:
    """The lines of a table without their styles."""
    return ["".join(cell.text for cell in line) for line in table_lines(tables, width)]


def table(*rows: tuple[str, ...], headings: tuple[str, ...] = ("record", "answer"), **more: object) -> Table:
    return Table(headings, tuple(Row(tuple(map(Cell, row))) for row in rows), **more)  # type: ignore[arg-type]


class Terminal(io.StringIO):
    """What a table is printed to."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def test_columns_are_as_wide_as_they_need() -> None:
    assert printed(table(("a", "normal"), ("long-name", "noise")), width=80) == [
        "record     answer",
        "─────────────────",
        "a          normal",
        "long-name  noise",
    ]


def test_the_widest_column_is_folded_first_and_none_below_the_floor() -> None:
    rows = [(f"{'part-' * 5}{i}", "0.5", "words of an answer here") for i in range(3)]
    room = 2 * GAP + 3
    lines = printed(table(*rows, headings=("record", "p", "answer")), width=room + 20 + 21)
    assert lines[:4] == [
        "record                  p  answer",
        "─" * (room + 20 + 21),
        "part-part-part-part-  0.5  words of an answer",
        "part-0                     here",
    ]
    fitting = printed(table(*rows, headings=("record", "p", "answer")), width=room + 2 * FLOOR)
    assert fitting[1] == "─" * (room + 2 * FLOOR)
    too_narrow = printed(table(*rows, headings=("record", "p", "answer")), width=room + 2 * FLOOR - 1)
    assert too_narrow[1] == "  p       0.5"


def test_what_would_fold_too_often_becomes_entries() -> None:
    rows = [("first", "x" * 12, "many words " * 12), ("second", "", "one")]
    assert printed(table(*rows, headings=("name", "kind", "citation")), width=40) == [
        "first",
        "  kind      xxxxxxxxxxxx",
        "  citation  many words many words many",
        "            words many words many words",
        "            many words many words many",
        "            words many words many words",
        "            many words many words",
        "",
        "second",
        "  citation  one",
    ]


def test_lists_in_entries_have_a_line_for_each_part() -> None:
    names = ("atrial fibrillation", "other rhythm", "noise")
    row = Row((Cell("rhythm"), Cell("x" * 200), Cell(", ".join(names), parts=names)))
    lines = printed(Table(("name", "title", "labels"), (row,)), width=40)
    assert lines[-3:] == ["  labels  atrial fibrillation", "          other rhythm", "          noise"]
    assert "  labels  atrial fibrillation, other rhythm, noise" in printed(
        Table(("name", "title", "labels"), (row,)), width=70
    )


def test_a_narrower_form_goes_before_folding_and_entries() -> None:
    wide = table(("a long name of something", "1.5 (1.2 to 1.8)"))
    narrow = Table(("answer",), (Row((Cell("1.5", below="1.2-1.8"),), above="a long name of something"),))
    assert printed(wide, narrow, width=42)[2] == "a long name of something  1.5 (1.2 to 1.8)"
    assert printed(wide, narrow, width=41)[2:] == ["a long name of something", "1.5", "1.2-1.8"]
    # Where not even that fits, the entries are those of the first form.
    tight = table(
        ("a long name of something", "1.5 (1.2 to 1.8)", *("0.123456789012",) * 3), headings=tuple("abcde")
    )
    assert "  b  1.5 (1.2 to 1.8)" in printed(tight, tight, width=40)


def test_a_line_above_is_said_once_for_its_rows() -> None:
    rows = [Row((Cell(name),), above=source) for name, source in (("F1", "x"), ("recall", "x"), ("F1", "y"))]
    assert printed(Table(("score",), tuple(rows)))[2:] == ["x", "F1", "recall", "y", "F1"]


def test_remarks_are_a_column_where_they_fit_else_below_their_row() -> None:
    rows = tuple(
        Row((Cell(name),), Cell(remark)) for name, remark in (("a", "lead off for a while"), ("b", ""))
    )
    assert printed(Table(("record",), rows), width=28) == [
        "record  remarks", "────────────────────────────", "a       lead off for a while", "b"]  # fmt: skip
    assert printed(Table(("record",), rows), width=27) == [
        "record", "──────", "a", "    lead off for a while", "b"]  # fmt: skip
    entry = Table(("record", "x"), (Row((Cell("a"), Cell("y" * 90)), Cell("lead off")),))
    assert printed(entry, width=20)[-1] == "  remarks  lead off"


def test_numbers_stand_right_names_left() -> None:
    rows = (("7", "9", "0.5"), ("100", "120", ""), ("8", "95", "x"))
    assert printed(table(*rows, headings=("record", "bpm", "p"))) == [
        "record  bpm  p",
        "────────────────",
        "7         9  0.5",
        "100     120",
        "8        95  x",
    ]


def test_title_and_notes_are_folded() -> None:
    lines = printed(table(("a", "b"), title="said above " * 3, notes=("said below " * 3, "x")), width=20)
    assert lines[:4] == ["said above said", "above said above", "", "record  answer"]
    assert lines[-4:] == ["", "said below said", "  below said below", "x"]


def test_lines_below_the_title_are_folded_and_hang() -> None:
    below = (Cell("not sure: as many words as it takes", "yellow"), Cell("model \x1b[31m"))
    lines = printed(table(("a", "b"), title="one", below_title=below), width=24)
    assert lines[:5] == ["one", "not sure: as many", "  words as it takes", "model \\x1b[31m", ""]
    shown = table_lines([table(("a", "b"), title="one", below_title=below)], 80)
    assert [cell.style for cell in shown[1] if cell.text.strip()] == ["yellow"]


def test_a_table_without_rows_has_its_headings() -> None:
    assert printed(table(notes=("nothing",))) == ["record  answer", "──────────────", "", "nothing"]


def test_what_a_terminal_would_obey_is_text() -> None:
    odd = "\x1b[31mred\n"
    lines = printed(table((odd, odd), headings=("a", odd), title=odd, notes=(odd,)))
    assert "".join(lines).count("\\x1b[31mred\\n") == 5
    assert "\x1b" not in "".join(lines)


def test_a_terminal_gets_styles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "20")
    monkeypatch.delenv("NO_COLOR", raising=False)
    stream = Terminal()
    print_table([Table(("record",), (Row((Cell("[bold]x :smile: 1"),), Cell("failed", "red")),))], stream)
    assert stream.getvalue().splitlines()[0] == "\x1b[1mrecord\x1b[0m"
    assert stream.getvalue().splitlines()[-1].strip() == "\x1b[31mfailed\x1b[0m"
    assert "[bold]x :smile: 1\n" in stream.getvalue()


@pytest.mark.parametrize(
    ("columns", "width"), [("", PLAIN_WIDTH), ("0", PLAIN_WIDTH), ("x", PLAIN_WIDTH), ("60", 60)]
)
def test_elsewhere_it_is_plain_text_of_a_sensible_width(
    monkeypatch: pytest.MonkeyPatch, columns: str, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("FORCE_COLOR", "1")
    stream = io.StringIO()
    print_table([table(("a", "b"), notes=("word " * 60,))], stream)
    lines = stream.getvalue().splitlines()
    assert width - 5 <= max(map(len, lines)) <= width
    assert "\x1b" not in stream.getvalue()
    assert all(line == line.rstrip() for line in lines)


def test_what_cannot_show_a_line_gets_hyphens() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    print_table([table(("a", "b"))], stream)
    stream.seek(0)
    assert stream.read().splitlines()[1] == "--------------"


def test_each_form_has_its_own_notes() -> None:
    wide = Table(("record", "answer"), (Row((Cell("a"), Cell("atrial fibrillation"))),), notes=("wide",))
    narrow = Table(("record", "answer"), (Row((Cell("a"), Cell("AF"))),), notes=("narrow",))
    shown = {w: "".join(c.text for c in table_lines([wide, narrow], w)[-1]) for w in (40, 20)}
    assert shown == {40: "wide", 20: "narrow"}
