"""What Apex sees of the records: the same rows as the SQL views of the schema `apex`, time of recording apart."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any, Callable, Iterable, Mapping

from .readers_rule import Held

Row = dict[str, Any]
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def conversation_of(message: Held) -> str | None:
    related = (relation["id"] for relation in relations(message) if is_part_of_conversation(relation))
    return next(related, None)


def is_part_of_conversation(relation: Mapping[str, str]) -> bool:
    return relation["type"] == "part_of" and relation["kind"] == "conversation"


def document(conversation: Held) -> Row:
    content = content_of(conversation)
    occurred = conversation.body.get("occurredAt")
    return common(conversation) | {
        "title": content.get("subject") or "",
        "status": content.get("status"),
        "created_at": instant(first(content.get("createdAt"), occurred)),
        "updated_at": instant(first(content.get("updatedAt"), occurred)),
    }


def chunks(messages: Iterable[Held]) -> list[Row]:
    """The messages of one conversation, numbered in the vendor's order."""
    return [chunk(message, position) for position, message in enumerate(sorted(messages, key=place), start=1)]


def place(message: Held) -> tuple[bool, int, str]:
    created = content_of(message).get("createdAt")
    return (created is None, created or 0, message.external_id)


def chunk(message: Held, position: int) -> Row:
    content = content_of(message)
    return common(message) | {
        "document_uuid": conversation_of(message),
        "position": position,
        "content": content.get("text") or first(content.get("blurb"), ""),
        "author_uuid": author_of(message),
        "created_at": instant(content.get("createdAt")),
    }


def author_of(message: Held) -> str | None:
    """The author is a contact where one of the message's contacts is that person; a colleague is none."""
    author = (content_of(message).get("author") or {}).get("externalId")
    contacts = (relation for relation in relations(message) if relation["kind"] == "contact")
    return next((relation["id"] for relation in contacts if relation["externalId"] == author), None)


def entity(held: Held) -> Row:
    content = content_of(held)
    handles = content.get("handles") or []
    return common(held) | {
        "type": ENTITY_TYPES[held.kind],
        "name": content.get("name") or next((handle["handle"] for handle in handles), None),
        "email": next((handle["handle"] for handle in handles if handle["source"] == "email"), None),
    }


def common(held: Held) -> Row:
    return {
        "uuid": held.id,
        "source": held.vendor,
        "organization_id": held.organization,
        "external_id": held.external_id,
    }


ENTITY_TYPES = {"contact": "person", "company": "organization"}

# By kind of record: what it is to Apex, and its row. Messages are told by conversation, because their places depend on each other.
SINGLE_ROWS: dict[str, tuple[str, Callable[[Held], Row]]] = {
    "conversation": ("document", document),
    "contact": ("entity", entity),
    "company": ("entity", entity),
}


def is_shown(held: Held, visibilities: frozenset[str]) -> bool:
    """A record that is only out of sight for now stays; a deleted one does not."""
    return held.operation != "deleted" and held.body.get("visibility", "public") in visibilities


def content_of(held: Held) -> Mapping[str, Any]:
    return held.body.get("content") or {}


def relations(held: Held) -> list[Mapping[str, str]]:
    return held.body.get("relations") or []


def first(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def instant(microseconds: int | None) -> str | None:
    if microseconds is None:
        return None
    return (EPOCH + timedelta(microseconds=microseconds)).isoformat(timespec="microseconds")
