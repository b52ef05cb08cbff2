"""A child process that is there as long as its parent: whatever ends it, the parent starts it again."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import time
from collections.abc import Sequence

from ops.premises import die_with_parent

#: One that lived shorter than the first is started later each time, up to the second: it may die at its start.
SETTLED_S, LONGEST_PAUSE_S = 10.0, 10.0


def pause_after(lived_s: float, pause_s: float) -> float:
    """Seconds until a process that died is started again, where the last time they were `pause_s`."""
    return 0.0 if lived_s > SETTLED_S else min(LONGEST_PAUSE_S, pause_s * 2 or 0.5)


class ChildProcess:
    """The process; `look` is called again and again by the thread that made it, whose death ends the child."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command, self._pause_s = list(command), 0.0
        self._due_at: float | None = None
        self._start()

    def _start(self) -> None:
        self._began_at, self._due_at = time.monotonic(), None
        tie = die_with_parent(signal.SIGTERM)
        self.process = subprocess.Popen(self._command, env=os.environ.copy(), preexec_fn=tie)

    def look(self) -> None:
        """Starts the process again where it has ended and its pause is over."""
        now = time.monotonic()
        if self._due_at is None and (code := self.process.poll()) is not None:
            self._pause_s = pause_after(now - self._began_at, self._pause_s)
            self._due_at = now + self._pause_s
            logging.getLogger("panhuo").warning("the background work ended (%s) and is started again", code)
        if self._due_at is not None and now >= self._due_at:
            self._start()

    def stop(self, within_s: float) -> None:
        """Ends it; killed where it does not end in time."""
        self.process.terminate()
        try:
            self.process.wait(within_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
