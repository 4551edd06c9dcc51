"""Words are found without regard to case, accents, script and the way in which they are typed."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from projections.paging.letters import plain
from projections.paging.search import Search, search, words_query
from projections.paging.words import asked_words, beginnings, words

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)


def is_found(text: str, question: str) -> bool:
    """Whether a question asks for the beginnings of words that the text is found by."""
    known = words(text).split()
    asked = asked_words(question)
    return bool(asked) and all(any(word.startswith(choices) for word in known) for choices in asked)


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
        ("Ærø Œuvre Þór Guðrún Đặng Ħamrun Nguyễn", "aero oeuvre thor gudrun dang hamrun nguyen"),
        ("Ｆｕｌｌ １２３", "full 123"),  # noqa: RUF001
        ("Hawai\u02bbi co\u00adop zero\u200bwidth \ufeffbom", "hawaii coop zerowidth bom"),
        ("O’Brien O‘Brien O´Brien", "o'brien o'brien o'brien"),  # noqa: RUF001
        ("ﺍﻟﻘﺎﻫﺮﺓ", "القاهره"),
        ("أحمد إبراهيم مـحـمد مُحَمَّد", "احمد ابراهيم محمد محمد"),
        ("שָׁלוֹם", "שלומ"),
        ("ｶﾞﾗｽ", "ガラス"),
        ("٤٢ ४२", "42 42"),
    ],
)
def test_case_and_accents_do_not_count(text: str, folded: str) -> None:
    assert plain(text) == folded


def test_words_are_what_stands_between_punctuation() -> None:
    assert words("Neill, Zoë; Rua-Nova 4000-001 <a_b@x.example>") == "neill zoe rua nova 4000 001 a b x example"


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("Hans Müller", "mueller"),
        ("Hans Müller", "muller"),
        ("Hans Müller", "Müller"),
        ("Hans Müller", "Mu\u0308ller"),
        ("Hans Mueller", "Müller"),
        ("Søren Ærø", "aero"),
        ("Søren Ærø", "Soeren"),
        ("Kirsten Ångström", "aangstroem"),
        ("Aage Vestergaard", "Åge Vestergård"),
        ("Luc Œuvray", "oeuvray"),
        ("Þór Jónsson", "thor"),
        ("Niall O'Brien", "obrien"),
        ("Niall O’Brien", "O'Brien"),  # noqa: RUF001
        ("Niall O'Brien", "o brien"),
        ("Niall OBrien", "O’Brien"),  # noqa: RUF001
        ("Côte d’Azur", "cote dazur"),  # noqa: RUF001
        ("Kailua, Hawai\u02bbi", "hawai'i"),
        ("राम शर्मा", "राम"),
        ("राम शर्मा", "शर्"),
        ("山田太郎", "太郎"),
        ("山田太郎", "山田太郎"),
        ("山田太郎", "郎"),
        ("東京都千代田区丸の内1丁目", "千代田区丸の内"),
        ("김철수", "철수"),
        ("สมชาย ใจดี", "ใจดี"),
        ("เลขที่ถนนสุขุมวิท", "สุขุมวิท"),
        ("ວຽງຈັນ", "ຈັນ"),
        ("ភ្នំពេញ", "ពេញ"),
        ("ရန်ကုန်မြို့", "မြို့"),
        ("مُحَمَّد", "محمد"),
        ("Παπαδόπουλος", "ΠΑΠΑΔΟΠΟΥΛΟΣ"),
        ("Алёна Ёлкина", "елкина"),
        ("İpek I\u015f\u0131k", "isik"),
        ("Đặng Văn Hòa", "dang van hoa"),
    ],
)
def test_people_are_found_as_they_are_typed(text: str, question: str) -> None:
    assert is_found(text, question)


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("मीरा", "राम"),
        ("मीरा शर्मा", "रमा"),
        ("山田花子", "太郎"),
        ("田中山田", "山田中"),
        ("かき", "がぎ"),
        ("สมชาย", "มาลี"),
        ("Potter", "Poe"),
        ("Susan", "Süß"),
        ("Neil Olsen", "O'Neil"),
        ("Hans Müller", "!!!"),
        ("Hans Müller", ""),
    ],
)
def test_other_people_are_not(text: str, question: str) -> None:
    assert not is_found(text, question)


@given(TEXT)
@example("\u0130\u0307 ŉ ǰ ΐ")
@example("\uff21\u030a")
def test_what_is_folded_stays_as_it_is(text: str) -> None:
    assert plain(plain(text)) == plain(text)


@given(TEXT, TEXT)
def test_every_text_is_found_by_itself(text: str, beside: str) -> None:
    known = words(f"{text} {beside}").split()
    assert all(any(word.startswith(choices) for word in known) for choices in asked_words(text))


@given(TEXT)
def test_words_hold_nothing_that_a_question_could_be_broken_by(text: str) -> None:
    assert not set("'\\:*|&!<>() ") & {letter for word in words(text).split() for letter in word}


def test_every_word_of_a_question_begins_some_word() -> None:
    assert beginnings("Ana & 'silva':* | !x") == "ana:* & silva:* & x:*"


def test_a_word_that_is_typed_in_two_ways_asks_for_either() -> None:
    assert beginnings("Zoë Müller") == "zoe:* & (muller:* | mueller:*)"


def test_an_email_address_is_one_word() -> None:
    assert words_query("<Ana@Example.com>, o’x@y") == "'ana@example.com':* & 'o''x@y':*"  # noqa: RUF001


def test_a_question_of_punctuation_has_no_words() -> None:
    assert search("!!! ---") == Search("", [], [], [])


def test_a_long_run_of_letters_is_cut_alike_on_both_sides() -> None:
    assert words("a" * 250).split() == ["a" * 100, "a" * 100, "a" * 50]
