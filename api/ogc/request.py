"""A request below /ogc: who calls, with which parameters, in which language, and the addresses that answers link to.

A repeated parameter is no fault, the last one counts: clients append theirs to the links they are given.
Source: OGC handbook §1.1, §5.8.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection as Names
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, quote

from litestar import Request

from actions.sign_in import ACCESS_PREFIX
from api.request import MOST_PARAMETERS, RequestContext, request_context
from api.response import NO_CACHE
from domain.actor import ANONYMOUS, Actor, may
from domain.collections import COLLECTIONS, Collection
from domain.errors import Fault, Malformed, NotFound, NotSignedIn
from texts.lookup import FIRST, Language, languages

ROUTE: Final = "/ogc"
#: On every resource: the form of the answer.
FORMAT: Final = "f"
#: And the language of its texts, over what the reader's software asks for.
LANGUAGE: Final = "lang"
#: The parameter that an access token comes in, where the settings let it.
TOKEN: Final = "token"
#: Forms of what is for people too.
FORMS: Final = ("json", "html")
MOST_CHARACTERS: Final = 16_384
#: Of every answer: it differs by these headers of a request.
VARY: Final = {"Vary": "Accept, Accept-Language, Authorization, X-API-Key"}


#: Of answers in which drafts may stand.
PRIVATE: Final = {"Cache-Control": "private, no-cache"}


@dataclass(frozen=True)
class OgcRequest:
    """One request, read; its parameters by name, each once."""

    context: RequestContext
    parameters: Mapping[str, str]
    #: Below /ogc, without a slash at its end.
    path: str = ""
    form: str = "json"
    #: What the caller gave in the address.
    token: str | None = None

    @property
    def is_page(self) -> bool:
        """Whether the answer is a page for people."""
        return self.form == "html"

    @property
    def language(self) -> Language:
        return self.parameters.get(LANGUAGE, self.context.language)

    @property
    def is_staff(self) -> bool:
        """Whether the caller reads drafts of parks; whoever does not sees what anyone sees."""
        return may(self.context.actor, "asset.history")

    @property
    def reader(self) -> Actor:
        return self.context.actor if self.is_staff else ANONYMOUS

    @property
    def sees(self) -> list[str]:
        """What tells answers to one caller from those to another."""
        actor = self.context.actor
        return [actor.role.value, *sorted(map(str, actor.park_ids))] if self.is_staff else []

    @property
    def may_write(self) -> bool:
        """Whether the caller may add and change units anywhere."""
        return may(self.context.actor, "asset.write")

    def keeping(self, collection: Collection) -> Mapping[str, str]:
        """The header that says who may keep features of a collection: where drafts are among them, their reader."""
        return PRIVATE if self.is_staff and collection.is_written else NO_CACHE

    def link(self, path: str = "") -> str:
        """The address of a path below /ogc, as it is found from outside."""
        return f"{self.context.state.settings.public_url}{ROUTE}{path}"

    @property
    def carried(self) -> dict[str, str]:
        """Parameters that go on into the links of an answer."""
        own = {} if self.token is None else {TOKEN: self.token}
        return {name: value for name, value in self.parameters.items() if name in (FORMAT, LANGUAGE)} | own

    def alternate(self, path: str, parameters: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The link from JSON to the page that shows the same."""
        sent = {**(parameters or {}), **self.carried, FORMAT: "html"}
        return link("alternate", address(self.link(path), list(sent.items())), "text/html")


async def ogc_request(
    request: Request[Any, Any, Any], known: Names[str] = (), *, forms: Sequence[str] = ("json",)
) -> OgcRequest:
    """What a request says. Raises Malformed naming a parameter that is unknown, NotSignedIn for a bad key."""
    token = _take_token(request)
    _take_basic(request.scope)
    try:
        context = await request_context(request)
    except NotSignedIn:
        if token is None:
            raise
        raise NotSignedIn("token_invalid", TOKEN) from None
    parameters = _parameters(request.scope["query_string"], {FORMAT, LANGUAGE, *known})
    accept = b",".join(value for name, value in request.scope["headers"] if name == b"accept").decode("latin-1")
    preferred = "html" if "html" in forms and "html" in accept and prefers_html(accept) else None
    if preferred is None and (len(forms) == 1 or "json" in forms):
        preferred = forms[0]
    form = parameters.get(FORMAT, preferred)
    if form is None or form not in forms:
        raise Malformed("not_in_vocabulary", FORMAT, allowed=sorted(forms))
    if form == "html":  # a form of a page sends what was not filled in too
        parameters = {name: value for name, value in parameters.items() if value}
    if parameters.get(LANGUAGE, FIRST) not in languages():
        raise Malformed("not_in_vocabulary", LANGUAGE, allowed=list(languages()))
    return OgcRequest(context, parameters, request.scope["path"].removeprefix(ROUTE).rstrip("/"), form, token)


