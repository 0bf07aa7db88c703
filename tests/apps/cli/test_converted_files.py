"""Where converted recordings go."""

from __future__ import annotations

from pathlib import Path

import pytest

from einthoven.apps.cli.converted_files import Replaced, bare_name, named, numbered
from einthoven.errors import SettingsError


def test_names_differ_also_where_letters_are_small_or_a_number_is_taken() -> None:
    files = [Path("in", name) for name in ("a-2.xml", "a.dcm", "A.scp", "ward/a.scp")]
    places = named(files, Path("in"), Path("out"), "edf")
    assert places == [Path("out", name) for name in ("a-2.edf", "a.edf", "A-3.edf", "ward/a.edf")]


def test_numbers_tell_nothing() -> None:
    assert numbered([Path("Doe.xml"), Path("x/Roe.xml")], Path("out"), "dicom") == [
        Path("out/record-0001.dcm"),
        Path("out/record-0002.dcm"),
    ]


@pytest.mark.parametrize(
    ("name", "bare"), [("a.xml", "a"), ("a.xml.GZ", "a"), ("a.b.xml", "a.b"), ("a", "a")]
)
def test_bare_names(name: str, bare: str) -> None:
    assert bare_name(Path("x", name)) == bare


def test_segments_of_a_record_that_is_read_stay(tmp_path: Path) -> None:
    (tmp_path / "m.hea").write_text("m/1 1 360 4\n# a comment\npart 4\n")
    (tmp_path / "part.hea").write_text("part 1 360 4\npart.dat 16 200\n")
    (tmp_path / "part.dat").write_bytes(bytes(8))
    (tmp_path / "other.dat").write_bytes(b"")
    replaced = Replaced([tmp_path / "m.hea"], is_forced=True)
    replaced.check([tmp_path / "other.dat", tmp_path / "absent.dat"])
    with pytest.raises(SettingsError, match=r"part\.dat: expected another file than one that is read"):
        replaced.check([tmp_path / "part.dat"])


def test_a_link_to_nothing_is_not_replaced_unasked(tmp_path: Path) -> None:
    link = tmp_path / "x.hea"
    link.symlink_to(tmp_path / "nothing")
    with pytest.raises(SettingsError, match="--force"):
        Replaced([tmp_path / "a"], is_forced=False).check([link])
