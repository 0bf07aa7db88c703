"""Files of several multiplex groups."""

from dataclasses import replace

import numpy as np
import pytest
from dicom_files import channel, ecg, group
from pydicom.dataset import Dataset

from einthoven.errors import FormatError, RecordError
from einthoven.formats.dicom import read_dicom
from einthoven.formats.given import Given
from einthoven.formats.limits import LIMITS
from einthoven.record import Record

GIVEN = Given(where="x.dcm", name="x")


def leads(n: int, *names: str, **changes: object) -> Dataset:
    """A group whose samples are mV: 1, 2, ... in the first lead, 101, 102, ... in the second."""
    samples = [[100 * i + k for k in range(1, n + 1)] for i in range(len(names))]
    return group(samples, [channel(name, ChannelSensitivity="1000") for name in names], **changes)


def beat(n: int = 2, **changes: object) -> Dataset:
    return leads(
        n, "II", **({"WaveformOriginality": "DERIVED", "MultiplexGroupLabel": "MEDIAN BEAT"} | changes)
    )


def read(*groups: Dataset, given: Given = GIVEN) -> Record:
    return read_dicom(ecg(*groups), given)


def test_a_median_beat() -> None:
    found = read(leads(8, "I", "II"), beat(SamplingFrequency="1000"))
    assert (found.n_samples, found.leads, found.warnings) == (8, ("I", "II"), ())
    assert found.representative_beat is not None
    assert found.representative_beat.signal.tolist() == [[1, 2]]
    assert (found.representative_beat.fs, found.representative_beat.name) == (1000.0, "x")


@pytest.mark.parametrize(
    "changes",
    [
        {"MultiplexGroupLabel": None},
        {"MultiplexGroupLabel": "", "WaveformOriginality": "DERIVED"},
        {"MultiplexGroupLabel": "Average Complex", "WaveformOriginality": "ORIGINAL"},
    ],
)
def test_a_beat_is_told_by_its_label_or_as_short_and_derived(changes: dict[str, object]) -> None:
    found = read(leads(8, "I", "II"), beat(**changes))
    assert found.representative_beat is not None
    assert found.n_samples == 8


def test_a_beat_may_come_first_and_further_ones_are_named() -> None:
    found = read(beat(), leads(8, "I", "II"), beat(3))
    assert found.n_samples == 8
    assert found.representative_beat is not None
    assert found.representative_beat.n_samples == 2
    assert found.warnings == ("not read: group 3 (MEDIAN BEAT) of 0.006 s",)


def test_a_beat_longer_than_the_recording_is_a_beat_if_it_is_called_so() -> None:
    found = read(leads(3, "I"), beat(9))
    assert found.n_samples == 3
    assert found.representative_beat is not None
    assert read(beat(9)).n_samples == 9


def test_without_an_original_the_longest_is_the_recording() -> None:
    found = read(leads(8, "I", WaveformOriginality="DERIVED"), leads(5, "II", WaveformOriginality="DERIVED"))
    assert (found.leads, found.n_samples) == (("I",), 8)
    assert found.warnings == (
        "not read: group 2 of 0.01 s",
        "group 1 was computed by the device from other waveforms",
    )


def test_four_by_three_and_a_rhythm_strip() -> None:
    """PS3.3, figure A.34.3-1: three leads at a time, and one lead throughout."""
    groups = [
        leads(4, "I", "II", MultiplexGroupTimeOffset="0"),
        leads(4, "III", "aVR", MultiplexGroupTimeOffset="8"),
        leads(8, "II", MultiplexGroupTimeOffset="0", MultiplexGroupLabel="RHYTHM"),
    ]
    found = read(*groups)
    x = np.nan
    expected = [
        [1, 2, 3, 4, x, x, x, x],
        [1, 2, 3, 4, 5, 6, 7, 8],
        [x, x, x, x, 1, 2, 3, 4],
        [x, x, x, x, 101, 102, 103, 104],
    ]
    np.testing.assert_array_equal(found.signal, np.array(expected, np.float32))
    assert found.leads == ("I", "II", "III", "aVR")
    assert found.warnings == ("not read: II of group 1, as another group has them too",)


