import io
import json
import threading
import unittest
from http.server import BaseHTTPRequestHandler, HTTPServer

from fastavro import parse_schema, schemaless_writer

from apex_consumer.faults import Fault, Misconfigured, Unreadable
from apex_consumer.schemas import Schemas

SCHEMA = {"type": "record", "name": "R", "fields": [{"name": "id", "type": "string"}]}


def frame(identifier, value):
    body = io.BytesIO()
    schemaless_writer(body, parse_schema(SCHEMA), value)
    return b"\0" + identifier.to_bytes(4, "big") + body.getvalue()


class Registry(BaseHTTPRequestHandler):
    """Knows one schema."""

    asked = []

    def do_GET(self):
        self.asked.append(self.path)
        found = self.path == "/schemas/ids/7"
        self.send_response(200 if found else 404)
        self.end_headers()
        self.wfile.write(json.dumps({"schema": json.dumps(SCHEMA)} if found else {}).encode())

    def log_message(self, *_):
        pass


class TheFrame(unittest.TestCase):
    def setUp(self):
        self.server = HTTPServer(("127.0.0.1", 0), Registry)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.schemas = Schemas(self.url)
        Registry.asked.clear()

    def test_is_read_by_the_writers_schema_which_is_asked_for_once(self):
        read = [self.schemas.decode(frame(7, {"id": each})) for each in "abc"]
        self.assertEqual((read, Registry.asked), ([{"id": "a"}, {"id": "b"}, {"id": "c"}], ["/schemas/ids/7"]))

    def test_is_refused_where_it_is_none(self):
        for broken in (b"", b"\0\0\0\0", b"{}plain", frame(8, {"id": "a"}), frame(7, {"id": "a"})[:5] + b"\x7f"):
            with self.subTest(broken), self.assertRaises(Unreadable):
                self.schemas.decode(broken)


class AnAbsentRegistry(unittest.TestCase):
    def test_is_told_in_a_sentence(self):
        with self.assertRaisesRegex(Fault, "does not answer"):
            Schemas("http://127.0.0.1:1").check()

    def test_is_not_the_messages_fault(self):
        with self.assertRaises(Fault):
            Schemas("http://127.0.0.1:1").decode(frame(7, {"id": "a"}))

    def test_needs_an_address_of_its_kind(self):
        with self.assertRaisesRegex(Misconfigured, "must begin with http"):
            Schemas("localhost:8081")
