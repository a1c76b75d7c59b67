"""Pasted lines go to the cells they name, or to the rows in order; what fits nowhere is said."""

import pytest

from objectives.grid_paste import MAX_LENGTH, PasteRow, read_paste

ROWS = [
    PasteRow("Support first response", ("v1", "v2")),
    PasteRow("NPS rises", ("k-value", "k-confidence", "k-note")),
]


def test_lines_with_names_are_matched_by_name_in_any_order():
    found = read_paste("nps  RISES\t43\t7\tBetter\nSupport first response\t5.6", ROWS)
    assert found.problems == []
    assert found.cells == {"k-value": "43", "k-confidence": "7", "k-note": "Better", "v1": "5.6"}


def test_lines_without_names_go_to_the_rows_in_order():
    found = read_paste("5.6\t5.1\r\n43\t7\r\n", ROWS)
    assert found.cells == {"v1": "5.6", "v2": "5.1", "k-value": "43", "k-confidence": "7"}


@pytest.mark.parametrize("heading", ["KPI\tLatest", "Name\tValue\tConfidence"])
def test_a_line_of_headings_is_passed_over(heading):
    found = read_paste(f"{heading}\nSupport first response\t5.6", ROWS)
    assert (found.cells, found.problems) == ({"v1": "5.6"}, [])


def test_an_empty_cell_is_left_alone():
    assert read_paste("Support first response\t\t5.1", ROWS).cells == {"v2": "5.1"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Paste the lines here first."),
        (" \n\t\n", "Paste the lines here first."),
        (
            "Support first response\t5\nChurn\t4",
            "Line 2: “Churn” is none of the names in the table.",
        ),
        ("1\n2\n3", "3 lines, but the table has 2 rows."),
        ("Support first response\t1\t2\t3", "Line 1: 3 cells, but Support first response takes 2."),
        (
            "Support first response\t1\nSupport first response\t2",
            "Line 2: Support first response stands in two lines.",
        ),
        ("x" * (MAX_LENGTH + 1), "This is too much for one paste."),
    ],
)
def test_what_fits_nowhere_is_said_and_fills_nothing(text, sentence):
    found = read_paste(text, ROWS)
    assert found.cells == {}
    assert found.problems[0].startswith(sentence)


def test_rows_of_one_name_are_not_guessed():
    twins = [PasteRow("Churn", ("a",)), PasteRow("Churn", ("b",))]
    found = read_paste("Churn\t1", twins)
    assert found.cells == {}
    assert "2 rows are named “Churn”" in found.problems[0]
