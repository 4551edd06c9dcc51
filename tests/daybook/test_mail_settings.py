"""Where mails go is set in words that are checked at the start; the mailbox of development in a terminal."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from adapters.mail.mailbox import Mailbox
from daybook.cli.main import main
from daybook.development_mail import has_mailbox, mailbox_page_port
from daybook.settings import Settings, SettingsError
from tests.adapters.mail.messages import mailer, order_message

SMTP = "smtp://orders:secret@mail.example"


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("SMTP_URL", "mail.example", "SMTP_URL is not the address of a mail server; write it as smtp://"),
        ("MAIL_FROM", "nobody", "write it as Shop <orders@example.com>"),
        ("MAIL_TEMPLATES", "/no/such/folder", "is not a folder"),
        ("MAIL_MAX_AGE_HOURS", "0", "is not a whole number from 1 to 8760"),
        ("MAILBOX_PORT", "http", "is not a whole number from 0 to 65535"),
    ],
)
def test_a_mail_setting_that_cannot_be_used_is_refused(name: str, value: str, sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        Settings.from_env({name: value})


def test_a_password_is_never_shown() -> None:
    settings = Settings.from_env({"SMTP_URL": SMTP})
    assert "secret" not in repr(settings)
    with pytest.raises(SettingsError) as refused:
        Settings.from_env({"SMTP_URL": SMTP.replace("smtp:", "http:")})
    assert "secret" not in str(refused.value)


def test_the_mailbox_is_for_development_only() -> None:
    assert has_mailbox(Settings.from_env({}))
    assert not has_mailbox(Settings.from_env({"SMTP_URL": SMTP}))
    assert not has_mailbox(Settings.from_env({"DATABASE_URL": "postgresql://owner@db.example/orders"}))


def test_the_mailbox_is_shown_beside_the_server() -> None:
    assert mailbox_page_port(Settings.from_env({"PORT": "8081"})) == 9081
    assert mailbox_page_port(Settings.from_env({"MAILBOX_PORT": "8025"})) == 8025
    assert mailbox_page_port(Settings.from_env({"PORT": "65000"})) == 0


def test_the_mailbox_in_a_terminal(tmp_path: Path) -> None:
    evil = "Ana \x1b[31mSilva"
    Mailbox(tmp_path / "mailbox").keep(
        mailer().write(order_message("comment", text=f"{evil}\nagain", recipient_name=evil))
    )
    environment = {"DAYBOOK_HOME": str(tmp_path), "SMTP_URL": "", "DATABASE_URL": "", "PORT": "8081"}
    listed = CliRunner().invoke(main, ["mailbox", "list"], env=environment).output
    assert "News about your order 000000001" in listed
    assert "http://127.0.0.1:9081/" in listed
    Mailbox(tmp_path / "mailbox").note_page("http://127.0.0.1:9555/")
    assert "http://127.0.0.1:9555/" in CliRunner().invoke(main, ["mailbox", "list"], env=environment).output
    shown = CliRunner().invoke(main, ["mailbox", "show", "1"], env=environment).output
    assert "Ana  [31mSilva\nagain\n" in shown
    assert "\x1b" not in listed + shown
    missing = CliRunner().invoke(main, ["mailbox", "show", "2"], env=environment)
    assert (missing.exit_code, missing.output) == (1, "Error: There is no message 2; see `daybook mailbox list`.\n")


def test_there_is_no_mailbox_where_mail_goes_out(tmp_path: Path) -> None:
    environment = {"DAYBOOK_HOME": str(tmp_path), "SMTP_URL": SMTP, "DATABASE_URL": ""}
    refused = CliRunner().invoke(main, ["mailbox", "list"], env=environment)
    assert refused.exit_code == 1
    assert "unset SMTP_URL" in refused.output
