"""A flow's parameter as Prefect's UI shows it."""

from __future__ import annotations

from typing import Any

from pydantic import Field


def parameter(*, description: str, **limits: Any) -> Any:
    """A pydantic Field whose description reaches the UI: Prefect 3.8 replaces a field's own by what a docstring says
    under "Args", also by nothing, but leaves its JSON schema alone. `limits`: ge, gt, le, lt.
    """
    return Field(description=description, json_schema_extra={"description": description}, **limits)
