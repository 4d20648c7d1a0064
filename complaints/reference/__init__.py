"""Dated code tables: regions, goods, services and problem types, and their loader."""
