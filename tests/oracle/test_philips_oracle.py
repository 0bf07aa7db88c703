"""Our reading of Philips documents against the package `sierraecg`, step by step.

The package rounds halves down where it restores aVR, aVL and aVF; the tools in C# and Java, which the same
author wrote before it, round them towards zero, as we do. So there the package is one step off wherever a sum
is odd and below zero; everything else is the same.
"""

import os
from pathlib import Path

import numpy as np
import pytest
import sierraecg
from philips_document import base64_words, compressed, document_1_03, document_1_04, ecg

from einthoven.formats.given import Given
from einthoven.formats.philips import read_philips
from einthoven.formats.philips.waveforms import read_waveforms
from einthoven.formats.xml import parse_xml
from einthoven.record import TWELVE_LEADS

X = Given(where="x.xml")
REPBEATS = (
    '<repbeats dataencoding="Base64" samplespersec="500" resolution="2.5">'
    f'<repbeat leadname="II"><waveform duration="6">{base64_words([5, -7, 9])}</waveform></repbeat>'
    "</repbeats>"
)


def steps_of_both(data: bytes, folder: Path) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    path = folder / "x.xml"
    path.write_bytes(data)
    theirs = {lead.label: lead.samples.astype(int) for lead in sierraecg.read_file(str(path)).leads}
    root = parse_xml(data, "x.xml", X.limits)
    element = root.find("waveforms/parsedwaveforms")
    assert element is not None
    waveforms = read_waveforms(root, element, X)
    return dict(zip(waveforms.labels, waveforms.digital, strict=True)), theirs


def assert_same_but_for_halves(ours: dict[str, np.ndarray], theirs: dict[str, np.ndarray]) -> None:
    assert list(ours) == list(TWELVE_LEADS)
    for name in ("I", "II", "III", "V1", "V2", "V3", "V4", "V5", "V6"):
        np.testing.assert_array_equal(ours[name], theirs[name])
    i, ii, iii = ours["I"], ours["II"], ours["III"]
    for name, total, sign in (("aVR", i + ii, -1), ("aVL", i - iii, 1), ("aVF", ii + iii, 1)):
        is_half_below_zero = (total % 2 == 1) & (total < 0)
        np.testing.assert_array_equal(ours[name] - theirs[name], sign * is_half_below_zero)


@pytest.mark.parametrize("seed", range(5))
def test_version_1_04(tmp_path: Path, seed: int) -> None:
    ours, theirs = steps_of_both(document_1_04(compressed(ecg(seed=seed))), tmp_path)
    assert_same_but_for_halves(ours, theirs)
    assert not np.array_equal(ours["aVR"], theirs["aVR"])


def test_version_1_03(tmp_path: Path) -> None:
    ours, theirs = steps_of_both(document_1_03(compressed(ecg(seed=9))), tmp_path)
    assert_same_but_for_halves(ours, theirs)


def test_representative_beats(tmp_path: Path) -> None:
    path = tmp_path / "x.xml"
    path.write_bytes(document_1_04(compressed(ecg()), waveforms=REPBEATS))
    theirs = sierraecg.read_file(str(path), include_repbeats=True).repbeats["II"]
    ours = read_philips(path.read_bytes(), X).representative_beat
    assert ours is not None
    np.testing.assert_array_equal(
        ours.signal[0], (theirs.samples * theirs.resolution / 1000).astype(np.float32)
    )
    assert ours.fs == theirs.sampling_freq


@pytest.mark.realdata
def test_a_real_document(tmp_path: Path) -> None:
    folder = os.environ.get("EINTHOVEN_FORMATS")
    if not folder:
        pytest.skip("EINTHOVEN_FORMATS is not set: no real document to read")
    data = (Path(folder) / "philips_sierra_1_04.xml").read_bytes()
    ours, theirs = steps_of_both(data, tmp_path)
    assert_same_but_for_halves(ours, theirs)
    # Only halves that are rounded towards zero leave as much above as below what leads I and II give.
    ecg_only = slice(0, 5300)
    for digital, symmetric in ((ours, True), (theirs, False)):
        off = 2 * digital["aVR"][ecg_only] + digital["I"][ecg_only] + digital["II"][ecg_only]
        assert bool(off.max() == -off.min() == 2) == symmetric
