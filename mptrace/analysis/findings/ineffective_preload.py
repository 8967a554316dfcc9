"""A forkserver was to preload a module, and its children import it all the same.

What it detects:
    A module on the list of set_forkserver_preload() whose import failed in the server, or that the server's
    children executed all the same; and a main module that was on the list and that children ran, for 50
    milliseconds or more each.

Why it costs:
    What the server has imported its children have for nothing. multiprocessing says nothing of a preload that
    fails (a name misspelt, a path that the server does not have), and each child then pays for the import. Any
    error but an ImportError ends the server, and with it each start(). Python 3.11 to 3.13.6 never preload the
    main module.

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

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from mptrace.analysis.facts import MAIN_NAMES, Facts, Place, Taken, is_before_ready, is_typical, unhindered_ns
from mptrace.analysis.findings.model import Finding, total_ns
from mptrace.analysis.forkservers import MAIN, Forkserver, Preload, starts_in_preload
from mptrace.analysis.phases import StartUp
from mptrace.analysis.wording import duration, one_line
from mptrace.trace.model import Process

RULE = "ineffective-preload"
NAMED = 3
LEAST_MAIN_NS = 50_000_000  # Python 3.11 to 3.13.6 run every main module again: a small one is no news
TYPED = ":\n    context.set_forkserver_preload({names})"
UNKNOWN = re.compile(r"No module named '([^']+)'")
NAME_REMEDY = "Correct the name {name}, or the path on which the server looks for it; meanwhile leave it off the list"
FAILED_REMEDY = "Repair what fails in {name} where the server imports it; meanwhile leave it off the list"
AGAIN_REMEDY = "Find out why the children execute {name} again: what the server has imported, they have."
ENDED_REMEDY = "Repair what fails, or leave it off the list; until then no child can be started"
MAIN_REMEDY = "Preload the modules that the main module imports, by name, and keep the main module small"


def find(facts: Facts) -> Iterator[Finding]:
    """Report each module on the list of each server."""
    for server in facts.forkservers:
        children = _children(facts, server)
        ended_by = _ended_by(facts, server, children)
        for preload in server.preloads:
            if preload.module == MAIN and preload.error and starts_in_preload(server.process):
                continue
            if preload is ended_by:
                yield _ended(facts, server, preload)
            elif preload.module == MAIN:
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


def _ended_by(facts: Facts, server: Forkserver, children: Sequence[StartUp]) -> Preload | None:
    """Return the preload that failed last, if that was the end of a server that is to outlive its parent."""
    own = server.process
    parent = facts.by_pid.get(own.parent_pid or 0)
    if children or own.end.how != "exited" or parent is None or own.last_ns >= parent.last_ns:
        return None
    # Wherever it stands on the list, the main module comes first.
    in_order = sorted(server.preloads, key=lambda preload: preload.module != MAIN)
    return next((preload for preload in reversed(in_order) if preload.error), None)


def _ended(facts: Facts, server: Forkserver, preload: Preload) -> Finding:
    return Finding(
        rule=RULE,
        title=f"The preload of {_name(facts, server, preload)} ended the forkserver",
        severity="error",
        cost_ns=0,
        pids=[server.process.pid],
        where=_failed_at(preload),
        evidence=[*_met(preload), "it made no child: start() failed in the process that asked for one"],
        remedy=ENDED_REMEDY + _call(_others(server)),
    )


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
    yield Finding(
        rule=RULE,
        title=f"The preload of {preload.module} {_outcome(preload)}",
        severity="warning",
        cost_ns=total_ns(taken),
        pids=pids,
        where=[*_failed_at(preload), *dict.fromkeys(places)] or facts.places(children),
        evidence=[
            *_met(preload),
            f"children that imported it {_again(preload)}: {count} of {len(children)}, in {duration(total_ns(taken))}",
        ],
        remedy=_remedy(server, preload),
        taken=taken,
    )


def _of_main(facts: Facts, server: Forkserver, preload: Preload, children: Sequence[StartUp]) -> Iterator[Finding]:
    ran = [(way, facts.taken(way, "main-module")) for way in children if facts.phases(way, "main-module")]
    times_ns = [unhindered_ns(way, total_ns(taken), taken) for way, taken in ran]
    if preload.error is None and not (ran and is_typical(times_ns, LEAST_MAIN_NS)):
        return
    taken = [each for _, times in ran for each in times]
    main = facts.main_file(server.process)
    yield Finding(
        rule=RULE,
        title=f"The preload of {_name(facts, server, preload)} {_outcome(preload)}",
        severity="warning",
        cost_ns=total_ns(taken),
        pids=_pids([way.process for way, _ in ran], server),
        where=_failed_at(preload) or ([Place(main, 1)] if main else []),
        evidence=[
            *_met(preload),
            f"children that ran it {_again(preload)}: {len(ran)} of {len(children)}, in {duration(total_ns(taken))}",
        ],
        remedy=_main_remedy(facts, [way for way, _ in ran]),
        taken=taken,
    )


def _others(server: Forkserver) -> list[str]:
    """Return the modules on the list that did not fail."""
    return [preload.module for preload in server.preloads if preload.error is None]


def _call(names: Sequence[str]) -> str:
    """Return what to type, if there is anything to preload."""
    return TYPED.format(names=list(names)) if names else ""


def _remedy(server: Forkserver, preload: Preload) -> str:
    """Return what to do: the name may be wrong, or right, where it is another module that could not be imported."""
    if preload.error is None:
        return AGAIN_REMEDY.format(name=preload.module)
    unknown = UNKNOWN.search(preload.error)
    is_named = unknown is not None and f"{preload.module}.".startswith(f"{unknown[1]}.")
    remedy = (NAME_REMEDY if is_named else FAILED_REMEDY).format(name=preload.module)
    return remedy + _call(_others(server))


def _main_remedy(facts: Facts, ways: Sequence[StartUp]) -> str:
    """Return what to do, with the modules that took the main module longest in children."""
    taken_ns: dict[str, int] = defaultdict(int)
    for way in ways:
        for imported in facts.roots(way.process):
            if imported.event.importer in MAIN_NAMES and is_before_ready(way, imported.event):
                taken_ns[imported.event.module] += imported.end_ns - imported.begin_ns
    dearest = sorted(taken_ns, key=lambda module: -taken_ns[module])[:NAMED]
    return MAIN_REMEDY + _call(dearest)


def _name(facts: Facts, server: Forkserver, preload: Preload) -> str:
    return preload.module if preload.module != MAIN else facts.main_file(server.process) or "the main module"


def _outcome(preload: Preload) -> str:
    if preload.error:
        return "failed in the forkserver"
    return "never took place" if preload.wall_ns is None else "is repeated by its children"


def _again(preload: Preload) -> str:
    return "themselves" if preload.error or preload.wall_ns is None else "again"


def _met(preload: Preload) -> list[str]:
    return [f"what the server met: {one_line(preload.error)}"] if preload.error else []


def _failed_at(preload: Preload) -> list[Place]:
    return [Place(preload.file, preload.line)] if preload.file else []


def _pids(processes: Sequence[Process], server: Forkserver) -> list[int]:
    return list(dict.fromkeys(process.pid for process in processes)) or [server.process.pid]
