class Fault(Exception):
    """Ends the program with a sentence for a person."""

    exit_code = 1


class Misconfigured(Fault):
    exit_code = 78


class Unreadable(Exception):
    """The bytes of one message are not what the topic holds: its own fault, not the world's."""
