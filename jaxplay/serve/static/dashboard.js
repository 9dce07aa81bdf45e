// A run while it trains: curves, who beats whom, the players of its league, its last games.
import { html, useEffect, useMemo, useRef, useState } from "./html.js";
import { moveList } from "./address.js";
import uPlot from "./vendor/uplot.js";

const PANELS = [
  { title: "Losses", test: (name) => /^(policy_loss|value_loss)$/.test(name) },
  { title: "Rating, in Elo above random play", test: (name) => name === "rating" },
  { title: "Exploitability", test: (name) => /exploitability/.test(name) },
  { title: "Scores", test: (name) => /^scores\./.test(name) },
  { title: "Games per second", test: (name) => name === "games_per_second" },
  { title: "Entropy", test: (name) => name === "entropy" },
];
const STROKES = ["#1d5fbf", "#e0393e", "#2e8b57", "#b7791f", "#7c4dbc", "#4b5563"];

const words = (name) => name.replace(/^scores\./, "against ").replaceAll("_", " ");

function Curve({ title, metrics, names }) {
  const place = useRef(null);
  const data = useMemo(() => [metrics.step, ...names.map((name) => metrics[name])], [metrics, names.join()]);
  useEffect(() => {
    const ink = getComputedStyle(place.current).color;
    const grid = { stroke: "#8884", width: 1 };
    const axis = { stroke: ink, grid, ticks: grid, font: "12px system-ui" };
    const series = names.map((name, i) => ({ label: words(name), stroke: STROKES[i % STROKES.length], width: 2, spanGaps: true, points: { show: data[0].length < 40 } }));
    const width = () => Math.max(place.current.clientWidth, 200);
    const plot = new uPlot({ width: width(), height: 190, scales: { x: { time: false } }, series: [{ label: "step" }, ...series], axes: [axis, { ...axis, size: 56 }], legend: { live: false } }, data, place.current);
    const watch = new ResizeObserver(() => plot.setSize({ width: width(), height: 190 }));
    watch.observe(place.current);
    return () => (watch.disconnect(), plot.destroy());
  }, [data]);
  const last = names.map((name) => [name, metrics[name].findLast((value) => value !== null)]);
  const told = last.map(([name, value]) => `${words(name)} ${Number(value).toPrecision(3)}`).join(", ");
  return html`<figure class="card curve"><figcaption>${title}<span class="quiet">${told}</span></figcaption>
    <div ref=${place} role="img" aria-label=${`${title}: ${told}`} /></figure>`;
}

// Red for bad, blue for good, as the colour-blind can tell apart too.
function colour(score) {
  if (score === null) return "transparent";
  const [from, to, share] = score < 0.5 ? [[247, 247, 247], [178, 24, 43], 1 - 2 * score] : [[247, 247, 247], [33, 102, 172], 2 * score - 1];
  return `rgb(${from.map((low, i) => Math.round(low + (to[i] - low) * share)).join(" ")})`;
}

function League({ league }) {
  const names = league.players.map((player) => player.name);
  return html`<section class="card league"><h2>League</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="league"><table>
      <thead><tr><th scope="col">Player</th><th scope="col">Kind</th><th scope="col">Games</th><th scope="col">Elo</th>
        ${names.map((name, j) => html`<th scope="col" title=${name} aria-label=${`score against ${name}`}>${j + 1}</th>`)}</tr></thead>
      <tbody>${league.players.map((player, i) => html`<tr key=${player.name}>
        <th scope="row">${i + 1} ${player.name}</th><td>${player.kind.replaceAll("_", " ")}</td><td>${Math.round(player.games).toLocaleString()}</td>
        <td>${player.elo === null ? "–" : `${player.elo > 0 ? "+" : ""}${Math.round(player.elo)} ± ${Math.round(player.margin)}`}</td>
        ${league.score[i].map((score) => html`<td class="cell" style=${{ background: colour(score), color: score !== null && Math.abs(score - 0.5) > 0.3 ? "#fff" : "#222" }}>${score === null ? "" : Math.round(100 * score)}</td>`)}
      </tr>`)}</tbody>
    </table></div>
    <p class="quiet">Cells: percent of the points that the row's player takes from the column's.</p>
  </section>`;
}

function Games({ games, facts }) {
  return html`<section class="card recent"><h2>Last games</h2><ul>
    ${games.map((one, i) => html`<li key=${i}>
      <a href=${`#${encodeURIComponent(facts.game)}/${moveList(one.moves.map((name) => ({ name })))}?seat=${facts.open ? "all" : "watch"}`}>Step ${one.step.toLocaleString()}: ${one.players.join(" against ")}</a>
      <span class="quiet">${one.moves.length} moves, ${one.returns.map((value) => (value > 0 ? `+${value}` : value)).join(" to ")}</span></li>`)}
  </ul></section>`;
}

export function Dashboard() {
  const [run, setRun] = useState(null);
  const [lost, setLost] = useState(false);
  useEffect(() => {
    const source = new EventSource("/api/run/events");
    source.onmessage = (event) => (setRun(JSON.parse(event.data)), setLost(false));
    source.onerror = () => setLost(true);
    return () => source.close();
  }, []);
  if (!run) return html`<main><p class="quiet" role="status">${lost ? "No connection to the server" : "Reading the run…"}</p></main>`;
  const names = Object.keys(run.metrics);
  const panels = PANELS.map((panel) => ({ ...panel, names: names.filter(panel.test) })).filter((panel) => panel.names.length);
  const steps = run.metrics.step || [];
  return html`<main class="dashboard">
    <h1>${run.facts.run}</h1>
    <p class="quiet" role="status">${run.facts.game}, step ${(steps[steps.length - 1] || 0).toLocaleString()}${lost ? " · no connection" : " · live"}</p>
    <div class="grid">${panels.map((panel) => html`<${Curve} key=${panel.title} title=${panel.title} metrics=${run.metrics} names=${panel.names} />`)}</div>
    ${panels.length === 0 && html`<p class="card quiet">The run has written no metrics yet.</p>`}
    ${run.league && html`<${League} league=${run.league} />`}
    ${run.games.length > 0 && html`<${Games} games=${run.games} facts=${run.facts} />`}
  </main>`;
}
