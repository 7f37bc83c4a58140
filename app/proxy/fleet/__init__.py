"""Who serves next: the targets of a plan in the order of its strategy, without those that rest or cannot.

May import domain. Everything here belongs to the loop's thread and returns at once.
"""
