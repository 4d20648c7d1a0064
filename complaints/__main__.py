"""`python -m complaints`: the command line."""

from __future__ import annotations

from complaints.commands import main

main()
