"""Which processes work in a PostgreSQL data directory, also those a killed parent left behind.

A process number from a lock file says little: the process may be gone, unreaped, or by now be somebody else's. A
process whose working directory is the data directory is PostgreSQL's. This module must never signal any other.
"""

import os
import signal
import subprocess
from pathlib import Path


def processes_in(data: Path) -> list[int]:
    """The numbers of the live processes that work in ``data``, lowest first."""
    if Path("/proc/self/cwd").exists():
        return sorted(pid for pid in _all_processes() if _works_in(pid, data))
    return _postmasters_by_command_line(data)


def ask_to_stop(data: Path, request: signal.Signals) -> None:
    """Signal the server of ``data``; its children when it is gone itself."""
    running = processes_in(data)
    postmaster = _recorded_postmaster(data)
    for pid in [postmaster] if postmaster in running else running:
        try:
            os.kill(pid, request)
        except ProcessLookupError:
            continue


def _all_processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _works_in(pid: int, data: Path) -> bool:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        return Path(f"/proc/{pid}/cwd").readlink() == data and b"postgres" in command
    except OSError:
        return False


def _postmasters_by_command_line(data: Path) -> list[int]:
    """Where there is no /proc (macOS): the server's children end by themselves when it has gone."""
    listing = subprocess.run(["ps", "-axo", "pid=,command="], capture_output=True, text=True, check=False).stdout
    rows = [line.strip().partition(" ") for line in listing.splitlines()]
    return sorted(int(pid) for pid, _, command in rows if "postgres -D" in command and f" {data} " in f"{command} ")


def _recorded_postmaster(data: Path) -> int:
    try:
        return int((data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return 0
