"""One key result of a draft form as its template prints it: the fields its kind needs first."""

from __future__ import annotations

from urllib.parse import urlencode

from django.forms import BoundField

from metrics.numbers import number_text
from metrics.wording import plural
from objectives.coach.facts import KeyResultText, KpiFacts
from objectives.coach.proposals import kpi_from_key_result
from objectives.draft_checks import MEASURED, NUMBERS, SAME, WRONG_WAY, other_way
from objectives.forms_draft_rows import MOST_MILESTONES, MOST_STEPS, KeyResultForm
from objectives.kinds import CHANGES, KeyResultKind
from objectives.pages.measures import Measure, measure_words, period_of

RARE = ("weight", "owner", "ambition", "is_removed")
# What stands behind the numbers of a kind.
TAILS = {
    KeyResultKind.AT_LEAST: "in every period",
    KeyResultKind.AT_MOST: "in every period",
    KeyResultKind.RANGE: "in every period",
    KeyResultKind.HOLD: "periods in a row",
}
FIRST_MILESTONES = 3
FIRST_STEPS = 2


def row_view(form: KeyResultForm, hints, facts: KpiFacts | None, rhythm: str) -> dict:
    """What `_draft_row.html` prints; `facts` are those of the KPI that is chosen in it."""
    kind = form.shown_kind
    changes = kind in CHANGES or kind == KeyResultKind.OPEN
    return {
        "form": form,
        "kind": kind,
        "linked": form.is_linked,
        "numbers": [number_view(form[name], kind) for name in shown_numbers(form, kind)],
        "tail": TAILS.get(KeyResultKind(kind), ""),
        "kpi": form["kpi"] if shows_kpi(form, kind) else None,
        "steps": used(form.steps, FIRST_STEPS, MOST_STEPS) if changes else [],
        "milestones": milestones_of(form) if kind == KeyResultKind.MILESTONES else [],
        "hidden": hidden_fields(form, kind),
        "summary": summary(form, kind),
        "is_open": has_rare_errors(form),
        "problems": [form[name] for name in ("kind", *NUMBERS[KeyResultKind(kind)])],
        "hints": hints,
        "measure": measure_of(form, rhythm),
        "kpi_url": kpi_url(form, facts),
        "other_way": turned(form),
    }


def shows_kpi(form: KeyResultForm, kind: str) -> bool:
    """Whether a KPI can be chosen: the kind can name one, and the team has some."""
    return kind in MEASURED and bool(form.offers.kpis or (form.is_bound and form["kpi"].errors))


def shown_numbers(form: KeyResultForm, kind: str) -> list[str]:
    """The names of the numbers to type; the unit of a row that a KPI measures is the KPI's."""
    names = NUMBERS[KeyResultKind(kind)]
    return [name for name in names if name != "unit" or not form.is_linked]


def number_view(field: BoundField, kind: str) -> dict:
    """One number with what stands before it; a level needs no word, its kind says it."""
    if field.name == "target" and kind in {KeyResultKind.AT_LEAST, KeyResultKind.AT_MOST}:
        return {"field": field, "label": "Level", "label_class": "vh"}
    return {"field": field, "label": field.label, "label_class": "s muted"}


def used(parts: list, first: int, most: int) -> list:
    """The parts that hold something and one more, at least `first` of them."""
    last = max([place for place, part in enumerate(parts) if not part.is_blank], default=-1)
    return parts[: min(max(first, last + 2), most)]


def milestones_of(form: KeyResultForm) -> list:
    """The milestones to show."""
    return used(form.milestones, FIRST_MILESTONES, MOST_MILESTONES)


def hidden_fields(form: KeyResultForm, kind: str) -> list[str]:
    """Everything the kind does not show, so that changing it back finds what was typed."""
    shown = {*shown_numbers(form, kind)}
    every = {name for names in NUMBERS.values() for name in names}
    held = [form[name] for name in sorted(every - shown)]
    if not shows_kpi(form, kind):
        held.append(form["kpi"])
    if kind not in CHANGES and kind != KeyResultKind.OPEN:
        held += [field for step in form.steps if not step.is_blank for field in step]
    if kind != KeyResultKind.MILESTONES:
        held += [field for one in form.milestones if not one.is_blank for field in one]
    return [field.as_hidden() for field in [form["pk"], *held]]


