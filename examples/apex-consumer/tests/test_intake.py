import random
import tempfile
import unittest
from pathlib import Path

from apex_consumer.faults import Fault, Misconfigured, Unreadable
from apex_consumer.intake import Intake, Message
from apex_consumer.state import State

from .records import ORGANIZATION, gone, identifier, message, record


def decode(value):
    if not isinstance(value, dict):
        raise Unreadable("not a record")
    return value


def on_topic(records, start=0):
    return [Message("t", 0, start + at, key_of(each), each) for at, each in enumerate(records)]


def key_of(value):
    return value["id"] if isinstance(value, dict) else identifier("c")


class WithState(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.calls = []
        self.state = State(self.folder)
        self.addCleanup(self.state.close)

    def intake(self, hook=None, **options):
        return Intake(self.state, decode, hook or (lambda *call: self.calls.append(call)), **options)

    def rows(self):
        return {(row["data_type"], row["external_id"]): row for row in self.state.everything()}


class WhatApexIsTold(WithState):
    def test_is_the_same_in_any_order(self):
        records = [
            record("conversation", "c", version=1, state="old"),
            record("conversation", "c", version=2, read=2, state="new"),
            *(message(f"m{at}", "c", at) for at in range(1, 5)),
            gone("message", "m2", 9),
            record("contact", "p", read=3, content={"name": "", "handles": [{"handle": "p@x.org", "source": "email"}]}),
        ]
        self.intake().take(on_topic(records))
        expected = list(self.state.everything())
        for seed in range(20):
            with tempfile.TemporaryDirectory() as folder:
                shuffled = random.Random(seed).sample(records * 2, len(records) * 2)
                state = State(Path(folder))
                intake = Intake(state, decode, lambda *_: None)
                for at in range(0, len(shuffled), 3):
                    intake.take(on_topic(shuffled[at : at + 3], at))
                self.assertEqual(list(state.everything()), expected)
                state.close()
        positions = {row["external_id"]: row["position"] for row in expected if row["data_type"] == "chunk"}
        self.assertEqual(positions, {"m1": 1, "m3": 2, "m4": 3})

    def test_comes_as_calls_that_give_the_same_when_the_last_of_each_is_kept(self):
        intake = self.intake()
        for at, each in enumerate([message("m2", "c", 2), message("m1", "c", 1), gone("message", "m1", 3)]):
            intake.take(on_topic([each], at))
        self.assertEqual(
            [(kind, data.get("position", data.get("removed"))) for _, kind, data in self.calls],
            [("chunk", 1), ("chunk", 1), ("chunk", 2), ("chunk", True), ("chunk", 1)],
        )

    def test_is_nothing_where_nothing_changed(self):
        self.intake().take(on_topic([record("conversation", "c", read=1)]))
        self.calls.clear()
        self.intake().take(on_topic([record("conversation", "c", read=2)], 1))
        self.assertEqual(self.calls, [])

    def test_leaves_out_what_is_not_public(self):
        self.intake().take(on_topic([record("contact", "p", read=1, visibility="private", content={"name": "P"})]))
        self.assertEqual(self.rows(), {})

    def test_follows_a_message_that_moves_to_another_conversation(self):
        first, second = message("m1", "c", 1), message("m2", "c", 2)
        moved = message("m1", "d", 3)
        self.intake().take(on_topic([first, second]))
        self.intake().take(on_topic([moved], 2))
        places = {name: (row["document_uuid"], row["position"]) for (_, name), row in self.rows().items()}
        self.assertEqual(places, {"m1": (identifier("d"), 1), "m2": (identifier("c"), 1)})

    def test_can_be_one_organization_alone(self):
        other = identifier("another organization")
        mine, theirs = record("contact", "p", read=1), record("contact", "q", read=1, organizationId=other)
        self.intake(organization=ORGANIZATION).take(on_topic([mine, theirs]))
        self.assertEqual(list(self.rows()), [("entity", "p")])


class AnErasure(WithState):
    def test_takes_the_record_and_what_was_made_of_it(self):
        self.intake().take(on_topic([record("conversation", "c", read=1), None]))
        self.assertEqual((self.rows(), self.state.held(identifier("c"))), ({}, None))

    def test_of_a_message_moves_up_those_behind_it(self):
        first, second = message("m1", "c", 1), message("m2", "c", 2)
        self.intake().take([*on_topic([first, second]), Message("t", 0, 2, first["id"], None)])
        self.assertEqual({name: row["position"] for (_, name), row in self.rows().items()}, {"m2": 1})


class AMessageThatIsNotReadable(WithState):
    def test_stops_only_itself(self):
        intake = self.intake()
        intake.take(on_topic([b"?", record("contact", "p", read=1)]))
        self.assertEqual((intake.unreadable, list(self.rows()), self.state.next_offset("t", 0)), (1, [("entity", "p")], 2))


class Death(WithState):
    def dying(self, error):
        def dies(*_call):
            raise error

        return dies

    def test_before_the_commit_leaves_neither_rows_nor_position(self):
        broken = record("contact", "p", read=1, relations=None, content=7)
        with self.assertRaises(AttributeError):
            self.intake().take(on_topic([record("contact", "q", read=1), broken]))
        self.assertEqual((self.rows(), self.state.next_offset("t", 0), self.state.held(identifier("q"))), ({}, None, None))

    def test_while_apex_is_told_repeats_all_of_it_at_the_next_start(self):
        with self.assertRaises(KeyboardInterrupt):
            self.intake(hook=self.dying(KeyboardInterrupt)).take(on_topic([record("contact", "p", read=1)]))
        self.assertEqual(self.state.next_offset("t", 0), 1)
        self.intake().deliver()
        self.intake().deliver()
        self.assertEqual([data["external_id"] for _, _, data in self.calls], ["p"])


class TheDataFolder(WithState):
    def test_is_for_one_program_at_a_time(self):
        with self.assertRaisesRegex(Fault, "Another apex-consumer works"):
            State(self.folder)

    def test_belongs_to_one_cluster(self):
        self.state.bind("one")
        self.state.bind("one")
        with self.assertRaisesRegex(Misconfigured, "another Kafka cluster"):
            self.state.bind("two")
