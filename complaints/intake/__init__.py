"""The unified intake desk: officers who decide where a complaint goes, or that it is not accepted.

Fires ask_identity, record_identity, dispatch, take_back, rule_on_return, refuse, tell_decision and
withdraw; the handlers' return_to_intake arrives here. Nothing passes from unit to unit but through this
desk (SAMR Order 121, art. 41).
"""
