"""What may fail below a turn: the database, the lock store, or a server that was overtaken by another one.

Nothing of the turn is kept then, so that who sent the message is told to send it again; under the same id it is answered once.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from rasa.core.lock_store import LockError
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from bot.problem import unavailable
from bot.quiet import places

_log = logging.getLogger(__name__)


class OvertakenError(RuntimeError):
    """A conversation changed while a turn of it ran: another server answered it, or it was erased."""


OUTAGES = (SQLAlchemyError, RedisError, LockError, OvertakenError)


@contextmanager
def outages_told() -> Iterator[None]:
    """Tell an outage in our own words, since a database's own quote what was to be saved.

    Raises: Problem.
    """
    try:
        yield
    except OUTAGES as error:
        _log.error("conversations cannot be read or saved: %s", places(error))
        raise unavailable() from None
