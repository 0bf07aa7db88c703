import os
from collections.abc import Callable
from pathlib import Path

import pytest

from einthoven.errors import FormatError
from einthoven.formats import find_records, is_record, list_records, read_record
from einthoven.formats.listing import walk


def wfdb(folder: Path, name: str, text: str | None = None) -> None:
    (folder / f"{name}.hea").write_text(text or f"{name} 1 360 2\n{name}.dat 16 200\n")
    (folder / f"{name}.dat").write_bytes(bytes(4))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    wfdb(tmp_path, "b")
    wfdb(tmp_path, "a")
    (tmp_path / "a.atr").touch()
    (tmp_path / "c.mat").touch()
    (tmp_path / "orphan.dat").touch()
    (tmp_path / "d.npy").touch()
    (tmp_path / "e.csv").write_text("1\n2\n")
    (tmp_path / "labels.csv").write_text("record,label\na,N\nb,A\n")
    (tmp_path / "RECORDS").write_text("100\n101\n")
    (tmp_path / "notes.txt").write_text("Some words.\n")
    (tmp_path / "broken.hea").write_bytes(b"\xff\x00")
    (tmp_path / ".hidden.hea").touch()
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "g.npy").touch()
    (tmp_path / "sub").mkdir()
    wfdb(tmp_path / "sub", "z")
    return tmp_path


def test_is_record(folder: Path) -> None:
    names = sorted(path.name for path in folder.iterdir() if is_record(path))
    assert names == ["a.hea", "b.hea", "broken.hea", "c.mat", "d.npy", "e.csv", "orphan.dat"]
    assert is_record(str(folder / "a.hea"))
    assert not is_record(folder / "nothing.hea")


def test_list_records(folder: Path) -> None:
    names = [str(path.relative_to(folder)) for path in list_records(folder)]
    assert names == ["a.hea", "b.hea", "broken.hea", "c.mat", "d.npy", "e.csv", "orphan.dat", "sub/z.hea"]


def test_every_file_that_was_looked_at_is_counted(folder: Path) -> None:
    seen: list[None] = []
    listing = find_records(folder, lambda: seen.append(None))
    assert listing == find_records(folder)
    # All but what is in the hidden folder.
    assert len(seen) == sum(path.is_file() for path in folder.rglob("*")) - 1 == 16


def test_files_that_a_header_of_another_name_refers_to_are_not_listed(tmp_path: Path) -> None:
    wfdb(tmp_path, "x", "x 2 360 2\nx_1.dat 16 200\nx_2.dat 16 200\n")
    (tmp_path / "x_1.dat").touch()
    (tmp_path / "x_2.dat").touch()
    assert list_records(str(tmp_path)) == [tmp_path / "x.hea"]


def test_segments_are_listed_through_their_master(tmp_path: Path) -> None:
    wfdb(tmp_path, "x_0001")
    wfdb(tmp_path, "x_0002")
    wfdb(tmp_path, "x", "x/2 1 360 4\nx_0001 2\nx_0002 2\n")
    (tmp_path / "x.dat").unlink()
    assert list_records(tmp_path) == [tmp_path / "x.hea"]


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    assert list_records(tmp_path) == []
    with pytest.raises(FormatError, match=r"nowhere: expected a folder, found nothing$"):
        list_records(tmp_path / "nowhere")
    (tmp_path / "file").touch()
    with pytest.raises(FormatError, match=r"file: expected a folder, found a file$"):
        list_records(tmp_path / "file")


def test_linked_folders_are_followed_and_each_is_listed_once(tmp_path: Path) -> None:
    root, elsewhere = tmp_path / "root", tmp_path / "elsewhere"
    for folder in (root / "b", elsewhere / "deep"):
        folder.mkdir(parents=True)
    wfdb(root / "b", "own")
    wfdb(elsewhere / "deep", "far")
    (root / "a").symlink_to(root / "b")
    (root / "b" / "up").symlink_to(root)
    (root / "link").symlink_to(elsewhere)
    (elsewhere / "again").symlink_to(elsewhere / "deep")
    (root / ".hidden").symlink_to(elsewhere)
    assert list_records(root) == [root / "b" / "own.hea", root / "link" / "deep" / "far.hea"]
    assert list_records(root / "a") == [
        root / "a" / "own.hea",
        root / "a" / "up" / "link" / "deep" / "far.hea",
    ]


def test_a_link_to_nothing_is_listed_so_that_its_lack_is_reported(tmp_path: Path) -> None:
    for name in ("gone.hea", "gone.txt"):
        (tmp_path / name).symlink_to(tmp_path / "nowhere")
    assert list_records(tmp_path) == [tmp_path / "gone.hea"]
    with pytest.raises(FormatError, match="found no such file"):
        read_record(tmp_path / "gone.hea")


def test_a_folder_that_cannot_be_read_is_told(folder: Path, forbid: Callable[[Path], None]) -> None:
    forbid(folder / "sub")
    listing = find_records(folder)
    assert listing.failed == ((folder / "sub", f"cannot be read: permission denied: {folder / 'sub'}"),)
    assert len(listing.records) == 7
    with pytest.raises(FormatError, match=r"^cannot be read: permission denied: .*sub$"):
        list_records(folder)
    forbid(folder)
    assert find_records(folder).failed[0][0] == folder
    assert find_records(folder).records == ()


def test_a_link_to_what_must_not_be_looked_at_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "far")
    (tmp_path / "far").mkdir()
    stat = Path.stat

    def refuse(path: Path, **options: bool) -> os.stat_result:
        if path.name == "link":
            raise PermissionError(13, "Permission denied", str(path))
        return stat(path, **options)

    monkeypatch.setattr(Path, "stat", refuse)
    assert [path.name for path, _ in find_records(tmp_path).failed] == ["link"]


def test_links_in_a_circle_are_files_of_no_kind(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    failed: list[tuple[Path, str]] = []
    assert list(walk(tmp_path, failed)) == [(tmp_path, ["a", "b"])]
    assert (failed, list_records(tmp_path)) == ([], [])


@pytest.mark.parametrize(
    ("name", "listed"),
    [("x.csv", True), ("x.txt", True), ("x.edf", True), ("x.xml", True), ("x.md", False), ("x", False)],
)
def test_a_file_that_must_not_be_opened_is_told_if_it_may_be_a_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, listed: bool
) -> None:
    def refuse(*_: object) -> object:
        raise PermissionError(13, "Permission denied")

    (tmp_path / name).write_text("1\n2\n")
    monkeypatch.setattr(Path, "open", refuse)
    assert list_records(tmp_path) == [tmp_path / name] * listed
    assert not is_record(tmp_path / f".{name}")
    with pytest.raises(FormatError, match=r"expected a readable file, found .*Permission denied"):
        read_record(tmp_path / name)
