"""A recording without anything that tells whose it is.

What is removed follows the Basic Application Level Confidentiality Profile of DICOM PS3.15, annex E, with the
option Retain Patient Characteristics (sex, age, ethnic group, height and weight stay) and Clean Descriptors
in its simplest form: free text goes, as nobody can vouch for it. An age over 89 becomes 90, as 45 CFR
164.514(b) asks. What stays is listed here, facts and their values; whatever is not listed goes, so that
nothing that nobody thought of can slip through.

Rhythms: https://physionet.org/physiotools/wag/annot-5.htm, and those of the MIT-BIH and VFDB databases.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import count
from types import MappingProxyType

from einthoven.record import TWELVE_LEADS, Annotation, Record, lead_name

KEPT_OF_PATIENT = frozenset({"age", "sex", "race", "height_cm", "weight_kg"})
"""Facts of `Record.patient` that stay."""
KEPT_OF_RECORDING = frozenset(
    {"manufacturer", "device", "software", "high_pass_hz", "low_pass_hz", "notch_hz", "pacemaker"}
)
"""Facts of `Record.recording` that stay."""
OLDEST = 90
"""The age in years that stands for every one above 89."""
METHOD = "einthoven: closed lists of facts and values, age at most 90"
"""What `Record.recording` of an anonymous record states as `deidentified`."""

_NUMBERS = frozenset({"height_cm", "weight_kg", "high_pass_hz", "low_pass_hz", "notch_hz"})
_WORDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "sex": frozenset({"male", "female", "other"}),
        "race": frozenset(
            {
                *("american indian", "american indian or alaska native", "alaska native", "native american"),
                *("asian", "oriental", "indian", "middle eastern", "black", "african american"),
                *("black or african american", "native hawaiian or other pacific islander"),
                *("pacific islander", "hispanic", "latino", "hispanic or latino", "not hispanic or latino"),
                *("white", "caucasian", "mixed", "other", "other race", "unknown", "undefined"),
            }
        ),
        "pacemaker": frozenset(
            {
                *("yes", "no", "true", "false", "present", "absent", "none", "not present", "unknown"),
                *("paced", "not paced", "implanted", "not implanted", "of unknown type"),
                *("single chamber, unipolar", "dual chamber, unipolar"),
                *("single chamber, bipolar", "dual chamber, bipolar"),
            }
        ),
    }
)
"""The values that stay, of facts that have few; capital letters or small ones."""
_PRODUCT = re.compile(r"[\w./ -]{1,40}")
_SERIAL = re.compile(r"\d{5}|\b(?:sn|s/n|serial|dr|owner|patient|ward)\b", re.IGNORECASE)
_IDENTIFYING = (
    *("name", "id", "birth_date", "physician", "operator", "institution", "department"),
    *("device_serial", "study_id"),
)
"""Facts whose words must not be in the name of a product."""
_COMMON = frozenset(
    {"medical", "health", "healthcare", "hospital", "general", "systems", "center", "centre", "ecg", "ekg"}
)
"""Words of institutions and names of files that makers have in their names too."""
_RHYTHMS = frozenset(
    {
        *(
            "(AB",
            "(AFIB",
            "(AFL",
            "(ASYS",
            "(B",
            "(BI",
            "(BII",
            "(BIII",
            "(HGEA",
            "(IVR",
            "(J",
            "(MISSB",
            "(N",
        ),
        *("(NOD", "(NODAL", "(NOISE", "(NSR", "(P", "(PM", "(PREX", "(PSE", "(SAB", "(SBR", "(SINUS", "(ST"),
        *("(SVT", "(SVTA", "(T", "(VER", "(VF", "(VFIB", "(VFL", "(VT"),
    }
)
"""Notes of WFDB annotations that name a rhythm; all others are free text."""
_LEAD = re.compile(
    r"d?(?:I{1,3}|aV[RLF]|V(?:\d|1\d)R?|[XYZ]|V[XYZ]|LA|RA|LL|RL|C[1-9]|V[RLF]|[ADJ]|E?[ASE][SI])|"
    r"-aVR|aVRneg|ML(?:I{1,3})?|M?CL ?[1-6]|MV[1-9]|C[MCHSBR][1-7]|A[1-4]|AB[1-4]|"
    r"(?:ECG|EKG|lead|channel|ch)[ _]?\d{0,2}",
    re.IGNORECASE | re.ASCII,
)
"""Names of leads, beside the twelve, that tell nothing else."""


def anonymised(record: Record) -> tuple[Record, tuple[str, ...]]:
    """Return a recording that does not tell whose it is, and the names of what was removed or changed.

    The samples, sampling rate, standard names of leads, beat marks and rhythms, sex, age (at most 90), ethnic
    group, height and weight stay, and so do what the device is and its filters, where their values are such
    as everybody's are. Names, numbers, dates, places, people, free text, statements and the name of the file
    go; leads with other names become `lead 1`. That this was done is stated as `recording["deidentified"]`.

    >>> record = Record([[0.0, 1.0]], 250, ("I",), name="Doe", patient={"name": "Doe, J", "age": "93"})
    >>> anonymised(record)[1], dict(anonymised(record)[0].patient)
    (('age (now 90)', 'name', 'name of the record'), {'age': '90'})
    """
    taboo = _identifying_words(record)
    patient, of_patient = _kept(record.patient, KEPT_OF_PATIENT, taboo)
    stated = {key: value for key, value in record.recording.items() if key != "deidentified"}
    recording, of_recording = _kept(stated, KEPT_OF_RECORDING, taboo)
    annotations, of_annotations = _without_free_text(record.annotations)
    leads = _plain_leads(record.leads)
    texts = {
        "comments": record.comments,
        "statements": record.statements,
        "name of the record": record.name or record.path,
        "names of leads": leads != record.leads,
    }
    beat, of_beat = (
        (None, ()) if record.representative_beat is None else anonymised(record.representative_beat)
    )
    anonymous = replace(
        record,
        name="",
        path="",
        leads=leads,
        patient=patient,
        recording=recording | {"deidentified": METHOD},
        annotations=annotations,
        comments=(),
        statements=(),
        warnings=(),
        representative_beat=beat,
    )
    of_texts = (what for what, there in texts.items() if there)
    return anonymous, (
        *of_patient,
        *of_recording,
        *of_texts,
        *of_annotations,
        *(f"{what} of the representative beat" for what in of_beat),
    )


def _kept(
    facts: Mapping[str, str], allowed: frozenset[str], taboo: frozenset[str]
) -> tuple[dict[str, str], list[str]]:
    kept: dict[str, str] = {}
    changed: list[str] = []
    for key, value in sorted(facts.items()):
        words = key.replace("_", " ")
        plain = _plain(key, value, taboo) if key in allowed else None
        if plain is None:
            changed.append(words)
            continue
        kept[key] = plain
        if key == "age" and float(plain) != float(value):
            changed.append(f"age (now {plain})")
        elif key in _NUMBERS and float(plain) != float(value):
            changed.append(f"{words} (rounded)")
    return kept, changed


def _plain(key: str, value: str, taboo: frozenset[str]) -> str | None:
    """Return a value that stays, as it stays, or None if it goes."""
    if key == "age":
        age = _number(value, 200)
        return None if age is None else f"{OLDEST if age > OLDEST - 1 else age:g}"
    if key in _NUMBERS:
        number = _number(value, 1e4)
        return None if number is None else f"{number:.6g}"
    if key in _WORDS:
        return value.strip() if value.strip().casefold() in _WORDS[key] else None
    is_product = _PRODUCT.fullmatch(value) is not None and _SERIAL.search(value) is None
    return value if is_product and not _names(value, taboo) else None


def _number(text: str, below: float) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 <= number < below else None


def _identifying_words(record: Record) -> frozenset[str]:
    """Return the words, in small letters, by which the record says whose it is, or where it was made."""
    facts = {**record.recording, **record.patient}
    text = " ".join([record.name, *(facts.get(key, "") for key in _IDENTIFYING)])
    words = re.split(r"[\W_]+", text.casefold())
    return frozenset(word for word in words if len(word) > 1 and word not in _COMMON)


def _names(value: str, taboo: frozenset[str]) -> bool:
    text = value.casefold()
    words = set(re.split(r"[\W_]+", text))
    return not words.isdisjoint(taboo) or any(len(word) > 3 and word in text for word in taboo)


def _plain_leads(leads: Iterable[str]) -> tuple[str, ...]:
    """Return the names of leads, `lead 1` instead of what is no lead's name: the number is the place."""
    leads = tuple(leads)
    plain = [lead if lead_name(lead) in TWELVE_LEADS or _LEAD.fullmatch(lead) else "" for lead in leads]
    for place, lead in enumerate(plain):
        if not lead:
            spare = (f"lead {number}" for number in count(place + 1))
            plain[place] = next(name for name in spare if name not in plain)
    return tuple(plain)


def _without_free_text(annotations: Annotation | None) -> tuple[Annotation | None, tuple[str, ...]]:
    if annotations is None:
        return None, ()
    # A longer one is a kind that the file itself defines.
    symbols = tuple(symbol if len(symbol) == 1 else '"' for symbol in annotations.symbols)
    notes = tuple(note if note in _RHYTHMS else "" for note in annotations.notes)
    changes = {
        "symbols of annotations": symbols != annotations.symbols,
        "notes of annotations": notes != annotations.notes,
    }
    plain = replace(annotations, symbols=symbols, notes=notes)
    return plain, tuple(what for what, is_changed in changes.items() if is_changed)
