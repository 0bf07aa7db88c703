"""Whether an explanation can be believed: what is marked has to matter more than what is drawn at random.

Source: the idea of deleting what is marked and watching the score: Samek et al. 2017 (IEEE TNNLS 28(11),
doi:10.1109/TNNLS.2016.2599820).
Differences: one share is removed instead of all, piece by piece; what is removed does not become noise but
what the explanation says; random pieces have the lengths of the marked ones.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from einthoven.errors import SettingsError
from einthoven.explanation import MARKED_SHARE, Explanation, Faithfulness, log_odds
from einthoven.inference.occlusion import Removal, Run, Score, batch_of

N_RANDOM = 20


def measure_faithfulness(
    score: Score,
    explanation: Explanation,
    share: float = MARKED_SHARE,
    n_random: int = N_RANDOM,
    seed: int = 0,
) -> Faithfulness | None:
    """Compare the removal of the marked pieces with that of as many random ones.

    The random pieces have the same lengths, lie in the same part, and become the same; only their places are
    drawn anew.

    Parameters
    ----------
    score : who was explained
    explanation : what it said
    share : of the explained samples that is removed, at most; above 0, at most 0.5
    n_random : number of random removals, at least 1
    seed : of their places

    Returns
    -------
    Faithfulness, or None if nothing is marked since nothing speaks for the label.

    Raises
    ------
    SettingsError
        If share or n_random is out of range.
    """
    if n_random < 1:
        raise SettingsError(f"expected at least one random removal, found {n_random}")
    runs = explanation.runs(share)
    if not runs:
        return None
    signal, part, rng = explanation.signal, explanation.part, np.random.default_rng(seed)
    removal = Removal(signal, explanation.background)
    lengths = [end - first for first, end in runs]
    # The probabilities that an explanation states are rounded: the whole signal is asked about once more.
    places = [[], runs, *(scattered(lengths, part.start, part.stop, rng) for _ in range(n_random))]
    batch = batch_of(signal)
    portions = (places[start : start + batch] for start in range(0, len(places), batch))
    asked = [score([removal.without(place) for place in portion]) for portion in portions]
    probs = np.concatenate(asked)[:, explanation.column]
    whole, left, *others = log_odds(probs).tolist()
    return Faithfulness(
        share=sum(lengths) / len(explanation.attribution),
        n_pieces=len(runs),
        drop=whole - left,
        prob_after=float(probs[1]),
        random_drops=tuple(whole - other for other in others),
    )


def scattered(lengths: Sequence[int], first: int, end: int, rng: np.random.Generator) -> list[Run]:
    """Place pieces of these lengths at random from `first` to `end`, none touching another.

    Raises SettingsError if they do not fit.
    """
    drawn = rng.permutation(np.asarray(lengths))
    free = end - first - int(drawn.sum()) - (len(drawn) - 1)
    if free < 0:
        raise SettingsError(f"expected pieces that fit in {end - first} samples, found {list(lengths)}")
    gaps = np.sort(rng.integers(0, free + 1, len(drawn)))
    starts = first + gaps + np.concatenate([[0], np.cumsum(drawn + 1)[:-1]])
    return [(int(start), int(start + length)) for start, length in zip(starts, drawn, strict=True)]
