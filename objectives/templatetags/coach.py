"""What the coach's templates need: where a remedy is applied, and what is said of a KPI."""

from django import template
from django.template import Context
from django.utils import timezone

from metrics.models import Kpi
from objectives.models import Objective
from objectives.pages.coach_hints import kpi_hints, objective_hints

register = template.Library()


@register.filter
def remedy_url(hints_url: str) -> str:
    """Where a remedy of a draft is sent, beside where its hints are asked for."""
    return f"{hints_url.removesuffix('hints/')}remedy/"


@register.inclusion_tag("objectives/_kpi_coach.html", takes_context=True)
def kpi_advice(context: Context, kpi: Kpi, *, may_lead: bool = False) -> dict:
    """Print what the coach says of a KPI, on its page, which knows nothing of objectives."""
    lines = kpi_hints(kpi, timezone.now(), may_lead=may_lead)
    token = context.get("csrf_token")
    return {"lines": lines, "kpi": kpi, "may_lead": may_lead, "csrf_token": token}


@register.inclusion_tag("objectives/_coach_hints.html")
def objective_advice(objective: Objective, *, may_write: bool = False) -> dict:
    """Print what the coach says of an objective below its key results."""
    return {"lines": objective_hints(objective, timezone.now(), may_write=may_write)}
