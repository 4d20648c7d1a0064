"""One matter on one page: facts, both sides, clocks with their proof, timeline, and what may be done next.

Everybody who may see a matter comes here. The page fires any action of any procedure: each through the
action of the room that knows it, or straight through the dossier where nothing more is needed.
"""
