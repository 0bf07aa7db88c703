"""Downloads from a server that drops connections, ignores ranges, fails, and serves the wrong bytes."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any

import pytest

from einthoven.datasets.download import SOURCES, download
from einthoven.datasets.transfer import Patience
from einthoven.errors import DatasetError, SettingsError

BASE = "/mitdb/1.0.0/"
FILES = {
    "RECORDS": b"100\n101\n",
    "100.dat": bytes(range(256)) * 40,
    "sub folder/101.dat": b"one hundred and one" * 100,
    "empty": b"",
}


@dataclass
class Shelf:
    """What the server has, how it misbehaves (one fault a request, then none), and what it was asked."""

    files: dict[str, bytes]
    address: str = ""
    faults: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    ranges: bool = True
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)
    patience_lost: Event = field(default_factory=Event)

    def list_checksums(self, base: str = BASE) -> None:
        names = [name for name in self.files if name.startswith(base) and not name.endswith("SHA256SUMS.txt")]
        lines = [f"{hashlib.sha256(self.files[name]).hexdigest()} {name[len(base) :]}" for name in names]
        self.files[base + "SHA256SUMS.txt"] = ("\n".join(lines) + "\n").encode()

    def requests(self, name: str) -> list[str | None]:
        return [range_ for path, range_ in self.asked if path == BASE + name]


class _Handler(BaseHTTPRequestHandler):
    shelf: Shelf

    def do_GET(self) -> None:
        path = self.path.replace("%20", " ")
        range_ = self.headers.get("Range")
        with self.shelf.lock:
            self.shelf.asked.append((path, range_))
            faults = self.shelf.faults[path]
            fault = faults.pop(0) if faults else None
        if fault == "silent":
            self.shelf.patience_lost.wait(10)
            self.close_connection = True
        elif isinstance(fault, int):
            self.send_error(fault)
        elif path not in self.shelf.files:
            self.send_error(404)
        else:
            self._serve(self.shelf.files[path], range_ if self.shelf.ranges else None, fault)

    def _serve(self, content: bytes, range_: str | None, fault: Any) -> None:
        start = int(range_[6:-1]) if range_ else 0
        if range_ and start >= len(content):
            return self.send_error(416)
        body = content[start:]
        if fault == "corrupt":
            body = bytes(byte ^ 1 for byte in body)
        self.send_response(206 if range_ else 200)
        if range_:
            first = start + 1 if fault == "shifted" else start
            self.send_header("Content-Range", f"bytes {first}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: fault[1]] if isinstance(fault, tuple) else body)
        return None

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the tests' output clean."""


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    shelf = Shelf({BASE + name: content for name, content in FILES.items()})
    shelf.list_checksums()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"shelf": shelf}))
    shelf.address = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, args=(0.005,))
    thread.start()
    yield shelf
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def patience(slept: list[float]) -> Patience:
    return Patience(attempts=4, wait_s=1.0, longest_wait_s=3.0, timeout_s=5.0, sleep=slept.append)


def _is_complete(folder: Path) -> bool:
    found = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    found.pop("SHA256SUMS.txt")
    return found == FILES


def test_fetches_everything(shelf: Shelf, tmp_path: Path, patience: Patience) -> None:
    folder = download("mitdb", tmp_path, mirror=shelf.address, patience=patience)
    assert folder == tmp_path / "mitdb" / "1.0.0"
    assert _is_complete(folder)
    assert (folder / "SHA256SUMS.txt").is_file()


def test_does_not_fetch_again_what_is_complete(shelf: Shelf, tmp_path: Path, patience: Patience) -> None:
    folder = download("mitdb", tmp_path, mirror=shelf.address, patience=patience)
    (folder / "100.dat").write_bytes(b"spoiled")
    shelf.asked.clear()
    download("mitdb", tmp_path, mirror=shelf.address, patience=patience)
    assert _is_complete(folder)
    assert sorted(path for path, _ in shelf.asked) == [BASE + "100.dat", BASE + "SHA256SUMS.txt"]


