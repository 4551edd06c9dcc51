"""Every problem code stands in the table, and every row is raised somewhere."""

from tests.support.raised_codes import FROM_TABLES, handed_on, raised_codes
from web.problem_codes import CODES, GROUPS

RAISED = raised_codes()


def test_every_code_that_is_raised_has_a_row() -> None:
    assert sorted(set(RAISED) - set(CODES)) == []


def test_every_row_is_raised_somewhere() -> None:
    assert sorted(set(CODES) - set(RAISED)) == []


def test_a_row_has_the_statuses_that_its_code_is_raised_with() -> None:
    wrong = {code: statuses for code, statuses in RAISED.items() if not statuses <= set(CODES[code].statuses)}
    assert wrong == {}


def test_a_code_stands_in_one_group() -> None:
    assert sum(len(rows) for rows in GROUPS.values()) == len(CODES)


def test_every_row_says_what_it_means_and_what_to_do() -> None:
    for code, row in CODES.items():
        assert row.meaning.endswith("."), code
        assert row.action.endswith("."), code


def test_where_a_code_comes_from_a_table_is_known() -> None:
    """Such a place is invisible to who reads the source: its table has to be added to what is compared."""
    assert handed_on() == FROM_TABLES
