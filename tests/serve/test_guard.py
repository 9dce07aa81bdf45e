"""Who may ask, and what is refused: a status of 4xx and one line of JSON, never an error of ours."""

import random
import string
import sys
from types import SimpleNamespace

import pytest
from starlette.testclient import TestClient

from jaxplay.serve import requests
from jaxplay.serve.app import make_app
from jaxplay.serve.guard import LOOPBACK, PROXIES, Access
from jaxplay.serve.server import Address

HOME = "http://127.0.0.1:8000"
NAME = "abcdefgh"


def visitor(offers, access, home=HOME):
    return TestClient(make_app(offers, access), base_url=home, follow_redirects=False)


def refused(answer, status):
    assert answer.status_code == status, answer.text
    line = answer.json()["error"]
    assert line and "\n" not in line and "Traceback" not in line
    return line


def test_pages_come_with_headers_that_keep_others_out(client):
    answer = client.get("/")
    assert answer.status_code == 200 and '<script type="module"' in answer.text
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy and "frame-ancestors 'self'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    for name in ("app.js", "style.css", "vendor/preact.js", "vendor/LICENSE-preact"):
        assert client.get(f"/static/{name}").status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "192.168.1.9", ""])
def test_other_hosts_are_refused(client, host):
    """Somebody's name that leads to this machine must not open it to their page (DNS rebinding)."""
    refused(client.get("/api/catalogue", headers={"host": host}), 403)


def test_other_origins_are_refused(client):
    for origin in ("https://evil.example", "http://127.0.0.1:9000", "null"):
        refused(client.post("/api/tables", json={}, headers={"origin": origin}), 403)
    refused(client.post("/api/tables", json={}, headers={"sec-fetch-site": "cross-site"}), 403)
    assert client.post("/api/tables", json={}, headers={"origin": HOME}).status_code == 200


def test_a_token_is_needed_and_kept_as_a_cookie(offers):
    with visitor(offers, Access(token="a-long-token")) as client:
        for path in ("/", "/api/catalogue", "/static/app.js"):
            refused(client.get(path), 401)
        refused(client.get("/?token=a-wrong-token"), 401)
        refused(client.get("/", headers={"cookie": "jaxplay_token=\x00;;="}), 401)
        assert client.get("/", headers={"authorization": "Bearer a-long-token"}).status_code == 200
        answer = client.get("/?token=a-long-token")
        assert answer.status_code == 303 and answer.headers["location"] == "/"
        assert (
            "HttpOnly" in answer.headers["set-cookie"] and "SameSite=strict" in answer.headers["set-cookie"]
        )
        assert client.get("/api/catalogue").status_code == 200


