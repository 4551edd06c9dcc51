"""What a command is for that does not name it by its id: a customer, or the shipment of a carrier's report.

A number belongs to the one shipment that has it; carriers recycle theirs, so of several none is guessed. The number
of a canceled shipment is looked for last: what is reported about it is kept there, as the exception that it is.
"""

from dataclasses import replace
from uuid import UUID

from application import claims
from application.command import Command
from application.commands.tracking import RecordScan
from application.order_log import OrderLog
from domain.refusals import Kind, Refusal
from domain.tracking_numbers import number_key

CANDIDATES_MAX = 20


def addressed(log: OrderLog, command: Command) -> Command:
    """The command with what it is for: the shipment of a number, the stream of a customer, or as it was."""
    if command.customer_id is not None:
        return replace(command, target=log.customer_stream(command.customer_id))
    return find_shipment(log, command)


def find_shipment(log: OrderLog, command: Command) -> Command:
    """The command with the shipment that it is for; refuses unknown numbers and those of several shipments.

    A repeat of a key goes where the first report went, whatever became of the number since.
    """
    scan = command.body
    if command.target is not None or not isinstance(scan, RecordScan):
        return command
    shipments = _with_number(log, scan.carrier, scan.tracking_number)
    if len(shipments) == 1:
        return replace(command, name="shipments/tracking-events", target=shipments[0])
    recorded = log.recorded(command.cause)
    if recorded is not None:
        return replace(command, name="shipments/tracking-events", target=recorded.partition_id)
    number = f"{scan.carrier} {scan.tracking_number}"
    if shipments:
        names = ", ".join(map(str, shipments))
        raise Refusal(
            "ambiguous_tracking",
            f"Several shipments have the number {number}: {names}. Report it to one of them.",
            facts={"candidates": [str(each) for each in shipments]},
        )
    raise Refusal("unknown_tracking", f"No shipment has the number {number}.", kind=Kind.UNKNOWN)


def _with_number(log: OrderLog, carrier: str, tracking_number: str) -> list[UUID]:
    prefix = claims.of_number(number_key(carrier, tracking_number))
    found = log.claims(claims.TRACKING, prefix, CANDIDATES_MAX)
    if not found:
        found = log.claims(claims.TRACKING_ENDED, prefix, CANDIDATES_MAX)
    return [UUID(claim.key.removeprefix(prefix)) for claim in found]
