"""Daybook's home, the folder `var/`: what is kept there between runs, and who may use it now.

It holds the embedded PostgreSQL, the master key, the development keys and the logs. Secrets are readable by their owner
only. One run at a time uses a home; a key that exists is never replaced.
"""

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adapters.private_files import make_folder, write_private
from daybook.settings import SettingsError

ROLES = ("admin", "integrator", "auditor")
LOG_LIMIT_BYTES = 10 * 2**20


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
        """Where the processes of the web server count together; emptied, for they count from their start."""
        folder = self.path / "metrics"
        shutil.rmtree(folder, ignore_errors=True)
        make_folder(folder, 0o700)
        return folder

    def log(self, name: str) -> Path:
        """The log file of one process."""
        return self.logs / f"{name}.log"

    def put_long_logs_aside(self) -> None:
        """Keep each log, and the part of it before, within bounds; who writes to it appends and need not know."""
        for path in self.logs.glob("*.log"):
            if path.stat().st_size > LOG_LIMIT_BYTES:
                shutil.copyfile(path, path.with_suffix(".log.1"))
                os.truncate(path, 0)
