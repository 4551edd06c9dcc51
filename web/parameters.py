"""Query parameters of the smaller queries: known ones, once each, whole numbers within bounds."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from flask import Request

from web.problems import Problem
from web.requests import unknown_parameters


def single_parameters(request: Request, known: AbstractSet[str]) -> dict[str, str]:
    """The parameters given; refuses unknown and repeated ones."""
    given = request.args.to_dict(flat=False)
    if not given.keys() <= known:
        raise unknown_parameters(sorted(given.keys() - known))
    for name, values in given.items():
        if len(values) > 1:
            raise invalid_parameter(name, "Given more than once.")
    return {name: values[0] for name, values in given.items()}


def whole_number(given: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    """The parameter as a whole number from ``low`` to ``high``."""
    value = given.get(name)
    if value is None:
        return default
    if not (value.isascii() and value.isdigit()):
        raise invalid_parameter(name, "Must be a whole number.")
    if len(value) > 20 or not low <= int(value) <= high:
        raise invalid_parameter(name, f"Must be from {low} to {high}.", malformed=False)
    return int(value)


def invalid_parameter(name: str, message: str, *, malformed: bool = True) -> Problem:
    """400 for a parameter that cannot be read, 422 for one that can never be right."""
    status = 400 if malformed else 422
    return Problem(status, "invalid_parameter", f"{name}: {message}", errors=[(f"/{name}", message)])