def test_pieces_of_one_lead_with_a_gap() -> None:
    found = read(
        leads(2, "II", MultiplexGroupTimeOffset="1000"), leads(3, "II", MultiplexGroupTimeOffset="1010")
    )
    np.testing.assert_array_equal(
        found.signal, np.array([[1, 2, np.nan, np.nan, np.nan, 1, 2, 3]], np.float32)
    )
    assert found.warnings == ()


def test_groups_without_a_time_begin_together() -> None:
    found = read(leads(3, "I", MultiplexGroupTimeOffset=None), leads(3, "V1", MultiplexGroupTimeOffset=None))
    assert found.signal.tolist() == [[1, 2, 3], [1, 2, 3]]
    assert found.warnings == ("group 1, group 2: no time offset stated, taken to begin with the recording",)


def test_the_same_leads_again_are_not_read() -> None:
    found = read(leads(3, "I", "II"), leads(3, "I", "II"))
    assert found.signal.tolist() == [[1, 2, 3], [101, 102, 103]]
    assert found.warnings == ("not read: I, II of group 2, as another group has them too",)


def test_a_group_that_has_a_lead_twice() -> None:
    found = read(leads(3, "II", "II"), leads(3, "I"))
    assert found.leads == ("II", "II", "I")


def test_a_slower_group_is_repeated() -> None:
    found = read(leads(4, "I"), leads(2, "V1", SamplingFrequency="250"))
    assert found.signal.tolist() == [[1, 2, 3, 4], [1, 1, 2, 2]]
    assert found.warnings == ("group 2: samples repeated to the highest rate of the recording",)
    alone = read(leads(4, "I", SamplingFrequency="250"), leads(4, "V1"))
    assert (alone.fs, alone.n_samples) == (500.0, 8)


def test_a_rate_that_does_not_fit_is_not_read() -> None:
    found = read(leads(4, "I"), leads(2, "V1", SamplingFrequency="360"))
    assert found.leads == ("I",)
    assert found.warnings == ("not read: group 2, as its 360 Hz do not fit the 500 Hz of the others",)


def test_derived_leads_of_full_length_are_joined_and_said() -> None:
    found = read(leads(4, "I"), leads(4, "III", WaveformOriginality="DERIVED"))
    assert found.leads == ("I", "III")
    assert found.warnings == ("group 2 was computed by the device from other waveforms",)


def test_gaps_and_times_are_bounded() -> None:
    far = leads(2, "II", MultiplexGroupTimeOffset="20")
    few = replace(GIVEN, limits=replace(LIMITS, gap_samples=19))
    with pytest.raises(
        FormatError, match=r"^x\.dcm: expected at most 19 gap samples \(the limit gap_samples\), found 20"
    ):
        read(leads(2, "I"), far, given=few)
    assert (
        read(leads(2, "I"), far, given=replace(GIVEN, limits=replace(LIMITS, gap_samples=20))).n_samples == 12
    )
    for offset in ("1e300", "1e15"):
        with pytest.raises(
            FormatError, match=r"expected at most 2147483648 samples \(the limit samples\), found"
        ):
            read(leads(2, "I"), leads(2, "II", MultiplexGroupTimeOffset=offset))


def test_no_samples_and_no_groups() -> None:
    with pytest.raises(FormatError, match="expected a channel of an ECG lead, found none with samples"):
        read(leads(0, "II"))
    with pytest.raises(
        FormatError, match=r"expected waveforms in WaveformSequence \(5400,0100\), found none"
    ):
        read_dicom(ecg(WaveformSequence=[]), GIVEN)


def test_another_rate_than_the_one_given() -> None:
    with pytest.raises(RecordError, match="expected fs=250 Hz as given, found 500 Hz in the file"):
        read(leads(2, "I"), given=replace(GIVEN, fs=250.0))


def test_leads_are_selected() -> None:
    found = read(leads(2, "I", "II"), given=replace(GIVEN, leads=("ii",)))
    assert (found.leads, found.signal.tolist()) == (("II",), [[101, 102]])
    with pytest.raises(RecordError, match="expected lead V6, found I, II"):
        read(leads(2, "I", "II"), given=replace(GIVEN, leads=("V6",)))
