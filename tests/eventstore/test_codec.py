"""Events to bytes and back. The bytes here are golden: they were written once and must be read for ever."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

import pytest

from eventstore.codec import Codec
from eventstore.errors import UnknownTopic
from eventstore.personal_data import Cipher
from eventstore.records import RecordedEvent
from tests.eventstore.values import NOON

NO_STREAM = UUID(int=0)
STREAM = UUID("01234567-89ab-cdef-0123-456789abcdef")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    sku: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    TOPIC: ClassVar[str] = ""
    SCHEMA_VERSION: ClassVar[int] = 1
    PERSONAL: ClassVar[frozenset[str]] = frozenset()
    SERIES: ClassVar[str | None] = None

    originator_id: UUID = NO_STREAM
    originator_version: int = 0
    occurred_at: datetime = NOON


@dataclass(frozen=True, slots=True, kw_only=True)
class BasketFilled(Base):
    TOPIC: ClassVar[str] = "basket.filled"
    SCHEMA_VERSION: ClassVar[int] = 3
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"holder", "contact"})
    SERIES: ClassVar[str | None] = "basket"

    number: int | None = None
    lines: tuple[Line, ...] = ()
    rate: Decimal | None = None
    until: datetime | None = None
    other: UUID | None = None
    holder: str | None = None
    contact: dict[str, Any] | None = None


def first_to_second(fields: dict[str, Any]) -> dict[str, Any]:
    return {"lines": [{"sku": sku, "quantity": 1} for sku in fields["skus"]], "owner": fields.get("owner")}


def second_to_third(fields: dict[str, Any]) -> dict[str, Any]:
    return {"lines": fields["lines"], "holder": fields["owner"]}


CODEC = Codec([BasketFilled], {("basket.filled", 1): first_to_second, ("basket.filled", 2): second_to_third})
FILLED = BasketFilled(
    originator_id=STREAM, originator_version=1, occurred_at=NOON, number=7,
    lines=(Line(sku="MUG-01", quantity=3), Line(sku="É", quantity=1)), rate=Decimal("1.10"),
    until=datetime(2026, 12, 31, 23, 59, 59, 999999, tzinfo=UTC), other=STREAM,
    holder="Ana", contact={"email": "a@b.c"},
)  # fmt: skip
PERSONAL = b'{"personal":{"holder":"Ana","contact":{"email":"a@b.c"}},"reason":"gift"}'
GOLDEN = (
    '{"lines":[{"sku":"MUG-01","quantity":3},{"sku":"É","quantity":1}],"rate":"1.10",'
    '"until":"2026-12-31T23:59:59.999999Z","other":"01234567-89ab-cdef-0123-456789abcdef"}'
).encode()


def row(
    payload: bytes, schema_version: int, sealed: bytes | None = None, topic: str = "basket.filled"
) -> RecordedEvent:
    return RecordedEvent(
        5, STREAM, 1, STREAM, STREAM, "basket", topic, schema_version, payload, sealed, "basket", 7, NOON, NOON,
        "api_key", "integrator", STREAM, STREAM, None,
    )  # fmt: skip


def test_the_golden_bytes_are_written() -> None:
    cipher = Cipher(bytes(32))
    payload, sealed = CODEC.encode(FILLED, cipher, reason="gift")
    assert payload == GOLDEN
    assert sealed is not None
    assert cipher.unseal(sealed, STREAM, 1) == PERSONAL


def test_the_golden_bytes_are_read_into_the_class_of_the_topic() -> None:
    cipher = Cipher(bytes(32))
    sealed = cipher.seal(PERSONAL, STREAM, 1)
    assert CODEC.decode(row(GOLDEN, 3, sealed), cipher) == FILLED


def test_erased_fields_are_none() -> None:
    cipher = Cipher(bytes(32))
    sealed = cipher.seal(b'{"personal":{"holder":"Ana"}}', STREAM, 1)
    assert CODEC.decode(row(GOLDEN, 3, sealed), None) == replace(FILLED, holder=None, contact=None)


def test_an_event_with_a_reason_only_has_no_personal_fields() -> None:
    cipher = Cipher(bytes(32))
    payload, sealed = CODEC.encode(replace(FILLED, holder=None, contact=None), cipher, reason="gift")
    assert CODEC.decode(row(payload, 3, sealed), cipher) == replace(FILLED, holder=None, contact=None)
    assert CODEC.document(row(payload, 3, sealed), cipher).reason == "gift"


def test_old_versions_are_upcast_step_by_step() -> None:
    expected = BasketFilled(
        originator_id=STREAM, originator_version=1, occurred_at=NOON, number=7,
        lines=(Line(sku="A", quantity=1), Line(sku="B", quantity=1)),
    )  # fmt: skip
    assert CODEC.decode(row(b'{"skus":["A","B"]}', 1), None) == expected
    cipher = Cipher(bytes(32))
    sealed = cipher.seal(b'{"personal":{"owner":"Ana"}}', STREAM, 1)
    assert CODEC.decode(row(b'{"skus":["A","B"]}', 1, sealed), cipher) == replace(expected, holder="Ana")
    second = b'{"lines":[{"sku":"A","quantity":1},{"sku":"B","quantity":1}]}'
    assert CODEC.decode(row(second, 2, cipher.seal(b'{"personal":{"owner":"Ana"}}', STREAM, 1)), cipher) == replace(
        expected, holder="Ana"
    )


def test_an_auditor_sees_what_was_written_in_the_version_it_was_written_in() -> None:
    cipher = Cipher(bytes(32))
    sealed = cipher.seal(b'{"personal":{"owner":"Ana"},"reason":"gift"}', STREAM, 1)
    document = CODEC.document(row(b'{"skus":["A"]}', 1, sealed, "forgotten.topic"), cipher)
    assert (document.data, document.reason, document.erased) == ({"skus": ["A"], "owner": "Ana"}, "gift", False)


@pytest.mark.parametrize(("topic", "version"), [("basket.unknown", 1), ("basket.filled", 4)])
def test_what_this_program_does_not_know_is_refused(topic: str, version: int) -> None:
    with pytest.raises(UnknownTopic):
        CODEC.decode(row(GOLDEN, version, topic=topic), None)


def test_a_missing_upcaster_is_refused() -> None:
    with pytest.raises(UnknownTopic):
        Codec([BasketFilled]).decode(row(b"{}", 1), None)


def test_two_classes_cannot_share_a_topic() -> None:
    with pytest.raises(ValueError, match=r"basket\.filled"):
        Codec([BasketFilled, BasketFilled])


def test_personal_names_must_be_fields() -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Wrong(Base):
        TOPIC: ClassVar[str] = "wrong"
        PERSONAL: ClassVar[frozenset[str]] = frozenset({"nmae"})

        name: str | None = None

    with pytest.raises(ValueError, match="nmae"):
        Codec([Wrong])