def test_continues_where_a_dropped_connection_stopped(
    shelf: Shelf, tmp_path: Path, patience: Patience, slept: list[float]
) -> None:
    shelf.faults[BASE + "100.dat"] = [("drop", 1000), ("drop", 2000)]
    folder = download("mitdb", tmp_path, mirror=shelf.address, patience=patience)
    assert _is_complete(folder)
    assert shelf.requests("100.dat") == [None, "bytes=1000-", "bytes=3000-"]
    assert slept == [1.0, 2.0]


def test_continues_the_file_of_an_earlier_call(shelf: Shelf, tmp_path: Path, patience: Patience) -> None:
    folder = tmp_path / "mitdb" / "1.0.0"
    folder.mkdir(parents=True)
    (folder / "100.dat.partial").write_bytes(FILES["100.dat"][:5000])
    (folder / "RECORDS.partial").write_bytes(FILES["RECORDS"])
    download("mitdb", tmp_path, mirror=shelf.address, patience=patience)
    assert _is_complete(folder)
    assert shelf.requests("100.dat") == ["bytes=5000-"]
    assert shelf.requests("RECORDS") == [f"bytes={len(FILES['RECORDS'])}-"]


def test_starts_over_where_the_server_ignores_ranges(
    shelf: Shelf, tmp_path: Path, patience: Patience
) -> None:
    shelf.ranges = False
    shelf.faults[BASE + "100.dat"] = [("drop", 1000)]
    folder = download("mitdb", tmp_path, mirror=shelf.address, patience=patience)
    assert _is_complete(folder)
    assert len(shelf.requests("100.dat")) == 2


def test_refuses_other_bytes_than_asked_for(shelf: Shelf, tmp_path: Path, patience: Patience) -> None:
    shelf.faults[BASE + "100.dat"] = [("drop", 1000), "shifted"]
    with pytest.raises(DatasetError, match="expected bytes from 1000, found bytes 1001-"):
        download("mitdb", tmp_path, mirror=shelf.address, patience=patience)


@pytest.mark.parametrize("stale", [b"", b"bytes of an older version"])
def test_fetches_a_corrupt_file_once_more(
    shelf: Shelf, tmp_path: Path, patience: Patience, stale: bytes
) -> None:
    if stale:
        (tmp_path / "mitdb/1.0.0").mkdir(parents=True)
        (tmp_path / "mitdb/1.0.0/100.dat.partial").write_bytes(stale)
    else:
        shelf.faults[BASE + "100.dat"] = ["corrupt"]
    folder = download("mitdb", tmp_path, mirror=shelf.address, patience=patience)
    assert _is_complete(folder)
    assert shelf.requests("100.dat")[1:] == [None]


def test_gives_up_on_a_file_that_stays_corrupt(shelf: Shelf, tmp_path: Path, patience: Patience) -> None:
    shelf.faults[BASE + "100.dat"] = ["corrupt"] * 9
    expected = hashlib.sha256(FILES["100.dat"]).hexdigest()
    found = hashlib.sha256(bytes(byte ^ 1 for byte in FILES["100.dat"])).hexdigest()
    with pytest.raises(DatasetError, match=f"100.dat: expected SHA-256 {expected}, found {found}"):
        download("mitdb", tmp_path, mirror=shelf.address, patience=patience)
    assert len(shelf.requests("100.dat")) == 2
    assert not list(tmp_path.rglob("100.dat*"))


def test_waits_for_a_server_that_is_busy(
    shelf: Shelf, tmp_path: Path, patience: Patience, slept: list[float]
) -> None:
    shelf.faults[BASE + "SHA256SUMS.txt"] = [503]
    shelf.faults[BASE + "RECORDS"] = [503, 429, 500]
    assert _is_complete(download("mitdb", tmp_path, mirror=shelf.address, patience=patience))
    assert slept == [1.0, 1.0, 2.0, 3.0]


def test_drops_a_connection_that_stays_silent(shelf: Shelf, tmp_path: Path, slept: list[float]) -> None:
    shelf.faults[BASE + "RECORDS"] = ["silent"]

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        shelf.patience_lost.set()

    patience = Patience(connections=1, timeout_s=0.1, sleep=sleep)
    assert _is_complete(download("mitdb", tmp_path, mirror=shelf.address, patience=patience))
    assert slept == [1.0]
    assert len(shelf.requests("RECORDS")) == 2


