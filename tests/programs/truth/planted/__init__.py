"""Modules that programs of the truth suite import, each with a cause of known cost."""
