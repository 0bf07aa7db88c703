"""What an ensemble says together."""

import numpy as np
import pytest

from einthoven.decisions import average, majority_vote
from einthoven.errors import SettingsError


def test_average() -> None:
    np.testing.assert_allclose(average([[[0.2, 0.8]], [[0.6, 0.4]]]), [[0.4, 0.6]])


def test_majority_beats_the_mean() -> None:
    probs = [[[0.95, 0.05]], [[0.45, 0.55]], [[0.45, 0.55]]]
    assert average(probs).argmax(axis=-1).tolist() == [0]
    assert majority_vote(probs).tolist() == [1]


def test_a_tie_goes_to_the_tied_class_of_highest_mean() -> None:
    # Two votes for class 0, two for class 1, one for class 2, which has the highest mean of all.
    members = [[0.5, 0.01, 0.49], [0.5, 0.01, 0.49], [0.02, 0.5, 0.48], [0.02, 0.52, 0.46], [0.0, 0.1, 0.9]]
    probs = np.array(members)[:, None, :]
    mean = probs.mean(axis=0)[0]
    assert mean.argmax() == 2
    assert mean[1] > mean[0]
    assert majority_vote(probs).tolist() == [1]


def test_votes_are_by_record() -> None:
    probs = np.zeros((3, 2, 3))
    probs[:, 0, 2] = 1
    probs[:, 1, 0] = 1
    assert majority_vote(probs).tolist() == [2, 0]
    assert majority_vote(probs[:1]).tolist() == [2, 0]


@pytest.mark.parametrize("shape", [(2, 3), (0, 2, 3), (2, 3, 0)])
def test_refuses_other_shapes_of_an_ensemble(shape: tuple[int, ...]) -> None:
    for decide in (average, majority_vote):
        with pytest.raises(SettingsError, match="n_members, n_records, n_classes"):
            decide(np.zeros(shape))  # type: ignore[operator]
