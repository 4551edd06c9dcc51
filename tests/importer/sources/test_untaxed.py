"""What nobody taxed is at 0 % for a merchant who says that none is charged, and at no known rate otherwise."""

from decimal import Decimal

from click.testing import CliRunner

from daybook.importing.command import import_command
from daybook.importing.sources.untaxed import at_zero
from tests.importer.sources.samples import files_of, lines_of, read


def test_an_order_without_any_tax_is_at_zero() -> None:
    (order,) = [order for order in read("woocommerce")[0] if order.number == "509"]
    before = lines_of([order])[0]["body"]["lines"][0]
    assert "tax_rate" not in before
    at_zero(order)
    after = lines_of([order])[0]["body"]["lines"][0]
    assert (after["tax_rate"], after["tax_amount"]) == ("0", "0.00")
    assert "nothing is taxed: 0 %, as --untaxed-at-zero says" in order.notes.assumed


def test_an_order_with_a_tax_stays_as_it_is() -> None:
    order = read("woocommerce")[0][0]
    before = lines_of([order])
    at_zero(order)
    assert lines_of([order]) == before
    assert not any(line.tax_rate == Decimal(0) for line in order.lines)


def test_the_option_is_one_of_the_import() -> None:
    (file, _) = files_of("woocommerce")
    asked = ["--from", "woocommerce", "--dry-run", "--untaxed-at-zero", str(file)]
    shown = CliRunner().invoke(import_command, asked)
    assert shown.exit_code == 0, shown.output
    assert "509: assumed: nothing is taxed: 0 %, as --untaxed-at-zero says" in shown.stderr
    assert "501: assumed: nothing is taxed" not in shown.stderr
