"""The coach's own word lists, in English. Other languages are judged by their numbers alone."""

from __future__ import annotations

import re


def forms(*bases: str) -> dict[str, str]:
    """Each base, its third person and its -ing form, mapped to the base."""
    found = {}
    for base in bases:
        for form in (base, _third_person(base), _ing(base)):
            found[form] = base
    return found


def _third_person(base: str) -> str:
    if base.endswith(("s", "x", "ch", "sh", "z", "o")):
        return base + "es"
    if base.endswith("y") and base[-2] not in "aeou":
        return base[:-1] + "ies"
    return base + "s"


_DOUBLED = frozenset(("ship", "plan", "set", "cut", "get", "win", "drop", "run", "put", "begin"))


def _ing(base: str) -> str:
    if base in _DOUBLED:
        return base + base[-1] + "ing"
    if base.endswith("e") and not base.endswith(("ee", "oe", "ye")):
        return base[:-1] + "ing"
    return base + "ing"


# W1: something is made and handed over.
DELIVERY = forms(
    *("add", "adopt", "automate", "build", "complete", "create", "define", "deliver", "deploy"),
    *("design", "develop", "document", "draft", "establish", "finalise", "finalize", "finish"),
    *("implement", "install", "integrate", "introduce", "launch", "migrate", "move", "prepare"),
    *("produce", "publish", "redesign", "refactor", "release", "renovate", "replace", "rewrite"),
    *("roll", "set", "setup", "ship", "standardise", "standardize", "start", "train", "upgrade"),
    "write",
)
# W2: verbs that count what we make only when what they count is one of ARTEFACTS.
HANDLING = forms(
    *("conduct", "do", "give", "have", "hold", "host", "make", "organise", "organize", "post"),
    *("present", "record", "run", "schedule", "send"),
)
ARTEFACTS = frozenset(
    (
        *("article", "blog", "call", "campaign", "conference", "content", "course", "dashboard"),
        *("demo", "pilot", "talk"),
        *("document", "ebook", "email", "event", "experiment", "feature", "guide", "interview"),
        *("meeting", "meetup", "newsletter", "page", "pages", "piece", "podcast", "policy"),
        *("post", "presentation", "prototype", "release", "report", "seminar", "session"),
        *("story", "study", "survey", "template", "test", "ticket", "training", "tutorial"),
        *("video", "webinar", "workshop"),
    )
)
# W3: a level is to stay as it is.
STEADY = forms("hold", "keep", "maintain", "preserve", "remain", "retain", "stay", "sustain")
STEADY |= {"kept": "keep", "maintained": "maintain", "sustained": "sustain"}
# W4: phrases of work that returns by itself.
_ROUTINES = (
    *("as usual", "business as usual", "close the books", "day to day", "day-to-day"),
    *("keep the lights on", "keep things running", "keep up with", "routine work"),
    *("run payroll", "running smoothly", "running well", "without interruption"),
)
ROUTINE = forms(
    *("administer", "answer", "continue", "ensure", "file", "handle", "monitor", "operate"),
    *("pay", "perform", "process", "provide", "reconcile", "report", "respond", "run", "submit"),
)
_REGULAR = (
    *("daily", "every day", "every month", "every quarter", "every week", "monthly", "on time"),
    *("properly", "quarterly", "reliably", "smoothly", "up to date", "weekly"),
)
# W3: how often something is looked at, and so a level without an end: "3 deployments per week".
RECURRING = re.compile(
    r"\b(?:(daily|weekly|monthly|quarterly|annually|annual|yearly)"
    r"|(?:per|every|each|a) (day|week|month|year))\b"
)
ROUTINES = re.compile(rf"\b(?:{'|'.join(_ROUTINES)})\b")
REGULAR = re.compile(rf"\b(?:{'|'.join(_REGULAR)})\b")
# W6, W10: a measure moves. Values say which way: 1 up, -1 down, 0 either.
UP = forms(
    *("accelerate", "boost", "climb", "double", "expand", "gain", "grow", "increase", "lift"),
    *("maximise", "maximize", "raise", "rise", "triple"),
)
DOWN = forms(
    *("cut", "decline", "decrease", "drop", "fall", "halve", "lower", "minimise", "minimize"),
    *("reduce", "shorten", "shrink"),
)
MOVES = dict.fromkeys(UP, 1) | dict.fromkeys(DOWN, -1)
MOVES |= dict.fromkeys(
    forms("change", "improve", "optimise", "optimize", "move", "drive", "generate"), 0
)
COMPARED = {"more": 1, "higher": 1, "less": -1, "fewer": -1, "lower": -1, "better": 0}
GETTING = forms("achieve", "attract", "bring", "drive", "earn", "generate", "get", "win")
# W1, W13: a number after one of these is a result.
OUTCOME = forms(
    *("achieve", "acquire", "attain", "book", "close", "convert", "earn", "exceed", "gain"),
    *("generate", "hit", "land", "reach", "renew", "save", "score", "sell", "sign", "win"),
)
OUTCOME |= UP | DOWN
# W8: what is won in the cycle is counted from nothing.
GAINED = forms("acquire", "book", "close", "gain", "hire", "land", "onboard", "sell", "sign", "win")
# W13: being busy with something.
ACTIVITY = forms(
    *("advise", "align", "analyse", "analyze", "assist", "attend", "attempt", "collaborate"),
    *("communicate", "consult", "contribute", "coordinate", "discuss", "engage", "enhance"),
    *("evaluate", "examine", "explore", "facilitate", "focus", "help", "improve", "investigate"),
    *("learn", "look", "optimise", "optimize", "participate", "plan", "promote", "research"),
    *("review", "study", "support", "try", "understand", "work"),
)
# W12: words that are as often a noun: a verb only before an article or a number.
BOTH = frozenset(
    (
        *("answer", "book", "call", "close", "cut", "design", "document", "draft", "drop"),
        *("file", "focus", "guide", "help", "launch", "lift", "plan", "post", "promote"),
        *("record", "release", "report", "research", "review", "rise", "run", "score", "set"),
        *("sign", "start", "study", "support", "test", "train", "try", "upgrade", "work"),
    )
)
# Words that open a title as often as a noun: support teams, design reviews. Then a verb follows.
NOUNS = BOTH - {"answer", "help", "try"}
ARTICLES = frozenset(
    ("a", "all", "an", "any", "each", "every", "its", "new", "our", "the", "their", "your")
)
VERBS = frozenset(DELIVERY | OUTCOME | ACTIVITY | HANDLING | ROUTINE | MOVES | GETTING)
PREDICATES = VERBS | {"bring", "cost", "find", "know", "need", "say", "see", "solve", "take", "use"}
# Finite outcome verbs tell a clause of its own after "and": "… and churn drops".
FINITE = frozenset(
    form
    for form, base in (OUTCOME | forms("improve")).items()
    if form.endswith("s") and form != base
)

