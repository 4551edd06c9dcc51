"""Proofs over HTTP: what is handed out convinces another implementation, and what cannot be proved yet says so."""

import json
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import aics_tlog
import psycopg
import pytest

from access.roles import Role
from adapters.seals.checkpoint_file import CheckpointFile
from eventstore.seals.note import SigningKey
from eventstore.seals.sealer import Sealer
from tests.support.postgres import Database
from tests.web.live import Site, another_order
from verifier import verify

KEY = SigningKey.generate("shop.example.com/audit")
VKEY = aics_tlog.parse_vkey(str(KEY.verifier))


@pytest.fixture(scope="module")
def sealer(database: Database, site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sealer]:
    """Everything that happened is sealed in two checkpoints."""
    file = CheckpointFile(tmp_path_factory.mktemp("seals") / "checkpoints.txt")
    with psycopg.connect(database.app_url, autocommit=True) as connection:
        sealer = Sealer(connection, lambda: [KEY], file)
        place(site)
        sealer.step()
        for _ in range(150):
            place(site)
        sealer.step()
        yield sealer


def place(site: Site) -> Any:
    answer = site.post("orders", another_order())
    assert answer.status_code == 201, answer.text
    order = answer.get_json()
    again = site.post(f"orders/{order['order_id']}/comment", {"text": "seen"})
    assert again.status_code == 200, again.text
    return order


def head_of(site: Site) -> aics_tlog.Checkpoint:
    """The last checkpoint, as another implementation reads it once it has checked its signature."""
    answer = site.get("/audit/checkpoint", Role.AUDITOR)
    assert answer.content_type == "text/plain; charset=utf-8"
    return checked(answer.text)


def checked(note: str) -> aics_tlog.Checkpoint:
    parsed = aics_tlog.parse_note(note)
    result = aics_tlog.verify_checkpoint(parsed, VKEY)
    assert result.ok, result.error
    return aics_tlog.parse_checkpoint(parsed.text)


def hashes(texts: list[str]) -> list[bytes]:
    return [b64decode(text, validate=True) for text in texts]


def test_before_the_first_seal_there_is_nothing_to_prove(site: Site) -> None:
    order = place(site)
    for path in ("checkpoint", f"events/{order['position']}/proof", "consistency?from=1"):
        answer = site.get(f"/audit/{path}")
        assert (answer.status_code, answer.get_json()["code"]) == (503, "not_sealed_yet"), path
        assert answer.headers["Retry-After"] == "1"
    assert site.get("/audit/tile/0/000").status_code == 404
    assert site.get("/audit/seals").get_json() == {"items": [], "next": None, "keys": []}


@pytest.mark.usefixtures("sealer")
def test_the_proof_of_every_event_convinces_another_implementation(site: Site) -> None:
    head = head_of(site)
    for position in {1, 2, 150, 256, 257, head.size}:
        proof = site.get(f"/audit/events/{position}/proof").get_json()
        leaf = b64decode(proof["leaf"])
        assert aics_tlog.leaf_hash(leaf) == b64decode(proof["leaf_hash"])
        assert (proof["tree_size"], b64decode(proof["root"]), proof["index"]) == (head.size, head.root, position - 1)
        assert aics_tlog.verify_leaf_inclusion(leaf, position - 1, head.size, hashes(proof["proof"]), head.root)
        assert not aics_tlog.verify_leaf_inclusion(
            leaf + b".", position - 1, head.size, hashes(proof["proof"]), head.root
        )
        assert proof["checkpoint"] == site.get("/audit/checkpoint").text


@pytest.mark.usefixtures("sealer")
def test_an_event_is_proved_in_an_earlier_checkpoint_too(site: Site) -> None:
    first = site.get("/audit/seals").get_json()["items"][-1]
    proof = site.get(f"/audit/events/2/proof?size={first['size']}").get_json()
    assert proof["checkpoint"] == first["checkpoint"] == site.get(f"/audit/checkpoint?size={first['size']}").text
    root = b64decode(first["root"])
    assert aics_tlog.verify_leaf_inclusion(b64decode(proof["leaf"]), 1, first["size"], hashes(proof["proof"]), root)
    late = site.get(f"/audit/events/200/proof?size={first['size']}")
    assert (late.status_code, late.get_json()["code"], late.get_json()["sealed"]) == (
        503,
        "not_sealed_yet",
        first["size"],
    )


