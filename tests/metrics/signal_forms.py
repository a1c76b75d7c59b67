"""A signal to answer, and its page as a browser opens it and sends it back."""

from datetime import date

from metrics.models import Kpi
from tests.factories import make_kpi, make_value


def churn_off_target(team, owner) -> Kpi:
    """Churn of at most 8 %, off target since May."""
    kpi = make_kpi(team=team, target=8, name="Monthly churn rate", owner=owner)
    for month, value in ((1, 7), (2, 7), (3, 7), (4, 7), (5, "12.4"), (6, "12.6"), (7, "12.1")):
        make_value(kpi, date(2026, month, 1), value)
    return kpi


def signed_in(client, user):
    client.force_login(user)
    return client


def post(client, signal, answer, **data):
    return client.post(f"/signals/{signal.pk}/{answer}/", {"version": signal.version, **data})


def form_of(page) -> dict:
    """What a browser would send back from the draft form."""
    context = page.context
    data = {name: context["form"][name].value() for name in ("title", "ambition", "cycle")}
    data |= {
        "owner": context["form"]["owner"].value(),
        "version": context["form"]["version"].value(),
    }
    data |= {"why": ""}
    data |= {"kr-TOTAL_FORMS": len(context["rows"]), "kr-INITIAL_FORMS": len(context["rows"])}
    for row in context["rows"]:
        for field in row["form"]:
            value = field.value()
            data[field.html_name] = "on" if value is True else "" if value is None else str(value)
            if value is False:
                del data[field.html_name]
    return data
