"""What an act answers, and the request it answers once only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Once:
    """An idempotency key and the SHA-256 of the request it came with."""

    key: str
    fingerprint: bytes


@dataclass(frozen=True)
class Answer:
    """JSON text of the thing as the act left it. `kept_body` is what a repetition gets: the same, secrets left out."""

    body: str
    status: int = 200
    etag: str | None = None
    location: str | None = None
    without_secrets: str | None = None

    @property
    def kept_body(self) -> str:
        return self.body if self.without_secrets is None else self.without_secrets
