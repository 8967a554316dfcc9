"""From journals to one trace: read, decode, merge, export.

Offline: runs once, after the host; a pure function of the files of a run.
"""
