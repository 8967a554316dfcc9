"""multiprocessing.util: the moment before a child runs its target, and the status it ends with.

Runtime: loaded where multiprocessing is. BaseProcess._bootstrap() says both through util.info() on every version;
run() and _bootstrap() are left alone, because they are on the stack of whatever the child runs. Whoever asks for
multiprocessing's logger has what it costs counted.
"""

import sys

from mptrace.runtime import lifecycle, preload
from mptrace.runtime.guard import guarded, hide
from mptrace.runtime.patching import Replacement, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

READY = "child process calling self.run()"
EXITING = "process exiting with exitcode "

_replacements: "list[Replacement]" = []


def install(util: "ModuleType") -> None:
    """Listen to what multiprocessing tells its log."""
    _replacements.append(replace(util, "info", _make_info))
    _replacements.append(replace(util, "get_logger", _make_get_logger))


def uninstall() -> None:
    """Listen no more."""
    while _replacements:
        _replacements.pop().restore()
    logger_cost = sys.modules.get("mptrace.runtime.logger_cost")
    if logger_cost:
        logger_cost.unwatch()


def _make_info(original: "Any") -> "Any":
    said = guarded("process", _said)

    def info(msg: "Any", *args: "Any") -> None:
        try:
            original(msg, *args)
        except BaseException as error:
            error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
            raise
        said(msg)  # now: a handler of the host's logger may have taken its time

    return hide(info)


def _make_get_logger(original: "Any") -> "Any":
    given = guarded("process", _given)

    def get_logger() -> "Any":
        try:
            logger = original()
        except BaseException as error:
            error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
            raise
        given(logger)
        return logger

    return hide(get_logger)


def _given(logger: "Any") -> None:
    preload(("runtime/logger_cost.py",))
    from mptrace.runtime import logger_cost

    logger_cost.watch(logger)


def _said(message: "Any") -> None:
    if message == READY:
        lifecycle.ready("run", "bootstrap")
    elif type(message) is str and message.startswith(EXITING):
        lifecycle.returncode = int(message[len(EXITING) :])
