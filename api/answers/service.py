"""What is answered about requests of firms, events, webhooks, accounts, one record each."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import UNSET, UnsetType

from api.record import Described
from domain.words import (
    Role,
)
from outcomes.enquiry import AnswerMeans, ClosedAs, EnquiryState
from outcomes.service_request import RequestStage, Topic


class ServiceRequest(Described):
    """What a firm asks of a park."""

    park_id: UUID
    id: UUID
    firm_id: UUID
    outcome_id: UUID | None
    topic: Topic
    request: str
    stage: RequestStage
    raised_on: date
    department: str | None
    dispatched_on: date | None
    due_on: date | None
    answer: str | None
    answered_on: date | None
    closed_on: date | None
    is_satisfied: bool | None
    revision: int
    recorded_at: datetime


class SetOfficer(Described):
    """Who was named to look after a firm."""

    park_id: UUID
    firm_id: UUID
    contact_id: UUID


class NamedOfficer(SetOfficer):
    """Who looks after a firm; an erased person has neither name nor telephone."""

    name: str | None
    phone: str | None
    recorded_at: datetime


class ErasedContacts(Described):
    """The records in which a person was erased."""

    park_id: UUID
    contact_ids: list[UUID]


class Visit(Described):
    """A visit of staff to a firm."""

    park_id: UUID
    id: UUID
    firm_id: UUID
    outcome_id: UUID | None
    visited_on: date
    note: str


class ListedVisit(Visit):
    """A visit in a list."""

    recorded_at: datetime


class ConsentLine(Described):
    """What people agree to before their name and how they can be reached are kept."""

    version: str
    text: str


class EnquiryQuestion(Described):
    """A small sum, and the token that goes back with its answer."""

    question: str
    token: str
    expires_at: datetime
    consent: ConsentLine


class ReceivedEnquiry(Described):
    """That an enquiry was received."""

    reference: str


class Enquiry(Described):
    """An enquiry and what came of it, without the person."""

    park_id: UUID
    id: UUID
    reference: str
    asset_id: UUID | None
    firm_id: UUID | None
    demand_id: UUID | None
    ranking_id: UUID | None
    outcome_id: UUID | None
    wants_visit: bool
    consent: str
    state: EnquiryState
    received_at: datetime
    due_at: datetime
    is_overdue: bool
    answered_at: datetime | None
    answered_by: AnswerMeans | None
    visit_starts_at: datetime | None
    visit_ends_at: datetime | None
    closed_at: datetime | None
    closed_as: ClosedAs | None
    erased_at: datetime | None
    revision: int
    recorded_at: datetime


class Enquirer(Described):
    """Who asks, in which words, and what was answered."""

    name: str
    phone: str | None
    mail: str | None
    message: str
    answer: str | None
    meeting_place: str | None


class OpenedEnquiry(Enquiry):
    """An enquiry with the person, for the staff of its park."""

    person: Enquirer | None


class ErasedEnquirer(Described):
    """The enquiries from which a person was erased."""

    park_id: UUID
    enquiry_ids: list[UUID]


class EnquiryTerms(Described):
    """How a park treats enquiries."""

    park_id: UUID
    answer_hours: int
    kept_days: int


class FeedEvent(Described, kw_only=True):
    """An event as followers see it: who did what to which record, and where it is read."""

    id: str
    park_id: UUID | UnsetType = UNSET
    firm_id: UUID | UnsetType = UNSET
    rev: int
    n: int
    at: datetime
    act: str
    subject_kind: str
    subject_id: UUID
    href: str | None
    details: dict[str, Any] | UnsetType = UNSET
    actor_id: UUID | UnsetType = UNSET


class FeedPage(Described):
    """Events behind a position, and the position behind them."""

    items: list[FeedEvent]
    position: str
    next: str | None


class Webhook(Described):
    """An address that is told of events, and how deliveries go."""

    id: UUID
    park_id: UUID | None
    firm_id: UUID | None
    url: str
    label: str | None
    created_at: datetime
    state: Literal["active", "failing", "paused"]
    pause_reason: str | None
    paused_at: datetime | None
    failing_since: datetime | None
    attempts: int
    next_attempt_at: datetime | None
    last_result: str | None
    delivered_at: datetime | None
    delivered_rev: int


class NewWebhookSecret(Webhook):
    """A webhook with its secret, shown this once; a repetition of the request has null."""

    secret: str | None


class RemovedWebhook(Described):
    """A webhook that was removed."""

    id: UUID
    removed: Literal[True]


class TestedWebhook(Described):
    """What came of an attempt to deliver."""

    id: UUID
    result: str
    resumed: bool


class Tokens(Described):
    """An access token for requests, and a refresh token for the next pair."""

    access_token: str | None
    token_type: Literal["Bearer"]
    expires_in: int
    refresh_token: str | None


class ReceivedSignUp(Described):
    """That a sign-up was received; the same whatever is known."""

    received: Literal[True]


class WaitingSignUp(Described):
    """Who wants an account for a firm, for those who decide on it."""

    park_id: UUID
    id: UUID
    credit_code: str
    firm_name: str
    firm_id: UUID | None
    login: str
    name: str
    phone: str | None
    mail: str | None
    consent: str
    received_at: datetime


class AcceptedSignUp(Described):
    """The account that came of a sign-up, and its firm."""

    firm_id: UUID
    account_id: UUID


class RefusedSignUp(Described):
    """A sign-up that was refused."""

    id: UUID
    refused: Literal[True]


class Invitation(Described):
    """An invitation to join a firm."""

    firm_id: UUID
    id: UUID
    expires_on: date
    account_id: UUID | None
    withdrawn_at: datetime | None
    recorded_at: datetime
    is_open: bool


class NewInvitation(Described):
    """A new invitation with its token, shown this once; a repetition of the request has null."""

    firm_id: UUID
    id: UUID
    expires_on: date
    token: str | None


class RemovedInvitation(Described):
    """An invitation that was taken back."""

    firm_id: UUID
    id: UUID
    removed: Literal[True]


class SignedOut(Described):
    """That the session is over."""

    signed_out: Literal[True]


class Account(Described):
    """Who calls."""

    id: UUID
    login: str
    role: Role
    firm_id: UUID | None
    park_ids: list[UUID]


class KeptAccount(Account):
    """An account as admins read it."""

    is_active: bool
    created_at: datetime


class ApiKey(Described):
    """An API key, by its beginning."""

    id: UUID
    label: str | None
    prefix: str
    created_at: datetime
    expires_on: date | None
    revoked_at: datetime | None


class NewApiKey(Described):
    """A new API key, shown this once; a repetition of the request has null."""

    id: UUID
    label: str | None
    expires_on: date | None
    key: str | None


class RevokedKey(Described):
    """An API key that works no more."""

    id: UUID
    revoked: Literal[True]


class Health(Described, kw_only=True):
    """How the service is."""

    status: Literal["live", "ready", "degraded"]
    reason: str | UnsetType = UNSET
