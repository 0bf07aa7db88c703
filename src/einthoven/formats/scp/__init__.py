"""SCP-ECG: the standard communication protocol for computer-assisted electrocardiography.

Source: EN 1064:2005+A1:2007, the same as ISO 11073-91064:2009; its revision EN 1064:2020 (ISO 41064:2023)
where it keeps sections 1 to 8. One module a section, named after the standard's own nouns.
"""

from einthoven.formats.scp.read import read_scp
from einthoven.formats.scp.sections import looks_like_scp

__all__ = ["looks_like_scp", "read_scp"]
