"""Removing the demo in one step: all of it, nothing of anybody else's, or nothing at all."""

import pytest
from django.apps import apps
from django.conf import settings
from django.utils import timezone

from metrics.models import Cadence, Kpi, Policy
from objectives.models import Cycle, KeyResult, RuleSetting
from okrkpi.prepare import PEOPLE as PEOPLE_FILE
from reviews.actions import demo_removal
from reviews.demo import create_demo
from reviews.demo_story import PEOPLE
from teams.models import Invitation, Organisation, Team, User
from tests.factories import (
    join,
    make_check_in,
    make_import,
    make_invitation,
    make_key_result,
    make_kpi,
    make_objective,
    make_organisation,
    make_team,
    make_user,
    make_value,
)

APPS = ("teams", "metrics", "objectives", "reviews")
PAGE = "/organisation/demo/"
# What may be left of an organisation that held the demo, or belongs to no organisation.
STAYS = {
    "teams.Organisation",
    "teams.User",
    "teams.Invitation",
    "teams.Heartbeat",
    "teams.JobRun",
    "teams.JobFailure",
    "teams.AuditEvent",
    "teams.AuditSeal",
    "metrics.Cadence",
    "objectives.Cycle",
}


def left() -> dict[str, int]:
    """How many rows each table of the app has, without the empty ones."""
    models = [model for app in APPS for model in apps.get_app_config(app).get_models()]
    return {model._meta.label: model.objects.count() for model in models if model.objects.exists()}


@pytest.fixture
def demo(db):
    """The demo with its administrator, somebody who was invited, and what she made."""
    organisation = create_demo(timezone.now())
    ada = User.objects.get(email="ada@halden.example")
    nora = make_user("Nora Vik", organisation=organisation, email="nora@real.example")
    team = make_team(organisation=organisation, name="Ours", created_at=timezone.now())
    join(team, nora, "lead")
    kpi = make_kpi(team=team, name="Ours", owner=nora, created_at=timezone.now())
    make_value(kpi, kpi.starts_on, "5", author=nora, recorded_at=timezone.now())
    row = make_key_result(make_objective(team=team, created_at=timezone.now()))
    make_check_in(row, nora, made_at=timezone.now())
    make_import(kpi)
    make_invitation(User.objects.exclude(pk=ada.pk).get(email="alice@halden.example"))
    return ada


def test_the_page_says_first_what_people_made_then_what_goes_and_stays(client, demo):
    client.force_login(demo)
    page = client.get(PAGE)
    text = page.content.decode()
    own = {one.words: one.number for one in page.context["own"]}
    assert own == {"team": 1, "KPI": 1, "value": 1, "objective": 1, "check-in": 1}
    goes = {one.words: one.number for one in page.context["goes"]}
    assert goes["demo people"] == len(PEOPLE) - 1
    assert goes["teams"] == Team.objects.count()
    assert goes["KPIs"] == Kpi.objects.count()
    assert text.index("Made here since") < text.index('id="goes"') < text.index('id="stays"')
    assert "Nora Vik" in text
    assert "Alice Moreau" not in text


def test_it_takes_all_of_it_and_leaves_an_organisation_that_begins(
    client, demo, django_capture_on_commit_callbacks
):
    client.force_login(demo)
    file = settings.DATA_DIR / PEOPLE_FILE
    file.write_text("ada")
    before = left()
    for name in ("", "Somewhere"):
        refused = client.post(PAGE, {"name": name})
        assert refused.status_code == 422
        assert "Type “Halden” to remove the demo." in refused.content.decode()
    assert left() == before
    stays = Policy.objects.create(
        cadence=Cadence.objects.first(),
        effective_on="2026-01-01",
        author=User.objects.get(email="emre@halden.example"),
        reason="Tried",
        created_at=timezone.now(),
        **{"patience": 2, "recovery": 1},
    )

    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(PAGE, {"name": " halden "})

    assert answer.url == "/first-steps/"
    assert not file.exists()
    after = left()
    assert set(after) <= STAYS | {"metrics.Policy"}
    assert set(User.objects.values_list("email", flat=True)) == {
        "ada@halden.example",
        "nora@real.example",
    }
    stays.refresh_from_db()
    assert stays.author is None
    assert Invitation.objects.get().created_by == demo
    organisation = Organisation.objects.get()
    assert organisation.demo_loaded_at is None
    assert not Cycle.objects.filter(ends_on__lt=organisation.today(timezone.now())).exists()
    assert Cycle.objects.exists()
    path = client.get("/first-steps/").context["path"]
    assert [step.state for step in path.steps] == ["now", *["later"] * 4]
    assert client.get("/").url == "/first-steps/"
    assert client.get(PAGE).status_code == 404
    for page in ("/my-week/", "/teams/", "/quarter/", "/signals/", "/reviews/", "/inbox/"):
        assert client.get(page).status_code == 200


def test_every_table_is_known_to_go_or_to_stay(organisation):
    """A new table is decided about here: `going`, what stays, or what goes with its person."""
    nobody = User.objects.none()
    rows = demo_removal.going(organisation, nobody, organisation.today(timezone.now()))
    going = {one.model._meta.label for one in rows}
    known = {model._meta.label for app in APPS for model in apps.get_app_config(app).get_models()}
    kept = STAYS | {"metrics.Policy", "objectives.CycleEvent", "objectives.RuleSetting"}
    assert known == going | kept | {"teams.MessageSettings", "teams.CalendarFeed"}


def test_another_organisation_keeps_everything(client, demo):
    team = make_team(organisation=make_organisation(name="Elsewhere"))
    fay = join(team, make_user("Fay", organisation=team.organisation), "lead")
    kpi = make_kpi(team=team, owner=fay)
    make_value(kpi, kpi.starts_on, "5")
    make_check_in(make_key_result(make_objective(team=team)), fay)
    make_invitation(make_user("Gil", organisation=team.organisation, is_org_admin=True))
    client.force_login(demo)
    client.post(PAGE, {"name": "Halden"})
    assert Kpi.objects.get() == kpi
    assert KeyResult.objects.get().latest.author == fay
    assert Invitation.objects.filter(organisation=team.organisation).exists()


def test_what_holds_on_to_it_stops_all_of_it(client, demo):
    RuleSetting.objects.create(
        organisation=make_organisation(name="Elsewhere"),
        code="W1",
        strictness="off",
        changed_at=timezone.now(),
        changed_by=User.objects.get(email="emre@halden.example"),
    )
    client.force_login(demo)
    before = left()
    answer = client.post(PAGE, {"name": "Halden"})
    assert answer.status_code == 409
    assert "nothing was removed" in answer.content.decode()
    assert left() == before
