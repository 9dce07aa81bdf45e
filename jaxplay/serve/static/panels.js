// What stands beside the board: moves, chances over the game, the analysis of a position.
import { html, useEffect, useRef, useState } from "./html.js";

export const percent = (share) => `${Math.round(100 * share)}%`;

const COLOURS = ["first", "second", "third", "fourth"];

export function Moves({ view, at, go }) {
  const list = useRef(null);
  useEffect(() => {
    const now = list.current && list.current.querySelector("[aria-current]");
    if (now) list.current.scrollTop = now.offsetTop - list.current.clientHeight / 2;
  }, [at, view.plies]);
  const step = (ply) => go(Math.max(0, Math.min(view.plies, ply)));
  return html`<section class="card moves" aria-label="moves">
    <ol ref=${list} tabindex="0" aria-label="moves so far">
      ${view.events.length === 0 && html`<li class="quiet">No moves yet</li>`}
      ${view.events.map((event, i) => html`<li key=${i}>
        <button class=${`move ${COLOURS[event.player] || "chance"}`} aria-current=${at === i + 1 ? "step" : null} onClick=${() => step(i + 1)}>${event.name}</button>
      </li>`)}
    </ol>
    <div class="steps" role="group" aria-label="step through the game">
      <button aria-label="first position" disabled=${at === 0} onClick=${() => step(0)}>«</button>
      <button aria-label="one back" disabled=${at === 0} onClick=${() => step(at - 1)}>‹</button>
      <span class="quiet">${at} / ${view.plies}</span>
      <button aria-label="one on" disabled=${at === view.plies} onClick=${() => step(at + 1)}>›</button>
      <button aria-label="last position" disabled=${at === view.plies} onClick=${() => step(view.plies)}>»</button>
    </div>
  </section>`;
}

// The chance of the first player at each position: an area chart that is clicked to go there.
export function Chances({ chances, at, go }) {
  if (!chances || chances.filter((chance) => chance !== null).length < 2) return null;
  const [width, height] = [300, 72];
  const last = Math.max(chances.length - 1, 1);
  const known = chances.map((chance, ply) => [ply, chance]).filter(([, chance]) => chance !== null);
  const x = (ply) => (ply / last) * width;
  const y = (chance) => (1 - chance) * height;
  const line = known.map(([ply, chance]) => `${x(ply).toFixed(1)},${y(chance).toFixed(1)}`).join(" ");
  const click = (event) => {
    const box = event.currentTarget.getBoundingClientRect();
    go(Math.round(((event.clientX - box.left) / box.width) * last));
  };
  return html`<figure class="card chances">
    <figcaption>Chances of the first player</figcaption>
    <svg viewBox=${`0 0 ${width} ${height}`} preserveAspectRatio="none" onClick=${click} role="img" aria-label="chances over the game">
      <polygon points=${`0,${height} ${line} ${x(known[known.length - 1][0])},${height}`} />
      <line class="even" x1="0" x2=${width} y1=${height / 2} y2=${height / 2} />
      <polyline points=${line} />
      <line class="now" x1=${x(at)} x2=${x(at)} y1="0" y2=${height} />
    </svg>
  </figure>`;
}

export function Bar({ chance }) {
  const share = chance === null || chance === undefined ? 0.5 : chance;
  return html`<div class=${`bar ${chance === null || chance === undefined ? "unknown" : ""}`} role="meter" aria-label="chance of the first player"
      aria-valuemin="0" aria-valuemax="100" aria-valuenow=${Math.round(100 * share)}>
    <div class="fill" style=${{ height: percent(share) }} />
    <span>${chance === null || chance === undefined ? "" : Math.round(100 * share)}</span>
  </div>`;
}

// The tree of a search: nodes that open, the most visited first.
function branches(nodes) {
  const root = { children: [] };
  const path = [root];
  for (const node of nodes) {
    const made = { ...node, children: [] };
    if (node.depth > 0) path[node.depth - 1].children.push(made);
    path[node.depth] = node.depth === 0 ? root : made;
  }
  return root.children;
}

function Branch({ node, open }) {
  const told = html`<span class="name">${node.move}</span><span class="quiet">${node.visits} visits</span><span class="rate">${percent(node.winrate)}</span>`;
  if (!node.children.length) return html`<li class="leaf">${told}</li>`;
  return html`<li><details open=${open}><summary>${told}</summary>
    <ul>${node.children.slice(0, 8).map((child) => html`<${Branch} node=${child} />`)}</ul>
  </details></li>`;
}

export function Analysis({ found, thinking, contest, play }) {
  const [all, setAll] = useState(false);
  if (!found) return html`<section class="card"><p class="quiet">${thinking ? "Thinking…" : "No analysis of this position"}</p></section>`;
  const most = Math.max(...found.moves.map((move) => move.weight), 0.001);
  const shown = all ? found.moves : found.moves.slice(0, 6);
  return html`<section class="card analysis" aria-label="analysis" aria-busy=${thinking}>
    <p>${found.word ? html`<strong>${found.word}</strong> for the player to move` : "Analysis"}
      <span class="quiet">${found.visits ? ` · ${found.visits} simulations` : " · by its policy"}</span></p>
    <table>
      <thead><tr><th scope="col">Move</th><th scope="col">Weight</th><th scope="col">${contest ? "Win" : "Value"}</th></tr></thead>
      <tbody>${shown.map((move) => html`<tr key=${move.action} class=${move.order === 0 ? "best" : ""}>
        <td>${play ? html`<button class="link" onClick=${() => play(move)}>${move.move}</button>` : move.move}</td>
        <td><div class="weight" style=${{ "--share": move.weight / most }}>${percent(move.weight)}</div></td>
        <td>${move.winrate === null || move.visits === 0 ? "–" : contest ? percent(move.winrate) : move.winrate.toFixed(2)}</td>
      </tr>`)}</tbody>
    </table>
    ${found.moves.length > 6 && html`<button class="link" onClick=${() => setAll(!all)}>${all ? "Fewer" : `All ${found.moves.length} moves`}</button>`}
    ${found.line.length > 0 && html`<p class="line"><span class="quiet">Expected</span> ${found.line.join(" ")}</p>`}
    ${found.tree.length > 1 && html`<details class="tree"><summary>Search tree</summary>
      <ul>${branches(found.tree).slice(0, 8).map((node, i) => html`<${Branch} node=${node} open=${i === 0} />`)}</ul></details>`}
  </section>`;
}
