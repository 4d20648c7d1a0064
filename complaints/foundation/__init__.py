"""The lowest floor: database, clock, money, masking, encryption and errors.

It imports nothing of ours but settings.
"""
