"""Turn tracing on and off in a running program: mptrace.start() and mptrace.stop().

Runtime: loaded where the host calls them. They are called on purpose, so unlike everything else in the runtime they
may raise: OSError when there is nowhere to write.
"""

import os

from mptrace.runtime import boot, config, guard, journal, run, spans

TYPE_CHECKING = False
if TYPE_CHECKING:
    from os import PathLike

# What start() has set in the environment: the value, and the one that was there before.
_set: "dict[str, tuple[str, str | None]]" = {}


def start(dir: "str | PathLike[str] | None" = None) -> str:  # noqa: A002 - as tempfile calls it
    """Trace this process from now on, and every Python process that it starts; return the folder of the run.

    >>> import mptrace
    >>> run = mptrace.start("runs")
    >>> with mptrace.span("work"):
    ...     answer = sum(range(1000))
    >>> mptrace.stop()

    The run's folder is made in *dir*, by default MPTRACE_DIR or ``.mptrace`` in the working directory; a child that
    tracing has not reached by itself joins the run of its parent. Where tracing is on already, nothing changes. What
    was imported before is not in the trace, and neither are the children of a forkserver that was running before.
    Raises OSError when the folder cannot be made or written to.
    """
    if not journal.is_open():
        folder = (config.inherited_run() if dir is None else None) or _new_run(dir)
        guard.is_strict = config.is_strict()
        boot.start_here(folder)
        _tell_children(folder)
        spans.renew()
    return os.environ.get(config.RUN, "")


def stop() -> None:
    """Trace this process no longer, and put back the environment that start() found.

    >>> import mptrace
    >>> mptrace.stop()

    What has been recorded stays. Spans that are open now are shown as unfinished. Processes that are being traced go
    on; those started from now on are traced if the environment before start() says so.
    """
    if journal.is_open():
        guard.guarded(spans.NAME, boot.stop)()
        spans.renew()
    while _set:
        name, (ours, before) = _set.popitem()
        if os.environ.get(name) != ours:
            continue  # the host has set it since
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


def _new_run(dir: "str | PathLike[str] | None") -> str:  # noqa: A002
    directory = os.fsdecode(dir or os.environ.get(config.DIRECTORY) or config.DEFAULT_DIRECTORY)
    folder = run.create(directory, os.getpid())
    run.describe(folder, config.ARGV)
    return folder


def _tell_children(folder: str) -> None:
    for name, value in ((config.MPTRACE, "1"), (config.RUN, folder)):
        _set[name] = value, os.environ.get(name)
        os.environ[name] = value
