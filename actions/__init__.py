"""What the assistant does: one skill a file. Actions choose facts through the composer and remember what was said in slots."""
