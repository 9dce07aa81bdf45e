import json
import re
from dataclasses import dataclass

import numpy as np
import pytest
from small_games import Nim

from jaxplay.game import make
from jaxplay.serve.app import Service
from jaxplay.serve.areas import _BOARDS, Area
from jaxplay.serve.players import Offers, name_of
from jaxplay.serve.tables import EVERY, Table
from jaxplay.serve.view import view


def begin(client, **fields):
    answer = client.post("/api/tables", json=fields)
    assert answer.status_code == 200, answer.text
    return answer.json()


def post(client, told, what, **fields):
    answer = client.post(f"/api/tables/{told['id']}/{what}", json=fields)
    assert answer.status_code == 200, answer.text
    return answer.json()


def play(client, told, name):
    action = next(move["action"] for move in told["legal"] if move["name"] == name)
    return post(client, told, "move", action=action, ply=told["plies"])


def test_a_game_to_its_end(client):
    told = begin(client, game="tic_tac_toe", level="beginner")
    while not told["over"]:
        assert told["your_turn"] == (told["player"] == 0)
        if told["your_turn"]:
            told = play(client, told, told["legal"][0]["name"])
        else:
            told = post(client, told, "reply", ply=told["plies"])
    assert told["legal"] == [] and told["player"] is None and told["result"]
    assert len(told["events"]) == told["plies"] >= 5


def test_a_person_who_is_about_to_win_wins(client):
    told = begin(client, game="tic_tac_toe", moves=["a3", "a1", "b3", "b1"])
    told = play(client, told, "c3")
    assert told["over"] and told["result"] == "you (player 1) win"


def test_an_opponent_who_is_about_to_win_wins(client):
    told = begin(client, game="tic_tac_toe", seat=1, moves=["a3", "a1", "b3", "b1"])
    told = post(client, told, "reply", ply=4)
    assert told["events"][-1]["name"] == "c3" and told["result"] == "mcts:16 (player 1) wins"


def test_undo_swap_and_levels(client):
    told = begin(client, game="tic_tac_toe", moves=["b2", "a3"])
    told = play(client, told, "c3")
    told = post(client, told, "undo")
    assert [event["name"] for event in told["events"]] == ["b2", "a3"]
    told = post(client, told, "sit", seat=1)
    assert told["seat"] == 1 and not told["your_turn"]
    assert post(client, told, "sit", level="casual")["level"] == "casual"
    assert post(client, told, "sit", watch=True)["seat"] is None
    assert post(client, told, "sit", seat=EVERY)["your_turn"]


def test_earlier_positions_are_shown_and_have_no_moves(client):
    told = begin(client, game="tic_tac_toe", moves=["b2", "a3"])
    first = client.get(f"/api/tables/{told['id']}?ply=0").json()
    assert first["ply"] == 0 and first["legal"] == [] and first["plies"] == 2
    assert first["picture"] != told["picture"]
    assert client.get(f"/api/tables/{told['id']}/text").text.splitlines()[-1] == "X to move"


def test_analysis_prefers_the_winning_move(client):
    told = begin(client, game="tic_tac_toe", moves=["a3", "a1", "b3", "b1"])
    found = post(client, told, "analysis")
    best = found["moves"][0]
    assert best["move"] == "c3" == found["line"][0] and best["path"] == ["c3"]
    assert best["winrate"] == 1.0 and found["visits"] == 16 and found["player"] == 0
    assert sum(move["weight"] for move in found["moves"]) == pytest.approx(1)
    assert found["tree"][0]["depth"] == 0 and found["tree"][1]["move"] == "c3"


def test_chances_of_the_first_player_over_a_game(client):
    told = begin(client, game="tic_tac_toe", moves=["a3", "a1", "b3", "b1", "c3"], seat=EVERY)
    found = client.get(f"/api/tables/{told['id']}/chances").json()
    assert found["contest"] and len(found["chances"]) == 6
    assert found["chances"][-1] == 1.0 and found["chances"][4] > 0.9


def test_requests_for_many_games_go_together(offers):
    service = Service(offers)
    tables = [Table(offers.find("tic_tac_toe"), 1) for _ in range(10)]
    futures = [service.batcher.submit(table.lane, table.question()) for table in tables]
    visits = [future.result(300).visits for future in futures]
    assert all(each is not None and each.sum() == 16 for each in visits)
    assert max(service.batcher.batches) > 2
    service.batcher.close()


def test_a_request_that_fails_is_the_only_one_that_fails(offers):
    service = Service(offers)
    table = Table(offers.find("tic_tac_toe"), 1)
    questions = [table.question(), table.question()._replace(state="nonsense"), table.question()]
    futures = [service.batcher.submit(table.lane, question) for question in questions]
    assert [future.exception(300) is None for future in futures] == [True, False, True]
    service.batcher.close()


@pytest.mark.parametrize("name", _BOARDS)
def test_boards_can_be_clicked(name):
    """Areas lie in the picture, and each move's areas are areas; boards have them for nearly all moves."""
    game = make(name)
    table = Table(Offers(name, game).find(name), 0 if not game.perfect_information else EVERY)
    told = view(table)
    areas = {area.name: area for area in table.offer.board.areas}
    assert len(areas) == len(table.offer.board.areas)
    for area in areas.values():
        assert area.x >= 0 and area.x + area.width <= told["width"] + 0.01
        assert area.y >= 0 and area.y + area.height <= told["height"] + 0.01
    paths = [tuple(move["path"]) for move in told["legal"]]
    assert {place for path in paths for place in path} <= areas.keys()
    if paths:
        assert len(set(paths)) >= 0.6 * len(paths)
    json.dumps(told, allow_nan=False)


