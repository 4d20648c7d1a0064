"""The Flask application: a room for each job that its users have.

Rooms that look across matters (`dossier_page`, `supervision`) stand above the desks (`hotline`, `intake`,
`mediation`, `cases`, `payouts`, `revisits`, `sign_in`); below them lie the shared floors `web`, `documents`,
`dossier`, `organisation`, `gateways`, `reference` and `foundation`. A room imports only what lies below it,
never its neighbour. See docs/architecture.md for the map.
"""
