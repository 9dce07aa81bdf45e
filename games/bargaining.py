"""Bargaining: two players divide books, hats and balls that they value differently.

Rules: there are 5 to 7 things, at least one of each kind. Each player knows what a thing of each kind is
worth to itself, a whole number of points from 0 on, which make 10 for all things together; what they are
worth to the other is hidden. Every kind is worth something to somebody, and some kind to both; all such deals
are as likely. The players take turns, player 0 (A) first: each proposes what it would keep, or agrees to the
other's last proposal. Then the proposer gets what it wanted to keep, and the other the rest. After 10
proposals without agreement nobody gets anything.

Actions (121), as in OpenSpiel. Of the proposals those are legal that the table allows.

| Action   | Move                                                                           | Written |
|----------|--------------------------------------------------------------------------------|---------|
| 0 to 119 | to keep so many: all ways to keep at most 7 things, the books changing fastest | `2,0,1` |
| 120      | to agree to the other's last proposal                                          | `agree` |

Chance outcomes (31): the things on the table (31 ways), then their worth to player 0, then to player 1 (up to
26 ways each, in the order of `VALUES`), written `table 3,1,2`, `A 1,5,1`, `B 0,4,3`. As OpenSpiel deals from
a list of 1,000 such deals, only the play is the same.

Observation: `(8 + 4 turns,)` float32, `(48,)` unless told otherwise.

| Entries   | Value                                                           |
|-----------|-----------------------------------------------------------------|
| 2         | 1 where the observer has this seat                              |
| 3         | things of each kind / 7                                         |
| 3         | what one of them is worth to the observer / 10                  |
| turns x 4 | for each proposal: 1, and things of each kind to be kept / 7    |

Rewards, when the players agree: with the objective `selfish`, which is usual, the worth to oneself of what
one gets; `cooperative`: the worth to both together; `competitive`: the worth to oneself less that to the
other.

Source: Lewis et al., Deal or no deal? End-to-end learning for negotiation dialogues, EMNLP 2017,
https://arxiv.org/abs/1706.05125; the objectives: Liao et al., Efficacy of language model self-play in
non-zero-sum games, 2024, https://arxiv.org/abs/2406.18872
"""

import itertools
from dataclasses import dataclass
from typing import Annotated, Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.game import CHANCE
from jaxplay.games import _svg, _text
from jaxplay.games._hidden import LETTERS, HiddenGame, flat, one_hot, put, status
from jaxplay.struct import pytree
from jaxplay.typed import Range

KINDS = ("books", "hats", "balls")
MOST, WORTH = 7, 10
"""Things on the table at most, and what they are worth together."""
AGREE = 120
NUMBERS = np.arange(AGREE + 1)
SHOWN = 6
"""Number of proposals that a picture shows."""
OBJECTIVES = ("selfish", "cooperative", "competitive")


def _compositions(total: range, least: int) -> np.ndarray:
    """`(n, 3)` int8: three numbers from `least` on whose sum is in `total`, the first changing fastest."""
    counts = range(least, max(total) + 1)
    rows = [(a, b, c) for c, b, a in itertools.product(counts, repeat=3) if a + b + c in total]
    return np.array(rows, np.int8)


OFFERS = _compositions(range(MOST + 1), 0)
"""`(120, 3)` int8: what an action proposes to keep."""
POOLS = _compositions(range(5, MOST + 1), 1)
"""`(31, 3)` int8: what may be on the table."""


def _valuations() -> np.ndarray:
    """`(31, V, 3)` int8: what the things on the table may be worth to a player; zeros after the last way."""
    worths = np.array(list(itertools.product(range(WORTH + 1), repeat=3)), np.int8)
    ways = [worths[worths @ pool == WORTH] for pool in POOLS]
    most = max(map(len, ways))
    return np.stack([np.pad(way, [(0, most - len(way)), (0, 0)]) for way in ways])


VALUES = _valuations()
"""`(31, 26, 3)` int8: what the things of each pool may be worth to a player."""


