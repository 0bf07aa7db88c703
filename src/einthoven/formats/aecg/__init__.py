"""HL7 aECG, the annotated electrocardiogram of clinical trials, in XML.

Sources: ANSI/HL7 V3 ECG, R1-2004 (R2009), message PORT_MT020001, with the data types of HL7 Version 3, R1;
HL7 aECG Implementation Guide, final of 21 March 2005.
"""

from einthoven.formats.aecg.reading import looks_like_aecg, read_aecg
from einthoven.formats.aecg.writing import encode_aecg

__all__ = ["encode_aecg", "looks_like_aecg", "read_aecg"]
