"""Teams and people from a file: a dry run that writes nothing, problems by row and column, once."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from teams.actions import deactivate
from teams.models import Membership, OutboxMessage, Team, User
from teams.roster import COLUMNS, Known, plan
from tests.factories import NOW, join, make_organisation, make_team, make_user

PATH = "/organisation/people/import/"
TABLE = """team;under;purpose;private;e-mail;name;role
Sales;;Sells;no;nora@halden.example;Nora Vik;lead
Inside sales;Sales;;;NORA@halden.example;;member
Inside sales;;;;ben@halden.example;Ben Oz;
Legal;;Reads contracts;yes;ben@halden.example;;viewer
;;;;zoe@halden.example;Zoe Lund;
"""
EMPTY = Known(teams={}, people={}, roles={}, hidden=frozenset())


@pytest.fixture
def admin(client, ada):
    client.force_login(ada)
    return client


@pytest.fixture
def mailed(settings):
    settings.EMAIL_URL = "smtp://mail.example:25"


def dry_run(client, table: str | bytes):
    raw = table if isinstance(table, bytes) else table.encode()
    return client.post(PATH, {"file": SimpleUploadedFile("people.csv", raw)})


def counts() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Team, User, Membership))


@pytest.mark.django_db
def test_a_dry_run_says_what_would_change_and_changes_nothing(admin):
    before = counts()
    page = dry_run(admin, TABLE).content.decode()
    for said in (
        "Inside sales",
        "Ben Oz, ben@halden.example",
        "nora@halden.example in Sales: lead",
    ):
        assert said in page
    assert counts() == before


@pytest.mark.django_db
@pytest.mark.usefixtures("mailed")
def test_the_import_writes_all_of_it_and_again_changes_nothing(admin, organisation):
    answer = admin.post(PATH, {"text": TABLE, "import": "1"})
    assert (answer.status_code, answer.url) == (302, "/organisation/teams/")
    assert Team.objects.get(name="Inside sales").parent.name == "Sales"
    assert Team.objects.get(name="Legal").is_private
    held = set(Membership.objects.values_list("team__name", "user__name", "role"))
    assert held == {
        ("Sales", "Nora Vik", "lead"),
        ("Inside sales", "Nora Vik", "member"),
        ("Inside sales", "Ben Oz", "member"),
        ("Legal", "Ben Oz", "viewer"),
    }
    assert not User.objects.get(name="Ben Oz").has_usable_password()
    assert OutboxMessage.objects.count() == 3
    before = counts()
    table = TABLE.replace("Legal;;Reads contracts;yes;ben@halden.example;;viewer\n", "")
    assert "Everything in the table is so already." in dry_run(admin, table).content.decode()
    admin.post(PATH, {"text": table, "import": "1"})
    assert (counts(), OutboxMessage.objects.count()) == (before, 3)


@pytest.mark.django_db
def test_what_is_there_is_changed_and_what_is_not_said_stays(admin, team, alice, bob):
    table = f"team,e-mail,role,purpose\nCustomer Success,{bob.email},lead,Keeps customers\n"
    admin.post(PATH, {"text": table, "import": "1"})
    team.refresh_from_db()
    assert team.purpose == "Keeps customers"
    assert dict(team.memberships.values_list("user__name", "role")) == {
        "Alice Moreau": "lead",
        "Bob Tanaka": "lead",
    }
    table = f"team,e-mail\nCUSTOMER SUCCESS,{bob.email}\n"
    admin.post(PATH, {"text": table, "import": "1"})
    assert bob.memberships.get().role == "lead"


@pytest.mark.parametrize(
    ("table", "row", "column", "said"),
    [
        ("", 1, "", "must name the columns"),
        ("salary\n1\n", 1, "salary", "Unknown column."),
        ("team,team\nA,B\n", 1, "team", "twice"),
        ("name,role\nNora,lead\n", 1, "team", "Add a column"),
        ('team\n"A\n', 1, "", "no table"),
        ("team\nA,B\n", 2, "", "More cells than columns."),
        ("team,purpose\n,Sells\n", 2, "team", "Of which team"),
        ("team\n" + "x" * 201 + "\n", 2, "team", "At most 200 characters."),
        ("team,private\nA,maybe\n", 2, "private", "neither yes nor no"),
        ("team,e-mail,name,role\nA,a@b.example,Al,boss\n", 2, "role", "no role"),
        ("e-mail,name\nnora,Nora\n", 2, "e-mail", "no address"),
        ("team,e-mail,name\nA,,Nora\n", 2, "e-mail", "Whose name or role"),
        ("e-mail\nnora@b.example\n", 2, "name", "needs a name"),
        ("e-mail,name\na@b.example,Al\na@b.example,Bo\n", 3, "name", "Another row says “Al”."),
        ("team,private\nA,yes\n", 2, "private", "Nobody would see this team."),
        ("team,under\nA,B\n", 2, "under", "There is no team “B”"),
        ("team,under\nA,A\n", 2, "under", "under itself"),
        ("team,under\nA,B\nB,C\nC,A\n", 2, "under", "under itself"),
        ("team,purpose\nA,One\na,Two\n", 3, "purpose", "Another row says something else"),
        (
            "team,e-mail,name,role\nA,a@b.example,Al,lead\nA,a@b.example,Al,viewer\n",
            3,
            "role",
            "Another row gives another role",
        ),
    ],
)
def test_a_problem_names_row_column_and_remedy(table, row, column, said):
    first = plan(table, EMPTY).problems[0]
    assert (first.row, first.column) == (row, column)
    assert said in first.text


def test_wrong_cells_do_not_hide_unknown_parents_loops_and_conflicts():
    table = """team,under,private,e-mail,name,role
