"""What a trace means: pure functions from a trace to facts.

Offline. No clock, no file, no environment: the same trace has always the same facts. All times are in nanoseconds.
"""
