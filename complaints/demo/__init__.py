"""The demonstration city: a bureau, its people, and matters in every state, all made by the real actions.

Every person, merchant, station and number in it is made up; the regions are those of 襄阳 (GB/T 2260).
"""
