"""One short lesson a day: what they say, whom they are for, and which of the coach's rules they
answer.

Pure data, in our own words, after the seed articles S0 to S4. A lesson can be read in half a
minute and ends with one thing to try.
"""

from __future__ import annotations

from dataclasses import dataclass

MEMBER, LEAD, ADMIN = "member", "lead", "admin"
EVERYBODY = (MEMBER, LEAD, ADMIN)
WRITERS = (LEAD, ADMIN)


@dataclass(frozen=True, slots=True)
class Lesson:
    """A lesson. `rules` are the coach's codes it answers; `url` is where it can be tried."""

    key: str
    title: str
    text: str
    roles: tuple[str, ...]
    rules: tuple[str, ...] = ()
    url: str = ""
    label: str = ""


LESSONS = (
    Lesson(
        "loop",
        "One loop, three parts",
        "A KPI shows that something slipped. An OKR changes it. Then the KPI watches the new "
        "level. Look at a number of your team: in which of the three parts is it now?",
        EVERYBODY,
        url="/signals/",
        label="See the signals",
    ),
    Lesson(
        "engine-and-road",
        "The engine and the road",
        "KPIs tell how well the engine runs, OKRs where you drive. A gauge that is fine needs no "
        "goal, and a goal that is only a gauge goes nowhere. Which of yours is a gauge?",
        EVERYBODY,
        ("W3", "W4"),
        "/start/",
        "Sort an idea",
    ),
    Lesson(
        "level-to-hold",
        "“Keep it above 45” is a KPI",
        "A level to hold has no end: it is watched, not reached. The goal of the same worry "
        "describes a change, from 38 to 52. Rewrite one “keep” or “maintain” as from and to.",
        WRITERS,
        ("W3", "W10"),
        "/start/",
        "Sort an idea",
    ),
    Lesson(
        "task-or-result",
        "A task can be done and change nothing",
        "“Launch the onboarding module” is work. “New hire 90-day retention reaches 92 %” is what "
        "it is for. Ask of each key result: what would be different for somebody?",
        WRITERS,
        ("W1", "W13"),
    ),
    Lesson(
        "own-output",
        "Counting what we make",
        "Twenty articles are in our hands; whether anybody comes is not, and that is the result. "
        "Keep the articles as an initiative and measure the visits.",
        WRITERS,
        ("W2",),
    ),
    Lesson(
        "number-in-objective",
        "Words above, numbers below",
        "An objective says which state is worth reaching, so that people can choose between two "
        "ways to it. The number belongs to a key result. Read yours without its number: does it "
        "still say something?",
        WRITERS,
        ("W5", "W6"),
    ),
    Lesson(
        "what-for",
        "More of it, but what for?",
        "“Increase revenue” gives no direction: any way would do. Say who should be able to do or "
        "feel what at the end of the quarter, and let revenue be the measure.",
        WRITERS,
        ("W6", "W11"),
    ),
    Lesson(
        "from-and-to",
        "No distance without a start",
        "“80 % accuracy” may be one step or a leap. With today's value it has a length, and "
        "progress a scale. Where nobody knows it yet, finding it is a fine first key result.",
        WRITERS,
        ("W7", "W8"),
    ),
    Lesson(
        "an-end",
        "A goal without a day is a wish",
        "What has no end cannot be late. A quarter is long enough to change something and short "
        "enough to notice that it does not.",
        WRITERS,
        ("W9",),
    ),
    Lesson(
        "one-line-one-result",
        "One line, one result",
        "With “and” in it, half can be reached and nobody knows what to grade. Split it, or keep "
        "the half that matters.",
        WRITERS,
        ("W12",),
    ),
    Lesson(
        "three-to-five",
        "Three to five",
        "One key result is easily won at another's cost; with six nobody knows them by heart. "
        "Three to five see a goal from all its sides.",
        WRITERS,
        ("W14",),
    ),
    Lesson(
        "few-objectives",
        "What we will not do this quarter",
        "Two to four objectives are a choice; seven are a list. What waits is not lost: put it on "
        "the parking list and say so.",
        WRITERS,
        ("W15",),
    ),
    Lesson(
        "again",
        "The same goal again",
        "A goal that returns each quarter is a KPI with extra steps. Either it is a standing "
        "concern, then watch it, or the way was wrong, then say what will be different.",
        WRITERS,
        ("W16",),
    ),
    Lesson(
        "always-full",
        "Always 100 % means it was safe",
        "Of an aspirational goal 0.7 is a good end. If everything is reached each time, the "
        "targets were known to be reachable. What would be the bolder number?",
        WRITERS,
        ("W17",),
    ),
    Lesson(
        "out-of-reach",
        "Twice below 0.4",
        "A stretch pulls; a fantasy tires. After two quarters far below, make the next one "
        "smaller, or give it the people it needs.",
        WRITERS,
        ("W18",),
    ),
    Lesson(
        "four-essentials",
        "Four things make a metric a KPI",
        "What exactly is counted, what is good enough, where the number comes from, how often it "
        "is looked at. Without one of them it is only a number on a page.",
        EVERYBODY,
        ("W19",),
    ),
    Lesson(
        "four-to-six",
        "Four to six are read",
        "Below four a side is missing; above ten nobody looks. Growth, retention, engagement, "
        "quality, finance: which of them does your team not watch?",
        WRITERS,
        ("W20",),
    ),
    Lesson(
        "attainable",
        "A KPI is no stretch",
        "A target that is met in one month of six tells nothing new when it is missed. Set it "
        "where 90 to 100 % is normal, and put the leap into an OKR.",
        WRITERS,
        ("W21",),
    ),
    Lesson(
        "no-answer",
        "Three months red and nobody answers",
        "A number that is off for long without a response belongs to nobody. Accepting it until a "
        "day, with a reason, is an answer too.",
        EVERYBODY,
        ("W22",),
        "/signals/",
        "See what waits",
    ),
    Lesson(
        "cascade",
        "Do not copy, contribute",
        "A team that copies the company's words says nothing about itself. Which part of it is in "
        "your hands? That is your objective, linked to the one above.",
        WRITERS,
        ("W23",),
        "/alignment/",
        "See the alignment",
    ),
    Lesson(
        "look-monthly",
        "Set and forgotten",
        "What nobody looks at for a month is irrelevant by its end. Twenty seconds a week keep a "
        "goal alive: a value, how sure you are, a word.",
        EVERYBODY,
        ("W24",),
        "/my-week/",
        "See what you owe",
    ),
    Lesson(
        "trust-the-kpi",
        "When goal and KPI disagree",
        "The KPI was written slowly and is seldom wrong; the goal drifted more often. Revise one "
        "of them, and trust the KPI more.",
        WRITERS,
        ("W25",),
    ),
    Lesson(
        "confidence",
        "How sure are you?",
        "Progress says how far, confidence whether it will be enough. A fall from 7 to 4 tells "
        "the team weeks before the number does. Say why in a word.",
        EVERYBODY,
    ),
    Lesson(
        "leading",
        "The number that moves first",
        "Revenue tells how the last quarter went. Calls in time, trials that finish, changes that "
        "stay up move before it. Each lagging KPI deserves a leading one beside it.",
        EVERYBODY,
    ),
    Lesson(
        "counterpart",
        "Won at whose cost?",
        "Faster answers can be shorter ones. Put beside a KPI the one that would slip if it were "
        "won at its cost, and look at both.",
        EVERYBODY,
    ),
    Lesson(
        "no-bonus",
        "Grades and pay stay apart",
        "Who is paid for 1.0 aims for what is safe. Grades are for learning: what held, what did "
        "not, what next.",
        EVERYBODY,
    ),
    Lesson(
        "bottom-up",
        "Half of them from below",
        "Goals people set themselves are pursued. Ask teams what they would change before saying "
        "what they should.",
        (ADMIN, LEAD),
    ),
    Lesson(
        "pilot",
        "One team, one quarter, then more",
        "A first quarter is for learning the difference between output and outcome. One team does "
        "that sooner than forty. Widen once it finds its own words for it.",
        (ADMIN,),
        url="/organisation/pilot/",
        label="See the pilot",
    ),
    Lesson(
        "patience",
        "How long is long enough?",
        "One bad month is weather, three are climate. A policy that asks too early is soon "
        "ignored; look at what it would have asked in the last year before saving it.",
        (ADMIN,),
        url="/organisation/cadences/",
        label="Try a policy",
    ),
)
BY_KEY = {lesson.key: lesson for lesson in LESSONS}