A,B,maybe,a@b.example,Al,lead
B,A,,not-an-address,Bo,
C,Nowhere,,a@b.example,,viewer
C,,,a@b.example,,boss
C,,,a@b.example,,member
D,,yes,new@b.example,,
,,,new@b.example,New,
"""
    problems = plan(table, EMPTY).problems
    assert [(one.row, one.column) for one in problems] == [
        (2, "private"),
        (2, "under"),
        (3, "e-mail"),
        (3, "under"),
        (4, "under"),
        (5, "role"),
        (6, "role"),
    ]


def test_what_hangs_on_a_wrong_cell_waits_until_it_is_mended():
    # Whose row is wrong may be who sees the team, and who has the name.
    table = "team,private,e-mail,name,role\nA,yes,,,\nA,,nora@b,Nora,lead\nB,,nora@b.example,,\n"
    assert [(one.row, one.column) for one in plan(table, EMPTY).problems] == [(3, "e-mail")]


@pytest.mark.django_db
def test_who_left_who_is_elsewhere_and_what_is_hidden(admin, organisation, bob):
    deactivate(bob, now=NOW)
    zoe = make_user("Zoe", organisation=make_organisation(name="Elsewhere"))
    make_team(organisation=organisation, name="Quiet works", is_private=True)
    table = f"team,e-mail\nA,{bob.email}\nA,{zoe.email}\nQuiet works,\n"
    answer = dry_run(admin, table)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "This person left." in page
    assert "in use elsewhere" in page
    assert "This name is taken." in page


@pytest.mark.django_db
def test_one_problem_and_nothing_is_written(admin):
    before = counts()
    answer = admin.post(PATH, {"text": TABLE + "Sales;;;;not-an-address;X;\n", "import": "1"})
    assert answer.status_code == 422
    assert "Row 7" in answer.content.decode()
    assert counts() == before


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "This file is empty."),
        (b"PK\0\0", "This is no text."),
        (b"x" * 1_000_001, "At most 1 MB."),
    ],
    ids=["empty", "binary", "large"],
)
def test_a_file_that_cannot_be_read_is_said(admin, raw, said):
    answer = dry_run(admin, raw)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert admin.post(PATH, {}).status_code == 422


@pytest.mark.django_db
def test_a_file_of_excel_is_read(admin):
    assert "Müller" in dry_run(admin, "team\nMüller\n".encode("cp1252")).content.decode()
    assert "Müller" in dry_run(admin, "\ufeffteam\nMüller\n").content.decode()


CELL = st.sampled_from(
    ["", "A", "B", "a", "yes", "no", "lead", "x@y.example", "Nora", "ü", '"', ","]
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(*[CELL] * len(COLUMNS)), max_size=5))
def test_no_table_breaks_it(rows):
    text = "\n".join([",".join(COLUMNS), *(",".join(row) for row in rows)])
    made = plan(text, EMPTY)
    assert made.problems or set(made.new_teams) == set(made.teams)


@pytest.fixture
def secret(organisation, alice, bob, ada):
    """A private team that Alice leads alone; the administrator, who sees it, and Bob are in it."""
    team = make_team(organisation=organisation, name="Quiet works", is_private=True)
    for person, role in ((alice, "lead"), (bob, "member"), (ada, "viewer")):
        join(team, person, role)
    return team


@pytest.mark.django_db
def test_a_private_team_keeps_its_lead(admin, secret, alice, bob):
    table = f"team,e-mail,role\nQuiet works,{alice.email},member\n"
    for answer in (dry_run(admin, table), admin.post(PATH, {"text": table, "import": "1"})):
        assert answer.status_code == 422
        assert "Row 2" in answer.text
        assert "is private and would have no lead" in answer.text
    assert secret.memberships.get(user=alice).role == "lead"
    # Who may not sign in leads nobody.
    away = make_user("Away", organisation=secret.organisation, is_active=False)
    assert dry_run(admin, table + f"Quiet works,{away.email},lead\n").status_code == 422
    handed = table + f"Quiet works,{bob.email},lead\n"
    assert dry_run(admin, handed).status_code == 200
    assert admin.post(PATH, {"text": handed, "import": "1"}).status_code == 302
    held = dict(secret.memberships.values_list("user__name", "role"))
    assert held == {"Alice Moreau": "member", "Bob Tanaka": "lead", "Ada Berg": "viewer"}


@pytest.mark.django_db
def test_an_open_team_may_lose_its_lead_and_the_dry_run_says_so(admin, team, alice):
    table = f"team,e-mail,role\n{team.name},{alice.email},member\n"
    assert "Nobody leads then" in dry_run(admin, table).text
    admin.post(PATH, {"text": table, "import": "1"})
    assert team.memberships.get(user=alice).role == "member"
    private = f"team,private\n{team.name},yes\n"
    answer = dry_run(admin, private)
    assert answer.status_code == 422
    assert f"Nobody leads “{team.name}”." in answer.text
