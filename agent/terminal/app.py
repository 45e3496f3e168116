"""The command line. Every command imports what it needs when it runs, so that the others start fast."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["app", "main"]

app = typer.Typer(
    name="sophia",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
approvals = typer.Typer(help="What waits for a person, and deciding it.", invoke_without_command=True)
app.add_typer(approvals, name="approvals")
audit = typer.Typer(help="The audit log: show it, or verify that nobody changed it.", invoke_without_command=True)
app.add_typer(audit, name="audit")
scheduled = typer.Typer(help="The scheduled work, now.", no_args_is_help=True)
app.add_typer(scheduled, name="run")

Thread = Annotated[str | None, typer.Option("--thread", help="The conversation that it belongs to.")]
ActAs = Annotated[str | None, typer.Option("--as", help="Act for this person, if you may.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout; the rest on stderr.")]


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"sophia {version('sophia')}")
        raise typer.Exit


@app.callback()
def sophia(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    """Operations by conversation: plans, previews, approvals, verified effects, evidence."""


@app.command()
def ask(
    text: Annotated[str, typer.Argument(help="What you need, in your own words; - reads it from standard input.")],
    thread: Thread = None,
    act_as: ActAs = None,
    plan_only: Annotated[bool, typer.Option("--plan-only", help="Show the plan and do nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Make one request, streamed while it is worked on."""
    from agent.terminal import asking
    from agent.terminal.edge import run

    words = _standard_input() if text == "-" else text
    work = asking.plan_only if plan_only else asking.ask
    run(lambda: work(words, thread, act_as, as_json), as_json=as_json)


def _standard_input() -> str:
    import sys

    return sys.stdin.buffer.read(1_000_000).decode("utf-8", "replace")


@app.command()
def chat(thread: Thread = None, act_as: ActAs = None) -> None:
    """The same as a conversation."""
    from agent.terminal import chatting
    from agent.terminal.edge import run

    run(lambda: chatting.chat(thread, act_as))


@app.command()
def resume(
    turn: Annotated[str | None, typer.Argument(help="Its id (t_…); without one, everything of yours.")] = None,
    as_json: Json = False,
) -> None:
    """Go on with what was interrupted."""
    from agent.terminal import asking
    from agent.terminal.edge import run

    run(lambda: asking.resume(turn, as_json), as_json=as_json)


@approvals.callback()
def approvals_default(context: typer.Context) -> None:
    """List what waits when no subcommand is given."""
    if context.invoked_subcommand is None:
        approvals_list()


@approvals.command("list")
def approvals_list(as_json: Json = False) -> None:
    """What waits for an approval."""
    from agent.terminal import deciding
    from agent.terminal.edge import run

    run(lambda: deciding.list_waiting(as_json), as_json=as_json)


@approvals.command("show")
def approvals_show(ref: Annotated[str, typer.Argument(metavar="ID")], as_json: Json = False) -> None:
    """One approval: exactly what would be done."""
    from agent.terminal import deciding
    from agent.terminal.edge import run

    run(lambda: deciding.show_one(ref, as_json), as_json=as_json)


@approvals.command("approve")
def approvals_approve(
    ref: Annotated[str, typer.Argument(metavar="ID")], act_as: ActAs = None, as_json: Json = False
) -> None:
    """Approve exactly what the card shows, and go on with it."""
    from agent.terminal import deciding
    from agent.terminal.edge import run

    run(lambda: deciding.decide(ref, act_as, as_json, approve=True, reason=""), as_json=as_json)


@approvals.command("deny")
def approvals_deny(
    ref: Annotated[str, typer.Argument(metavar="ID")],
    reason: Annotated[str, typer.Option(help="Why not; the requester is told.")],
    act_as: ActAs = None,
    as_json: Json = False,
) -> None:
    """Deny it, with a reason."""
    from agent.terminal import deciding
    from agent.terminal.edge import run

    run(lambda: deciding.decide(ref, act_as, as_json, approve=False, reason=reason), as_json=as_json)


@approvals.command("delegate")
def approvals_delegate(
    ref: Annotated[str, typer.Argument(metavar="ID")],
    person: Annotated[str, typer.Argument(metavar="PERSON", help="Who has the role, and decides for themselves.")],
    act_as: ActAs = None,
) -> None:
    """Leave the decision to somebody else."""
    from agent.terminal import deciding
    from agent.terminal.edge import run

    run(lambda: deciding.delegate(ref, person, act_as))


