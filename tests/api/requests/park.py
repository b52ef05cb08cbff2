"""Parks and zones."""

from __future__ import annotations

from tests.api.district import District, SampleRequest
from tests.api.requests.sample import feature, request
from tests.api.story import box


@request
async def list_parks(_: District) -> SampleRequest:
    return SampleRequest("list_parks", {"limit": 1})


@request
async def parks_geojson(_: District) -> SampleRequest:
    return SampleRequest("parks_geojson", {"fields": "code,name_zh,park_code", "titles": "en"})


@request
async def parks_csv(_: District) -> SampleRequest:
    return SampleRequest("parks_csv", {"wkt": "true"})


@request
async def read_park(district: District) -> SampleRequest:
    return SampleRequest("read_park", {"park_id": district.park["id"]})


@request
async def add_park(district: District) -> SampleRequest:
    facts = {"code": district.code("park"), "name_zh": "示例产业园", "name_en": "Example Industrial Park"}
    facts |= {"leading_industries": ["3752"], "negative_list": ["25"], "is_chemical_park": False}
    return SampleRequest("add_park", body=feature(box(district.park, -80), facts))


@request
async def add_zone(district: District) -> SampleRequest:
    facts = {"code": district.code("zone"), "name_zh": "摩托车零部件园", "leading_industries": ["3752"]}
    return SampleRequest("add_zone", {"park_id": district.park["id"]}, feature(box(district.park, 0), facts))


@request
async def amend_park(district: District) -> SampleRequest:
    park_id = (await district.done(await add_park(district)))["id"]
    changes = {"properties": {"leading_industries": ["3752", "3670"], "name_en": None}}
    return SampleRequest("amend_park", await district.seen("read_park", park_id=park_id), changes)


@request
async def park_history(district: District) -> SampleRequest:
    changed = await amend_park(district)
    await district.done(changed)
    return SampleRequest("park_history", {"park_id": changed.parameters["park_id"]})
