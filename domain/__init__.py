"""The words of the trade: kinds, paths, stages, actors, quantities, refusals. Standard library only."""
