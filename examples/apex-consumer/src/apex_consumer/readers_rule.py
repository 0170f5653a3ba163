"""
The rule of every reader: take content with a higher order key, take existence with a higher or equal stamp, ignore the rest.

The two registers are independent and each has a total order, so any order and any repetition of the same records gives the same state.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Mapping


@dataclass(frozen=True)
class Held:
    """One record as far as it is known."""

    id: str
    organization: str
    vendor: str
    kind: str
    external_id: str
    order_key: bytes = b""
    """Compared byte by byte; empty while no content is known."""
    checksum: str = ""
    mapping_version: int = 0
    existence_stamp: int = 0
    operation: str = "observed"
    body: Mapping[str, Any] = field(default_factory=dict)


def merge(held: Held | None, record: Mapping[str, Any]) -> Held:
    """Returns `held` itself where the record says nothing new."""
    known = held or unknown(record)
    return take_existence(take_content(known, record), record)


def unknown(record: Mapping[str, Any]) -> Held:
    return Held(
        id=record["id"],
        organization=record["organizationId"],
        vendor=record["vendor"],
        kind=record["kind"],
        external_id=record["externalId"],
    )


def take_content(held: Held, record: Mapping[str, Any]) -> Held:
    if record["orderKey"] <= held.order_key:
        return held
    key = {"order_key": record["orderKey"], "checksum": record["checksum"], "mapping_version": record["mappingVersion"]}
    return replace(held, **key) if is_same_content(held, record) else replace(held, **key, body=body_of(record))


def is_same_content(held: Held, record: Mapping[str, Any]) -> bool:
    """The same content read again moves the key and nothing else."""
    was = (held.checksum, held.mapping_version)
    return held.order_key != b"" and was == (record["checksum"], record["mappingVersion"])


def take_existence(held: Held, record: Mapping[str, Any]) -> Held:
    """Only reads see whether an object exists; a stamp of 0 says nothing about it."""
    stamp, operation = record["existenceStamp"], record["operation"]
    if stamp == 0 or stamp < held.existence_stamp or (stamp, operation) == (held.existence_stamp, held.operation):
        return held
    return replace(held, existence_stamp=stamp, operation=operation)


def body_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """What comes with a content and is replaced with it."""
    return {name: record[name] for name in ("content", "visibility", "customFields", "relations", "occurredAt")}
