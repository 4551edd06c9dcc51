"""The paths of the webhooks that we send, each with its right."""

from collections.abc import Iterator

from access.roles import Right
from web.guard import View
from web.webhooks.commands import Outgoing, create_view, test_view, verb_view, verbs
from web.webhooks.queries import deliveries_view, webhook_view, webhooks_view

COMMANDS = "webhooks"


def commands(to: Outgoing) -> dict[str, View]:
    """The commands by name, as pages know them: "webhooks" and "webhooks/pause"."""
    found = {COMMANDS: create_view(to), f"{COMMANDS}/test": test_view(to)}
    return found | {f"{COMMANDS}/{name}": verb_view(to, verb) for name, verb in verbs(to).items()}


def routes(to: Outgoing) -> Iterator[tuple[str, str, Right, View]]:
    """Method, path, right and view of each."""
    for name, view in commands(to).items():
        collection, _, verb = name.partition("/")
        path = f"/commands/{collection}/<uuid:target>/{verb}" if verb else f"/commands/{collection}"
        yield "POST", path, Right.ADMINISTER, view
    one = "/queries/webhooks/<uuid:webhook_id>"
    yield "GET", "/queries/webhooks", Right.QUERY, webhooks_view(to.desk)
    yield "GET", one, Right.QUERY, webhook_view(to.desk)
    yield "GET", f"{one}/deliveries", Right.QUERY, deliveries_view(to.desk)
