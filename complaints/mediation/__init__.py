"""Handlers who accept and mediate complaints, and stations that settle disputes of their own venue.

Handlers fire accept, record_consent, begin_mediation, hold_session, start_appraisal, finish_appraisal,
challenge, agree, terminate, tell_result, mark_transferred, close and finish_redo; heads fire
decide_challenge. Stations fire record_offer, settle, pass_up and withdraw on a dispute of their own: a
private settlement, never an office mediation.
"""
