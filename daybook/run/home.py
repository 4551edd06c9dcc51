"""Daybook's home, the folder `var/`: what is kept there between runs, and who may use it now.

It holds the embedded PostgreSQL, the master key, the development keys and the logs. Secrets are readable by their owner
only. One run at a time uses a home; a key that exists is never replaced.
"""

import fcntl
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from adapters.private_files import make_folder, write_private
from daybook.settings import SettingsError

ROLES = ("admin", "integrator", "auditor")
LOG_LIMIT_BYTES = 10 * 2**20
KEPT_BYTES = 2**20
POSTGRES_LOG = "postgres.log"
MEMORY = Path("/dev/shm")  # noqa: S108  (a folder of our own in it, checked)


class Home:
    """The folder and the files in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.master_key = path / "master.key"
        self.dev_keys = path / "dev-keys.json"
        self.logs = path / "logs"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Create the folder if need be and keep every other run out of it. The lock ends with the process."""
        try:
            make_folder(self.path, 0o711)
            make_folder(self.logs, 0o700)
            file = (self.path / "lock").open("a+")
        except OSError as error:
            raise SettingsError(
                f"{self.path} cannot be used ({error.strerror}); give it to this user or set DAYBOOK_HOME."
            ) from None
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                raise SettingsError(
                    f"Daybook already runs on {self.path} (process {file.read().strip() or 'unknown'}); "
                    "stop it first, or set DAYBOOK_HOME to another folder."
                ) from None
            file.truncate(0)
            file.write(f"{os.getpid()}\n")
            file.flush()
            yield

    def ensure_master_key(self) -> None:
        """Make the master key at the first start. What was sealed under a lost one can never be read again."""
        if not self.master_key.exists():
            write_private(self.master_key, secrets.token_hex(32) + "\n")

    def read_dev_keys(self) -> dict[str, str]:
        """The development key of each role; empty before the first start."""
        try:
            keys = json.loads(self.dev_keys.read_text())
        except FileNotFoundError:
            return {}
        except ValueError:
            raise SettingsError(f"{self.dev_keys} is not JSON; remove it, and the next start makes new keys.") from None
        return {role: str(keys[role]) for role in ROLES if role in keys}

    def write_dev_keys(self, keys: dict[str, str]) -> None:
        write_private(self.dev_keys, json.dumps(keys, indent=2) + "\n")

    def empty_metrics_folder(self) -> Path:
        """Where the processes of the web server count together; emptied, for they count from their start.

        They count in mapped files, and a process that writes to one on a full disk is ended by the kernel: so these
        lie in memory where there is a file system for that, apart from the data.
        """
        folder = self._folder_in_memory()
        if folder is None:
            folder = self.path / "metrics"
            shutil.rmtree(folder, ignore_errors=True)
            make_folder(folder, 0o700)
        return folder

    def _folder_in_memory(self) -> Path | None:
        """A folder of our own in /dev/shm, made anew; None where there is none or somebody else has that name."""
        name = hashlib.sha256(str(self.path.resolve()).encode()).hexdigest()[:16]
        folder = MEMORY / f"daybook-{os.geteuid()}-{name}"
        try:
            if folder.is_symlink() or (folder.exists() and folder.stat().st_uid != os.geteuid()):
                return None
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(mode=0o700)
        except OSError:
            return None
        return folder

    def log(self, name: str) -> Path:
        """The log file of one process."""
        return self.logs / f"{name}.log"

    def put_long_logs_aside(self) -> None:
        """Keep each log, and the part of it before, within bounds. Needs no room, and fails in silence.

        A log is renamed and its process follows (``children.follow_log``). PostgreSQL cannot be told to: of its log
        the end is kept, written only after the rest has made room for it.
        """
        for path in self.logs.glob("*.log"):
            with suppress(OSError):
                if path.stat().st_size <= LOG_LIMIT_BYTES:
                    continue
                aside = path.with_suffix(".log.1")
                if path.name != POSTGRES_LOG:
                    path.rename(aside)
                    continue
                with path.open("rb+") as file:
                    file.seek(-KEPT_BYTES, os.SEEK_END)
                    end = file.read()
                    file.truncate(0)
                aside.write_bytes(end)
