"""Styles and a project for QGIS, made from the collections: every layer with its colours, headings and words in the
language of the reader. Source: QGIS 3.22, what it writes itself into .qml and .qgs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, Final
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from litestar import Request, get
from litestar.params import FromPath

from api.ogc.labels import label
from api.ogc.request import VARY, OgcRequest, collection_of, ogc_request
from api.ogc.service import OPTIONS, QGIS_PROJECT, QGIS_STYLE, surroundings
from api.ogc.styles import COLOURS, OF_PARKS, OTHER, shown_words
from api.response import NO_CACHE, Reply, known_tags, saved_as
from domain.collections import COLLECTIONS, Collection, Shape
from geo.reference_systems import Box
from geo.tile_matrix_set import in_metres
from texts.lookup import Language, tables, tag
from texts.words import words_of

VERSION: Final = "3.22.16-Białowieża"
DOCTYPE: Final = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
#: How QGIS calls a geometry, its number for it, and what draws it.
_GEOMETRY: Final[dict[Shape, tuple[str, str, str]]] = {
    "outline": ("Polygon", "2", "fill"), "point": ("Point", "0", "marker"), "none": ("No geometry", "4", ""),
}  # fmt: skip
#: Shown when the project is opened: the others are parts of these, or stand in tables.
SHOWN: Final = ("land", "factory", "parks")
#: What lies above what.
_ORDER: Final[dict[Shape, int]] = {"point": 0, "outline": 1, "none": 3}


@get("/ogc/collections/{collection_id:str}/style.qml", opt=OPTIONS)
async def qgis_style(request: Request[Any, Any, Any], collection_id: FromPath[str]) -> Reply:
    """How QGIS draws a layer and shows its fields."""
    ogc = await ogc_request(request, forms=("qml",))
    collection = collection_of(collection_id)
    root = Element("qgis", version=VERSION, styleCategories="Symbology|Fields|Forms")
    root.extend(_styled(collection, ogc.language))
    SubElement(root, "layerGeometryType").text = _GEOMETRY[collection.shape][1]
    return _answered(ogc, _document(root), QGIS_STYLE)


@get("/ogc/project.qgs", opt=OPTIONS)
async def qgis_project(request: Request[Any, Any, Any]) -> Reply:
    """A project of QGIS that reads every collection from here."""
    ogc = await ogc_request(request, forms=("qgs",))
    box, _ = await surroundings(ogc)
    title = tables("ogc", ogc.language)["service"]["title"]
    root = Element("qgis", version=VERSION, projectname=title)
    SubElement(root, "title").text = title
    root.append(_crs("projectCrs", "EPSG:3857"))
    properties = SubElement(SubElement(root, "properties"), "SpatialRefSys")
    SubElement(properties, "ProjectionsEnabled", type="int").text = "1"  # or the system is not read
    tree, layers = SubElement(root, "layer-tree-group"), Element("projectlayers")
    for collection in sorted(COLLECTIONS.values(), key=_rank):
        layers.append(_layer(ogc, collection))
        is_shown = collection.id in SHOWN
        SubElement(tree, "layer-tree-layer", id=_id(collection), name=_name(ogc, collection), providerKey="OAPIF",
                   source=_source(ogc, collection), expanded="1" if is_shown else "0",
                   checked="Qt::Checked" if is_shown else "Qt::Unchecked")  # fmt: skip
    if box is not None:
        root.extend(_views(in_metres(box)))
    root.append(layers)
    return _answered(ogc, _document(root), QGIS_PROJECT, saved_as("panhuo.qgs", f"{title}.qgs"))


def _answered(ogc: OgcRequest, raw: bytes, media_type: str, more: Mapping[str, str] = NO_CACHE) -> Reply:
    """A document, kept by readers under a hash of itself; `more`: headers of its own."""
    headers = {**NO_CACHE, **VARY, **more, "Content-Language": tag(ogc.language)}
    kept_as = f'"{hashlib.blake2b(raw, digest_size=12).hexdigest()}"'
    return Reply(raw, media_type, headers=headers, tag=kept_as, known=known_tags(ogc.context))


def _views(box_m: Box) -> Iterable[Element]:
    """What is shown first: of the window, and of whoever asks for the whole."""
    ends = {name: f"{value:.2f}" for name, value in zip(("xmin", "ymin", "xmax", "ymax"), box_m, strict=True)}
    canvas = Element("mapcanvas", name="theMapCanvas")
    extent = SubElement(canvas, "extent")
    for name, value in ends.items():
        SubElement(extent, name).text = value
    canvas.append(_crs("destinationsrs", "EPSG:3857"))
    yield canvas
    settings = Element("ProjectViewSettings", UseProjectScales="0")
    SubElement(settings, "DefaultViewExtent", ends).append(_crs("x", "EPSG:3857")[0])
    yield settings


def _rank(collection: Collection) -> int:
    return 2 if collection.thing == "park" else _ORDER[collection.shape]


def _document(root: Element) -> bytes:
    return (DOCTYPE + ElementTree.tostring(root, encoding="unicode")).encode()


def _id(collection: Collection) -> str:
    """Of a layer in a project: QGIS makes its own where it has no more than ten characters."""
    return f"panhuo-{collection.id}"


def _name(ogc: OgcRequest, collection: Collection) -> str:
    return tables("ogc", ogc.language)["collection"][collection.id]


def _source(ogc: OgcRequest, collection: Collection) -> str:
    """What the provider of QGIS opens; features are read where the map is."""
    is_placed = collection.shape != "none"
    return (
        f"pagingEnabled='true' restrictToRequestBBOX='{int(is_placed)}' typename='{collection.id}' url='{ogc.link()}'"
    )


def _crs(name: str, authid: str) -> Element:
    crs = Element(name)
    system = SubElement(crs, "spatialrefsys")
    SubElement(system, "srsid").text = "1"  # some number, or the name is not read
    SubElement(system, "authid").text = authid
    return crs


def _layer(ogc: OgcRequest, collection: Collection) -> Element:
    layer = Element("maplayer", type="vector", geometry=_GEOMETRY[collection.shape][0])
    SubElement(layer, "id").text = _id(collection)
    SubElement(layer, "datasource").text = _source(ogc, collection)
    SubElement(layer, "layername").text = _name(ogc, collection)
    SubElement(layer, "abstract").text = tables("ogc", ogc.language)["about"][collection.id]
    if collection.shape != "none":
        layer.append(_crs("srs", "OGC:CRS84"))
    SubElement(layer, "provider", encoding="UTF-8").text = "OAPIF"
    layer.extend(_styled(collection, ogc.language))
    return layer


def _styled(collection: Collection, language: Language) -> Iterable[Element]:
    """Colours, and of each field its heading and, of codes, the words that people read."""
    if collection.shape != "none":
        yield _renderer(collection, language)
    fields, aliases = Element("fieldConfiguration"), Element("aliases")
    for n, field in enumerate(collection.properties.values()):
        SubElement(aliases, "alias", index=str(n), field=field.name, name=label(collection, field.name, language))
        if field.type == "word" and field.words:
            fields.append(_words_of_field(field.name, words_of(field.words, language)))
    yield fields
    yield aliases


def _words_of_field(name: str, words: dict[str, str]) -> Element:
    field = Element("field", name=name)
    config = SubElement(SubElement(SubElement(field, "editWidget", type="ValueMap"), "config"), "Option", type="Map")
    listed = SubElement(config, "Option", type="List", name="map")
    for word, text in words.items():
        SubElement(SubElement(listed, "Option", type="Map"), "Option", type="QString", name=text, value=word)
    return field


def _renderer(collection: Collection, language: Language) -> Element:
    """Categories of what a collection is coloured by, in the order of the legend; of parks one symbol."""
    classes = shown_words(collection, language)
    if not classes:
        single = Element("renderer-v2", type="singleSymbol", symbollevels="0", enableorderby="0", forceraster="0")
        SubElement(single, "symbols").append(_symbol(collection, "0", OF_PARKS, alpha="0.25"))
        return single
    renderer = Element("renderer-v2", type="categorizedSymbol", attr=COLOURS[collection.thing][0], symbollevels="0",
                       enableorderby="0", forceraster="0")  # fmt: skip
    categories, symbols = SubElement(renderer, "categories"), SubElement(renderer, "symbols")
    others = tables("ogc", language)["tiles"]["others"]
    for n, (word, colour, text) in enumerate([*classes, ("", OTHER, others)]):
        SubElement(categories, "category", symbol=str(n), value=word, label=text, render="true")
        symbols.append(_symbol(collection, str(n), colour, alpha="0.75"))
    return renderer


def _symbol(collection: Collection, name: str, colour: str, *, alpha: str) -> Element:
    kind = _GEOMETRY[collection.shape][2]
    symbol = Element("symbol", type=kind, name=name, alpha=alpha, clip_to_extent="1", force_rhr="0")
    is_fill = kind == "fill"
    drawn_as = {"class": "SimpleFill" if is_fill else "SimpleMarker", "enabled": "1", "locked": "0", "pass": "0"}
    layer = SubElement(symbol, "layer", drawn_as)
    filled = {"color": _rgba(colour), "outline_style": "solid", "outline_width_unit": "MM"}
    own = {"style": "solid", "outline_color": _rgba(colour), "outline_width": "0.4"} if is_fill else {
        "name": "circle", "size": "2.6", "size_unit": "MM", "outline_color": "255,255,255,255", "outline_width": "0.2",
    }  # fmt: skip
    options = SubElement(layer, "Option", type="Map")
    for key, value in {**filled, **own}.items():
        SubElement(options, "Option", type="QString", name=key, value=value)
    return symbol


def _rgba(colour: str) -> str:
    return ",".join(str(int(colour[n : n + 2], 16)) for n in (1, 3, 5)) + ",255"


ROUTES = [qgis_style, qgis_project]
