"""The states of an enquiry, and which step may follow."""

from __future__ import annotations

from enum import StrEnum

from domain.errors import Conflict


class EnquiryState(StrEnum):
    """Where an enquiry stands."""

    new = "new"
    answered = "answered"
    visit_arranged = "visit_arranged"
    closed = "closed"


class AnswerMeans(StrEnum):
    """How an enquiry was answered."""

    phone = "phone"
    mail = "mail"
    message = "message"
    meeting = "meeting"


class ClosedAs(StrEnum):
    """What an enquiry was closed as."""

    served = "served"
    no_fit = "no_fit"
    unreachable = "unreachable"
    spam = "spam"


def after_answer(current: EnquiryState) -> EnquiryState:
    """The state after an answer: a visit that was arranged stays so. Raises Conflict for one that is closed."""
    require_open(current)
    return EnquiryState.answered if current is EnquiryState.new else current


def require_open(current: EnquiryState) -> None:
    """Raises Conflict for an enquiry that is closed."""
    if current is EnquiryState.closed:
        raise Conflict("enquiry_closed", "state")
