"""Records as they stand on the topics; a test says what it cares about."""

from __future__ import annotations

import hashlib
import struct
import uuid
from typing import Any

ORGANIZATION = "5b1c9a52-6f0e-5c5d-9a51-d0e0d0e0d0e0"


def identifier(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))


def order_key(version: int, stamp: int, checksum: str, mapping: int = 1) -> bytes:
    return struct.pack(">QQI", version, stamp, mapping) + bytes.fromhex(checksum)


def record(kind: str, name: str, *, version: int = 0, read: int = 0, state: str = "a", **said: Any) -> dict[str, Any]:
    """An observation of `state`; a read (stamp above 0) also says that the object exists, unless told otherwise."""
    checksum = hashlib.md5(state.encode()).hexdigest()
    return {
        "id": identifier(name),
        "organizationId": ORGANIZATION,
        "vendor": "vendor",
        "kind": kind,
        "externalId": name,
        "operation": "observed",
        "existenceStamp": read,
        "orderKey": order_key(version, read, checksum),
        "mappingVersion": 1,
        "checksum": checksum,
        "content": {"subject": state},
        "visibility": "public",
        "customFields": "{}",
        "relations": [],
        "occurredAt": version,
    } | said


def gone(kind: str, name: str, read: int, operation: str = "deleted") -> dict[str, Any]:
    return record(kind, name, read=read, operation=operation, orderKey=b"", checksum="", mappingVersion=0, content=None)


def message(name: str, conversation: str, created: int, **content: Any) -> dict[str, Any]:
    part_of = {"type": "part_of", "kind": "conversation", "externalId": conversation, "id": identifier(conversation)}
    whole = {"text": name, "blurb": None, "author": None, "createdAt": created} | content
    return record("message", name, read=created, state=f"{conversation} {whole}", content=whole, relations=[part_of])
