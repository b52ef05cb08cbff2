"""From a demand and a catalogue to an order: screen, options, desirabilities, scores. Numbers and rows, no words."""
