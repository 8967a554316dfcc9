"""A forkserver was to preload a module, and its children import it all the same.

What it detects:
    A module on the list of set_forkserver_preload() whose import failed in the server, or that the server's
    children executed again; and a main module that was on the list and that children ran again, for 50
    milliseconds or more each.

Why it costs:
    What the server has imported its children have for nothing. multiprocessing says nothing of a preload that
    fails (a name misspelt, a path that the server does not have), and each child then pays for the import.

Remedy:
    Check the names, and that the server can import them: it runs in the directory, and with the sys.path, of
    the process that started it.

        # before
        context.set_forkserver_preload(["numpyy", "app"])

        # after
        context.set_forkserver_preload(["numpy", "app"])

When it is not reported:
    For a module that was preloaded and that no child executed. For modules that are not on the list. For a main
    module that failed because it started processes itself, see unguarded-main.

Source:
    https://docs.python.org/3/library/multiprocessing.html#multiprocessing.set_forkserver_preload
    https://github.com/python/cpython/issues/137996
"""

from collections.abc import Iterator, Sequence

from mptrace.analysis.facts import Facts, Place, Taken, is_typical, unhindered_ns
from mptrace.analysis.findings.model import Finding, total_ns
from mptrace.analysis.forkservers import MAIN, Forkserver, Preload, starts_in_preload
from mptrace.analysis.phases import StartUp
from mptrace.analysis.wording import duration, one_line
from mptrace.trace.model import Process

RULE = "ineffective-preload"
LEAST_MAIN_NS = 50_000_000  # Python 3.11 to 3.13.6 run every main module again: a small one is no news
REMEDY = (
    "Correct the name, or the path on which the server looks for it:\n    context.set_forkserver_preload([{name!r}])"
)
MAIN_REMEDY = (
    "Preload the modules that the main module imports, by name, and keep the main module small:\n"
    '    context.set_forkserver_preload(["app.work"])'
)


def find(facts: Facts) -> Iterator[Finding]:
    """Report each module on the list of each server."""
    for server in facts.forkservers:
        children = _children(facts, server)
        for preload in server.preloads:
            if preload.module == MAIN:
                yield from _of_main(facts, server, preload, children)
            else:
                yield from _of_module(facts, server, preload, children)


def _children(facts: Facts, server: Forkserver) -> list[StartUp]:
    """Return the children that *server* made: their parent is whoever started the server."""
    own = server.process
    return [
        way
        for way in facts.started
        if way.process.start_method == "forkserver"
        and way.process.parent_pid == own.parent_pid
        and own.begin_ns <= way.process.begin_ns <= own.last_ns
    ]


def _of_module(facts: Facts, server: Forkserver, preload: Preload, children: Sequence[StartUp]) -> Iterator[Finding]:
    again = [
        (way.process, event, Taken(way.process.pid, event.begin_ns, event.end_ns or way.process.last_ns))
        for way in children
        for event in way.process.imports
        if event.module == preload.module and not event.is_failed
    ]
    if preload.error is None and not again:
        return
    taken = [each for _, _, each in again]
    places = [facts.place(process, event.importer, event.line) for process, event, _ in again]
    pids = _pids([process for process, _, _ in again], server)
    count = len(pids) if again else 0
    failure = "failed in the forkserver" if preload.error else "is repeated by its children"
    yield Finding(
        rule=RULE,
        title=f"The preload of {preload.module} {failure}",
        severity="warning",
        cost_ns=total_ns(taken),
        pids=pids,
        where=list(dict.fromkeys(places)) or facts.places(children),
        evidence=[
            *([f"what the server met: {one_line(preload.error)}"] if preload.error else []),
            f"children that imported it again: {count} of {len(children)}, in {duration(total_ns(taken))}",
        ],
        remedy=REMEDY.format(name=preload.module),
        taken=taken,
    )


def _of_main(facts: Facts, server: Forkserver, preload: Preload, children: Sequence[StartUp]) -> Iterator[Finding]:
    ran = [(way, facts.taken(way, "main-module")) for way in children if facts.phases(way, "main-module")]
    if preload.error is None:
        times_ns = [unhindered_ns(way, total_ns(taken), taken) for way, taken in ran]
        if not ran or not is_typical(times_ns, LEAST_MAIN_NS):
            return
    elif starts_in_preload(server.process):
        return
    taken = [each for _, times in ran for each in times]
    main = facts.main_file(server.process)
    yield Finding(
        rule=RULE,
        title=f"The preload of {main or 'the main module'} "
        + ("failed in the forkserver" if preload.error else "is repeated by its children"),
        severity="warning",
        cost_ns=total_ns(taken),
        pids=_pids([way.process for way, _ in ran], server),
        where=[Place(main, 1)] if main else [],
        evidence=[
            *([f"what the server met: {one_line(preload.error)}"] if preload.error else []),
            f"children that ran it again: {len(ran)} of {len(children)}, in {duration(total_ns(taken))}",
        ],
        remedy=MAIN_REMEDY,
        taken=taken,
    )


def _pids(processes: Sequence[Process], server: Forkserver) -> list[int]:
    return list(dict.fromkeys(process.pid for process in processes)) or [server.process.pid]
