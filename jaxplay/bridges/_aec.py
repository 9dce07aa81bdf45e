"""The environment of PettingZoo that plays a game; see `jaxplay.bridges.pettingzoo_env`."""

from typing import Any

import gymnasium
import jax
import numpy as np
from pettingzoo import AECEnv

from jaxplay.errors import UserError, quoted
from jaxplay.evaluator import sizes
from jaxplay.game import Game
from jaxplay.rollout.host import HostEpisode

MOST_SEED = 2**31 - 1


class GameEnv(AECEnv[str, Any, Any]):
    """A game whose players take turns.

    Args:
        game: any.
        name: of the environment.
        render_mode: `ansi`, or None.
    """

    def __init__(self, game: Game[Any], name: str, render_mode: str | None) -> None:
        super().__init__()
        if render_mode not in (None, "ansi"):
            raise UserError(f"render_mode is {quoted(render_mode)}; allowed: None or 'ansi'")
        self.game, self.render_mode = game, render_mode
        self.metadata = {"name": name, "render_modes": ["ansi"], "is_parallelizable": False}
        self.possible_agents = [f"player_{player}" for player in range(game.num_players)]
        self._observe = jax.jit(game.observe)
        shape = sizes(game).observation
        space = gymnasium.spaces.Box(-np.inf, np.inf, shape, np.float32)
        mask = gymnasium.spaces.Box(0, 1, (game.num_actions,), np.int8)
        spaces: Any = gymnasium.spaces
        self.observation_spaces = {
            agent: spaces.Dict({"observation": space, "action_mask": mask}) for agent in self.possible_agents
        }
        self.action_spaces = {agent: spaces.Discrete(game.num_actions) for agent in self.possible_agents}
        self._seeds = np.random.default_rng()

    def observation_space(self, agent: str) -> gymnasium.spaces.Space[Any]:
        """What an agent may see; the same object at each call."""
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> gymnasium.spaces.Space[Any]:
        """What an agent may do; the same object at each call."""
        return self.action_spaces[agent]

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> None:
        """Begin a game.

        Args:
            seed: of all chance, in this game and in those that follow without one.
            options: not used.
        """
        if seed is not None:
            self._seeds = np.random.default_rng(seed)
        self._episode = HostEpisode(self.game, jax.random.key(int(self._seeds.integers(MOST_SEED))))
        self.agents = [*self.possible_agents]
        self.rewards = dict.fromkeys(self.agents, 0.0)
        self._cumulative_rewards = dict.fromkeys(self.agents, 0.0)
        self.terminations = dict.fromkeys(self.agents, False)
        self.truncations = dict.fromkeys(self.agents, False)
        self.infos = {agent: {} for agent in self.agents}
        self._skip_agent_selection = None
        self.agent_selection = self.possible_agents[self._episode.player]

    def step(self, action: int | None) -> None:
        """Play a move of `agent_selection`; None, once its game is over.

        Raises:
            UserError: the action is not legal.
        """
        agent = self.agent_selection
        if self.terminations[agent] or self.truncations[agent]:
            self._was_dead_step(action)
            return
        if action is None:
            raise UserError(f"{agent} is to move: None is no action")
        before = self._episode.returns
        self._episode.play(int(action))
        gained = self._episode.returns - before  # of a zero-sum game that is cut: what makes it a draw
        self._cumulative_rewards[agent] = 0.0
        self.rewards = {name: float(gained[i]) for i, name in enumerate(self.possible_agents)}
        self._accumulate_rewards()
        if self._episode.over:
            cut = self._episode.truncated
            self.terminations = dict.fromkeys(self.agents, not cut)
            self.truncations = dict.fromkeys(self.agents, cut)
        else:
            self.agent_selection = self.possible_agents[self._episode.player]

    def observe(self, agent: str) -> dict[str, np.ndarray]:
        """What an agent sees, and what it may play, if it is to move."""
        player, episode = self.possible_agents.index(agent), self._episode
        mask = np.zeros(self.game.num_actions, np.int8)
        if not episode.over and episode.player == player:
            mask[episode.legal()] = 1
        seen = self._observe(episode.state, np.int32(player))
        return {"observation": np.asarray(seen, np.float32), "action_mask": mask}

    def render(self) -> str | None:
        """The position as text, where `render_mode` is `ansi`."""
        return self.game.render(self._episode.state) if self.render_mode == "ansi" else None

    def close(self) -> None:
        """Nothing has to be released."""
