"""Proofs over HTTP (GET): checkpoints, proofs of inclusion and consistency, receipts of commands, tiles.

Hashes and leaves are base64 with padding, as in checkpoints. Nothing here decides or repairs: it hands out what the
sealer kept, and whoever asked can check it without us (verifier/verify.py).
"""

from base64 import b64encode
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any
from uuid import UUID

import msgspec
from flask import Response, request

from eventstore.seals.reader import (
    Included,
    NotSealedYet,
    Sealed,
    SealReader,
    UnknownCheckpoint,
    UnknownEvent,
)
from eventstore.seals.tiles import parse_path
from projections.paging.times import rfc3339
from web.guard import View
from web.parameters import single_parameters, whole_number
from web.problems import Problem

LIMIT_DEFAULT = 100
LIMIT_MAX = 500
NUMBER_MAX = 2**63 - 1
FOR_GOOD = "private, max-age=31536000, immutable"
RETRY_AFTER_SECONDS = "1"


def answered(view: View) -> View:
    """The view, with what the reader raises as problems."""

    @wraps(view)
    def asked(**arguments: Any) -> Any:
        try:
            return view(**arguments)
        except NotSealedYet as early:
            raise Problem(
                503,
                "not_sealed_yet",
                f"Sealed are the first {early.sealed} events; ask again in a moment. Where that goes on, the sealer "
                "does not run or refuses: see its log.",
                headers={"Retry-After": RETRY_AFTER_SECONDS},
                sealed=early.sealed,
            ) from early
        except UnknownCheckpoint as unknown:
            detail = f"There is no checkpoint of {unknown} events; GET /audit/seals lists those there are."
            raise Problem(404, "unknown_checkpoint", detail) from unknown

    return asked


def checkpoint_view(seals: SealReader) -> View:
    """GET /audit/checkpoint: the last one, or that of a size."""

    def view() -> Response:
        given = single_parameters(request, {"size"})
        note = seals.checkpoint(_size(given)).note
        return Response(note, content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-cache"})

    return answered(view)


def seals_view(seals: SealReader) -> View:
    """GET /audit/seals: checkpoints, the last one first, and the keys that signed them."""

    def view() -> Response:
        given = single_parameters(request, {"cursor", "limit"})
        limit = whole_number(given, "limit", LIMIT_DEFAULT, 1, LIMIT_MAX)
        found = seals.checkpoints_before(whole_number(given, "cursor", NUMBER_MAX, 1, NUMBER_MAX), limit + 1)
        page = found[:limit]
        following = f"{request.path}?cursor={page[-1].size}&limit={limit}" if len(found) > limit else None
        return _json(
            {
                "items": [_listed(each) for each in page],
                "next": following,
                "keys": [
                    {"vkey": key.vkey, "first_size": key.first_size, "since": rfc3339(key.recorded_at)}
                    for key in seals.signers()
                ],
            }
        )

    return answered(view)


def proof_view(seals: SealReader) -> View:
    """GET /audit/events/{position}/proof."""

    def view(position: int) -> Response:
        given = single_parameters(request, {"size"})
        try:
            included, sealed = seals.proof(min(position, NUMBER_MAX), _size(given))
        except UnknownEvent as unknown:
            raise Problem(404, "not_found", f"There is no event at position {position}.") from unknown
        return _json(_included(included) | _tree(sealed))

    return answered(view)


def receipt_view(seals: SealReader) -> View:
    """GET /audit/commands/{command_id}/receipt."""

    def view(command_id: UUID) -> Response:
        single_parameters(request, set())
        try:
            events, sealed = seals.receipt(command_id)
        except UnknownEvent as unknown:
            raise Problem(404, "not_found", f"No event was recorded by a command {command_id}.") from unknown
        return _json({"command_id": command_id, "events": [_included(each) for each in events]} | _tree(sealed))

    return answered(view)


def consistency_view(seals: SealReader) -> View:
    """GET /audit/consistency?from=&to=: both are numbers of events."""

    def view() -> Response:
        given = single_parameters(request, {"from", "to"})
        if "from" not in given:
            raise Problem(400, "missing_parameter", "from: Required: how many events the earlier checkpoint has.")
        old = whole_number(given, "from", 0, 1, NUMBER_MAX)
        new = whole_number(given, "to", 0, 1, NUMBER_MAX) if "to" in given else None
        if new is not None and new < old:
            raise Problem(422, "invalid_parameter", "to: Must not be less than from.")
        shown = seals.consistency(old, new)
        return _json(
            {
                "from": shown.old_size,
                "from_root": _text(shown.old_root),
                "to": shown.new_size,
                "to_root": _text(shown.new_root),
                "proof": _texts(shown.path),
                "checkpoint": shown.note,
            }
        )

    return answered(view)


def tile_view(seals: SealReader) -> View:
    """GET /audit/tile/{level}/{index} and /audit/tile/entries/{index}, as C2SP tlog-tiles names them."""

    def view(path: str) -> Response:
        single_parameters(request, set())
        try:
            tile, of_entries = parse_path(path)
            content = _bundle(seals.entries, tile) if of_entries else seals.tile(tile)
        except (ValueError, UnknownEvent) as unknown:
            raise Problem(404, "not_found", "There is no such tile in the last checkpoint.") from unknown
        return Response(content, content_type="application/octet-stream", headers={"Cache-Control": FOR_GOOD})

    return answered(view)


def _bundle(entries: Callable[[Any], bytes], tile: Any) -> bytes:
    try:
        return entries(tile)
    except ValueError as long:
        detail = "An event in this bundle is longer than the format can hold; its proof has it whole."
        raise Problem(404, "entry_too_long", detail) from long


def _size(given: dict[str, str]) -> int | None:
    return whole_number(given, "size", 0, 1, NUMBER_MAX) if "size" in given else None


def _tree(sealed: Sealed) -> dict[str, Any]:
    return {"tree_size": sealed.size, "root": _text(sealed.root), "checkpoint": sealed.note}


def _listed(sealed: Sealed) -> dict[str, Any]:
    return {
        "size": sealed.size,
        "root": _text(sealed.root),
        "sealed_at": rfc3339(sealed.sealed_at),
        "checkpoint": sealed.note,
    }


def _included(event: Included) -> dict[str, Any]:
    return {
        "position": event.position,
        "index": event.index,
        "leaf": _text(event.leaf),
        "leaf_hash": _text(event.leaf_hash),
        "proof": _texts(event.path),
    }


def _texts(hashes: Sequence[bytes] | Iterable[bytes]) -> list[str]:
    return [_text(each) for each in hashes]


def _text(data: bytes) -> str:
    return b64encode(data).decode()


def _json(document: Any) -> Response:
    return Response(msgspec.json.encode(document), content_type="application/json")
