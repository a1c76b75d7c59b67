"""What the demo organisation is about: people, teams, KPIs and two years of their values.

The figures tell the stories of the seed articles: churn above 12 % for three months and the OKR
that followed, a Net Promoter Score that waits for a decision, deployment frequency, turnover,
acquisition cost, onboarding. Pure data; `demo.py` lives it through.
"""

from dataclasses import dataclass, field
from decimal import Decimal

PASSWORD = "halden-demo"  # noqa: S105 (printed at every start of the demo)

PEOPLE = (
    # key, name, e-mail, organisation admin
    ("ada", "Ada Berg", "ada@halden.example", True),
    ("alice", "Alice Moreau", "alice@halden.example", False),
    ("bob", "Bob Tanaka", "bob@halden.example", False),
    ("vera", "Vera Lind", "vera@halden.example", False),
    ("chidi", "Chidi Osei", "chidi@halden.example", False),
    ("dana", "Dana Petrov", "dana@halden.example", False),
    ("emre", "Emre Yilmaz", "emre@halden.example", False),
)

TEAMS = (
    # key, name, parent, private, purpose, (person, role) …
    (
        "halden",
        "Halden",
        None,
        False,
        "Software that small firms run their day on.",
        (("ada", "lead"),),
    ),
    (
        "cs",
        "Customer Success",
        "halden",
        False,
        "Every account sees value early, hears from us before it has to ask, and renews because "
        "it wants to.",
        (("alice", "lead"), ("bob", "member"), ("vera", "viewer")),
    ),
    (
        "engineering",
        "Engineering",
        "halden",
        False,
        "Small changes, shipped often, that stay up.",
        (("chidi", "lead"), ("bob", "viewer")),
    ),
    (
        "marketing",
        "Marketing",
        "halden",
        False,
        "The right firms find us, at a price that lets us grow.",
        (("dana", "lead"), ("emre", "member")),
    ),
    (
        "people",
        "People",
        "halden",
        False,
        "Good people join, learn fast, and stay.",
        (("emre", "lead"), ("alice", "viewer")),
    ),
    (
        "board",
        "Board",
        "halden",
        True,
        "Figures for the board only.",
        (("ada", "lead"), ("dana", "member")),
    ),
)


@dataclass(frozen=True)
class Story:
    """One KPI and its values, oldest first; the last one is for the newest closed period.

    None is a period nobody reported. `target` None makes it a metric; a pair is a range.
    """

    key: str
    team: str
    owner: str
    name: str
    definition: str
    why: str
    unit: str
    direction: str
    cadence: str
    nature: str
    values: tuple[Decimal | None, ...]
    target: str | None = None
    tolerance: str | None = None
    tolerance_pct: str | None = None
    source: tuple[str, str] = ("manual", "Entered by hand")
    fields: dict = field(default_factory=dict)


def numbers(text: str) -> tuple[Decimal | None, ...]:
    """Values from a line of text; a dot alone is a period nobody reported."""
    return tuple(None if word == "." else Decimal(word) for word in text.split())


def wave(base: str, step: str, shape: str) -> tuple[Decimal, ...]:
    """Values around `base`: each character of `shape` is so many steps above ("5" is none)."""
    return tuple(Decimal(base) + (int(mark) - 5) * Decimal(step) for mark in shape)


BILLING = ("csv_upload", "Billing export")
SURVEY = ("csv_upload", "Survey tool export")

# Two years of ordinary weeks, 104 of them; the last ones are written out behind it.
WEEKS = "56465557465645575646" * 5

