"""Every problem code that the source text raises: found by reading it, so that none can be forgotten.

A code is the first argument of ``Refusal`` and ``invalid``, the second of ``Problem``, ``respond``, ``Condition`` and
``Rule``, or the ``code`` of an exception's class. Where a call takes its code from a table or a variable, the file is
named in ``FROM_TABLES`` and the tables are read.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from adapters.documents.printer import ELSEWHERE, NOT_ISSUED
from adapters.einvoices.missing import CODES as E_INVOICE_CODES
from application.desk_refusals import TAKEN
from application.proofreading import UNPRINTABLE
from domain.dispatch import WHY
from domain.refusals import Kind
from web.problems import CODE_OF, STATUS_OF

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("access", "adapters/documents", "application", "daybook", "domain", "projections", "web")
PLACE = {"Refusal": 0, "invalid": 0, "NothingToPrint": 0, "Problem": 1, "respond": 1, "Condition": 1, "Rule": 1}
OF_THE_DOMAIN = {"Condition", "Rule"}
# Where a call is handed a code: it stands in a table, or comes from such a call elsewhere.
FROM_TABLES = {
    "application/desk_refusals.py",
    "domain/conditions.py",
    "domain/dispatch.py",
    "domain/labelling.py",
    "domain/lifecycle.py",
    "domain/order.py",
    "domain/refusals.py",
    "adapters/documents/printer.py",
    "web/problems.py",
    "web/queries/answering.py",
    "web/queries/documents.py",
}


def raised_codes() -> dict[str, set[int]]:
    """Code to the HTTP statuses that its places say; no status where a place leaves it to others."""
    found: dict[str, set[int]] = {}
    for code, status in (*_from_source(), *_from_tables()):
        found.setdefault(code, set()).update([status] if status else [])
    return found


def handed_on() -> set[str]:
    """The files in which a call takes its code from somewhere else."""
    return {name for name, tree in _trees() for call, code in _calls(name, tree) if not list(_literals(code))}


def _from_tables() -> Iterator[tuple[str, int | None]]:
    yield from ((code, 409) for code in (*TAKEN.values(), "concurrent_change", *WHY, UNPRINTABLE, *E_INVOICE_CODES))
    yield from ((code, 409) for code, _ in (*NOT_ISSUED.values(), ELSEWHERE))
    yield from ((code, status) for status, (code, _) in CODE_OF.items())


def _from_source() -> Iterator[tuple[str, int | None]]:
    for name, tree in _trees():
        for call, code in _calls(name, tree):
            yield from ((literal, _status(call)) for literal in _literals(code) if literal)
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                yield from ((code, None) for code in _class_codes(node))
            elif isinstance(node, ast.Tuple) and name.startswith("domain/"):
                yield from ((code, 409) for code in _beside_condition(node))


def _trees() -> Iterator[tuple[str, ast.Module]]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def _calls(file: str, tree: ast.Module) -> Iterator[tuple[ast.Call, ast.expr]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            place = PLACE.get(node.func.id)
            if node.func.id in OF_THE_DOMAIN and not file.startswith("domain/"):
                continue  # a condition of a query
            if place is not None and len(node.args) > place:
                yield node, node.args[place]


def _literals(code: ast.expr) -> Iterator[str]:
    if isinstance(code, ast.Constant) and isinstance(code.value, str):
        yield code.value
    elif isinstance(code, ast.IfExp):
        yield from _literals(code.body)
        yield from _literals(code.orelse)


def _status(call: ast.Call) -> int | None:
    kind = next((word.value.attr for word in call.keywords if isinstance(word.value, ast.Attribute)), "CONFLICT")
    match call.func:
        case ast.Name("Refusal"):
            return int(STATUS_OF[Kind[kind]])
        case ast.Name("invalid"):
            return 422
        case ast.Name("Condition" | "Rule"):
            return 409
    first = call.args[0]
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, int) else None


def _class_codes(node: ast.ClassDef) -> Iterator[str]:
    """``code = "..."`` in the body of an exception's class."""
    for each in node.body:
        match each:
            case ast.Assign([ast.Name("code")], ast.Constant(code)) if isinstance(code, str):
                yield code


def _beside_condition(node: ast.Tuple) -> Iterator[str]:
    """The code beside a condition: ``(TO_SHIP, "quantity_exceeds_unshipped")``."""
    match node.elts:
        case [ast.Name(name), ast.Constant(code)] if name.isupper() and isinstance(code, str):
            yield code
