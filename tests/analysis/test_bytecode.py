"""Modules that were compiled, and why there was no .pyc to be used."""

from dataclasses import replace

from mptrace.analysis.bytecode import Compiled, compiled
from mptrace.trace.model import Import
from tests.trace.traces import MS, imported, process, trace_of


def source(module: str, begin: float, end: float) -> Import:
    """Return an import that was compiled for 2 ms, from 1 ms after its begin on."""
    begin_ns = round(begin * MS)
    return imported(module, begin, end, loader="source", compile_ns=begin_ns + MS, exec_ns=begin_ns + 3 * MS)


def test_modules_are_listed_by_what_compiling_them_took() -> None:
    """From before the compilation to the execution: writing the .pyc is part of it."""
    known = process(1, imports=[source("app", 0, 9), source("tools", 3, 8), imported("json", 10, 20)])
    other = process(2, imports=[source("tools", 4, 8)])
    assert compiled(trace_of([known, other])) == [
        Compiled("tools", 2, 2, 4 * MS, "missing or out of date"),
        Compiled("app", 1, 1, 2 * MS, "missing or out of date"),
    ]


def test_compiled_again_later_means_it_could_not_be_written() -> None:
    """Where a process compiles what another had executed before, that one left no .pyc behind."""
    first, later = process(1, imports=[source("app", 0, 9)]), process(2, imports=[source("app", 4, 9)])
    assert compiled(trace_of([first, later]))[0].reason == "could not be written"


def test_python_was_told_not_to_write_it() -> None:
    """PYTHONDONTWRITEBYTECODE holds for the run, -B for a process."""
    known = process(1, imports=[source("app", 0, 9)])
    told = replace(trace_of([known]), run={"dont_write_bytecode": True})
    assert compiled(told)[0].reason == "not to be written"
    optioned = process(1, imports=known.imports, argv=["python", "-B", "app.py"])
    assert compiled(trace_of([optioned]))[0].reason == "not to be written"


def test_compilation_that_never_ended_lasts_to_the_last_sign_of_life() -> None:
    """A process that was killed while compiling spent its last moments on that."""
    known = process(1, imports=[imported("app", 90, None, compile_ns=91 * MS, exec_ns=None)], last_ns=97 * MS)
    assert compiled(trace_of([known]))[0].wall_ns == 6 * MS
