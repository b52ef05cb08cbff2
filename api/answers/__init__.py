"""What each operation answers, in a table: the records describe an answer, and make none of it.

An operation whose JSON nobody described here is refused by `tests/api/test_schemas.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from api.answers import attachment, figures, imports, outcome, ranking, register, service
from api.answers.documents import page_of

#: What files are of, in the names of operations.
ATTACHED_TO: Final = ("asset", "park", "outcome", "stage", "request")
#: Operation → the record of its JSON.
ANSWERS: Final[Mapping[str, Any]] = {
    "list_assets": register.Assets,
    **{f"{act}_asset": register.Asset for act in ("register", "read", "amend", "check", "withdraw")},
    "publish_asset": register.PublishedAsset,
    "asset_completeness": register.AssetCompleteness,
    **dict.fromkeys(("assets_geojson", "parks_geojson", "revivals_geojson", "import_preview"), register.FlatFeatures),
    "change_assets": register.ChangedUnits,
    "void_asset": register.Voided,
    "separate_assets": register.Separation,
    **dict.fromkeys(("split_asset", "merge_assets"), register.RearrangedUnits),
    "asset_history": register.AssetHistory,
    "asset_rights": register.Rights,
    "idle_clock": register.IdleClock,
    "state_development": register.Development,
    "asset_demands": ranking.ServedDemands,
    "list_parks": register.Parks,
    **dict.fromkeys(("add_park", "read_park", "amend_park", "add_zone"), register.Park),
    **dict.fromkeys(("park_contact", "unit_contact"), register.PublicContact),
    **dict.fromkeys(("state_park_contact", "state_unit_contact"), register.StatedContact),
    **dict.fromkeys(("remove_park_contact", "remove_unit_contact"), register.RemovedContact),
    "park_history": register.ParkHistory,
    "state_total": register.ParkTotalArea,
    "close_year": register.ClosedYearOfPark,
    "list_closed_years": page_of(register.ClosedReportingYear, "ClosedReportingYears"),
    "list_industries": page_of(register.Industry, "Industries"),
    "list_schemes": page_of(register.Scheme, "Schemes"),
    "read_scheme": register.Scheme,
    "list_firms": page_of(register.Firm, "Firms"),
    **{f"{act}_firm": register.Firm for act in ("add", "read", "amend")},
    "list_mandates": page_of(register.Mandate, "Mandates"),
    **dict.fromkeys(("give_mandate", "withdraw_mandate"), register.Mandate),
    "list_demands": page_of(register.Demand, "Demands"),
    **{f"{act}_demand": register.Demand for act in ("post", "read", "amend", "publish", "withdraw")},
    "list_pins": register.Pins,
    "pin_unit": register.PinnedUnit,
    "unpin_unit": register.Unpinned,
    "list_interests": page_of(register.FollowedInterest, "FollowedInterests"),
    "record_interest": register.Interest,
    "rank_need": ranking.AnonymousRanking,
    **dict.fromkeys(("rank_demand", "read_ranking"), ranking.Ranking),
    "list_rankings": page_of(ranking.KeptRanking, "KeptRankings"),
    "compare_rankings": ranking.Difference,
    "replay_ranking": ranking.Replay,
    "explain_asset": ranking.Explanation,
    "list_outcomes": page_of(outcome.Outcome, "Outcomes"),
    **{f"{act}_outcome": outcome.Outcome for act in ("open", "read", "step")},
    **dict.fromkeys(("correct_idle_period", "renew_tenancy"), outcome.Outcome),
    "outcome_history": outcome.OutcomeHistory,
    **{f"{act}_agreement": outcome.Agreement for act in ("sign", "correct", "withdraw")},
    "list_agreements": outcome.Agreements,
    "plan_milestone": outcome.PlannedStage,
    "add_report": outcome.Report,
    "list_reports": outcome.Reports,
    "add_approvals": outcome.AddedApprovals,
    "list_approvals": outcome.Approvals,
    "amend_approval": outcome.Approval,
    "read_light": outcome.OutcomeLight,
    "read_timeline": outcome.Timeline,
    "list_tenancies": page_of(outcome.Tenancy, "Tenancies"),
    **dict.fromkeys(("read_tenancy", "tenant_left", "tenant_stays"), outcome.Tenancy),
    "revitalized": figures.RevitalizedFigure,
    "growth": figures.GrowthFigure,
    "idle": figures.IdleFigure,
    "idle_days": figures.IdleDaysFigure,
    "vacancy": figures.VacancyFigure,
    "funnel": figures.FunnelFigure,
    "delivery": figures.DeliveryFigure,
    "service_requests": figures.ServiceRequestFigure,
    "refusals": figures.RefusalFigure,
    "unmet": figures.GapFigure,
    "enquiry_question": service.EnquiryQuestion,
    "make_enquiry": service.ReceivedEnquiry,
    "list_enquiries": page_of(service.OpenedEnquiry, "OpenedEnquiries"),
    "read_enquiry": service.OpenedEnquiry,
    **dict.fromkeys(("answer_enquiry", "arrange_visit", "link_enquiry", "close_enquiry"), service.Enquiry),
    "erase_enquirer": service.ErasedEnquirer,
    **dict.fromkeys(("enquiry_terms", "state_enquiry_terms"), service.EnquiryTerms),
    "list_requests": page_of(service.ServiceRequest, "ServiceRequests"),
    **{f"{act}_request": service.ServiceRequest for act in ("raise", "read", "step")},
    "firm_officers": page_of(service.NamedOfficer, "NamedOfficers"),
    "set_officer": service.SetOfficer,
    "erase_contact": service.ErasedContacts,
    "list_visits": page_of(service.ListedVisit, "ListedVisits"),
    "note_visit": service.Visit,
    "follow_events": service.FeedPage,
    **dict.fromkeys(("add_import", "try_import", "save_import", "cancel_import"), imports.StartedImport),
    "list_imports": page_of(imports.FileImport, "FileImports"),
    "read_import": imports.FileImport,
    "import_rows": page_of(imports.FileRow, "FileRows"),
    **{f"{subject}_attachments": page_of(attachment.Attachment, "Attachments") for subject in ATTACHED_TO},
    **{f"add_{subject}_attachment": attachment.Attachment for subject in ATTACHED_TO},
    **dict.fromkeys(("read_attachment", "amend_attachment"), attachment.Attachment),
    "drop_attachment": attachment.DroppedAttachment,
    "list_batches": page_of(register.UnitBatch, "Batches"),
    **dict.fromkeys(("read_batch", "undo_changes"), register.UnitBatch),
    "list_webhooks": page_of(service.Webhook, "Webhooks"),
    "read_webhook": service.Webhook,
    **dict.fromkeys(("add_webhook", "rotate_secret"), service.NewWebhookSecret),
    "remove_webhook": service.RemovedWebhook,
    "test_webhook": service.TestedWebhook,
    **dict.fromkeys(("log_in", "refresh"), service.Tokens),
    "log_out": service.SignedOut,
    "me": service.Account,
    "list_accounts": page_of(service.KeptAccount, "KeptAccounts"),
    **{f"{act}_account": service.KeptAccount for act in ("add", "read", "disable", "enable")},
    **dict.fromkeys(("change_password", "set_password", "set_account_parks"), service.KeptAccount),
    **dict.fromkeys(("list_keys", "account_keys"), page_of(service.ApiKey, "ApiKeys")),
    "add_key": service.NewApiKey,
    "revoke_key": service.RevokedKey,
    **dict.fromkeys(("live", "ready"), service.Health),
}
#: Operation → a second status of its success.
ALSO_STATUS: Final[Mapping[str, int]] = {"add_report": 200}  # a report told again
#: Operation → the record of its GeoJSON, where that is another form of its JSON.
ALSO_GEOJSON: Final[Mapping[str, Any]] = dict.fromkeys(
    ("rank_need", "rank_demand", "read_ranking"), ranking.RankedFeatures
)
#: Answers that are GeoJSON and nothing else.
FEATURES: Final = (
    register.Asset,
    register.PublishedAsset,
    register.Assets,
    register.FlatFeatures,
    register.Park,
    register.Parks,
)
#: What is needed of components beside what a record refers to by itself.
ASIDE: Final = (*ranking.SIDES, *ranking.GEOMETRIES)
