"""Bodies that an older Sauti wrote, brought to the form of this one when they are read. The journal keeps its bytes.

Each step takes the body of a type from one schema to the next; what the older form could not say gets the value that
was true of everything recorded then, or "not known". What is no body of that type stays as it is: whoever checks it
afterwards says so.
"""

from __future__ import annotations

from collections.abc import Callable

from records.bodies import Body, schema_of


def upcast(type: str, schema: int, body: Body) -> Body:
    """A body in the newest form of its type; one of a newer or unknown schema as it is."""
    for step in range(schema, schema_of(type)) if schema > 0 else ():
        body = _STEPS[type, step](body)
    return body


def _turned(body: Body) -> Body:
    """Before schema 2 no picture was turned round, and nobody could say how it was set."""
    source = body.get("source")
    if not isinstance(source, dict):
        return body
    known = {"gain_db": "", "dynamic_range_db": "", **source}
    return {"mirrored": False, "upside_down": False, **body, "source": known}


def _of_one_plane(body: Body) -> Body:
    """Before schema 3 every kept picture was B-mode."""
    return {"mode": "B", "axes": [], "line": -1, "interval_us": 0, **body}


_STEPS: dict[tuple[str, int], Callable[[Body], Body]] = {
    ("image.kept", 1): _turned,
    ("image.kept", 2): _of_one_plane,
}