@pytest.mark.usefixtures("sealer")
def test_the_log_is_shown_to_begin_with_what_it_was(site: Site) -> None:
    head = head_of(site)
    theirs = aics_tlog.MerkleTree(leaves_of(site, head.size))
    for old in (1, 3, 255, 256, head.size - 1, head.size):
        shown = site.get(f"/audit/consistency?from={old}").get_json()
        roots = b64decode(shown["from_root"]), b64decode(shown["to_root"])
        assert roots == (theirs.root(old), head.root)
        assert aics_tlog.verify_consistency(old, head.size, *roots, hashes(shown["proof"]))
    between = site.get("/audit/consistency?from=5&to=200").get_json()
    assert (b64decode(between["to_root"]), between["checkpoint"]) == (theirs.root(200), None)
    assert aics_tlog.verify_consistency(5, 200, theirs.root(5), theirs.root(200), hashes(between["proof"]))


def leaves_of(site: Site, size: int) -> list[bytes]:
    return [b64decode(site.get(f"/audit/events/{each}/proof").get_json()["leaf"]) for each in range(1, size + 1)]


class Tiles:
    """What the tools of the field ask a log for."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def read_tile(self, level: int, index: int, width: int | None) -> bytes | None:
        return self._read(aics_tlog.tiles.tile_path(level, index, width))

    def read_entry_bundle(self, index: int, width: int | None) -> bytes | None:
        return self._read(aics_tlog.tiles.entry_bundle_path(index, width))

    def _read(self, path: str) -> bytes | None:
        answer = self._site.get(f"/audit/{path}")
        if answer.status_code != 200:
            return None
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.content_type == "application/octet-stream"
        content: bytes = answer.data
        return content


@pytest.mark.usefixtures("sealer")
def test_the_tiles_are_a_log_that_the_tools_of_the_field_audit(site: Site) -> None:
    head = head_of(site)
    assert head.size > 300
    report = aics_tlog.audit_tiles(Tiles(site), head.size, head.root)
    assert (report.size, report.tiles, report.bundles) == (head.size, 3, 2)


@pytest.mark.usefixtures("sealer")
@pytest.mark.parametrize("path", ["0/001", "0/002.p/1", "9/000", "0/0", "entries/001", "0/001.p/255", "x"])
def test_a_tile_that_is_not_there_is_not_found(site: Site, path: str) -> None:
    answer = site.get(f"/audit/tile/{path}")
    assert (answer.status_code, answer.get_json()["code"]) == (404, "not_found")
    assert "immutable" not in answer.headers["Cache-Control"]


@pytest.mark.usefixtures("sealer")
def test_a_command_has_a_receipt_for_its_events(site: Site) -> None:
    order = site.get("/queries/orders/" + first_order(site)).get_json()
    events = site.get(f"/audit/orders/{order['order_id']}/events").get_json()["items"]
    receipt = site.get(f"/audit/commands/{events[0]['command_id']}/receipt").get_json()
    head = checked(receipt["checkpoint"])
    assert [each["position"] for each in receipt["events"]] == [events[0]["position"]]
    for each in receipt["events"]:
        path = hashes(each["proof"])
        assert aics_tlog.verify_leaf_inclusion(b64decode(each["leaf"]), each["index"], head.size, path, head.root)
    assert site.get(f"/audit/commands/{uuid4()}/receipt").status_code == 404


def first_order(site: Site) -> str:
    site.follow()
    order: str = site.get("/queries/orders?limit=1").get_json()["items"][0]["order_id"]
    return order


@pytest.mark.usefixtures("sealer")
def test_an_answer_is_checked_on_a_machine_without_daybook(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    order_id = first_order(site)
    command_id = site.get(f"/audit/orders/{order_id}/events").get_json()["items"][0]["command_id"]
    checkpoint = tmp_path / "checkpoint.txt"
    checkpoint.write_text(site.get("/audit/checkpoint").text)
    for path, said in (
        ("events/57/proof", "The event at position 57 is in the log"),
        (f"commands/{command_id}/receipt", "is in the log"),
        ("consistency?from=57", "begins with that of 57 events"),
    ):
        answer = tmp_path / "answer.json"
        answer.write_text(site.get(f"/audit/{path}").text)
        options = ["--key", str(KEY.verifier), "--checkpoint", str(checkpoint)]
        assert verify.main([str(answer), *options]) == 0, path
        told = capsys.readouterr().out
        assert said in told
        assert "agrees." in told
        spoilt(answer, options)
        assert verify.main([str(answer), "--key", str(SigningKey.generate("stranger").verifier)]) == 1


def spoilt(answer: Path, options: list[str]) -> None:
    """No hash, leaf or number of an answer can be another."""
    whole = json.loads(answer.read_text())
    for changed in changes(whole):
        answer.write_text(json.dumps(changed))
        assert verify.main([str(answer), *options]) != 0, changed
    answer.write_text(json.dumps(whole))


def changes(whole: Any) -> Iterator[Any]:
    """The same with one value changed, each in its turn."""
    items = whole.items() if isinstance(whole, dict) else enumerate(whole)
    for name, value in items:
        others: Any
        if isinstance(value, dict | list):
            others = changes(value)
        else:
            others = [value + 1] if isinstance(value, int) else [value.swapcase()]
        for other in others:
            yield {**whole, name: other} if isinstance(whole, dict) else [*whole[:name], other, *whole[name + 1 :]]


def test_what_came_after_the_last_seal_says_so(site: Site, sealer: Sealer) -> None:
    order = place(site)
    answer = site.get(f"/audit/events/{order['position']}/proof")
    assert (answer.status_code, answer.get_json()["sealed"]) == (503, sealer.size)
    assert site.get("/audit/events/999999/proof").status_code == 404
    assert site.get("/audit/events/99999999999999999999999/proof").status_code == 404
    sealer.step()
    assert site.get(f"/audit/events/{order['position']}/proof").status_code == 200


@pytest.mark.usefixtures("sealer")
def test_the_list_of_seals_pages_from_the_last_one_and_names_the_keys(site: Site) -> None:
    everything = site.get("/audit/seals").get_json()
    sizes = [each["size"] for each in everything["items"]]
    assert sizes == sorted(sizes, reverse=True)
    assert everything["keys"][0]["vkey"] == str(KEY.verifier)
    page = site.get("/audit/seals?limit=1").get_json()
    assert page["items"] == everything["items"][:1]
    assert site.get(page["next"]).get_json()["items"] == everything["items"][1:2]


@pytest.mark.usefixtures("sealer")
@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("consistency", 400, "missing_parameter"),
        ("consistency?from=5&to=4", 422, "invalid_parameter"),
        ("consistency?from=0", 422, "invalid_parameter"),
        ("consistency?from=1&to=99999", 503, "not_sealed_yet"),
        ("checkpoint?size=8", 404, "unknown_checkpoint"),
        ("events/1/proof?size=8", 404, "unknown_checkpoint"),
        ("events/0/proof", 404, "not_found"),
        ("events/1/proof?sise=7", 400, "unknown_parameter"),
        ("seals?limit=0", 422, "invalid_parameter"),
    ],
)
def test_what_cannot_be_asked_is_said(site: Site, path: str, status: int, code: str) -> None:
    answer = site.get(f"/audit/{path}")
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)


@pytest.mark.parametrize("path", ["checkpoint", "seals", "events/1/proof", "consistency?from=1", "tile/0/000"])
def test_proofs_are_for_who_may_audit(site: Site, path: str) -> None:
    assert site.get(f"/audit/{path}", Role.INTEGRATOR).status_code == 403
    assert site.client.get(f"/audit/{path}").status_code == 401
