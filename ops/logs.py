"""The log: one JSON line a record on the error output. No bodies, no query strings, no headers."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

LONGEST = 1000


class JsonLines(logging.Formatter):
    """Every record as one line of JSON; control characters are escaped by the encoder."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "log": record.name,
            "message": record.getMessage()[:LONGEST],
        }
        for name in ("request_id", "method", "route", "status", "ms", "address", "account"):
            if name in record.__dict__:
                line[name] = record.__dict__[name]
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)[-8 * LONGEST :]
        return json.dumps(line, ensure_ascii=False)


def configure(level: str) -> None:
    """Logs go to the error output as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.getLogger("panhuo.security").setLevel(logging.INFO)  # whatever else is left out
    logging.getLogger("asyncpg").setLevel(logging.CRITICAL)  # logs every lost connection with a trace
