"""What the driver raises, and the refusal it means. Driver text never goes further up."""

from __future__ import annotations

import asyncpg

from domain.errors import Conflict, Forbidden, Invalid, NotFound, Refusal, Unavailable

#: Losing the database raises six types, four of them no PostgresError.
DRIVER_FAULTS = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)

#: Constraint → refusal. One that is not here is a body fault named after the constraint.
BY_CONSTRAINT: dict[str, tuple[type[Refusal], str, str]] = {
    "no_double_letting": (Conflict, "already_taken", "asset_ids"),
    "claims_lie_on_leaves": (Conflict, "unit_has_parts", "asset_ids"),
    "no_part_under_a_leaf": (Conflict, "parent_is_a_leaf", "properties.parent_id"),
    "asset_code_taken": (Conflict, "taken", "properties.code"),
    "batch_undone_once": (Conflict, "undone_already", ""),
    "separated_once": (Conflict, "already_separate", "other_id"),
    "park_code_taken": (Conflict, "taken", "properties.code"),
    "park_code_form": (Invalid, "code_form", "properties.code"),
    "zone_code_taken": (Conflict, "taken", "properties.code"),
    "zone_code_form": (Invalid, "code_form", "properties.code"),
    "credit_code_taken": (Conflict, "taken", "credit_code"),
    "login_taken": (Conflict, "taken", "login"),
    "asset_zone": (Invalid, "unknown_reference", "properties.zone_id"),
    "asset_plot": (Invalid, "unknown_reference", "properties.plot_id"),
    "asset_of_outcome": (Invalid, "unknown_reference", "asset_ids"),
    "outcome_firm": (Invalid, "unknown_reference", "firm_id"),
    "outcome_owner": (Invalid, "unknown_reference", "owner_firm_id"),
    "outcome_demand": (Invalid, "unknown_reference", "demand_id"),
    "outcome_ranking": (Invalid, "unknown_reference", "ranking_id"),
    "request_park": (Invalid, "unknown_reference", "park_id"),
    "request_firm": (Invalid, "unknown_reference", "firm_id"),
    "visit_park": (Invalid, "unknown_reference", "park_id"),
    "contact_park": (Invalid, "unknown_reference", "park_id"),
    "officer_of_firm": (NotFound, "no_such", "firm_id"),
    "visited_firm": (NotFound, "no_such", "firm_id"),
    "attachment_stage": (NotFound, "no_such", ""),
    "pinned_once": (Conflict, "already_pinned", "asset_id"),
    "report_of_its_year": (Conflict, "year_closed", "reason"),
    "closed_years_change_by_correction": (Conflict, "year_closed", "reason"),
    "revival_of_its_year": (Conflict, "year_closed", "reason"),
    "closed_revivals_change_with_a_reason": (Conflict, "year_closed", "reason"),
    "nothing_promised_twice": (Conflict, "promised_already", "indicators"),
    "agreement_replaced_once": (Conflict, "replaced_already", "replaces"),
    "year_of_park": (NotFound, "no_such_park", "park_id"),
    "enquiry_demand": (Invalid, "unknown_reference", "demand_id"),  # of another firm
    "mandate_park": (Invalid, "unknown_reference", "park_id"),
    "firm_registering_park": (Invalid, "unknown_reference", "park_id"),
    "demand_firm": (Invalid, "unknown_reference", "firm_id"),
    "firm_place_whole": (Invalid, "lon_with_lat", "lat"),
    "firm_industry": (Invalid, "unknown_industry", "industry_code"),
    "secret_of_webhook": (Invalid, "unknown_reference", "park_id"),  # a new one of a park that is not there
    "staff_of_a_park": (Invalid, "unknown_reference", "park_ids"),
    "account_firm": (Invalid, "unknown_reference", "firm_id"),
    "approval_agent": (Invalid, "unknown_reference", "agent_id"),
    "giver_is_not_taker": (Invalid, "giver_is_taker", "owner_firm_id"),
    "ended_not_before_start": (Invalid, "dates_reversed", "ended_on"),
    "signed_not_before_opened": (Invalid, "dates_reversed", "signed_on"),
}


def as_refusal(fault: BaseException) -> Exception:
    """The refusal a driver fault means; one that means a mistake of ours comes back unchanged."""
    match fault:
        case asyncpg.InsufficientPrivilegeError():
            return Forbidden("not_yours")
        case asyncpg.IntegrityConstraintViolationError() | asyncpg.CheckViolationError():
            kind, code, field = BY_CONSTRAINT.get(fault.constraint_name or "", (Invalid, "rule_broken", ""))
            extra = {"rule": fault.constraint_name} if code == "rule_broken" else {}
            return kind(code, field, **extra)
        case asyncpg.InternalServerError() if "InterruptedException" in str(fault):  # GEOS, at the end of its time
            return Unavailable("busy", retry_after_s=1)
        case asyncpg.SerializationError() | asyncpg.DeadlockDetectedError():
            return Unavailable("try_again", retry_after_s=1)
        case asyncpg.LockNotAvailableError() | asyncpg.QueryCanceledError() | asyncpg.TooManyConnectionsError():
            return Unavailable("busy", retry_after_s=1)
        case asyncpg.DiskFullError():
            return Unavailable("storage_full", retry_after_s=60)
        case (
            OSError()
            | asyncpg.PostgresConnectionError()
            | asyncpg.OperatorInterventionError()
            | asyncpg.CannotConnectNowError()
            | asyncpg.ReadOnlySQLTransactionError()
            | asyncpg.InterfaceError()
            | asyncpg.InternalClientError()
        ):
            return Unavailable("database_away", retry_after_s=1)
    return fault if isinstance(fault, Exception) else RuntimeError(str(fault))
