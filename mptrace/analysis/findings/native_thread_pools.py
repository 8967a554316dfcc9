"""Each child makes a native pool of threads of its own, and together they are far more than there are CPUs.

What it detects:
    An extension module that starts threads when it is loaded (BLAS, OpenMP), loaded by so many children that
    they have more than four such threads for each CPU.

Why it costs:
    Such a library makes one thread for each CPU, in each process, because it does not know of the others. They
    take turns on the CPUs, each waits for the slowest, and the start of the threads itself takes time.

Remedy:
    Tell the library, before it is loaded, to use one thread in each process.

        # before
        pool = multiprocessing.get_context("spawn").Pool(16)

        # after
        os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
        pool = multiprocessing.get_context("spawn").Pool(16)

When it is not reported:
    For one process, whatever it loads. For threads that a library starts when it is used first. Where it is not
    known how many CPUs the run could use.

Source:
    https://docs.dask.org/en/stable/array-best-practices.html#avoid-oversubscribing-threads
"""

from collections import defaultdict
from collections.abc import Iterator

from mptrace.analysis.facts import Facts, Place
from mptrace.analysis.findings.model import Finding
from mptrace.trace.model import Instant, Process

RULE = "native-thread-pools"
MOST_PER_CPU = 4  # up to here the scheduler's turns cost less than the work that they divide
REMEDY = (
    "Allow the library one thread in each process, before any child is started:\n"
    '    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"'
)


def find(facts: Facts) -> Iterator[Finding]:
    """Report each extension module."""
    loads: dict[str, list[tuple[Process, Instant, int]]] = defaultdict(list)
    for way in facts.workers:
        for instant in way.process.instants:
            threads = instant.args.get("threads")
            if instant.category == "extension" and isinstance(threads, int) and threads > 0:
                loads[instant.name].append((way.process, instant, threads))
    for module, loaded in loads.items():
        total = sum(threads for _, _, threads in loaded)
        pids = list(dict.fromkeys(process.pid for process, _, _ in loaded))
        if len(pids) < 2 or not facts.cpus or total <= MOST_PER_CPU * facts.cpus:
            continue
        yield Finding(
            rule=RULE,
            title=f"{module} starts {total} threads in {len(pids)} processes",
            severity="warning",
            cost_ns=0,
            pids=pids,
            where=_places(facts, module, loaded[0][0]),
            evidence=[
                f"threads that loading it started in one process: {max(threads for _, _, threads in loaded)}",
                f"CPUs that the run could use: {facts.cpus:g}",
            ],
            remedy=REMEDY,
        )


def _places(facts: Facts, module: str, process: Process) -> list[Place]:
    """Return the line that imported what imported *module* in turn: nobody imports a library's insides by hand."""
    own = next((event for event in process.imports if event.module == module), None)
    if own is None:
        return []
    for root in facts.roots(process):
        if root.event.tid == own.tid and root.begin_ns <= own.begin_ns <= root.end_ns:
            return [facts.place(process, root.event.importer, root.event.line)]
    return []
