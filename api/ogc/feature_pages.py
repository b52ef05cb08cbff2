"""Pages of features: a table with filters, and one feature with all that is known and not known of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from api.ogc.frame import (
    anchor,
    data_table,
    facts_table,
    framed,
    other_forms,
    page_texts,
    path_to,
    query_to,
)
from api.ogc.labels import label
from api.ogc.markup import Html, element, joined
from api.ogc.request import FORMAT, LANGUAGE, OgcRequest
from api.shown_value import NUMERIC, shown_value
from domain.collections import Collection, Thing
from domain.field import Field
from texts.lookup import heading, tables
from texts.lookup import label as word
from texts.words import words_of

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
#: Parameters of pages that files do without.
OF_PAGES: Final = frozenset({FORMAT, "limit", "cursor", "count", "zoom-level"})
#: Parameters of items that are no condition of what is shown.
NO_CONDITIONS: Final = frozenset(
    {FORMAT, LANGUAGE, "limit", "cursor", "properties", "sortby", "count", "crs", "zoom-level"}
)


def items(ogc: OgcRequest, collection: Collection, filtered: Sequence[Field], sorted_: Sequence[Field],
          body: Mapping[str, Any]) -> bytes:  # fmt: skip
    """Features as a table, with what they are filtered and sorted by, and the way on."""
    texts, here = page_texts(ogc), f"/collections/{collection.id}"
    title = tables("ogc", ogc.language)["collection"][collection.id]
    wanted = ogc.parameters.get("properties", "").split(",") if "properties" in ogc.parameters else _columns(collection)
    shown = [collection.properties[name] for name in wanted if name in collection.properties]
    counted = texts["shown_of"] if "numberMatched" in body else texts["shown"]
    number = counted.format(n=f"{len(body['features']):,}", of=f"{body.get('numberMatched', 0):,}")
    rows = [
        [anchor(ogc, f"{here}/items/{feature['id']}", _named(ogc, shown, feature)), *_cells(ogc, shown[1:], feature)]
        for feature in body["features"]
    ]
    headings = [_heading(ogc, collection, field) for field in shown]
    table = data_table(headings or [texts["feature"]], rows, kind="items", label_=title) if rows else (
        element("p", texts["none"], class_="card"))  # fmt: skip
    all_columns = Html("")
    if "properties" not in ogc.parameters:
        whole = {**ogc.parameters, "properties": ",".join(collection.properties)}
        all_columns = element("a", texts["all_columns"], href=query_to(ogc, whole), class_="button")
    return framed(
        ogc, f"{title} · {texts['table']}", [("/collections", texts["collections"]), (here, title)],
        element("p", element("strong", number), _conditions(ogc, collection), class_="row"),
        _filters(ogc, collection, filtered, sorted_),
        table,
        element("nav", _onward(ogc, body["links"]), all_columns, class_="row", aria_label=texts["paging"]),
        other_forms(ogc, _downloads(ogc, here)),
    )  # fmt: skip


def _downloads(ogc: OgcRequest, here: str) -> list[dict[str, str]]:
    """All that is selected, as files."""
    kept = {name: value for name, value in ogc.parameters.items() if name not in OF_PAGES} | ogc.carried
    return [
        {"rel": "enclosure", "title": title, "href": path_to(ogc, f"{here}/download", {**kept, FORMAT: form})}
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
        kinds = [NUMERIC.get(field.type, ""), "quiet" if value is None else ""]
        cells.append(element("td", _value(ogc, field, value), class_=" ".join(filter(None, kinds)) or None))
    return cells


def _value(ogc: OgcRequest, field: Field, value: Any) -> str:
    return shown_value(field, value, ogc.language, page_texts(ogc))


def _heading(ogc: OgcRequest, collection: Collection, field: Field) -> Html:
    unit = element("span", f" {word('unit', field.unit, ogc.language)}", class_="unit") if field.unit else Html("")
    kind = NUMERIC.get(field.type)
    return element("th", heading(label(collection, field.name, ogc.language)), unit, scope="col", class_=kind)


def _conditions(ogc: OgcRequest, collection: Collection) -> Html:
    """What the features shown were chosen by, each with the way to leave it out."""
    texts, chips = page_texts(ogc), []
    for name, value in ogc.parameters.items():
        if name in NO_CONDITIONS:
            continue
        field = collection.properties.get(name)
        caption = (
            texts[f"parameter_{name.replace('-', '_')}"] if field is None else label(collection, name, ogc.language)
        )
        shown = value if field is None or field.type != "word" else _value(ogc, field, value)
        rest = {key: kept for key, kept in ogc.parameters.items() if key not in (name, "cursor")}
        away = element("a", "✕", href=query_to(ogc, rest) or "?", aria_label=texts["leave_out"].format(name=caption))
        chips.append(element("span", f"{heading(caption)}: {shown} ", away, class_="chip"))
    return joined(*chips)


def _filters(ogc: OgcRequest, collection: Collection, filtered: Sequence[Field], sorted_: Sequence[Field]) -> Html:
    """The form by which features are chosen; it works without the script."""
    texts, names = page_texts(ogc), _columns(collection)
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
        words = {key: page_texts(ogc)[text] for key, text in (("true", "yes"), ("false", "no"))}
    elif field.type == "word" and field.words:
        words = {str(key): text for key, text in words_of(field.words, ogc.language).items()}
    else:
        return _typed(caption, field.name, value)
    return _chosen(caption, field.name, {"": page_texts(ogc)["any"], **words}, value or "")


def _typed(caption: str, name: str, value: str | None, *, wide: bool = False) -> Html:
    return element("label", caption, element("input", name=name, value=value or "", autocomplete="off"),
                   class_="wide" if wide else None)  # fmt: skip


def _chosen(caption: str, name: str, words: Mapping[str, str], value: str) -> Html:
    options = (element("option", text, value=key, selected=key == value) for key, text in words.items())
    return element("label", caption, element("select", *options, name=name))


def _onward(ogc: OgcRequest, links: Iterable[Mapping[str, str]]) -> Html:
    """The first page, and the one after this."""
    texts, anchors = page_texts(ogc), []
    if "cursor" in ogc.parameters:
        first = {name: value for name, value in ogc.parameters.items() if name != "cursor"}
        anchors.append(element("a", texts["first_page"], href=query_to(ogc, first) or "?", class_="button"))
    for link in links:
        if link["rel"] == "next":
            query = "?" + link["href"].partition("?")[2]
            anchors.append(element("a", texts["next_page"], href=query, class_="button main", rel="next"))
    return joined(*anchors)


def item(ogc: OgcRequest, collection: Collection, body: Mapping[str, Any]) -> bytes:
    """One feature: every property, what is not known too."""
    texts, here = page_texts(ogc), f"/collections/{collection.id}"
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
    return framed(
        ogc, " ".join(str(name) for name in names if name) or body["id"],
        [("/collections", texts["collections"]), (here, title), (f"{here}/items", texts["table"])],
        facts_table([*rows, (texts["shape"], joined(lies, mark if "geometry" in invented else "")),
                ("id", element("code", body["id"]))]),
    )  # fmt: skip


def _positions(coordinates: Any) -> int:
    return 1 if not isinstance(coordinates[0], list) else sum(map(_positions, coordinates))
