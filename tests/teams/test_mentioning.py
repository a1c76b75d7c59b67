"""Who is meant by an @: whole names, first names that one person has, never part of an address."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teams.mentioning import first_words, mentioned

PEOPLE = [
    (1, "Alice Moreau"),
    (2, "Bob Tanaka"),
    (3, "Bob Marlow"),
    (4, "Anne-Marie O'Neill"),
    (5, "Zoë  Ünal"),
    (6, "Ann"),
    (7, "Anna Berg"),
    (8, "Bob Tanaka-Lee"),
]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("@Alice Moreau has the list", {1}),
        ("@alice moreau, please", {1}),
        ("(@Alice) and @Alice again", {1}),
        ("ask @Alice Moreau and @Bob Tanaka.", {1, 2}),
        ("@Bob", set()),  # three people have the name
        ("@Bob Marlow", {3}),
        ("@Bob Tanaka-Lee", {8}),
        ("@Anne-Marie O'Neill", {4}),
        ("@Anne-Marie", {4}),
        ("@Zoë Ünal", {5}),
        ("@Zoe\u0308 Ünal", {5}),  # the same letters, put together otherwise
        ("@Ann", {6}),
        ("@Anna", {7}),
        ("@Annab", set()),
        ("@Alice_2", set()),
        ("@Alicemoreau", set()),
        ("mail alice@Alice Moreau", set()),
        ("alice.moreau@alice.example", set()),
        ("@@Alice", set()),
        ("@ Alice", set()),
        ("", set()),
    ],
)
def test_who_is_meant(text, ids):
    assert mentioned(text, PEOPLE) == ids


def test_two_people_of_one_name_are_both_meant():
    assert mentioned("@Kim Lee", [(1, "Kim Lee"), (2, "Kim Lee")]) == {1, 2}


@given(st.text(max_size=60))
def test_any_text_is_read_and_names_only_people_of_the_list(text):
    assert mentioned(text, PEOPLE) <= {pk for pk, _ in PEOPLE}
    if "@" not in text:
        assert first_words(text) == set()


@given(st.sampled_from(PEOPLE), st.text("ab @.,", max_size=9))
def test_whoever_is_meant_is_found_by_the_first_word(person, after):
    text = f"@{person[1]}{after}"
    for pk in mentioned(text, PEOPLE):
        name = dict(PEOPLE)[pk].casefold()
        assert any(name.startswith(word.casefold()[: len(name)]) for word in first_words(text))
