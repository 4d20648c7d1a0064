"""Operators, intake officers and supervisors who call back after a complaint was closed.

Fires record_attempt, revisit, revisit_unsatisfied and end_unreached. Silence is not satisfaction: not
reached and no answer are outcomes of their own.
"""
