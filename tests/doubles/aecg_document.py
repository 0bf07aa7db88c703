"""HL7 aECG documents, written by hand from the Implementation Guide, for tests of the reader."""

from collections.abc import Iterable

MDC = 'codeSystem="2.16.840.1.113883.6.24"'
ACT = 'codeSystem="2.16.840.1.113883.5.4"'


def times(
    code: str = "TIME_ABSOLUTE", head: str = "20021122091000", step: str = "0.002", unit: str = "s"
) -> str:
    """Write the sequence of a set that says when its samples were taken."""
    kind = "GLIST_TS" if code == "TIME_ABSOLUTE" else "GLIST_PQ"
    head_unit = "" if code == "TIME_ABSOLUTE" else f' unit="{unit}"'
    return (
        f'<component><sequence><code code="{code}" {ACT}/><value xsi:type="{kind}">'
        f'<head value="{head}"{head_unit}/><increment value="{step}" unit="{unit}"/>'
        "</value></sequence></component>"
    )


def lead(
    code: str, digits: Iterable[int] | str, *, scale: str = '<scale value="2.5" unit="uV"/>',
    origin: str = '<origin value="0" unit="uV"/>', kind: str = "SLIST_PQ",
) -> str:  # fmt: skip
    """Write a lead; `code` is what follows `MDC_ECG_LEAD_`, or a whole `<code/>`."""
    element = code if code.startswith("<") else f'<code code="MDC_ECG_LEAD_{code}" {MDC}/>'
    text = digits if isinstance(digits, str) else " ".join(map(str, digits))
    value = f'<value xsi:type="{kind}">{origin}{scale}<digits>{text}</digits></value>'
    return f"<component><sequence>{element}{value}</sequence></component>"


def sequence_set(*parts: str) -> str:
    """Write a component of a series that holds these sequences."""
    return f"<component><sequenceSet>{''.join(parts)}</sequenceSet></component>"


def series(
    *parts: str,
    code: str = "RHYTHM",
    low: str = "20021122091000",
    tag: str = "series",
    before: str = "",
) -> str:
    """Write a component, or with another tag a derivation, that is a series of these parts."""
    around = "component" if tag == "series" else "derivation"
    when = f'<effectiveTime><low value="{low}"/></effectiveTime>' if low else ""
    element = f'<code code="{code}" {ACT}/>' if code else ""
    return f"<{around}><{tag}>{element}{when}{before}{''.join(parts)}</{tag}></{around}>"


def annotation_set(*annotations: str) -> str:
    """Write the annotations of a series."""
    parts = "".join(f"<component>{annotation}</component>" for annotation in annotations)
    return f"<subjectOf><annotationSet>{parts}</annotationSet></subjectOf>"


def annotation(code: str, value: str = "", where: str = "", *parts: str) -> str:
    """Write an annotation; `value` is a code, or a whole `<value/>`, `where` what `between` writes."""
    element = (
        value if value.startswith("<") else f'<value xsi:type="CE" code="{value}" {MDC}/>' if value else ""
    )
    nested = "".join(f"<component>{part}</component>" for part in parts)
    return f'<annotation><code code="{code}" {MDC}/>{element}{where}{nested}</annotation>'


def between(low: str = "", high: str = "", code: str = "TIME_ABSOLUTE", unit: str = "") -> str:
    """Write the region of interest of an annotation."""
    of_unit = f' unit="{unit}"' if unit else ""
    ends = "".join(
        f'<{end} value="{value}"{of_unit}/>' for end, value in (("low", low), ("high", high)) if value
    )
    boundary = f'<boundary><code code="{code}" {ACT}/><value xsi:type="IVL_TS">{ends}</value></boundary>'
    region = f'<supportingROI classCode="ROIBND"><component>{boundary}</component></supportingROI>'
    return f"<support>{region}</support>"


def document(*parts: str) -> bytes:
    """Write a document of these series and other parts."""
    root = '<AnnotatedECG xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    return f'<?xml version="1.0" encoding="UTF-8"?>{root}{"".join(parts)}</AnnotatedECG>'.encode()


def recording(*leads: str, when: str | None = None) -> bytes:
    """Write a document of one rhythm series of one set."""
    return document(series(sequence_set(times() if when is None else when, *leads)))
