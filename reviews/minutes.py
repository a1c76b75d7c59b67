"""The minutes of a review as Markdown, from the same facts as its page. Pure."""

from __future__ import annotations

from metrics.figures.marks import LOOKS
from metrics.judging import NEAR_TARGET, OFF_TARGET, ON_TARGET
from metrics.wording import NO_VALUE, plural
from reviews.kinds import ReviewKind
from reviews.markdown import plain

_JUDGED = frozenset({ON_TARGET, NEAR_TARGET, OFF_TARGET})
_DECISIONS = {"keep": "Keep", "modify": "Modify", "drop": "Drop", "": "Not decided"}


def minutes(facts: dict) -> str:
    """The minutes for a person who may see these facts (`facts.seen_by`)."""
    parts = [f"# {plain(facts['team'])}: {plain(facts['title'])}", facts["on"]]
    sections = (
        ("Open from earlier", _actions(facts["earlier"])),
        ("KPIs", _kpis(facts)),
        ("Objectives", _objectives(facts)),
        (
            "Learnings",
            [f"- {plain(row['text'])} ({plain(row['by'])})" for row in facts["learnings"]],
        ),
        ("Actions", _actions(facts["actions"])),
    )
    for title, lines in sections:
        if lines:
            parts += [f"## {title}", "\n".join(lines)]
    return "\n\n".join(parts) + "\n"


def _kpis(facts: dict) -> list[str]:
    lines = [
        f"| KPI | Before | {end_word(facts['kind'])} | Target | Off target | Status |",
        "|---|---|---|---|---|---|",
    ]
    for row in facts["kpis"]:
        cells = (
            row["name"],
            row["start"],
            row["end"],
            row["target"],
            off_words(row),
            status_words(row),
        )
        lines.append(f"| {' | '.join(plain(cell) for cell in cells)} |")
    if not facts["kpis"]:
        lines = []
    notes = [
        f"- {plain(row['name'])}: {plain(one['words'])}"
        for row in facts["kpis"]
        for one in row["signals"]
    ]
    if notes:
        lines += ["", *notes]
    return lines + _hidden(lines, facts["hidden_kpis"], "KPI")


def end_word(kind: str) -> str:
    """What the last value of a review is called: a look within the cycle ends nothing."""
    return "At the end" if kind == ReviewKind.QUARTERLY else "Latest"


def off_words(kpi: dict) -> str:
    """`2 of 3 months` of those with a value and a target; an en dash where no period has both."""
    count = judged_count(kpi)
    return f"{kpi['off']} of {plural(count, kpi['noun'])}" if count else NO_VALUE


def judged_count(kpi: dict) -> int:
    """How many periods of the cycle were held against a target."""
    return sum(status in _JUDGED for status in kpi["statuses"])


def status_words(kpi: dict) -> str:
    """`Off target 2 months`."""
    return f"{LOOKS[kpi['state']].word} {kpi['age']}".strip()


def _hidden(lines: list[str], count: int, noun: str) -> list[str]:
    if not count:
        return []
    return ["", f"{count} hidden"] if lines else [f"{plural(count, noun)} hidden"]


def _objectives(facts: dict) -> list[str]:
    lines: list[str] = []
    for row in facts["objectives"]:
        lines += [*_objective(row, facts["kind"] == "quarterly"), ""]
    return lines[:-1] + _hidden(lines, facts["hidden_objectives"], "objective")


def _objective(row: dict, is_graded: bool) -> list[str]:
    if not is_graded:
        head = f"### {plain(row['title'])}: {row['progress']}, {row['health'].lower()}"
        return [
            head,
            "",
            *[f"- {plain(one['title'])}: {plain(one['final'])}" for one in row["key_results"]],
        ]
    lines = [
        f"### {plain(row['title'])}: {row['grade'] or '–'}",
        "",
        f"{ambition_word(row)}. {row['ending']}.",
        "",
    ]
    lines += [f"- {_key_result(one)}" for one in row["key_results"]]
    said = (
        ("What kept it from 1.0", row["explanation"]),
        ("Root cause", row["root_cause"]),
        ("Decision", _decision(row)),
        ("Why again", row["why_again"] if row["decision"] in ("keep", "modify") else ""),
    )
    return lines + [""] + [f"{name}: {plain(text)}  " for name, text in said if text]


def ambition_word(row: dict) -> str:
    """`Committed` or `Aspirational`."""
    return "Committed" if row["ambition"] == "committed" else "Aspirational"


def _decision(row: dict) -> str:
    note = f". {row['note']}" if row["note"] else ""
    return f"{_DECISIONS[row['decision']]}{note}"


def _key_result(one: dict) -> str:
    head = f"{plain(one['title'])}: {plain(one['final'])}"
    if one["is_left_out"] or one["is_withdrawn"]:
        return f"{head}, left out. {plain(one['reason'])}".rstrip()
    if not one["grade"]:
        return f"{head}, not graded, suggested {one['suggested'] or '–'}"
    if one["grade"] == one["suggested"]:
        return f"{head}, graded {one['grade']}"
    reason = plain(one["reason"])
    return f"{head}, graded {one['grade']}, suggested {one['suggested'] or '–'}. {reason}".rstrip()


def _actions(rows: list[dict]) -> list[str]:
    return [f"- [{'x' if row['is_done'] else ' '}] {_action(row)}" for row in rows]


def _action(row: dict) -> str:
    by = f"by {row['due']}" if row["due"] else ""
    about = ", ".join(part for part in (plain(row["owner"]), by) if part)
    return f"{plain(row['what'])} ({about})" if about else plain(row["what"])
