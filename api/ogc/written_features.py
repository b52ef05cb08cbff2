"""Features as files: their columns, and how rows of them become CSV, FlatGeobuf, and the texts that a shapefile holds.

Files have x before y, whatever the system: that is how GIS software reads them. CSV has an outline as the column WKT; a
point as two numbers, longitude and latitude in degrees, easting and northing in metres.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct, defstruct
from msgspec.json import Decoder
from msgspec.structs import astuple

from api.ogc.labels import label
from api.table import CSV
from domain.collections import Collection, Shape
from domain.field import Field
from geo.flatgeobuf import FlatColumn, feature, head
from ledger.columns import WKT, Cell, TableColumn
from texts.lookup import Language, heading, languages, tables
from texts.lookup import label as unit_label
from texts.words import words_of

#: Columns of a point, in a system of degrees and of metres.
POINT: Final = {False: ("longitude", "latitude"), True: ("easting", "northing")}
#: What a DBF holds at most, bytes. Source: dBASE III.
MOST_NAME, MOST_TEXT = 10, 254


def property_title(collection: Collection, name: str, language: Language) -> str:
    """What people call a property where it stands alone, with its unit."""
    field, text = collection.properties.get(name), heading(label(collection, name, language))
    return f"{text} ({unit_label('unit', field.unit, language)})" if field is not None and field.unit else text


def wording(collection: Collection, field: Field | None, language: Language | None) -> Callable[[str], str] | None:
    """What makes of the words of a property what people call them; None where it has none, or in no language."""
    if field is None or language is None or field.type not in ("word", "words", "names"):
        return None
    called: Mapping[str, str]
    if field.type == "names":
        called = {name: label(collection, name, language) for name in collection.properties}
    else:
        called = words_of(field.words, language)
    between = tables("ledger", language)["cell"]["between"]
    return lambda text: between.join(called.get(word, word) for word in text.split(","))


def property_words(field: Field | None, language: Language) -> dict[str, str]:
    """The words that a property can be, and what people call each; none where it is no word."""
    return words_of(field.words, language) if field is not None and field.type == "word" and field.words else {}


@dataclass(frozen=True)
class FeatureColumn(TableColumn):
    """A column of features; without a language it is called, and filled, as in a page of them."""

    collection: Collection

    @property
    def field(self) -> Field | None:
        return self.collection.properties.get(self.name)

    @property
    def title(self) -> str:
        if self.language is None or self.name == WKT:
            return super().title
        return property_title(self.collection, self.name, self.language)

    @cached_property
    def convert(self) -> Callable[[bytes], Cell]:
        worded = wording(self.collection, self.field, self.language)
        return super().convert if worded is None else lambda raw: worded(msgspec.json.decode(raw))


class CsvWriter:
    """Rows of features as CSV, as `api/table.py` writes it. `names`: of properties, in their order."""

    def __init__(self, collection: Collection, names: Sequence[str], language: Language | None, *, in_metres: bool):
        self._names, self._place = names, _place(collection.shape, in_metres=in_metres)
        columns = [FeatureColumn(collection.thing, name, language, collection) for name in ("id", *names, *self._place)]
        self._writer = CSV.writer(columns, language or languages()[0])
        self._decode = _decoder(names, Raw, Raw)
        self._numbers = [name for name in names if collection.properties[name].type == "number"]

    def add(self, rows: Sequence[bytes]) -> bytes:
        features = [*map(self._decode, rows)]
        members = zip(*[astuple(row.properties) for row in features], strict=True)
        portion = {name: [*map(bytes, raws)] for name, raws in zip(self._names, members, strict=False)}
        for name in self._numbers:  # a page has `12.0`
            portion[name] = [raw.removesuffix(b".0") for raw in portion[name]]
        portion["id"] = [bytes(row.id) for row in features]
        places = [bytes(row.geometry) for row in features]
        if self._place == (WKT,):
            portion[WKT] = places
        elif self._place:  # "POINT(x y)"
            pairs = zip(*[raw[7:-2].split(b" ") for raw in places], strict=True)
            portion |= {name: [*numbers] for name, numbers in zip(self._place, pairs, strict=True)}
        return self._writer.add(portion)

    def end(self) -> bytes:
        return self._writer.end()


def _place(shape: Shape, *, in_metres: bool) -> tuple[str, ...]:
    return {"outline": (WKT,), "point": POINT[in_metres], "none": ()}[shape]


def _decoder(names: Sequence[str], value: Any, geometry: Any) -> Callable[[bytes], Any]:
    """Decodes features of these properties, each into such a value."""
    properties: type[Struct] = defstruct("Properties", [(name, value) for name in names], gc=False)
    members = [("id", value), ("properties", properties), ("geometry", geometry)]
    return Decoder(defstruct("Feature", members, gc=False)).decode


class FlatGeobufWriter:
    """Rows of features, with their places as WKB in hex, as a FlatGeobuf."""

    def __init__(
        self,
        collection: Collection,
        columns: Sequence[FlatColumn],
        *,
        srid: int,
        count: int | None,
        convert: Mapping[str, Callable[[str], str]],
    ) -> None:
        """`columns`: the id before properties. `convert`: what makes another text of those of a column."""
        self._columns = columns
        self._before = head(collection.id, columns, collection.shape, srid=srid, count=count or 0)
        self._decode = _decoder([column.name for column in columns[1:]], Any, str | None)
        self._convert = [(n, convert[column.name]) for n, column in enumerate(columns) if column.name in convert]

    def add(self, rows: Sequence[bytes]) -> bytes:
        before, self._before = self._before, b""
        return before + b"".join(map(self._feature, rows))

    def _feature(self, raw: bytes) -> bytes:
        row = self._decode(raw)
        values = [row.id, *astuple(row.properties)]
        for n, convert in self._convert:
            if values[n] is not None:
                values[n] = convert(values[n])
        return feature(self._columns, values, None if row.geometry is None else bytes.fromhex(row.geometry))

    def end(self) -> bytes:
        return self._before


class FittedTexts:
    """Texts as a DBF holds them: in its encoding and no longer than it can, never half a character.

    `widths`: bytes of the longest of a column in UTF-8. `cut`, `replaced`: how many texts of it were cut, or had
    characters that the encoding lacks.
    """

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding
        self.widths: defaultdict[str, int] = defaultdict(lambda: 1)
        self.cut: Counter[str] = Counter()
        self.replaced: Counter[str] = Counter()

    def fitted(self, name: str, text: str) -> str:
        raw = text.encode(self._encoding, "replace")
        shown = raw[:MOST_TEXT].decode(self._encoding, "ignore")
        self.widths[name] = max(self.widths[name], len(shown.encode()))
        self.cut[name] += len(raw) > MOST_TEXT
        self.replaced[name] += not text.startswith(shown)
        return shown


def field_names(wanted: Sequence[str], encoding: str) -> list[str]:
    """Names of fields of a DBF, one for each that is wanted: short, and no two of them equal in whatever case."""
    names: list[str] = []
    for text in wanted:
        plain, n = re.sub(r"\W+", "_", text).strip("_"), 1
        name = _within(plain, encoding, MOST_NAME)
        while name.casefold() in map(str.casefold, names):
            n += 1
            name = f"{_within(plain, encoding, MOST_NAME - len(f'_{n}'))}_{n}"
        names.append(name)
    return names


def _within(text: str, encoding: str, most: int) -> str:
    return text.encode(encoding, "ignore")[:most].decode(encoding, "ignore")


def field_list(collection: Collection, names: Sequence[str], fields: Sequence[str], texts: FittedTexts) -> str:
    """A table in CSV of what lies in a shapefile: each field, what it is in the interface, and in every language.

    Then how many of its texts were cut, and how many had characters that the encoding lacks.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["field", "name", *(f"title_{language}" for language in languages()), "cut", "replaced"])
    for field, name in zip(fields, names, strict=True):
        titles = [property_title(collection, name, language) for language in languages()]
        writer.writerow([field, name, *titles, texts.cut[name], texts.replaced[name]])
    return text.getvalue()
