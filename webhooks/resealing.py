"""Another master key for what is kept sealed of webhooks: their secrets, and the answers that may hold one."""

from collections.abc import Callable
from typing import LiteralString, NamedTuple

from webhooks import desk, endpoints
from webhooks.endpoints import Connection
from webhooks.secrets import SecretBox


class _Kept(NamedTuple):
    """Sealed things: how each is found with the two columns of its key, how replaced, and the place it is bound to."""

    found: LiteralString
    replaced: LiteralString
    place: Callable[..., bytes]


_KEPT = (
    _Kept(
        "SELECT webhook_id, number, sealed FROM webhooks.secrets",
        "UPDATE webhooks.secrets SET sealed = %s WHERE webhook_id = %s AND number = %s AND sealed = %s",
        endpoints.place,
    ),
    _Kept(
        "SELECT key_id, key, answer FROM webhooks.requests WHERE answer IS NOT NULL",
        "UPDATE webhooks.requests SET answer = %s WHERE key_id = %s AND key = %s AND answer = %s",
        desk.place,
    ),
)


def reseal(connection: Connection, box: SecretBox) -> int:
    """Seal everything under the master key that seals now; returns how many were not. As the owner."""
    count = 0
    for kept in _KEPT:
        for one, other, sealed in connection.execute(kept.found):
            again = box.resealed(sealed, kept.place(one, other))
            if again is not None:
                count += connection.execute(kept.replaced, [again, one, other, sealed]).rowcount
    return count
