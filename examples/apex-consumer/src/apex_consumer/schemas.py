"""Avro in the Confluent frame: a zero byte, the writer's schema id, the body."""

from __future__ import annotations

import base64
import io
import json
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from fastavro import parse_schema, schemaless_reader

from .faults import Fault, Misconfigured, Unreadable

FRAME = 5
TIMEOUT_S = 10


class Schemas:
    """Schemas never change under an id, so each is asked for once."""

    def __init__(self, url: str, username: str | None = None, password: str | None = None) -> None:
        if urlsplit(url).scheme not in ("http", "https"):
            raise Misconfigured(f"The schema registry's address must begin with http:// or https://, not {url!r}.")
        self._url = url.rstrip("/")
        self._login = None if username is None else f"{username}:{password or ''}"
        self._known: dict[int, Any] = {}

    def decode(self, frame: bytes) -> dict[str, Any]:
        if len(frame) < FRAME or frame[0] != 0:
            raise Unreadable("it is no Avro message")
        schema = self._schema(int.from_bytes(frame[1:FRAME], "big"))
        try:
            return schemaless_reader(io.BytesIO(frame[FRAME:]), schema, None)
        except Exception as error:  # whatever fastavro makes of foreign bytes
            raise Unreadable(f"its body does not fit its schema: {error}") from error

    def check(self) -> None:
        """An absent registry is told at the start, not at the first message."""
        self._get("/subjects")

    def _schema(self, identifier: int) -> Any:
        if identifier not in self._known:
            answer = self._get(f"/schemas/ids/{identifier}")
            if answer is None:
                raise Unreadable(f"the registry does not know its schema {identifier}")
            self._known[identifier] = parse_schema(json.loads(answer["schema"]))
        return self._known[identifier]

    def _get(self, path: str) -> Any:
        request = urllib.request.Request(self._url + path, headers={"accept": "application/json"})
        if self._login is not None:
            request.add_header("authorization", "Basic " + base64.b64encode(self._login.encode()).decode())
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code == 404 and path.startswith("/schemas/"):
                return None
            raise Fault(f"The schema registry at {self._url} answered {error.code} to {path}.") from error
        except (OSError, ValueError) as error:
            raise Fault(f"The schema registry at {self._url} does not answer: {reason(error)}.") from error


def reason(error: Exception) -> Any:
    return getattr(error, "reason", error)
