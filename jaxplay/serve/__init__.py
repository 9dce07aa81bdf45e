"""A page to play in, in the browser: the server, and `show` for notebooks. Needs the extra `web`."""

from jaxplay.serve.server import Address, Server, serve, show

__all__ = ["Address", "Server", "serve", "show"]
