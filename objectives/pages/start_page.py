"""The page "OKR, KPI or neither?": an idea, three questions, what they point to and where next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlencode

from metrics.kinds import Direction
from metrics.models import Kpi
from metrics.numbers import number_text
from metrics.wording import day_near
from objectives.coach import wizard
from objectives.coach.facts import KeyResultText
from objectives.coach.key_result_rules import way_of
from objectives.coach.proposals import KpiProposal, kpi_from_key_result, unit_of
from objectives.coach.reading import read
from objectives.coach.wizard import Answer, Cost, Horizon, State
from objectives.forms_coach import StartForm
from objectives.kinds import CycleKind, change_kind
from objectives.models import CheckIn, Cycle, Objective
from objectives.states import OPEN_CYCLES
from teams.models import Team, User

ICONS = {
    Answer.OKR: ("O", "s-flag", "OKR"),
    Answer.KEY_RESULT: ("K", "s-flag", "Key result"),
    Answer.KPI: ("K", "gauge", "KPI"),
    Answer.BREAKTHROUGH: ("B", "map-2", "Breakthrough, a year or more"),
    Answer.NEITHER: ("N", "circle", "Neither: a task"),
}
_CHANGE = (State.NEW, Cost.FALL_BEHIND, Horizon.QUARTER)
_STABLE = (State.SAME, Cost.NOTHING, Horizon.ENDLESS)
# From the seed articles and the design, with the answers their authors would give.
OTHERS = (
    ("Become the default tool for mid-market sales teams", _CHANGE),
    ("Close the books on time", _STABLE),
    ("Onboarding NPS rises from 32 to 55", _CHANGE),
    ("Be present on three continents", (State.NEW, Cost.FALL_BEHIND, Horizon.YEARS)),
    ("Move the wiki to the new server", (State.NEW, Cost.NOTHING, Horizon.DAYS)),
)
# One of each kind a team watches (S0), as a start; the target is the team's to say.
EXAMPLES = (
    ("Growth", "New customers per month", Direction.HIGHER, ""),
    ("Retention", "Monthly churn rate", Direction.LOWER, "%"),
    ("Engagement", "Weekly active users", Direction.HIGHER, ""),
    ("Quality", "Net Promoter Score", Direction.HIGHER, ""),
    ("Quality", "Defect rate", Direction.LOWER, "%"),
    ("Finance", "Monthly recurring revenue", Direction.HIGHER, "$"),
)
LONGEST_TITLE = 300


class Button(NamedTuple):
    """A next step."""

    label: str
    url: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Sorted:
    """What the answers point to, with its icon and next steps."""

    verdict: wizard.Verdict
    icon: str
    buttons: list[Button]


def start_context(form: StartForm, user: User, now: datetime) -> dict:
    """What `start.html` prints. The form was bound to what the address says."""
    led = list(Team.objects.led_by(user).order_by("name", "pk"))
    team = next((one for one in led if str(one.pk) == form.team_key), led[0] if led else None)
    answers = form.answers()
    verdict = wizard.verdict(form.typed_idea, *answers) if answers else None
    return {
        "form": form,
        "teams": led,
        "team": team,
        "sorted": sorted_view(verdict, form.typed_idea, team) if verdict else None,
        "others": [other(text, given, team) for text, given in OTHERS],
        "examples": [example(*one, team) for one in EXAMPLES],
        "steps": first_steps(team, now) if team else [],
        "quarter_end": quarter_end(user, now),
    }


def sorted_view(verdict: wizard.Verdict, idea: str, team: Team | None) -> Sorted:
    """The verdict with where its buttons lead; without a team that the person leads, nowhere."""
    buttons = next_steps(verdict, idea, team) if team and idea.strip() else []
    return Sorted(verdict, ICONS[verdict.answer][1], buttons)


def next_steps(verdict: wizard.Verdict, idea: str, team: Team) -> list[Button]:
    """The forms that open with what is known: the first is what the answers point to."""
    as_kpi = kpi_url(team, verdict.kpi or kpi_from_key_result(KeyResultText(idea)))
    if verdict.answer == Answer.KPI:
        objective, key_results = wizard.parts(idea)
        instead = objective_url(team, objective, list(key_results))
        return [
            Button(verdict.label, as_kpi, "primary"),
            Button("Write it as an OKR instead", instead),
        ]
    if verdict.answer == Answer.NEITHER:
        return [Button("See the key results it could help", f"/teams/{team.pk}/#dest", "primary")]
    write = objective_url(team, *words_of(verdict, idea), year=year_of(verdict, team))
    found = [Button(verdict.label, write, "primary")]
    if verdict.answer == Answer.KEY_RESULT:
        found.append(Button("Watch it as a KPI instead", as_kpi))
    return found


def words_of(verdict: wizard.Verdict, idea: str) -> tuple[str, list[str]]:
    """The objective and the key results a form opens with; a breakthrough is an objective first."""
    key_results = list(verdict.key_results)
    if verdict.objective:
        return verdict.objective, key_results
    if verdict.answer == Answer.BREAKTHROUGH and key_results:
        return key_results[0], key_results[1:]
    return ("" if key_results else idea), key_results


def year_of(verdict: wizard.Verdict, team: Team) -> int | None:
    """The running year, for what takes longer than a quarter; None where there is none."""
    if verdict.answer != Answer.BREAKTHROUGH:
        return None
    years = Cycle.objects.filter(
        organisation=team.organisation_id, kind=CycleKind.YEAR, state__in=OPEN_CYCLES
    )
    return years.order_by("starts_on").values_list("pk", flat=True).first()


def kpi_url(team: Team, kpi: KpiProposal) -> str:
    """The form of a new KPI with what is known of it."""
    given = {"name": kpi.name[:200], "direction": kpi.direction, "unit": kpi.unit}
    if kpi.target is not None:
        given["target"] = number_text(kpi.target)
    return f"/teams/{team.pk}/kpis/new/?{_asked(given)}"


def objective_url(team: Team, title: str, key_results: list[str], year: int | None = None) -> str:
    """The form of a new objective with its words; the first key result with its numbers."""
    given: dict[str, object] = {"title": title[:LONGEST_TITLE], "cycle": year}
    if key_results:
        given |= given_key_result(key_results[0])
        given["key_result"] = [text[:LONGEST_TITLE] for text in key_results]
    return f"/teams/{team.pk}/objectives/new/?{_asked(given)}"


def given_key_result(title: str) -> dict[str, object]:
    """The numbers that a title says, as the draft form takes them from its address."""
    said = read(title)
    start, end = way_of(KeyResultText(title), said)
    if end is None or start == end:
        return {}
    given: dict[str, object] = {"target": number_text(end), "unit": unit_of(said)}
    if start is not None:
        given |= {"baseline": number_text(start), "kind": change_kind(start, end)}
    return given


def _asked(given: dict) -> str:
    return urlencode({name: value for name, value in given.items() if value}, doseq=True)


def other(text: str, answers: tuple[State, Cost, Horizon], team: Team | None) -> dict:
    """How an example was sorted, and the address that shows why."""
    tone, icon, words = ICONS[wizard.verdict(text, *answers).answer]
    given = dict(zip(("idea", "state", "cost", "horizon"), (text, *answers), strict=True))
    if team:
        given["team"] = team.pk
    return {"text": text, "tone": tone, "icon": icon, "words": words, "url": f"?{_asked(given)}"}


def example(kind: str, name: str, direction: str, unit: str, team: Team | None) -> dict:
    """An example of a KPI, and the form that opens with it."""
    url = kpi_url(team, KpiProposal(name, direction, None, unit)) if team else ""
    return {"kind": kind, "name": name, "url": url}


def first_steps(team: Team, now: datetime) -> list[dict]:
    """What a new team does first, what of it is done, and where the next step is taken.

    Nothing once all of it is done.
    """
    today = team.organisation.today(now)
    people = team.memberships.count()
    kpis = Kpi.objects.filter(team=team).count()
    objectives = Objective.objects.of_team(team.pk).running_on(today).count()
    updates = CheckIn.objects.filter(key_result__objective__team=team).exists()
    base = f"/teams/{team.pk}/"
    steps = [
        (people > 1, "Team", "1 person" if people == 1 else f"{people} people", base),
        (kpis >= 4, "KPIs", f"{kpis} of 4 to 6", f"{base}kpis/new/"),
        (objectives > 0, "One objective", "for this quarter", f"{base}objectives/new/"),
        (updates, "First update", "20 seconds", f"{base}#dest"),
    ]
    current = next((at for at, step in enumerate(steps) if not step[0]), None)
    if current is None:
        return []
    icons = {"done": "s-check", "now": "progress", "": "circle"}
    found = []
    for at, (is_done, label, words, url) in enumerate(steps):
        state = "done" if is_done else "now" if at == current else ""
        found.append(
            {"state": state, "icon": icons[state], "label": label, "words": words, "url": url}
        )
    return found


def quarter_end(user: User, now: datetime) -> str:
    """The last day of the running cycle, `30 Sep`; empty where none runs."""
    if user.organisation_id is None:
        return ""
    today = user.organisation.today(now)
    rows = Cycle.objects.filter(
        organisation=user.organisation_id, starts_on__lte=today, ends_on__gte=today
    )
    ends_on = rows.order_by("ends_on").values_list("ends_on", flat=True).first()
    return day_near(ends_on, today) if ends_on else ""
