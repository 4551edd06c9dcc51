"""`daybook oidc check` says what is wrong with a provider before anybody signs in."""

from __future__ import annotations

import json
import socket

import pytest
from click.testing import CliRunner

from daybook.cli.main import main
from tests.access.test_oidc_fetching import OK, answering


def checked(environ: dict[str, str]) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["oidc", "check"], env=environ)
    return done.exit_code, done.output


@pytest.mark.parametrize(
    ("slash", "keys", "status", "said"),
    [
        ("", [{"kty": "RSA", "kid": "1"}], 0, "https://orders.example.com/sign-in/oidc/callback"),
        ("/", [{"kty": "RSA", "kid": "1"}], 1, "slash at the end"),
        ("", [{"kty": "oct", "kid": "1"}], 1, "It has no key for one of"),
    ],
)
def test_a_provider_is_checked(slash: str, keys: list[dict[str, str]], status: int, said: str) -> None:
    def answer(client: socket.socket, _: bytes) -> None:
        document = {"issuer": at[0] + slash, "jwks_uri": f"{at[0]}/keys", "keys": keys}
        document |= {f"{name}_endpoint": f"{at[0]}/{name}" for name in ("authorization", "token")}
        client.sendall(OK + b"\r\n" + json.dumps(document).encode())

    with answering(answer) as (url, _):
        at = [url]
        set_so = {"OIDC_ISSUER": url, "OIDC_CLIENT_ID": "daybook", "PUBLIC_URL": "https://orders.example.com"}
        code, output = checked(set_so)
        assert (code, said in output) == (status, True), output


def test_what_is_not_set_or_not_there_is_said() -> None:
    assert checked({"OIDC_ISSUER": ""}) == (1, "Error: No OpenID provider is set; set OIDC_ISSUER.\n")
    code, output = checked({"OIDC_ISSUER": "http://127.0.0.1:9", "OIDC_AUDIENCE": "api"})
    assert (code, "cannot be asked" in output) == (1, True)
