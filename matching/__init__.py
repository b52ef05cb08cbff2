"""Ranks idle space for a demand, and says why in numbers. Pure: no database, no clock, no network."""

from matching.answers.bundles import Neighbours
from matching.catalogue.catalogue import Catalogue
from matching.demand.demand import Demand
from matching.industry import Chain, relatedness
from matching.model import Model
from matching.parameters import Parameters
from matching.parks import ParkProfile
from matching.rank import Ranking, rank
from matching.ranking.judging import Standing
from matching.ranking.many import Buckets, Rankings, rank_many
from matching.ranking.robustness import Draws
from matching.rules import RULES

__all__ = [
    "RULES",
    "Buckets",
    "Catalogue",
    "Chain",
    "Demand",
    "Draws",
    "Model",
    "Neighbours",
    "Parameters",
    "ParkProfile",
    "Ranking",
    "Rankings",
    "Standing",
    "rank",
    "rank_many",
    "relatedness",
]
