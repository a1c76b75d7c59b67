"""The quarter page and its downloads as a browser gets them, and what they are asked about."""

import csv
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO

from metrics.evaluation import evaluate_kpis
from metrics.models import Kpi
from objectives.models import Objective
from tests.factories import (
    NOW,
    make_check_in,
    make_key_result,
    make_kpi,
    make_objective,
    make_value,
)

LONG_AGO = datetime(2026, 1, 2, 9, tzinfo=UTC)
ARRIVED = datetime(2026, 7, 2, 9, tzinfo=UTC)


def churn_off_target(team, owner) -> Kpi:
    """Churn of at most 8 %, off target since May: three months."""
    kpi = make_kpi(team=team, name="Churn rate", target=8, owner=owner, created_at=LONG_AGO)
    for month, value in enumerate(("7", "7", "7", "7", "12", "12.4", "12.1"), 1):
        day = date(2026, month, 1)
        make_value(kpi, day, value, recorded_at=datetime(2026, month + 1, 2, tzinfo=UTC))
    evaluate_kpis([kpi.pk], NOW)
    return kpi


def goal_half_way(team, author) -> Objective:
    """NPS from 38 to 52, at 45 since Friday."""
    objective = make_objective(team=team, published_at=ARRIVED, created_at=ARRIVED)
    row = make_key_result(objective)
    make_check_in(row, author, value=Decimal(45), made_at=datetime(2026, 8, 14, tzinfo=UTC))
    return objective


def page_of(client, query=""):
    answer = client.get(f"/quarter/{query}")
    assert answer.status_code == 200
    text = answer.content.decode()
    return text[text.index("<main") : text.index("</main>")]


def rows_of(client, name, query=""):
    answer = client.get(f"/quarter/{name}.csv{query}")
    assert answer.status_code == 200
    return list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))
