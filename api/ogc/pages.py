"""The pages of /ogc for people: each shows what a document says, in words, and leads to the document itself.

A page is made of the document that programs get, so that both say the same. Its links are paths, which hold under
whatever name the service was reached; what is copied names the public address. Source: OGC handbook §5.7.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from api.ogc.labels import label
from api.ogc.markup import HEADERS, Html, data_block, document, element, joined
from api.ogc.request import FORMAT, LANGUAGE, ROUTE, TOKEN, OgcRequest, address
from domain.collections import COLLECTIONS, Collection, Thing
from domain.field import Field
from domain.instants import SHANGHAI
from texts.lookup import heading, languages, tables, tag
from texts.lookup import label as word
from texts.words import words_of

#: Turns a document into its page.
Page = Callable[[OgcRequest, Mapping[str, Any]], bytes]
#: Features of a page of a table, where its reader does not say.
SHOWN: Final = 50
SIZES: Final = (20, 50, 200, 1000)
#: What a table shows of each feature, where its reader does not say; the first leads to the feature.
COLUMNS: Final[Mapping[Thing, Sequence[str]]] = {
    "asset": (
        "code", "name", "park_name", "level", "availability", "area_mu", "area_m2", "clear_height_m",
        "floor_load_kn_m2", "power_kva", "land_right", "rent_yuan_m2_month", "price_yuan_m2", "available_from",
    ),
    "park": ("code", "name_zh", "name_en", "is_chemical_park"),
    "revitalization": (
        "unit_code", "unit_name", "park_name", "kind", "path", "revived_on", "stated_area", "stated_area_unit",
        "clause",
    ),
}  # fmt: skip
#: Of factories an area in mu says nothing, of land one in m² is the same again.
LEFT_OUT: Final[Mapping[str, Sequence[str]]] = {
    "factory": ("area_mu", "land_right", "price_yuan_m2"), "land": ("area_m2", "level"),
}  # fmt: skip
#: Relations of a document that its page shows by other means.
SHOWN_ELSEWHERE: Final = frozenset(
    {"self", "alternate", "next", "prev", "collection", "items", "data", "conformance", "service-desc", "service-doc",
     "describedby"}
)  # fmt: skip
#: Parameters of pages that files do without.
OF_PAGES: Final = frozenset({FORMAT, "limit", "cursor", "count", "zoom-level"})
#: Parameters of items that are no condition of what is shown.
NO_CONDITIONS: Final = frozenset(
    {FORMAT, LANGUAGE, "limit", "cursor", "properties", "sortby", "count", "crs", "zoom-level"}
)


def headers(ogc: OgcRequest) -> dict[str, str]:
    """What is said of every page."""
    return {**HEADERS, "Content-Language": tag(ogc.language)}


def landing(ogc: OgcRequest, body: Mapping[str, Any]) -> bytes:
    """Where everything is."""
    texts = _texts(ogc)
    cards = [
        _card(ogc, f"/{path}" if path else "", texts[key], texts[f"{key}_about"])
        for path, key in (("collections", "collections"), ("api.html", "api"), ("conformance", "conformance"))
    ]
    linked = {
        "@context": "https://schema.org/", "@type": "DataCatalog", "name": body["title"], "url": ogc.link(),
        "description": body["description"],
        "dataset": [{"@type": "Dataset", "name": name, "url": ogc.link(f"/collections/{key}"),
                     "description": tables("ogc", ogc.language)["about"][key]}
                    for key, name in tables("ogc", ogc.language)["collection"].items()],
    }  # fmt: skip
    projects = [element("a", texts["qgis_project"], href=link["href"], class_="button")
                for link in body["links"] if link["type"] == "application/x-qgis-project"]  # fmt: skip
    return _page(
        ogc, body["title"], [],
        element("p", body["description"], class_="lead"),
        element("ul", *cards, class_="cards"),
        element("h2", texts["in_software"]),
        _copied(ogc, texts["qgis_address"], ogc.link(), texts["qgis_steps"]),
        element("p", *projects, class_="row"),
        _copied(ogc, texts["gdal_list"], f'ogrinfo "OAPIF:{ogc.link()}"'),
        linked=linked,
    )  # fmt: skip


def conformance(ogc: OgcRequest, body: Mapping[str, Any]) -> bytes:
    """The classes that hold, by standard."""
    texts = _texts(ogc)
    rows = [[_standard(uri), uri.rpartition("/")[2], element("code", uri)] for uri in body["conformsTo"]]
    table = _table([texts["standard"], texts["class"], "URI"], rows)
    lead = element("p", texts["conformance_about"], class_="lead")
    return _page(ogc, texts["conformance"], [], lead, table)


def _standard(uri: str) -> str:
    part, version = uri.split("/spec/")[1].split("/")[:2]
    return f"{part} {version}"


def collections(ogc: OgcRequest, body: Mapping[str, Any]) -> bytes:
    """All collections."""
    texts = _texts(ogc)
    cards = [
        element(
            "li",
            element("h2", _anchor(ogc, f"/collections/{listed['id']}", listed["title"])),
            element("p", listed["description"]),
            element("p", element("code", listed["id"]), " · ", texts[f"shape_{COLLECTIONS[listed['id']].shape}"], " · ",
                    _anchor(ogc, f"/collections/{listed['id']}/items", texts["open_table"])),
            class_="card",
        )
        for listed in body["collections"]
    ]  # fmt: skip
    return _page(ogc, texts["collections"], [], element("ul", *cards, class_="cards"))


def collection(ogc: OgcRequest, body: Mapping[str, Any]) -> bytes:
    """One collection: what it is, its data, and how software reads it."""
    texts, here, source = _texts(ogc), f"/collections/{body['id']}", f"OAPIF:{ogc.link()}"
    facts = [(texts["layer"], element("code", body["id"])),
             (texts["shape"], texts[f"shape_{COLLECTIONS[body['id']].shape}"])]  # fmt: skip
    linked = {"@context": "https://schema.org/", "@type": "Dataset", "name": body["title"], "url": ogc.link(here),
              "description": body["description"], "isAccessibleForFree": True, "inLanguage": [*map(tag, languages())],
              "distribution": [{"@type": "DataDownload", "encodingFormat": "application/geo+json",
                                "contentUrl": ogc.link(f"{here}/items")}]}  # fmt: skip
    if "extent" in body:
        west, south, east, north = body["extent"]["spatial"]["bbox"][0]
        facts.append((texts["extent"], f"{west:.4f}, {south:.4f}, {east:.4f}, {north:.4f}"))
        box = f"{south} {west} {north} {east}"
        linked["spatialCoverage"] = {"@type": "Place", "geo": {"@type": "GeoShape", "box": box}}
    facts.append((texts["crs"], _listed(map(_crs, body["crs"]))))
    parts = [(part, texts[part]) for part in ("schema", "queryables", "sortables")]
    return _page(
        ogc, body["title"], [("/collections", texts["collections"])],
        element("p", body["description"], class_="lead"),
        element("p", _anchor(ogc, f"{here}/items", texts["open_table"], class_="button main"),
                *(_anchor(ogc, f"{here}/{part}", text, class_="button") for part, text in parts), class_="row"),
        _facts(facts),
        element("h2", texts["in_software"]),
        _copied(ogc, texts["qgis_address"], ogc.link(), texts["qgis_layer"].format(layer=body["title"])),
        _copied(ogc, "GDAL", f'ogr2ogr -oo PAGE_SIZE=1000 {body["id"]}.gpkg "{source}" {body["id"]}'),
        _copied(ogc, "GeoPandas", f'geopandas.read_file("{source}", layer="{body["id"]}")'),
        _others(ogc, body["links"]),
        linked=linked,
    )  # fmt: skip


def _listed(values: Iterable[str]) -> Html:
    return element("ul", *(element("li", value) for value in values), class_="plain")


def _crs(uri: str) -> str:
    return "CRS84" if uri.endswith("CRS84") else f"EPSG:{uri.rpartition('/')[2]}"


def members(collection: Collection, part: str) -> Page:
    """The page of a schema, or of what features are filtered or sorted by."""

    def shown(ogc: OgcRequest, body: Mapping[str, Any]) -> bytes:
        texts = _texts(ogc)
        rows = [
            [
                element("code", name),
                schema.get("title", ""),
                texts["type_geometry"] if name == "geometry" else texts[f"type_{_type(schema)}"],
                word("unit", schema.get("x-ogc-unit", ""), ogc.language),
                _listed(
                    joined(element("code", choice["const"]), f" {choice['title']}")
                    for choice in schema.get("oneOf", [])
                ),
            ]
            for name, schema in body["properties"].items()
        ]
        headings = [texts["name"], texts["meaning"], texts["type"], texts["unit"], texts["words"]]
        above = [("/collections", texts["collections"]), (f"/collections/{collection.id}", body["title"])]
        lead = element("p", texts[f"{part}_about"], class_="lead")
        return _page(ogc, f"{body['title']} · {texts[part]}", above, lead, _table(headings, rows))

    return shown


def _type(schema: Mapping[str, Any]) -> str:
    return {"date": "day", "date-time": "instant"}.get(schema.get("format", ""), str(schema["type"]))


def items(ogc: OgcRequest, collection: Collection, filtered: Sequence[Field], sorted_: Sequence[Field],
          body: Mapping[str, Any]) -> bytes:  # fmt: skip
    """Features as a table, with what they are filtered and sorted by, and the way on."""
    texts, here = _texts(ogc), f"/collections/{collection.id}"
    title = tables("ogc", ogc.language)["collection"][collection.id]
    wanted = ogc.parameters.get("properties", "").split(",") if "properties" in ogc.parameters else _columns(collection)
    shown = [collection.properties[name] for name in wanted if name in collection.properties]
    counted = texts["shown_of"] if "numberMatched" in body else texts["shown"]
    number = counted.format(n=f"{len(body['features']):,}", of=f"{body.get('numberMatched', 0):,}")
    rows = [
        [_anchor(ogc, f"{here}/items/{feature['id']}", _named(ogc, shown, feature)), *_cells(ogc, shown[1:], feature)]
        for feature in body["features"]
    ]
    headings = [_heading(ogc, collection, field) for field in shown]
    table = _table(headings or [texts["feature"]], rows, kind="items", label_=title) if rows else (
        element("p", texts["none"], class_="card"))  # fmt: skip
    all_columns = Html("")
    if "properties" not in ogc.parameters:
        whole = {**ogc.parameters, "properties": ",".join(collection.properties)}
        all_columns = element("a", texts["all_columns"], href=_query(ogc, whole), class_="button")
    return _page(
        ogc, f"{title} · {texts['table']}", [("/collections", texts["collections"]), (here, title)],
        element("p", element("strong", number), _conditions(ogc, collection), class_="row"),
        _filters(ogc, collection, filtered, sorted_),
        table,
        element("nav", _onward(ogc, body["links"]), all_columns, class_="row", aria_label=texts["paging"]),
        _others(ogc, _downloads(ogc, here)),
    )  # fmt: skip


def _downloads(ogc: OgcRequest, here: str) -> list[dict[str, str]]:
    """All that is selected, as files."""
    kept = {name: value for name, value in ogc.parameters.items() if name not in OF_PAGES} | ogc.carried
    return [
        {"rel": "enclosure", "title": title, "href": _here(ogc, f"{here}/download", {**kept, FORMAT: form})}
        for form, title in tables("ogc", ogc.language)["download"].items()
    ]


def _columns(collection: Collection) -> list[str]:
    names = [name for name in COLUMNS[collection.thing] if name in collection.properties]
    return [name for name in names if collection.kind is None or name not in LEFT_OUT[collection.kind]]


def _named(ogc: OgcRequest, shown: Sequence[Field], feature: Mapping[str, Any]) -> str:
    value = feature["properties"].get(shown[0].name) if shown else None
    return str(feature["id"])[:8] if value is None else _value(ogc, shown[0], value)


def _cells(ogc: OgcRequest, shown: Iterable[Field], feature: Mapping[str, Any]) -> list[Html]:
    cells = []
    for field in shown:
        value = feature["properties"].get(field.name)
        kinds = [_NUMERIC.get(field.type, ""), "quiet" if value is None else ""]
        cells.append(element("td", _value(ogc, field, value), class_=" ".join(filter(None, kinds)) or None))
    return cells


def _value(ogc: OgcRequest, field: Field, value: Any) -> str:
    """A value as people read it; what is not known says so."""
    if value is None:
        return _texts(ogc)["unknown"]
    if field.type == "flag":
        return _texts(ogc)["yes" if value else "no"]
    if field.type in ("word", "words") and field.words:
        called = words_of(field.words, ogc.language)
        return ", ".join(called.get(part, part) for part in str(value).split(","))
    if field.type == "instant":
        return f"{datetime.fromisoformat(value).astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return f"{value:,}" if isinstance(value, int | float) and "year" not in field.name else str(value)


_NUMERIC: Final = {"number": "number", "integer": "number"}


def _heading(ogc: OgcRequest, collection: Collection, field: Field) -> Html:
    unit = element("span", f" {word('unit', field.unit, ogc.language)}", class_="unit") if field.unit else Html("")
    kind = _NUMERIC.get(field.type)
    return element("th", heading(label(collection, field.name, ogc.language)), unit, scope="col", class_=kind)


def _conditions(ogc: OgcRequest, collection: Collection) -> Html:
    """What the features shown were chosen by, each with the way to leave it out."""
    texts, chips = _texts(ogc), []
    for name, value in ogc.parameters.items():
        if name in NO_CONDITIONS:
            continue
        field = collection.properties.get(name)
        caption = (
            texts[f"parameter_{name.replace('-', '_')}"] if field is None else label(collection, name, ogc.language)
        )
        shown = value if field is None or field.type != "word" else _value(ogc, field, value)
        rest = {key: kept for key, kept in ogc.parameters.items() if key not in (name, "cursor")}
        away = element("a", "✕", href=_query(ogc, rest) or "?", aria_label=texts["leave_out"].format(name=caption))
        chips.append(element("span", f"{heading(caption)}: {shown} ", away, class_="chip"))
    return joined(*chips)


def _filters(ogc: OgcRequest, collection: Collection, filtered: Sequence[Field], sorted_: Sequence[Field]) -> Html:
    """The form by which features are chosen; it works without the script."""
    texts, names = _texts(ogc), _columns(collection)
    chosen = [field for field in filtered if field.type in ("word", "flag") and field.name in names]
    chosen += [field for field in filtered if field not in chosen and field.name in ogc.parameters]
    fields = [_input(ogc, collection, field) for field in chosen]
    orders = {"": texts["by_id"]}
    for field in sorted_:
        if field.name in names:
            caption = heading(label(collection, field.name, ogc.language))
            orders |= {field.name: f"{caption} ↑", f"-{field.name}": f"{caption} ↓"}
    limit = ogc.parameters.get("limit", str(SHOWN))
    sizes = {str(n): str(n) for n in sorted({*SIZES, *([int(limit)] if limit.isdigit() else [])})}
    kept = ogc.carried | {name: value for name, value in ogc.parameters.items() if name == "properties"}
    hidden = [element("input", type="hidden", name=name, value=value) for name, value in kept.items()]
    form = element(
        "form",
        element(
            "div", *fields,
            *(_typed(texts[f"parameter_{name.replace('-', '_')}"], name, ogc.parameters.get(name), wide=wide)
              for name, wide in (("bbox", False), ("datetime", False), ("filter", True))),
            _chosen(texts["parameter_sortby"], "sortby", orders, ogc.parameters.get("sortby", "")),
            _chosen(texts["parameter_limit"], "limit", sizes, limit),
            class_="fields",
        ),
        *hidden,
        element("p", element("button", texts["apply"], type="submit", class_="main"), class_="row"),
        method="get",
    )  # fmt: skip
    return element("details", element("summary", texts["filters"]), element("div", form, class_="card"))


def _input(ogc: OgcRequest, collection: Collection, field: Field) -> Html:
    caption, value = heading(label(collection, field.name, ogc.language)), ogc.parameters.get(field.name)
    if field.type == "flag":
        words = {key: _texts(ogc)[text] for key, text in (("true", "yes"), ("false", "no"))}
    elif field.type == "word" and field.words:
        words = {str(key): text for key, text in words_of(field.words, ogc.language).items()}
    else:
        return _typed(caption, field.name, value)
    return _chosen(caption, field.name, {"": _texts(ogc)["any"], **words}, value or "")


def _typed(caption: str, name: str, value: str | None, *, wide: bool = False) -> Html:
    return element("label", caption, element("input", name=name, value=value or "", autocomplete="off"),
                   class_="wide" if wide else None)  # fmt: skip


def _chosen(caption: str, name: str, words: Mapping[str, str], value: str) -> Html:
    options = (element("option", text, value=key, selected=key == value) for key, text in words.items())
    return element("label", caption, element("select", *options, name=name))


def _onward(ogc: OgcRequest, links: Iterable[Mapping[str, str]]) -> Html:
    """The first page, and the one after this."""
    texts, anchors = _texts(ogc), []
    if "cursor" in ogc.parameters:
        first = {name: value for name, value in ogc.parameters.items() if name != "cursor"}
        anchors.append(element("a", texts["first_page"], href=_query(ogc, first) or "?", class_="button"))
    for link in links:
        if link["rel"] == "next":
            query = "?" + link["href"].partition("?")[2]
            anchors.append(element("a", texts["next_page"], href=query, class_="button main", rel="next"))
    return joined(*anchors)


def item(ogc: OgcRequest, collection: Collection, body: Mapping[str, Any]) -> bytes:
    """One feature: every property, what is not known too."""
    texts, here = _texts(ogc), f"/collections/{collection.id}"
    title = tables("ogc", ogc.language)["collection"][collection.id]
    properties = body["properties"]
    invented = str(properties.get("illustrative") or "").split(",")
    mark = element("span", f"▨ {texts['illustrative']}", class_="tag")
    rows = []
    for name, value in properties.items():
        field = collection.properties[name]
        unit = f" {word('unit', field.unit, ogc.language)}" if field.unit and value is not None else ""
        is_invented = name in invented or (
            field.store == "attributes" and value is not None and "attributes" in invented
        )
        tagged = mark if is_invented else ""
        shown = element("span", _value(ogc, field, value), class_="quiet" if value is None else None)
        rows.append((heading(label(collection, name, ogc.language)), joined(shown, unit, tagged)))
    geometry = body["geometry"]
    lies = texts["no_place"] if geometry is None else texts["vertices"].format(
        shape=texts[f"shape_{collection.shape}"], n=_positions(geometry["coordinates"]))  # fmt: skip
    names = [properties.get(name) for name in _columns(collection)[:2]]
    return _page(
        ogc, " ".join(str(name) for name in names if name) or body["id"],
        [("/collections", texts["collections"]), (here, title), (f"{here}/items", texts["table"])],
        _facts([*rows, (texts["shape"], joined(lies, mark if "geometry" in invented else "")),
                ("id", element("code", body["id"]))]),
    )  # fmt: skip


def _positions(coordinates: Any) -> int:
    return 1 if not isinstance(coordinates[0], list) else sum(map(_positions, coordinates))


def description(ogc: OgcRequest, body: Mapping[str, Any]) -> bytes:
    """The interface: its paths, its parameters, and how a key is sent."""
    texts = _texts(ogc)
    paths: dict[str, None] = {}
    for path in body["paths"]:
        start, _, rest = path.removeprefix("/collections/").partition("/")
        is_of_one = path.startswith("/collections/") and start in COLLECTIONS
        paths["/".join(filter(None, ("/collections/{collectionId}", rest))) if is_of_one else path] = None
    parameters = [
        [
            element("code", name),
            parameter.get("description", ""),
            _listed(element("code", str(value)) for value in parameter["schema"].get("enum", ())),
        ]
        for name, parameter in body["components"]["parameters"].items()
        if parameter["in"] == "query"
    ]
    machine = element(
        "p", element("a", texts["openapi"], href=_here(ogc, "/api", {FORMAT: "json"}), class_="button main")
    )
    return _page(
        ogc, texts["api"], [],
        element("p", texts["api_about"], class_="lead"), machine,
        element("h2", texts["paths"]),
        _table([texts["path"]], [[element("code", f"{ogc.link()}{path}")] for path in paths]),
        element("h2", texts["parameters"]),
        _table([texts["name"], texts["meaning"], texts["words"]], parameters),
        element("h2", texts["keys"]),
        element("p", texts["keys_about"]),
    )  # fmt: skip


def _texts(ogc: OgcRequest) -> Mapping[str, str]:
    return tables("ogc", ogc.language)["page"]


def _page(
    ogc: OgcRequest,
    title: str,
    above: Sequence[tuple[str, str]],
    *content: Html,
    linked: Mapping[str, Any] | None = None,
) -> bytes:
    """The frame: what stands on every page. `above`: paths and names of the pages that lead here."""
    texts, name = _texts(ogc), tables("ogc", ogc.language)["service"]["title"]
    brand = tables("ogc", ogc.language)["page"]["brand"]
    other = _here(ogc, ogc.path, {**ogc.parameters, **ogc.carried, FORMAT: "json"})
    choices = [
        element("a", tables("ogc", choice)["page"]["language"], lang=tag(choice), hreflang=tag(choice),
                href=_query(ogc, {**ogc.parameters, LANGUAGE: choice}),
                aria_current="true" if choice == ogc.language else None)
        for choice in languages()
    ]  # fmt: skip
    places = [_anchor(ogc, path, texts[key]) for path, key in
              (("/collections", "collections"), ("/api.html", "api"), ("/conformance", "conformance"))]  # fmt: skip
    steps = (element("li", _anchor(ogc, path, text)) for path, text in [("", brand), *above])
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
            "div", _anchor(ogc, "", brand, class_="brand"), element("nav", *places, aria_label=texts["places"]),
            element("nav", *choices, aria_label=texts["languages"], class_="languages"), class_="bar",
        )),
        trail if ogc.path else Html(""),
        element("main", element("h1", title), *content, id="main"),
        element("footer", element("a", texts["as_json"], href=other)),
    )  # fmt: skip


def _here(ogc: OgcRequest, path: str, parameters: Mapping[str, str]) -> str:
    return address(ogc.context.state.link(f"{ROUTE}{path}"), list(parameters.items()))


def _query(ogc: OgcRequest, parameters: Mapping[str, str]) -> str:
    own = {} if ogc.token is None else {TOKEN: ogc.token}
    return address("", list({**parameters, **own}.items()))


def _anchor(ogc: OgcRequest, path: str, text: str, **attributes: str | None) -> Html:
    """A link to another page, in the language of this one."""
    return element("a", text, href=_here(ogc, path, ogc.carried), **attributes)


def _card(ogc: OgcRequest, path: str, name: str, about: str) -> Html:
    return element("li", element("h2", _anchor(ogc, path, name)), element("p", about), class_="card")


def _copied(ogc: OgcRequest, caption: str, text: str, about: str = "") -> Html:
    """A line to be copied."""
    texts = _texts(ogc)
    button = element("button", texts["copy"], type="button", hidden=True, data_copied=texts["copied"])
    line = element("pre", element("code", text), tabindex="0")
    note = element("p", about, class_="quiet") if about else Html("")
    return element("div", element("h3", caption), element("div", line, button), note, class_="copy")


def _others(ogc: OgcRequest, links: Iterable[Mapping[str, Any]]) -> Html:
    """Links of a document that nothing else on its page shows, as downloads are."""
    shown = [link for link in links if link["rel"] not in SHOWN_ELSEWHERE and not link["rel"].startswith("http")
             and not link.get("templated")]  # fmt: skip
    if not shown:
        return Html("")
    texts = _texts(ogc)
    anchors = [
        element("a", texts["style"].format(name=link["title"]) if link["rel"] == "stylesheet" else link["title"],
                href=link["href"], class_="button")
        for link in shown
    ]  # fmt: skip
    return joined(element("h2", texts["other_forms"]), element("p", *anchors, class_="row"))


def _facts(facts: Iterable[tuple[str, str]]) -> Html:
    rows = (element("tr", element("th", name, scope="row"), element("td", value)) for name, value in facts)
    return element("div", element("table", element("tbody", *rows), class_="facts"), class_="scroll")


def _table(
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
