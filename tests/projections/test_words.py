"""Words are found without regard to case, accents and script."""

import pytest

from projections.words import plain, prefix_query, words


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Müller", "muller"),
        ("STRAẞE", "strasse"),
        ("Łódź", "lodz"),
        ("Ελλάδα ΟΔΌΣ", "ελλαδα οδοσ"),
        ("Ёлкин Й", "елкин и"),
        ("İstanbul ISPARTA \u0131", "istanbul isparta i"),
        ("ﬁne Å", "fine a"),
    ],
)
def test_case_and_accents_do_not_count(text: str, folded: str) -> None:
    assert plain(text) == folded


def test_words_are_what_stands_between_punctuation() -> None:
    assert words("O'Neill, Zoë; Rua-Nova 4000-001 <a_b@x.example>") == "o neill zoe rua nova 4000 001 a b x example"


def test_every_word_of_a_question_begins_some_word() -> None:
    assert prefix_query("Ana & 'silva':* | !x") == "ana:* & silva:* & x:*"


def test_an_email_address_is_one_word() -> None:
    assert prefix_query("<Ana@Example.com>, o'x@y") == "'ana@example.com':* & 'o''x@y':*"


def test_a_question_of_punctuation_has_no_words() -> None:
    assert prefix_query("!!! ---") == ""


def test_a_long_run_of_letters_is_cut_alike_on_both_sides() -> None:
    assert words("a" * 250).split() == ["a" * 100, "a" * 100, "a" * 50]
