"""The catalogue of the coach's rules, with how firmly each speaks."""

from __future__ import annotations

from datetime import date

from django.http import QueryDict

from metrics.wording import day_near
from objectives.coach.catalogue import RULES, About
from objectives.coach.policy import LABELS, Strictness
from objectives.forms_coach import RulesForm
from objectives.models import RuleSetting
from teams.models import Organisation, User

_SECTIONS = (
    (About.KEY_RESULT, "Key results", "While one is written, and on saving"),
    (About.OBJECTIVE, "Objectives", "While one is written, on saving, and on its page"),
    (About.TEAM, "Teams", "On the team’s page, never about a person"),
    (About.KPI, "KPIs", "On the KPI’s page"),
)


def rules_context(
    user: User,
    organisation: Organisation | None,
    today: date,
    data: QueryDict | None = None,
    current: dict[str, str] | None = None,
) -> dict:
    """What `coach_rules.html` prints. `current` are rules that somebody else changed meanwhile."""
    rows = RuleSetting.objects.filter(organisation=organisation).select_related("changed_by")
    settings = {row.code: row for row in rows}
    form = None
    if user.is_org_admin and organisation is not None:
        form = RulesForm(data, policy={code: row.strictness for code, row in settings.items()})
    lines = [
        {
            "rule": rule,
            "field": form[code] if form else None,
            "was": form[f"was_{code}"] if form else None,
            "mode": mode_name(settings[code].strictness if code in settings else ""),
            "changed": changed_words(settings.get(code), organisation, today),
            "current": mode_name(current[code]) if current and code in current else "",
        }
        for code, rule in RULES.items()
    ]
    sections = [
        {
            "key": about,
            "title": title,
            "note": note,
            # A rule about several things stands where it is named first.
            "lines": [line for line in lines if line["rule"].about[0] == about],
        }
        for about, title, note in _SECTIONS
    ]
    return {"sections": sections, "form": form, "count": len(RULES), "conflict": bool(current)}


def mode_name(mode: str) -> str:
    """A strictness in the words of the form; empty is what nobody decided about: it advises."""
    return LABELS[Strictness(mode or Strictness.ADVISE)]


def changed_words(
    setting: RuleSetting | None, organisation: Organisation | None, today: date
) -> str:
    """`Ada Berg, 18 Aug`; empty where nobody decided anything."""
    if setting is None or organisation is None:
        return ""
    return f"{setting.changed_by}, {day_near(organisation.today(setting.changed_at), today)}"
