"""Turn tracing on in an interactive interpreter where no .pth file does: PYTHONSTARTUP=<this file>.

Runtime: loaded by interactive interpreters only. It runs inside the session's own namespace, so it takes away every
name that it made, this docstring included. To keep a start-up file of your own, copy these lines to its top.
"""


def _start_tracing() -> None:
    import os

    if os.environ.get("MPTRACE") in (None, "", "0"):
        return
    try:
        import mptrace.runtime

        mptrace.runtime.start()
    except Exception:
        # This interpreter has no mptrace, or half of one: the session is not to learn of it.
        pass


_start_tracing()
globals().update(__doc__=None)
del _start_tracing