def test_gives_up_after_the_last_attempt(
    shelf: Shelf, tmp_path: Path, patience: Patience, slept: list[float]
) -> None:
    shelf.faults[BASE + "100.dat"] = [503] * 9
    with pytest.raises(DatasetError, match=r"100.dat: .* HTTP status 503 .* gave up after 4 attempts"):
        download("mitdb", tmp_path, mirror=shelf.address, patience=patience)
    assert len(shelf.requests("100.dat")) == 4
    assert slept == [1.0, 2.0, 3.0]


@pytest.mark.parametrize("status", [403, 404])
def test_a_refusal_is_not_repeated(
    shelf: Shelf, tmp_path: Path, patience: Patience, slept: list[float], status: int
) -> None:
    shelf.faults[BASE + "RECORDS"] = [status]
    with pytest.raises(DatasetError, match=f"RECORDS: expected a file, found HTTP status {status}"):
        download("mitdb", tmp_path, mirror=shelf.address, patience=patience)
    assert (len(shelf.requests("RECORDS")), slept) == (1, [])


def test_an_unreachable_server(tmp_path: Path, slept: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with pytest.raises(DatasetError, match=r"the connection failed: .* gave up after 2 attempts"):
        download(
            "mitdb", tmp_path, mirror="http://127.0.0.1:9", patience=Patience(attempts=2, sleep=slept.append)
        )


def test_a_failure_stops_the_rest(shelf: Shelf, tmp_path: Path, slept: list[float]) -> None:
    shelf.files |= {f"{BASE}many/{number:03}": bytes([number]) for number in range(200)}
    shelf.list_checksums()
    shelf.faults[BASE + "RECORDS"] = [404]
    with pytest.raises(DatasetError, match="RECORDS"):
        download(
            "mitdb", tmp_path, mirror=shelf.address, patience=Patience(connections=1, sleep=slept.append)
        )
    assert len(shelf.asked) < 150


def test_mirror_may_be_the_data_sets_own_folder(shelf: Shelf, tmp_path: Path, patience: Patience) -> None:
    assert _is_complete(download("mitdb", tmp_path, mirror=shelf.address + BASE, patience=patience))


@pytest.mark.parametrize("below", ["", "mitdb/1.0.0"])
def test_mirror_may_be_a_local_folder(shelf: Shelf, tmp_path: Path, patience: Patience, below: str) -> None:
    for name, content in shelf.files.items():
        path = tmp_path / "mirror" / below / name[len(BASE) :]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    assert _is_complete(download("mitdb", tmp_path / "to", mirror=tmp_path / "mirror", patience=patience))
    (tmp_path / "mirror" / below / "RECORDS").unlink()
    with pytest.raises(DatasetError, match="RECORDS: expected a file, found none"):
        download("mitdb", tmp_path / "again", mirror=str(tmp_path / "mirror"), patience=patience)


def test_a_mirror_without_a_list_of_checksums(shelf: Shelf, tmp_path: Path, patience: Patience) -> None:
    with pytest.raises(DatasetError, match=r"expected SHA256SUMS.txt at .*ptb-xl/1.0.3 or .*, found none"):
        download("ptbxl", tmp_path, mirror=tmp_path, patience=patience)
    with pytest.raises(DatasetError, match=r"expected SHA256SUMS.txt at http://.*ptb-xl/1.0.3/ or http://"):
        download("ptbxl", tmp_path, mirror=shelf.address, patience=patience)


def test_fetches_only_what_begins_as_asked(shelf: Shelf, tmp_path: Path, patience: Patience) -> None:
    folder = download("mitdb", tmp_path, mirror=shelf.address, only=["sub folder/", "REC"], patience=patience)
    assert {p.name for p in folder.rglob("*") if p.is_file()} == {"SHA256SUMS.txt", "101.dat", "RECORDS"}
    with pytest.raises(DatasetError, match="expected files beginning with 999, found none"):
        download("mitdb", tmp_path, mirror=shelf.address, only=["999"], patience=patience)


def test_the_challenge_comes_without_its_other_folders(
    shelf: Shelf, tmp_path: Path, patience: Patience
) -> None:
    base = "/challenge-2017/1.0.0/"
    names = ("training/A00/A00001.hea", "training2017/A00001.hea", "REFERENCE-v3.csv", "sources/x.zip")
    shelf.files |= {base + name: b"x" for name in names}
    shelf.list_checksums(base)
    folder = download("cinc2017", tmp_path, mirror=shelf.address, patience=patience)
    assert not (folder / "sources").exists()
    assert all((folder / name).is_file() for name in names[:3])


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{digest} ../outside", "line 5: expected a path inside the data set, found '../outside'"),
        ("{digest} a/../../outside", "expected a path inside the data set"),
        ("{digest} /outside", "expected a path inside the data set"),
        ("{digest} a\\..\\..\\outside", "expected a path inside the data set"),
        ("{digest} C:outside", "expected a path inside the data set"),
        ("{digest}", "line 5: expected a SHA-256 and a path"),
        ("abc outside", "line 5: expected a SHA-256 and a path, found 'abc outside'"),
        ("{digest} RECORDS", "line 5: expected one SHA-256 a file, found another for RECORDS"),
    ],
)
def test_refuses_a_faulty_list(
    shelf: Shelf, tmp_path: Path, patience: Patience, line: str, message: str
) -> None:
    shelf.files[BASE + "SHA256SUMS.txt"] += line.format(digest="0" * 64).encode() + b"\n"
    with pytest.raises(DatasetError, match=re.escape(message)):
        download("mitdb", tmp_path / "in", mirror=shelf.address, patience=patience)
    assert [path for path, _ in shelf.asked] == [BASE + "SHA256SUMS.txt"]
    assert not (tmp_path / "outside").exists()


