"""The documentation page: plain HTML made from the description, so it works without the internet."""

from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

router = APIRouter(include_in_schema=False)
_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c1e21}
h2{margin-top:2.5rem;border-bottom:1px solid #ddd}summary{cursor:pointer;padding:.3rem 0}
code,pre{font:13px ui-monospace,monospace;background:#f4f4f6;border-radius:4px;padding:.1rem .3rem}
pre{padding:.7rem;overflow:auto}b.m{display:inline-block;width:4.2rem;color:#0b57d0}small{color:#666}
"""


@router.get("/docs", response_class=HTMLResponse)
async def docs(request: Request) -> HTMLResponse:
    """Every operation by tag, with scope, parameters and errors, from `/openapi.json`."""
    description = request.app.openapi()
    body = "".join(_section(tag, rows) for tag, rows in _by_tag(description).items())
    page = (
        "<!doctype html><html lang=en><meta charset=utf-8><title>clientbase API</title>"
        f"<style>{_STYLE}</style>"
        f"<h1>clientbase API {escape(description['info']['version'])}</h1>"
        f"<p>{escape(description['info']['description'])}</p>"
        f"<p>Machine-readable: <a href=/openapi.json>/openapi.json</a></p>{body}</html>"
    )
    policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    return HTMLResponse(page, headers={"Content-Security-Policy": policy})


def _by_tag(description: dict[str, Any]) -> dict[str, list[tuple[str, str, dict[str, Any]]]]:
    found: dict[str, list[tuple[str, str, dict[str, Any]]]] = {}
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            found.setdefault(operation["tags"][0], []).append((method.upper(), path, operation))
    return found


def _section(tag: str, rows: list[tuple[str, str, dict[str, Any]]]) -> str:
    return f"<h2>{escape(tag)}</h2>" + "".join(_operation(*row) for row in rows)


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    parameters = "".join(
        f"<li><code>{escape(item['name'])}</code> <small>{escape(item['in'])}</small> "
        f"{escape(item.get('description', ''))}</li>"
        for item in operation.get("parameters", [])
    )
    answers = ", ".join(f"<code>{escape(status)}</code>" for status in operation["responses"])
    return (
        f"<details><summary><b class=m>{method}</b> <code>{escape(path)}</code> "
        f"{escape(operation.get('summary', ''))}</summary><p>{escape(operation.get('description', ''))}</p>"
        f"<p>Scope: <code>{escape(str(operation.get('x-scope')))}</code>. Answers: {answers}.</p>"
        f"<ul>{parameters}</ul></details>"
    )
