"""The outline of a bundle is what the whole bundle says."""

import io
import zipfile
from collections.abc import Callable

import pytest
from several_labels import twelve_lead_bundle

from einthoven.bundle import Bundle, encode_bundle
from einthoven.bundle.outline import Outline, read_outline
from einthoven.errors import BundleError


@pytest.fixture(params=["one lead", "twelve leads", "beats"])
def bundle(request: pytest.FixtureRequest, tiny_bundle: Bundle, tiny_beats: Bundle) -> Bundle:
    """A bundle of each kind."""
    made = {"one lead": tiny_bundle, "twelve leads": twelve_lead_bundle(), "beats": tiny_beats}
    return made[request.param]


def test_it_is_the_same_before_and_after_the_networks_are_read(bundle: Bundle) -> None:
    outline = read_outline(io.BytesIO(encode_bundle(bundle)), "x")
    assert outline == Outline.of(bundle)
    assert outline.name == bundle.name
    assert outline.is_of_beats == (bundle.cut is not None)
    assert outline.is_multi_label != bundle.single_label


def test_the_networks_are_not_read(tiny_bundle: Bundle) -> None:
    content = encode_bundle(tiny_bundle)
    read: list[int] = []

    class Counting(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            found = super().read(size)
            read.append(len(found))
            return found

    read_outline(Counting(content), "x")
    assert len(tiny_bundle.golden.signal.tobytes()) > 1000
    assert sum(read) < len(content) - 1000


def _zip(manifest: bytes | None) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as members:
        members.writestr("manifest.json" if manifest is not None else "other", manifest or b"")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (lambda: b"nothing", "zoo: File is not a zip file"),
        (lambda: _zip(None), "zoo: manifest.json is missing"),
        (lambda: _zip(b"{"), "zoo: manifest.json is not JSON"),
        (lambda: _zip(b'{"name": 3}'), "zoo: manifest.json: name: expected str, found 3"),
        (lambda: _zip(b'{"name": "n", "labels": [], "input": {}}'), "zoo: manifest.json: fs is missing"),
    ],
)
def test_what_is_no_bundle_is_refused(content: Callable[[], bytes], said: str) -> None:
    with pytest.raises(BundleError, match=f"^{said}"):
        read_outline(io.BytesIO(content()), "zoo")
