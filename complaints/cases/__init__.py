"""Handlers who verify leads, and heads who decide whether a case is filed.

Fires open_lead on a complaint, and on the lead extend_verification, propose_filing, propose_not_filing,
send_back, file, not_file, pass_on and conclude. A lead lives on whatever happens to the complaint it came
from.
"""
