"""Logs that say where, never what."""

import logging
import sys

from bot.quiet import PlaceFormatter, places


def failed(text):
    try:
        raise ValueError(text)
    except ValueError:
        return sys.exc_info()


def test_formatter_tells_the_place_and_not_the_message():
    info = failed("my secret question")
    record = logging.LogRecord("rasa", logging.ERROR, __file__, 1, "action failed\nbadly", None, info)
    line = PlaceFormatter("%(levelname)s %(message)s").format(record)
    assert line.startswith("ERROR action failed badly [ValueError at tests/unit/test_quiet.py:")
    assert "secret" not in line
    assert "\n" not in line


def test_places_names_the_innermost_first():
    assert places(failed("x")[1]).startswith("ValueError at tests/unit/test_quiet.py:")
