"""What the shell of every page shows: navigation with counts, the person, the quarter ruler.

Counts are callables, so a fragment, which has no navigation, asks the database for nothing.
"""

from datetime import datetime, timedelta

from django.db import connection
from django.http import HttpRequest
from django.utils import timezone

from metrics.kinds import CadenceKind
from metrics.periods import period_label, period_of
from metrics.signal_counts import undecided_count
from okrkpi.late import late_words, work_ages
from teams.models import User

SECTIONS = (
    ("week", "My week", "/my-week/", "list-check", "w"),
    ("teams", "Teams", "/teams/", "users", "t"),
    ("signals", "Signals", "/signals/", "activity", "s"),
    ("quarter", "Quarter", "/quarter/", "layout-dashboard", "q"),
    ("reviews", "Reviews", "/reviews/", "clipboard-check", "r"),
)
ADMIN = ("admin", "Admin", "/organisation/", "settings", "")
SECTION_OF_PATH = {
    "my-week": "week",
    "teams": "teams",
    "kpis": "teams",
    "objectives": "teams",
    "key-results": "teams",
    "signals": "signals",
    "quarter": "quarter",
    "reviews": "reviews",
    "organisation": "admin",
    "cycles": "admin",
}
UNREAD = """
    SELECT count(*) FROM teams_inboxitem i
    WHERE i.recipient_id = %s AND i.read_at IS NULL AND NOT EXISTS (
        SELECT 1 FROM teams_inboxabout a
        LEFT JOIN metrics_kpi k ON a.kind = 'kpi' AND k.id = a.object_id
        LEFT JOIN objectives_objective o ON a.kind = 'objective' AND o.id = a.object_id
        LEFT JOIN teams_team t ON t.id = COALESCE(
            k.team_id, o.team_id, CASE a.kind WHEN 'team' THEN a.object_id END
        )
        WHERE a.item_id = i.id AND (
            t.id IS NULL OR t.organisation_id <> %s
            OR (t.is_private OR k.is_private OR o.is_private) AND NOT EXISTS (
                SELECT 1 FROM teams_membership m WHERE m.team_id = t.id AND m.user_id = %s
            )
        )
    )
"""


def shell(request: HttpRequest) -> dict:
    """Navigation, person and ruler for signed-in people; nothing for others."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {
        "nav": navigation(request, user),
        "viewer": {
            "name": str(user),
            "initials": user.initials,
            "theme": user.theme,
            "is_admin": is_admin(user),
            "on_path": is_admin(user) and user.organisation.first_steps_closed_at is None,
            "late": lambda: late_words(work_ages(timezone.now())) if is_admin(user) else "",
        },
        "organisation": user.organisation,
        "ruler": quarter(user) if user.organisation_id else None,
    }


def is_admin(user: User) -> bool:
    """Whether the person administers an organisation: they have a section more."""
    return user.is_org_admin and user.organisation_id is not None


def navigation(request: HttpRequest, user: User) -> dict:
    """The sections that exist, where the page stands, and what waits."""
    now = timezone.now()
    sections = [
        {"name": name, "label": text, "url": url, "icon": icon, "key": key}
        for name, text, url, icon, key in (*SECTIONS, *([ADMIN] if is_admin(user) else []))
    ]
    signals = next(section for section in sections if section["name"] == "signals")
    signals["count"] = lambda: _undecided(request, user, now)
    return {
        "home": "/",
        "current": SECTION_OF_PATH.get(request.path.split("/")[1], ""),
        "sections": sections,
        "inbox": "/inbox/",
        "inbox_count": lambda: unread_count(user),
        "profile": "/profile/",
        "sign_out": "/accounts/logout/",
    }


def _undecided(request: HttpRequest, user: User, now: datetime) -> int:
    """How many signals wait for a decision; the list of signals counted them already."""
    counted = getattr(request, "undecided_signals", None)
    return undecided_count(user, now) if counted is None else counted


def unread_count(user: User) -> int:
    """How many messages wait for the person that tell of what they may see today.

    By hand, since every page asks (signal_counts.py); the same as `InboxQuerySet.visible_to`.
    """
    with connection.cursor() as cursor:
        cursor.execute(UNREAD, [user.pk, user.organisation_id or 0, user.pk])
        return cursor.fetchone()[0]


def quarter(user: User) -> dict:
    """The fiscal quarter that holds today, for the ruler under the bar."""
    today = user.organisation.today(timezone.now())
    month = user.organisation.fiscal_start_month
    period = period_of(today, CadenceKind.QUARTERLY, month)
    return {
        "label": period_label(period, month),
        "start": period.start,
        "end": period.end - timedelta(days=1),
        "today": today,
    }
