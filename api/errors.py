"""The one table from refusal to HTTP status, and the problem document every refusal becomes. Source: RFC 9457."""

from __future__ import annotations

import logging
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, MethodNotAllowedException, NotFoundException

from api.messages import Language, language_of, sentence, title
from domain import errors
from domain.answer import Answer
from domain.errors import Fault, Refusal
from store.db import Replayed

PROBLEM = "application/problem+json"
LOG = logging.getLogger("panhuo")

#: Refusal → status and the stable name of its kind.
STATUS: dict[type[Refusal], tuple[int, str]] = {
    errors.Malformed: (400, "malformed"),
    errors.Invalid: (422, "invalid"),
    errors.NotSignedIn: (401, "not-signed-in"),
    errors.Forbidden: (403, "forbidden"),
    errors.NotFound: (404, "not-found"),
    errors.Conflict: (409, "conflict"),
    errors.Stale: (412, "stale"),
    errors.PreconditionMissing: (428, "precondition-missing"),
    errors.TooLarge: (413, "too-large"),
    errors.WrongMedia: (415, "wrong-media"),
    errors.TooMany: (429, "too-many"),
    errors.KeyReused: (422, "key-reused"),
    errors.Unavailable: (503, "unavailable"),
}


def problem(request: Request[Any, Any, Any], status: int, kind: str, faults: tuple[Fault, ...]) -> Response[bytes]:
    """A problem document in the caller's language, naming each field and what would be right."""
    language: Language = language_of(request.headers.get("accept-language"))
    body = {
        "type": f"/problems/{kind}",
        "title": title(kind, language),
        "status": status,
        "detail": sentence(faults[0], language),
        "instance": f"urn:panhuo:request:{request_id(request)}",
        "errors": [
            {"field": fault.field, "code": fault.code, "message": sentence(fault, language)} for fault in faults
        ],
    }
    headers = {"Content-Language": "zh-CN" if language == "zh" else "en", "Cache-Control": "no-store"}
    retry_after_s = faults[0].params.get("retry_after_s")
    if retry_after_s is not None:
        headers["Retry-After"] = str(retry_after_s)
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="panhuo"'
    return Response(msgspec.json.encode(body), status_code=status, media_type=PROBLEM, headers=headers)


def request_id(request: Request[Any, Any, Any]) -> str:
    """The number under which this request stands in the log."""
    return str(request.scope.get("state", {}).get("request_id", "-"))


def on_refusal(request: Request[Any, Any, Any], refusal: Refusal) -> Response[bytes]:
    status, kind = STATUS[type(refusal)]
    return problem(request, status, kind, refusal.faults)


def on_replayed(request: Request[Any, Any, Any], replayed: Replayed) -> Response[bytes]:
    """The stored answer of an act that was done before under the same key."""
    return written(replayed.answer, headers={"Idempotency-Replayed": "true"})


def on_http(request: Request[Any, Any, Any], refused: HTTPException) -> Response[bytes]:
    """What the framework itself refuses."""
    if isinstance(refused, NotFoundException):
        return problem(request, 404, "not-found", (Fault("route_missing"),))
    if isinstance(refused, MethodNotAllowedException):
        allowed = (refused.headers or {}).get("Allow", "?")
        response = problem(request, 405, "method-not-allowed", (Fault("method", params={"allowed": allowed}),))
        response.headers["Allow"] = allowed
        return response
    if refused.status_code == 413:
        return problem(request, 413, "too-large", (Fault("body_too_large", "body", {"most": "?"}),))
    if refused.status_code < 500:
        fault = Fault("value_form", params={"problem": refused.detail})
        return problem(request, refused.status_code, "malformed", (fault,))
    return on_fault(request, refused)


def on_fault(request: Request[Any, Any, Any], fault: Exception) -> Response[bytes]:
    """A mistake of ours: recorded whole, told without a word of its inside."""
    LOG.error("fault", exc_info=fault, extra={"request_id": request_id(request)})
    return problem(request, 500, "internal", (Fault("internal", params={"request_id": request_id(request)}),))


def written(answer: Answer, *, headers: dict[str, str] | None = None) -> Response[bytes]:
    """The answer of an act."""
    sent = {"Cache-Control": "no-store", **(headers or {})}
    if answer.etag is not None:
        sent["ETag"] = answer.etag
    if answer.location is not None:
        sent["Location"] = answer.location
    media = "application/geo+json" if answer.body.startswith('{"type":"Feature"') else "application/json"
    return Response(answer.body.encode(), status_code=answer.status, media_type=media, headers=sent)


HANDLERS: dict[int | type[Exception], Any] = {
    Refusal: on_refusal,
    Replayed: on_replayed,
    HTTPException: on_http,
    Exception: on_fault,
}
