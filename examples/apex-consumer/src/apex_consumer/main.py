from __future__ import annotations

import json
import os
import signal
import sys
from contextlib import closing
from typing import Any, Callable

from .faults import Fault
from .intake import Intake
from .options import Options, parse
from .schemas import Schemas
from .state import State
from .topics import Topics
from .views import Row


def ingest_structured_data(source: str, data_type: str, data: Row) -> None:
    """Where Apex takes over. Here it prints."""
    say({"source": source, "data_type": data_type, "data": data})


def say_nothing(_source: str, _data_type: str, _data: Row) -> None:
    """Who reads to the end prints everything there."""


def say(line: Any) -> None:
    print(json.dumps(line, ensure_ascii=False, sort_keys=True), flush=True)


def run(options: Options) -> int:
    is_told_to_stop = stop_signal()
    state = State(options.data)
    schemas = Schemas(options.registry, *options.registry_login)
    schemas.check()
    hook = options.hook or (say_nothing if options.until_end else ingest_structured_data)
    intake = Intake(state, schemas.decode, hook, options.organization, options.visibilities)
    intake.deliver()
    with closing(Topics(options.brokers, options.prefix, options.group, options.kafka, state)) as topics:
        topics.open()
        if not options.until_end:
            topics.follow(intake.take, is_told_to_stop)
            return 0
        topics.read_to_end(intake.take, is_told_to_stop)
    if is_told_to_stop():
        raise Fault("Stopped before the end.")
    for row in state.everything():
        say(row)
    return 1 if intake.unreadable else 0


def stop_signal() -> Callable[[], bool]:
    told: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda received, _frame: told.append(received))
    return lambda: bool(told)


def main(arguments: list[str] | None = None) -> int:
    try:
        return run(parse(arguments))
    except Fault as fault:
        print(f"apex-consumer: {fault}", file=sys.stderr)
        return fault.exit_code
    except BrokenPipeError:
        # Whoever read our output has gone; nothing is left to say it to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


if __name__ == "__main__":
    sys.exit(main())