def test_a_client_that_asks_too_often_waits(offers):
    with visitor(offers, Access(rate=0.001, burst=5)) as client:
        answers = [client.get("/api/catalogue") for _ in range(7)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 2
    refused(answers[-1], 429)


def test_any_address_of_the_machine_but_no_name(offers):
    access = Access(any_address=True, token=NAME)
    with visitor(offers, access, "http://192.168.1.9:8000") as client:
        headers = {"authorization": f"Bearer {NAME}"}
        assert client.get("/", headers=headers).status_code == 200
        refused(client.get("/", headers=headers | {"host": "evil.example"}), 403)
    assert Address("::1").is_local and not Address("0.0.0.0").is_local


def test_bodies_are_bounded(client, monkeypatch):
    refused(
        client.post("/api/tables", content=b'{"game": "' + b"x" * requests.MOST_BYTES + b'"}', headers=JSON),
        413,
    )
    refused(client.post("/api/tables", content=b"{}", headers={"content-type": "text/plain"}), 415)

    async def never(request):
        import asyncio

        await asyncio.sleep(60)

    monkeypatch.setattr(requests, "SECONDS", 0.01)
    monkeypatch.setattr(requests, "_body", never)
    refused(client.post("/api/tables", content=b"{}", headers=JSON), 408)


JSON = {"content-type": "application/json"}
BODIES = [
    b"", b"{", b"[]", b"null", b"1", b'"text"', b"{}", b"\xff\xfe", b"NaN", b'{"ply": NaN}', b"[" * 50_000,
    b'{"game": 1}', b'{"game": null, "seat": true}', b'{"seat": 9}', b'{"seat": -1}', b'{"seat": 1.5}',
    b'{"seat": "everybody"}', b'{"level": "divine"}', b'{"moves": [1]}', b'{"moves": ["z9"]}', b'{"ply": -5}',
    b'{"moves": ["b2", "b2"]}', b'{"moves": "b2"}', b'{"game": "chess:os"}', b'{"game": "os:system"}',
    b'{"game": "pgx:chess"}', b'{"game": "hex,size=1000000"}', b'{"game": "hex,size="}', b'{"cheat": 1}',
    b'{"game": "../../etc/passwd"}', b'{"action": 4}', b'{"action": 4, "ply": 99}', b'{"watch": "yes"}',
    b'{"action": -1, "ply": 0}', b'{"action": 1e300, "ply": 0}', b'{"action": true, "ply": 0}',
    b'{"action": 99999999999999999999999999, "ply": 0}', b'{"action": "4", "ply": 0}',
    b'{"ply": 10000000000000000}', b'{"\\u0000": "\\ud800"}',
]  # fmt: skip
PATHS = ["", "/ID/move", "/ID/reply", "/ID/undo", "/ID/sit", "/ID/analysis", "/nobody/move", "/ID/what"]


def test_malformed_requests_harm_nothing(client):
    """Bad bodies at every address, and noise: an answer below 500 each, and one line where it is refused."""
    luck = random.Random(7)
    noise = ["".join(luck.choices(string.printable, k=luck.randrange(40))).encode() for _ in range(12)]
    table = client.post("/api/tables", json={"game": "tic_tac_toe"}).json()["id"]
    for path in PATHS:
        for body in BODIES + noise:
            answer = client.post("/api/tables" + path.replace("ID", table), content=body, headers=JSON)
            assert answer.status_code < 500
            if answer.status_code != 200:
                assert "failed" not in refused(answer, answer.status_code)
    for query in ("ply=-1", "ply=x", "ply=9" * 3, "ply=%00", "ply=1&ply=2", "ply=٣"):
        refused(client.get(f"/api/tables/{table}?{query}"), 400)
    for method in ("GET", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"):
        assert 400 <= client.request(method, f"/api/tables/{table}/move").status_code < 500
    for path in ("/../../etc/passwd", "/static/%2e%2e/app.py", "/static/../../app.py", "/%00", "/a" * 900):
        refused(client.get(path), 404)
    refused(client.get("/api/run"), 404)
    assert client.get(f"/api/tables/{table}").json()["error"] == ""


def test_a_game_that_crashes_is_its_own_error(offers, monkeypatch):
    app = make_app(offers, Access(rate=1e6, burst=1e6))
    with TestClient(app, base_url=HOME) as client:
        sound, broken = (client.post("/api/tables", json={}).json()["id"] for _ in range(2))
        game = type(offers.find("tic_tac_toe").game)
        with monkeypatch.context() as patch:
            patch.setattr(game, "render_svg", lambda *_: 1 / 0)
            assert "ZeroDivisionError" in refused(client.get(f"/api/tables/{broken}"), 409)
        refused(client.post(f"/api/tables/{broken}/move", json={"action": 0, "ply": 0}), 409)
        told = client.post(f"/api/tables/{sound}/move", json={"action": 0, "ply": 0}).json()
        assert told["plies"] == 1 and told["error"] == ""


def test_notebooks_show_the_page_in_a_frame(offers, monkeypatch):
    from jaxplay.serve import server

    frames, shown = [], SimpleNamespace()
    output = SimpleNamespace(serve_kernel_port_as_iframe=lambda *a, **k: frames.append((a, k)))
    colab = SimpleNamespace(output=output)
    found = server.Server("tic_tac_toe", offers.find("tic_tac_toe").game, None, Address(port=0), framed=True)
    monkeypatch.setitem(sys.modules, "google.colab", colab)
    server._frame(found, 600)
    assert frames == [((found.port,), {"path": "/", "height": "600"})]
    monkeypatch.delitem(sys.modules, "google.colab")
    display = SimpleNamespace(IFrame=lambda *a: a, display=lambda frame: setattr(shown, "frame", frame))
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(display=display))
    server._frame(found, 600)
    assert shown.frame == (found.url, "100%", 600)
    found.socket.close()


def test_frames_are_allowed_where_they_are_asked_for(offers):
    access = Access((*LOOPBACK, *PROXIES), frames=True)
    for home in (HOME, "https://x-8000-colab.googleusercontent.com"):
        with visitor(offers, access, home) as client:
            assert "http://localhost:*" in client.get("/").headers["content-security-policy"]
            origin = {"origin": "https://x-8000-colab.googleusercontent.com"}
            assert client.post("/api/tables", json={}, headers=origin).status_code == 200
            refused(client.post("/api/tables", json={}, headers={"origin": "https://evil.example"}), 403)
