"""The model by its definition: one unit, one way at a time, in plain Python; shares no code with `matching`."""

from __future__ import annotations

import json
import math
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise, product
from pathlib import Path
from typing import Any

from domain.words import Mortgage
from domain.words import Path as Way

Unit = dict[str, Any]
PATH_ORDER = [str(path) for path in Way]
ORDER = ["fit", "fit_after_works", "to_confirm", "no_fit"]
CRITERIA = ["size", "industry", "height", "load", "power", "cost", "timing"]
CRITERIA += ["location", "equipment", "condition", "expansion", "policy"]
VERSIONS = {"R1": "matching_2.json", "R2": "matching_4.json"}
DATA = {
    version: json.loads((Path(__file__).parents[2] / "fixtures/reference" / name).read_text(encoding="utf-8"))
    for version, name in VERSIONS.items()
}
LEASES = {"lease", "sublease", "part_use", "temporary_use"}
CRF = 0.076876144324
#: Deed tax and stamp duty, in R2 on paths that move title.
TAXES = {"sale": 0.03 + 0.0005, "equity_swap": 0.03 + 0.0005}


class Judge:
    """One demand held against units of one kind."""

    def __init__(
        self, need: dict[str, Any], kind: str, parks: dict[str, Any], related: Any, day: date, version: str = "R1"
    ) -> None:
        self.need, self.kind, self.parks, self.related, self.day = need, kind, parks, related, day
        self.data, self.is_second = DATA[version], version == "R2"
        self.bought = {"sale", "built_to_suit"} if self.is_second else {"sale"}
        prefix = {"land": "land_area_m2", "factory": "floor_area_m2"}[kind]
        self.least, self.most = need.get(f"{prefix}_min"), need.get(f"{prefix}_max")
        self.preferred = need.get(f"{prefix}_pref")
        if self.preferred is None and self.least is not None:
            self.preferred = (self.least * Decimal("1.1")).quantize(Decimal("0.01"))
        elif self.preferred is None and self.most is not None:
            self.preferred = (self.most / Decimal("1.1")).quantize(Decimal("0.01"))
        self.paths = need.get("accepted_paths") or PATH_ORDER
        self.last_day = None
        if need.get("need_on") is not None:
            self.last_day = need["need_on"] + timedelta(need.get("timing_tolerance_days", 60))
        self.weights = self.weigh()

    def bare(self) -> bool:
        return self.kind == "land"

    def weigh(self) -> dict[str, float]:
        need = self.need
        mentioned = {
            "size": self.preferred is not None,
            "industry": True,
            "height": not self.bare() and need.get("clear_height_m_min") is not None,
            "load": not self.bare() and need.get("floor_load_kn_m2_min") is not None,
            "power": need.get("power_kva_min") is not None,
            "cost": any(self.reference(path) is not None for path in self.paths),
            "timing": self.last_day is not None,
            "location": bool(need.get("places")),
            "equipment": not self.bare() and bool(need.get("equipment")),
            "condition": self.is_second or not self.bare(),
            "expansion": need.get("expansion_m2") is not None,
            "policy": bool(need.get("policies")),
        }
        values = need.get("importances") or self.template()
        squares = {c: values.get(c, 0) ** 2 for c in CRITERIA if mentioned[c] and values.get(c, 0)}
        return {c: square / sum(squares.values()) for c, square in squares.items()}

    def template(self) -> dict[str, float]:
        templates = self.data["templates"]
        if self.need.get("template"):
            return dict(templates[self.need["template"]]["importances"])
        main = (self.need.get("product_codes") or [""])[0]
        fits = [
            (len(code), name)
            for name, template in templates.items()
            for code in template["codes"]
            if main.startswith(code)
        ]
        return dict(templates[max(fits)[1] if fits else "general"]["importances"])

    def reference(self, path: str) -> float | None:
        need = self.need
        if need.get("yearly_cost_yuan_max") is not None:
            return float(need["yearly_cost_yuan_max"])
        if path in LEASES and need.get("rent_yuan_m2_month_max") is not None and self.preferred is not None:
            return float(12 * need["rent_yuan_m2_month_max"] * self.preferred)
        priced = {*self.bought, "equity_swap"} if self.is_second else self.bought
        if path in priced and need.get("price_yuan_m2_max") is not None and self.preferred is not None:
            return float(need["price_yuan_m2_max"] * self.preferred) * CRF * (1 + self.tax(path))
        return None

    def tax(self, path: str) -> float:
        return TAXES.get(path, 0.0) if self.is_second else 0.0

    def parts(self, unit: Unit) -> list[tuple[Decimal | None, str, set[str]]]:
        """(area taken, verdict of H2, what is unknown) for every size the unit can be had in."""
        area = next(
            (unit[n] for n in ("available_area_m2", "area_m2", "measured_area_m2") if unit[n] is not None), None
        )
        bounded = self.least is not None or self.most is not None
        if area is None:
            return [(None, "unknown" if bounded else "na", {"available_area_m2"} if bounded else set())]
        options = []
        whole = (self.least or 0) <= area and (self.most is None or area <= self.most)
        if whole:
            options.append((area, "pass" if bounded else "na", set[str]()))
        if self.preferred is not None and unit["is_divisible"] is not False:
            lot = unit["min_divisible_m2"]
            most = min(x for x in (self.most, area - (lot or 0)) if x is not None)
            if most > 0 and most >= (self.least or 0):
                size = min(max(self.preferred, self.least or 0), most)
                certain = unit["is_divisible"] is True and lot is not None
                if certain:
                    options.append((size, "pass" if bounded else "na", set()))
                else:
                    lacking = "is_divisible" if unit["is_divisible"] is None else "min_divisible_m2"
                    is_open = bounded or self.is_second  # before, a part without a bound passed in silence
                    options.append((size, "unknown" if is_open else "na", {lacking}))
        return options or [(area, "fail", set())]

    def height(self, unit: Unit) -> tuple[str, set[str]]:
        least, at = self.need.get("clear_height_m_min"), self.need.get("clear_height_at")
        height, point = unit["clear_height_m"], unit["clear_height_at"]
        if least is None or self.bare():
            return "na", set()
        if height is None:
            return "unknown", {"clear_height_m"}
        if at is None or at == point:
            return ("pass" if height >= least else "fail"), set()
        if at == "under_beam" and height >= least:
            return "pass", set()
        if at == "under_hook" and height < least:
            return "fail", set()
        return "unknown", {"clear_height_at"}

    def at_least(self, unit: Unit, column: str, bound: str) -> tuple[str, set[str]]:
        least = self.need.get(bound)
        if least is None or (self.bare() and column == "floor_load_kn_m2"):
            return "na", set()
        if unit[column] is None:
            return "unknown", {column}
        return ("pass" if unit[column] >= least else "fail"), set()

    def hazard(self, unit: Unit) -> tuple[str, set[str]]:
        if self.need.get("fire_hazard_class") is None or self.bare():
            return "na", set()
        if unit["fire_hazard_class"] is None:
            return "unknown", {"fire_hazard_class"}
        return ("pass" if self.need["fire_hazard_class"] >= unit["fire_hazard_class"] else "fail"), set()

    def entry(self, unit: Unit) -> tuple[str, set[str]]:
        verdicts = [self.entry_code(unit, code) for code in self.need.get("product_codes", ())]
        facts = self.parks.get(unit["park_id"]) or {}
        if self.need.get("needs_chemical_park"):
            is_chemical = facts.get("is_chemical_park")
            word = "unknown" if is_chemical is None else "pass" if is_chemical else "fail"
            verdicts.append((word, {"is_chemical_park"} if is_chemical is None else set()))
        worst = max((["na", "pass", "unknown", "fail"].index(v) for v, _ in verdicts), default=0)
        return ["na", "pass", "unknown", "fail"][worst], set().union(*(lacking for _, lacking in verdicts))

    def entry_code(self, unit: Unit, code: str) -> tuple[str, set[str]]:
        facts = self.parks.get(unit["park_id"]) or {}
        banned, allowed, forbidden = (
            facts.get("negative_list"),
            unit["allowed_industries"],
            unit["forbidden_industries"],
        )
        if any(code.startswith(prefix) for prefix in banned or ()):
            return "fail", set()
        yes = max((len(p) for p in allowed if code.startswith(p)), default=0)
        no = max((len(p) for p in forbidden if code.startswith(p)), default=0)
        forbids = (no > 0 and no >= yes) or (bool(allowed) and not yes)
        narrower = allowed if forbids else forbidden
        lacking = set()
        if any(p.startswith(code) and p != code for p in narrower):
            lacking.add("product_codes")
        elif forbids:
            return "fail", set()
        if banned is None:
            lacking.add("negative_list")
        elif any(p.startswith(code) and p != code for p in banned):
            lacking.add("product_codes")
        return ("unknown" if lacking else "pass"), lacking

    def title(self, unit: Unit, path: str) -> tuple[str, set[str]]:
        if path not in ("sale", "equity_swap"):
            return "na", set()
        if unit["is_seized"]:
            return "fail", set()
        clear = unit["mortgage"] in (Mortgage.none, Mortgage.released, Mortgage.consented)
        if self.is_second and path == "equity_swap":
            clear = unit["mortgage"] in (Mortgage.none, Mortgage.released)
        if unit["title_is_registered"] is True and clear and unit["is_seized"] is False:
            return "pass", set()
        return "unknown", {"title"}

    def yearly(self, unit: Unit, path: str, taken: Decimal | None, retrofit: Decimal) -> tuple[float, set[str]]:
        """What is known of the yearly cost, and what is not."""
        lacking, cost = set(), float(retrofit) / 10
        column = self.paid_by(path)
        if column is None:
            return cost, {"yearly_cost_yuan"}
        if unit[column] is None:
            lacking.add(column)
        figure = unit[column] or 0
        if path == "equity_swap":
            return cost + float(figure) * (0.08 + self.tax(path) * CRF), lacking
        fee = unit["property_fee_yuan_m2_month"]
        if fee is None and not self.bare():
            lacking.add("property_fee_yuan_m2_month")
        if taken is None:
            lacking.add("available_area_m2")
        area = taken or 0
        base = float(12 * figure * area) if path in LEASES else float(figure * area) * CRF * (1 + self.tax(path))
        return cost + base + float(12 * (fee or 0) * area), lacking

    def paid_by(self, path: str) -> str | None:
        if path in LEASES:
            return "rent_yuan_m2_month"
        return "price_yuan_m2" if path in self.bought else "contribution_yuan" if path == "equity_swap" else None

    def budget(self, unit: Unit, path: str, cost: float, lacking: set[str]) -> tuple[str, set[str]]:
        need = self.need
        verdicts: list[tuple[str, set[str]]] = []
        column = None if path == "equity_swap" else self.paid_by(path)
        bound = need.get(f"{column}_max")
        if column is not None and bound is not None:
            query = unit[column]
            word = "unknown" if query is None else "pass" if query <= bound else "fail"
            verdicts.append((word, {column} if query is None else set()))
        most = need.get("yearly_cost_yuan_max")
        if most is not None:
            word = "fail" if cost > most else "unknown" if lacking else "pass"
            verdicts.append((word, lacking if word == "unknown" else set()))
        if any(word == "fail" for word, _ in verdicts):
            return "fail", set()
        unknown = set().union(*(names for word, names in verdicts if word == "unknown"))
        return ("unknown" if unknown else "pass" if verdicts else "na"), unknown

    def effluent(self, unit: Unit) -> tuple[str, set[str]]:
        kinds, least = set(self.need.get("effluent_types") or ()), self.need.get("effluent_t_d_min")
        if not kinds and least is None:
            return "na", set()
        allowed, free = unit["effluent_types"], unit["effluent_free_t_d"]
        if (allowed is not None and kinds - set(allowed)) or (free is not None and not self.enough(free)):
            return "fail", set()
        lacking = {"effluent_free_t_d"} if free is None else set()
        if kinds and allowed is None:
            lacking.add("effluent_types")
        return ("unknown" if lacking else "pass"), lacking

    def enough(self, free: Decimal) -> bool:
        least = self.need.get("effluent_t_d_min")
        return free > 0 if least is None else free >= least

    def location(self, unit: Unit) -> tuple[str, set[str]]:
        area = self.need.get("within")
        places = self.need.get("places") or ()
        around = [place for place in places if place.get("radius_m") is not None and place.get("is_required", True)]
        if area is None and not around:
            return "na", set()
        if unit["lon"] is None or unit["lat"] is None:
            return "unknown", {"position"}
        inside = area is not None and lies_inside(area, unit["lon"], unit["lat"])
        near = any(apart_m(unit, place) <= place["radius_m"] for place in around)
        return ("pass" if inside or near else "fail"), set()

    def cures(self, unit: Unit, rule: str) -> list[tuple[Decimal, dict[str, Any]]]:
        result = []
        if rule == "H8":
            for entry in unit["works"] or ():
                kinds = {*(unit["effluent_types"] or ()), *entry.get("effluent_types", ())}
                fits = set(self.need.get("effluent_types") or ()) <= kinds and self.enough(entry["up_to"] or Decimal(0))
                if entry["rule"] == "H8" and entry.get("payer") and fits:
                    result.append((entry["up_to"], entry))
            return result
        least = self.need["floor_load_kn_m2_min" if rule == "H4" else "power_kva_min"]
        for entry in unit["works"] or ():
            limits = [entry["up_to"]]
            if rule == "H5":
                limits.append(unit["expandable_kva"])
            known = [limit for limit in limits if limit is not None]
            if entry["rule"] == rule and entry.get("payer") and known and min(known) >= least:
                result.append((min(known), entry))
        return result

    def offered(self, unit: Unit) -> list[str]:
        return [p for p in PATH_ORDER if p in self.paths and (not unit["allowed_paths"] or p in unit["allowed_paths"])]

    def fixed(self, unit: Unit) -> dict[str, tuple[str, set[str]]]:
        rules = {
            "H3": self.height(unit),
            "H4": self.at_least(unit, "floor_load_kn_m2", "floor_load_kn_m2_min"),
            "H5": self.at_least(unit, "power_kva", "power_kva_min"),
            "H6": self.hazard(unit),
            "H7": self.entry(unit),
            "H8": self.effluent(unit),
            "H13": self.location(unit),
        }
        if not unit["allowed_paths"]:
            rules["H9"] = ("unknown", {"allowed_paths"})
        else:
            rules["H9"] = ("pass" if self.offered(unit) else "fail", set())
        return rules

    def timing(self, unit: Unit, days: int) -> tuple[str, set[str], date | None]:
        free = unit["available_from"]
        if free is not None and days:
            free = max(free, self.day)
        free = None if free is None else free + timedelta(days)
        if self.last_day is None:
            return "na", set(), free
        if free is None:
            return "unknown", {"available_from"}, None
        return ("pass" if free <= self.last_day else "fail"), set(), free

    def judge(self, unit: Unit) -> dict[str, Any]:
        """The unit by its best way, or what puts it out as it stands."""
        fixed = self.fixed(unit)
        cured = {r: self.cures(unit, r) if fixed[r][0] == "fail" else [None] for r in ("H4", "H5", "H8")}
        options = product(self.parts(unit), self.offered(unit), cured["H4"], cured["H5"], cured["H8"])
        judged = [self.way(unit, fixed, *option) for option in options]
        best = min(judged, key=lambda way: way["key"], default=None)
        if best is None or best["status"] == "no_fit":
            return {"id": unit["id"], "status": "no_fit", "out_by": self.out_by(unit, fixed)}
        return best

    def out_by(self, unit: Unit, fixed: dict[str, tuple[str, set[str]]]) -> set[str]:
        failed = {rule for rule, (word, _) in fixed.items() if word == "fail"}
        parts = self.parts(unit)
        if all(word == "fail" for _, word, _ in parts):
            failed.add("H2")
        if self.timing(unit, 0)[0] == "fail":
            failed.add("H11")
        least = min((taken for taken, _, _ in parts), key=lambda taken: taken or 0)
        by_path = []
        for path in self.offered(unit):
            cost, lacking = self.yearly(unit, path, least, Decimal(0))
            verdicts = {"H10": self.budget(unit, path, cost, lacking)[0], "H12": self.title(unit, path)[0]}
            by_path.append({rule for rule, word in verdicts.items() if word == "fail"})
        return failed | min(by_path, key=lambda rules: (len(rules), sorted(rules)), default=set())

    def way(
        self, unit: Unit, fixed: Any, part: Any, path: str, load: Any, power: Any, drain: Any = None
    ) -> dict[str, Any]:
        taken, h2, lacking = part
        lacking = set(lacking)
        retrofit = [entry for _, entry in (x for x in (load, power, drain) if x is not None)]
        cost, cost_lacking = self.yearly(unit, path, taken, sum((w["cost_yuan"] for w in retrofit), Decimal(0)))
        budget, title = self.budget(unit, path, cost, cost_lacking), self.title(unit, path)
        days = sum(w["days"] for w in retrofit)
        timing, timing_lacking, free = self.timing(unit, days)
        words = [h2, timing, budget[0], title[0]]
        for rule, (word, names) in fixed.items():
            is_cured = {"H4": load, "H5": power, "H8": drain}.get(rule) is not None
            words.append("pass" if is_cured else word)
            lacking |= names
        lacking |= budget[1] | title[1] | timing_lacking
        carried = self.need["floor_load_kn_m2_min"] if load else unit["floor_load_kn_m2"]
        free_power = self.need["power_kva_min"] if power else unit["power_kva"]
        values = self.values(unit, fixed, taken, carried, free_power, path, (cost, cost_lacking), free)
        for criterion in self.weights:
            lacking |= self.unsaid(unit, criterion)
        if "size" in self.weights and taken is None:
            lacking.add("available_area_m2")
        if "cost" in self.weights:
            lacking |= cost_lacking
        root = 0.0
        for criterion, weight in self.weights.items():
            d = values[criterion]
            root += weight * math.sqrt(0.3 if d is None else d)
        status = "fit_after_works" if retrofit else "fit"
        status = "to_confirm" if "unknown" in words else status
        status = "no_fit" if "fail" in words else status
        score = round(root * root * 1e9)
        yearly = math.inf if cost_lacking else cost
        idle = unit["idle_since"] or date.max
        tie = (PATH_ORDER.index(path), taken or 0)
        return {
            "id": unit["id"],
            "status": status,
            "score": score,
            "path": path,
            "taken": taken,
            "unknown": lacking,
            "yearly": yearly,
            "order": (-score, len(lacking), yearly, idle, unit["id"]),
            "key": (ORDER.index(status), -score, len(lacking), yearly, *tie),
        }

    def values(
        self, unit: Unit, fixed: Any, taken: Any, carried: Any, power: Any, path: str, cost: Any, free: date | None
    ) -> dict[str, float | None]:
        need, values = self.need, dict[str, float | None]()
        for criterion in self.weights:
            d: float | None = None
            if criterion == "size" and taken is not None:
                d = size_value(float(taken / self.preferred), float((self.least or 0) / self.preferred), self.bare())
            if criterion == "industry":
                d = self.industry(unit)
            if criterion in ("location", "equipment", "condition", "expansion", "policy"):
                d = getattr(self, criterion + "_value")(unit)
            if criterion == "height" and fixed["H3"][0] == "pass":
                least = float(need["clear_height_m_min"])
                d = 0.5 + 0.5 * rise(float(unit["clear_height_m"]), least, least + 1)
            if criterion == "load" and carried is not None:
                least = float(need["floor_load_kn_m2_min"])
                d = 0.5 + 0.5 * rise(float(carried), least, 1.2 * least)
            if criterion == "power" and power is not None:
                least = float(need["power_kva_min"])
                d = rise(
                    float(power),
                    0.0 if self.is_second else least,
                    float(need.get("power_kva_pref") or round(least * 16) / 10),
                )
            if criterion == "cost" and self.reference(path) is not None:
                d = 1 - rise(cost[0] / (self.reference(path) or 1), 0.7, 1.15 if self.is_second else 1)
                d = min(0.3, d) if cost[1] else d
            if criterion == "timing" and free is not None:
                d = 1 - rise((free - need["need_on"]).days, 0, 90)
            values[criterion] = d
        return values

    def near(self, industry: str) -> float:
        codes = self.need["product_codes"]
        return max((1.0 if place == 0 else 0.9) * self.related(code, industry) for place, code in enumerate(codes))

    def industry(self, unit: Unit) -> float:
        facts = self.parks.get(unit["park_id"]) or {}
        lead = density = anchor = 0.3
        if self.need.get("product_codes"):
            if facts.get("leading_industries"):
                lead = max(self.near(industry) for industry in facts["leading_industries"])
            if facts.get("tenants") is not None:
                x = math.fsum(r for r in map(self.near, facts["tenants"]) if r >= 0.6)
                density = x / (x + 3)
            if facts.get("anchors") is not None:
                near = [self.near(code) / (1 + (s / 15_000) ** 2) for code, s in facts["anchors"] if s <= 30_000]
                anchor = max(near, default=0.0)
        if self.is_second and (facts.get("anchors") is None or not self.need.get("product_codes")):
            return (0.4 * lead + 0.4 * density) / 0.8
        return 0.4 * lead + 0.4 * density + 0.2 * anchor

    def unsaid(self, unit: Unit, criterion: str) -> set[str]:
        facts = self.parks.get(unit["park_id"]) or {}
        if criterion == "industry":
            if not self.need.get("product_codes"):
                return {"product_codes"}
            return {n for n in ("leading_industries", "tenants", "anchors") if not facts.get(n) and facts.get(n) != []}
        if criterion == "location":
            return {"position"} if unit["lon"] is None or unit["lat"] is None else set()
        if criterion == "equipment":
            amounts = [self.amount(unit, preference["item"]) for preference in self.need["equipment"]]
            return {"equipment"} if None in amounts else set()
        if criterion == "condition":
            other = unit.get("connections") if self.bare() else unit["built_year"]
            return {"condition"} if unit["condition_grade"] is None and other is None else set()
        if criterion == "expansion":
            return {"adjacent_m2"} if unit["adjacent_m2"] is None else set()
        if criterion == "policy":
            return {"policies"} if facts.get("policies") is None else set()
        return set()

    def location_value(self, unit: Unit) -> float | None:
        if unit["lon"] is None or unit["lat"] is None:
            return None
        places = self.need["places"]
        near = [(1 + (apart_m(unit, p) / p.get("radius_m", 30_000)) ** 2) ** -2 * p.get("weight", 1) for p in places]
        return math.fsum(near) / math.fsum(p.get("weight", 1) for p in places)

    def amount(self, unit: Unit, item: str) -> float | None:
        result = unit[item] if item in ("crane_t", "span_m") else unit["fittings"].get(item)
        return None if result is None else float(result)

    def equipment_value(self, unit: Unit) -> float:
        total = 0.0
        for preference in self.need["equipment"]:
            amount = self.amount(unit, preference["item"])
            share = 0.3 if amount is None else min(1.0, amount / preference.get("at_least", 1))
            total += preference.get("weight", 1) * share
        return float(total / math.fsum(preference.get("weight", 1) for preference in self.need["equipment"]))

    def condition_value(self, unit: Unit) -> float | None:
        if self.bare() and unit.get("connections") is not None:
            there = len(set(unit["connections"]))
            return there / 7 if unit["is_levelled"] is None else (there + unit["is_levelled"]) / 8
        if unit["condition_grade"] is not None:
            return float(unit["condition_grade"] / 5)
        if unit["built_year"] is None or self.bare():
            return None
        return float(max(0.0, 0.7 - 0.01 * max(0, self.day.year - unit["built_year"])))

    def expansion_value(self, unit: Unit) -> float | None:
        if unit["adjacent_m2"] is None:
            return None
        share = float(unit["adjacent_m2"] / self.need["expansion_m2"])
        return 1.0 if share >= 1 else 0.3 + 0.7 * share

    def policy_value(self, unit: Unit) -> float | None:
        answer = (self.parks.get(unit["park_id"]) or {}).get("policies")
        wished = self.need["policies"]
        return None if answer is None else len(set(wished) & set(answer)) / len(wished)


