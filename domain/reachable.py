"""How somebody can be reached: by telephone or by mail, at least by one of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain import mail, telephone
from domain.errors import Fault


def reach_faults(facts: Mapping[str, Any], path: str = "", *, needs_one: bool = True) -> list[Fault]:
    """Every fault of `phone` and `mail` among these facts, each at `path` and its name; where neither is, that too."""
    checked = (("phone", telephone.fault), ("mail", mail.fault))
    stated = [(name, fault_of(facts[name])) for name, fault_of in checked if facts.get(name) is not None]
    if not stated and needs_one:
        return [Fault("phone_or_mail", f"{path}phone")]
    return [Fault(fault.code, f"{path}{name}", fault.params) for name, fault in stated if fault is not None]


def kept_reach(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The same facts, the telephone number as it is kept; they have no fault."""
    phone = facts.get("phone")
    return {**facts, "phone": None if phone is None else telephone.normalise(phone)}
