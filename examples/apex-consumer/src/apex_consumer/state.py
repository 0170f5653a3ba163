"""What is held and how far it was read: one file, changed in one transaction, so that a kill at any moment leaves both or neither."""

from __future__ import annotations

import json
import sqlite3
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Iterator

from .faults import Fault, Misconfigured
from .readers_rule import Held
from .views import Row, conversation_of

TABLES = """
    create table if not exists cluster (id text not null);
    create table if not exists position (topic text, partition int, next int not null, primary key (topic, partition));
    create table if not exists record (
        id text primary key, organization text not null, vendor text not null, kind text not null, external_id text not null,
        order_key blob not null, checksum text not null, mapping_version int not null,
        existence_stamp int not null, operation text not null, body text not null, conversation text);
    create index if not exists record_by_conversation on record (conversation) where kind = 'message';
    create table if not exists told (uuid text primary key, source text not null, type text not null, data text not null);
    create table if not exists untold (number integer primary key, source text not null, type text not null, data text not null);
"""
COLUMNS = "id, organization, vendor, kind, external_id, order_key, checksum, mapping_version, existence_stamp, operation, body"


class State:
    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._sql = sqlite3.connect(folder / "state.sqlite", isolation_level=None, timeout=0)
            # Held until the program ends: two programs on one state would tell Apex twice.
            self._sql.execute("pragma locking_mode = exclusive")
            self._sql.execute("pragma journal_mode = wal")
            self._sql.execute("pragma synchronous = full")
            self._sql.executescript(TABLES)
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise Fault(f"Another apex-consumer works in {folder}: give this one a --data of its own.") from error
            raise Misconfigured(f"The data folder {folder} cannot be used: {error}.") from error
        except (OSError, sqlite3.DatabaseError) as error:
            raise Misconfigured(f"The data folder {folder} cannot be used: {error}.") from error

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self._sql.execute("begin immediate")
        try:
            yield
            self._sql.execute("commit")
        finally:
            if self._sql.in_transaction:
                self._sql.execute("rollback")

    def close(self) -> None:
        self._sql.close()

    def bind(self, cluster: str) -> None:
        """Positions count in one cluster only."""
        known = self._sql.execute("select id from cluster").fetchone()
        if known is None:
            self._sql.execute("insert into cluster values (?)", (cluster,))
        elif known[0] != cluster:
            raise Misconfigured(f"The data folder was filled from another Kafka cluster ({known[0]}, this is {cluster}).")

    def next_offset(self, topic: str, partition: int) -> int | None:
        found = self._sql.execute("select next from position where topic = ? and partition = ?", (topic, partition))
        row = found.fetchone()
        return row and row[0]

    def move(self, topic: str, partition: int, next_offset: int) -> None:
        self._sql.execute("insert or replace into position values (?, ?, ?)", (topic, partition, next_offset))

    def held(self, identifier: str) -> Held | None:
        row = self._sql.execute(f"select {COLUMNS} from record where id = ?", (identifier,)).fetchone()
        return None if row is None else from_row(row)

    def messages(self, conversation: str | None) -> list[Held]:
        where = "kind = 'message' and conversation is ?"
        return [from_row(row) for row in self._sql.execute(f"select {COLUMNS} from record where {where}", (conversation,))]

    def hold(self, held: Held) -> None:
        values = (
            *(held.id, held.organization, held.vendor, held.kind, held.external_id, held.order_key, held.checksum),
            *(held.mapping_version, held.existence_stamp, held.operation, json.dumps(held.body), conversation_of(held)),
        )
        self._sql.execute(f"insert or replace into record values ({', '.join('?' * len(values))})", values)

    def erase(self, identifier: str) -> None:
        self._sql.execute("delete from record where id = ?", (identifier,))

    def told(self, uuid: str) -> Row | None:
        row = self._sql.execute("select data from told where uuid = ?", (uuid,)).fetchone()
        return row and json.loads(row[0])

    def tell(self, source: str, data_type: str, data: Row) -> None:
        text = json.dumps(data)
        self._sql.execute("insert or replace into told values (?, ?, ?, ?)", (data["uuid"], source, data_type, text))
        self._sql.execute("insert into untold (source, type, data) values (?, ?, ?)", (source, data_type, text))

    def take_back(self, uuid: str) -> None:
        text = json.dumps({"uuid": uuid, "removed": True})
        known = "select source, type, ? from told where uuid = ?"
        self._sql.execute(f"insert into untold (source, type, data) {known}", (text, uuid))
        self._sql.execute("delete from told where uuid = ?", (uuid,))

    def untold(self) -> list[tuple[str, str, Row]]:
        rows = self._sql.execute("select source, type, data from untold order by number").fetchall()
        return [(source, data_type, json.loads(data)) for source, data_type, data in rows]

    def forget_untold(self) -> None:
        self._sql.execute("delete from untold")

    def everything(self) -> Iterator[dict[str, Any]]:
        for data_type, data in self._sql.execute("select type, data from told order by type, uuid"):
            yield {"data_type": data_type, **json.loads(data)}


def from_row(row: tuple[Any, ...]) -> Held:
    *columns, body = row
    return Held(*columns, body=json.loads(body))
