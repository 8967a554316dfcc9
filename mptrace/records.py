"""The journal's schema: which kinds of record exist, and the order of their fields.

Shared: the runtime writes by it, the reader decodes by it, nothing else knows it. Constants only, because every
traced process loads this file.

A journal is one file of one process image. Each line is one record: a JSON array whose first element is the kind,
followed by the fields below, in this order. Fields may be added at the end of a record; a reader ignores what it does
not know. Times are nanoseconds of CLOCK_MONOTONIC, threads are native thread ids.
"""

SCHEMA = 1

SUFFIX = ".journal"
RUN_FILE = "run.json"
# Beside run.json where the run has a CPU quota: the kernel's file that counts how often it was throttled.
QUOTA_FILE = "quota"

PROCESS = "P"
THREAD = "T"
SPAN_BEGIN = "b"
SPAN = "x"
IMPORT_BEGIN = "j"
IMPORT = "i"
LINES = "t"
START_BEGIN = "s"
START = "S"
PROGRAM = "p"
EXEC = "e"
PHASE = "f"
HOOKS = "k"
READY = "R"
CHILD_END = "E"
INSTANT = "n"
COUNTER = "c"
FAILURE = "F"
LOST = "L"
END = "Z"
STACKS = "W"
LAUNCHER = "l"
SAMPLE = "m"
COLLECTION = "g"

# The names of each kind's fields, as one string each: every traced process loads this table, only the reader splits it.
FIELDS = {
    # The first record of every journal. `origin`: boot (a new interpreter), fork, or start (mptrace.start()).
    # `begin_ns` is the first moment known of this image, `boot_ns` the moment when our own boot began; a span of
    # category tracer, named boot, says how long that took. `fork_ns` is when the phase fork began in the parent, which
    # is `ppid` even if it is gone by now; 0 where it was no fork. `ancestors` are the parent of `ppid`, its parent, and
    # so on, a few, where the interpreter was not started by multiprocessing: a shell may lie between.
    PROCESS: (
        "schema origin pid ppid start_ticks begin_ns boot_ns tid realtime_ns monotonic_ns boottime_ns on_cpu_ns "
        "run_queue_ns host pid_namespace time_namespace python executable argv fork_ns minor_faults major_faults "
        "ancestors"
    ),
    THREAD: "tid name",
    # A span is announced when it begins if it may be long, so that a killed process shows what it was doing.
    SPAN_BEGIN: "tid begin_ns category name args",
    SPAN: "tid begin_ns end_ns category name args",
    # The outermost import of a thread, and one of native code, is announced when its module was found; both records of
    # an import share tid and begin_ns, from which all its other times count. A module is found in [0, load_ns), loaded
    # (read, compiled from compile_ns on, or dlopened) in [load_ns, exec_ns), and executed in [exec_ns, wall_ns); a
    # moment that did not occur is 0. `wait_ns`: blocked on the module's lock, held by `holder`.
    IMPORT_BEGIN: "tid begin_ns module importer line",
    IMPORT: "tid begin_ns wall_ns module importer line loader load_ns exec_ns compile_ns wait_ns holder is_failed",
    # The lines that the top level of a module has come to: `moments` is when (as in begin_ns), which line, when, which
    # line, and so on; line 0 is its end. Each lasts to the next, in the next record too. `file` is the code's, with
    # the time of its last change and its size as they were then, 0 where there was no such file.
    LINES: "tid begin_ns module file changed_ns size moments",
    # Process.start() in the parent; `target` is module:qualified name of what the child will run. `child_pid` is 0
    # where an exception ended it before there was one. `is_chosen`: somebody asked for this start method by name.
    # `file` and `line` are where the host's code called, as far as that is in a file; START_BEGIN says so only where no
    # start() comes to its end: in a child that runs the main module again.
    START_BEGIN: "tid begin_ns process_name start_method target file line",
    START: "tid begin_ns end_ns process_name start_method target child_pid is_chosen file line",
    # A program that subprocess.Popen or os.posix_spawn started, by its parent: asked for at `begin_ns`, the kernel's
    # call made in [exec_ns, end_ns). `program` and `argv` are shortened. `is_told`: its environment leads here.
    PROGRAM: "tid begin_ns exec_ns end_ns prepare_cpu_ns exec_cpu_ns child_pid program argv is_told",
    # os.execv() or execve() is about to replace this program; it failed if anything follows on this thread. `cpu_ns` is
    # what the process has used by then, which the kernel counts on from.
    EXEC: "tid at_ns cpu_ns program argv",
    # On a CPU, waiting for one, and page faults: those of the process in a child, of the thread in a parent. All but
    # `cpu_ns` are null where the kernel does not say.
    PHASE: "tid begin_ns end_ns phase cpu_ns run_queue_ns minor_faults major_faults args",
    # At-fork handlers of others on one `side` of a fork (before, parent, child), in the order in which they ran: each
    # began at a moment and ended at the next.
    HOOKS: "tid side names moments",
    # `cause`: run (the moment before Process.run()), initializer (a pool's worker asks for its first task), or api
    # (mptrace.ready()).
    # Here and in END, what the process has used so far: time on a CPU (all threads), time the main thread waited for
    # one, and page faults; null where the kernel does not say.
    READY: "tid at_ns cause process_name on_cpu_ns run_queue_ns minor_faults major_faults",
    # What a parent learned about a child's end: an exit status, or minus the number of the signal that killed it.
    CHILD_END: "at_ns pid returncode",
    INSTANT: "tid at_ns category name args",
    COUNTER: "at_ns name values",
    # A garbage collection: thread, begin_ns, end_ns, generation, collected, uncollectable, minor faults (-1: nobody
    # counted), in hexadecimal and with blanks between them; why so, patches/gc says.
    COLLECTION: "numbers",
    # The stacks of all threads of a process that had recorded nothing since `begin_ns`. `cause` is what it waits for,
    # or nothing. `stacks`: [native id, name, [file:line function, the innermost first]] of each thread.
    STACKS: "begin_ns at_ns cause stacks",
    # A patch that failed and was switched off, or a recorder that could not write for a while.
    FAILURE: "at_ns patch error",
    LOST: "at_ns count error",
    # The process's own last word. `returncode` is null where it cannot be known from inside. All garbage collections
    # are counted, those too short for a span of their own as well; null where nobody counted.
    END: (
        "at_ns returncode records recording_ns on_cpu_ns run_queue_ns minor_faults major_faults collections "
        "collecting_ns"
    ),
    # The first record of the launcher's journal, instead of PROCESS: `pid` is the launcher's own, `program_pid` that of
    # the program it started with `argv`. After it come SAMPLE, the CHILD_END of the program, and its own END.
    LAUNCHER: "schema pid program_pid begin_ns realtime_ns monotonic_ns boottime_ns host argv",
    # What was seen of process `pid` from outside; `name` and `values` as in COUNTER.
    SAMPLE: "at_ns pid name values",
}
