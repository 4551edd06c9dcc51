"""A PostgreSQL of Daybook's own in a folder: started, made ready and stopped here, with nothing to install first.

One instance of this class is one server. Passwords are required of everyone (scram), it listens on a Unix socket that
only its user may enter, and it is as durable as any other: fsync, full page writes and checksums are on. It must never
touch a process that does not work in its own data directory, and never deletes data.
"""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import psycopg

from adapters.postgres.binaries import PostgresUnavailable, Programs, find_programs, give_to
from adapters.postgres.processes import ask_to_stop, processes_in
from adapters.postgres.roles import DATABASE, SUPERUSER, Logins, complete, ensure_database, read_logins
from adapters.private_files import make_folder, write_private

_TEMPORARY, _PREFIX = Path("/tmp"), "daybook-"  # noqa: S108  (short on every system; folders in it are made 0700)
_LONGEST_SOCKET_FOLDER = 88  # a socket path ends at 103 bytes on macOS, and PostgreSQL adds /.s.PGSQL.5432
_RECOVERY_SECONDS = 600.0
_STOP_SECONDS = 20.0


class EmbeddedPostgres:
    """The server in ``home``. Whoever calls ``start`` holds a lock on ``home``: two callers must not meet there."""

    def __init__(self, home: Path, settings: Mapping[str, str] | None = None) -> None:
        self.home = home.resolve()
        self.data = self.home / "postgres"
        self.log = self.home / "logs" / "postgres.log"
        self._settings = dict(settings or {})
        self._process: subprocess.Popen[bytes] | None = None
        self._logins: Logins | None = None

    def url(self, login: str, database: str = DATABASE) -> str:
        """Where ``login`` connects; known after ``start``."""
        logins = self._logins or read_logins(self.home)
        if logins is None:
            raise PostgresUnavailable(f"There is no PostgreSQL in {self.home} yet; start it with `make run`.")
        return logins.url(login, database)

    def start(self, stopping: Callable[[], bool] = lambda: False) -> None:
        """Start the server, after a crash too, and return when it takes connections (or ``stopping`` says so)."""
        make_folder(self.home, 0o711)  # the server may run as another user than ours, and passes through
        make_folder(self.log.parent, 0o700)
        self.end_leftovers()
        if self._process is not None:
            self._process.wait()
        programs = find_programs(self.data, self.home / "postgres-programs")
        self._check_version(programs)
        self._logins = self._prepare_logins(programs)
        if not self.data.exists():
            self._create(programs, self._logins.passwords[SUPERUSER])
        give_to(programs, self.data)
        self._launch(programs, Path(self._logins.socket))
        try:
            self._wait_until_ready(stopping)
            if not stopping():
                ensure_database(self._logins)
        except BaseException:
            self.stop()
            raise

    def poll(self) -> int | None:
        """The exit status of the server once it has ended; None while it runs."""
        return None if self._process is None else self._process.poll()

    def stop(self) -> None:
        """Stop the server that ``start`` started: sessions are ended, what was committed is on disk."""
        if self._process is None:
            return
        for request, patience in ((signal.SIGINT, _STOP_SECONDS), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
            if self._process.poll() is None:
                self._process.send_signal(request)
                _wait_for(lambda: self._process is None or self._process.poll() is not None, patience)
        self._process = None
        if self._logins and Path(self._logins.socket).parent != self.home:
            shutil.rmtree(self._logins.socket, ignore_errors=True)

    def end_leftovers(self, request: signal.Signals = signal.SIGINT) -> None:
        """Stop what an earlier start left behind in the data directory, and clear a lock file nobody holds."""
        if processes_in(self.data):
            ask_to_stop(self.data, request)
            if not _wait_for(lambda: not processes_in(self.data), _STOP_SECONDS):
                ask_to_stop(self.data, signal.SIGQUIT)
            if not _wait_for(lambda: not processes_in(self.data), _STOP_SECONDS):
                raise PostgresUnavailable(
                    f"PostgreSQL processes of an earlier run still work in {self.data} and do not stop; "
                    f"end them ({', '.join(map(str, processes_in(self.data)))}) and start again."
                )
        # Its number may belong to an unreaped or any other process by now, which would keep PostgreSQL from starting.
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _check_version(self, programs: Programs) -> None:
        stamp = self.data / "PG_VERSION"
        if self.data.exists() and not stamp.exists():
            raise PostgresUnavailable(
                f"{self.data} is not the data directory of a PostgreSQL; move it away or set DAYBOOK_HOME."
            )
        if stamp.exists() and (major := stamp.read_text().strip()) != str(programs.major):
            raise PostgresUnavailable(
                f"{self.data} was made by PostgreSQL {major}, and this Daybook carries PostgreSQL {programs.major}; "
                "move the data with pg_dump and pg_restore, or set DAYBOOK_HOME to a new folder."
            )

    def _prepare_logins(self, programs: Programs) -> Logins:
        logins = read_logins(self.home)
        if logins is None and self.data.exists():
            raise PostgresUnavailable(
                f"{self.home}/postgres.json, which holds the passwords of {self.data}, is missing; bring it back "
                "from a copy, or set DAYBOOK_HOME to a new folder."
            )
        logins = complete(logins)
        logins = Logins(str(_socket_folder(self.home, logins.socket)), logins.passwords)
        for leftover in Path(logins.socket).glob(".s.PGSQL.*"):
            leftover.unlink()
        give_to(programs, Path(logins.socket))
        write_private(self.home / "postgres.json", json.dumps(asdict(logins)))
        return logins

    def _create(self, programs: Programs, password: str) -> None:
        """Make the data directory under another name first, so that half of one is never taken for whole."""
        unfinished = self.home / "postgres.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        password_file = write_private(unfinished.with_suffix(".password"), password)
        give_to(programs, unfinished, password_file)
        arguments = ["--pgdata", str(unfinished), "--pwfile", str(password_file), *_INITDB]
        try:
            status, output = programs.run("initdb", *arguments)
        finally:
            password_file.unlink()
        if status != 0:
            reason = output.strip().rpartition("\n")[2]
            raise PostgresUnavailable(f"PostgreSQL could not create its data directory {self.data}: {reason}")
        unfinished.rename(self.data)

    def _launch(self, programs: Programs, socket: Path) -> None:
        settings = server_settings(socket) | self._settings
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            self._process = programs.start("postgres", "-D", str(self.data), *flags, output=log)

    def _wait_until_ready(self, stopping: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _RECOVERY_SECONDS
        url = self.url(SUPERUSER, "postgres")
        while not stopping() and not _connects(url):
            if self.poll() is not None:
                raise PostgresUnavailable(f"PostgreSQL ended while starting: {self._last_word()} (all in {self.log})")
            if time.monotonic() > deadline:
                raise PostgresUnavailable(
                    f"PostgreSQL took no connection for {_RECOVERY_SECONDS:.0f} s; see {self.log}"
                )
            time.sleep(0.02)

    def _last_word(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-20:]
        serious = [line for line in lines if "FATAL" in line or "PANIC" in line]
        return (serious or lines or ["it said nothing"])[-1].partition("FATAL:  ")[2] or (lines or ["nothing"])[-1]


_INITDB = (
    f"--username={SUPERUSER}",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--data-checksums",
)


def server_settings(socket: Path) -> dict[str, str]:
    """What the server is started with. Durability is not a matter of choice; memory goes by the machine."""
    megabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    return {
        "listen_addresses": "",
        "unix_socket_directories": str(socket),
        "unix_socket_permissions": "0700",
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "max_connections": "100",
        "shared_buffers": f"{max(64, min(512, megabytes // 8))}MB",
        "effective_cache_size": f"{max(128, megabytes // 2)}MB",
        "maintenance_work_mem": "128MB",
        "work_mem": "16MB",
        "max_wal_size": "2GB",
        "checkpoint_timeout": "15min",
        "random_page_cost": "1.1",
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_checkpoints": "off",
        "log_line_prefix": "%m [%p] %q%u@%d ",
    }


def _socket_folder(home: Path, earlier: str) -> Path:
    """A folder only the server's user may enter, in ``home`` or, when that path is too long, a temporary one.

    It is the ``earlier`` one again where that can be had: programs that run on look for the server there.
    """
    inside = home / "socket"
    if len(os.fsencode(inside)) <= _LONGEST_SOCKET_FOLDER:
        make_folder(inside, 0o700)
        return inside
    again = Path(earlier)
    if again.parent == _TEMPORARY and again.name.startswith(_PREFIX):
        if again.is_dir() and again.stat().st_uid == home.stat().st_uid:
            return again
        with suppress(FileExistsError):
            again.mkdir(mode=0o700)
            return again
    return Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_TEMPORARY))  # made 0700


def _connects(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _wait_for(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not (met := condition()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return met
