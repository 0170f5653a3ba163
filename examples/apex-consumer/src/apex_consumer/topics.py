"""Reads every partition of `tributary.normalized.*` from where the state left off."""

from __future__ import annotations

import logging
import time
from typing import Any, Callable, Iterator, Sequence

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition

from .faults import Fault, Misconfigured
from .intake import Message
from .state import State

BATCH = 500
POLL_S = 0.5
ANSWER_WITHIN_S = 10
LOOK_FOR_TOPICS_EVERY_S = 10
SILENT_FOR_S = 60
"""How long reading to the end waits for a broker that has gone."""

PASSING = {KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN, KafkaError._TIMED_OUT, KafkaError._RESOLVE}

Place = tuple[str, int]


class Topics:
    """One process reads all partitions, because its state holds all records; so nothing is shared out in a group."""

    def __init__(self, brokers: str, prefix: str, group: str, settings: dict[str, str], state: State) -> None:
        self._brokers = brokers
        self._start = f"{prefix}tributary.normalized."
        self._state = state
        self._assigned: set[Place] = set()
        self._client = client_for(brokers, group, settings)

    def close(self) -> None:
        self._client.close()

    def open(self) -> None:
        self._look()

    def follow(self, take: Callable[[Sequence[Message]], None], is_told_to_stop: Callable[[], bool]) -> None:
        looked_at = time.monotonic()
        while not is_told_to_stop():
            if time.monotonic() - looked_at > LOOK_FOR_TOPICS_EVERY_S:
                self._look_again()
                looked_at = time.monotonic()
            self._take_some(take)

    def read_to_end(self, take: Callable[[Sequence[Message]], None], is_told_to_stop: Callable[[], bool]) -> None:
        if not self._assigned:
            raise Fault(f"Kafka at {self._brokers} has no topic {self._start}*: is the prefix right?")
        left = set(self._assigned)
        heard_at = time.monotonic()
        while left and not is_told_to_stop():
            count, ended = self._take_some(take)
            left -= ended
            if count or ended:
                heard_at = time.monotonic()
            elif time.monotonic() - heard_at > SILENT_FOR_S:
                raise Fault(f"Kafka at {self._brokers} has not answered for {SILENT_FOR_S} seconds.")

    def _take_some(self, take: Callable[[Sequence[Message]], None]) -> tuple[int, set[Place]]:
        """How many messages were taken, and the partitions whose end was seen."""
        polled = self._client.consume(BATCH, POLL_S)
        ended = {place for place in map(self._end_of, polled) if place is not None}
        messages = [to_message(message) for message in polled if message.error() is None]
        if messages:
            take(messages)
            # The state is durable; what Kafka is told only shows how far behind we are.
            self._client.commit(offsets=list(next_offsets(messages)), asynchronous=True)
        return len(messages), ended

    def _end_of(self, message: Any) -> Place | None:
        error = message.error()
        if error is None or error.code() in PASSING:
            return None
        place = (message.topic(), message.partition())
        if error.code() == KafkaError._PARTITION_EOF:
            return place
        if error.code() == KafkaError._AUTO_OFFSET_RESET:
            raise Misconfigured(
                f"{place[0]}, partition {place[1]}, does not reach from where it was read to: it was made anew, "
                "or another Kafka answers. An empty data folder reads everything again."
            )
        raise Fault(f"Kafka refuses {place[0] or 'to be read'}: {error.str()}.")

    def _look(self) -> None:
        try:
            metadata = self._client.list_topics(timeout=ANSWER_WITHIN_S)
        except KafkaException as error:
            raise Fault(f"Kafka at {self._brokers} does not answer: {error.args[0].str()}.") from error
        self._state.bind(metadata.cluster_id)
        names = [name for name in metadata.topics if name.startswith(self._start)]
        places = {(name, partition) for name in names for partition in metadata.topics[name].partitions}
        if places != self._assigned:
            self._assigned = places
            self._client.assign([self._from_where(*place) for place in sorted(places)])

    def _look_again(self) -> None:
        """An outage is waited out: the client finds its way back by itself."""
        try:
            self._look()
        except Misconfigured:
            raise
        except Fault:
            return

    def _from_where(self, topic: str, partition: int) -> TopicPartition:
        stored = self._state.next_offset(topic, partition)
        return TopicPartition(topic, partition, OFFSET_BEGINNING if stored is None else stored)


def client_for(brokers: str, group: str, settings: dict[str, str]) -> Consumer:
    quiet = logging.getLogger("kafka")
    quiet.addHandler(logging.NullHandler())
    quiet.propagate = False
    fixed = {
        "bootstrap.servers": brokers,
        "group.id": group,
        "enable.auto.commit": False,
        "enable.partition.eof": True,
        "auto.offset.reset": "error",
    }
    try:
        return Consumer({**settings, **fixed}, logger=quiet)
    except (KafkaException, TypeError, ValueError) as error:
        raise Misconfigured(f"Kafka's client does not take these settings: {error}.") from error


def to_message(message: Any) -> Message:
    key = message.key() or b""
    return Message(message.topic(), message.partition(), message.offset(), key.decode(errors="replace"), message.value())


def next_offsets(messages: Sequence[Message]) -> Iterator[TopicPartition]:
    last = {(message.topic, message.partition): message.offset for message in messages}
    return (TopicPartition(topic, partition, offset + 1) for (topic, partition), offset in last.items())
