"""What a program can see of itself is the same with and without tracing."""

from pathlib import Path

from tests.hosts import PROGRAMS, failures, run


def test_program_sees_itself_unchanged(tmp_path: Path) -> None:
    """Descriptors, signals, threads, hooks, finders, output and exit status do not tell that tracing is on."""
    program = PROGRAMS / "visible.py"
    plain = run(program, traced=False, folder=tmp_path)
    traced = run(program, traced=True, folder=tmp_path)
    assert plain.status == traced.status == 7
    assert traced.stdout == plain.stdout
    assert traced.stderr == plain.stderr
    assert traced.run
    assert failures(traced.run) == []


def test_functions_have_the_same_signatures(tmp_path: Path) -> None:
    """What inspect, and a text signature, say of a function of the library does not tell that it was replaced."""
    program = PROGRAMS / "signatures.py"
    plain = run(program, traced=False, folder=tmp_path)
    traced = run(program, traced=True, folder=tmp_path)
    assert (traced.status, traced.stderr) == (plain.status, plain.stderr) == (0, b"")
    assert b"\nos.execv (path, argv, /) '($module, path, argv, /)'\n" in plain.stdout
    assert set(traced.stdout.splitlines()) ^ set(plain.stdout.splitlines()) == set()
    assert traced.run
    assert failures(traced.run) == []


def test_variables_of_the_host_are_ours_only(tmp_path: Path) -> None:
    """Besides MPTRACE_RUN, which leads its children to the run, the host's environment is unchanged."""
    program = ("-c", "import os; print('\\0'.join(sorted(os.environ)))")
    plain = run(program, traced=False, folder=tmp_path).stdout.decode().strip().split("\0")
    traced = run(program, traced=True, folder=tmp_path).stdout.decode().strip().split("\0")
    assert set(traced) ^ set(plain) == {"MPTRACE", "MPTRACE_DIR", "MPTRACE_RUN"}


def test_nothing_is_printed_where_nothing_can_be_written(tmp_path: Path) -> None:
    """A run folder that cannot be made leaves the host untraced, and silent."""
    outcome = run(("-c", "print('fine')"), traced=True, folder=tmp_path, env={"MPTRACE_DIR": "/proc/nowhere"})
    assert (outcome.status, outcome.stdout, outcome.stderr) == (0, b"fine\n", b"")
