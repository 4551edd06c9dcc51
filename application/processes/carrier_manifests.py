"""Asking a carrier for its own manifest of what it took, and recording the answer once, as for labels."""

from collections.abc import Mapping
from uuid import UUID, uuid5

from application.carrier import Carrier, CarrierUnavailable, LabelFiles, Manifested, ManifestRequest, UnusableFile
from application.labels import references
from application.order_log import OrderLog, Snapshot
from application.processes.process import Origin
from domain.dispatch import CarrierManifestRequested, Dispatch
from eventstore.errors import StreamConflict
from eventstore.records import Claim


class ManifestDesk:
    """Asks about one dispatch at a time. Thread-safe; ``carriers`` are by their code."""

    def __init__(self, log: OrderLog, carriers: Mapping[str, Carrier], files: LabelFiles, origin: Origin) -> None:
        self._log = log
        self._carriers = carriers
        self._files = files
        self._origin = origin

    def settle(self, claim: Claim) -> None:
        """Ask for the manifest of a dispatch and record the answer; raises CarrierUnavailable."""
        snapshot = self._log.load_root(Dispatch, claim.partition_id)
        dispatch = snapshot.work.dispatch
        asked = dispatch.state.carrier_manifest
        if asked is None or asked.state != "requested":
            return
        carrier = self._carriers.get(dispatch.state.carrier)
        if carrier is None:
            raise CarrierUnavailable(f"no account with {dispatch.state.carrier} is configured")
        shipments = self._log.attach_shipments(snapshot, dispatch.state.shipments)
        names = references(shipments, dispatch.state.shipments)
        answer = carrier.manifest(ManifestRequest(intent_id=asked.intent_id, references=names))
        if isinstance(answer, Manifested):
            orders = {snapshot.work.partition_of(shipment) for shipment in shipments}
            try:
                self._files.keep_manifest(orders, dispatch.id, answer.file)
            except UnusableFile as unusable:
                raise CarrierUnavailable(f"its manifest cannot be used: {unusable}") from unusable
            dispatch.manifest_made(answer.reference, self._origin.clock())
        else:
            dispatch.manifest_refused(answer.detail, self._origin.clock())
        try:
            self._log.append(snapshot, self._origin.cause(_asked_in(snapshot)), self._origin.new_id(), releases=[claim])
        except StreamConflict as conflict:
            raise CarrierUnavailable("the dispatch keeps changing") from conflict


def _asked_in(snapshot: Snapshot) -> UUID | None:
    """The id of the event that asked: the cause of the answer."""
    for event in snapshot.work.events:
        if isinstance(event, CarrierManifestRequested):
            return uuid5(event.originator_id, str(event.originator_version))
    return None
