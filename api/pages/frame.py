"""What every page for people has: its frame, its texts, its style, how it is kept and sent.

Pages are made on the server, run no script and load nothing from elsewhere. One that is the same for all who read it is
kept at the state of its park.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, unquote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Request
from markupsafe import Markup
from msgspec import Struct

from api.answer_cache import MadeAnswer
from api.ogc.markup import HTML, STYLE
from api.request import RequestContext
from api.response import GZIP_FROM, NO_CACHE, Reply, accepts_gzip, known_tags
from domain.errors import Malformed, NotFound
from texts.lookup import Language, languages, tables, tag

ROOT: Final = "/a"
#: A page differs by the language of its reader; it is asked for again each time, and not sent where it is the same.
HEADERS: Final = {**NO_CACHE, "Vary": "Accept-Language"}
PAGE_STYLE: Final = Path(__file__).with_name("pages.css").read_text(encoding="utf-8")


def _policy() -> str:
    digest = base64.b64encode(hashlib.sha256((STYLE + PAGE_STYLE).encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src 'self' data:; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    )


#: A page has its own style, shows pictures of the service, sends its forms here, and loads nothing else.
PAGE_HEADERS: Final = {
    **HEADERS, "Content-Security-Policy": _policy(), "Referrer-Policy": "strict-origin-when-cross-origin",
}  # fmt: skip


class PageFormQuery(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """The language of a page, over what the reader's software asks for, and its form."""

    lang: str | None = None
    f: str = "html"


@dataclass(frozen=True)
class PageRequest:
    """A request for a page: its path below the service, decoded, in which language."""

    context: RequestContext
    path: str
    language: Language

    @property
    def texts(self) -> Mapping[str, str]:
        return tables("pages", self.language)["page"]

    def link(self, path: str) -> str:
        """A path of the service, in the language of this page where its reader chose one."""
        chosen = self.context.query.lang
        return self.context.state.link(path) + ("" if chosen is None else f"?lang={chosen}")

    def address(self, path: str) -> str:
        """The same as it is found from outside, whatever the language."""
        return f"{self.context.state.settings.public_url}{path}"


def page_request(context: RequestContext, path: str, forms: Sequence[str] = ("html",)) -> PageRequest:
    """Raises Malformed for a language or a form that there is not."""
    query = context.query
    if query.lang is not None and query.lang not in languages():
        raise Malformed("not_in_vocabulary", "lang", allowed=list(languages()))
    if query.f not in forms:
        raise Malformed("not_in_vocabulary", "f", allowed=list(forms))
    return PageRequest(context, path, query.lang or context.language)


def codes_of(request: Request[Any, Any, Any]) -> tuple[str, str]:
    """The codes of park and unit in the path, whatever characters they have; an empty one: not there.

    Raises NotFound for what no code can hold.
    """
    path = request.scope.get("raw_path") or request.scope["path"].encode()
    _, _, below = path.decode("ascii", "replace").partition(f"{ROOT}/")
    park, _, code = below.partition("?")[0].partition("/")
    codes = unquote(park), unquote(code).rstrip("/")
    if "\0" in "".join(codes):
        raise NotFound("no_such", "path")
    return codes


def path_of(*codes: str) -> str:
    """The path of the page of a park, or of a unit in it."""
    return "/".join([ROOT, *(quote(code, safe="") for code in codes)])


def rendered(page: PageRequest, template: str, title: str, og: Sequence[tuple[str, str]] = (), **facts: Any) -> bytes:
    """A page; `og`: what programs show of a link to it. Source: ogp.me."""
    choices = [
        {"tag": tag(language), "name": tables("pages", language)["page"]["language"],
         "href": f"?lang={language}", "is_current": language == page.language}
        for language in languages()
    ]  # fmt: skip
    made = _environment().get_template(template).render(
        t=page.texts, title=title, lang_tag=tag(page.language), choices=choices, style=Markup(STYLE + PAGE_STYLE),
        home=page.link("/"), address=page.address(page.path), og=og, **facts,
    )  # fmt: skip
    return made.encode()


@cache
def _environment() -> Environment:
    loader = FileSystemLoader(Path(__file__).with_name("templates"))
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


async def kept_page(
    request: Request[Any, Any, Any], page: PageRequest, key: tuple[object, ...], version: object,
    make: Callable[[], Awaitable[bytes]], media_type: str = HTML,
) -> Reply:  # fmt: skip
    """A page that is made once at a version, a language and a day."""

    async def made() -> MadeAnswer:
        body = await make()
        return MadeAnswer(version, body, {"ETag": f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'})

    context = page.context
    kept_pages, whole_key = context.state.pages, (*key, page.language, context.query, context.today)
    kept = await kept_pages.answer(whole_key, version, made)
    is_gzipped = media_type == HTML and len(kept.body) >= GZIP_FROM and accepts_gzip(request.scope)
    gzipped = await kept_pages.gzipped(whole_key, kept) if is_gzipped else None
    headers = {**(PAGE_HEADERS if media_type == HTML else HEADERS), "Content-Language": tag(page.language)}
    return Reply(
        kept.body, media_type, headers=headers, tag=kept.headers["ETag"], known=known_tags(context), gzipped=gzipped
    )


def missing(page: PageRequest) -> Reply:
    """The same for what is not there, not public yet, and no longer."""
    body = rendered(page, "missing.html", page.texts["missing_title"])
    return Reply(body, HTML, status=404, headers={**PAGE_HEADERS, "Content-Language": tag(page.language)})
