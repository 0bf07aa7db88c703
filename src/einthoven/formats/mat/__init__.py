"""MATLAB files, versions 4 to 7.2."""

from einthoven.formats.mat.reading import read_mat

__all__ = ["read_mat"]
