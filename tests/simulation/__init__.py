"""A small bureau is played for a year from one seed: the rooms' own actions, the engine, the worker.

A gateway fails, processes die, people are away. After each step and each day everything must hold, and equal
seeds tell equal logs.
"""
