from __future__ import annotations

import argparse
import importlib
import os
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

from .faults import Misconfigured
from .intake import Hook

EPILOG = """Exit codes: 0 done, 1 failed, 2 wrong use, 78 bad configuration.
SCHEMA_REGISTRY_USERNAME and SCHEMA_REGISTRY_PASSWORD are read from the environment alone."""


@dataclass(frozen=True)
class Options:
    brokers: str
    registry: str
    registry_login: tuple[str | None, str | None]
    prefix: str
    organization: str | None
    visibilities: frozenset[str]
    data: Path
    group: str
    kafka: dict[str, str]
    hook: Hook | None
    until_end: bool


def parser() -> argparse.ArgumentParser:
    described = argparse.ArgumentParser(
        prog="apex-consumer",
        description="Reads Tributary's records from Kafka and hands them to Apex as documents, chunks and entities.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    environment = os.environ.get
    add = described.add_argument
    add("--brokers", default=environment("KAFKA_BROKERS"), metavar="HOST:PORT,…", help="or KAFKA_BROKERS")
    add("--registry", default=environment("SCHEMA_REGISTRY_URL"), metavar="URL", help="or SCHEMA_REGISTRY_URL")
    add("--topic-prefix", default=environment("TOPIC_PREFIX", ""), metavar="P", help="or TOPIC_PREFIX (none)")
    add("--organization", default=environment("ORGANIZATION"), metavar="UUID", help="or ORGANIZATION (all)")
    add("--visibility", default="public", metavar="V,…", help="what may be seen: public, private, restricted (public)")
    add("--data", default=".apex-consumer", type=Path, metavar="DIR", help="where the state lives (.apex-consumer)")
    add("--group", default="apex-consumer", metavar="ID", help="group that shows the lag in Kafka (apex-consumer)")
    add("--kafka", default=[], action="append", metavar="KEY=VALUE", help="a setting of librdkafka, such as sasl.mechanism")
    add("--hook", metavar="MODULE:FUNCTION", help="called as function(source, data_type, data) instead of printing")
    add("--until-end", action="store_true", help="read to the present end, print everything held, and stop")
    return described


def parse(arguments: list[str] | None) -> Options:
    given = parser().parse_args(arguments)
    return Options(
        brokers=needed(given.brokers, "KAFKA_BROKERS or --brokers", "Kafka"),
        registry=needed(given.registry, "SCHEMA_REGISTRY_URL or --registry", "the schema registry"),
        registry_login=(os.environ.get("SCHEMA_REGISTRY_USERNAME"), os.environ.get("SCHEMA_REGISTRY_PASSWORD")),
        prefix=given.topic_prefix,
        organization=organization(given.organization),
        visibilities=visibilities(given.visibility),
        data=given.data,
        group=given.group,
        kafka=dict(map(setting, given.kafka)),
        hook=None if given.hook is None else load(given.hook),
        until_end=given.until_end,
    )


def needed(value: str | None, name: str, what: str) -> str:
    if not value:
        raise Misconfigured(f"Where is {what}? Set {name}.")
    return value


def organization(text: str | None) -> str | None:
    if not text:
        return None
    try:
        return str(uuid.UUID(text))
    except ValueError as error:
        raise Misconfigured(f"An organization is named by its uuid, not by {text!r}.") from error


def visibilities(text: str) -> frozenset[str]:
    named = frozenset(word.strip() for word in text.split(","))
    unknown = named - {"public", "private", "restricted"}
    if unknown:
        raise Misconfigured(f"No record has the visibility {min(unknown)!r}: there are public, private and restricted.")
    return named


def setting(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise Misconfigured(f"--kafka takes KEY=VALUE, not {text!r}.")
    return key, value


def load(text: str) -> Callable[..., None]:
    module, _, name = text.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise Misconfigured(f"The hook {text!r} cannot be loaded as MODULE:FUNCTION: {error}.") from error
