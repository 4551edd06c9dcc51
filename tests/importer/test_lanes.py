"""Commands of one order run one after another, those of different orders side by side, and some quite alone."""

import itertools
import random
import threading
import time
from collections import defaultdict

import pytest

from daybook.importing import lanes as import_lanes
from daybook.importing.lanes import Lane, Lanes
from daybook.importing.lines import Line


def line(number: int, command: str, subject: str | None, *introduces: str) -> Line:
    return Line(number, 1, command, f"k-{number}", b"{}", subject, introduces)


def of_order(number: int, order: str, *introduces: str) -> Line:
    return line(number, f"orders/{order}/comment", order, *introduces)


class Desk:
    """Workers that write down when each line began and ended."""

    def __init__(self, lanes: Lanes, workers: int) -> None:
        self.lanes = lanes
        self.spans: dict[int, tuple[float, float]] = {}
        self.threads = [threading.Thread(target=self.work, args=(seed,)) for seed in range(workers)]
        for thread in self.threads:
            thread.start()

    def work(self, seed: int) -> None:
        pause = random.Random(seed)
        lane: Lane | None = None
        while (lane := self.lanes.take(lane)) is not None:
            current = lane.lines[0]
            began = time.perf_counter()
            time.sleep(pause.random() / 2000)
            self.spans[current.number] = (began, time.perf_counter())

    def finish(self) -> None:
        self.lanes.end()
        for thread in self.threads:
            thread.join(timeout=10)


def run(lines: list[Line], workers: int = 8, window: int = 64) -> dict[int, tuple[float, float]]:
    lanes = Lanes(window)
    desk = Desk(lanes, workers)
    assert all(lanes.put(each) for each in lines)
    desk.finish()
    assert sorted(desk.spans) == [each.number for each in lines]
    return desk.spans


def test_lines_of_one_order_never_overlap_and_keep_their_order() -> None:
    chance = random.Random(7)
    lines = [of_order(number, f"o-{chance.randrange(12)}") for number in range(600)]
    spans = run(lines)

    by_order: dict[str | None, list[int]] = defaultdict(list)
    for each in lines:
        by_order[each.subject].append(each.number)
    for numbers in by_order.values():
        for earlier, later in itertools.pairwise(numbers):
            assert spans[earlier][1] <= spans[later][0]


def test_different_orders_run_side_by_side() -> None:
    spans = run([of_order(number, f"o-{number}") for number in range(200)])
    assert any(
        first[0] < second[0] < first[1] for first in spans.values() for second in spans.values() if first != second
    )


def test_a_line_about_a_shipment_waits_for_its_order() -> None:
    lines = []
    for n in range(0, 300, 3):
        lines.append(of_order(n, f"o-{n}"))
        lines.append(line(n + 1, f"orders/o-{n}/shipments", f"o-{n}", f"s-{n}"))
        lines.append(line(n + 2, f"shipments/s-{n}/tracking-events", f"s-{n}"))
    spans = run(lines)

    for n in range(0, 300, 3):
        assert spans[n][1] <= spans[n + 1][0]
        assert spans[n + 1][1] <= spans[n + 2][0]


def test_a_reordered_order_waits_for_the_order_it_comes_from() -> None:
    spans = run([line(0, "orders/o-1/reorder", "o-1", "o-2"), of_order(1, "o-2"), of_order(2, "o-1")])
    assert spans[0][1] <= spans[1][0]
    assert spans[1][1] <= spans[2][0]


def test_a_line_about_many_orders_runs_alone() -> None:
    lines = [of_order(number, f"o-{number}") for number in range(40)]
    lines[20] = line(20, "batches", None)
    spans = run(lines)

    assert all(spans[number][1] <= spans[20][0] for number in range(20))
    assert all(spans[20][1] <= spans[number][0] for number in range(21, 40))


def test_no_more_lines_are_held_than_the_window_allows() -> None:
    lanes = Lanes(window=3)
    put: list[int] = []

    def read() -> None:
        put.extend(number for number in range(5) if lanes.put(of_order(number, "o-1")))

    reader = threading.Thread(target=read)
    reader.start()
    time.sleep(0.05)
    assert put == [0, 1, 2]

    lanes.take(lanes.take(None))
    time.sleep(0.05)
    assert put == [0, 1, 2, 3]

    lanes.stop()
    reader.join(timeout=10)
    assert put == [0, 1, 2, 3]


def test_stopping_hands_out_nothing_more() -> None:
    lanes = Lanes(window=8)
    lanes.put(of_order(1, "o-1"))
    lanes.put(of_order(2, "o-1"))
    lane = lanes.take(None)
    lanes.stop()

    assert lanes.take(lane) is None
    assert not lanes.put(of_order(3, "o-2"))


def test_what_introduced_ids_are_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_lanes, "REMEMBERED", 10)
    lanes = Lanes(window=1000)
    for number in range(100):
        lanes.put(line(number, f"orders/o-{number}/shipments", f"o-{number}", f"s-{number}"))
    assert len(lanes._lane_of) == 10
