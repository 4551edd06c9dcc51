"""Packages of npm that tests need: installed as a lock file pins them, once, into a cache outside of the tree.

A folder of the tests has a package.json and a package-lock.json. The lock pins versions and hashes, and names no
address, so that npm asks the registry that the machine is set up for. ``npm install --omit-lockfile-registry-resolved
--ignore-scripts --no-fund`` writes it (remove the lines "funding" and "url" then). Scripts of packages are never run.
The cache is ~/.cache/daybook-tests, or DAYBOOK_TEST_CACHE.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

NODE_MIN = 20
CACHE_VARIABLE = "DAYBOOK_TEST_CACHE"
INSTALL_SECONDS = 300.0
FILES = ("package.json", "package-lock.json")
HOW = f"no Node.js {NODE_MIN} or newer with npm on this machine; install them (Debian, Ubuntu: apt install nodejs npm)"


def node_modules(folder: Path) -> Path:
    """The folder ``node_modules`` with what the lock file of a folder pins.

    Skips the test where there is no Node.js with npm, and where npm cannot install; that fails in CI.
    """
    if not has_node():
        pytest.skip(HOW)
    pinned = hashlib.sha256(b"".join((folder / name).read_bytes() for name in FILES)).hexdigest()[:16]
    cache = Path(os.environ.get(CACHE_VARIABLE) or Path.home() / ".cache" / "daybook-tests")
    cache.mkdir(parents=True, exist_ok=True)
    place = cache / f"npm-{pinned}"
    with (cache / f"npm-{pinned}.lock").open("w") as lock:  # another process of the suite may be at it
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.exists():
            _install(folder, place)
    return place / "node_modules"


def has_node() -> bool:
    """Whether there is an npm, and a Node.js that is new enough."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return False
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout
    version = re.match(r"v(\d+)\.", said)
    return version is not None and int(version[1]) >= NODE_MIN


def _install(folder: Path, place: Path) -> None:
    """Install beside the place, then move there as a whole: a broken installation is never found."""
    beside = Path(tempfile.mkdtemp(dir=place.parent))
    try:
        for name in FILES:
            shutil.copy(folder / name, beside)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        done = subprocess.run(command, cwd=beside, capture_output=True, text=True, check=False, timeout=INSTALL_SECONDS)
        if done.returncode:
            told = f"npm could not install what {folder.name}/package-lock.json pins: {done.stderr[-1000:]}"
            (pytest.fail if os.environ.get("CI") else pytest.skip)(told)
        beside.rename(place)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
