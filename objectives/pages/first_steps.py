"""The guided path of an empty instance: five steps, each done when the data say so."""

from __future__ import annotations

from calendar import day_name, month_name
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Count

from metrics.library import idea_for
from metrics.models import Kpi
from objectives.models import CheckIn, KeyResult, Objective
from objectives.pages.start_page import objective_url
from objectives.states import ROLLED_UP, ObjectiveState
from teams.models import Organisation, Team, User

ENOUGH_KPIS = 4
MINUTES = {"organisation": 1, "team": 1, "kpis": 4, "objective": 6, "check_in": 1}
ICONS = {"done": "s-check", "now": "progress", "later": "circle"}


class Link(NamedTuple):
    """Where a step is taken, in the words of its button."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step: `words` say what stands, or what it is for; `state` is done, now or later."""

    key: str
    title: str
    words: str
    links: tuple[Link, ...]
    is_done: bool
    state: str = "later"

    @property
    def icon(self) -> str:
        """The icon of its state."""
        return ICONS[self.state]


class Path(NamedTuple):
    """The steps, and the team they are taken for; None while the person leads none."""

    steps: list[Step]
    team: Team | None

    @property
    def is_done(self) -> bool:
        """Whether every step is."""
        return all(step.is_done for step in self.steps)

    @property
    def minutes(self) -> int:
        """About how long what is left takes."""
        return sum(MINUTES[step.key] for step in self.steps if not step.is_done)

    @property
    def done_count(self) -> int:
        """How many steps are done."""
        return sum(step.is_done for step in self.steps)


def first_steps(user: User) -> Path:
    """The path of an administrator as the data of the teams they may see stand now."""
    organisation = user.organisation
    seen = Team.objects.visible_to(user).in_use()
    team = path_team(user)
    steps = [
        _organisation(organisation),
        _team(user, team),
        _kpis(team, Kpi.objects.filter(team__in=seen).count()),
        _objective(team, Objective.objects.filter(team__in=seen)),
        _check_in(
            KeyResult.objects.filter(objective__team__in=seen, objective__state="active"),
            CheckIn.objects.filter(key_result__objective__team__in=seen).exists(),
        ),
    ]
    now = next((step.key for step in steps if not step.is_done), None)
    return Path([_placed(step, now) for step in steps], team)


def path_team(user: User) -> Team | None:
    """The team in use that the person leads and that is furthest; of equals the newest."""
    led = Team.objects.led_by(user).in_use().annotate(kpi_count=Count("kpis"))
    return led.order_by("-kpi_count", "-created_at", "-pk").first()


def _placed(step: Step, now: str | None) -> Step:
    state = "done" if step.is_done else "now" if step.key == now else "later"
    return Step(step.key, step.title, step.words, step.links, step.is_done, state)


def _organisation(organisation: Organisation) -> Step:
    words = (
        f"{organisation.name} · {organisation.time_zone} · the year begins in "
        f"{month_name[organisation.fiscal_start_month]} · check-ins on "
        f"{day_name[organisation.check_in_weekday - 1]}"
    )
    is_done = organisation.settings_confirmed_at is not None
    if not is_done:
        words += ". Days and quarters begin by these: save them once they are right."
    label = "Change name, zone or fiscal year" if is_done else "Look at them and save"
    links = (Link(label, "/organisation/"),)
    return Step("organisation", "Organisation", words, links, is_done)


def _team(user: User, team: Team | None) -> Step:
    new = f"/organisation/teams/new/?lead={user.pk}"
    if team is None:
        words = "You lead no team yet. Make the first one, with yourself as its lead."
        return Step("team", "First team", words, (Link("Make a team", new),), is_done=False)
    links = (Link("Make another team", new), Link("Invite people", "/organisation/people/invite/"))
    return Step("team", "First team", f"{team.name}, which you lead", links, is_done=True)


def _kpis(team: Team | None, count: int) -> Step:
    words = "Four to six numbers that tell whether the team’s engine runs, each with a target."
    if count:
        words = f"{count} of 4 to 6 are on the scorecard."
    is_done = count >= ENOUGH_KPIS
    links = ()
    if team:
        base = f"/teams/{team.pk}/"
        more = "Add more from the examples" if is_done else "Choose from the examples"
        links = (Link(more, f"{base}kpis/library/"), Link("Write your own", f"{base}kpis/new/"))
    return Step("kpis", "Four to six KPIs", words, links, is_done)


def _objective(team: Team | None, rows) -> Step:
    title = "One objective"
    running = rows.filter(state__in=ROLLED_UP).first()
    if running is not None:
        links = (Link("Open it", running.get_absolute_url()),)
        return Step("objective", title, f"“{running.title}”", links, is_done=True)
    draft = rows.filter(state=ObjectiveState.DRAFT).order_by("-pk").first()
    if draft is not None:
        links = (Link("Go on with the draft", f"{draft.get_absolute_url()}edit/"),)
        words = f"“{draft.title}” is a draft. Publish it when its key results are right."
        return Step("objective", title, words, links, is_done=False)
    words = (
        "What should be different by the end of the quarter? The coach looks at each line while "
        "you write."
    )
    return Step("objective", title, words, _objective_links(team), is_done=False)


def _objective_links(team: Team | None) -> tuple[Link, ...]:
    if team is None:
        return ()
    names = set(Kpi.objects.filter(team=team).values_list("name", flat=True))
    idea = idea_for(names)
    return (
        Link("Begin with an example", objective_url(team, idea.title, [idea.key_result])),
        Link("Begin with an empty page", f"/teams/{team.pk}/objectives/new/"),
        Link("OKR, KPI or neither?", f"/start/?team={team.pk}"),
    )


def _check_in(rows, is_done: bool) -> Step:
    title = "First check-in"
    if is_done:
        links = (Link("See what you owe", "/my-week/"),)
        return Step("check_in", title, "The first one is made.", links, is_done=True)
    key_result = rows.filter(withdrawn_at=None).order_by("objective__position", "position").first()
    links = ()
    if key_result is not None:
        links = (Link("Check in", f"{key_result.get_absolute_url()}check-in/"),)
    words = "A value, how sure you are, and a word: 20 seconds, once a week."
    return Step("check_in", title, words, links, is_done=False)
