"""How `import mptrace` finds its names."""

import subprocess
import sys

import pytest

import mptrace
from mptrace.runtime import spans


def test_name_is_a_plain_attribute_after_its_first_use(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second use of a name asks nobody: the package's own dictionary has it."""
    monkeypatch.delitem(vars(mptrace), "span", raising=False)
    assert mptrace.span is spans.span
    assert vars(mptrace)["span"] is spans.span


def test_unknown_name_fails_as_in_any_module() -> None:
    """The message is Python's own."""
    with pytest.raises(AttributeError, match=r"^module 'mptrace' has no attribute 'spam'$"):
        mptrace.spam  # type: ignore[attr-defined] # noqa: B018


def test_spans_need_no_package_of_others() -> None:
    """Using everything but traced() and the offline half loads nothing besides mptrace."""
    program = (
        "import sys; before = set(sys.modules); import mptrace\n"
        "for name in ('span', 'instant', 'counter', 'ready', 'is_enabled', 'start', 'stop'): getattr(mptrace, name)\n"
        "print(sorted(name for name in set(sys.modules) - before if not name.startswith('mptrace')))"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"
