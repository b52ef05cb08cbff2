"""The pages of /ogc for people: each shows what a document says, in words, and leads to the document itself.

A page is made of the document that programs get, so that both say the same; what is copied from it names the public
address. Source: OGC handbook §5.7.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.ogc.frame import (
    Page,
    anchor,
    copied,
    data_table,
    facts_table,
    framed,
    other_forms,
    page_texts,
    path_to,
    value_list,
)
from api.ogc.markup import Html, element, joined
from api.ogc.request import FORMAT, OgcRequest
from domain.collections import COLLECTIONS, Collection
from texts.lookup import label as word
from texts.lookup import languages, tables, tag


def landing(ogc: OgcRequest, body: Mapping[str, Any]) -> bytes:
    """Where everything is."""
    texts = page_texts(ogc)
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
    return framed(
        ogc, body["title"], [],
        element("p", body["description"], class_="lead"),
        element("ul", *cards, class_="cards"),
        element("h2", texts["in_software"]),
        copied(ogc, texts["qgis_address"], ogc.link(), texts["qgis_steps"]),
        element("p", *projects, class_="row"),
        copied(ogc, texts["gdal_list"], f'ogrinfo "OAPIF:{ogc.link()}"'),
        linked=linked,
    )  # fmt: skip


def _card(ogc: OgcRequest, path: str, name: str, about: str) -> Html:
    return element("li", element("h2", anchor(ogc, path, name)), element("p", about), class_="card")


def conformance(ogc: OgcRequest, body: Mapping[str, Any]) -> bytes:
    """The classes that hold, by standard."""
    texts = page_texts(ogc)
    rows = [[_standard(uri), uri.rpartition("/")[2], element("code", uri)] for uri in body["conformsTo"]]
    table = data_table([texts["standard"], texts["class"], "URI"], rows)
    lead = element("p", texts["conformance_about"], class_="lead")
    return framed(ogc, texts["conformance"], [], lead, table)


def _standard(uri: str) -> str:
    part, version = uri.split("/spec/")[1].split("/")[:2]
    return f"{part} {version}"


def collections(ogc: OgcRequest, body: Mapping[str, Any]) -> bytes:
    """All collections."""
    texts = page_texts(ogc)
    cards = [
        element(
            "li",
            element("h2", anchor(ogc, f"/collections/{listed['id']}", listed["title"])),
            element("p", listed["description"]),
            element("p", element("code", listed["id"]), " · ", texts[f"shape_{COLLECTIONS[listed['id']].shape}"], " · ",
                    anchor(ogc, f"/collections/{listed['id']}/items", texts["open_table"])),
            class_="card",
        )
        for listed in body["collections"]
    ]  # fmt: skip
    return framed(ogc, texts["collections"], [], element("ul", *cards, class_="cards"))


def collection(ogc: OgcRequest, body: Mapping[str, Any]) -> bytes:
    """One collection: what it is, its data, and how software reads it."""
    texts, here, source = page_texts(ogc), f"/collections/{body['id']}", f"OAPIF:{ogc.link()}"
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
    facts.append((texts["crs"], value_list(map(_crs, body["crs"]))))
    parts = [(part, texts[part]) for part in ("schema", "queryables", "sortables")]
    return framed(
        ogc, body["title"], [("/collections", texts["collections"])],
        element("p", body["description"], class_="lead"),
        element("p", anchor(ogc, f"{here}/items", texts["open_table"], class_="button main"),
                *(anchor(ogc, f"{here}/{part}", text, class_="button") for part, text in parts), class_="row"),
        facts_table(facts),
        element("h2", texts["in_software"]),
        copied(ogc, texts["qgis_address"], ogc.link(), texts["qgis_layer"].format(layer=body["title"])),
        copied(ogc, "GDAL", f'ogr2ogr -oo PAGE_SIZE=1000 {body["id"]}.gpkg "{source}" {body["id"]}'),
        copied(ogc, "GeoPandas", f'geopandas.read_file("{source}", layer="{body["id"]}")'),
        other_forms(ogc, body["links"]),
        linked=linked,
    )  # fmt: skip


def _crs(uri: str) -> str:
    return "CRS84" if uri.endswith("CRS84") else f"EPSG:{uri.rpartition('/')[2]}"


def members(collection: Collection, part: str) -> Page:
    """The page of a schema, or of what features are filtered or sorted by."""

    def shown(ogc: OgcRequest, body: Mapping[str, Any]) -> bytes:
        texts = page_texts(ogc)
        rows = [
            [
                element("code", name),
                schema.get("title", ""),
                texts["type_geometry"] if name == "geometry" else texts[f"type_{_type(schema)}"],
                word("unit", schema.get("x-ogc-unit", ""), ogc.language),
                value_list(
                    joined(element("code", choice["const"]), f" {choice['title']}")
                    for choice in schema.get("oneOf", [])
                ),
            ]
            for name, schema in body["properties"].items()
        ]
        headings = [texts["name"], texts["meaning"], texts["type"], texts["unit"], texts["words"]]
        above = [("/collections", texts["collections"]), (f"/collections/{collection.id}", body["title"])]
        lead = element("p", texts[f"{part}_about"], class_="lead")
        return framed(ogc, f"{body['title']} · {texts[part]}", above, lead, data_table(headings, rows))

    return shown


def _type(schema: Mapping[str, Any]) -> str:
    return {"date": "day", "date-time": "instant"}.get(schema.get("format", ""), str(schema["type"]))


def description(ogc: OgcRequest, body: Mapping[str, Any]) -> bytes:
    """The interface: its paths, its parameters, and how a key is sent."""
    texts = page_texts(ogc)
    paths: dict[str, None] = {}
    for path in body["paths"]:
        start, _, rest = path.removeprefix("/collections/").partition("/")
        is_of_one = path.startswith("/collections/") and start in COLLECTIONS
        paths["/".join(filter(None, ("/collections/{collectionId}", rest))) if is_of_one else path] = None
    parameters = [
        [
            element("code", name),
            parameter.get("description", ""),
            value_list(element("code", str(value)) for value in parameter["schema"].get("enum", ())),
        ]
        for name, parameter in body["components"]["parameters"].items()
        if parameter["in"] == "query"
    ]
    machine = element(
        "p", element("a", texts["openapi"], href=path_to(ogc, "/api", {FORMAT: "json"}), class_="button main")
    )
    return framed(
        ogc, texts["api"], [],
        element("p", texts["api_about"], class_="lead"), machine,
        element("h2", texts["paths"]),
        data_table([texts["path"]], [[element("code", f"{ogc.link()}{path}")] for path in paths]),
        element("h2", texts["parameters"]),
        data_table([texts["name"], texts["meaning"], texts["words"]], parameters),
        element("h2", texts["keys"]),
        element("p", texts["keys_about"]),
    )  # fmt: skip
