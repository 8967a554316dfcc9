"""The boundary that keeps our failures from the host.

Runtime: loaded in every traced process. Here are the broad handlers (what runs at each import has its own): what fails
is recorded once, the patch it belongs to is switched off, and the host goes on. With MPTRACE_STRICT=1 it is raised
instead, so that the test suite sees it. The host's own call stands outside: its exceptions pass through, without our
frame. So does what a signal handler of the host raises while code of ours runs: a time-out, say.
"""

from sys import is_finalizing as _is_finalizing

from mptrace.records import FAILURE
from mptrace.runtime import journal, preload
from mptrace.runtime.clock import now_ns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

# errno.ENFILE and EMFILE, without a module that the host has not loaded.
TOO_MANY_FILES = (23, 24)
is_strict = False
# How a patch is undone by its name; patches/__init__ says.
switch_off: "Callable[[str], Any]" = len
_failed: "set[str]" = set()


def guarded(patch: str, function: "Callable[..., Any]") -> "Callable[..., Any]":
    """Return *function* so that an exception inside it switches *patch* off and yields None."""

    def call(*args: "Any") -> "Any":
        try:
            return function(*args)
        except Exception as error:
            failed(patch, error)
            return None

    return call


def hide(wrapper: "Callable[..., Any]") -> "Callable[..., Any]":
    """Make *wrapper*, a function that calls the original, invisible to those who count stack levels; return it.

    warnings.warn(stacklevel=) and logging's findCaller() (3.11 to 3.15) pass over frames of the import system, and so
    name the same file and line as without us. Tracebacks leave such frames out too where an import failed.
    """
    function: Any = wrapper
    function.__code__ = function.__code__.replace(co_filename="<frozen importlib._bootstrap>")
    return wrapper


def failed(patch: str, error: Exception, is_over: "Callable[[], bool]" = _is_finalizing) -> None:
    """Record that *patch* failed, once, and switch it off; not once Python *is_over*, and takes our modules away.

    What a signal handler of the host raised is no failure: it is raised again, on its way to the host.
    """
    if is_over():
        return
    if isinstance(error, RecursionError | MemoryError):
        return  # the host's own limit, which it is about to meet itself: an event is lost, nothing of ours is broken
    signals = _signals()
    if signals and signals.comes_from_handler(error):
        raise error
    if isinstance(error, OSError) and error.errno in TOO_MANY_FILES:
        journal.lose(error.strerror or "")  # such a limit too
        return
    if is_strict:
        raise error
    if patch in _failed:
        return
    _failed.add(patch)
    at_ns = now_ns()
    try:
        text = f"{type(error).__name__}: {error}"
        journal.write(at_ns, f'["{FAILURE}",{at_ns},{journal.quote(patch)},{journal.quote(text)}]\n')
        switch_off(patch)
    except Exception:
        # An exception whose str() fails, or a patch that cannot be undone: there is nobody left to tell.
        pass


def undisturbed(patch: str, act: "Callable[[], None]") -> "Callable[[], None]":
    """Return *act*, guarded, as an at-fork handler, which takes no signal away from the host.

    CPython prints what such a handler raises, and drops it: a KeyboardInterrupt too, if the signal came during the
    fork and the first code to run after it is ours. So this one does not look for signals as it is entered (by the
    argument of RESUME it is in the middle of a `yield from`), and what a signal handler raises later is handed on.
    """
    function: Any = _at_fork
    code = function.__code__
    code = code.replace(co_code=bytes((code.co_code[0], 2)) + code.co_code[2:])
    return type(function)(code, globals(), function.__name__, (patch, act, _is_finalizing))  # type: ignore[no-any-return]


def _at_fork(patch: str, act: "Callable[[], None]", is_over: "Callable[[], bool]") -> "Any":
    try:
        act()
    except BaseException as error:
        if is_over():
            return None  # what a finalizer forks, with most of our modules gone
        signals = _signals()
        if signals and signals.hand_on(error):
            # Last of all, and no call: calls are when CPython looks for signals.
            return signals.INTERRUPT.arrives
        if isinstance(error, Exception):
            failed(patch, error)
    return None


def _signals() -> "Any":
    """Return signals.py, or None where it cannot be loaded: the host may have no descriptor left."""
    try:
        preload(("runtime/signals.py",))
        from mptrace.runtime import signals
    except (OSError, ImportError):
        return None
    return signals
