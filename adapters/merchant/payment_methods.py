"""The payment methods that a merchant's file adds to the built-in ones."""

from adapters.merchant.toml_table import ConfigError, Table, check_code
from domain.payment_methods import METHODS, Capture, PaymentMethod, ShipWhen


def payment_methods(root: Table) -> tuple[dict[str, PaymentMethod], dict[str, str]]:
    """The merchant's own methods, and what customers call those that have a name."""
    methods: dict[str, PaymentMethod] = {}
    names: dict[str, str] = {}
    for table in root.list_of_tables("payment_methods"):
        with table:
            method = _payment_method(table)
            if table.has("name"):
                names[method.code] = table.text("name")
        if method.code in METHODS or method.code in methods:
            raise ConfigError(f"{table.path}.code: there is a payment method {method.code} already.")
        methods[method.code] = method
    return methods, names


def _payment_method(table: Table) -> PaymentMethod:
    code = table.text("code")
    check_code(code, table.name("code"))
    captures = table.texts("captures")
    if not captures or not set(captures) <= set(Capture):
        raise ConfigError(f"{table.name('captures')} must be a list of {', '.join(Capture)}.")
    return PaymentMethod(
        code=code,
        captures=tuple(Capture(mode) for mode in captures),
        ship_when=ShipWhen(table.one_of("ship_when", tuple(ShipWhen))),
        automatic_invoice=table.flag("automatic_invoice"),
        external_page=table.flag("external_page"),
        only_zero=table.flag("only_zero"),
    )