# W6, W11: what is counted, in the singular.
METRICS = frozenset(
    (
        *("adoption", "arpu", "arr", "booking", "cac", "churn", "click", "conversion", "cost"),
        *(
            "csat",
            "customer",
            "defect",
            "downtime",
            "download",
            "ebitda",
            "efficiency",
            "engagement",
        ),
        *("follower", "growth", "income", "latency", "lead", "ltv", "margin", "mrr", "nps"),
        *("pipeline", "productivity", "profit", "profitability", "retention", "revenue", "sale"),
        *("satisfaction", "share", "signup", "sign-up", "spend", "subscriber", "throughput"),
        *("traffic", "turnover", "uptime", "usage", "user", "velocity", "view", "visit"),
        "visitor",
    )
)
# Words that carry a metric in front of them: revenue line, churn rate.
CARRIERS = frozenset(
    (
        *("base", "figure", "level", "line", "number", "rate", "ratio", "score", "stream"),
        *("time", "value", "volume"),
    )
)
# W6: what follows says what the movement is for, or how the world is then.
PURPOSE = frozenset(("because", "so", "that", "until", "where", "which", "while", "who", "whose"))
PURPOSE_AFTER_TO = frozenset(
    (
        *("afford", "allow", "be", "become", "build", "enable", "free", "fund", "give", "help"),
        *("keep", "let", "make", "open", "pay", "protect", "prove", "secure", "show", "win"),
    )
)
ENDS_OF_OBJECT = frozenset(
    (
        *("across", "after", "among", "and", "as", "at", "before", "by", "during", "for", "from"),
        *("in", "into", "on", "over", "per", "through", "to", "until", "via", "with", "within"),
    )
)
# A comparator and the side of its number that is good.
AT_LEAST = frozenset(
    (
        *("above", "over", "beyond", "exceeds", "exceed", "exceeding", "least", "minimum", "min"),
        *("≥", ">", ">="),
    )
)
AT_MOST = frozenset(("below", "under", "most", "maximum", "max", "within", "≤", "<", "<="))
THAN = {"more": "at_least", "higher": "at_least", "greater": "at_least"}
THAN |= {"less": "at_most", "fewer": "at_most", "lower": "at_most"}
# Words without a subject of their own, left out when two texts are compared.
EMPTY = frozenset(
    (
        *("a", "all", "an", "and", "are", "as", "at", "be", "by", "each", "every", "for", "from"),
        *("i", "in", "into", "is", "it", "its", "my", "of", "on", "or", "our", "ours", "that"),
        *("the", "their", "these", "this", "those", "through", "to", "us", "we", "will", "with"),
        *("your", "which", "up", "down", "out", "than", "over", "per", "quarter", "end"),
    )
)
ADVERBS = frozenset(
    (
        *("also", "consistently", "continuously", "finally", "fully", "proactively", "quickly"),
        *("regularly", "really", "simply", "successfully", "then"),
    )
)
