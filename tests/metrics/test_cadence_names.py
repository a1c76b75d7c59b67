"""The named cadences: another one, another name, one less."""

import json
from datetime import date

import pytest
from django.utils import timezone

from metrics.actions import assign_cadence
from metrics.actions.policies import fingerprint, set_policies
from metrics.forms_policies import CadenceNameForm
from metrics.models import Cadence, Policy
from metrics.policies import Terms
from metrics.presets import create_preset_cadences
from teams.models import AuditEvent
from tests.factories import make_cadence, make_kpi, make_organisation

pytestmark = pytest.mark.django_db
PAGE = "/organisation/cadences/"


@pytest.fixture
def admin(client, ada):
    client.force_login(ada)
    return client


@pytest.fixture
def monthly(organisation):
    return make_cadence("monthly", organisation=organisation, name="Monthly", grace_days=5)


@pytest.fixture
def finance(organisation, monthly):
    return make_cadence("monthly", organisation=organisation, name="Monthly, finance")


def rename(client, cadence, name):
    return client.post(f"{PAGE}{cadence.pk}/name/", {f"n{cadence.pk}-name": name})


def test_another_cadence_has_a_name_of_its_own(admin, monthly):
    new = {"name": "Monthly, finance", "kind": "monthly"}
    for _ in range(2):
        assert admin.post(f"{PAGE}new/", new).status_code == 302
    made = Cadence.objects.get(name="Monthly, finance")
    assert (made.patience, made.grace_days) == (3, 5)
    refused = admin.post(f"{PAGE}new/", {"name": "Monthly", "kind": "weekly"})
    assert refused.status_code == 422
    assert "already has this name" in refused.content.decode()
    assert admin.post(f"{PAGE}new/", {"name": "", "kind": "monthly"}).status_code == 422
    assert admin.post(f"{PAGE}new/", {"name": "x", "kind": "hourly"}).status_code == 422


def test_a_cadence_is_renamed_and_the_record_says_so(admin, ada, finance):
    for _ in range(2):
        assert rename(admin, finance, "Monthly, books").status_code == 302
    finance.refresh_from_db()
    assert finance.name == "Monthly, books"
    event = AuditEvent.objects.get(kind="cadence", verb="renamed")
    assert event.actor == ada
    assert json.loads(event.before) == {"name": "Monthly, finance"}
    assert json.loads(event.after) == {"name": "Monthly, books"}


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("Monthly", "Another cadence already has this name."),
        ("", "Give it a name"),
        ("x" * 81, "at most 80"),
    ],
)
def test_a_name_that_cannot_be_is_said_at_its_field_and_kept(admin, finance, name, sentence):
    answer = rename(admin, finance, name)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert f'value="{name}"' in page or not name
    assert f"/cadences/{finance.pk}/remove/" in page
    assert page.count("/remove/") == 2  # of two monthly ones either may go
    finance.refresh_from_db()
    assert finance.name == "Monthly, finance"


def test_of_two_who_choose_one_name_at_once_the_second_is_told(admin, finance, monkeypatch):
    monkeypatch.setattr(CadenceNameForm, "clean_name", lambda form: form.cleaned_data["name"])
    answer = rename(admin, finance, "Monthly")
    assert answer.status_code == 422
    assert "Another cadence already has this name." in answer.content.decode()
    assert Cadence.objects.filter(name="Monthly, finance").exists()


def test_a_renamed_preset_is_not_made_again(organisation, admin):
    create_preset_cadences(organisation)
    weekly = Cadence.objects.get(kind="weekly")
    rename(admin, weekly, "Every week")
    create_preset_cadences(organisation)
    assert Cadence.objects.get(kind="weekly").name == "Every week"


def test_a_cadence_without_kpis_is_removed_with_its_terms(admin, ada, organisation, finance):
    set_policies(
        organisation,
        {finance.pk: Terms(patience=2)},
        team=None,
        effective_on=date(2099, 9, 1),
        reason="Trial",
        seen=fingerprint(Cadence.objects.filter(organisation=organisation)),
        actor=ada,
        now=timezone.now(),
    )
    assert admin.post(f"{PAGE}{finance.pk}/remove/").status_code == 302
    assert [one.name for one in Cadence.objects.all()] == ["Monthly"]
    assert not Policy.objects.exists()
    assert AuditEvent.objects.filter(kind="cadence", verb="deleted", actor=ada).exists()
    assert admin.post(f"{PAGE}{finance.pk}/remove/").status_code == 404


def test_a_cadence_that_a_kpi_has_or_had_stays(admin, ada, team, monthly, finance):
    kpi = make_kpi(team=team, cadence=finance)
    said = "It stays: KPIs have it or had it."
    assert said in admin.get(PAGE).content.decode()
    refused = admin.post(f"{PAGE}{finance.pk}/remove/")
    assert (refused.status_code, said in refused.content.decode()) == (422, True)
    assign_cadence(kpi, monthly, effective_on=date(2099, 1, 1), actor=ada, now=timezone.now())
    assert admin.post(f"{PAGE}{finance.pk}/remove/").status_code == 422
    assert Cadence.objects.count() == 2


def test_the_only_one_of_a_kind_stays(admin, monthly):
    refused = admin.post(f"{PAGE}{monthly.pk}/remove/")
    assert refused.status_code == 422
    assert "The only monthly cadence stays" in refused.content.decode()


def test_that_of_another_organisation_is_not_found(admin, monthly):
    other = make_cadence("monthly", organisation=make_organisation(name="Elsewhere"))
    assert rename(admin, other, "x").status_code == 404
    assert admin.post(f"{PAGE}{other.pk}/remove/").status_code == 404