STORIES = (
    Story(
        "churn",
        "cs",
        "alice",
        "Monthly churn rate",
        "Accounts lost in the month ÷ accounts at its start. Paused accounts count as kept.",
        "One point of churn costs about $2.5K MRR a month.",
        "%",
        "lower_is_better",
        "monthly",
        "lagging",
        numbers(
            "7.4 7.6 7.2 7.9 7.7 8.0 7.8 7.5 7.9 7.6 7.4 7.8 7.7 8.2 7.9 7.8"
            " 12.4 12.6 12.1 11.3 9.9 8.41 8.3 8.4"
        ),
        target="8",
        tolerance="0.5",
        source=BILLING,
    ),
    Story(
        "nps",
        "cs",
        "bob",
        "Net Promoter Score",
        "Promoters less detractors, of all answers in the month.",
        "Promoters renew and bring others.",
        "",
        "higher_is_better",
        "monthly",
        "leading",
        numbers("45 46 46 47 45 46 48 47 46 47 46 48 47 45 46 47 48 46 47 46 45 41 39 38"),
        target="45",
        tolerance="2",
        source=SURVEY,
    ),
    Story(
        "renewal",
        "cs",
        "alice",
        "Renewal rate",
        "Contracts renewed ÷ contracts due in the quarter, by value.",
        "Renewals are four fifths of revenue.",
        "%",
        "higher_is_better",
        "quarterly",
        "lagging",
        numbers("89.4 90.1 89.2 88.9 89.6 88.7 88.1 82.0"),
        target="88",
        tolerance="2",
        source=BILLING,
    ),
    Story(
        "response",
        "cs",
        "bob",
        "Support first response",
        "Median hours from a customer’s first message to our first answer, in working hours.",
        "Slow first answers come before churn.",
        "h",
        "lower_is_better",
        "weekly",
        "leading",
        (*wave("3.5", "0.1", WEEKS), *numbers("4.7 5.1 5.4 .")),
        target="4",
        tolerance="0.5",
    ),
    Story(
        "effort",
        "cs",
        "bob",
        "Customer effort score",
        "Mean answer to “how hard was it”, 1 easy to 5 hard.",
        "Effort predicts loyalty better than delight.",
        "",
        "lower_is_better",
        "monthly",
        "leading",
        (*wave("2.3", "0.1", "55646557456455645574"), Decimal("2.4"), None, None, None),
        target="2.5",
        tolerance="0.2",
        source=SURVEY,
    ),
    Story(
        "csat",
        "cs",
        "alice",
        "Customer satisfaction",
        "Mean of all ratings after a closed ticket, 1 to 5.",
        "What customers say on the day.",
        "/ 5",
        "higher_is_better",
        "monthly",
        "lagging",
        wave("4.5", "0.05", "545655465554565546555455"),
        target="4.4",
        tolerance="0.1",
        source=SURVEY,
    ),
    Story(
        "deploys",
        "engineering",
        "chidi",
        "Deployment frequency",
        "Deployments to production in the week that were not rolled back.",
        "Small changes are safe changes.",
        "a week",
        "higher_is_better",
        "weekly",
        "leading",
        (
            *wave("5", "1", WEEKS)[:74],
            *numbers("2 1 1 2 1 4 5 4"),
            *wave("5", "1", WEEKS)[82:],
            *numbers("5 4 2 2"),
        ),
        target="3",
    ),
    Story(
        "restore",
        "engineering",
        "chidi",
        "Time to restore service",
        "Mean hours from the first alarm to the end of an incident.",
        "Customers forgive short outages.",
        "h",
        "lower_is_better",
        "monthly",
        "lagging",
        numbers(
            "1.8 1.6 2.1 1.4 1.9 1.2 1.7 1.5 1.6 1.9 1.3 1.5 1.4 1.8 1.2 1.6 1.1 1.5 1.3 1.4"
            " 1.6 1.2 1.5 1.3"
        ),
        target="2",
        tolerance_pct="10",
    ),
    Story(
        "cac",
        "marketing",
        "dana",
        "Customer acquisition cost",
        "Sales and marketing spend of the month ÷ new customers of the month.",
        "Above $180 a customer takes more than a year to pay back.",
        "$",
        "lower_is_better",
        "monthly",
        "lagging",
        numbers(
            "158 162 155 167 171 164 169 172 168 174 170 166 171 175 173 169 176 174 186 196"
            " 204 211 205 198"
        ),
        target="180",
        tolerance_pct="5",
        source=("csv_upload", "Ledger export"),
    ),
    Story(
        "visits",
        "marketing",
        "emre",
        "Website visits",
        "Sessions on our own pages in the week, without bots.",
        "",
        "",
        "higher_is_better",
        "weekly",
        "leading",
        wave("12400", "230", WEEKS),
    ),
    Story(
        "turnover",
        "people",
        "emre",
        "Voluntary turnover",
        "People who left by their own choice in the last 12 months ÷ mean headcount.",
        "Each departure costs about half a year’s salary.",
        "%",
        "lower_is_better",
        "quarterly",
        "lagging",
        numbers("9.8 10.4 11.1 11.6 11.2 10.7 10.1 9.6"),
        target="12",
        tolerance="1",
    ),
    Story(
        "retention",
        "people",
        "emre",
        "New hire 90-day retention",
        "People still here 90 days after their first day ÷ people who started.",
        "The first weeks decide.",
        "%",
        "higher_is_better",
        "monthly",
        "lagging",
        numbers("86 85 87 86 84 85 86 85 84 86 85 84 85 86 84 85 84 85 84 86 87 88 89 90"),
        target="84",
        tolerance="2",
    ),
    Story(
        "runway",
        "board",
        "ada",
        "Runway",
        "Months until cash is used up at the mean burn of the last three months.",
        "Under 12 months we raise money.",
        "months",
        "higher_is_better",
        "monthly",
        "lagging",
        numbers("22 22 21 21 20 20 19 19 19 18 18 18 24 24 23 23 22 22 21 21 20 20 19 19"),
        target="12",
        tolerance="3",
        fields={"is_private": True},
    ),
)
