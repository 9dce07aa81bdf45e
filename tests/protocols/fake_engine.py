"""A program that speaks GTP or UCI, for tests: `fake_engine.py gtp|uci HOW`."""

import sys
import time

KIND, HOW = sys.argv[1:]
LETTERS = "abcdefghjklmnopqrst"
size, taken = 9, set()


def say(text):
    """Answer."""
    print(text, flush=True)


def free():
    """A point that nobody has named."""
    points = [f"{letter}{row + 1}" for letter in "abcdefghijk"[:size] for row in range(size)]
    return next(point for point in points if point not in taken)


for line in sys.stdin:
    words = line.split()
    if HOW == "sleep":
        time.sleep(60)
    if HOW == "die":
        print("out of coffee", file=sys.stderr)
        sys.exit(3)
    if HOW == "late" and words[0] in ("genmove", "go"):
        time.sleep(0.5)
    if KIND == "uci":
        if words[0] == "uci":
            say("id name fake\nuciok")
        elif words[0] == "isready":
            say("readyok")
        elif words[0] == "go":
            say("info string hello\nbestmove a2a3")
    elif words[0] == "genmove":
        move = {"resign": "resign", "illegal": "Z99"}.get(HOW) or free()
        taken.add(move)
        say(f"= {move}\n")
    elif words[0] == "komi" and HOW == "refuse":
        say("? not today\n")
    else:
        if words[0] == "boardsize":
            size = int(words[1])
        elif words[0] == "clear_board":
            taken = set()
        elif words[0] == "play":
            taken.add(words[2])
        say("= \n")