def summary(form: KeyResultForm, kind: str) -> str:
    """What the folded fields say: `By hand · weight 2`; what is in them while nothing was said."""
    changes = kind in CHANGES or kind == KeyResultKind.OPEN
    count = sum(not step.is_blank for step in form.steps) if changes else 0
    weight, owner = form["weight"].value(), _chosen(form["owner"])
    parts = [
        "" if weight in (None, "") else f"weight {weight}",
        f"owner {owner}" if owner else "",
        str(form["ambition"].value() or ""),
        plural(count, "step") if count else "",
    ]
    said = [part for part in parts if part]
    text = ", ".join(said) or ("weight, owner, steps" if changes else "weight, owner")
    if not shows_kpi(form, kind):
        return text[:1].upper() + text[1:]
    kpi = form.offers.kpis.get(str(form.kpi_key))
    return f"{f'Follows {kpi}' if kpi else 'By hand'} · {text}"


def _chosen(field: BoundField) -> str:
    rows = getattr(field.field, "rows", {})
    row = rows.get(str(field.value() or ""))
    return str(row) if row else ""


def has_rare_errors(form: KeyResultForm) -> bool:
    """Whether something in the folded fields needs a look; a hold needs its KPI first."""
    if form.is_hold and form.kpi_key is None:
        return True
    if form.is_bound and any(form[name].errors for name in (*RARE, "kpi")):
        return True
    return form.is_bound and not form.quiet and any(step.errors for step in form.steps)


def measure_of(form: KeyResultForm, rhythm: str) -> str:
    """Its part of the sentence; empty while it has no words."""
    title = str(form["title"].value() or "").strip()
    if not title or form["is_removed"].value() in (True, "on", "True"):
        return ""
    kpi = form.offers.kpis.get(str(form.kpi_key)) if form.offers else None
    kpi = kpi if form.is_linked else None
    return measure_words(
        Measure(
            title,
            form.settled_kind,
            *(form.number(name) for name in ("baseline", "target", "low", "high")),
            unit=str(form["unit"].value() or "") or (kpi.unit if kpi else ""),
            hold_periods=_whole(form),
            milestone_count=sum(bool(one["title"].value()) for one in form.milestones),
            period=period_of(kpi, rhythm),
            kpi=kpi.name if kpi else "",
        )
    )


def _whole(form: KeyResultForm) -> int | None:
    text = str(form["hold_periods"].value() or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else None


def kpi_url(form: KeyResultForm, facts: KpiFacts | None) -> str:
    """Where a key result without a way to go becomes a KPI; empty where it has one."""
    if not form.offers or SAME not in form["target"].errors:
        return ""
    text = KeyResultText(
        str(form["title"].value() or ""),
        form.settled_kind,
        None,
        form.number("target"),
        str(form["unit"].value() or ""),
        facts if form.is_linked else None,
    )
    proposal = kpi_from_key_result(text)
    given = {"name": proposal.name, "direction": proposal.direction, "unit": proposal.unit}
    if proposal.target is not None:
        given["target"] = number_text(proposal.target)
    asked = urlencode({name: value for name, value in given.items() if value})
    return f"/teams/{form.offers.team.pk}/kpis/new/?{asked}"


def turned(form: KeyResultForm) -> tuple[str, str] | None:
    """(kind, words) to offer where the target lies on the other side; None where it does not."""
    if not set(form["target"].errors) & set(WRONG_WAY.values()):
        return None
    kind = other_way(form.shown_kind)
    words = {KeyResultKind.DECREASE: "Make it a decrease"}
    return kind, words.get(KeyResultKind(kind), "Make it an increase")
