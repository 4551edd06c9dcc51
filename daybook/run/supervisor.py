"""`daybook run`: everything one machine needs, started in order, watched, and stopped in order.

The database first (the embedded one, unless DATABASE_URL names another), then the migrations, the keys, the web server
and the projections. What dies is reported and started again, for as long as it takes; a child that dies before the
first readiness ends the run. Nothing that it does by the way ends a run: logs that cannot be put aside, a user who no
longer listens. It must never stop a process that it did not start.
"""

import http.client
import os
import shutil
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import psycopg

import migrations
from adapters.postgres.embedded import EmbeddedPostgres
from daybook.development_mail import has_mailbox, mailbox_page_port
from daybook.run.children import Child
from daybook.run.dev_keys import ensure_dev_keys, sign_in_link
from daybook.run.home import Home
from daybook.run.keeping import KeptDatabase, RoomWarning
from daybook.run.storage import Storage
from daybook.settings import DOCUMENTED, Settings, SettingsError
from eventstore.standing import holds_personal_data

Say = Callable[[str], None]

_READY_SECONDS = 60.0
_PORT_PATIENCE_SECONDS = 3.0  # a run that was just killed lets go of its port a moment later
_OLDEST_SERVER = 150000
_THIS_MACHINE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  (what to ask when all addresses are served)


class CannotRun(Exception):
    """The run cannot go on; the message is one sentence that says what to do."""


