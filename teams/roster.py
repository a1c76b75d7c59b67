"""A table of teams and people, as an administrator keeps it: read, checked, compared. Pure.

Each row names a team, a person, or both, who is in it then. Nothing here touches the database.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from teams.tree import is_under

COLUMNS = ("team", "under", "purpose", "private", "e-mail", "name", "role")
OTHER_NAMES = {"email": "e-mail", "mail": "e-mail", "parent": "under"}
ROLES = ("lead", "member", "viewer")
ANSWERS = {"": False, "no": False, "yes": True}
MAX_ROWS = 5_000
LONGEST = {"team": 200, "under": 200, "purpose": 1000, "name": 200, "e-mail": 254}


class Problem(NamedTuple):
    """What stands in the way: the row as a spreadsheet counts it, the column, and the remedy."""

    row: int
    column: str
    text: str


class Line(NamedTuple):
    """One row of the table with its place; every column is there, stripped, maybe empty."""

    row: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Known:
    """What is there: teams by lower name, people by lower address; ids of teams by their parent.

    `state` of a person: "here", "away" (may not sign in), "left" or "elsewhere". `hidden` are names
    of teams that exist and may not be shown.
    """

    teams: Mapping[str, dict]
    people: Mapping[str, str]
    roles: Mapping[tuple[str, str], str]
    hidden: frozenset[str]


@dataclass
class Plan:
    """What the table would change; keys are lower names of teams and lower addresses.

    `unled` are open teams that would lose their last lead.
    """

    teams: dict[str, dict] = field(default_factory=dict)
    new_teams: list[str] = field(default_factory=list)
    changed_teams: dict[str, list[str]] = field(default_factory=dict)
    new_people: dict[str, str] = field(default_factory=dict)
    roles: dict[tuple[str, str], str] = field(default_factory=dict)
    unled: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether everything in the table is so already."""
        return not (self.new_teams or self.changed_teams or self.new_people or self.roles)


def read(text: str) -> tuple[list[Line], list[Problem]]:
    """The rows of a table separated by commas, semicolons or tabs, and what cannot be read."""
    first = text.split("\n", 1)[0]
    mark = max(",;\t", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=mark, strict=True))
    except csv.Error as error:
        return [], [Problem(1, "", f"This is no table: {error}. Save it as CSV once more.")]
    if not rows or not any(cell.strip() for cell in rows[0]):
        return [], [Problem(1, "", "The first row must name the columns, for example: team, name.")]
    heads = [OTHER_NAMES.get(cell.strip().lower(), cell.strip().lower()) for cell in rows[0]]
    problems = [
        Problem(1, head, f"Unknown column. Known are: {', '.join(COLUMNS)}.")
        for head in heads
        if head not in COLUMNS
    ] + [
        Problem(1, head, "This column is there twice. Keep one.")
        for head in sorted({head for head in heads if heads.count(head) > 1})
    ]
    if not {"team", "e-mail"} & set(heads):
        problems.append(Problem(1, "team", "Add a column “team”, a column “e-mail”, or both."))
    if len(rows) - 1 > MAX_ROWS:
        problems.append(Problem(MAX_ROWS + 2, "", f"At most {MAX_ROWS} rows. Split the table."))
    return ([], problems) if problems else _lines(heads, rows[1:])


