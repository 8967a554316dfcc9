"""What a process executed in its own place: os.exec*.

Offline. The record is written just before, so whether it came to that is told by what came after. The new program
counts back to its beginning by how long the process has run, but the kernel counts that on from the program before:
only that one knows the moment.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mptrace.records import END, EXEC
from mptrace.trace import programs
from mptrace.trace.events import Events
from mptrace.trace.instances import Image
from mptrace.trace.model import Import, Instant, Phase, Span, Start
from mptrace.trace.table import Shared, Table

Records = Mapping[str, Table]


@dataclass(frozen=True, slots=True)
class Execution:
    """The end of a program, by the beginning of another in the same process. Times are the journal's."""

    tid: int
    at_ns: int
    cpu_ns: int
    program: str
    argv: Sequence[str]


def read(records: Records, shift_ns: int) -> tuple[Execution | None, list[Instant]]:
    """Return the execution that ended the program with these *records*, and an instant for each that was tried.

    A search along PATH is one trial.
    """
    trials: list[Execution] = []
    for record in records[EXEC]:
        tid, at_ns, cpu_ns, program, argv = record
        trial = Execution(tid, at_ns, cpu_ns, program, argv)
        if trials and (trials[-1].tid, trials[-1].argv) == (trial.tid, trial.argv):
            trials.pop()
        trials.append(trial)
    last = trials[-1]
    done = None if _is_followed(last, records) else last
    instants = [
        Instant(
            programs.SUBPROCESS,
            "exec" if trial is done else programs.EXEC_FAILED,
            trial.tid,
            max(0, trial.at_ns + shift_ns),
            {"program": trial.program, "argv": trial.argv},
        )
        for trial in trials
    ]
    return done, instants


def place_interpreter(phases: Table, execution: Execution | None, argv: Sequence[str]) -> Table:
    """Return *phases* so that the interpreter of a program with the command line *argv* begins where it was executed.

    Where that is not known, or another program came between them, how long it took is left out.
    """
    is_known = execution is not None and programs.is_same(execution.program, execution.argv, argv)
    placed = [phase for phase in phases if phase[3] != "interpreter"]
    for tid, begin_ns, end_ns, name, cpu_ns, _, _, _, args in phases:
        if name == "interpreter" and execution and is_known:
            at_ns = min(max(begin_ns, execution.at_ns), end_ns)
            # Of waits and page faults nobody knows how many were there when it was executed.
            placed.append((tid, at_ns, end_ns, name, max(0, cpu_ns - execution.cpu_ns), None, None, None, args))
    return Table.of(placed)


def known_phases(phases: Sequence[Phase], first: Image, start: Start | None) -> Sequence[Phase]:
    """Return the phases of a process, without its first interpreter if *start* began with another program: a shell."""
    if not start or start.start_method != programs.SUBPROCESS or first.is_forked:
        return phases
    if programs.is_same(start.program, start.argv, first.header["argv"]):
        return phases
    return [phase for phase in phases if phase.name != "interpreter" or phase.end_ns > first.booted_ns]


def _is_followed(execution: Execution, records: Records) -> bool:
    """Return whether the thread went on, or the process came to its own end."""
    events = Events()
    events.add(records, 0, Shared())
    intervals: list[Span | Import | Start | Phase] = [*events.spans, *events.imports, *events.starts, *events.phases]
    moments_ns = [
        *(
            event.begin_ns if event.end_ns is None else event.end_ns
            for event in intervals
            if event.tid == execution.tid
        ),
        *(instant.at_ns for instant in events.instants if instant.tid == execution.tid),
        *(end[0] for end in records[END]),
    ]
    return max(moments_ns, default=0) > execution.at_ns
