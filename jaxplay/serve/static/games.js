// The list of games, by kinds.
import { html, useState } from "./html.js";
import { moveList } from "./address.js";
import { post } from "./api.js";

function Record({ games, first }) {
  const [game, setGame] = useState(first);
  const [moves, setMoves] = useState("");
  const [error, setError] = useState("");
  const show = (name, names, seat) => {
    location.hash = `#${encodeURIComponent(name)}/${moveList(names.map((each) => ({ name: each })))}?seat=${seat}`;
  };
  const open = (event) => {
    event.preventDefault();
    show(game, moves.trim().split(/\s+/).filter(Boolean), "all");
  };
  const read = async (event) => {
    const file = event.target.files[0];
    const kind = file.name.slice(file.name.lastIndexOf(".")).toLowerCase();
    try {
      const found = await post("/api/records", { text: await file.text(), kind });
      show(found.game, found.moves, found.open ? "all" : "watch");
    } catch (failed) {
      setError(failed.message);
    }
  };
  return html`<form class="card record" onSubmit=${open}>
    <h2>Step through a record</h2>
    <p class="quiet">Moves as the game writes them, with spaces between them; outcomes of chance in brackets.</p>
    <label>Game <select value=${game} onChange=${(event) => setGame(event.target.value)}>
      ${games.map((one) => html`<option value=${one.name}>${one.title}</option>`)}</select></label>
    <label>Moves <textarea rows="3" value=${moves} onInput=${(event) => setMoves(event.target.value)} placeholder="4 4 3 5" /></label>
    <button class="main">Open</button>
    <label>Or a file: SGF, PGN, backgammon's .mat, or JSON
      <input type="file" accept=".sgf,.pgn,.mat,.json" onChange=${read} /></label>
    <p role="alert">${error}</p>
  </form>`;
}

export function Games({ catalogue }) {
  const groups = new Map();
  for (const game of catalogue.games) groups.set(game.group, [...(groups.get(game.group) || []), game]);
  return html`<main class="games">
    <h1>Games</h1>
    ${[...groups].sort().map(([group, games]) => html`<section key=${group}>
      <h2>${group[0].toUpperCase() + group.slice(1)}</h2>
      <ul>${games.map((game) => html`<li key=${game.name}><a class="card" href=${`#${encodeURIComponent(game.name)}`}>
        <strong>${game.title}</strong><span>${game.text}</span></a></li>`)}</ul>
    </section>`)}
    <${Record} games=${catalogue.games} first=${catalogue.first} />
  </main>`;
}
