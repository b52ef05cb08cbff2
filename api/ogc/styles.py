"""How maps draw the collections: one table of colours, from which the styles of every client are made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from domain.collections import Collection, Thing
from domain.words import Availability, Kind
from texts.lookup import Language
from texts.words import words_of

#: What a thing is coloured by: the property, and the colour of each of its words that is shown.
COLOURS: Final[Mapping[Thing, tuple[str, Mapping[str, str]]]] = {
    "asset": (
        "availability",
        {
            Availability.available: "#2a9d5c",
            Availability.reserved: "#e9a23b",
            Availability.occupied: "#8a94a0",
            Availability.to_verify: "#a65fb5",
        },
    ),
    "revitalization": ("kind", {Kind.land: "#c0722c", Kind.factory: "#2f6db5"}),
}
#: Of parks; of what has another word.
OF_PARKS, OTHER = "#5a4a9c", "#c9ced4"


def shown_words(collection: Collection, language: Language) -> list[tuple[str, str, str]]:
    """Word, colour and label of each class of a collection; of what is on offer one alone."""
    if collection.thing not in COLOURS:
        return []
    name, colours = COLOURS[collection.thing]
    labels = words_of(collection.properties[name].words, language)
    words = [Availability.available] if collection.is_on_offer else colours
    return [(str(word), colours[word], labels[word]) for word in words]


def map_style(collection: Collection, name: str, tilejson: str, units_from: int, language: Language) -> dict[str, Any]:
    """A style of MapLibre: a point a park below the zoom from which there are units, then these."""
    source: dict[str, Any] = {"source": collection.id, "source-layer": collection.id}
    colour = _colour(collection)
    is_outline = {"filter": ["==", ["geometry-type"], "Polygon"]}
    is_point = {"filter": ["==", ["geometry-type"], "Point"]}
    layers = [
        {"id": "area", "type": "fill", **source, **is_outline, "paint": {"fill-color": colour, "fill-opacity": 0.45}},
        {"id": "edge", "type": "line", **source, **is_outline, "paint": {"line-color": colour, "line-width": 1.2}},
        {
            "id": "point", "type": "circle", **source, **is_point,
            "paint": {"circle-color": colour, "circle-radius": 5, "circle-stroke-color": "#ffffff",
                      "circle-stroke-width": 1},
        },
    ]  # fmt: skip
    if collection.thing == "park":
        layers[0]["paint"] = {"fill-color": colour, "fill-opacity": 0.08}
    else:
        for layer in layers:
            layer["minzoom"] = units_from
        layers.append(_of_park(source, units_from))
    legend = {word: {"colour": shade, "label": text} for word, shade, text in shown_words(collection, language)}
    return {
        "version": 8,
        "name": name,
        "metadata": {"legend": legend},
        "sources": {collection.id: {"type": "vector", "url": tilejson, "promoteId": "id"}},
        "layers": layers,
    }


def _colour(collection: Collection) -> Any:
    if collection.thing not in COLOURS:
        return OF_PARKS
    name, colours = COLOURS[collection.thing]
    pairs = [part for word, shade in colours.items() for part in (str(word), shade)]
    return ["match", ["get", name], *pairs, OTHER]


def _of_park(source: Mapping[str, Any], units_from: int) -> dict[str, Any]:
    """The larger the more units there are."""
    radius = ["interpolate", ["linear"], ["sqrt", ["get", "units"]], 1, 6, 30, 24]
    return {
        "id": "park", "type": "circle", **source, "maxzoom": units_from,
        "paint": {"circle-color": OF_PARKS, "circle-opacity": 0.75, "circle-radius": radius,
                  "circle-stroke-color": "#ffffff", "circle-stroke-width": 1.5},
    }  # fmt: skip
