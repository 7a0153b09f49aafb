"""Send what is logged to whoever asked for the work."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from typing import Any

from proctor.waiting.connection import Connection


class Relay(logging.Handler):
    """Sends each line of a log over a connection."""

    def __init__(self, line: Connection) -> None:
        super().__init__()
        self.line = line

    def emit(self, record: logging.LogRecord) -> None:
        """Send a line; who does not hear it any more ends the work otherwise."""
        with contextlib.suppress(OSError):
            self.line.send({"level": record.levelno, "text": record.getMessage()})

    @contextlib.contextmanager
    def instead_of_handlers(self, log: Any, level: int) -> Iterator[None]:
        """Hear all that is logged at this level and above, and nobody else does."""
        logger = log.logger if isinstance(log, logging.LoggerAdapter) else log
        before = logger.handlers, logger.level, logger.propagate
        logger.handlers, logger.propagate = [self], False
        logger.setLevel(level)
        try:
            yield
        finally:
            logger.handlers, logger.propagate = before[0], before[2]
            logger.setLevel(before[1])