@app.command()
def sweep(
    competitors: Annotated[list[str] | None, typer.Argument(metavar="[COMPETITOR]...", help="All without one.")] = None,
    as_json: Json = False,
) -> None:
    """Look at the competitors' pages now, as the schedule does."""
    from agent.terminal import commanding
    from agent.terminal.edge import run

    run(lambda: commanding.sweep(competitors or [], as_json), as_json=as_json)


@app.command()
def watch(
    place: Annotated[
        str, typer.Argument(metavar="DOMAIN_OR_URL_OR_CSV", help="For example realpage.com, or a list of pages.")
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="What one capture of this page would keep and ignore, and why.")
    ] = False,
    selector: Annotated[str | None, typer.Option(metavar="CSS", help="With --dry-run: only this part of it.")] = None,
    tell: Annotated[str | None, typer.Option(metavar="CHANNEL", help="For a list: where changes are told.")] = None,
    as_json: Json = False,
) -> None:
    """Discover what can be watched there, and propose it; nothing is watched before you agree.

    The pages of a file with an address a line (and aspect, competitor, selector beside it) are proposed as they are.
    """
    from agent.terminal import commanding
    from agent.terminal.edge import run

    file = Path(place)
    if file.suffix.lower() in (".csv", ".tsv", ".txt") and file.is_file() and not dry_run:
        run(lambda: commanding.import_list(file, tell, as_json), as_json=as_json)
    elif dry_run:
        run(lambda: commanding.dry_run(place, selector, as_json), as_json=as_json)
    else:
        run(lambda: commanding.watch(place, as_json), as_json=as_json)


@app.command("eval")
def evaluate(
    suites: Annotated[
        list[str] | None, typer.Argument(metavar="[SUITE]... | add THREAD", help="All without one.")
    ] = None,
    cases: Annotated[Path | None, typer.Option(help="Cases from elsewhere, for one suite.")] = None,
    baseline: Annotated[Path | None, typer.Option(help="A metric worse than in this file fails the run.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="The quick profile of each suite.")] = False,
    results: Annotated[Path | None, typer.Option(help="A folder for results (JSON lines) and a report.")] = None,
    write_baseline: Annotated[
        bool, typer.Option("--write-baseline", help="Keep the figures as what later runs are held to.")
    ] = False,
    model: Annotated[
        bool, typer.Option("--model", help="Requests, planned by the configured model, several times over.")
    ] = False,
    times: Annotated[int, typer.Option(min=1, max=50, help="How often, with --model.")] = 5,
    as_json: Json = False,
) -> None:
    """How good it is: run evaluation suites, or propose a case from a thread that went wrong."""
    from agent.terminal import evaluating
    from agent.terminal.edge import run

    asked = evaluating.Asked(
        suites=tuple(suites or ()),
        cases=cases,
        baseline=baseline,
        quick=quick,
        results=results,
        write_baseline=write_baseline,
        as_json=as_json,
        model_times=times if model else 0,
    )
    run(lambda: evaluating.evaluate(asked), as_json=as_json)


@app.command()
def tools(as_json: Json = False) -> None:
    """Every tool: arguments and their roles, effect, gate, preview, verify, undo."""
    from agent.terminal import catalogue
    from agent.terminal.edge import run

    run(lambda: catalogue.show(as_json), as_json=as_json)


@audit.callback()
def audit_default(context: typer.Context) -> None:
    """Show the newest entries when no subcommand is given."""
    if context.invoked_subcommand is None:
        audit_show()


@audit.command("show")
def audit_show(
    since: Annotated[str | None, typer.Option(help="For example 7d.")] = None, as_json: Json = False
) -> None:
    """Who asked, approved and did what."""
    from agent.terminal import direct
    from agent.terminal.edge import run

    run(lambda: direct.call("audit_log", {"since": since}, as_json), as_json=as_json)


@audit.command("verify")
def audit_verify(as_json: Json = False) -> None:
    """Check the whole log; exit status 1 when it was changed."""
    from agent.terminal import direct
    from agent.terminal.edge import run

    run(lambda: direct.verify_audit(as_json), as_json=as_json)


@app.command()
def init(
    path: Annotated[Path, typer.Argument(help="Where to write it.")] = Path("sophia.toml"),
    force: Annotated[bool, typer.Option(help="Overwrite.")] = False,
) -> None:
    """Write a commented sophia.toml."""
    from agent.terminal import configuring
    from agent.terminal.edge import run

    run(lambda: configuring.write(path, force))


@app.command()
def doctor(
    slack: Annotated[bool, typer.Option("--slack", help="Check the Slack connection too.")] = False,
    as_json: Json = False,
) -> None:
    """What is configured, what runs embedded, what is missing, what to do."""
    from agent.terminal import configuring
    from agent.terminal.edge import run

    run(lambda: configuring.examine_all(slack, as_json), as_json=as_json)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on; 0.0.0.0 in a container.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Slack's requests, /health and /ready.")] = 3000,
    manifest: Annotated[bool, typer.Option("--slack-manifest", help="Print Slack's app manifest and stop.")] = False,
    url: Annotated[
        str | None, typer.Option(help="Where Slack reaches this port, for the manifest; without it, Socket Mode.")
    ] = None,
) -> None:
    """Slack, schedules and the work behind them in one process."""
    from agent.terminal import serving
    from agent.terminal.edge import run

    if manifest:
        run(lambda: serving.print_manifest(url))
    run(lambda: serving.serve(host, port))


@app.command()
def worker(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="/health and /ready.")] = 3001,
    put_aside: Annotated[bool, typer.Option("--put-aside", help="List work that was put aside, and why.")] = False,
    retry: Annotated[str | None, typer.Option(metavar="ID", help="Try something again that was put aside.")] = None,
) -> None:
    """One more worker on the same PostgreSQL; or what all of them put aside."""
    from agent.terminal import serving
    from agent.terminal.edge import run

    if put_aside:
        run(serving.list_put_aside)
    if retry is not None:
        run(lambda: serving.try_again(retry))
    run(lambda: serving.work(host, port))