def _pairs() -> np.ndarray:
    """`(31, V, V)` float32: 1 where every kind has worth for one of the players, and some kind for both."""
    one, other = VALUES[:, :, None] > 0, VALUES[:, None] > 0
    return np.where((one | other).all(axis=-1) & (one & other).any(axis=-1), np.float32(1), np.float32(0))


PAIRS = _pairs()
"""`(31, 26, 26)` float32: 1 for each deal that there is."""
WAYS = PAIRS.sum(axis=2)
"""`(31, 26)` float32: how many deals there are with each worth to player 0."""
DEALS = np.argwhere(PAIRS).astype(np.int8)
"""`(n, 3)` int8: all deals."""


def _bits(possible: np.ndarray) -> np.ndarray:
    """`(...)` uint32: which of up to 32 numbers are possible, `(..., n)` bool, bit by bit."""
    powers = np.uint32(1) << np.arange(possible.shape[-1], dtype=np.uint32)
    return np.where(possible, powers, np.uint32(0)).sum(axis=-1, dtype=np.uint32)


POOL_BITS, WORTH_BITS, PAIR_BITS = (_bits(ways > 0) for ways in (PAIRS.sum(axis=(1, 2)), WAYS, PAIRS))
"""`()`, `(31,)` and `(31, 26)` uint32: which numbers each part of the deal may have."""


@pytree
class BargainingState:
    """A position: besides the fields of every state, the deal and the proposals.

    Attributes:
        deal: `(3,)` int8: numbers of the pool and of its worth to players 0 and 1, -1 before they are dealt.
        offers: `(turns,)` int8: proposals, -1 for those to come.
        agreed: `()` bool: the last proposal was agreed to.
    """

    current_player: Array
    legal_action_mask: Array
    rewards: Array
    terminated: Array
    deal: Array
    offers: Array
    agreed: Array


