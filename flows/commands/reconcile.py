"""storywatch reconcile: tell a Prefect server of your own which runs are dead."""

from __future__ import annotations


def command() -> None:
    """Call the flow runs Crashed whose process is gone, and free their slots, on the server of Prefect's settings.

    For a Prefect server of your own, before its worker starts, after a power cut or kill -9. `storywatch up` does it by
    itself. Runs on the machine of the worker; refuses while a worker of another machine lives.

    [bold]Examples[/bold]

    \b
    PREFECT_API_URL=http://127.0.0.1:4200/api storywatch reconcile
    storywatch reconcile && prefect worker start --pool storywatch --name "storywatch on $(hostname)"
    """
    from flows.recording import why_not_recorded

    why_not = why_not_recorded()
    if why_not is not None:
        from extractors.errors import InputError

        raise InputError(f"no Prefect server to reconcile: {why_not}")
    from prefect.client.orchestration import get_client

    from flows.reconcile import reconcile, told

    with get_client(sync_client=True) as client:
        lines = told(reconcile(client))
    print("\n".join(lines or ["nothing to put right"]))
