"""The page that says what went wrong, why, and what to do."""

from aiohttp import web

from web.pages.layout import draw
from web.problems import Problem


async def show(request: web.Request, problem: Problem) -> web.StreamResponse:
    """A problem in the person's language."""
    return draw(request, "trouble.html", here="", status=problem.status, problem=problem)