class Stopping:
    """Whether a signal has asked for the end. Asked again, it does not interrupt the stopping itself."""

    def __init__(self) -> None:
        self.asked = False

    def __call__(self) -> bool:
        return self.asked

    def ask(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True

    @contextmanager
    def listening(self) -> Iterator[None]:
        signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        earlier = {number: signal.signal(number, self.ask) for number in signals}
        try:
            yield
        finally:
            for number, handler in earlier.items():
                signal.signal(number, handler)


@dataclass(frozen=True, slots=True)
class Supervisor:
    """One run: its settings, how it speaks to its user, and whether it was asked to stop."""

    settings: Settings
    say: Say
    stopping: Stopping

    def run(self) -> None:
        """Run until a signal comes; return when everything that was started has stopped."""
        home = Home(self.settings.home)
        with ExitStack() as stack:
            stack.enter_context(self.stopping.listening())
            stack.enter_context(home.locked())
            check_port(self.settings.host, self.settings.port, self.stopping)
            database = self._start_database(stack)
            if not self.stopping():
                keys = self._prepare(home)
            metrics = home.empty_metrics_folder()
            stack.callback(shutil.rmtree, metrics, ignore_errors=True)
            children = self._children(home, metrics)
            stack.callback(stop_all, children)
            if not self.stopping():
                self._start(children)
            if not self.stopping():
                link = sign_in_link(self.settings.owner_conninfo, keys["admin"])
                self.say(welcome(self.settings, home, keys, link))
            kept = None if database is None else KeptDatabase(database, self.say)
            room = RoomWarning(Storage.of(self.settings), self.say)
            while not self.stopping():
                self._restart_ended(children, kept)
                room.look()
                home.put_long_logs_aside()
                time.sleep(0.1)
            self.say("Stopping.")

    def _start_database(self, stack: ExitStack) -> EmbeddedPostgres | None:
        if not self.settings.embedded:
            check_server(self.settings.owner_conninfo)
            return None
        self.say(f"Starting PostgreSQL in {self.settings.home}")
        database = EmbeddedPostgres(self.settings.home, {"max_connections": str(connections_needed(self.settings))})
        stack.callback(database.stop)
        database.start(self.stopping)
        return database

    def _prepare(self, home: Home) -> dict[str, str]:
        """Bring the schema up to date and make the keys; returns the development keys."""
        for name in migrations.migrate(self.settings.owner_conninfo):
            self.say(f"Applied {name}")
        if not self.settings.master_key_hex:
            check_master_key(self.settings, home)
            home.ensure_master_key()
        return ensure_dev_keys(self.settings.owner_conninfo, home)

    def _children(self, home: Home, metrics: Path) -> list[Child]:
        environment = os.environ | {
            "DAYBOOK_HOME": str(self.settings.home),
            "HOST": self.settings.host,
            "PORT": str(self.settings.port),
            "PROMETHEUS_MULTIPROC_DIR": str(metrics),
            "PYTHONUNBUFFERED": "1",
        }
        return [
            Child("projections", "project", home.log("projections"), environment),
            Child("worker", "work", home.log("work"), environment),
            Child("sealer", "seal", home.log("seal"), environment),
            Child("web server", "serve", home.log("web"), environment),
        ]

    def _start(self, children: list[Child]) -> None:
        """Start the children and wait until the web server says that it is ready."""
        for child in children:
            child.start()
        deadline = time.monotonic() + _READY_SECONDS
        while not self.stopping() and not is_ready(self.settings):
            for child in children:
                if (sentence := child.died()) is not None:
                    raise CannotRun(sentence.rpartition("; it starts again")[0] + ".")
            if time.monotonic() > deadline:
                raise CannotRun(
                    f"The web server was not ready within {_READY_SECONDS:.0f} s; see {children[-1].log} "
                    f"and what http://{reachable(self.settings)}/readyz answers."
                )
            time.sleep(0.1)

    def _restart_ended(self, children: list[Child], database: KeptDatabase | None) -> None:
        """Report what has died and start it again; the database first, for everything else waits for it."""
        if database is not None:
            database.restart_when_due(self.stopping)
        for child in children:
            for sentence in (child.died(), child.restart_when_due()):
                if sentence is not None:
                    self.say(sentence)


def connections_needed(settings: Settings) -> int:
    """How many connections the server must take: each web thread may hold one of each pool, and others work too."""
    return max(100, settings.web_workers * (2 * settings.web_threads + 4) + 50)


def stop_all(children: list[Child]) -> None:
    """Ask all at once, then wait for each."""
    for child in children:
        child.ask_to_stop()
    for child in children:
        child.wait_until_stopped()


def check_port(host: str, port: int, stopping: Callable[[], bool]) -> None:
    """Refuse a port that another program listens on, before anything is started."""
    deadline = time.monotonic() + _PORT_PATIENCE_SECONDS
    while (refusal := _port_refusal(host, port)) and time.monotonic() < deadline and not stopping():
        time.sleep(0.2)
    if refusal and not stopping():
        raise CannotRun(refusal)


def _port_refusal(host: str, port: int) -> str | None:
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
    except PermissionError:
        return f"Port {port} may not be used by this user; choose one above 1023: make run PORT=8080."
    except socket.gaierror:
        return (
            f"HOST={host} is not a name or address of this machine; use 127.0.0.1, or 0.0.0.0 for all of its addresses."
        )
    except OSError as error:
        return f"Port {port} on {host} cannot be used ({error.strerror}); choose another: make run PORT={port + 1}."
    return None


def check_server(owner_conninfo: str) -> None:
    """Refuse a server of DATABASE_URL that cannot be reached, is too old, or cannot hold every name."""
    try:
        with psycopg.connect(owner_conninfo, connect_timeout=10) as connection:
            version = connection.info.server_version
            encoding = connection.info.parameter_status("server_encoding")
    except psycopg.OperationalError as error:
        reason = str(error).strip().partition("\n")[0]
        raise CannotRun(
            f"The server of DATABASE_URL cannot be reached; start it or correct the address ({reason})."
        ) from None
    if version < _OLDEST_SERVER:
        raise CannotRun(f"The server of DATABASE_URL is PostgreSQL {version // 10000}; Daybook needs 15 or newer.")
    if encoding != "UTF8":
        raise CannotRun(f"The database of DATABASE_URL is in {encoding}; create one with ENCODING 'UTF8'.")


def check_master_key(settings: Settings, home: Home) -> None:
    """Refuse to make a new master key for a database whose personal data was sealed under another one."""
    if home.master_key.exists():
        return
    with psycopg.connect(settings.owner_conninfo) as connection:
        if holds_personal_data(connection):
            raise SettingsError(
                f"The database holds personal data, and {home.master_key} is missing; bring that file back, "
                "or set DAYBOOK_MASTER_KEY to the key it was sealed under."
            )


def reachable(settings: Settings) -> str:
    """Host and port as a client on this machine writes them."""
    host = _THIS_MACHINE.get(settings.host, settings.host)
    return f"[{host}]:{settings.port}" if ":" in host else f"{host}:{settings.port}"


def is_ready(settings: Settings) -> bool:
    connection = http.client.HTTPConnection(reachable(settings), timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _mail_lines(settings: Settings) -> list[str]:
    """Where mails go, when that is nowhere outside."""
    if has_mailbox(settings):
        return [f"Mails are kept, not sent: http://127.0.0.1:{mailbox_page_port(settings)}/ or `daybook mailbox list`."]
    return [] if settings.smtp_url else ["SMTP_URL is not set: customers are not notified."]


def _demo(settings: Settings) -> str:
    """The command that sends the sample to this run."""
    elsewhere = "" if settings.home == Path(DOCUMENTED["DAYBOOK_HOME"]).resolve() else f"DAYBOOK_HOME={settings.home} "
    return f"{elsewhere}make demo PORT={settings.port}"


def welcome(settings: Settings, home: Home, keys: dict[str, str], link: str) -> str:
    """What the user needs now: the address, the keys, and what to do next."""
    address = f"http://{reachable(settings)}"
    lines = [
        "",
        f"Daybook is ready at {address}",
        "",
        "Open the pages with this link, which signs in once (later: with a key):",
        f"  {address}/sign-in?link={link}",
        "",
        f"Development keys (also in {home.dev_keys}):",
        *(f"  {role:<11} {key}" for role, key in keys.items()),
        "",
        "Next, in another terminal: paste this line, then the README's first order; or try the sample.",
        f"  export DAYBOOK={address} KEY={keys['admin']}",
        f"  {_demo(settings)}",
        *_mail_lines(settings),
        f"The API is described at {address}/openapi.json; logs are in {home.logs}.",
        "Ctrl-C stops everything.",
        "",
    ]
    return "\n".join(lines)
