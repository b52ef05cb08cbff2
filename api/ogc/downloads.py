"""Features of a selection as a file: everything that meets the conditions of a page, in one snapshot.

CSV and FlatGeobuf go out as rows come. A GeoPackage or a shapefile is made of a FlatGeobuf by GDAL, in a process of its
own that ends with the caller who wants it, and is then sent; the server holds one portion of rows.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import tempfile
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from litestar import Request, get
from litestar.params import FromPath

from api.crs import content_crs
from api.ogc.items import FeatureSelection, counted, named_systems, selected, state_tag
from api.ogc.request import FORMAT, VARY, OgcRequest, collection_of, ogc_request
from api.ogc.schemas import queryables
from api.ogc.service import DOWNLOADS, OPTIONS, SCHEMA
from api.ogc.written_features import (
    CsvWriter,
    FittedTexts,
    FlatGeobufWriter,
    field_list,
    field_names,
    property_title,
    property_words,
    wording,
)
from api.response import NO_CACHE, Reply, known_tags, saved_as
from api.streams import Stream
from api.table import streamed, written
from domain.collections import Collection
from domain.entity_tags import ANY, kept_tag
from domain.errors import Malformed, Unavailable
from geo.file_writing import MODULE, SOURCE, TARGETS, FileColumn, writing_request
from geo.flatgeobuf import TYPES
from geo.reading_process import ROOT, START, Json, ReadingLimits, child_environment
from store import features
from texts.lookup import Language, languages, tables, tag

#: What selects and shapes the features of a file, as of a page; and how the file is written.
OWN: Final = (
    "bbox", "bbox-crs", "datetime", "crs", "properties", "sortby", "filter", "filter-lang", "filter-crs", "titles",
    "encoding",
)  # fmt: skip
ENCODINGS: Final = ("utf-8", "gbk")
#: Of a GeoPackage or shapefile, and of the FlatGeobuf that it is made of.
LIMITS: Final = ReadingLimits(
    file_bytes=1 << 30, memory_bytes=2 << 30, cpu_s=120, wall_s=180.0, answer_bytes=(1 << 31) - 1
)
TRY_AGAIN_S: Final = 15
CHUNK_BYTES: Final = 1 << 18


@dataclass(frozen=True)
class Download:
    """A file that is wanted: of which features, in which form, language and encoding."""

    ogc: OgcRequest
    collection: Collection
    selection: FeatureSelection
    form: str
    titles: Language | None
    encoding: str

    @property
    def names(self) -> list[str]:
        """Of its properties."""
        chosen = self.selection.properties
        return list(self.collection.properties if chosen is None else chosen)

    @property
    def language(self) -> Language:
        """Of what is beside the values: aliases of columns, the name of the file."""
        return self.titles or self.ogc.language


@get("/ogc/collections/{collection_id:str}/download", opt=OPTIONS)
async def download(request: Request[Any, Any, Any], collection_id: FromPath[str]) -> Reply | Stream:
    """All features of a selection, as a file."""
    wanted = await _wanted(request, collection_of(collection_id))
    ogc, headers = wanted.ogc, _headers(wanted)
    known = known_tags(ogc.context)
    if known and known != ANY:
        async with ogc.context.db.read(ogc.reader) as conn:
            _, version = await features.state(conn, wanted.collection, is_staff=ogc.is_staff)
        if (kept := kept_tag(known, _tag(wanted, version), is_gzipped=False)) is not None:
            return Reply(b"", status=304, headers={**headers, "ETag": f"W/{kept}"})
    source = _file(wanted, headers) if wanted.form in TARGETS else _rows(wanted, headers, _writer(wanted))
    return streamed(request, ogc.context, source, DOWNLOADS[wanted.form], headers)


async def _wanted(request: Request[Any, Any, Any], collection: Collection) -> Download:
    """What a request wants. Raises Malformed naming the parameter that makes no sense."""
    known = [*OWN, *(field.name for field in queryables(collection))]
    ogc = await ogc_request(request, known, forms=list(DOWNLOADS))
    selection = await selected(ogc, collection, await named_systems(ogc))
    form, titles = ogc.parameters[FORMAT], ogc.parameters.get("titles")
    encoding = ogc.parameters.get("encoding", ENCODINGS[0]).lower()
    if titles not in (None, *languages()):
        raise Malformed("not_in_vocabulary", "titles", allowed=list(languages()))
    if encoding not in ENCODINGS:
        raise Malformed("not_in_vocabulary", "encoding", allowed=list(ENCODINGS))
    if "encoding" in ogc.parameters and form != "shp":
        raise Malformed("needs_other", "encoding", other=f"{FORMAT}=shp")
    return Download(ogc, collection, selection, form, titles, encoding)


def _headers(wanted: Download) -> dict[str, str]:
    collection, here = wanted.collection, wanted.ogc.link(f"/collections/{wanted.collection.id}")
    ending = "zip" if wanted.form == "shp" else wanted.form
    title = tables("ogc", wanted.language)["collection"][collection.id]
    return {
        **NO_CACHE,
        **VARY,
        **saved_as(f"{collection.id}.{ending}", f"{title}-{wanted.ogc.context.today}.{ending}"),
        **content_crs(wanted.selection.crs),
        "Content-Language": tag(wanted.language),
        "Link": f'<{here}>; rel="collection"; type="application/json", '
        f'<{here}/schema>; rel="describedby"; type="{SCHEMA}"',
    }


def _tag(wanted: Download, version: str) -> str:
    """Sent as a weak one: a file says when it was written."""
    return f'{state_tag(wanted.ogc, wanted.collection, version)[:-1]}.{wanted.language}"'


def _writer(wanted: Download, texts: FittedTexts | None = None) -> Callable[[int | None], Any]:
    """What makes the writer of rows, once it is known how many there are."""
    system, collection, names = wanted.selection.crs, wanted.collection, wanted.names
    if wanted.form == "csv":
        return lambda _: CsvWriter(collection, names, wanted.titles, in_metres=system.is_projected)
    columns = _columns(wanted)
    convert = {} if texts is None else {c.name: _fitted(wanted, texts, c.name) for c in columns if c.type not in TYPES}
    return lambda n: FlatGeobufWriter(collection, columns, srid=system.srid, count=n, convert=convert)


def _fitted(wanted: Download, texts: FittedTexts, name: str) -> Callable[[str], str]:
    """What makes the text of a shapefile of one of a column: in words of a language, as its encoding has it."""
    worded = wording(wanted.collection, wanted.collection.properties.get(name), wanted.titles)
    return lambda text: texts.fitted(name, text if worded is None else worded(text))


def _columns(wanted: Download) -> list[FileColumn]:
    """The columns of a file that GDAL reads. A DBF has days and no instants: these are texts there."""
    collection, language = wanted.collection, wanted.language
    fields = [None, *(collection.properties[name] for name in wanted.names)]
    names = ["id", *wanted.names]
    titles = [property_title(collection, name, language) for name in names]
    called = names
    if wanted.form == "shp":
        called = field_names(names if wanted.titles is None else titles, wanted.encoding)
    return [
        FileColumn(
            name,
            "id" if field is None else "text" if field.type == "instant" and wanted.form == "shp" else field.type,
            title,
            named,
            words=property_words(field, language),
        )
        for name, named, title, field in zip(names, called, titles, fields, strict=True)
    ]


async def _rows(
    wanted: Download, headers: dict[str, str], writer_of: Callable[[int | None], Any]
) -> AsyncGenerator[bytes, None]:
    """The bytes that a writer makes of the selection; sets the headers that the snapshot knows before the first."""
    ogc, collection, selection = wanted.ogc, wanted.collection, wanted.selection
    form = features.GeometryForm(
        selection.crs.srid, places=selection.crs.places, notation="wkt" if wanted.form == "csv" else "wkb"
    )
    async with ogc.context.db.snapshot(ogc.reader) as conn:
        in_all, version = await features.state(conn, collection, is_staff=ogc.is_staff)
        if selection.is_empty:
            in_all = 0
        elif selection.conditions or in_all is None:
            in_all = await counted(conn, ogc, collection, selection, version, in_all or 0)
        headers["ETag"] = f"W/{_tag(wanted, version)}"
        if in_all is not None:
            headers["OGC-NumberMatched"] = str(in_all)
        writer = writer_of(in_all)
        if not selection.is_empty:
            portions = features.selection(
                conn, collection, selection.conditions, form=form, by=selection.by, is_staff=ogc.is_staff
            )
            async with aclosing(written(portions, writer.add)) as chunks:
                async for chunk in chunks:
                    yield chunk
    yield writer.end()


async def _file(wanted: Download, headers: dict[str, str]) -> AsyncGenerator[bytes, None]:
    """The bytes of a file that is written whole before it is sent.

    Raises: Unavailable while others are written, or where it takes too long; Malformed where it grows too large.
    """
    state = wanted.ogc.context.state
    if state.file_writing.locked():
        raise Unavailable("busy", retry_after_s=TRY_AGAIN_S)
    with tempfile.TemporaryDirectory(prefix="panhuo-download-") as folder:
        try:
            async with state.file_writing, asyncio.timeout(LIMITS.wall_s):
                path = await _file_in(Path(folder), wanted, headers)
        except TimeoutError as fault:
            raise Unavailable("download_too_slow", s=LIMITS.wall_s, retry_after_s=TRY_AGAIN_S) from fault
        headers["Content-Length"] = str(path.stat().st_size)
        with path.open("rb") as file:
            while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
                yield chunk


async def _file_in(folder: Path, wanted: Download, headers: dict[str, str]) -> Path:
    """Writes the file in a folder."""
    texts = FittedTexts(wanted.encoding) if wanted.form == "shp" else None
    size = 0
    with (folder / SOURCE).open("wb") as file:
        async with aclosing(_rows(wanted, headers, _writer(wanted, texts))) as chunks:
            async for chunk in chunks:
                size += len(chunk)
                if size > LIMITS.file_bytes:
                    raise Malformed("download_too_large", FORMAT, most=LIMITS.file_bytes >> 20)
                await asyncio.to_thread(file.write, chunk)
    columns, beside = _columns(wanted), {}
    if texts is not None:
        columns = [c if c.type in TYPES else replace(c, width=texts.widths[c.name]) for c in columns]
        names, fields = [c.name for c in columns], [c.named for c in columns]
        beside["names.csv"] = field_list(wanted.collection, names, fields, texts)
    title = tables("ogc", wanted.language)["collection"][wanted.collection.id]
    request = writing_request(
        wanted.form, wanted.collection.id, title, columns, wanted.collection.shape, srid=wanted.selection.crs.srid,
        encoding=wanted.encoding, beside=beside, limits=LIMITS,
    )  # fmt: skip
    await _processed(request, folder)
    return folder / TARGETS[wanted.form]


async def _processed(request: Json, folder: Path) -> None:
    """Has a process of its own do what is asked; whatever ends this ends it.

    Raises: Malformed where it came to a limit.
    """
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-c", START, ROOT, MODULE, cwd=folder, env=child_environment(str(folder)),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        _, complaint = await child.communicate(json.dumps(request).encode())
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode in (LIMITS.exit_code_limit, -signal.SIGXCPU):
        raise Malformed("download_too_large", FORMAT, most=LIMITS.file_bytes >> 20)
    if child.returncode != 0:
        raise RuntimeError(f"a file was not written: {complaint[-2000:].decode(errors='replace')}")


ROUTES = [download]
