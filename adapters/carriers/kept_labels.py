"""The carriers' label files, kept as they came and sealed under the keys of their orders: erasing one closes them."""

from uuid import UUID

from eventstore.keeping import Vault
from eventstore.reader import LogReader

FORM = "carrier-label"


class KeptLabels:
    """Keeps and finds label files by their intents. Thread-safe. Raises LogUnavailable."""

    def __init__(self, vault: Vault, reader: LogReader) -> None:
        self._vault = vault
        self._reader = reader

    def keep(self, order_id: UUID, intent_id: UUID, label: bytes) -> None:
        """Keep a file; a repeat changes nothing, and of an order that was erased meanwhile nothing is kept."""
        key = self._reader.data_keys([order_id]).get(order_id)
        if key is not None:
            self._vault.keep(intent_id, FORM, {order_id: key}, label)

    def find(self, intent_id: UUID) -> bytes | None:
        """A label's file; None once its order was erased."""
        return self._vault.find(intent_id, FORM)
