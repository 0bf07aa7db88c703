"""GE MUSE resting ECGs in XML (`RestingECG`).

Sources: the names of the elements, which GE's document type `restecg.dtd` declares, and GE's MUSE XML
Developer's Guide as far as it is public. What neither says was found in recordings, and is noted where it is
used.
"""

from einthoven.formats.muse.reading import looks_like_muse, read_muse

__all__ = ["looks_like_muse", "read_muse"]
