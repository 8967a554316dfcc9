"""What runs beside a traced program: it starts it, watches it from outside, and reports how it ended.

Launcher: loaded by `mptrace run` only, never by a traced process.
"""
