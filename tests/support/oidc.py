"""A real OpenID provider on this machine: the program of the how-to page, with keys that the tests hold too.

Its packages are installed as the lock file beside says; without Node.js the tests that need it are skipped.
"""

from __future__ import annotations

import json
import re
import subprocess
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from tests.support.npm_packages import node_modules
from tests.support.running import free_port

LOCKED = Path(__file__).parent / "oidc_provider"
PAGE = Path(__file__).parents[2] / "docs/how-to/sign-in-with-oidc.md"
READY_SECONDS = 30.0
AUDIENCE = "https://orders.example.com/api"

Json = dict[str, Any]


def page_block(language: str, begins: str) -> str:
    """A block of the how-to page."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    found: str = next(block for block in blocks if block.startswith(begins))
    return found


@dataclass
class Keys:
    """A key of each kind that signs; ``name`` sets their ids apart from those of others."""

    name: str
    private: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.private = {
            "RS256": rsa.generate_private_key(public_exponent=65537, key_size=2048),
            "ES256": ec.generate_private_key(ec.SECP256R1()),
            "EdDSA": ed25519.Ed25519PrivateKey.generate(),
        }

    def kid(self, algorithm: str) -> str:
        return f"{self.name}-{algorithm}"

    def jwks(self) -> list[Json]:
        """The private keys as JWKs, as the provider takes them."""
        return [
            jwt.get_algorithm_by_name(name).to_jwk(key, as_dict=True) | {"kid": self.kid(name), "use": "sig"}
            for name, key in self.private.items()
        ]

    def token(self, claims: Json, algorithm: str = "RS256", **headers: Any) -> str:
        """A token of these claims, signed as the provider signs."""
        return jwt.encode(claims, self.private[algorithm], algorithm, headers={"kid": self.kid(algorithm)} | headers)


class OpenIdProvider:
    """The provider as a process."""

    def __init__(self, folder: Path, keys: Keys, redirect_uri: str, **changes: Any) -> None:
        self.folder = folder
        self.keys = keys
        self.port = free_port()
        self.issuer = f"http://127.0.0.1:{self.port}"
        self._settings = json.loads(page_block("json", "{")) | {"issuer": self.issuer} | changes
        client = self._settings["clients"][0]
        client["redirect_uris"] = [redirect_uri]
        client["post_logout_redirect_uris"] = [redirect_uri.replace("/oidc/callback", "")]
        self._process: subprocess.Popen[bytes] | None = None
        (folder / "node_modules").symlink_to(node_modules(LOCKED))
        (folder / "provider.mjs").write_text(page_block("js", "// provider.mjs"), encoding="utf-8")
        self.start()

    def start(self) -> None:
        """Start it with the keys of now, and wait until it answers."""
        settings = self.folder / "provider.json"
        settings.write_text(json.dumps(self._settings | {"jwks": {"keys": self.keys.jwks()}}), encoding="utf-8")
        with (self.folder / "provider.log").open("ab") as log:
            command = ["node", "provider.mjs", settings.name]
            self._process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log)
        deadline = time.monotonic() + READY_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError((self.folder / "provider.log").read_text())
            time.sleep(0.05)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def rotate(self, keys: Keys) -> None:
        """Sign with other keys from now on, and know the ones before no more."""
        self.stop()
        self.keys = keys
        self.start()

    def _answers(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/.well-known/openid-configuration")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def claims(self, **changes: Any) -> Json:
        """Claims of a good access token, with changes; None takes one away."""
        now = int(time.time())
        good = {"iss": self.issuer, "aud": AUDIENCE, "sub": "shop", "iat": now, "exp": now + 300}
        good |= {"roles": ["integrator"], "name": "Web shop", "client_id": "shop"}
        return {name: value for name, value in (good | changes).items() if value is not None}

    def token(self, algorithm: str = "RS256", **changes: Any) -> str:
        """A good access token, with changed claims."""
        return self.keys.token(self.claims(**changes), algorithm)


class Browser:
    """Cookies and redirects, as far as the pages of the provider need them."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._cookies: dict[str, str] = {}

    def sign_in(self, url: str, login: str) -> str:
        """Sign in at the provider and agree: the address that the browser is sent back to."""
        where = self._follow("GET", url)
        while where.startswith("/interaction/"):
            page = self._open("GET", where)[1]
            prompt = re.search(r'name="prompt" value="([a-z]+)"', page)
            assert prompt, page
            where = self._follow("POST", where, f"prompt={prompt[1]}&login={login}&password=any")
        return where

    def _follow(self, method: str, url: str, form: str | None = None) -> str:
        """Where redirects lead, as long as they stay here and at no page."""
        while True:
            location, page = self._open(method, url, form)
            assert location, page
            parts = urlsplit(location)
            if parts.port not in {None, self._port}:
                return location
            url, method, form = parts.path + (f"?{parts.query}" if parts.query else ""), "GET", None
            if url.startswith("/interaction/") and not url.endswith("/abort"):
                return url

    def _open(self, method: str, url: str, form: str | None = None) -> tuple[str, str]:
        parts = urlsplit(url)
        connection = HTTPConnection("127.0.0.1", self._port, timeout=10)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, parts.path + (f"?{parts.query}" if parts.query else ""), form, headers)
        answer = connection.getresponse()
        for header, value in answer.getheaders():
            if header.lower() == "set-cookie":
                name, _, kept = value.partition(";")[0].partition("=")
                self._cookies[name] = kept
        text = answer.read().decode()
        connection.close()
        return answer.headers.get("Location", ""), text
