"""Code systems and codes that HL7 aECG uses, for reading and for writing."""

from types import MappingProxyType

MDC = "2.16.840.1.113883.6.24"
ACT_CODE = "2.16.840.1.113883.5.4"
LOINC = "2.16.840.1.113883.6.1"
CPT_4 = "2.16.840.1.113883.6.12"
GENDER = "2.16.840.1.113883.5.1"
RACE = "2.16.840.1.113883.5.104"
EINTHOVEN = "54586341-9c34-54bc-88b1-4738dabe9f65"
"""Of this package's own: facts that the standard has no code for, and numbers of unknown issuers."""
WFDB = "225b48c8-eefb-546a-b39b-8c6633bf281f"
"""Of this package's own: mnemonics of WFDB for marks that are no beats of the nomenclature."""

RHYTHM = "RHYTHM"
REPRESENTATIVE_BEAT = "REPRESENTATIVE_BEAT"
TIME_ABSOLUTE = "TIME_ABSOLUTE"
TIME_RELATIVE = "TIME_RELATIVE"
BEAT = "MDC_ECG_BEAT"
NOTE = "NOTE"
"""In the system `WFDB`: what a mark has been noted with."""

INTERPRETATION = "MDC_ECG_INTERPRETATION"
STATEMENT = "MDC_ECG_INTERPRETATION_STATEMENT"
SUMMARY = "MDC_ECG_INTERPRETATION_SUMMARY"
COMMENT = "MDC_ECG_INTERPRETATION_COMMENT"

SEXES = MappingProxyType({"M": "male", "F": "female"})
RACES = MappingProxyType(
    {
        "1002-5": "American Indian or Alaska Native",
        "2028-9": "Asian",
        "2054-5": "Black or African American",
        "2076-8": "Native Hawaiian or Other Pacific Islander",
        "2106-3": "White",
        "2131-1": "Other Race",
    }
)
"""HL7 Race, 2.16.840.1.113883.5.104."""

AGE = "21612-7"
QUANTITIES = MappingProxyType(
    {AGE: ("age", "a"), "8302-2": ("height_cm", "cm"), "29463-7": ("weight_kg", "kg")}
)
"""LOINC codes of observations of the subject, and in which unit `Record.patient` holds them."""
TEXTS = MappingProxyType({"10160-0": "medication", "11348-0": "history"})
"""LOINC codes of what is told in words."""
FILTERS = MappingProxyType(
    {
        "HIGH_PASS": ("high_pass_hz", "CUTOFF_FREQ"),
        "LOW_PASS": ("low_pass_hz", "CUTOFF_FREQ"),
        "NOTCH": ("notch_hz", "NOTCH_FREQ"),
    }
)
"""What follows `MDC_ECG_CTL_VBL_ATTR_FILTER_`: of the filter, and of its frequency."""
FILTER_PREFIX = "MDC_ECG_CTL_VBL_ATTR_FILTER_"
