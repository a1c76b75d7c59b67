"""The rows of the library of KPIs (library.py), by group.

In our own words, after the seed articles (growth, retention, engagement, quality and finance of S0;
sales, success, engineering, people and marketing of S1; the well-written KPI of S2) and the real
series in `shared/data/kpis`. Each row: key, name, definition, why, unit, direction, cadence, a
target to adapt, leading or lagging, theme. Targets are starting points, not benchmarks.
"""

from metrics.kinds import CadenceKind, Direction, Theme

UP, DOWN = Direction.HIGHER, Direction.LOWER
WEEK, MONTH, QUARTER = CadenceKind.WEEKLY, CadenceKind.MONTHLY, CadenceKind.QUARTERLY
LEADING, LAGGING = "leading", "lagging"

ROWS: dict[str, tuple[tuple, ...]] = {
    "growth": (
        (
            "customers",
            "New customers",
            "Accounts that paid for the first time in the month, without those that came back.",
            "Growth that nobody has to buy twice.",
            *("", UP, MONTH, "40", LAGGING, Theme.GROWTH),
        ),
        (
            "conversion",
            "Trial to paid",
            "Trials that became paying accounts within 30 days ÷ trials begun 30 days before.",
            "It tells whether what we promise is what they find.",
            *("%", UP, MONTH, "18", LEADING, Theme.GROWTH),
        ),
        (
            "signups",
            "Sign-ups",
            "Accounts opened in the week by people, without invited colleagues.",
            "It moves weeks before revenue does.",
            *("", UP, WEEK, "120", LEADING, Theme.GROWTH),
        ),
    ),
    "retention": (
        (
            "churn",
            "Monthly churn rate",
            "Accounts lost in the month ÷ accounts at its start.",
            "What leaves at the back must be won again at the front.",
            *("%", DOWN, MONTH, "8", LAGGING, Theme.RETENTION),
        ),
        (
            "renewal",
            "Renewal rate",
            "Contracts renewed ÷ contracts that ended in the month, by number.",
            "A renewal is the customer's own verdict.",
            *("%", UP, MONTH, "88", LAGGING, Theme.RETENTION),
        ),
        (
            "net-revenue",
            "Net revenue retention",
            "Revenue today of the accounts of a year ago ÷ their revenue then.",
            "Above 100 % the firm grows without a new customer.",
            *("%", UP, QUARTER, "102", LAGGING, Theme.RETENTION),
        ),
    ),
    "engagement": (
        (
            "active",
            "Weekly active users",
            "People who did the product's main step at least once in the week.",
            "Who uses it, stays.",
            *("", UP, WEEK, "900", LEADING, Theme.ENGAGEMENT),
        ),
        (
            "feature",
            "Daily use of the main feature",
            "Active people who used it on at least three days of the week ÷ active people.",
            "A habit is harder to leave than a contract.",
            *("%", UP, WEEK, "45", LEADING, Theme.ENGAGEMENT),
        ),
        (
            "onboarded",
            "Accounts that finish onboarding",
            "Accounts that took the last step within 14 days ÷ accounts opened 14 days before.",
            "The first two weeks decide.",
            *("%", UP, MONTH, "70", LEADING, Theme.ENGAGEMENT),
        ),
    ),
    "quality": (
        (
            "nps",
            "Net Promoter Score",
            "Share of 9 and 10 minus share of 0 to 6 among the answers of the month.",
            "Recommended firms grow cheaper.",
            *("points", UP, MONTH, "45", LAGGING, Theme.QUALITY),
        ),
        (
            "defects",
            "Defect rate",
            "Deliveries that came back with a fault ÷ deliveries of the month.",
            "Each fault is paid for twice.",
            *("%", DOWN, MONTH, "2", LAGGING, Theme.QUALITY),
        ),
        (
            "on-time",
            "Requests answered in time",
            "Requests closed within the time we promised ÷ requests that were due in the month.",
            "A promise kept is what people remember.",
            *("%", UP, MONTH, "95", LAGGING, Theme.QUALITY),
        ),
    ),
    "finance": (
        (
            "mrr",
            "Monthly recurring revenue",
            "Sum of the monthly fees of all running contracts on the last day of the month.",
            "It carries everything else.",
            *("k$", UP, MONTH, "250", LAGGING, Theme.FINANCE),
        ),
        (
            "margin",
            "Gross margin",
            "Revenue minus the direct cost of serving it ÷ revenue.",
            "What is left to build with.",
            *("%", UP, MONTH, "72", LAGGING, Theme.FINANCE),
        ),
        (
            "runway",
            "Runway",
            "Cash at the month's end ÷ mean burn of the last three months.",
            "Under a year, choices become few.",
            *("months", UP, MONTH, "12", LAGGING, Theme.FINANCE),
        ),
        (
            "overdue",
            "Invoices overdue",
            "Open invoices more than 30 days past due ÷ all open invoices, by amount.",
            "Money earned is not money had.",
            *("%", DOWN, MONTH, "10", LEADING, Theme.FINANCE),
        ),
    ),
    "sales": (
        (
            "pipeline",
            "Qualified pipeline",
            "Value of the offers at stage three or later on the last day of the week.",
            "Next quarter's revenue stands here first.",
            *("k$", UP, WEEK, "600", LEADING, Theme.GROWTH),
        ),
        (
            "win-rate",
            "Win rate",
            "Offers won ÷ offers decided in the month, by number.",
            "Effort that is lost late costs most.",
            *("%", UP, MONTH, "25", LAGGING, Theme.GROWTH),
        ),
        (
            "cycle",
            "Sales cycle",
            "Days from the first talk to the signature, median of the deals won in the month.",
            "Shorter means more tries in a year.",
            *("days", DOWN, MONTH, "75", LAGGING, Theme.QUALITY),
        ),
        (
            "forecast",
            "Forecast accuracy",
            "1 − |won − forecast of the first day| ÷ forecast, for the month.",
            "Others plan by what we say.",
            *("%", UP, MONTH, "80", LAGGING, Theme.QUALITY),
        ),
    ),
    "success": (
        (
            "at-risk-called",
            "At-risk accounts called in time",
            "Accounts that spoke with us within 48 hours of being flagged ÷ accounts flagged.",
            "A call before the notice, not after.",
            *("%", UP, WEEK, "80", LEADING, Theme.RETENTION),
        ),
        (
            "first-response",
            "First response time",
            "Hours from a request to our first answer, median of the week, in office hours.",
            "Waiting is the part of support people feel.",
            *("h", DOWN, WEEK, "4", LEADING, Theme.QUALITY),
        ),
        (
            "satisfaction",
            "Satisfaction after support",
            "Answers of 4 or 5 ÷ answers to the question after a closed request.",
            "It turns before renewals do.",
            *("%", UP, MONTH, "90", LAGGING, Theme.QUALITY),
        ),
        (
            "reviews",
            "Accounts seen this quarter",
            "Accounts with a talk about their own goals in the quarter ÷ all accounts.",
            "Who knows their aims hears of trouble early.",
            *("%", UP, QUARTER, "85", LEADING, Theme.ENGAGEMENT),
        ),
    ),
    "engineering": (
        (
            "deployments",
            "Deployment frequency",
            "Deployments to production in the week, without repeats of a failed one.",
            "Small changes are safe changes.",
            *("a week", UP, WEEK, "3", LEADING, Theme.QUALITY),
        ),
        (
            "failures",
            "Changes that fail",
            "Deployments rolled back or repaired within a day ÷ deployments of the month.",
            "Speed that breaks things is no speed.",
            *("%", DOWN, MONTH, "10", LAGGING, Theme.QUALITY),
        ),
        (
            "restore",
            "Time to restore",
            "Hours from the first alarm to normal service, median of the month's incidents.",
            "Things break; how long they stay broken is ours.",
            *("h", DOWN, MONTH, "2", LAGGING, Theme.QUALITY),
        ),
        (
            "availability",
            "Availability",
            "Minutes in which the main page answered ÷ minutes of the month.",
            "Everything else assumes it.",
            *("%", UP, MONTH, "99.9", LAGGING, Theme.QUALITY),
        ),
    ),
    "people": (
        (
            "turnover",
            "Voluntary turnover",
            "People who left by their own choice in the last 12 months ÷ mean headcount.",
            "Each departure costs about half a year's salary.",
            *("%", DOWN, QUARTER, "12", LAGGING, Theme.RETENTION),
        ),
        (
            "hire-retention",
            "New hire 90-day retention",
            "People still here 90 days after their first day ÷ people who began 90 days before.",
            "The first weeks decide.",
            *("%", UP, MONTH, "92", LAGGING, Theme.RETENTION),
        ),
        (
            "time-to-hire",
            "Time to hire",
            "Days from an opening to the signed contract, median of the month.",
            "An empty seat is work on other desks.",
            *("days", DOWN, MONTH, "45", LEADING, Theme.GROWTH),
        ),
        (
            "pulse",
            "Would recommend us as an employer",
            "Answers of 8 to 10 ÷ answers to the quarter's question.",
            "Who would say so, stays and brings others.",
            *("%", UP, QUARTER, "70", LEADING, Theme.ENGAGEMENT),
        ),
    ),
    "marketing": (
        (
            "cac",
            "Customer acquisition cost",
            "Spend on sales and marketing in the month ÷ customers won in it.",
            "Growth that costs more than it brings ends by itself.",
            *("$", DOWN, MONTH, "180", LAGGING, Theme.FINANCE),
        ),
        (
            "visits",
            "Website visits",
            "Sessions on our own pages in the week, without bots.",
            "Nobody buys what they have not seen.",
            *("", UP, WEEK, "10000", LEADING, Theme.GROWTH),
        ),
        (
            "qualified",
            "Leads that sales accepts",
            "Leads accepted by sales ÷ leads handed over in the month.",
            "Volume that nobody follows up helps nobody.",
            *("%", UP, MONTH, "60", LEADING, Theme.QUALITY),
        ),
        (
            "click-cost",
            "Cost per click",
            "Spend on advertising ÷ clicks of the week.",
            "It shows first when a campaign wears out.",
            *("$", DOWN, WEEK, "0.12", LEADING, Theme.FINANCE),
        ),
    ),
}
