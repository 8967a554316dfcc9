"""Journals of runs that never took place, written in the words of the trace: who began when, imported, started, ended.

The clock is fake: every moment is given in milliseconds since the run began, and MOMENT_NS of the host's monotonic
clock is that beginning. Methods return the journal, so that a process is told in one breath:

    run = RunFolder(tmp_path)
    run.process(100).imports("json", 2, 5).starts("Process-1", 10, 20, child_pid=101).ends(90)
    run.process(101, ppid=100, begin=12).phase("interpreter", 12, 15).ready(18)
    trace = load([run.write()])
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from mptrace import records
from mptrace.records import FIELDS, RUN_FILE, SCHEMA, SUFFIX
from tests.machines import ALPHA, MOMENT_NS, MS, UNKNOWN, Host, used

# What a journal is told with, for whoever tells one.
__all__ = ["MOMENT_NS", "MS", "UNKNOWN", "Host", "Journal", "RunFolder", "used"]

TICK_NS = 10 * MS


@dataclass
class Journal:
    """The journal of one process image."""

    name: str
    host: Host
    tid: int
    lines: list[bytes] = field(default_factory=list)

    def record(self, kind: str, **fields: Any) -> Self:
        """Add a record of *kind*; its fields are those that FIELDS says."""
        return self.raw(json.dumps([kind, *(fields[name] for name in FIELDS[kind].split())], separators=(",", ":")))

    def raw(self, line: str) -> Self:
        """Add any line, a record or not."""
        self.lines.append(line.encode("utf-8", "surrogatepass") + b"\n")
        return self

    def torn(self, line: str = '["x",100,5000000') -> Self:
        """Add the beginning of a line that was never finished."""
        self.lines.append(line.encode())
        return self

    def thread(self, tid: int, name: str) -> Self:
        """Name a thread."""
        return self.record(records.THREAD, tid=tid, name=name)

    def span(
        self, name: str, begin: float, end: float | None, category: str = "user", tid: int = 0, **args: Any
    ) -> Self:
        """Record a span; without an end, only that it was announced."""
        fields = {"tid": tid or self.tid, "begin_ns": self.host.at(begin), "category": category, "name": name}
        self.record(records.SPAN_BEGIN, args=args, **fields)
        return self if end is None else self.record(records.SPAN, end_ns=self.host.at(end), args=args, **fields)

    def imports(
        self,
        module: str,
        begin: float,
        end: float | None,
        *,
        importer: str = "__main__",
        line: int = 1,
        loader: str = "SourceFileLoader",
        load: float | None = None,
        compiled: float | None = None,
        executed: float | None = None,
        waited: float = 0,
        holder: int = 0,
        is_failed: bool = False,
        tid: int = 0,
    ) -> Self:
        """Record an import; without an end, only that it was announced."""
        fields = {"tid": tid or self.tid, "begin_ns": self.host.at(begin), "module": module, "importer": importer}
        self.record(records.IMPORT_BEGIN, line=line, **fields)
        if end is None:
            return self
        return self.record(
            records.IMPORT,
            wall_ns=round((end - begin) * MS),
            line=line,
            loader=loader,
            load_ns=_since(begin, load),
            compile_ns=_since(begin, compiled),
            exec_ns=_since(begin, executed),
            wait_ns=round(waited * MS),
            holder=holder,
            is_failed=int(is_failed),
            **fields,
        )

    def reaches(
        self,
        file: str,
        *reached: tuple[float, int],
        module: str = "__main__",
        changed_ns: int = 0,
        size: int = 0,
        tid: int = 0,
    ) -> Self:
        """Record the lines that the top level of a module came to, and when; line 0 is its end."""
        moments = [number for at, line in reached for number in (self.host.at(at), line)]
        fields = {"module": module, "file": file, "changed_ns": changed_ns, "size": size, "moments": moments}
        return self.record(records.LINES, tid=tid or self.tid, begin_ns=moments[0], **fields)

    def starts(
        self,
        name: str,
        begin: float,
        end: float | None,
        *,
        child_pid: int = 0,
        method: str = "spawn",
        target: str = "app:work",
        tid: int = 0,
        is_chosen: bool = True,
        where: tuple[str, int] = ("", 0),
    ) -> Self:
        """Record a call of start(); without an end, only that it began."""
        fields = {"tid": tid or self.tid, "begin_ns": self.host.at(begin), "process_name": name}
        fields |= {"start_method": method, "target": target}
        fields |= {"file": where[0], "line": where[1]}
        self.record(records.START_BEGIN, **fields)
        if end is None:
            return self
        fields |= {"is_chosen": is_chosen}
        return self.record(records.START, end_ns=self.host.at(end), child_pid=child_pid, **fields)

    def program(
        self,
        argv: Sequence[str],
        begin: float,
        end: float,
        *,
        child_pid: int,
        executed: float | None = None,
        program: str = "",
        is_told: bool = True,
        tid: int = 0,
    ) -> Self:
        """Record the start of a program; the kernel was called at *executed*, or else at once."""
        return self.record(
            records.PROGRAM,
            tid=tid or self.tid,
            begin_ns=self.host.at(begin),
            exec_ns=self.host.at(begin if executed is None else executed),
            end_ns=self.host.at(end),
            prepare_cpu_ns=0,
            exec_cpu_ns=0,
            child_pid=child_pid,
            program=program or argv[0],
            argv=list(argv),
            is_told=int(is_told),
        )

    def executes(self, argv: Sequence[str], at: float, cpu: float = 0, program: str = "", tid: int = 0) -> Self:
        """Record that this program is about to be replaced by another."""
        values = {"program": program or argv[0], "argv": list(argv), "cpu_ns": round(cpu * MS)}
        return self.record(records.EXEC, tid=tid or self.tid, at_ns=self.host.at(at), **values)

    def phase(self, name: str, begin: float, end: float, cpu: float = 0, tid: int = 0, **used: Any) -> Self:
        """Record a start-up phase; what was used in it beside the CPU is not known unless *used* says so."""
        moments = {"begin_ns": self.host.at(begin), "end_ns": self.host.at(end)}
        used = {"run_queue_ns": None, "minor_faults": None, "major_faults": None, "args": {}} | used
        return self.record(records.PHASE, tid=tid or self.tid, phase=name, cpu_ns=round(cpu * MS), **moments, **used)

    def ready(self, at: float, name: str = "", cause: str = "run", used: Mapping[str, Any] = UNKNOWN) -> Self:
        """Record that the process was ready."""
        fields = {"tid": self.tid, "at_ns": self.host.at(at), "cause": cause, "process_name": name}
        return self.record(records.READY, **fields, **used)

    def child_ended(self, at: float, pid: int, returncode: int) -> Self:
        """Record what the process learned of a child's end."""
        return self.record(records.CHILD_END, at_ns=self.host.at(at), pid=pid, returncode=returncode)

    def instant(self, name: str, at: float, category: str = "user", **args: Any) -> Self:
        """Record a point event."""
        return self.record(
            records.INSTANT, tid=self.tid, at_ns=self.host.at(at), category=category, name=name, args=args
        )

    def stacks(self, begin: float, at: float, *threads: tuple[int, str, list[str]], cause: str = "") -> Self:
        """Record the stacks of threads: (native id, name, frames) of each."""
        moments = {"begin_ns": self.host.at(begin), "at_ns": self.host.at(at)}
        return self.record(records.STACKS, cause=cause, stacks=[list(thread) for thread in threads], **moments)

    def counter(self, name: str, at: float, **values: float) -> Self:
        """Record values sampled at a moment."""
        return self.record(records.COUNTER, at_ns=self.host.at(at), name=name, values=values)

    def collects(self, begin: float, end: float, generation: int = 2, *, collected: int = 0, faults: int = -1) -> Self:
        """Record a garbage collection."""
        numbers = self.tid, self.host.at(begin), self.host.at(end), generation, collected, 0, faults
        return self.record(records.COLLECTION, numbers=" ".join(f"{number:x}" for number in numbers))

    def ends(
        self,
        at: float,
        status: int | None = None,
        recording: float = 0,
        used: Mapping[str, Any] = UNKNOWN,
        collections: int | None = None,
        collecting: float | None = None,
    ) -> Self:
        """Record the process's own last word."""
        counted = {"records": len(self.lines), "recording_ns": round(recording * MS), "collections": collections}
        counted["collecting_ns"] = None if collecting is None else round(collecting * MS)
        return self.record(records.END, at_ns=self.host.at(at), returncode=status, **counted, **used)


