"""Fixtures that all tests share."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of real recordings, in PhysioNet's layout."""
    folder = os.environ.get("EINTHOVEN_DATA")
    if not folder:
        pytest.skip("EINTHOVEN_DATA is not set: no real recordings to read")
    return Path(folder)
