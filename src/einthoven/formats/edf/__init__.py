"""EDF, EDF+ and BDF, BDF+: sampled signals of polysomnographs, Holters and wearables.

Sources: B. Kemp et al., 1992, Electroencephalography and Clinical Neurophysiology 82, 391 (EDF),
https://www.edfplus.info/specs/edf.html; B. Kemp and J. Olivan, 2003, Clinical Neurophysiology 114, 1755
(EDF+), https://www.edfplus.info/specs/edfplus.html; standard texts,
https://www.edfplus.info/specs/edftexts.html; BDF, https://www.biosemi.com/faq/file_format.htm.
"""

from einthoven.formats.edf.header import looks_like_edf
from einthoven.formats.edf.reading import read_edf
from einthoven.formats.edf.writing import encode_edf

__all__ = ["encode_edf", "looks_like_edf", "read_edf"]
