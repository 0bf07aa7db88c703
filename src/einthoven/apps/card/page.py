"""The page: every section of a model card, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from einthoven.apps.card.cut import input_rows
from einthoven.apps.card.evidence import abstention_section, calibration_section
from einthoven.apps.card.facts import NOT_STATED, count, share, unit_of
from einthoven.apps.card.label_evidence import label_abstention_section, label_calibration_section
from einthoven.apps.card.label_facts import class_figures
from einthoven.apps.card.label_scores import label_headline, label_scores_section
from einthoven.apps.card.markdown import bullets, call, code, plain, sentence, table
from einthoven.apps.card.origin import data_section
from einthoven.apps.card.scores import headline, scores_section
from einthoven.apps.card.tested import headlines_of_tests, section_of_tests
from einthoven.apps.card.training import training_section
from einthoven.bundle.facts import is_number, listed, objects, stated
from einthoven.bundle.tested import stated_tests
from einthoven.inference.pipeline_limits import seen_s
from einthoven.pipeline import Pipeline

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
    picture = quote(f"{bundle.name}-reliability.svg")
    is_single = bundle.single_label
    sections = {
        "What it does": _what(bundle) if is_single else _what_labels(bundle),
        "What it is for": _use(bundle),
        "Data": data_section(bundle),
        "Scores": scores_section(bundle) if is_single else label_scores_section(bundle),
        **({"Test": section_of_tests(bundle)} if is_tested else {}),
        "Calibration": (calibration_section if is_single else label_calibration_section)(bundle, picture),
        "Abstention": (abstention_section if is_single else label_abstention_section)(bundle),
        "What was not measured": _unmeasured(bundle),
        "What it takes": _input(bundle),
        "How it was trained": training_section(bundle),
        "Size": _size(bundle),
        "Limits": _limits(bundle),
        "Attribution": sentence(stated(bundle.provenance, "attribution") or NOT_STATED),
        "How this page was made": _made(bundle),
    }
    head = f"# {plain(bundle.name)} {plain(bundle.version)}: model card"
    parts = [head, (headline if is_single else label_headline)(bundle), *headlines_of_tests(bundle)]
    parts += (f"## {title}\n\n{text}" for title, text in sections.items())
    return "\n\n".join(parts) + "\n"


def _what(bundle: Bundle) -> str:
    how = "gives exactly one of these answers, or none" if bundle.abstention else "gives exactly one of these"
    text = f"{sentence(bundle.task)} It {how}, with a probability for each."
    if bundle.cut is not None:
        text = f"{sentence(bundle.task)} It gives each exactly one of these, with a probability for each"
        text += ", and says of which heartbeats it is not sure." if bundle.abstention else "."
    rows = [[code(label.name), plain(label.meaning), plain(label.snomed)] for label in bundle.labels]
    headings = ["answer", "meaning", "SNOMED CT"]
    if bundle.cut is not None and not any(label.snomed for label in bundle.labels):
        rows, headings = [row[:2] for row in rows], headings[:2]
    return f"{text}\n\n{table(headings, rows)}"


def _what_labels(bundle: Bundle) -> str:
    """Return the answers of a model of several labels; the thresholds if no score stands beside them."""
    n, leads = len(bundle.labels), bundle.input.leads
    of = f"{len(leads)} leads" if len(leads) > 1 else f"lead {plain(leads[0])}"
    how = "one or more" if bundle.at_least_one else "any number, or none,"
    text = (
        f"Of {n} answers it gives {how} to a recording of {of}, with a "
        "probability for each of them. The probabilities do not add up to 1: each says how likely its answer "
        "is by itself, and from its own threshold on the answer is given."
    )
    rows = [[code(label.name), plain(label.meaning), plain(label.snomed)] for label in bundle.labels]
    headings = ["answer", "meaning", "SNOMED CT"]
    if class_figures(bundle):
        text += " The thresholds stand beside the scores."
    else:
        headings.append("threshold")
        thresholds = bundle.thresholds or ()
        rows = [[*row, share(at)] for row, at in zip(rows, thresholds, strict=True)]
    return f"{text}\n\n{table(headings, rows)}"


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
    if not bundle.single_label:
        lines += _unmeasured_of_labels(bundle)
    if len(bundle.networks) > 1 and not stated_tests(bundle):
        lines.append(f"What its {len(bundle.networks)} networks are worth together.")
    return bullets(lines)


def _unmeasured_of_labels(bundle: Bundle) -> list[str]:
    lines = [
        "How far cardiologists agree on the answers: what the data set states is taken for the truth, and "
        "where a statement was forgotten the model is held to be wrong.",
    ]
    if bundle.input.may_lack_leads and len(bundle.input.leads) > 1:
        lines.append(
            f"On this page: how good it is with fewer than {len(bundle.input.leads)} leads, which it may get."
        )
    return lines


def _input(bundle: Bundle) -> str:
    if bundle.cut is not None:
        return table(("", ""), input_rows(bundle))
    taken, leads = bundle.input, bundle.input.leads
    which = f"{', '.join(map(plain, leads))}, all of them"
    if len(leads) == 1:
        which = f"{plain(leads[0])}; where it is not there, the first lead of the recording"
    elif taken.may_lack_leads:
        which = f"{', '.join(map(plain, leads))}; zeros in place of those that are not there, see Abstention"
    steps = [call(step, "step") for step in bundle.pipeline]
    return table(
        ("", ""),
        [
            ("leads", which),
            (
                "length",
                f"{taken.min_duration_s:g} to {taken.max_duration_s:g} s; others are refused{_cut(bundle)}",
            ),
            ("unit", f"{plain(taken.units)}; files are converted where they are read"),
            ("sampling rate", _rate(bundle)),
            ("pipeline", ", ".join(steps)),
        ],
    )


def _rate(bundle: Bundle) -> str:
    """Say which sampling rates are taken: one, where nothing brings the samples to the network's rate."""
    steps = (step for step in bundle.pipeline if step.get("step") in ("Resample", "TakeRate"))
    first = next(steps, None)
    if first is not None and first["step"] == "TakeRate":
        return f"{first['fs']:g} Hz; others are refused, as it takes samples as they come"
    return f"any; the network was trained at {bundle.input.fs:g} Hz"


def _cut(bundle: Bundle) -> str:
    """Say that only the start of a longer recording is looked at, where the pipeline cuts it off."""
    seen = seen_s(bundle.input.fs, Pipeline.from_json(bundle.pipeline))
    if seen >= bundle.input.max_duration_s:
        return ""
    return f"; of those longer than {seen:g} s the rest is cut off"


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
    from_what = "its confusion matrix" if bundle.single_label else "those that are"
    return (
        f"From the bundle alone: every figure above is in it, or follows from {from_what}; none was "
        "typed by hand.\n\n"
        f"```\neinthoven models {plain(bundle.name)} --card FOLDER\n```\n\n"
        "The name of a bundle's file in place of the model's name does the same for any other model."
    )
