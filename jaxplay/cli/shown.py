"""The options that `--help` shows of commands with many: those that people change first, in this order.

`--help-all` shows the others too. Whoever adds a setting need not add it here.
"""

COMMON = ("preset", "config", "minutes", "steps", "out", "seed")
"""Of all commands that train; the first five are the commands' own."""

TRAIN = (
    *COMMON,
    *("network", "network.width", "network.depth"),
    *("search", "search.num_simulations"),
    *("selfplay.num_matches", "selfplay.num_plies"),
    *("learner", "learner.learning_rate", "learner.batch_size", "learner.num_updates"),
    *("evaluate_minutes", "evaluate_simulations", "devices"),
)

LEAGUE = (
    *COMMON,
    "main_share",
    *("network", "network.width", "search.num_simulations", "selfplay.num_matches", "learner.learning_rate"),
    *("league.main_agents.count", "league.main_exploiters.count", "league.league_exploiters.count"),
    *("league.main_agents.matchmaking", "league.main_agents.max_steps"),
    *("league.slots", "evaluate_minutes", "devices"),
)

EXPLOIT = ("config", "seed", "search.num_simulations", "learner.learning_rate", "learner.num_updates")
"""Besides the command's own, all of which are shown."""
