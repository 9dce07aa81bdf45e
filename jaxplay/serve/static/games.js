// The list of games, by kinds.
import { html, useState } from "./html.js";
import { moveList } from "./address.js";

function Record({ games, first }) {
  const [game, setGame] = useState(first);
  const [moves, setMoves] = useState("");
  const open = (event) => {
    event.preventDefault();
    const events = moves.trim().split(/\s+/).filter(Boolean).map((name) => ({ name }));
    location.hash = `#${encodeURIComponent(game)}/${moveList(events)}?seat=all`;
  };
  return html`<form class="card record" onSubmit=${open}>
    <h2>Step through a record</h2>
    <p class="quiet">Moves as the game writes them, with spaces between them; outcomes of chance in brackets.</p>
    <label>Game <select value=${game} onChange=${(event) => setGame(event.target.value)}>
      ${games.map((one) => html`<option value=${one.name}>${one.title}</option>`)}</select></label>
    <label>Moves <textarea rows="3" value=${moves} onInput=${(event) => setMoves(event.target.value)} placeholder="4 4 3 5" /></label>
    <button class="main">Open</button>
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
