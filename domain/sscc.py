"""Serial Shipping Container Codes: the 18 digits that name one package to everybody who handles it (GS1, AI 00).

    extension digit | GS1 company prefix | serial reference | check digit
           1        |       4 to 12      |   16 - prefix    |      1

A code is computed from the shipment's number and the package's place in the shipment, so nothing has to be
counted or stored. The extension digit d says which places it serves, 2**d to 2**(d+1) - 1, and the serial is
number x 2**d + (place - 2**d). Two packages therefore never share a code, the serial of a first package is simply
the shipment's number, and the codes of the merchant's many small shipments are not spent on the few large ones.

Limits: places 1 to 511; a prefix of p digits serves shipment numbers below 10**(16-p) / 2**d. With seven digits that
is a thousand million shipments of one package and 3.9 million of 256 or more; with ten digits a million, and 3,905.
The extension digit 9 is never used and stays free for codes that are made elsewhere, such as pallets.

This module must never answer with a code that is not exactly 18 digits: it refuses instead.
"""

from domain.refusals import Refusal, invalid

HIGHEST_PLACE = 511
PREFIX_DIGITS = range(4, 13)


def check_digit(digits: str) -> str:
    """GS1's mod-10 check digit: from the right, digits weigh 3 and 1 in turn."""
    total = sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def sscc(gs1_prefix: str, shipment_number: int, package_index: int) -> str:
    """The SSCC of the package at the place ``package_index`` (from 1) of a shipment.

    Refuses a prefix that is not 4 to 12 digits (``invalid_gs1_prefix``) and numbers beyond what the prefix has
    room for (``sscc_exhausted``).
    """
    if not is_prefix(gs1_prefix):
        raise invalid("invalid_gs1_prefix", f"A GS1 company prefix is 4 to 12 digits, not {gs1_prefix!r}.")
    if shipment_number < 1 or not 1 <= package_index <= HIGHEST_PLACE:
        detail = (
            f"Shipment {shipment_number}, package {package_index}: an SSCC counts from 1, packages to {HIGHEST_PLACE}."
        )
        raise Refusal("sscc_exhausted", detail)
    extension = package_index.bit_length() - 1
    serial = str((shipment_number << extension) + package_index - (1 << extension))
    room = 16 - len(gs1_prefix)
    if len(serial) > room:
        detail = (
            f"The GS1 prefix {gs1_prefix} has no code left for package {package_index} of shipment {shipment_number}."
        )
        raise Refusal("sscc_exhausted", detail)
    body = f"{extension}{gs1_prefix}{serial.rjust(room, '0')}"
    return body + check_digit(body)


def is_prefix(text: str) -> bool:
    """Whether ``text`` has the form of a GS1 company prefix."""
    return text.isascii() and text.isdigit() and len(text) in PREFIX_DIGITS
