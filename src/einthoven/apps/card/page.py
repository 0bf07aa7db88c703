"""The page: every section of a model card, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from einthoven.apps.card.cut import input_rows
from einthoven.apps.card.evidence import abstention_section, calibration_section
from einthoven.apps.card.facts import NOT_STATED, count, share, unit_of
from einthoven.apps.card.markdown import bullets, call, code, plain, sentence, table
from einthoven.apps.card.origin import data_section
from einthoven.apps.card.scores import headline, scores_section
from einthoven.apps.card.tested import headlines_of_tests, section_of_tests
from einthoven.apps.card.training import training_section
from einthoven.bundle.facts import is_number, listed, objects, stated
from einthoven.bundle.tested import stated_tests

if TYPE_CHECKING:
    from einthoven.bundle import Bundle


def model_card(bundle: Bundle) -> str:
    """Return the model card of a bundle, in Markdown.

    It holds what the bundle states and nothing else, so that the same bundle always gives the same card;
    what the bundle does not state is said to be not measured, or not stated. It links to a picture beside
    it, which `draw_reliability` draws: NAME-reliability.svg.

    Parameters
    ----------
    bundle : Bundle
        Any: of one label or several, with scores or without.

    Returns
    -------
    str
        The whole file, with a line break at its end.
    """
    # The recordings that were kept for the end; of models of recordings few have such.
    is_tested = bundle.cut is not None or bool(stated_tests(bundle))
    sections = {
        "What it does": _what(bundle),
        "What it is for": _use(bundle),
        "Data": data_section(bundle),
        "Scores": scores_section(bundle),
        **({"Test": section_of_tests(bundle)} if is_tested else {}),
        "Calibration": calibration_section(bundle, quote(f"{bundle.name}-reliability.svg")),
        "Abstention": abstention_section(bundle),
        "What was not measured": _unmeasured(bundle),
        "What it takes": _input(bundle),
        "How it was trained": training_section(bundle),
        "Size": _size(bundle),
        "Limits": _limits(bundle),
        "Attribution": sentence(stated(bundle.provenance, "attribution") or NOT_STATED),
        "How this page was made": _made(bundle),
    }
    head = f"# {plain(bundle.name)} {plain(bundle.version)}: model card"
    parts = [head, headline(bundle), *headlines_of_tests(bundle)]
    parts += (f"## {title}\n\n{text}" for title, text in sections.items())
    return "\n\n".join(parts) + "\n"


def _what(bundle: Bundle) -> str:
    how = "gives exactly one of these answers, or none" if bundle.abstention else "gives exactly one of these"
    if not bundle.single_label:
        how = "gives any number of these"
    text = f"{sentence(bundle.task)} It {how}, with a probability for each."
    if bundle.cut is not None:
        text = f"{sentence(bundle.task)} It gives each exactly one of these, with a probability for each"
        text += ", and says of which heartbeats it is not sure." if bundle.abstention else "."
    rows = [[code(label.name), plain(label.meaning), plain(label.snomed)] for label in bundle.labels]
    headings = ["answer", "meaning", "SNOMED CT"]
    if bundle.cut is not None and not any(label.snomed for label in bundle.labels):
        rows, headings = [row[:2] for row in rows], headings[:2]
    cut = ""
    if bundle.thresholds is not None:
        pairs = zip(bundle.labels, bundle.thresholds, strict=True)
        cut = "\n\nAn answer holds above: " + ", ".join(f"{code(at.name)} {share(cut)}" for at, cut in pairs)
    return f"{text}\n\n{table(headings, rows)}{cut}"


def _use(bundle: Bundle) -> str:
    command = f"einthoven evaluate --model {bundle.name} --data FOLDER"
    measured = f"{code(command)} does"
    if bundle.cut is not None:
        beats = code(f"einthoven beats FILE --model {bundle.name} --annotations EXT")
        measured = f"{code(f'{command} --part ds2')} does for the test part of MIT-BIH, {beats} for any "
        measured += "recording with annotated beats"
    return bullets(
        [
            "For research, teaching, and sorting recordings that a person looks at afterwards.",
            "For people who can read an ECG, or work with someone who can: the answer stands beside its "
            "trace, not in its place.",
            "Not for diagnosis, treatment, triage or alarms. It is **not a medical device**: nobody's "
            "treatment may depend on its answers.",
            "Not for recordings of another kind than it learnt from, before it was measured on them: "
            f"{measured}.",
        ]
    )


def _unmeasured(bundle: Bundle) -> str:
    name, unit = plain(stated(bundle.provenance, "dataset", "name") or NOT_STATED), unit_of(bundle)
    by = "length" if bundle.cut is None else "lead, rhythm"
    lines = [
        f"How good it is for women and men, by age or illness, by device, by {by} or quality of the signal.",
        f"How good it is on other data: all figures are of {unit}s of one data set, {name}.",
        "What another training would change: each fold was trained once.",
    ]
    if len(bundle.networks) > 1 and not stated_tests(bundle):
        lines.append(f"What its {len(bundle.networks)} networks are worth together.")
    return bullets(lines)


def _input(bundle: Bundle) -> str:
    if bundle.cut is not None:
        return table(("", ""), input_rows(bundle))
    taken, leads = bundle.input, bundle.input.leads
    which = f"{', '.join(map(plain, leads))}, all of them"
    if len(leads) == 1:
        which = f"{plain(leads[0])}; where it is not there, the first lead of the recording"
    steps = [call(step, "step") for step in bundle.pipeline]
    return table(
        ("", ""),
        [
            ("leads", which),
            ("length", f"{taken.min_duration_s:g} to {taken.max_duration_s:g} s; others are refused"),
            ("unit", f"{plain(taken.units)}; files are converted where they are read"),
            ("sampling rate", f"any; the network was trained at {taken.fs:g} Hz"),
            ("pipeline", ", ".join(steps)),
        ],
    )


def _size(bundle: Bundle) -> str:
    weights = sum(map(len, bundle.networks)) / 1e6
    n = len(bundle.networks)
    text = f"{n} network{'s' * (n > 1)}, {weights:.2f} MB as ONNX graph{'s' * (n > 1)}"
    found = [item.get("n_parameters") for item in objects(bundle.provenance, "networks")]
    counted = [value for value in found if is_number(value)]
    return f"{text}, {count(sum(counted))} parameters." if counted and len(counted) == n else f"{text}."


def _limits(bundle: Bundle) -> str:
    found = listed(bundle.provenance, "limits")
    return bullets(map(plain, found)) if found else sentence(NOT_STATED)


def _made(bundle: Bundle) -> str:
    return (
        "From the bundle alone: every figure above is in it, or follows from its confusion matrix; none was "
        "typed by hand.\n\n"
        f"```\neinthoven models {plain(bundle.name)} --card FOLDER\n```\n\n"
        "The name of a bundle's file in place of the model's name does the same for any other model."
    )
