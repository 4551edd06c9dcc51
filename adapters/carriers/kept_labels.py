"""The carriers' label files, kept as they came and sealed under the keys of their orders: erasing one closes them."""

from collections.abc import Collection
from uuid import UUID

from adapters.documents.carrier_file import unusable, unusable_label
from application.carrier import UnusableFile
from eventstore.keeping import Vault
from eventstore.reader import LogReader

FORM = "carrier-label"
MANIFEST = "carrier-manifest"


class KeptLabels:
    """Keeps and finds label files by their intents. Thread-safe. Raises UnusableFile and LogUnavailable."""

    def __init__(self, vault: Vault, reader: LogReader) -> None:
        self._vault = vault
        self._reader = reader

    def keep(self, order_id: UUID, intent_id: UUID, label: bytes) -> None:
        """Keep a file; a repeat changes nothing, and of an order that was erased meanwhile nothing is kept."""
        _require_usable(unusable_label(label))
        key = self._reader.data_keys([order_id]).get(order_id)
        if key is not None:
            self._vault.keep(intent_id, FORM, {order_id: key}, label)

    def keep_manifest(self, order_ids: Collection[UUID], dispatch_id: UUID, manifest: bytes) -> None:
        """Keep a carrier's manifest of packages of these orders; it opens with the keys of all of them."""
        _require_usable(unusable(manifest))
        keys = self._reader.data_keys(list(order_ids))
        if keys.keys() >= set(order_ids):
            self._vault.keep(dispatch_id, MANIFEST, keys, manifest)

    def find_manifest(self, dispatch_id: UUID) -> bytes | None:
        """A carrier's manifest; None where there is none, or once one of its orders was erased."""
        return self._vault.find(dispatch_id, MANIFEST)

    def find(self, intent_id: UUID) -> bytes | None:
        """A label's file; None once its order was erased."""
        return self._vault.find(intent_id, FORM)


def _require_usable(why_not: str | None) -> None:
    if why_not is not None:
        raise UnusableFile(why_not)
