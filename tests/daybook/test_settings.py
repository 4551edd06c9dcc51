"""Settings: defaults that work, and one sentence that says what to do for each value that does not."""

import subprocess
import sys
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from access.roles import Role
from adapters.postgres.roles import HARDENING
from daybook import oidc_settings, setting_values
from daybook.settings import Settings, SettingsError

URL = "postgresql://owner:secret@db.example/orders"


def test_nothing_needs_to_be_set() -> None:
    settings = Settings.from_env({})
    assert (settings.host, settings.port, settings.home) == ("127.0.0.1", 8080, Path("var").resolve())
    assert settings.embedded


def test_an_empty_variable_counts_as_not_set() -> None:
    assert Settings.from_env({"PORT": "", "DATABASE_URL": " "}).port == 8080


@pytest.mark.parametrize("port", ["0", "65536", "eighty", "-1", "8080.0", "\uff18\uff10"])
def test_a_port_is_a_number_of_a_port(port: str) -> None:
    with pytest.raises(SettingsError, match="is not a whole number from 1 to 65535"):
        Settings.from_env({"PORT": port})


@pytest.mark.parametrize("url", ["nonsense", "mysql://db/orders"])
def test_a_database_url_is_postgresqls(url: str) -> None:
    with pytest.raises(SettingsError, match="write it as postgresql://"):
        Settings.from_env({"DATABASE_URL": url})


def test_sessions_of_the_application_act_as_its_role() -> None:
    settings = Settings.from_env({"DATABASE_URL": URL})
    assert conninfo_to_dict(settings.app_conninfo)["options"] == "-c role=daybook_app"
    assert conninfo_to_dict(settings.projector_conninfo)["options"] == "-c role=daybook_projector"
    assert settings.owner_conninfo == URL


def test_options_of_the_url_are_kept() -> None:
    settings = Settings.from_env({"DATABASE_URL": f"{URL}?options=-c%20statement_timeout%3D5s"})
    assert conninfo_to_dict(settings.app_conninfo)["options"] == "-c statement_timeout=5s -c role=daybook_app"


def test_the_application_may_have_a_login_of_its_own() -> None:
    settings = Settings.from_env({"DATABASE_URL": URL, "DATABASE_APP_URL": "postgresql://app@db.example/orders"})
    assert conninfo_to_dict(settings.app_conninfo)["user"] == "app"
    assert conninfo_to_dict(settings.owner_conninfo)["user"] == "owner"


def test_the_projections_may_have_a_login_of_their_own() -> None:
    environ = {"DATABASE_URL": URL, "DATABASE_APP_URL": "postgresql://app@db.example/orders"}
    both = Settings.from_env(environ)
    assert conninfo_to_dict(both.projector_conninfo)["user"] == "app"
    apart = Settings.from_env(environ | {"DATABASE_PROJECTOR_URL": "postgresql://folds@db.example/orders"})
    assert conninfo_to_dict(apart.projector_conninfo)["user"] == "folds"
    assert conninfo_to_dict(apart.app_conninfo)["user"] == "app"


def test_a_setting_of_the_hardening_is_documented_as_it_is_done() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    assert HARDENING.strip() in page


def test_without_a_database_it_is_said_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="set DATABASE_URL, or start with `daybook run`"):
        _ = Settings.from_env({"DAYBOOK_HOME": str(tmp_path)}).app_conninfo


def test_the_master_key_comes_from_the_environment_or_from_home(tmp_path: Path) -> None:
    (tmp_path / "master.key").write_text("ab" * 32 + "\n")
    assert Settings.from_env({"DAYBOOK_HOME": str(tmp_path)}).master_key.opening == (b"\xab" * 32,)
    assert Settings.from_env({"DAYBOOK_MASTER_KEY": "cd" * 32}).master_key.opening == (b"\xcd" * 32,)


@pytest.mark.parametrize("text", ["ab", "zz" * 32, "ab" * 33])
def test_a_master_key_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="64 hexadecimal digits"):
        _ = Settings.from_env({"DAYBOOK_MASTER_KEY": text}).master_key


def test_secrets_are_not_shown() -> None:
    settings = Settings.from_env({"DATABASE_URL": URL, "DAYBOOK_MASTER_KEY": "ab" * 32})
    assert "secret" not in repr(settings)
    assert "abab" not in repr(settings)


@pytest.mark.parametrize(
    "environ", [{"STRIPE_WEBHOOK_SECRET": "whsec_1"}, {"PAYMENT_GATEWAY": "stripe", "STRIPE_API_KEY": "sk_1"}]
)
def test_stripe_without_its_library_is_refused_with_the_way_to_install_it(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setting_values, "find_spec", lambda _: None)
    with pytest.raises(SettingsError, match=r"install it: \.venv/bin/pip install -e '\.\[stripe\]'\.$"):
        Settings.from_env(environ)


OIDC = {"OIDC_ISSUER": "https://login.example.com", "OIDC_AUDIENCE": "https://orders.example.com/api"}


def test_a_provider_is_read() -> None:
    roles = {"OIDC_ROLES": "shop admins=admin, a=b=auditor", "OIDC_ALGORITHMS": "ES256"}
    found = Settings.from_env(OIDC | roles).oidc
    assert found
    assert found.roles == (("shop admins", Role.ADMIN), ("a=b", Role.AUDITOR))
    assert (found.label, found.algorithms, found.role_claim) == ("login.example.com", ("ES256",), "roles")
    assert "hidden" not in repr(Settings.from_env(OIDC | {"OIDC_CLIENT_SECRET": "hidden"}))
    assert Settings.from_env({}).oidc is None


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"OIDC_ISSUER": ""}, "OIDC_AUDIENCE is set without OIDC_ISSUER"),
        ({"OIDC_ISSUER": "http://login.example.com"}, "must be the provider's address"),
        ({"OIDC_ISSUER": "https://login.example.com/?x=1"}, "must be the provider's address"),
        ({"OIDC_AUDIENCE": ""}, "needs OIDC_AUDIENCE"),
        ({"OIDC_CLIENT_ID": "daybook"}, "needs PUBLIC_URL"),
        ({"OIDC_CLIENT_ID": "daybook", "PUBLIC_URL": "http://orders.example.com"}, "needs PUBLIC_URL, with https"),
        ({"OIDC_CLIENT_ID": OIDC["OIDC_AUDIENCE"]}, "another than OIDC_CLIENT_ID"),
        ({"OIDC_ROLES": "admins=root"}, "must map claims to admin"),
        ({"OIDC_ROLES": "admin"}, "must map claims to admin"),
        ({"OIDC_ALGORITHMS": "RS256,HS256"}, "must be some of RS256"),
        ({"OIDC_ALGORITHMS": "none"}, "must be some of RS256"),
        ({"OIDC_SCOPES": "profile"}, "openid among them"),
    ],
)
def test_a_provider_that_cannot_be_used_is_refused(changes: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        Settings.from_env(OIDC | changes)


def test_a_provider_without_the_extra_is_refused_with_the_way_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oidc_settings, "find_spec", lambda _: None)
    with pytest.raises(SettingsError, match=r"install them: \.venv/bin/pip install -e '\.\[oidc\]'\.$"):
        Settings.from_env(OIDC)


def test_nothing_of_a_token_library_is_loaded_without_a_provider() -> None:
    code = "import sys, daybook.run.wsgi, daybook.cli.main; sys.exit('jwt' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_stripe_as_gateway_needs_its_key() -> None:
    with pytest.raises(SettingsError, match="set STRIPE_API_KEY"):
        Settings.from_env({"PAYMENT_GATEWAY": "stripe"})
