import io
from pathlib import Path

import numpy as np
import pytest
import scipy.io

from einthoven.errors import FormatError
from einthoven.formats.sniff import HEAD_BYTES, content_of, header_of

HEADER = "x 1 360 2\nx.dat 16 200\n"


def saved(function: object, *args: object, **kwargs: object) -> bytes:
    stream = io.BytesIO()
    function(stream, *args, **kwargs)  # type: ignore[operator]
    return stream.getvalue()


@pytest.mark.parametrize(
    ("head", "content"),
    [
        (saved(np.save, np.zeros(3)), "npy"),
        (saved(np.savez, a=np.zeros(3)), "npz"),
        (saved(np.savez), "npz"),
        (saved(scipy.io.savemat, {"val": np.zeros(3)}), "mat"),
        (saved(scipy.io.savemat, {"val": np.zeros(3)}, format="4"), "mat"),
        (saved(scipy.io.savemat, {"val": np.zeros(3, np.int16)}, format="4"), "mat"),
        (b"MATLAB 7.3 MAT-file, Platform", "mat"),
        (HEADER.encode(), "wfdb"),
        (b"0.1,0.2\n0.3,0.4\n", "csv"),
        (b"time,II\n0,1\n", "csv"),
        (b"", None),
        (b"\0" * 600, None),
        (b"0       X X X X".ljust(88) + b"Startdate 01-JAN-2020 X X X".ljust(80), None),
        (b"<?xml version='1.0'?><AnnotatedECG/>", "aecg"),
        (b"<?xml version='1.0'?><note/>", None),
        (b"record,label\n100,N\n", None),
        (b"\x89PNG\r\n\x1a\n", None),
        (b"%PDF-1.7", None),
    ],
)
def test_content(head: bytes, content: str | None) -> None:
    assert content_of(head) == content


@pytest.mark.parametrize("line", ["0.125,0.25\n", "0.125,"])
def test_a_cell_that_the_look_cuts_is_not_judged(line: str) -> None:
    head = (line * HEAD_BYTES).encode()[: HEAD_BYTES - 2] + b"1e"
    assert content_of(head) == "csv"


def wfdb(folder: Path, name: str, text: str | None = None) -> None:
    (folder / f"{name}.hea").write_text(text or f"{name} 1 360 2\n{name}.dat 16 200\n")
    (folder / f"{name}.dat").write_bytes(bytes(4))


def test_header_of(tmp_path: Path) -> None:
    wfdb(tmp_path, "x")
    (tmp_path / "x.atr").touch()
    (tmp_path / "x.npy").touch()
    wfdb(tmp_path, "E1.b")
    header = tmp_path / "x.hea"
    assert [header_of(tmp_path / name) for name in ("x.hea", "x", "x.dat", "x.atr")] == [header] * 4
    assert header_of(tmp_path / "E1.b") == header_of(tmp_path / "E1.b.dat") == tmp_path / "E1.b.hea"
    assert header_of(tmp_path / "x.npy") is None
    assert header_of(tmp_path / "y") is None
    assert header_of(tmp_path) is None
    assert header_of(Path("/")) is None


def test_a_damaged_header_beside_a_file_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    wfdb(tmp_path, "x", "nonsense\n")
    (tmp_path / "x.csv").write_text("1\n2\n")
    for name in ("x.csv", "x.dat"):
        said = f"{name}: expected a readable WFDB header beside it: .*x.hea: expected a WFDB record line"
        with pytest.raises(FormatError, match=said):
            header_of(tmp_path / name)
    # Annotations are the record's, whatever its header says.
    (tmp_path / "x.atr").touch()
    assert header_of(tmp_path / "x.atr") == tmp_path / "x.hea"