@pytest.mark.parametrize(
    ("name", "moves", "move", "path"),
    [
        ("chess", ["e2e4", "e7e5"], "g1f3", ["g1", "f3"]),
        ("breakthrough", [], "a7b6", None),
        ("nim", [], "d3", ["d5"]),
        ("connect_four", ["4"], "4", ["4"]),
        ("backgammon", ["(3-1)"], "8/5", ["8", "5"]),
        ("backgammon", ["(3-1)", "8/5", "6/5", "(4-2)"], "8/4", ["17", "21"]),
    ],
)
def test_moves_are_made_by_their_areas(name, moves, move, path):
    table = Table(Offers(name, make(name)).find(name), EVERY, history=moves)
    legal = {each["name"]: list(each["path"]) for each in view(table)["legal"]}
    if path is not None:
        assert legal[move] == path
    else:
        assert all(len(areas) == 2 for areas in legal.values())


def circles(table):
    """Middles and radii of the circles in a picture."""
    found = re.findall(r'<circle cx="([^"]*)" cy="([^"]*)" r="([^"]*)"', view(table)["picture"])
    return {tuple(map(float, numbers)) for numbers in found}


@pytest.mark.parametrize(("name", "move"), [("gomoku", "c4"), ("othello", "d3"), ("hex", "b3")])
def test_stones_lie_in_their_areas(name, move):
    """A stone of a picture is drawn in the middle of the area that it was placed by."""
    table = Table(Offers(name, make(name)).find(name), EVERY)
    before = circles(table)
    area = next(area for area in table.offer.board.areas if area.name == move)
    table.play(next(m["action"] for m in view(table)["legal"] if m["name"] == move), 0)
    centre = (area.x + area.width / 2, area.y + area.height / 2)
    assert min(np.hypot(x - centre[0], y - centre[1]) for x, y, _ in circles(table) - before) < 1


SGF = "(;GM[1]SZ[5]KM[0.5];B[cc];W[bb];B[cb])"
PGN = "1. e4 e5 2. Nf3 *"


def test_two_players_meet(client):
    told = begin(
        client, game="tic_tac_toe", watch=True, opponent="random", rival="mcts:16", moves=["a3", "a1", "c2"]
    )
    assert (told["opponent"], told["rival"]) == ("random", "mcts:16") and told["opponents"][0] == "mcts:16"
    while not told["over"]:
        told = post(client, told, "reply", ply=told["plies"])
    assert told["plies"] >= 5
    refused = client.post("/api/tables", json={"opponent": "mcts:16000000"})
    assert refused.status_code == 422 and "no opponent" in refused.json()["error"]


def test_a_level_below_full_is_weaker(offers):
    """A beginner leaves a win in one more often than a player of full strength."""
    table = Table(offers.find("tic_tac_toe"), None, history=["a3", "a1", "b3", "b1"])
    assert table.question(share=0.04).num_simulations == 2 and table.question().num_simulations == 16


def test_records_become_moves(client):
    found = client.post("/api/records", json={"text": SGF, "kind": ".sgf"}).json()
    assert found["game"].startswith("go,") and "size=5" in found["game"]
    assert found["moves"] == ["C3", "B4", "C4"]
    found = client.post("/api/records", json={"text": PGN, "kind": ".pgn"}).json()
    assert found == {"game": "chess", "moves": ["e2e4", "e7e5", "g1f3"], "open": True}
    for text, kind, status in [("(;GM[1", ".sgf", 422), ("", ".json", 422), ("x", ".exe", 400)]:
        assert client.post("/api/records", json={"text": text, "kind": kind}).status_code == status


def test_a_game_with_chance_begins_in_the_middle():
    history = ["(3-1)", "8/5", "6/5"]
    table = Table(Offers("backgammon", make("backgammon")).find("backgammon"), EVERY, history=history)
    names = [event["name"] for event in view(table)["events"]]
    assert names[:3] == history and len(names) == 4 and names[3].startswith("(")


@dataclass(frozen=True)
class Clicked(Nim):
    """A game of one's own that says where it is clicked."""

    def hit_areas(self):
        return [Area("0", 0, 0, 10, 10), Area("1", 10, 0, 10, 10)]


def test_a_game_of_ones_own_is_clicked_where_it_says():
    game = Clicked((1, 2))
    table = Table(Offers("my_module:Clicked", game).find("my_module:Clicked"), EVERY)
    told = view(table)
    assert [area.name for area in table.offer.board.areas] == ["0", "1"]
    paths = {move["name"]: move["path"] for move in told["legal"]}
    assert paths["0"] == ("0",) and all(path == () for name, path in paths.items() if name not in ("0", "1"))
    assert view(Table(Offers("x", Nim((1, 2))).find("x"), EVERY))["legal"][0]["path"] == ()


def test_names_of_games():
    assert name_of(make("hex", size=5)) == "hex,size=5" and name_of(make("hex")) == "hex"