@app.command()
def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Leave the services running that it deploys.")] = False,
    pages: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Real captures instead of invented ones: a folder of them.")
    ] = None,
    live: Annotated[str | None, typer.Option(metavar="URL", help="A page of yours to watch as well.")] = None,
    folder: Annotated[
        Path, typer.Option(help="Where everything is kept; what an earlier demo left there is deleted.")
    ] = Path(".sophia/demo"),
    only: Annotated[int | None, typer.Option(min=1, max=5, help="A single beat of the story.")] = None,
) -> None:
    """The whole story on real parts, in one terminal, within a minute."""
    from agent.demo.story import Options
    from agent.demo.story import demo as tell
    from agent.terminal.edge import run

    run(lambda: tell(Options(keep=keep, pages=pages, live=live, folder=folder, only=only)))


@scheduled.command()
def orchestrate(
    mode: Annotated[str, typer.Option(help="due, intelligent, or all.")] = "intelligent",
    auto_scale: Annotated[bool, typer.Option("--auto-scale", help="Scale what the load asks for.")] = False,
    cost_optimize: Annotated[bool, typer.Option("--cost-optimize", help="Propose what costs less.")] = False,
    workflow: Annotated[
        bool, typer.Option("--print-workflow", help="Print a GitHub Actions workflow for it and do nothing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Do the scheduled work once, for a pipeline: what is due, with a summary of the job."""
    from agent.terminal import orchestrating
    from agent.terminal.edge import run

    if workflow:
        run(lambda: orchestrating.print_workflow(mode, auto_scale=auto_scale, cost_optimize=cost_optimize))
    run(
        lambda: orchestrating.orchestrate(mode, auto_scale=auto_scale, cost_optimize=cost_optimize, as_json=as_json),
        as_json=as_json,
    )


@app.command()
def backup(file: Annotated[Path, typer.Argument()]) -> None:
    """Write everything that is remembered into one file."""
    from agent.terminal import keeping
    from agent.terminal.edge import run

    run(lambda: keeping.back_up(file))


@app.command()
def restore(
    file: Annotated[Path, typer.Argument()],
    force: Annotated[bool, typer.Option(help="Replace what is there.")] = False,
) -> None:
    """Bring everything back from a backup; nothing that was in flight goes on by itself."""
    from agent.terminal import keeping
    from agent.terminal.edge import run

    run(lambda: keeping.bring_back(file, force))


def main() -> None:
    """The `sophia` command."""
    from agent.terminal import outlets

    with outlets.opened():
        app()
