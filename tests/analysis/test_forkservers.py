"""What forkservers preloaded, by their command line and their own account."""

import pytest

from mptrace.analysis.forkservers import Forkserver, Preload, forkservers, preload_list
from mptrace.trace.model import Instant
from tests.trace.traces import MS, imported, phase, process, span, trace_of

IMPORT = "from multiprocessing.forkserver import main; "


@pytest.mark.parametrize(
    ("argv", "modules"),
    [
        (["python", "-c", f"{IMPORT}main(5, 6, ['__main__', 'json'], **{{'sys_path': ['/a']}})"], ["__main__", "json"]),
        (
            ["python", "-c", f"import sys; {IMPORT}main(5, 6, ['json'], sys_argv=sys.argv[1:], **{{}})", "app.py"],
            ["json"],
        ),
        (["python", "-c", f"{IMPORT}main(5, 6, [], **{{}})"], []),
    ],
)
def test_list_is_read_from_the_command_line(argv: list[str], modules: list[str]) -> None:
    """From that of 3.11 to 3.13, and of 3.14 on."""
    assert preload_list(argv) == modules


@pytest.mark.parametrize(
    "command",
    [
        IMPORT,
        f"{IMPORT}main(5, 6)",
        f"{IMPORT}main(5, 6, ['json'",
        f"{IMPORT}main(5, 6, __import__('os').mkdir('executed'))",
        f"{IMPORT}main(5, 6, [__import__('os').mkdir('executed')])",
        f"{IMPORT}main(5, 6, 7)",
        f"{IMPORT}main(5, 6, [7])",
        f"{IMPORT}main(5, 6, {'[' * 5000})",
        f"{IMPORT}\0main(5, 6, ['json'])",
        "print()",
    ],
)
def test_anything_else_is_an_empty_list(
    command: str, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is no list of names is not executed, and no error."""
    folder = tmp_path_factory.mktemp("empty")
    monkeypatch.chdir(folder)
    assert preload_list(["python", "-c", command]) == []
    assert list(folder.iterdir()) == []


def test_what_became_of_each_module_is_told() -> None:
    """How long it took, or why it failed; nothing of what left no trace. Forks of the server are requests served."""
    command = f"{IMPORT}main(5, 6, ['__main__', 'good', 'bad', 'worse', 'unseen'], **{{}})"
    server = process(
        2, role="forkserver", argv=["python", "-c", command],
        spans=[span("preload __main__", 1, 4, "startup", error="OSError: no")],
        imports=[
            imported("good", 5, 7), imported("bad", 8, 9, is_failed=True), imported("worse", 9, 10, is_failed=True),
        ],
        instants=[Instant("startup", "import failed", 1, 9 * MS, {"module": "bad", "error": "ImportError: no"})],
        phases=[phase("fork", 20, 21, "parent"), phase("fork", 22, 23, "parent")],
    )  # fmt: skip
    assert forkservers(trace_of([process(1), server])) == [
        Forkserver(
            server,
            [
                Preload("__main__", 3 * MS, "OSError: no"),
                Preload("good", 2 * MS, None),
                Preload("bad", 1 * MS, "ImportError: no"),
                Preload("worse", 1 * MS, "it failed"),
                Preload("unseen", None, None),
            ],
            served=2,
        )
    ]
