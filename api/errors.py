"""The one table from refusal to HTTP status, and the problem document every refusal becomes. Source: RFC 9457."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Request
from litestar.exceptions import HTTPException, MethodNotAllowedException, NotFoundException

from api.asgi import NO_HOST, OPTIONS_METHOD, methods
from api.response import NO_STORE, Reply, written
from domain import errors
from domain.errors import MOST_FAULTS, Fault, Refusal
from store.db import Replayed
from texts.lookup import Language, language_of, tag
from texts.refusal_sentences import sentence, title

PROBLEM = "application/problem+json"
LOG = logging.getLogger("panhuo")

#: Refusal → status and the stable name of its kind.
STATUS: dict[type[Refusal], tuple[int, str]] = {
    errors.Malformed: (400, "malformed"),
    errors.Invalid: (422, "invalid"),
    errors.NotSignedIn: (401, "not-signed-in"),
    errors.Forbidden: (403, "forbidden"),
    errors.NotFound: (404, "not-found"),
    errors.Gone: (410, "gone"),
    errors.Conflict: (409, "conflict"),
    errors.Stale: (412, "stale"),
    errors.PreconditionMissing: (428, "precondition-missing"),
    errors.TooLarge: (413, "too-large"),
    errors.WrongMedia: (415, "wrong-media"),
    errors.TooSlow: (408, "too-slow"),
    errors.TooMany: (429, "too-many"),
    errors.KeyReused: (422, "key-reused"),
    errors.Unavailable: (503, "unavailable"),
}


def problem(
    request: Request[Any, Any, Any],
    status: int,
    kind: str,
    faults: tuple[Fault, ...],
    extra: Mapping[str, str] = NO_STORE,
) -> Reply:
    """A problem document in the caller's language, naming the first fields and what would be right, and how many."""
    language: Language = language_of(request.headers.get("accept-language"))
    shown = faults[:MOST_FAULTS]
    body = {
        "type": request.app.state.application_state.link(f"/problems/{kind}"),
        "title": title(kind, language),
        "status": status,
        "detail": sentence(faults[0], language),
        "instance": f"urn:panhuo:request:{request_id(request)}",
        "errors": [{"field": fault.field, "code": fault.code, "message": sentence(fault, language)} for fault in shown],
        "errors_total": len(faults),
    }
    headers = {**NO_STORE, **extra, "Content-Language": tag(language)}
    retry_after_s = faults[0].params.get("retry_after_s")
    if retry_after_s is not None:
        headers["Retry-After"] = str(retry_after_s)
    if status == 401:
        # GIS clients ask their users for a password only where it is said that one is taken.
        basic = 'Basic realm="panhuo", ' if request.scope["path"].startswith("/ogc") else ""
        headers["WWW-Authenticate"] = f'{basic}Bearer realm="panhuo"'
    return Reply(msgspec.json.encode(body), PROBLEM, status=status, headers=headers)


def request_id(request: Request[Any, Any, Any]) -> str:
    """The number under which this request stands in the log."""
    return str(request.scope.get("state", {}).get("request_id", "-"))


def on_refusal(request: Request[Any, Any, Any], refusal: Refusal) -> Reply:
    status, kind = STATUS[type(refusal)]
    return problem(request, status, kind, refusal.faults)


def on_replayed(request: Request[Any, Any, Any], replayed: Replayed) -> Reply:
    """The stored answer of an act that was done before under the same key."""
    return written(replayed.answer, {**NO_STORE, "Idempotency-Replayed": "true"})


def on_http(request: Request[Any, Any, Any], refused: HTTPException) -> Reply:
    """What the framework itself refuses."""
    if request.scope["method"] == NO_HOST:
        return problem(request, 400, "malformed", (Fault("one_host", "Host"),))
    if isinstance(refused, NotFoundException):
        return problem(request, 404, "not-found", (Fault("route_missing"),))
    if isinstance(refused, MethodNotAllowedException):
        allow = {"Allow": methods((refused.headers or {}).get("allow", ""))}
        if request.scope["method"] == OPTIONS_METHOD:
            return Reply(b"", status=204, headers=allow)
        return problem(
            request, 405, "method-not-allowed", (Fault("method", params={"allowed": allow["Allow"]}),), allow
        )
    if refused.status_code == 413:
        return problem(request, 413, "too-large", (Fault("body_too_large", "body", {"most": "?"}),))
    if refused.status_code < 500:
        return problem(request, refused.status_code, "malformed", (Fault("request_form"),))
    return on_fault(request, refused)


def on_fault(request: Request[Any, Any, Any], fault: Exception) -> Reply:
    """A fault of the service: logged whole, answered without any detail of it."""
    LOG.error("fault", exc_info=fault, extra={"request_id": request_id(request)})
    return problem(request, 500, "internal", (Fault("internal", params={"request_id": request_id(request)}),))


HANDLERS: dict[int | type[Exception], Any] = {
    Refusal: on_refusal,
    Replayed: on_replayed,
    HTTPException: on_http,
    Exception: on_fault,
}
