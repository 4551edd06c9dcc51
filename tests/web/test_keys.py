"""Who may do what: keys, roles, and how fast a revoked key dies."""

import time
from datetime import timedelta

import psycopg
import pytest
from flask.testing import FlaskClient

from access.keys import create_key, find_key, list_keys, revoke_key, rotate_key
from access.roles import Role
from tests.support.postgres import Database
from tests.web.edge import ORDER_ID, bearer
from tests.web.live import Site, another_order

PLACE = ("POST", "/commands/orders")
GRID = ("GET", "/queries/orders?limit=0")
AUDIT = ("GET", f"/audit/orders/{ORDER_ID}/events?limit=0")


def status(edge: FlaskClient, request: tuple[str, str], key: str | None) -> int:
    method, path = request
    return edge.open(path, method=method, headers=bearer(key) if key else {}).status_code


@pytest.mark.parametrize(
    ("role", "request_", "let_in"),
    [
        (Role.ADMIN, PLACE, True),
        (Role.ADMIN, GRID, True),
        (Role.ADMIN, AUDIT, True),
        (Role.INTEGRATOR, PLACE, True),
        (Role.INTEGRATOR, GRID, True),
        (Role.INTEGRATOR, AUDIT, False),
        (Role.AUDITOR, PLACE, False),
        (Role.AUDITOR, GRID, True),
        (Role.AUDITOR, AUDIT, True),
        (Role.CUSTOMER, PLACE, False),
        (Role.CUSTOMER, GRID, False),
        (Role.CUSTOMER, AUDIT, False),
    ],
)
def test_each_role_is_let_in_where_it_belongs(
    edge: FlaskClient, keys: dict[Role, str], role: Role, request_: tuple[str, str], let_in: bool
) -> None:
    answered = status(edge, request_, keys[role])
    assert (answered in {400, 422}) if let_in else (answered == 403)


@pytest.mark.parametrize("request_", [PLACE, GRID, AUDIT, ("GET", "/metrics")])
@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer nonsense",
        "Basic YTpi",
        "Bearer daybook_000000000000_" + "0" * 48,
        "Bearer daybook_000000000000_" + "0" * 10_000,
        "Bearer \u00e9",
    ],
)
def test_without_a_valid_key_the_answer_is_401_and_says_what_is_needed(
    edge: FlaskClient, request_: tuple[str, str], authorization: str | None
) -> None:
    method, path = request_
    headers = {} if authorization is None else {"Authorization": authorization}
    response = edge.open(path, method=method, headers=headers)
    assert response.status_code == 401
    assert response.get_json()["code"] == "unauthenticated"
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_key_without_the_word_bearer_is_told_what_is_missing(edge: FlaskClient, keys: dict[Role, str]) -> None:
    response = edge.get(GRID[1], headers={"Authorization": keys[Role.ADMIN]})
    assert response.status_code == 401
    assert "The word Bearer is missing" in response.get_json()["detail"]
    assert keys[Role.ADMIN] not in response.text


def test_two_keys_at_once_are_refused(edge: FlaskClient, keys: dict[Role, str]) -> None:
    both = f"Bearer {keys[Role.ADMIN]},Bearer {keys[Role.AUDITOR]}"  # as a server shows two headers
    response = edge.get(GRID[1], headers={"Authorization": both})
    assert (response.status_code, response.get_json()["code"]) == (400, "invalid_header")


def test_a_key_with_another_secret_is_refused(edge: FlaskClient, keys: dict[Role, str]) -> None:
    key = keys[Role.ADMIN]
    other = key[:-1] + ("0" if key[-1] != "0" else "1")
    assert status(edge, GRID, other) == 401


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/openapi.json"])
def test_some_paths_are_open_to_all(edge: FlaskClient, path: str) -> None:
    assert edge.get(path).status_code == 200


def test_a_revoked_key_is_refused_within_seconds(edge: FlaskClient, database: Database) -> None:
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        key = create_key(connection, Role.AUDITOR, "short-lived")
        assert status(edge, GRID, key) == 422
        assert revoke_key(connection, key.split("_")[1])
        assert not revoke_key(connection, key.split("_")[1])
    time.sleep(0.3)  # the time this edge remembers a key
    assert status(edge, GRID, key) == 401


def test_the_table_holds_no_secret(database: Database) -> None:
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        key = create_key(connection, Role.INTEGRATOR, "shop")
        stored = next(row for row in list_keys(connection) if row.id == key.split("_")[1])
    assert (stored.role, stored.name, stored.revoked_at) == ("integrator", "shop", None)
    assert key.split("_")[2] not in repr(stored)


def test_a_given_key_is_stored_once_and_never_replaces_another(database: Database) -> None:
    given = "daybook_dev-admin_" + "a" * 32
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        assert create_key(connection, Role.ADMIN, "development", key=given) == given
        assert create_key(connection, Role.ADMIN, "development", key=given) == given
        with pytest.raises(ValueError, match="another key"):
            create_key(connection, Role.ADMIN, "development", key="daybook_dev-admin_" + "b" * 32)
        with pytest.raises(ValueError, match="prefix_id_secret"):
            create_key(connection, Role.ADMIN, "development", key="secret")
        with pytest.raises(ValueError, match="customer"):
            create_key(connection, Role.CUSTOMER, "a customer")


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO access.api_keys (id, role, name, secret_hash) VALUES ('x', 'admin', 'x', sha256('x'))",
        "UPDATE access.api_keys SET revoked_at = now()",
        "UPDATE access.api_keys SET role = 'admin'",
        "DELETE FROM access.api_keys",
        "SELECT access.record('access.key_revoked', '{}')",
    ],
)
def test_the_application_cannot_write_keys_but_by_the_functions_that_tell(database: Database, statement: str) -> None:
    with (
        psycopg.connect(database.app_url, autocommit=True) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement.encode())


def test_the_application_cannot_take_a_name_from_a_key_that_it_ends(database: Database) -> None:
    with psycopg.connect(database.app_url, autocommit=True) as connection:
        key_id = create_key(connection, Role.ADMIN, "Ana Silva").split("_")[1]
        connection.execute("SET daybook.erasing = 'yes'")
        assert revoke_key(connection, key_id)
        found = find_key(connection, key_id)
    assert found
    assert found.name == "Ana Silva"


def test_a_retry_with_the_key_that_took_the_place_of_another_is_no_second_order(site: Site, database: Database) -> None:
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        keys = [create_key(connection, Role.INTEGRATOR, "checkout")]
        for _ in range(2):
            replaced = rotate_key(connection, keys[-1].split("_")[1], timedelta(hours=1))
            assert replaced is not None
            keys.append(replaced.key)
        other = create_key(connection, Role.INTEGRATOR, "checkout")
    body = another_order()
    answers = [
        site.client.post("/commands/orders", json=body, headers=bearer(key) | {"Idempotency-Key": "cart-88"})
        for key in (keys[0], keys[2], keys[1], other)
    ]
    assert [answer.status_code for answer in answers] == [201, 201, 201, 201]
    ids = [answer.get_json()["order_id"] for answer in answers]
    assert ids[0] == ids[1] == ids[2] != ids[3]