class RunFolder:
    """A run's folder that is filled by write()."""

    def __init__(self, folder: Path, run: Mapping[str, Any] | None = None) -> None:
        self.folder = folder
        self.run: Mapping[str, Any] | None = {"schema": SCHEMA, "id": "run", "argv": ["python", "app.py"]}
        if run is not None:
            self.run = run
        self.journals: list[Journal] = []

    def process(
        self,
        pid: int,
        *,
        ppid: int = 1,
        begin: float = 0,
        born: float | None = None,
        origin: str = "boot",
        argv: Sequence[str] = ("python", "app.py"),
        host: Host = ALPHA,
        ticks: int | None = None,
        booted: float | None = None,
        forked: float | None = None,
        used: Mapping[str, Any] = UNKNOWN,
    ) -> Journal:
        """Begin the journal of a process: made at *born*, or else when it began; by the fork that began at *forked*."""
        journal = Journal(f"{pid}-{len(self.journals):x}{SUFFIX}", host, pid)
        self.journals.append(journal)
        made_ns = host.at(begin if born is None else born) + host.suspended_ns
        begin_ns = host.at(begin)
        return journal.record(
            records.PROCESS,
            schema=SCHEMA,
            origin=origin,
            pid=pid,
            ppid=ppid,
            start_ticks=made_ns // TICK_NS if ticks is None else ticks,
            begin_ns=begin_ns,
            boot_ns=begin_ns if booted is None else host.at(booted),
            tid=pid,
            realtime_ns=host.realtime_ns + begin_ns - host.moment_ns,
            monotonic_ns=begin_ns,
            boottime_ns=begin_ns + host.suspended_ns,
            **host.names,
            python="3.13.0",
            executable="/usr/bin/python",
            argv=list(argv),
            fork_ns=host.at(forked) if forked else 0,
            **{"ancestors": [], **used},
        )

    def launcher(self, program_pid: int, host: Host = ALPHA) -> Journal:
        """Begin the launcher's journal."""
        journal = Journal(f"launcher{SUFFIX}", host, 1)
        self.journals.append(journal)
        return journal.record(
            records.LAUNCHER,
            schema=SCHEMA,
            pid=2,
            program_pid=program_pid,
            begin_ns=host.at(-5),
            realtime_ns=host.realtime_ns - 5 * MS,
            monotonic_ns=host.at(-5),
            boottime_ns=host.at(-5) + host.suspended_ns,
            host=host.name,
            argv=["python", "app.py"],
        )

    def write(self) -> Path:
        """Write everything, and return the folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.run is not None:
            (self.folder / RUN_FILE).write_text(json.dumps(self.run), encoding="utf-8")
        for journal in self.journals:
            (self.folder / journal.name).write_bytes(b"".join(journal.lines))
        return self.folder


def _since(begin: float, moment: float | None) -> int:
    """Return when, after *begin*, a moment within an import was; 0 for one that did not occur."""
    return 0 if moment is None else round((moment - begin) * MS)
