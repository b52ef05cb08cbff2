"""A request of every operation that is answered as it should be: the examples of the description are made of them, and
the bad inputs start from them.

A module a noun, one function an operation; each makes what it needs anew, so that it can be asked any number of times.
"""

from __future__ import annotations

from tests.api.requests import (
    account,
    asset,
    attachment,
    demand,
    enquiry,
    feed,
    firm,
    imports,
    outcome,
    park,
    public_contact,
    ranking,
    reference,
    report,
    service,
    service_request,
    sign_up,
    statistics,
    supervision,
    tenancy,
)
from tests.api.requests.sample import BY_MODULE, Make

#: The nouns in the order a district works in.
NOUNS = (
    service,
    account,
    reference,
    park,
    asset,
    public_contact,
    imports,
    firm,
    demand,
    ranking,
    outcome,
    supervision,
    tenancy,
    statistics,
    service_request,
    enquiry,
    sign_up,
    report,
    feed,
    attachment,
)
#: Operation → what makes a request of it.
REQUESTS: dict[str, Make] = {name: make for noun in NOUNS for name, make in BY_MODULE[noun.__name__].items()}
#: More requests of some operations, by a name of their own.
ALSO: dict[str, Make] = {
    **outcome.ALSO,
    "change_assets_by_filter": asset.change_assets_by_filter,
    "add_assets": asset.add_assets,
    "check_assets": asset.check_assets,
    "change_assets_by_row": asset.change_assets_by_row,
}
__all__ = ["ALSO", "REQUESTS"]
