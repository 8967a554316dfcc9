"""Read run.json, which says what was run, and where.

Offline. It may come from anywhere: what is not as the runtime writes it is left out, and named in one line.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import orjson

from mptrace.records import RUN_FILE
from mptrace.trace.reader import Warnings, content_of, why_unread


def read_run(folder: Path, warnings: Warnings) -> Mapping[str, Any]:
    """Return what run.json says, as far as it can be used; with a warning where that is not all."""
    path = folder / RUN_FILE
    try:
        run = orjson.loads(content_of(path))
    except FileNotFoundError:
        warnings.add(path, "is missing: what was run, and where, is not known")
    except OSError as error:
        warnings.add(path, why_unread(error))
    except orjson.JSONDecodeError:
        warnings.add(path, "is not valid JSON")
    else:
        if isinstance(run, dict):
            return _usable(path, run, warnings)
        warnings.add(path, "is not a JSON object")
    return {}


def _usable(path: Path, run: Mapping[str, Any], warnings: Warnings) -> Mapping[str, Any]:
    """Return what is as it should be, and all that is not known here: a later mptrace may have written it."""
    wrong = [name for name, is_right in FIELDS.items() if name in run and not is_right(run[name])]
    if wrong:
        warnings.add(path, f"is not as mptrace writes it, and was read without: {', '.join(wrong)}")
    return {name: value for name, value in run.items() if name not in wrong}


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    return type(value) is int and value >= 0


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_quota(value: Any) -> bool:
    if value is None:
        return True  # there is none
    return isinstance(value, dict) and all(_is_number(value.get(name)) for name in ("quota_us", "period_us"))


FIELDS: Mapping[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("id", "mptrace", "cwd", "python", "executable", "host", "boot_id"), _is_text),
    **dict.fromkeys(("schema", "realtime_ns", "monotonic_ns", "boottime_ns", "cpus", "affinity"), _is_number),
    **dict.fromkeys(("argv", "cgroup", "limits", "spans"), _are_texts),
    "dont_write_bytecode": _is_flag,
    "cpu_quota": _is_quota,
}
