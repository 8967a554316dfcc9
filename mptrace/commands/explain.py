"""``mptrace explain``: the manual page of a rule."""

from textwrap import fill

import click

from mptrace.errors import CommandError


@click.command("explain")
@click.argument("rule", required=False)
def command(rule: str | None) -> None:
    """Say what a rule of the report means, and what to do about it.

    RULE is the name in brackets beside a finding. Without it, all rules are listed.
    """
    from mptrace.analysis.findings import RULES, manual

    if rule is None:
        width = max(map(len, RULES)) + 2
        for name in sorted(RULES):
            click.echo(fill(manual.pattern(name), 80, initial_indent=f"{name:<{width}}", subsequent_indent=" " * width))
    elif rule in RULES:
        click.echo(manual.page(rule), nl=False)
    else:
        raise CommandError(f"there is no rule {rule!r}: mptrace explain lists them", status=2)
