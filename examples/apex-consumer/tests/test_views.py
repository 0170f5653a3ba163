import unittest

from apex_consumer.readers_rule import merge
from apex_consumer.views import chunks, document, entity

from .records import identifier, message, record


def held(each):
    return merge(None, each)


class Chunks(unittest.TestCase):
    def test_are_numbered_by_the_vendors_time_and_then_by_id(self):
        rows = chunks(map(held, [message("b", "c", 5), message("a", "c", 5), message("z", "c", 1)]))
        self.assertEqual([(row["external_id"], row["position"]) for row in rows], [("z", 1), ("a", 2), ("b", 3)])

    def test_without_a_time_come_last(self):
        rows = chunks(map(held, [message("a", "c", 1, createdAt=None), message("b", "c", 2)]))
        self.assertEqual([row["external_id"] for row in rows], ["b", "a"])

    def test_fall_back_to_the_blurb(self):
        (row,) = chunks([held(message("m", "c", 1, text="", blurb="short"))])
        self.assertEqual(row["content"], "short")

    def test_name_their_author_only_where_it_is_a_contact(self):
        person = {"type": "author", "kind": "contact", "externalId": "crd_1", "id": identifier("crd_1")}
        by_contact = message("m", "c", 1, author={"externalId": "crd_1"})
        by_contact["relations"].append(person)
        by_colleague = message("n", "c", 2, author={"externalId": "tea_1"})
        rows = chunks(map(held, [by_contact, by_colleague]))
        self.assertEqual([row["author_uuid"] for row in rows], [identifier("crd_1"), None])


class Documents(unittest.TestCase):
    def test_keep_the_vendors_time_to_the_microsecond(self):
        row = document(held(record("conversation", "c", read=1, content={"createdAt": 1_735_689_600_123_456})))
        self.assertEqual(row["created_at"], "2025-01-01T00:00:00.123456+00:00")

    def test_fall_back_to_when_it_happened(self):
        row = document(held(record("conversation", "c", read=1, occurredAt=0, content={"subject": None})))
        self.assertEqual((row["title"], row["updated_at"]), ("", "1970-01-01T00:00:00.000000+00:00"))


class Entities(unittest.TestCase):
    def test_of_contacts_are_persons_and_of_companies_organizations(self):
        kinds = [entity(held(record(kind, "x", read=1)))["type"] for kind in ("contact", "company")]
        self.assertEqual(kinds, ["person", "organization"])

    def test_without_a_name_are_called_by_their_first_handle(self):
        handles = [{"handle": "+49", "source": "phone"}, {"handle": "p@x.org", "source": "email"}]
        row = entity(held(record("contact", "p", read=1, content={"name": "", "handles": handles})))
        self.assertEqual((row["name"], row["email"]), ("+49", "p@x.org"))
