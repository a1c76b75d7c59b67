"""What a row is said to be, and where its objective stands then."""

from datetime import date, timedelta
from decimal import Decimal

from objectives.models import Objective
from objectives.standing import objective_standing
from tests.factories import make_check_in

D = Decimal
TODAY = date(2026, 8, 16)


def standing(objective, today=TODAY):
    return objective_standing(Objective.objects.with_parts().get(pk=objective.pk), today)


def first(objective, today=TODAY):
    return standing(objective, today).key_results[0]


def say(row, who, *values, since=date(2026, 7, 3), **over):
    """One check-in a week from the first Friday on."""
    for week, value in enumerate(values):
        if value is not None:
            due_on = since + timedelta(weeks=week)
            make_check_in(row, who, value=D(str(value)), due_on=due_on, **over)