def lies_inside(area: dict[str, Any], lon: float, lat: float) -> bool:
    """Even-odd over every ring, in fractions; the edge itself is inside."""
    x, y = Fraction(str(lon)), Fraction(str(lat))
    odd = False
    for ring in area["coordinates"]:
        corners = [(Fraction(str(a)), Fraction(str(b))) for a, b in ring]
        for (x1, y1), (x2, y2) in pairwise(corners):
            turned = (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)
            if turned == 0 and min(x1, x2) <= x <= max(x1, x2) and min(y1, y2) <= y <= max(y1, y2):
                return True
            if (y1 > y) != (y2 > y) and x < x1 + (y - y1) / (y2 - y1) * (x2 - x1):
                odd = not odd
    return odd


def apart_m(unit: Unit, place: dict[str, Any]) -> float:
    first, other = (sphere(float(p["lon"]), float(p["lat"])) for p in (unit, place))
    return math.dist(first, other) * 6371008.8


def sphere(lon: float, lat: float) -> list[float]:
    east, north = lon * math.pi / 180, lat * math.pi / 180
    return [
        round(part, 9) for part in (math.cos(north) * math.cos(east), math.cos(north) * math.sin(east), math.sin(north))
    ]


def rise(x: float, low: float, top: float) -> float:
    return (1.0 if x >= top else 0.0) if top <= low else min(max((x - low) / (top - low), 0.0), 1.0)


def size_value(x: float, low: float, bare: bool) -> float:
    if x < 1:
        return max(0.3, rise(x, low, 1.0))
    return 1 - rise(x, 1.05, 1.5 if bare else 1.8)
