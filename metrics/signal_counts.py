"""How many signals wait for a decision, for the navigation of every page.

By hand and not through the ORM: it is asked on every page, and putting the query together took the
ORM longer than all the rest of the navigation. A test holds it to `SignalQuerySet`.
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from teams.models import User

_UNDECIDED = """
    SELECT count(*)
    FROM metrics_signal s
    JOIN metrics_kpi k ON k.id = s.kpi_id
    JOIN teams_team t ON t.id = k.team_id
    WHERE s.is_open AND s.retracted_at IS NULL AND s.kind = 'off_target' AND s.decision = ''
        AND (s.snoozed_until IS NULL OR s.snoozed_until <= %s)
        AND t.organisation_id = %s
        AND (NOT (t.is_private OR k.is_private) OR EXISTS (
            SELECT 1 FROM teams_membership m WHERE m.team_id = t.id AND m.user_id = %s))
"""


def undecided_count(user: User, now: datetime) -> int:
    """As `Signal.objects.visible_to(user).undecided(now).count()`."""
    moment = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(_UNDECIDED, [moment, user.organisation_id, user.pk])
        return cursor.fetchone()[0]
