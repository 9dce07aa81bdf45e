// What the address tells: a game with its moves, the list of games, or the run.

export function read(hash) {
  const [path, query] = hash.replace(/^#\/?/, "").split("?");
  const [page, moves] = path.split("/");
  if (page === "games" || page === "run") return { page };
  const asked = new URLSearchParams(query || "");
  return {
    page: "play",
    game: decodeURIComponent(page || ""),
    moves: moves ? moves.split("+").map(decodeURIComponent) : [],
    seat: asked.get("seat") || "0",
  };
}

export const moveList = (events) => events.map((event) => encodeURIComponent(event.name)).join("+");

export function write(game, events, seat) {
  const moves = events.length ? `/${moveList(events)}` : "";
  const query = seat === "0" ? "" : `?seat=${encodeURIComponent(seat)}`;
  return `#${encodeURIComponent(game)}${moves}${query}`;
}
