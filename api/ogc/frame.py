"""What every page of /ogc has: its frame, its links, and the pieces it is put together of.

Links are paths, which hold under whatever name the service was reached; they go on in the language, the form and
with the token of the request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from api.ogc.markup import HEADERS, Html, data_block, document, element, joined
from api.ogc.request import FORMAT, LANGUAGE, ROUTE, TOKEN, OgcRequest, address
from texts.lookup import languages, tables, tag

#: Turns a document into its page.
Page = Callable[[OgcRequest, Mapping[str, Any]], bytes]
#: Relations of a document that its page shows by other means.
SHOWN_ELSEWHERE: Final = frozenset(
    {"self", "alternate", "next", "prev", "collection", "items", "data", "conformance", "service-desc", "service-doc",
     "describedby"}
)  # fmt: skip


def page_headers(ogc: OgcRequest) -> dict[str, str]:
    """What is said of every page."""
    return {**HEADERS, "Content-Language": tag(ogc.language)}


def page_texts(ogc: OgcRequest) -> Mapping[str, str]:
    return tables("ogc", ogc.language)["page"]


def framed(
    ogc: OgcRequest,
    title: str,
    above: Sequence[tuple[str, str]],
    *content: Html,
    linked: Mapping[str, Any] | None = None,
) -> bytes:
    """The frame: what stands on every page. `above`: paths and names of the pages that lead here."""
    texts, name = page_texts(ogc), tables("ogc", ogc.language)["service"]["title"]
    brand = tables("ogc", ogc.language)["page"]["brand"]
    other = path_to(ogc, ogc.path, {**ogc.parameters, **ogc.carried, FORMAT: "json"})
    choices = [
        element("a", tables("ogc", choice)["page"]["language"], lang=tag(choice), hreflang=tag(choice),
                href=query_to(ogc, {**ogc.parameters, LANGUAGE: choice}),
                aria_current="true" if choice == ogc.language else None)
        for choice in languages()
    ]  # fmt: skip
    places = [anchor(ogc, path, texts[key]) for path, key in
              (("/collections", "collections"), ("/api.html", "api"), ("/conformance", "conformance"))]  # fmt: skip
    steps = (element("li", anchor(ogc, path, text)) for path, text in [("", brand), *above])
    trail = element("nav", element("ol", *steps), aria_label=texts["trail"], class_="trail")
    head = [element("link", rel="alternate", type="application/json", href=other)]
    if linked is not None:
        head.append(data_block(msgspec.json.encode(linked).decode()))
    return document(
        tag(ogc.language),
        f"{title} · {brand}" if ogc.path else name,
        joined(*head),
        element("a", texts["skip"], href="#main", class_="skip"),
        element("header", element(
            "div", anchor(ogc, "", brand, class_="brand"), element("nav", *places, aria_label=texts["places"]),
            element("nav", *choices, aria_label=texts["languages"], class_="languages"), class_="bar",
        )),
        trail if ogc.path else Html(""),
        element("main", element("h1", title), *content, id="main"),
        element("footer", element("a", texts["as_json"], href=other)),
    )  # fmt: skip


def path_to(ogc: OgcRequest, path: str, parameters: Mapping[str, str]) -> str:
    return address(ogc.context.state.link(f"{ROUTE}{path}"), list(parameters.items()))


def query_to(ogc: OgcRequest, parameters: Mapping[str, str]) -> str:
    own = {} if ogc.token is None else {TOKEN: ogc.token}
    return address("", list({**parameters, **own}.items()))


def anchor(ogc: OgcRequest, path: str, text: str, **attributes: str | None) -> Html:
    """A link to another page, in the language of this one."""
    return element("a", text, href=path_to(ogc, path, ogc.carried), **attributes)


def copied(ogc: OgcRequest, caption: str, text: str, about: str = "") -> Html:
    """A line to be copied."""
    texts = page_texts(ogc)
    button = element("button", texts["copy"], type="button", hidden=True, data_copied=texts["copied"])
    line = element("pre", element("code", text), tabindex="0")
    note = element("p", about, class_="quiet") if about else Html("")
    return element("div", element("h3", caption), element("div", line, button), note, class_="copy")


def other_forms(ogc: OgcRequest, links: Iterable[Mapping[str, Any]]) -> Html:
    """Links of a document that nothing else on its page shows, as downloads are."""
    shown = [link for link in links if link["rel"] not in SHOWN_ELSEWHERE and not link["rel"].startswith("http")
             and not link.get("templated")]  # fmt: skip
    if not shown:
        return Html("")
    texts = page_texts(ogc)
    names = [
        texts["style"].format(name=link["title"]) if link["rel"] == "stylesheet" else link["title"] for link in shown
    ]
    anchors = [element("a", name, href=link["href"], class_="button") for name, link in zip(names, shown, strict=True)]
    return joined(element("h2", texts["other_forms"]), element("p", *anchors, class_="row"))


def facts_table(facts: Iterable[tuple[str, str]]) -> Html:
    rows = (element("tr", element("th", name, scope="row"), element("td", value)) for name, value in facts)
    return element("div", element("table", element("tbody", *rows), class_="facts"), class_="scroll")


def value_list(values: Iterable[str]) -> Html:
    return element("ul", *(element("li", value) for value in values), class_="plain")


def data_table(
    headings: Sequence[str], rows: Iterable[Sequence[str]], *, kind: str | None = None, label_: str | None = None
) -> Html:
    """A table that scrolls by itself where it is wide, by keys too. Headings and cells are whole where they are HTML
    of a cell.
    """
    head = element("tr", *(text if _is(text, "th") else element("th", text, scope="col") for text in headings))
    body = (
        element("tr", element("th", row[0], scope="row"), *(
            cell if _is(cell, "td") else element("td", cell) for cell in row[1:]))
        for row in rows
    )  # fmt: skip
    table = element("table", element("thead", head), element("tbody", *body), class_=kind)
    about = {"role": "region", "aria_label": label_, "tabindex": "0"} if label_ else {"tabindex": "0", "role": "group"}
    return element("div", table, class_="scroll", **about)


def _is(text: str, name: str) -> bool:
    return isinstance(text, Html) and text.startswith(f"<{name}")
