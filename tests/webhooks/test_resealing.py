"""Another master key: secrets and kept answers of webhooks open under it alone afterwards."""

from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg_pool import ConnectionPool

from eventstore.errors import SealBroken
from eventstore.master_key import MasterKey
from tests.support.postgres import Database
from webhooks import endpoints
from webhooks.desk import Asking, EndpointDesk
from webhooks.resealing import reseal
from webhooks.secrets import SecretBox

OLD, NEW = bytes(range(32)), bytes(range(1, 33))


def test_what_is_kept_of_webhooks_opens_under_the_new_key_alone(fresh_database: Database) -> None:
    webhook_id = uuid4()
    asking = Asking("ana", "admin", b"make one", "the key")
    wanted = endpoints.Wanted("https://shop.example/hook", "https://shop.example", ("order.*",), "")

    def make(connection: psycopg.Connection[Any]) -> dict[str, Any]:
        return {"secret": endpoints.create(connection, SecretBox(OLD), webhook_id, wanted, 0)}

    with ConnectionPool(fresh_database.app_url, min_size=1, open=True) as pool:
        secret = EndpointDesk(pool, SecretBox(OLD)).perform(asking, make).answer["secret"]
        with psycopg.connect(fresh_database.owner_url) as owner:
            both = SecretBox(MasterKey.of(NEW, OLD))
            assert (reseal(owner, both), reseal(owner, both)) == (2, 0)
        again = EndpointDesk(pool, SecretBox(NEW)).perform(asking, make)
        assert (again.answer["secret"], again.repeated) == (secret, True)
        with pool.connection() as connection:
            assert endpoints.secrets_of(connection, SecretBox(NEW), webhook_id) == [secret]
            with pytest.raises(SealBroken):
                endpoints.secrets_of(connection, SecretBox(OLD), webhook_id)
