"""Bodies of the commands about a customer."""

from application.commands import customers
from web.schemas.body import CommandBody
from web.schemas.fields import Flag, Text


class EraseCustomer(CommandBody):
    """Why the customer is erased, without naming anybody, and whether documents that must be kept are no obstacle."""

    makes = (customers.EraseCustomer,)

    reason = Text(1000, required=True)
    waive_retention = Flag()
