"""The errors that mptrace raises on purpose.

Shared by the offline half and the API: whatever else reaches a user as an exception is a defect.
"""


class MptraceError(Exception):
    """Something that the user can put right; the message is one line that says what."""


class CommandError(MptraceError):
    """A command failed. ``status`` is the exit status: 2 for wrong usage, 1 for all else."""

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.status = status
