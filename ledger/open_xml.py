"""What an XLSX package is looked at for before its cells are read: what it would unpack to, name or declare.

The reader of the cells unpacks what it is given, makes room for the whole rectangle up to the last cell, and gives
nothing where a cell holds an error or a formula that was never worked out. All that is found here, by name.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from domain.errors import Invalid
from ledger.print_setup import PrintSetup, setup_of

#: Columns A to ZZ; ledgers have some tens.
MOST_COLUMNS = 702
#: Parts that the reader of cells does not open.
NOT_READ = re.compile(r"xl/(media|drawings|charts|theme|embeddings|printerSettings)/")
LINKS = "xl/externalLinks/"
#: A declaration of a document type, where entities are made; no spreadsheet program writes one.
DOCTYPE = re.compile(rb"<!DOCTYPE", re.IGNORECASE)
_WIDE = re.compile(rb"<(?:\w+:)?c\s[^>]*?\br=[\"'][A-Z]{3}")
_HIDDEN = re.compile(rb"<(?:\w+:)?row\s[^>]*?\bhidden=[\"'](?:1|true)[\"']")
_ERROR = re.compile(
    rb"<(?:\w+:)?c\s([^>]*?\bt=[\"']e[\"'][^>]*)>(?:(?!</(?:\w+:)?c>).)*?<(?:\w+:)?v>([^<]*)<", re.DOTALL
)
#: A cell with a formula, and no value after it. An empty text that was worked out is one.
_FORMULA = re.compile(
    rb"<(?:\w+:)?c\b((?:(?!\bt=[\"']str[\"'])[^>])*)>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?!<(?:\w+:)?v>[^<])"
)
_REFERENCE = re.compile(rb"\br=[\"']([A-Z]{1,2})([1-9][0-9]{0,6})[\"']")
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass(frozen=True)
class SheetScan:
    """Of one sheet: cells without a usable value as row, column (from 0), code and text; rows that are hidden.

    `print_setup`: how its maker had it printed; None where nobody said.
    """

    faults: list[tuple[int, int, str, str]]
    hidden_rows: int
    print_setup: PrintSetup | None


def scan_package(path: Path, *, unpacked_bytes: int, name: str) -> Mapping[str, SheetScan]:
    """What stands in the sheets of a package, by name. Raises: Invalid for a package that is not to be read."""
    try:
        with zipfile.ZipFile(path) as package:
            _check_parts(package.infolist(), unpacked_bytes, name)
            texts = {part: _text(package, part, name) for part in package.namelist() if _is_read(part)}
    except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError, zipfile.zlib.error) as fault:  # type: ignore[attr-defined]
        raise Invalid("workbook_unreadable", "file", file=name) from fault
    if any(DOCTYPE.search(text) for text in texts.values()):
        raise Invalid("workbook_entities", "file", file=name)
    try:
        sheets, areas = _sheets(texts), _print_areas(texts["xl/workbook.xml"])
    except (ElementTree.ParseError, KeyError) as fault:
        raise Invalid("workbook_unreadable", "file", file=name) from fault
    return {sheet: _scan(texts[part], sheet, name, areas.get(sheet)) for sheet, part in sheets.items() if part in texts}


def _check_parts(parts: list[zipfile.ZipInfo], unpacked_bytes: int, name: str) -> None:
    names = [part.filename for part in parts]
    if any(part.flag_bits & 1 for part in parts):
        raise Invalid("workbook_encrypted", "file", file=name)
    if len(set(names)) < len(names) or "xl/workbook.xml" not in names:
        raise Invalid("workbook_unreadable", "file", file=name)
    if sum(part.file_size for part in parts) > unpacked_bytes:
        raise Invalid("workbook_unpacks", "file", file=name, mb=unpacked_bytes >> 20)
    if any(part.startswith(LINKS) for part in names):
        raise Invalid("workbook_links", "file", file=name)


def _is_read(part: str) -> bool:
    return part.endswith((".xml", ".rels")) and NOT_READ.match(part) is None


def _text(package: zipfile.ZipFile, part: str, name: str) -> bytes:
    text = package.read(part)
    if b"\0" in text[:200]:  # UTF-16, in which nothing below would be met
        raise Invalid("workbook_unreadable", "file", file=name)
    return text


def _sheets(texts: Mapping[str, bytes]) -> dict[str, str]:
    """Name of each sheet → its part."""
    relations = ElementTree.fromstring(texts["xl/_rels/workbook.xml.rels"])
    parts = {
        relation.get("Id"): posixpath.normpath(posixpath.join("/xl", relation.get("Target", ""))).lstrip("/")
        for relation in relations
    }
    workbook = ElementTree.fromstring(texts["xl/workbook.xml"])
    sheets = (element for element in workbook.iter() if element.tag.rpartition("}")[2] == "sheet")
    return {sheet.get("name", ""): parts[sheet.get(_RELATION)] for sheet in sheets if sheet.get(_RELATION) in parts}


def _print_areas(text: bytes) -> dict[str, str]:
    """Name of a sheet → the reference of what is printed of it."""
    elements = [(element.tag.rpartition("}")[2], element) for element in ElementTree.fromstring(text).iter()]
    names = [element.get("name", "") for tag, element in elements if tag == "sheet"]
    return {
        names[int(element.get("localSheetId", ""))]: element.text or ""
        for tag, element in elements
        if tag == "definedName" and element.get("name") == "_xlnm.Print_Area"
        if element.get("localSheetId", "") in map(str, range(len(names)))
    }


def _scan(text: bytes, sheet: str, name: str, area: str | None) -> SheetScan:
    if _WIDE.search(text):
        raise Invalid("workbook_wide", "file", file=name, sheet=sheet, most=MOST_COLUMNS)
    faults = []
    if re.search(rb"\bt=[\"']e[\"']", text):
        faults += [(_at(m[1]), "cell_error", m[2].decode(errors="replace")) for m in _ERROR.finditer(text)]
    if re.search(rb"<(?:\w+:)?f\b", text):
        faults += [(_at(m[1]), "formula_without_value", "") for m in _FORMULA.finditer(text)]
    known = [(*at, code, error) for at, code, error in faults if at is not None]
    return SheetScan(known, len(_HIDDEN.findall(text)), setup_of(text, area))


def _at(attributes: bytes) -> tuple[int, int] | None:
    reference = _REFERENCE.search(attributes)
    if reference is None:
        return None
    column = 0
    for letter in reference[1]:
        column = column * 26 + letter - 64
    return int(reference[2]) - 1, column - 1
