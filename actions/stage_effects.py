"""What the stages of a deal move, by the names that the data gives it: the one place where an effect is declared.

Whether it lasts, what reverses it, and what its stage has to need all stand with it; the functions are in `use_effects`
(claims and tenancies) and `title_effects` (title and equity).
"""

from __future__ import annotations

from actions import title_effects as title
from actions import use_effects as use
from outcomes.stages import Effect, Effects

_APPRAISED = ("appraiser", "appraisal_method", "appraised_yuan")

EFFECTS: Effects = {
    effect.name: effect
    for effect in (
        Effect("hold", use.hold, undo=use.undo_hold, needs=("reserved_until",), is_made_anew=True),
        Effect("let", use.let, undo=use.undo_let),
        Effect("bind", use.bind, undo=use.undo_bind),
        Effect("hand_over", use.hand_over, revival=use.let_revival, lasts=True),
        Effect("release", use.release),
        Effect("tenant_leaves", use.tenant_leaves, may_be_ahead=True),
        Effect("yield_use", use.yield_use, undo=use.undo_yield_use, on_exit=use.undo_yield_use),
        Effect("resume_use", use.resume_use),
        Effect("move_in", use.move_in, undo=use.undo_move_in),
        Effect("owner_moves_in", use.owner_moves_in, undo=use.undo_move_in),
        Effect("move_out", use.move_out),
        Effect("begin_swap", title.begin_swap),
        Effect("examine", title.examine),
        Effect("examine_investment", title.examine_investment),
        Effect("notify_tenants", title.notify_tenants, needs=("tenants",)),
        Effect("appraise", title.appraise, undo=title.undo_appraise, needs=_APPRAISED),
        Effect("contract", title.contract, undo=title.undo_contract, needs=("contribution_yuan", "equity_share")),
        Effect("certify", title.certify, needs=("certificate_no",)),
        Effect("pass_title", title.pass_title, lasts=True),
        Effect("title_to_state", title.title_to_state, lasts=True),
        Effect("title_from_state", title.title_from_state, lasts=True),
        Effect("off_offer", title.off_offer),
        Effect("issue_equity", title.issue_equity, lasts=True),
        Effect("buy_equity", title.buy_equity, lasts=True),
        Effect("absorb_equity", title.absorb_equity, lasts=True),
    )
}