@dataclass(frozen=True)
class Bargaining(HiddenGame):
    """Deal or no deal: see the module for rules, actions and observation.

    Attributes:
        objective: What players want: `selfish`, `cooperative` or `competitive`.
        turns: Greatest number of proposals, 1 to 100.
    """

    objective: Literal["selfish", "cooperative", "competitive"] = "selfish"
    turns: Annotated[int, Range(1, 100)] = 10
    num_actions = AGREE + 1
    num_chance_outcomes = len(POOLS)

    @property
    def max_plies(self) -> int:
        """Number of decisions: a proposal each turn, or in its place the agreement."""
        return self.turns

    @property
    def zero_sum(self) -> bool:
        """Whether returns add up to zero: only where the players compete."""
        return self.objective == "competitive"

    @property
    def min_return(self) -> float:
        """The return of who competes and gets nothing while the other gets all; else nothing."""
        return -float(WORTH) if self.zero_sum else 0.0

    @property
    def max_return(self) -> float:
        """The return of who gets everything, or with the cooperative objective everything twice."""
        return float(2 * WORTH if self.objective == "cooperative" else WORTH)

    @property
    def teams(self) -> tuple[int, ...]:  # pyright: ignore[reportIncompatibleVariableOverride]
        """One team, where the players cooperate."""
        return (0, 0) if self.objective == "cooperative" else ()

    def init(self, key: Array) -> BargainingState:
        """The state before anything lies on the table."""
        return self._state(jnp.full(3, -1, jnp.int8), jnp.full(self.turns, -1, jnp.int8), jnp.bool_(False))

    def fresh(self, key: Array) -> BargainingState:
        """A game with its deal, all at once."""
        number = jnp.minimum(jax.random.uniform(key) * len(DEALS), len(DEALS) - 1).astype(jnp.int32)
        offers = jnp.full(self.turns, -1, jnp.int8)
        return self._state(jnp.asarray(DEALS)[number], offers, jnp.bool_(False))

    def step(self, state: BargainingState, action: Array) -> BargainingState:
        """Chance deals a part of what there is, or a player proposes or agrees."""
        dealing, agreed = state.current_player == CHANCE, action == AGREE
        offered = put(state.offers, (state.offers >= 0).sum(), action)
        return self._state(
            jnp.where(dealing, put(state.deal, (state.deal >= 0).sum(), action), state.deal),
            jnp.where(dealing | agreed, state.offers, offered),
            agreed,
        )

    def _state(self, deal: Array, offers: Array, agreed: Array) -> BargainingState:
        dealing, count = deal[-1] < 0, (offers >= 0).sum()
        ended = agreed | (count == self.turns)
        mask = jnp.where(dealing, _outcomes(deal), _proposals(deal) & ((NUMBERS < AGREE) | (count > 0)))
        return BargainingState(
            current_player=jnp.where(dealing, CHANCE, count % 2),
            legal_action_mask=mask | ended,
            rewards=self._earned(deal, offers, agreed),
            terminated=ended,
            deal=deal,
            offers=offers,
            agreed=agreed,
        )

    def _earned(self, deal: Array, offers: Array, agreed: Array) -> Array:
        """`(2,)` float32: what an agreement earns; nothing without."""
        count = (offers >= 0).sum()
        kept = jnp.asarray(OFFERS)[offers[count - 1]]
        mine = (count - 1) % 2 == np.arange(2)
        shares = jnp.where(mine[:, None], kept[None], (_pool(deal) - kept)[None])
        worth = (shares * _values(deal)).sum(axis=1).astype(jnp.float32)
        if self.objective == "cooperative":
            worth = worth + worth[::-1]
        if self.objective == "competitive":
            worth = worth - worth[::-1]
        return jnp.where(agreed, worth, jnp.float32(0))

    def chance_probs(self, state: BargainingState) -> Array:
        """`(31,)` float32: so that all deals are as likely."""
        weights = _weights(state.deal)
        return weights / weights.sum()

    def observe(self, state: BargainingState, player: Array | None = None) -> Array:
        """`(8 + 4 turns,)` float32: seat, things, their worth to the observer, proposals."""
        seat, made = self.seat(state, player), state.offers >= 0
        kept = jnp.where(made[:, None], jnp.asarray(OFFERS)[state.offers], jnp.int8(0))
        offers = jnp.concatenate([made[:, None].astype(jnp.float32), kept.astype(jnp.float32) / MOST], axis=1)
        own = jnp.where(seat == 0, *_values(state.deal)).astype(jnp.float32) / WORTH
        return flat(one_hot(seat, 2), _pool(state.deal).astype(jnp.float32) / MOST, own, offers)

    def action_to_string(self, action: int) -> str:
        """What is kept, such as `2,0,1`; or `agree`."""
        return "agree" if action == AGREE else ",".join(map(str, OFFERS[action]))

    def parse_action(self, text: str) -> int:
        """The inverse of `action_to_string`."""
        names = map(self.action_to_string, range(self.num_actions))
        return _text.parse(text, names, f"numbers of {', '.join(KINDS)} to keep, such as 2,0,1; and agree")

    def outcome_to_string(self, state: BargainingState, outcome: int) -> str:
        """Things of each kind, such as `table 3,1,2`; then what they are worth to whom, such as `A 1,5,1`."""
        deal = np.asarray(state.deal)
        dealt = int((deal >= 0).sum())
        numbers = VALUES[deal[0], outcome] if dealt else POOLS[outcome]
        return f"{('table', *LETTERS)[dealt]} {','.join(map(str, numbers))}"

    def render(self, state: BargainingState, player: int | None = None) -> str:
        """Things and their worth, proposals, and whose turn it is."""
        head = " " * 12 + " ".join(kind.rjust(5) for kind in KINDS)
        rows = [
            f"{title:12}{' '.join(x.rjust(5) for x in cells)}" for title, cells in self._rows(state, player)
        ]
        return "\n".join([head, *rows, *self._lines(state)])

    def render_svg(self, state: BargainingState, player: int | None = None) -> str:
        """Things and their worth as a table, and the last proposals."""
        rows = self._rows(state, player)
        rows = rows[:3] + rows[3:][-SHOWN:]
        lines = self._lines(state)
        height = 60 + 34 * len(rows) + 24 * len(lines)
        shapes = [_svg.rect(0, 0, 420, height, _svg.PAPER, radius=14), *_kinds()]
        for i, (title, cells) in enumerate(rows):
            y = 66 + 34 * i
            shapes.append(_svg.rect(8, y - 15, 404, 30, ("#e9ecef", "#f6e7c1")[i >= 3], radius=6))
            shapes += _svg.texts([title, *cells], 70, y, right=95, fill=_svg.INK)
        shapes += _svg.texts(lines, 210, 66 + 34 * len(rows), down=24, fill=_svg.INK)
        return _svg.document(420, height, *shapes)

    def _rows(self, state: BargainingState, player: int | None) -> list[tuple[str, list[str]]]:
        """Titles and numbers: things, worth to each as `player` knows it, proposals."""
        dealt = np.asarray(state.deal) >= 0
        rows = [("table", _cells(_pool(state.deal), dealt[0]))]
        for i, worth in enumerate(np.asarray(_values(state.deal))):
            seen = state.terminated or player in (None, i) or not dealt[1 + i]
            rows.append((f"worth to {LETTERS[i]}", _cells(worth, dealt[1 + i]) if seen else ["?"] * 3))
        for i, offer in enumerate(np.asarray(state.offers)):
            if offer >= 0:
                rows.append((f"{LETTERS[i % 2]} keeps", _cells(OFFERS[offer], True)))
        return rows

    def _lines(self, state: BargainingState) -> list[str]:
        """Who has agreed, and whose turn it is."""
        agreed = [f"{LETTERS[int((np.asarray(state.offers) >= 0).sum()) % 2]} agrees"] * bool(state.agreed)
        return [*agreed, status(state, self._earned(state.deal, state.offers, state.agreed))]