def _take_token(request: Request[Any, Any, Any]) -> str | None:
    """The access token of the address, taken out of it and put where a header would have it; a header goes before it.

    Raises NotSignedIn for what is no such token: a key, which does not run out, is never taken here.
    """
    scope, settings = request.scope, request.app.state.application_state.settings
    if not settings.query_token or request.method != "GET" or b"token=" not in scope["query_string"]:
        return None
    name = f"{TOKEN}=".encode()
    pairs = scope["query_string"].split(b"&")
    tokens = [pair.removeprefix(name).decode("latin-1") for pair in pairs if pair.startswith(name)]
    if not tokens:
        return None
    scope["query_string"] = b"&".join(pair for pair in pairs if not pair.startswith(name))
    if any(header in (b"authorization", b"x-api-key") for header, _ in scope["headers"]):
        return None
    if not tokens[-1].startswith(ACCESS_PREFIX):
        raise NotSignedIn("token_invalid", TOKEN)
    scope["headers"] = [*scope["headers"], (b"authorization", f"Bearer {tokens[-1]}".encode("latin-1"))]
    return tokens[-1]


def prefers_html(accept: str) -> bool:
    """Whether a reader would rather have a page than JSON: browsers say so; who takes anything gets JSON.

    Source: RFC 9110 §12.5.1; OGC handbook §5.7.
    """
    weights: dict[str, float] = {}
    for part in accept.lower().split(","):
        media_type, _, rest = "".join(part.split()).partition(";")
        weight = rest.rpartition("q=")[2] if rest[:2] == "q=" or ";q=" in rest else "1"
        with suppress(ValueError):
            weights[media_type] = max(float(weight), weights.get(media_type, 0))
    any_type = weights.get("*/*", 0.0)
    page = max((weights[name] for name in ("text/html", "application/xhtml+xml") if name in weights), default=-1.0)
    json = max((q for name, q in weights.items() if name.startswith("application/") and name.endswith("json")),
               default=weights.get("application/*", any_type))  # fmt: skip
    return page > json


def _take_basic(scope: Any) -> None:
    """The password of HTTP Basic is a key, whoever is named beside it: what QGIS and GDAL ask people for.

    Raises NotSignedIn where it is not the form of one.
    """
    for n, (name, value) in enumerate(scope["headers"]):
        if name == b"authorization" and value[:6].lower() == b"basic ":
            try:
                _, _, key = base64.b64decode(value[6:].strip(), validate=True).partition(b":")
            except binascii.Error:
                raise NotSignedIn("token_invalid", "Authorization") from None
            scope["headers"] = [*scope["headers"][:n], (name, b"Bearer " + key), *scope["headers"][n + 1 :]]
            return


def _parameters(query: bytes, known: Names[str]) -> dict[str, str]:
    try:
        pairs = parse_qsl(query.decode("ascii"), True, True, errors="strict", max_num_fields=MOST_PARAMETERS)
    except (UnicodeDecodeError, ValueError) as fault:
        raise Malformed("query_form", "query", most=MOST_PARAMETERS) from fault
    faults = [Fault("unknown_parameter", name[:64], {"name": name[:64], "known": sorted(known)})
              for name, _ in pairs if name not in known]  # fmt: skip
    for name, value in pairs:
        if "\0" in value:
            faults.append(Fault("text_control", name[:64], {"position": value.index("\0") + 1, "character": "U+0000"}))
        elif len(value) > MOST_CHARACTERS:
            faults.append(Fault("text_too_long", name[:64], {"chars": len(value), "max_chars": MOST_CHARACTERS}))
    if faults:
        raise Malformed.of(faults)
    return dict(pairs)


def collection_of(collection_id: str) -> Collection:
    """Raises NotFound where there is none."""
    collection = COLLECTIONS.get(collection_id)
    if collection is None:
        raise NotFound("no_such_collection", "collectionId", known=list(COLLECTIONS))
    return collection


def link(rel: str, href: str, media_type: str, title: str | None = None, **more: Any) -> dict[str, Any]:
    """A link of an answer."""
    return {"rel": rel, "href": href, "type": media_type} | ({} if title is None else {"title": title}) | more


def address(path: str, parameters: Sequence[tuple[str, str]]) -> str:
    """A path or address with parameters."""
    return f"{path}?{query_string(parameters)}" if parameters else path


def query_string(parameters: Sequence[tuple[str, str]]) -> str:
    """Parameters as they stand in an address."""
    return "&".join(f"{quote(name)}={quote(value, safe=',:/')}" for name, value in parameters)
