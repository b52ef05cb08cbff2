"""What an order is made into: results, near misses, bundles, explanations, the other side. Documents, no sentences."""
