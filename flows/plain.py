"""Values of records and tables as JSON and CSV write them: times in ISO 8601, UTC."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any


def plain(value: object) -> Any:
    """What json.dumps does not know, as something that it does; for its `default`."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, bytes):
        return value.hex()
    return float(value) if isinstance(value, Decimal) else str(value)


def json_value(value: object) -> Any:
    """A value of a query for JSON: what is no number there (NaN, infinity) is null, also inside lists and structs."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): json_value(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [json_value(inner) for inner in value]
    return value if value is None or isinstance(value, str | int) else plain(value)


def csv_cell(value: object) -> object:
    """A value of a query as a CSV cell: NULL is empty, lists and structs are JSON, truth is true or false."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping | list | tuple):
        return json.dumps(json_value(value), ensure_ascii=False)
    return value if value is None or isinstance(value, str | int | float) else plain(value)