def test_reads_lists_as_the_usual_tools_write_them(shelf: Shelf, tmp_path: Path, patience: Patience) -> None:
    text = shelf.files[BASE + "SHA256SUMS.txt"].decode()
    rewritten = re.sub(r"(?m)^(\S+) ", lambda match: match[1].upper() + " *./", text)
    shelf.files[BASE + "SHA256SUMS.txt"] = rewritten.replace("\n", "\r\n").encode() + b"\n"
    assert _is_complete(download("mitdb", tmp_path, mirror=shelf.address, patience=patience))


def test_tells_how_far_it_is(shelf: Shelf, tmp_path: Path, patience: Patience) -> None:
    calls: list[tuple[int, int, int]] = []
    shelf.faults[BASE + "100.dat"] = [("drop", 1000)]
    download(
        "mitdb", tmp_path, mirror=shelf.address, patience=patience, progress=lambda *call: calls.append(call)
    )
    assert calls[-1] == (4, calls[-1][1], 4)
    assert calls == sorted(calls)
    list_size = len(shelf.files[BASE + "SHA256SUMS.txt"])
    assert calls[-1][1] == list_size + sum(len(content) for content in FILES.values())


def test_a_place_that_cannot_be_written(shelf: Shelf, tmp_path: Path, patience: Patience) -> None:
    (tmp_path / "mitdb").write_text("a file where a folder must be")
    with pytest.raises(DatasetError, match="expected to write to it, found"):
        download("mitdb", tmp_path, mirror=shelf.address, patience=patience)
    (tmp_path / "to/mitdb/1.0.0/100.dat.partial").mkdir(parents=True)
    with pytest.raises(DatasetError, match=r"100.dat: expected to write it, found"):
        download("mitdb", tmp_path / "to", mirror=shelf.address, patience=patience)


def test_refuses_an_unknown_data_set(tmp_path: Path) -> None:
    with pytest.raises(
        SettingsError, match="expected a data set among cinc2017, mitdb, ptbdb, ptbxl, cinc2020"
    ):
        download("mitbd", tmp_path)
    assert all(re.fullmatch(r"[a-z0-9-]+/\d+\.\d+\.\d+", source.path) for source in SOURCES.values())
