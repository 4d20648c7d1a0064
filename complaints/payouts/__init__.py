"""Buy-fake-compensate-first: handlers verify, another person approves, a cashier pays, the sum is recovered.

Fires begin_check, confirm, refuse, countersign, approve, send_back, settled, failed, link_case, recover,
write_off, file and withdraw. No money leaves the system: it records and approves what the office's bank
did. Sums are integer fen.
"""
