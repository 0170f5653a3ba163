import random
import unittest
from itertools import permutations

from apex_consumer.readers_rule import Held, merge

from .records import gone, record


def read(records):
    held = None
    for each in records:
        held = merge(held, each)
    return held


def seen(held: Held):
    return held.order_key, held.existence_stamp, held.operation, held.body["content"]


def history(rng: random.Random):
    """A vendor's object over time: webhooks without stamps, reads with stamps that are never given twice, deletions among them."""
    records = []
    for stamp in range(1, 6):
        state = rng.choice("abc")
        version = rng.choice([stamp, stamp - 1, 7])
        kind = rng.choice(["webhook", "read", "read", "deleted", "not_visible"])
        if kind in ("deleted", "not_visible"):
            records.append(gone("ticket", "t", stamp, kind))
        else:
            records.append(record("ticket", "t", version=version, read=0 if kind == "webhook" else stamp, state=state))
    return records + [record("ticket", "t", version=1, state="z")]


class AnyOrderAndRepetition(unittest.TestCase):
    def test_give_the_same_state(self):
        for seed in range(40):
            records = history(random.Random(seed))
            expected = seen(read(records))
            for order in permutations(records):
                twice = (*order, *order[: seed % 6])
                self.assertEqual(seen(read(twice)), expected, f"seed {seed}")

    def test_hold_with_the_merged_state_in_between(self):
        """The topic also carries repairs: both registers of an earlier merge as one record."""
        for seed in range(200):
            rng = random.Random(seed)
            records = history(rng)
            expected = seen(read(records))
            some = read(rng.sample(records, 3))
            repair = record("ticket", "t") | {
                "orderKey": some.order_key,
                "checksum": some.checksum,
                "mappingVersion": some.mapping_version,
                "existenceStamp": some.existence_stamp,
                "operation": some.operation,
                "content": some.body.get("content"),
            }
            mixed = rng.sample([*records, repair, repair], len(records) + 2)
            self.assertEqual(seen(read(mixed)), expected, f"seed {seed}")


class Content(unittest.TestCase):
    def test_of_a_higher_version_wins_over_a_later_read(self):
        new, late = record("ticket", "t", version=2, read=1, state="new"), record("ticket", "t", version=1, read=9, state="old")
        self.assertEqual(read([new, late]).body["content"], {"subject": "new"})

    def test_read_again_moves_the_key_and_nothing_else(self):
        first, again = record("ticket", "t", read=1, occurredAt=1), record("ticket", "t", read=2, occurredAt=2)
        held = read([first, again])
        self.assertEqual((held.order_key, held.body["occurredAt"]), (again["orderKey"], 1))

    def test_stays_when_the_object_is_only_out_of_sight(self):
        held = read([record("ticket", "t", read=1, state="kept"), gone("ticket", "t", 2, "not_visible")])
        self.assertEqual((held.operation, held.body["content"]), ("not_visible", {"subject": "kept"}))


class Existence(unittest.TestCase):
    def test_is_a_fence_for_what_was_seen_before(self):
        self.assertEqual(read([gone("ticket", "t", 5), record("ticket", "t", read=4)]).operation, "deleted")

    def test_is_not_touched_by_a_webhook(self):
        self.assertEqual(read([gone("ticket", "t", 5), record("ticket", "t", version=9)]).operation, "deleted")

    def test_is_not_judged_without_a_read(self):
        self.assertEqual(read([record("ticket", "t", version=1), gone("ticket", "t", 0)]).operation, "observed")

    def test_comes_back_with_a_later_read(self):
        self.assertEqual(read([gone("ticket", "t", 5), record("ticket", "t", read=6)]).operation, "observed")


class NothingNew(unittest.TestCase):
    def test_gives_back_what_was_held(self):
        held = read([record("ticket", "t", version=2, read=2), gone("ticket", "t", 3)])
        self.assertIs(merge(held, record("ticket", "t", version=2, read=1)), held)
