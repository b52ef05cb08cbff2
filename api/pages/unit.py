"""The page of a unit: what it is, where it lies, whether it is in use, and how to pass it on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from markupsafe import Markup

from api.pages.frame import PageRequest, path_of, rendered
from api.shown_value import shown_value
from domain.actor import ANONYMOUS
from domain.errors import NotFound
from domain.field import Field
from domain.fields import ASSET, FLOORS
from domain.instants import SHANGHAI
from domain.words import AttachmentKind, Kind
from geo import plan
from reports.qr import qr_svg
from reports.use_by_month import MonthUse, UsedLeaf, known_from, use_by_month
from store import attachment, public_contact, unit_page
from store.attachment import AttachmentSubject
from store.db import Database
from texts.lookup import field_label, heading, label, tables
from texts.words import words_of

#: What is decided by first, by kind; shown where unknown, too.
KEY: Final[Mapping[str, Sequence[str]]] = {
    Kind.land: ("area_mu", "land_right", "far_max", "price_yuan_m2", "rent_yuan_m2_month", "power_kva",
                "available_from"),
    Kind.factory: ("area_m2", "clear_height_m", "floor_load_kn_m2", "crane_t", "power_kva", "fire_hazard_class",
                   "rent_yuan_m2_month", "available_from"),
}  # fmt: skip
#: Facts by what they are about; the first group that names one has it, the last has all others.
GROUPS: Final[Mapping[str, Sequence[str]]] = {
    "space": ("level", "stated_area", "measured_area_m2", "available_area_m2",
              "is_divisible", "min_divisible_m2", "storeys", "floor_no", "clear_height_m", "clear_height_at",
              "floor_load_kn_m2", "crane_t", "crane_count", "crane_beam_height_m", "span_m", "column_spacing_m",
              "truck_length_m", "footprint_m2", "office_area_m2", "dorm_area_m2", "yard_area_m2", "structure",
              "goods_lift_t", "dock_doors", "has_independent_yard", "condition_grade", "built_year", "completed_on",
              "is_levelled"),
    "utilities": ("power_kva", "expandable_kva", "voltage_kv", "gas_m3_d", "steam_t_h", "water_t_d", "connections",
                  "wastewater_t_d", "has_industrial_wwtp"),
    "safety": ("fire_hazard_class", "fire_resistance_rating", "has_sprinklers", "is_fire_accepted", "is_eia_possible",
               "effluent_types", "effluent_free_t_d", "allowed_industries", "forbidden_industries"),
    "planning": ("land_right", "term_ends_on", "planned_use_code", "planned_use_system", "far_max", "far_min",
                 "density_max", "building_coefficient_min", "service_share_max", "green_ratio", "height_limit_m",
                 "invest_intensity_wan_mu", "output_wan_mu", "tax_wan_mu", "title_is_registered", "parcel_no",
                 "realty_cert_no", "realty_unit_no"),
    "terms": ("rent_yuan_m2_month", "property_fee_yuan_m2_month", "price_yuan_m2", "contribution_yuan",
              "min_lease_months", "deposit_months", "rent_free_months", "allows_sublet", "available_from",
              "allowed_paths", "idle_since", "idle_basis", "checked_on", "address", "remarks"),
}  # fmt: skip
#: What the page says elsewhere, what only machines read, and how exactly a day is known, which is shown with it.
ASIDE: Final = frozenset(
    {"code", "name", "kind", "is_leaf", "stated_area_unit", "area_m2", "area_mu", "usable_area_m2", "works",
     "attributes", "source", "illustrative", "listing", "availability", "revision", "recorded_at", "retired_on",
     "inherited", "is_lapsed", "lapsed_on", "stuck_type", "stated_idle_since", "stated_idle_since_source"}
)  # fmt: skip
_PRECISION: Final = {"year": 4, "month": 7}


async def unit_page_of(page: PageRequest, asset_id: UUID) -> bytes:
    """The page, as HTML."""
    facts = await read_unit(page.context.db, asset_id)
    return rendered(page, "unit.html", facts.name, _og(page, facts), **_shown(page, facts))


@dataclass(frozen=True)
class UnitSurroundings:
    """What belongs to a unit: whom to call, files for all, its parts, what lies around it, when it is in use."""

    contact: Mapping[str, Any] | None
    files: Sequence[Mapping[str, Any]]
    parts: Sequence[Mapping[str, Any]]
    neighbours: Sequence[Mapping[str, Any]]
    uses: Sequence[unit_page.LeafUse]


class UnitFacts:
    """What is known of a unit, as its page and its papers show it."""

    def __init__(self, row: Mapping[str, Any], surroundings: UnitSurroundings) -> None:
        self.row, self.surroundings = row, surroundings
        self.feature: Mapping[str, Any] = row["feature"]
        self.properties: Mapping[str, Any] = self.feature["properties"]
        attributes = self.properties["attributes"]
        self.facts = {**self.properties, **{name: attributes.get(name) for name in ASSET
                                            if ASSET[name].store == "attributes"}}  # fmt: skip
        self.invented = frozenset(self.properties["illustrative"] or ())

    @property
    def name(self) -> str:
        return str(self.properties["name"] or self.properties["code"])

    def is_invented(self, field: Field) -> bool:
        """Whether a fact is illustrative: it is named so, or what it was worked out from is."""
        stated = {"area_m2": "stated_area", "area_mu": "stated_area", "usable_area_m2": "stated_area",
                  "measured_area_m2": "geometry", "idle_since": "stated_idle_since"}  # fmt: skip
        return not self.invented.isdisjoint({field.name, stated.get(field.name, field.name)}) or (
            field.store == "attributes" and "attributes" in self.invented
        )


async def read_unit(db: Database, asset_id: UUID) -> UnitFacts:
    """A published unit, with what lies around it. Raises NotFound where it is none any more."""
    async with db.read(ANONYMOUS) as conn:
        row = await unit_page.facts(conn, asset_id)
        if row is None:
            raise NotFound("no_such")
        place, park_id = row["feature"]["geometry"], UUID(row["feature"]["properties"]["park_id"])
        contact = await public_contact.of_unit(conn, asset_id)
        surroundings = UnitSurroundings(
            contact=None if contact is None or contact[0] is None else json.loads(contact[0]),
            files=[json.loads(file) for file in await attachment.listed(conn, AttachmentSubject("asset", asset_id))],
            parts=await unit_page.parts(conn, asset_id),
            neighbours=[] if place is None else await unit_page.neighbours(conn, park_id, asset_id, plan.window(place)),
            uses=await unit_page.uses(conn, asset_id),
        )
    return UnitFacts(row, surroundings)


def _shown(page: PageRequest, facts: UnitFacts) -> dict[str, Any]:
    """What the template shows."""
    properties, row, texts = facts.properties, facts.row, page.texts
    own = path_of(row["park_code"], properties["code"])
    in_zh = page.language == "zh"
    zone = row["zone_zh"] if in_zh else row["zone_en"] or row["zone_zh"]
    whole = None if row["whole_code"] is None else {
        "name": row["whole_name"] or row["whole_code"], "href": page.link(path_of(row["park_code"], row["whole_code"])),
    }  # fmt: skip
    months = _months(page, facts)
    return {
        "name": facts.name, "code": properties["code"],
        "park": {"name": park_name(page, row), "href": page.link(path_of(row["park_code"]))},
        "zone": zone, "whole": whole,
        "kind": words_of(Kind, page.language)[properties["kind"]],
        "availability": properties["availability"],
        "standing": shown_value(ASSET["availability"], properties["availability"], page.language, texts),
        "is_illustrative": bool(facts.invented), "is_shape_invented": "geometry" in facts.invented,
        "figures": [figure(page, facts, ASSET[name]) for name in KEY[properties["kind"]]],
        "plan": None if (drawn := plan_of(page, facts)) is None else Markup(drawn),
        "area_note": _area_note(page, facts),
        "months": months, "months_in_words": _months_in_words(page, months),
        "uses": [(use.value, texts[f"use_{use}"]) for use in MonthUse],
        "qr": Markup(qr_svg(page.address(own))),
        "poster": f"{page.context.state.link(own)}?f=png&lang={page.language}",
        "ask": f"{page.context.state.link(own)}?f=ask&lang={page.language}",
        "contact": facts.surroundings.contact,
        "photos": [_photo(page, file) for file in facts.surroundings.files if _is_picture(file)],
        "files": [_file(page, file) for file in facts.surroundings.files if not _is_picture(file)],
        "lapsed": texts["lapsed"].format(day=properties["lapsed_on"]) if properties["is_lapsed"] else None,
        "checked": _checked(page, properties["checked_on"]),
        "sheet": f"{page.context.state.link(own)}?f=pdf&lang={page.language}",
        "parts": [
            {"name": part["name"] or part["code"], "href": page.link(path_of(row["park_code"], part["code"])),
             "about": f"{cell(page, part, 'area_m2')} m² · {cell(page, part, 'availability')}"}
            for part in facts.surroundings.parts
        ],
        "groups": list(groups(page, facts)),
        "unknown": [fact_label(page, field.name) for field in _fields(facts) if facts.facts.get(field.name) is None],
        "recorded": f"{datetime.fromisoformat(properties['recorded_at']).astimezone(SHANGHAI):%Y-%m-%d}",
        "source": properties["source"],
        "data": page.context.state.link(f"/api/v1/assets/{facts.feature['id']}"),
    }  # fmt: skip


def _is_picture(file: Mapping[str, Any]) -> bool:
    return file["kind"] == AttachmentKind.photo and file["width_px"] is not None


def _content(page: PageRequest, file: Mapping[str, Any]) -> str:
    return page.context.state.link(f"/api/v1/attachments/{file['id']}/content")


def _photo(page: PageRequest, file: Mapping[str, Any]) -> dict[str, str]:
    title = file["title"] or words_of(AttachmentKind, page.language)[file["kind"]]
    return {"title": title, **{size: f"{_content(page, file)}?size={size}" for size in ("medium", "large")}}


def _file(page: PageRequest, file: Mapping[str, Any]) -> dict[str, str]:
    kind = words_of(AttachmentKind, page.language)[file["kind"]]
    about = f"{heading(kind)} · {file['size_bytes'] / 1e6:.1f} MB"
    return {"title": file["title"] or file["file_name"], "href": _content(page, file), "about": about}


def _checked(page: PageRequest, day: str | None) -> str | None:
    """When the listing was checked last, and how many days ago that is."""
    if day is None:
        return None
    days = (page.context.today - date.fromisoformat(day)).days
    return page.texts["checked"].format(day=day, days=days)


def cell(page: PageRequest, row: Mapping[str, Any], name: str) -> str:
    """A value of a row of units, as people read it."""
    value = float(row[name]) if isinstance(row[name], Decimal) else row[name]
    return shown_value(ASSET[name], value, page.language, page.texts)


def park_name(page: PageRequest, row: Mapping[str, Any]) -> str:
    return str(row["name_zh"] if page.language == "zh" else row["name_en"] or row["name_zh"])


def fact_label(page: PageRequest, name: str) -> str:
    """What people call a fact of a unit, where it stands alone."""
    own = tables("pages", page.language)["figure"].get(name)
    return own or heading(field_label("asset", name, page.language))


def _value(page: PageRequest, facts: UnitFacts, field: Field) -> str:
    value = facts.facts.get(field.name)
    precision = facts.properties.get(f"{field.name}_precision")
    if field.type == "day" and value is not None:
        return str(value)[: _PRECISION.get(str(precision), 10)]
    return shown_value(field, value, page.language, page.texts)


def _unit(page: PageRequest, facts: UnitFacts, field: Field) -> str:
    if field.name == "stated_area" and facts.properties["stated_area_unit"] is not None:
        return label("unit", facts.properties["stated_area_unit"], page.language)
    return label("unit", field.unit, page.language) if field.unit else ""


def figure(page: PageRequest, facts: UnitFacts, field: Field) -> dict[str, Any]:
    is_unknown = facts.facts.get(field.name) is None
    label_, value = fact_label(page, field.name), _value(page, facts, field)
    return {"label": label_, "value": value, "unit": _unit(page, facts, field), "is_unknown": is_unknown,
            "is_invented": not is_unknown and facts.is_invented(field)}  # fmt: skip


def _fields(facts: UnitFacts) -> Iterator[Field]:
    """The fields that such a unit has and a page shows."""
    kind, level = facts.properties["kind"], facts.properties["level"]
    for name, field in ASSET.items():
        is_of_it = kind in field.kinds and level in field.levels
        if is_of_it and field.reader == "public" and field.type not in ("id", "ids", "outline") and (
            name not in ASIDE and not name.endswith("_precision")):  # fmt: skip
            yield field


def groups(page: PageRequest, facts: UnitFacts) -> Iterator[dict[str, Any]]:
    """What is known, by what it is about."""
    left = {field.name: field for field in _fields(facts) if facts.facts.get(field.name) is not None}
    headings = tables("pages", page.language)["group"]
    for group, names in (*GROUPS.items(), ("other", tuple(left))):
        fields = [left.pop(name) for name in names if name in left]
        if fields:
            yield {"heading": headings[group], "facts": [figure(page, facts, field) for field in fields]}


def _area_note(page: PageRequest, facts: UnitFacts) -> str | None:
    """The stated area beside the drawn one."""
    stated, drawn = facts.properties["area_m2"], facts.properties["measured_area_m2"]
    is_one_storey = facts.properties["level"] in FLOORS or facts.properties["storeys"] == 1
    if not stated or not drawn or (facts.properties["kind"] == Kind.factory and not is_one_storey):
        return None  # all floors of a building together are no outline
    difference = round(100 * (drawn - stated) / stated, 2) + 0.0  # no minus before nothing
    return page.texts["area_stated_drawn"].format(
        stated=f"{stated:,.2f} m²", drawn=f"{drawn:,.2f} m²", difference=f"{difference:.2f}"
    )


def plan_of(page: PageRequest, facts: UnitFacts) -> str | None:
    """Where the unit lies, as SVG; None: nobody has said."""
    place = facts.feature["geometry"]
    if place is None:
        return None
    title = page.texts["plan_title"].format(name=facts.name)
    return plan.plan_svg(place, facts.row["boundary"], facts.surroundings.neighbours, title, page.texts["metres"])


def _months(page: PageRequest, facts: UnitFacts) -> list[dict[str, Any]]:
    today = page.context.today
    leaves = [
        UsedLeaf(known_from(leaf.leaf_id, leaf.idle_since, leaf.during), leaf.during)
        for leaf in facts.surroundings.uses
    ]
    return [
        {"name": f"{month:%Y-%m}", "use": use.value, "words": page.texts[f"use_{use}"],
         "is_now": month == date(today.year, today.month, 1)}
        for month, use in use_by_month(leaves, today)
    ]  # fmt: skip


def _months_in_words(page: PageRequest, months: Sequence[Mapping[str, Any]]) -> str:
    if not months:
        return ""
    counted = {use.value: sum(month["use"] == use for month in months) for use in MonthUse}
    return page.texts["months_in_words"].format(first=months[0]["name"], last=months[-1]["name"], **counted)


def _og(page: PageRequest, facts: UnitFacts) -> list[tuple[str, str]]:
    """What a program shows of a link to the page."""
    own = page.address(path_of(facts.row["park_code"], facts.properties["code"]))
    figures = [figure(page, facts, ASSET[name]) for name in KEY[facts.properties["kind"]]]
    known = [f"{figure['label']} {figure['value']} {figure['unit']}".strip() for figure in figures
             if not figure["is_unknown"]]  # fmt: skip
    return [("type", "website"), ("title", f"{facts.name} · {park_name(page, facts.row)}"), ("url", own),
            ("description", " · ".join(known)), ("image", f"{own}?f=png")]  # fmt: skip
