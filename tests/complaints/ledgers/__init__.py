"""The ledgers of earlier years."""