def _pool(deal: Array) -> Array:
    """`(3,)` int8: what is on the table, nothing before it is dealt."""
    return jnp.where(deal[0] >= 0, jnp.asarray(POOLS)[deal[0]], jnp.int8(0))


def _values(deal: Array) -> Array:
    """`(2, 3)` int8: what things are worth to each player, nothing before it is dealt."""
    return jnp.where(deal[1:, None] >= 0, jnp.asarray(VALUES)[deal[0], deal[1:]], jnp.int8(0))


def _proposals(deal: Array) -> Array:
    """`(121,)` bool: what can be proposed, and the agreement."""
    pool, kept = _pool(deal), np.append(OFFERS, np.zeros((1, 3), np.int8), axis=0)
    return (pool[0] >= kept[:, 0]) & (pool[1] >= kept[:, 1]) & (pool[2] >= kept[:, 2])


def _outcomes(deal: Array) -> Array:
    """`(121,)` bool: the numbers that the next part of the deal may have, as an action mask has room."""
    ways = jnp.where(deal[1] < 0, jnp.asarray(WORTH_BITS)[deal[0]], jnp.asarray(PAIR_BITS)[deal[0], deal[1]])
    bits = jnp.where(deal[0] < 0, POOL_BITS, ways)
    return ((bits >> np.minimum(NUMBERS, 31).astype(np.uint32)) & 1 > 0) & (len(POOLS) > NUMBERS)


def _weights(deal: Array) -> Array:
    """`(31,)` float32: in how many deals the next part of the deal has each number."""
    worths = jnp.where(deal[1] < 0, jnp.asarray(WAYS)[deal[0]], jnp.asarray(PAIRS)[deal[0], deal[1]])
    worths = jnp.pad(worths, (0, len(POOLS) - worths.size))
    return jnp.where(deal[0] < 0, PAIRS.sum(axis=(1, 2)), worths)


def _cells(numbers: Array | np.ndarray, dealt: bool) -> list[str]:
    return [str(number) if dealt else "-" for number in np.asarray(numbers)]


def _kinds() -> list[str]:
    """A book, a hat and a ball, above their columns."""
    book = _svg.rect(150, 12, 30, 34, _svg.RED, radius=3) + _svg.rect(155, 12, 3, 34, _svg.PAPER)
    hat = _svg.rect(248, 16, 24, 22, _svg.INK, radius=2) + _svg.rect(238, 36, 44, 6, _svg.INK, radius=3)
    return [book, hat, _svg.circle(355, 29, 17, _svg.BLUE)]


GAME = Bargaining
GROUP = "bargaining and cooperation"
