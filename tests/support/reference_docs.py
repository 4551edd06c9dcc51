"""The parts of the documentation that are made from the product's own tables, written by ``make docs``.

A page keeps its prose; between ``<!-- made: NAME -->`` and ``<!-- end -->`` stands what ``BLOCKS`` makes under that
name. A test compares, so that no page can say something else than the product does. Nothing here may be needed
to run Daybook.
"""

import re
import sys
from collections.abc import Callable
from pathlib import Path

from daybook.importing.sources.catalogue import SOURCES
from daybook.importing.sources.reading import Source
from domain.lifecycle import LIFECYCLE, Rule
from domain.status import PAYMENT_RULES, RULES, Status
from tests.support.command_reference import command_reference
from tests.support.event_reference import event_reference
from tests.support.public_events import public_event_reference
from web.problem_codes import GROUPS, Rows

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"(?<=<!-- made: )([a-z-]+)( -->\n).*?(?=<!-- end -->)", re.DOTALL)


def table(heads: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def lifecycle() -> str:
    """Which command an order accepts in which status, and what it needs besides."""
    rows = [[f"`{name}`", _where(rule), _needs(rule), _code(rule.code)] for name, rule in LIFECYCLE.items()]
    return table(["command", "accepted in", "needs besides (refused otherwise with)", "refused elsewhere with"], rows)


def _where(rule: Rule) -> str:
    accepted = [status.value for status in Status if status in rule.statuses]
    refused = [status.value for status in Status if status not in rule.statuses]
    if len(refused) < len(accepted):
        return f"every status but {', '.join(refused)}" if refused else "every status"
    return ", ".join(accepted)


def _needs(rule: Rule) -> str:
    needs = [f"{each.needs} ({_code(each.code)})" for each in (*rule.before, *rule.conditions)]
    if rule.after_deadline:
        needs.append(f"a deadline that has passed ({_code(rule.code)})")
    return "; ".join(needs)


def _code(code: str) -> str:
    return f"`{code}`" if code else ""


def status_table() -> str:
    """The status of an order: the first rule that fits."""
    return table(["status", "when"], [*([rule.name, rule.when] for rule in RULES), [Status.PENDING.value, "else"]])


def status_picture() -> str:
    """The same as a picture: one question after the other."""
    lines = ["flowchart TD"]
    for number, rule in enumerate(RULES):
        lines.append(f'    q{number}{{{{"{rule.when}?"}}}} -- yes --> s{number}["{rule.name}"]')
        after = f"q{number + 1}" if number + 1 < len(RULES) else f'pending["{Status.PENDING.value}"]'
        lines.append(f"    q{number} -- no --> {after}")
    return "\n".join(("```mermaid", *lines, "```", ""))


def payment_axis() -> str:
    """The payment axis: the first rule that fits."""
    rows = [[f"`{rule.name}`", rule.when] for rule in PAYMENT_RULES]
    return table(["payment", "when"], [*rows, ["`none`", "else"]])


def problems() -> str:
    """Every problem code by what it is about."""
    return "\n".join(f"\n## {title}\n\n{_problem_table(rows)}" for title, rows in GROUPS.items()) + "\n"


def _problem_table(rows: Rows) -> str:
    cells = [
        [f"`{code}`", ", ".join(map(str, each.statuses)), each.meaning, each.action]
        for code, each in sorted(rows.items())
    ]
    return table(["code", "status", "what it means", "what to do"], cells)


def import_fields() -> str:
    """Where each field of an export of another system goes."""
    return "\n".join(f"\n## {source.title}\n{_files(source)}" for source in SOURCES.values()) + "\n"


def _files(source: Source) -> str:
    tables = []
    for name, fields in source.fields.items():
        rows = [[f"`{field}`", where] for field, where in fields.items()]
        tables.append(f"\n### {source.title}: {name}\n\n{table(['field', 'goes to'], rows)}")
    return "".join(tables)


BLOCKS: dict[str, Callable[[], str]] = {
    "events": event_reference,
    "http-commands": command_reference,
    "import-fields": import_fields,
    "lifecycle": lifecycle,
    "payment-axis": payment_axis,
    "problems": problems,
    "public-events": public_event_reference,
    "status": status_table,
    "status-picture": status_picture,
}


def filled(page: str) -> str:
    """The text of a page with its made parts as they should be."""
    return BLOCK.sub(lambda found: f"{found[1]}{found[2]}{BLOCKS[found[1]]()}", page)


def pages() -> list[Path]:
    """The pages that have made parts."""
    found = sorted((ROOT / "docs").rglob("*.md"))
    return [page for page in found if BLOCK.search(page.read_text(encoding="utf-8"))]


def main() -> None:
    """Write the made parts of all pages."""
    for page in pages():
        before = page.read_text(encoding="utf-8")
        after = filled(before)
        if after != before:
            page.write_text(after, encoding="utf-8")
            sys.stdout.write(f"{page.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
