"""What the fuzzer begins with: a seed that is not read leads it nowhere."""

from pathlib import Path

import pytest
from fuzz.seeds import SEEDS, write_seeds, write_tokens
from fuzz.targets import READS, TARGETS

MOST_BYTES = 10_000


def test_each_target_has_seeds() -> None:
    assert SEEDS.keys() == TARGETS.keys()
    assert all(len(make()) >= 5 for make in SEEDS.values())


@pytest.mark.parametrize("name", SEEDS)
def test_every_seed_is_read_and_small(name: str) -> None:
    for kind, data in SEEDS[name]().items():
        READS[name](data)
        TARGETS[name](data)
        assert len(data) < MOST_BYTES, kind


def test_seeds_are_the_same_every_time() -> None:
    for name in ("csv", "gzip", "npy", "scp", "wfdb"):
        assert SEEDS[name]() == SEEDS[name]()


def test_seeds_and_their_words_are_written(tmp_path: Path) -> None:
    folder = write_seeds("muse", tmp_path / "seeds")
    assert {path.name for path in folder.iterdir()} == SEEDS["muse"]().keys()
    tokens = write_tokens("muse", tmp_path / "tokens" / "muse.txt").read_text().splitlines()
    assert '"QRSTimesTypes"' in tokens
    assert all(token.startswith('"') and token.endswith('"') for token in tokens)
