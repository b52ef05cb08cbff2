"""Refusals: what the service will not do, with the field and the problem, and no word of HTTP.

A refusal carries a stable `code` that clients branch on; its sentence, in Chinese or English, is for
`texts/refusal_sentences.py`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

#: Faults that an answer lists; all are counted. Whoever mends these learns of the others.
MOST_FAULTS = 50


@dataclass(frozen=True)
class Fault:
    """One thing wrong with one field; `field` is a path such as `geometry` or `properties.rent_yuan_m2_month`."""

    code: str
    field: str = ""
    params: Mapping[str, object] = dataclasses.field(default_factory=dict)


class Refusal(Exception):
    """Base of all refusals; holds one or more faults."""

    def __init__(self, code: str, field: str = "", /, *, more: Sequence[Fault] = (), **params: object) -> None:
        super().__init__(f"{code} {field}".strip())
        self.faults: tuple[Fault, ...] = (Fault(code, field, params), *more)

    @classmethod
    def of(cls, faults: Sequence[Fault]) -> Refusal:
        """One refusal that says several faults at once; `faults` is not empty."""
        first = faults[0]
        return cls(first.code, first.field, more=tuple(faults[1:]), **dict(first.params))


class Malformed(Refusal):
    """A fault in the query, a header or the form of the request."""


class Invalid(Refusal):
    """A fault in the body."""


class NotSignedIn(Refusal):
    """Nobody is signed in, or the token or key is not valid."""


class Forbidden(Refusal):
    """The caller may see the thing, but not do this to it."""


class NotFound(Refusal):
    """There is no such thing, or none the caller may see."""


class Gone(Refusal):
    """What the caller holds on to is no longer there: begin anew."""


class Conflict(Refusal):
    """The facts as they stand do not allow it."""


class Stale(Refusal):
    """The thing has changed since the caller read it."""


class PreconditionMissing(Refusal):
    """A change must say which revision it changes."""


class TooLarge(Refusal):
    """More than the service takes in one request."""


class WrongMedia(Refusal):
    """A content type the service does not read."""


class TooSlow(Refusal):
    """What was announced did not come in time."""


class TooMany(Refusal):
    """More requests than allowed in this time."""


class KeyReused(Refusal):
    """An idempotency key came again with another request."""


class Unavailable(Refusal):
    """The service cannot answer now; trying again may help."""
