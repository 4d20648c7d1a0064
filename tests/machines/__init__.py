"""Machines that walk at random over every role, person and action, and compare with a model on paper."""
