"""Imports the modules its arguments name: ``statement:json`` by an import statement, ``call:json`` by import_module."""

import importlib
import sys

for argument in sys.argv[1:]:
    way, _, module = argument.partition(":")
    if way == "statement":
        exec(f"import {module}")
    else:
        importlib.import_module(module)
