"""SSCCs against GS1's published examples, and that no two packages ever share one."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.refusals import Refusal
from domain.sscc import HIGHEST_PLACE, PREFIX_DIGITS, check_digit, sscc

PUBLISHED = [
    ("37610425002123456", "9"),  # GS1: how to calculate a check digit by hand
    ("10614141234567890", "8"),  # GS1 EPC Tag Data Standard: urn:epc:id:sscc:0614141.1234567890
    ("00614141123456789", "0"),  # the same company's code as introductions to the SSCC show it
    ("629104150021", "3"),  # GS1: the same calculation for a GTIN-13
    ("03600029145", "2"),  # the UPC-A every text shows
]
prefixes = st.sampled_from(PREFIX_DIGITS).flatmap(lambda n: st.text("0123456789", min_size=n, max_size=n))


@pytest.mark.parametrize(("digits", "expected"), PUBLISHED)
def test_check_digits_are_those_that_gs1_publishes(digits: str, expected: str) -> None:
    assert check_digit(digits) == expected


def test_the_serial_of_a_first_package_is_the_shipment_number() -> None:
    assert sscc("0614141", 42, 1) == "006141410000000425"


def test_the_extension_digit_says_which_packages_it_serves() -> None:
    assert [sscc("0614141", 1, place)[0] for place in (1, 2, 3, 4, 7, 8, 500)] == list("0112238")


@given(prefixes, st.integers(1, 4000), st.integers(1, HIGHEST_PLACE))
def test_a_code_is_eighteen_digits_with_a_valid_check_digit(prefix: str, number: int, place: int) -> None:
    assume(number << 8 < 10 ** (16 - len(prefix)))
    code = sscc(prefix, number, place)
    assert len(code) == 18
    assert code.isdigit()
    assert code[1 : 1 + len(prefix)] == prefix
    assert check_digit(code[:-1]) == code[-1]


def test_no_two_packages_share_a_code() -> None:
    codes = {sscc("0614141", number, place) for number in range(1, 201) for place in range(1, HIGHEST_PLACE + 1)}
    assert len(codes) == 200 * HIGHEST_PLACE


@given(st.tuples(st.integers(1, 10**9 - 1), st.integers(1, 3)), st.tuples(st.integers(1, 10**9 - 1), st.integers(1, 3)))
def test_far_apart_packages_share_no_code_either(one: tuple[int, int], other: tuple[int, int]) -> None:
    def code(package: tuple[int, int]) -> str:
        return sscc("0614", *package)

    assert (code(one) == code(other)) == (one == other)


@pytest.mark.parametrize(
    ("prefix", "number", "place"),
    [("0614141", 10**9 - 1, 1), ("061414112345", 9999, 1), ("0614141", 3_906_249, 256), ("0614141234", 999_999, 1)],
)
def test_the_last_code_of_a_prefix_is_given(prefix: str, number: int, place: int) -> None:
    assert len(sscc(prefix, number, place)) == 18


@pytest.mark.parametrize(
    ("prefix", "number", "place"),
    [
        ("0614141", 10**9, 1),
        ("061414112345", 10_000, 1),
        ("0614141", 3_906_250, 256),
        ("0614141", 1, 512),
        ("0614141", 1, 0),
        ("0614141", 0, 1),
    ],
)
def test_beyond_it_is_refused_and_never_wraps(prefix: str, number: int, place: int) -> None:
    with pytest.raises(Refusal) as refused:
        sscc(prefix, number, place)
    assert refused.value.code == "sscc_exhausted"


@pytest.mark.parametrize("prefix", ["", "061", "0614141234567", "06141a1", "٠٦١٤١٤١", "0614-41"])
def test_what_is_no_company_prefix_is_refused(prefix: str) -> None:
    with pytest.raises(Refusal) as refused:
        sscc(prefix, 1, 1)
    assert refused.value.code == "invalid_gs1_prefix"
