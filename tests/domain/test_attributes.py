"""The six indicators of standard land (标准地) in Chongqing, each a field of its own."""

from __future__ import annotations

import pytest

from domain.attributes import ASSET_ATTRIBUTES, attribute_faults
from texts.lookup import tables

#: Indicator → its field, unit and the most that can be meant.
SIX = {
    "容积率": ("far_min", "", 50),
    "建筑系数": ("building_coefficient_min", "%", 100),
    "服务设施占比": ("service_share_max", "%", 100),
    "固定资产投资强度": ("invest_intensity_wan_mu", "wan_yuan/mu", 100_000),
    "土地产出率": ("output_wan_mu", "wan_yuan/mu", 100_000),
    "土地税收": ("tax_wan_mu", "wan_yuan/mu", 100_000),
}


@pytest.mark.parametrize("label", SIX)
def test_each_indicator_of_standard_land_has_its_field(label: str) -> None:
    name, unit, most = SIX[label]

    assert tables("fields", "zh")["asset"][name].startswith(label) and ASSET_ATTRIBUTES[name].unit == unit
    assert attribute_faults({name: most}, ASSET_ATTRIBUTES, "attributes") == []
    (fault,) = attribute_faults({name: most * 1.01}, ASSET_ATTRIBUTES, "attributes")
    assert (fault.code, fault.field) == ("out_of_range", f"attributes.{name}")


def test_building_density_is_another_thing() -> None:
    assert tables("fields", "zh")["asset"]["density_max"] == "建筑密度"
    assert "density_max" not in {name for name, _, _ in SIX.values()}
