"""HTTP for all rooms.

Who may open a page, the transaction edge, what every page knows, errors, headers, drafts.
"""
