import io
import os
import tempfile
import unittest
from contextlib import redirect_stderr
from unittest import mock

from apex_consumer.main import main

NOWHERE = ["--brokers", "127.0.0.1:1", "--registry", "http://127.0.0.1:1"]


class BadInput(unittest.TestCase):
    def ends(self, *arguments):
        with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, clear=True):
            with redirect_stderr(io.StringIO()) as said:
                try:
                    code = main([*arguments, "--data", folder])
                except SystemExit as end:
                    code = end.code
        return code, said.getvalue()

    def test_is_answered_with_a_sentence_and_an_exit_code(self):
        cases = [
            ([], 78, "Where is Kafka?"),
            (["--brokers", "127.0.0.1:1"], 78, "Where is the schema registry?"),
            ([*NOWHERE, "--organization", "acme"], 78, "by its uuid"),
            ([*NOWHERE, "--visibility", "secret"], 78, "visibility 'secret'"),
            ([*NOWHERE, "--kafka", "sasl"], 78, "KEY=VALUE"),
            ([*NOWHERE, "--hook", "no.such:thing"], 78, "cannot be loaded"),
            ([*NOWHERE, "--until"], 2, "unrecognized arguments"),
            (NOWHERE, 1, "registry at http://127.0.0.1:1 does not answer"),
        ]
        for arguments, code, sentence in cases:
            with self.subTest(arguments):
                ended, said = self.ends(*arguments)
                self.assertEqual(ended, code)
                self.assertIn(sentence, said)
                self.assertNotIn("Traceback", said)
