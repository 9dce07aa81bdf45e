"""The server sends nobody what the seat may not know."""

import json

import numpy as np
import pytest
from starlette.testclient import TestClient

from jaxplay.errors import UserError
from jaxplay.game import make
from jaxplay.players import make_players
from jaxplay.serve.players import Offers
from jaxplay.serve.tables import EVERY, Table
from jaxplay.serve.view import view


def table_of(name, seat: int | str = 0):
    game = make(name)
    return Table(Offers(name, game, make_players(["random"], game)[1][0]).find(name), seat)


def deal(table, cards):
    """A game of Kuhn poker with these cards, before the first decision."""
    episode = table.episode
    while len(episode._states) > 1:
        episode._states.pop()
    episode.events.clear()
    for card in cards:
        episode._step(card)


def told(table):
    """All that is sent about a table, but its id."""
    whole = [view(table, ply) for ply in range(table.plies + 1)]
    return json.dumps([{key: value for key, value in each.items() if key != "id"} for each in whole])


def test_the_others_card_changes_nothing_that_is_sent():
    seen = []
    for other in (1, 2):
        table = table_of("kuhn_poker")
        deal(table, [0, other])
        table.play(1, table.plies)
        seen.append(told(table))
    assert seen[0] == seen[1]
    assert table.plies == 1 and [event["name"] for event in view(table)["events"]] == ["bet"]


def test_how_often_others_tried_is_not_sent():
    """An attempt on a square that is taken does not end the turn; the number of attempts is hidden."""
    seen = []
    for attempts in ([4, 0], [0]):
        table = table_of("phantom_tic_tac_toe")
        table.play(4, 0)
        for cell in attempts:
            table.episode.play(cell)
        seen.append(told(table))
    assert seen[0] == seen[1]


def test_a_showdown_is_seen_and_cannot_be_taken_back():
    table = table_of("kuhn_poker")
    deal(table, [0, 2])
    table.play(1, table.plies)
    table.episode.play(1)
    assert "K" in view(table)["picture"] and table.episode.over
    with pytest.raises(UserError, match="moves stand"):
        table.undo()
    with pytest.raises(UserError, match="seats are kept"):
        table.sit(1)
    with pytest.raises(UserError, match="no seat"):
        table_of("kuhn_poker", EVERY)


def test_replies_go_on_to_the_persons_turn_and_analysis_is_refused(client: TestClient):
    told = client.post("/api/tables", json={"game": "kuhn_poker", "seat": 1}).json()
    assert told["events"] == [] and not told["your_turn"] and not told["open"]
    address = f"/api/tables/{told['id']}"
    refused = client.post(f"{address}/analysis", json={})
    assert refused.status_code == 422 and "hidden" in refused.json()["error"]
    assert client.get(f"{address}/chances").status_code == 422
    told = client.post(f"{address}/reply", json={"ply": 0}).json()
    assert told["your_turn"] and told["events"] == [] and told["plies"] == 0
    hint = client.post(f"{address}/analysis", json={}).json()
    assert {move["move"] for move in hint["moves"]} <= {"pass", "bet"}
    weights = [move["weight"] for move in hint["moves"]]
    assert np.isclose(sum(weights), 1)
    refused = client.post("/api/tables", json={"game": "kuhn_poker", "moves": ["(K)"]})
    assert refused.status_code == 422
