""" "How to sign in with OpenID Connect" as it stands: its provider, its settings, its sign-in, its token."""

from __future__ import annotations

import re
import subprocess
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from daybook.settings import DOCUMENTED, Settings
from tests.support.oidc import Browser, Keys, OpenIdProvider, page_block
from tests.support.running import Running, free_port


def exported(block: str) -> dict[str, str]:
    return {name: value.strip('"') for name, value in re.findall(r"^export ([A-Z_]+)=(.*)$", block, re.MULTILINE)}


def opened(port: int, path: str, cookie: str = "") -> tuple[int, dict[str, str], str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers={"Cookie": cookie})
    answer = connection.getresponse()
    text = answer.read().decode()
    cookies = [value.partition(";")[0] for name, value in answer.getheaders() if name.lower() == "set-cookie"]
    connection.close()
    return answer.status, {"location": answer.headers.get("Location", ""), "cookies": "; ".join(cookies)}, text


def test_the_settings_of_the_page_are_settings() -> None:
    examples = exported(page_block("sh", "export PUBLIC_URL=https"))
    assert examples.keys() <= DOCUMENTED.keys()
    configured = Settings.from_env(examples).oidc
    assert configured
    assert [claimed for claimed, _ in configured.roles] == ["shop admins", "orders desk", "auditors"]


def test_the_page_is_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    (tmp_path / "provider").mkdir()
    port = free_port()
    home = f"http://127.0.0.1:{port}"
    provider = OpenIdProvider(tmp_path / "provider", Keys("page"), f"{home}/sign-in/oidc/callback")

    def here(text: str) -> str:
        return text.replace("http://127.0.0.1:9400", provider.issuer).replace("http://127.0.0.1:8080", home)

    settings = exported(here(page_block("sh", "export PUBLIC_URL=http:")))
    run = Running(tmp_path / "home", stdout=None, **settings, PORT=str(port))
    run.port = port
    try:
        run.wait_until_ready()
        assert "Sign in with the trial provider" in opened(port, "/sign-in")[2]
        for login, status, told in (("ana", 303, ""), ("bob", 303, ""), ("eve", 403, "you have no role in Daybook")):
            begun = opened(port, "/sign-in/oidc")[1]
            back = urlsplit(Browser(provider.port).sign_in(begun["location"], login))
            done, headers, text = opened(port, f"{back.path}?{back.query}", begun["cookies"])
            assert done == status
            assert told in text
            if login == "ana":
                assert "Ana Silva" in opened(port, "/settings", headers["cookies"])[2]
        program = here(page_block("sh", "TOKEN="))
        answer = subprocess.run(["bash", "-euc", program], capture_output=True, text=True, check=True)
        assert '"items":[]' in answer.stdout
    finally:
        run.close()
        provider.stop()