def _lines(heads: list[str], rows: list[list[str]]) -> tuple[list[Line], list[Problem]]:
    lines, problems = [], []
    for row, cells in enumerate(rows, start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(heads):
            problems.append(Problem(row, "", "More cells than columns. Quote cells with commas."))
            continue
        said = dict.fromkeys(COLUMNS, "")
        said.update(zip(heads, (cell.strip() for cell in cells), strict=False))
        lines.append(Line(row, said))
    return lines, problems


def plan(text: str, known: Known) -> Plan:
    """What the table would change, with every problem of every row; nothing is written.

    A cell that is wrong by itself does not hide what else can be told: it is left out, and what
    depends on its row is not told before it is mended.
    """
    lines, problems = read(text)
    made = Plan(problems=problems)
    if problems:
        return made
    for line in lines:
        made.problems += _cell_problems(line)
    unsure = {one.row for one in made.problems}
    lines = [_usable(line) if line.row in unsure else line for line in lines]
    for line in lines:
        _plan_team(line, known, made)
    for line in lines:
        _plan_under(line, known, made)
        _plan_person(line, known, made, names_are_sure=not unsure)
    _refuse_loops(lines, known, made)
    open_teams = {line.cells["team"].lower() for line in lines if line.row in unsure}
    settled = [line for line in lines if line.cells["team"].lower() not in open_teams]
    _refuse_unseen(settled, known, made)
    _refuse_unled(settled, known, made)
    made.problems.sort(key=lambda one: one.row)
    return made


def _cell_problems(line: Line) -> list[Problem]:
    """What a cell by itself may be, and what it needs beside it."""
    found = [*_wrong_cells(line.cells), *_missing_cells(line.cells)]
    return [Problem(line.row, column, text) for column, text in found]


def _usable(line: Line) -> Line:
    """A row with wrong cells as far as it can be planned with."""
    cells = {name: text[: LONGEST.get(name)] for name, text in line.cells.items()}
    wrong = {column for column, _ in _wrong_cells(cells)}
    if "e-mail" in wrong or not cells["e-mail"]:
        wrong |= {"e-mail", "name", "role"}
    return Line(line.row, cells | dict.fromkeys(wrong, ""))


def _wrong_cells(cells: dict[str, str]) -> Iterator[tuple[str, str]]:
    for column, most in LONGEST.items():
        if len(cells[column]) > most:
            yield column, f"At most {most} characters."
    if cells["private"].lower() not in ANSWERS:
        yield "private", f"“{cells['private']}” is neither yes nor no. Write one of them."
    if cells["role"] and cells["role"].lower() not in ROLES:
        yield "role", f"“{cells['role']}” is no role. Write lead, member or viewer."
    if cells["e-mail"]:
        try:
            validate_email(cells["e-mail"])
        except ValidationError:
            yield "e-mail", f"“{cells['e-mail']}” is no address. Write one, as vera@example.org."


def _missing_cells(cells: dict[str, str]) -> Iterator[tuple[str, str]]:
    if not cells["e-mail"] and (cells["name"] or cells["role"]):
        yield "e-mail", "Whose name or role is it? Write the address."
    if cells["team"]:
        return
    for column in ("under", "purpose", "private", "role"):
        if cells[column]:
            yield "team", f"Of which team is “{column}”? Write its name."
            return
    if not cells["e-mail"]:
        yield "team", "Write a team, an address, or both."


def _plan_team(line: Line, known: Known, made: Plan) -> None:
    name = line.cells["team"]
    key = name.lower()
    if not name:
        return
    if key in known.hidden:
        made.problems.append(Problem(line.row, "team", "This name is taken. Choose another one."))
        return
    if key not in made.teams:
        there = known.teams.get(key)
        made.teams[key] = {"name": there["name"] if there else name}
        if there is None:
            made.new_teams.append(key)
    private = ANSWERS[line.cells["private"].lower()] if line.cells["private"] else None
    for column, value in (("purpose", line.cells["purpose"] or None), ("is_private", private)):
        _plan_field(line, known, made, key, column, value)


def _plan_under(line: Line, known: Known, made: Plan) -> None:
    key, under = line.cells["team"].lower(), line.cells["under"].lower()
    if not key or not under:
        return
    if under not in made.teams and under not in known.teams:
        text = f"There is no team “{line.cells['under']}”, here or in the table. Add a row for it."
        made.problems.append(Problem(line.row, "under", text))
        return
    _plan_field(line, known, made, key, "parent", under)


def _plan_field(line: Line, known: Known, made: Plan, key: str, name: str, value) -> None:
    """Note what a row says of its team; two rows that say different things are a problem."""
    if value is None or key not in made.teams:
        return
    column = {"parent": "under", "is_private": "private"}.get(name, name)
    said = made.teams[key].setdefault(name, value)
    if said != value:
        text = f"Another row says something else of “{line.cells['team']}”. Keep one."
        made.problems.append(Problem(line.row, column, text))
    there = known.teams.get(key)
    if there is not None and there[name] != value:
        changes = made.changed_teams.setdefault(key, [])
        if name not in changes:
            changes.append(name)


def _plan_person(line: Line, known: Known, made: Plan, *, names_are_sure: bool) -> None:
    email, key = line.cells["e-mail"].lower(), line.cells["team"].lower()
    if not email:
        return
    state = known.people.get(email)
    if state == "left":
        text = "This person left. Let them in again on the page of people first."
        made.problems.append(Problem(line.row, "e-mail", text))
    elif state == "elsewhere":
        made.problems.append(Problem(line.row, "e-mail", "This address is in use elsewhere."))
    elif state is None:
        _plan_name(line, made, email, names_are_sure=names_are_sure)
    if key and key not in known.hidden:
        role = line.cells["role"].lower()
        there = known.roles.get((key, email))
        said = made.roles.get((key, email))
        wanted = role or said or there or "member"
        if said is not None and role and said != role:
            text = f"Another row gives another role in “{line.cells['team']}”. Keep one."
            made.problems.append(Problem(line.row, "role", text))
        elif wanted != there:
            made.roles[key, email] = wanted


def _plan_name(line: Line, made: Plan, email: str, *, names_are_sure: bool) -> None:
    name = line.cells["name"]
    said = made.new_people.get(email, "")
    if name and said and said != name:
        text = f"Another row says “{said}”. Keep one name for this address."
        made.problems.append(Problem(line.row, "name", text))
    elif not name and not said and names_are_sure:
        text = "Somebody new needs a name. Write it in the first row of this address."
        made.problems.append(Problem(line.row, "name", text))
    else:
        made.new_people[email] = said or name


def _refuse_loops(lines: list[Line], known: Known, made: Plan) -> None:
    parents = {key: there["parent"] for key, there in known.teams.items()}
    parents |= {key: said["parent"] for key, said in made.teams.items() if "parent" in said}
    for line in lines:
        key, under = line.cells["team"].lower(), line.cells["under"].lower()
        if under and under in parents | made.teams and is_under(parents, under, key):
            text = f"“{line.cells['team']}” would stand under itself. Choose another team."
            made.problems.append(Problem(line.row, "under", text))


def _refuse_unseen(lines: list[Line], known: Known, made: Plan) -> None:
    """A new private team without anybody in it would be seen by nobody."""
    peopled = {key for key, _ in made.roles}
    for line in lines:
        key = line.cells["team"].lower()
        if key in made.new_teams and made.teams[key].get("is_private") and key not in peopled:
            text = "Nobody would see this team. Add a row that gives somebody a role in it."
            made.problems.append(Problem(line.row, "private", text))


def _refuse_unled(lines: list[Line], known: Known, made: Plan) -> None:
    """A private team keeps a lead (`teams.actions.LastLead`); of an open one it is only noted."""
    kept = {
        key
        for (key, email), role in (known.roles | made.roles).items()
        if role == "lead" and (known.people.get(email) == "here" or email in made.new_people)
    }
    for line in lines:
        cells = line.cells
        key, email = cells["team"].lower(), cells["e-mail"].lower()
        there = known.teams.get(key)
        if there is None or key in kept:
            continue
        loses = known.roles.get((key, email)) == "lead" and (key, email) in made.roles
        is_private = made.teams[key].get("is_private", there["is_private"])
        if loses and is_private:
            text = (
                f"“{cells['team']}” is private and would have no lead: nobody could let anybody "
                "in. Write lead here, or in the row of somebody else in it."
            )
            made.problems.append(Problem(line.row, "role", text))
        elif loses and key not in made.unled:
            made.unled.append(key)
        elif is_private and cells["private"] and not there["is_private"]:
            text = f"Nobody leads “{cells['team']}”. Add a row that makes somebody lead first."
            made.problems.append(Problem(line.row, "private", text))
