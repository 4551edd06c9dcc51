"""Numbers of parties and accounts, read as people write them.

An electronic address is where e-invoices are delivered: a number with its scheme of the EAS list, or an e-mail address.
Where nobody names one, the VAT id serves, under the scheme that its member state has in that list.
"""

import re
from collections.abc import Sequence

from adapters.documents.countries import NAMES
from adapters.einvoices.model import Identifier

EMAIL = "EM"
# The VAT numbers' schemes of the EAS list by prefix.
VAT_SCHEMES = {
    "AD": "9922",
    "AT": "9914",
    "BE": "9925",
    "BG": "9926",
    "CH": "9927",
    "CY": "9928",
    "CZ": "9929",
    "DE": "9930",
    "EE": "9931",
    "EL": "9933",
    "ES": "9920",
    "FI": "0213",
    "FR": "9957",
    "GB": "9932",
    "HR": "9934",
    "HU": "9910",
    "IE": "9935",
    "IT": "0211",
    "LI": "9936",
    "LT": "9937",
    "LU": "9938",
    "LV": "9939",
    "MT": "9943",
    "NL": "9944",
    "PL": "9945",
    "PT": "9946",
    "RO": "9947",
    "SI": "9949",
    "SK": "9950",
}
_SCHEMED = re.compile(r"([0-9]{4}|A[NQSU]|EM):(\S.*)")
# Prefixes of VAT ids that are no codes of ISO 3166: Greece, Northern Ireland.
_OTHER_PREFIXES = frozenset({"EL", "XI"})
_VAT_ID = re.compile(r"[A-Z]{2}[0-9A-Z+*]{2,18}")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[0-9A-Z]{11,30}")
_BIC = re.compile(r"\b[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?\b")


def vat_id(text: str | None) -> str | None:
    """A VAT id without blanks and dots, in capitals; None when it does not begin with a country's prefix."""
    compact = re.sub(r"[\s.\-/]", "", text or "").upper()
    known = compact[:2] in NAMES or compact[:2] in _OTHER_PREFIXES
    return compact if known and _VAT_ID.fullmatch(compact) else None


def registration(text: str | None) -> Identifier | None:
    """A number of a register: "HRB 1234", or with its scheme of ISO 6523 "0002:552100554"."""
    if not text:
        return None
    schemed = _SCHEMED.fullmatch(text)
    return Identifier(value=schemed[2], scheme=schemed[1]) if schemed else Identifier(value=text)


def electronic_address(named: str | None, vat: str | None, email: str | None) -> Identifier | None:
    """Where e-invoices go: what is ``named`` ("0088:4012345000009", an e-mail address), else VAT id, else e-mail."""
    if named:
        schemed = _SCHEMED.fullmatch(named)
        return Identifier(value=schemed[2], scheme=schemed[1]) if schemed else Identifier(value=named, scheme=EMAIL)
    scheme = VAT_SCHEMES.get(vat[:2]) if vat else None
    if vat and scheme:
        return Identifier(value=vat, scheme=scheme)
    return Identifier(value=email, scheme=EMAIL) if email else None


def is_electronic_address(text: str) -> bool:
    """Whether a text names one: a scheme, a colon and a number, or an e-mail address."""
    return bool(_SCHEMED.fullmatch(text)) or re.fullmatch(r"[^@\s:]+@[^@\s]+", text) is not None


def is_iban(text: str) -> bool:
    """Whether the check digits of an IBAN (without blanks) are right."""
    if not _IBAN.fullmatch(text):
        return False
    turned = text[4:] + text[:4]
    return int("".join(str(int(char, 36)) for char in turned)) % 97 == 1


def account(iban: str | None, bic: str | None, lines: Sequence[str]) -> tuple[str | None, str | None]:
    """IBAN and BIC: those that are set, or the first that the lines for the foot of the invoice contain."""
    found = next((each for each in map(_iban_in, lines) if each), None) if iban is None else compact_iban(iban)
    if bic is None:
        bic = next((match[0] for line in lines if "BIC" in line and (match := _BIC.search(_after_bic(line)))), None)
    return found, bic if found else None


def compact_iban(text: str) -> str:
    """An IBAN without blanks, in capitals."""
    return re.sub(r"\s", "", text).upper()


def _after_bic(line: str) -> str:
    return line.partition("BIC")[2]


def _iban_in(line: str) -> str | None:
    """The IBAN in a line, which people write in groups and next to other words."""
    words = line.replace(":", " ").split()
    for first in range(len(words)):
        for last in range(len(words), first, -1):
            text = "".join(words[first:last]).upper()
            if is_iban(text):
                return text
    return None
