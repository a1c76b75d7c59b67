"""A draft form as a browser sends it."""

from tests.factories import make_cycle


def sent(team, *rows: dict, **over) -> dict:
    """The form of an objective of `team` in Q3 2026, with its key results."""
    data = {
        "title": "Our customers love our onboarding",
        "why": "",
        "ambition": "aspirational",
        "owner": "",
        "cycle": make_cycle(organisation=team.organisation).pk,
        "kr-TOTAL_FORMS": len(rows),
        "kr-INITIAL_FORMS": 0,
    }
    for place, row in enumerate(rows):
        data |= {f"kr-{place}-{name}": value for name, value in row.items()}
    return data | over


def change(**over) -> dict:
    """NPS from 38 to 52."""
    fields = {"title": "NPS rises from 38 to 52", "kind": "increase"}
    return fields | {"baseline": "38", "target": "52", "unit": "NPS"} | over


def bare(kind: str, **over) -> dict:
    """A key result of another kind."""
    return {"title": "Keep churn below 8%", "kind": kind} | over


def problems_of(response) -> dict[str, str]:
    """Every problem of a refused form, by the name of its field."""
    context = response.context
    found = {name: errors[0] for name, errors in context["form"].errors.items()}
    for form in context["formset"].forms:
        parts = [form, *form.steps, *form.milestones]
        found |= {
            f"{part.prefix}-{name}": errors[0]
            for part in parts
            for name, errors in (part.errors if part.is_bound else {}).items()
        }
    return found
