"""What every answer tells the browser: nothing from elsewhere, nothing to elsewhere, nothing kept."""

from __future__ import annotations

from aiohttp import web

NONCE = web.ResponseKey("nonce", str)
"""On an answer with a page: the word that its own styles carry (CSP level 3, 2.3.1)."""
_FIXED = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), clipboard-read=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def policy(host: str, nonce: str = "") -> str:
    """The Content-Security-Policy. `host` is a Host header that was checked.

    The socket is named beside 'self', which older browsers do not take to mean ws: as well.
    """
    if not nonce:
        return "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    parts = (
        "default-src 'none'",
        "script-src 'self'",
        f"style-src 'self' 'nonce-{nonce}'",
        "font-src 'self'",
        "img-src 'self'",
        f"connect-src 'self' ws://{host} wss://{host}",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
    return "; ".join(parts)


async def add(request: web.Request, response: web.StreamResponse) -> None:
    """Adds them to an answer that is about to go out (`Application.on_response_prepare`)."""
    response.headers.update(_FIXED)
    nonce = response.get(NONCE, "")
    response.headers["Content-Security-Policy"] = policy(request.headers.get("Host", ""), nonce)
