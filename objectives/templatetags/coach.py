"""What the coach's templates need: where a remedy is applied, and what is said of a KPI."""

from django import template
from django.utils import timezone

from metrics.models import Kpi
from objectives.pages.coach_hints import kpi_hints

register = template.Library()


@register.filter
def remedy_url(hints_url: str) -> str:
    """Where a remedy of a draft is sent, beside where its hints are asked for."""
    return f"{hints_url.removesuffix('hints/')}remedy/"


@register.inclusion_tag("objectives/_coach_hints.html")
def kpi_advice(kpi: Kpi, *, may_lead: bool = False) -> dict:
    """Print what the coach says of a KPI, on its page, which knows nothing of objectives."""
    return {"lines": kpi_hints(kpi, timezone.now(), may_lead=may_lead)}
