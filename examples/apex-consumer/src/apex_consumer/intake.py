"""From messages to what Apex is told, a batch at a time and in one transaction."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import Any, Callable, Sequence

from .faults import Unreadable
from .readers_rule import Held, merge
from .state import State
from .views import SINGLE_ROWS, Row, chunks, conversation_of, is_shown

Hook = Callable[[str, str, Row], None]
"""`ingest_structured_data(source, data_type, data)`: Apex's own function, or one that stands in for it."""


@dataclass(frozen=True)
class Message:
    topic: str
    partition: int
    offset: int
    key: str
    value: bytes | None


@dataclass
class Touched:
    """What a batch has changed, by id; it is told when the whole batch is held."""

    records: set[str] = field(default_factory=set)
    conversations: set[str | None] = field(default_factory=set)

    def add(self, held: Held) -> None:
        self.records.add(held.id)
        if held.kind == "message":
            self.conversations.add(conversation_of(held))


class Intake:
    def __init__(
        self,
        state: State,
        decode: Callable[[bytes], dict[str, Any]],
        hook: Hook,
        organization: str | None = None,
        visibilities: frozenset[str] = frozenset({"public"}),
    ) -> None:
        self._state = state
        self._decode = decode
        self._hook = hook
        self._organization = organization
        self._visibilities = visibilities
        self.unreadable = 0

    def take(self, messages: Sequence[Message]) -> None:
        with self._state.transaction():
            touched = Touched()
            for message in messages:
                self._hold(message, touched)
                self._state.move(message.topic, message.partition, message.offset + 1)
            self._tell(touched)
        self.deliver()

    def deliver(self) -> None:
        """What is to be told is durable before it is told: after a kill Apex may hear the same again, but misses nothing."""
        for source, data_type, data in self._state.untold():
            self._hook(source, data_type, data)
        self._state.forget_untold()

    def _hold(self, message: Message, touched: Touched) -> None:
        if message.value is None:
            return self._erase(message.key, touched)
        try:
            record = self._decode(message.value)
        except Unreadable as fault:
            self.unreadable += 1
            place = f"{message.topic}, partition {message.partition}, offset {message.offset}"
            print(f"Left out: the message at {place} is not readable: {fault}.", file=sys.stderr)
            return None
        if self._organization in (None, record["organizationId"]):
            self._merge(record, touched)

    def _merge(self, record: dict[str, Any], touched: Touched) -> None:
        before = self._state.held(record["id"])
        after = merge(before, record)
        if after is before:
            return
        self._state.hold(after)
        for held in (before, after):
            if held is not None:
                touched.add(held)

    def _erase(self, identifier: str, touched: Touched) -> None:
        held = self._state.held(identifier)
        if held is not None:
            touched.add(held)
            self._state.erase(identifier)

    def _tell(self, touched: Touched) -> None:
        for identifier in touched.records:
            self._tell_record(identifier)
        for conversation in touched.conversations:
            self._tell_messages(conversation)

    def _tell_record(self, identifier: str) -> None:
        held = self._state.held(identifier)
        if held is None or not self._is_shown(held):
            self._remove(identifier)
        elif held.kind in SINGLE_ROWS:
            data_type, row_of = SINGLE_ROWS[held.kind]
            self._show(data_type, row_of(held))

    def _tell_messages(self, conversation: str | None) -> None:
        for row in chunks(filter(self._is_shown, self._state.messages(conversation))):
            self._show("chunk", row)

    def _is_shown(self, held: Held) -> bool:
        return is_shown(held, self._visibilities)

    def _show(self, data_type: str, row: Row) -> None:
        if self._state.told(row["uuid"]) != row:
            self._state.tell(row["source"], data_type, row)

    def _remove(self, identifier: str) -> None:
        if self._state.told(identifier) is not None:
            self._state.take_back(identifier)
