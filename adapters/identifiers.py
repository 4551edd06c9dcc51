"""New ids (UUID version 7, RFC 9562) and the time: what the domain never makes for itself.

Ids begin with the time, so that rows written together lie together in an index. Their random part comes
from a generator seeded by the system: they must differ, not be secret. Tokens are secret.
"""

import os
import time
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from random import Random
from uuid import UUID

from eventstore.randomness import new_key

_random = Random(os.urandom(32))  # noqa: S311  ids are no secrets
os.register_at_fork(after_in_child=lambda: _random.seed(os.urandom(32)))

_VERSION = 0x7 << 76
_VARIANT = 0b10 << 62


def new_id() -> UUID:
    """A new UUID version 7."""
    milliseconds = time.time_ns() // 1_000_000
    drawn = _random.getrandbits(74)
    return UUID(int=milliseconds << 80 | _VERSION | (drawn >> 62) << 64 | _VARIANT | drawn & (1 << 62) - 1)


def new_token() -> str:
    """A secret of 128 bits, safe in a URL."""
    return urlsafe_b64encode(new_key()[:16]).rstrip(b"=").decode()


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)
