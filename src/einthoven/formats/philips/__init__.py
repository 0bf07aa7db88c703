"""Philips resting ECGs: Sierra ECG XML (`restingecgdata`), document versions 1.03, 1.04 and 1.04.01.

Sources: the schemas SierraECGSchema 1.03 (2003) and 1.04.01 (2008); for XLI, which Philips does not publish,
https://github.com/sixlettervariables/sierra-ecg-tools/wiki.
"""

from einthoven.formats.philips.reading import looks_like_philips, read_philips

__all__ = ["looks_like_philips", "read_philips"]
