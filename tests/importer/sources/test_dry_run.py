"""`daybook import --from ... --dry-run` shows the commands and posts nothing; files may be long."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from daybook.importing.command import import_command
from tests.importer.sources.samples import FILES, files_of, lines_of, read


def dry_run(source: str, *options: str, files: list[Path] | None = None) -> Result:
    names = [str(file) for file in files or files_of(source)]
    return CliRunner().invoke(import_command, ["--from", source, "--dry-run", "--store", "moved", *options, *names])


@pytest.mark.parametrize("source", FILES)
def test_a_dry_run_shows_the_commands_and_what_was_done_about_the_orders(source: str) -> None:
    result = dry_run(source)
    assert result.exit_code == 0, result.output
    assert [json.loads(line) for line in result.stdout.splitlines()] == lines_of(read(source)[0])
    assert "none of them posted" in result.stderr
    assert ": assumed: " in result.stderr


def test_refused_orders_are_said_with_their_place() -> None:
    result = dry_run("amazon")
    assert "refused: order 302-0000004-0000004 (6_amazon_all_orders.txt, line 6)" in result.stderr


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--time-zone", "Atlantis"], "no time zone"),
        (["--encoding", "klingon"], "no encoding"),
        (["--store", "My Store"], "lower-case"),
        (["--from", "geocities"], "is not one of"),
    ],
)
def test_options_that_cannot_be_are_said(options: list[str], why: str) -> None:
    result = dry_run("shopify", *options)
    assert result.exit_code == 2
    assert why in result.output


def test_days_without_times_are_noon_in_the_time_zone() -> None:
    result = dry_run("etsy", "--time-zone", "America/New_York")
    assert json.loads(result.stdout.splitlines()[0])["body"]["occurred_at"] == "2026-03-02T17:00:00Z"


def test_the_files_of_another_system_are_refused_with_what_they_should_be() -> None:
    result = dry_run("etsy", files=files_of("shopify"))
    assert result.exit_code == 1
    assert "is no file of sold orders of Etsy: it has no column" in result.output


def test_several_files_of_commands_need_a_system() -> None:
    result = CliRunner().invoke(import_command, [str(file) for file in files_of("etsy")])
    assert result.exit_code == 2
    assert "add --from" in result.output


@pytest.mark.skipif(sys.platform != "linux", reason="measures the peak of a child in KiB")
def test_many_orders_are_read_in_the_memory_of_few(tmp_path: Path) -> None:
    """Held in memory these many orders would be three times what they may add."""
    assert peak_mib(3_000, tmp_path) - peak_mib(100, tmp_path) < 6


def peak_mib(orders: int, folder: Path) -> float:
    head, *rows = files_of("amazon")[0].read_text(encoding="utf-8").splitlines()
    row = next(row for row in rows if row.startswith("302-0000005"))
    file = folder / f"{orders}.txt"
    with file.open("w", encoding="utf-8") as out:
        out.write(head + "\n")
        out.writelines(row.replace("302-0000005", f"{n:011}") + "\n" for n in range(orders))
    program = (
        "import resource, sys; from daybook.importing.command import import_command as run;"
        "sys.stdout = open('/dev/null', 'w'); sys.stderr = sys.stdout;"
        f"run(['--from', 'amazon', '--dry-run', {str(file)!r}], standalone_mode=False);"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.__stdout__)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return int(ran.stdout) / 1024
