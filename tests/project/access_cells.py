"""What a line of the access table is made of: roles, cells and routes (access.py)."""

from dataclasses import dataclass, field

ROLES = ("anonymous", "foreign", "stranger", "viewer", "member", "lead", "admin")
OK = "ok"
SIGN_IN = 302


def cells(foreign, stranger, viewer, member, lead, admin, *, anonymous=SIGN_IN) -> dict:
    answers = (anonymous, foreign, stranger, viewer, member, lead, admin)
    return dict(zip(ROLES, answers, strict=True))


PUBLIC = cells(OK, OK, OK, OK, OK, OK, anonymous=OK)
SIGNED_IN = cells(OK, OK, OK, OK, OK, OK)
READ = cells(404, OK, OK, OK, OK, OK)
MEMBER = cells(404, 403, 403, OK, OK, 403)
LEAD = cells(404, 403, 403, 403, OK, 403)
ADMIN = cells(403, 403, 403, 403, 403, OK)
TEAM_ADMIN = cells(404, 403, 403, 403, 403, OK)
NOBODY = NONE_YET = cells(404, 404, 404, 404, 404, 404)
ABSENT = cells(404, 404, 404, 404, 404, 404, anonymous=404)
THE_TWO = cells(404, 404, 404, OK, OK, 404)
SHARER = cells(OK, OK, 403, 403, OK, OK)


@dataclass(frozen=True)
class Route:
    """One route. `path` names what it needs in braces; tests/project/world.py fills it in."""

    path: str
    methods: dict = field(default_factory=lambda: {"GET": READ})
    private: bool = True
