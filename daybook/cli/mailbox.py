"""`daybook mailbox`: what was mailed during development, in a terminal."""

import click

from daybook.development_mail import development_mailbox, has_mailbox, mailbox_page_port
from daybook.settings import Settings, SettingsError

LISTED = 50


@click.group()
def mailbox() -> None:
    """Show the mails that were kept, not sent, during development."""


@mailbox.command("list")
def list_() -> None:
    """List the latest messages, newest last, and the page that shows them."""
    settings = _settings()
    box = development_mailbox(settings)
    for number in box.numbers()[-LISTED:]:
        if kept := box.read(number):
            click.echo(
                f"{number:>5}  {kept.message['Date']}  {_plain(kept.message['To'])}  {_plain(kept.message['Subject'])}"
            )
    page = box.noted_page() or f"http://127.0.0.1:{mailbox_page_port(settings)}/"
    click.echo(f"While Daybook runs, a browser shows them at {page}")


@mailbox.command()
@click.argument("number", type=click.IntRange(1))
def show(number: int) -> None:
    """Show one message: headers, text and names of attachments."""
    kept = development_mailbox(_settings()).read(number)
    if kept is None:
        raise click.ClickException(f"There is no message {number}; see `daybook mailbox list`.")
    for name in ("From", "To", "Subject", "Date", "Message-ID"):
        click.echo(f"{name}: {_plain(kept.message[name])}")
    for name, content in kept.attachments:
        click.echo(f"Attachment: {_plain(name)} ({len(content)} bytes)")
    click.echo("")
    click.echo("\n".join(_plain(line) for line in kept.text.splitlines()))


def _settings() -> Settings:
    try:
        settings = Settings.from_env()
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    if not has_mailbox(settings):
        raise click.ClickException("Mail goes out, or nowhere: unset SMTP_URL and DATABASE_URL to use the mailbox.")
    return settings


def _plain(text: object) -> str:
    """Text that cannot steer a terminal."""
    return "".join(char if char.isprintable() else " " for char in str(text or ""))
