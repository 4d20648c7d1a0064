"""Whole stories in a real browser, told in the users' words."""
