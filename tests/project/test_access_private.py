"""Every route about an object of a private team, asked by each role; a file of its own, since the
files of a run are shared out between processes."""

import pytest

from tests.project.asking import wrong_answers


@pytest.mark.django_db
def test_every_route_about_a_private_team_answers_each_role_as_the_table_says():
    assert wrong_answers(private=True) == []
