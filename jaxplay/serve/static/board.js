// A board: the server's picture, and above it what can be clicked, arrows, and how good moves are.
import { html, useEffect, useMemo, useState } from "./html.js";

// The moves that go on from the areas chosen so far. A domino may be begun at either end.
function goingOn(legal, chosen) {
  const forward = legal.filter((move) => move.path.length && chosen.every((name, i) => move.path[i] === name));
  if (forward.length || chosen.length === 0) return forward;
  return legal.filter((move) => chosen.every((name) => move.path.includes(name)));
}

const middle = (area) => [area.x + area.width / 2, area.y + area.height / 2];

function Shape({ area, ...rest }) {
  if (area.is_round) {
    const [x, y] = middle(area);
    return html`<ellipse cx=${x} cy=${y} rx=${area.width / 2} ry=${area.height / 2} ...${rest} />`;
  }
  return html`<rect x=${area.x} y=${area.y} width=${area.width} height=${area.height} rx="4" ...${rest} />`;
}

function Arrow({ from, to, weight, kind }) {
  const [x1, y1] = middle(from);
  const [x2, y2] = middle(to);
  const length = Math.hypot(x2 - x1, y2 - y1) || 1;
  const width = Math.min(from.width, from.height) * (0.06 + 0.16 * weight);
  const head = Math.min(2.6 * width + 6, length / 2);
  const [ux, uy] = [(x2 - x1) / length, (y2 - y1) / length];
  const [bx, by] = [x2 - ux * head, y2 - uy * head];
  const side = 1.3 * width + 3;
  const points = `${x2},${y2} ${bx - uy * side},${by + ux * side} ${bx + uy * side},${by - ux * side}`;
  return html`<g class=${kind} opacity=${0.35 + 0.55 * weight}>
    <line x1=${x1} y1=${y1} x2=${bx} y2=${by} stroke-width=${width} stroke-linecap="round" />
    <polygon points=${points} />
  </g>`;
}

// Moves as heat (one area) or as arrows (two), the best in a colour of its own.
function Worth({ moves, areas, width, height }) {
  const most = Math.max(...moves.map((move) => move.weight), 0.001);
  const shown = moves.filter((move) => move.path.length && move.weight > 0.02).slice(0, 12);
  return html`<g class="worth">
    ${[...shown].reverse().map((move) => {
      const at = move.path.map((name) => areas.get(name)).filter(Boolean);
      const weight = move.weight / most;
      const kind = move.order === 0 ? "best" : "other";
      if (at.length === 0) return null;
      if (at.length > 1) return html`<${Arrow} from=${at[0]} to=${at[at.length - 1]} weight=${weight} kind=${kind} />`;
      const tall = at[0].height > 2.5 * at[0].width;
      const size = Math.min(at[0].width, at[0].height);
      const [x, y] = tall ? [middle(at[0])[0], at[0].y + 0.94 * size] : middle(at[0]);
      const percent = Math.round(100 * (move.winrate ?? move.weight));
      return html`<g class=${kind}>
        <circle cx=${x} cy=${y} r=${size * (0.17 + 0.13 * weight)} opacity=${0.72 + 0.25 * weight} />
        ${percent >= 0 && percent <= 100 && size > 24 && html`<text x=${x} y=${y} font-size=${0.22 * size}>${percent}</text>`}
      </g>`;
    })}
  </g>`;
}

// The nearest area in the direction of an arrow key.
function neighbour(areas, from, key) {
  const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
  const [x, y] = middle(from);
  let best = null;
  for (const area of areas) {
    const [ax, ay] = middle(area);
    const along = (ax - x) * dx + (ay - y) * dy;
    const aside = Math.abs((ax - x) * dy) + Math.abs((ay - y) * dx);
    if (along <= 1) continue;
    if (best === null || along + 2 * aside < best.cost) best = { area, cost: along + 2 * aside };
  }
  return best && best.area;
}

export function Board({ view, areas, legal, play, worth, hint }) {
  const [chosen, setChosen] = useState([]);
  const [options, setOptions] = useState([]);
  const byName = useMemo(() => new Map(areas.map((area) => [area.name, area])), [areas]);
  useEffect(() => (setChosen([]), setOptions([])), [view.id, view.ply, view.plies]);

  const going = goingOn(legal, chosen);
  const next = new Set(going.flatMap((move) => move.path.filter((name) => !chosen.includes(name))));
  const starts = new Set(legal.flatMap((move) => move.path));
  const firsts = new Set(legal.map((move) => move.path[0]));

  function click(name) {
    const path = [...chosen, name];
    const found = goingOn(legal, path);
    if (found.length && (chosen.length || firsts.has(name) || starts.has(name))) {
      const whole = found.filter((move) => move.path.length === path.length);
      if (whole.length === 1) return play(whole[0]);
      if (whole.length > 1) return setOptions(whole);
      return setChosen(path);
    }
    setChosen(chosen.includes(name) || !starts.has(name) ? [] : [name]);
  }

  function onKey(event, area) {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      click(area.name);
    } else if (event.key === "Escape") {
      setChosen([]);
    } else if (event.key.startsWith("Arrow") && !byName.has("left")) {
      const to = neighbour(areas, area, event.key);
      const found = to && [...event.currentTarget.parentNode.children].find((node) => node.dataset.name === to.name);
      if (found) found.focus();
      event.preventDefault();
      event.stopPropagation();
    }
  }

  const active = legal.length > 0;
  const first = areas.find((area) => starts.has(area.name)) || areas[0];
  const hit = (area) => {
    const open = chosen.length ? next.has(area.name) || chosen.includes(area.name) || starts.has(area.name) : starts.has(area.name);
    const kind = ["hit", open && active && "open", chosen.includes(area.name) && "chosen", chosen.length && next.has(area.name) && "target"];
    return html`<g key=${area.name} class=${kind.filter(Boolean).join(" ")} data-name=${area.name}
        role="button" aria-label=${area.name} aria-disabled=${!(open && active)} aria-pressed=${chosen.includes(area.name)}
        tabindex=${area === first && active ? 0 : -1}
        onClick=${() => active && click(area.name)} onKeyDown=${(event) => active && onKey(event, area)}>
      <${Shape} area=${area} />
      ${chosen.length > 0 && next.has(area.name) && html`<circle class="dot" cx=${middle(area)[0]} cy=${middle(area)[1]} r=${Math.min(area.width, area.height) * 0.14} />`}
    </g>`;
  };

  const size = { aspectRatio: `${view.width} / ${view.height}`, "--ratio": view.width / view.height };
  return html`<div class="board" style=${size}>
    <div class="picture" role="img" aria-label="the position" dangerouslySetInnerHTML=${{ __html: view.picture }} />
    <svg class="above" viewBox=${`0 0 ${view.width} ${view.height}`} role="group" aria-label="board">
      ${hint && hint.map((name, i) => byName.has(name) && html`<g class="hint"><${Shape} area=${byName.get(name)} /></g>`)}
      ${worth && html`<${Worth} moves=${worth} areas=${byName} />`}
      ${areas.length > 0 && html`<g>${areas.map(hit)}</g>`}
    </svg>
    ${options.length > 0 && html`<div class="options" role="dialog" aria-label="which move">
      ${options.map((move) => html`<button onClick=${() => play(move)}>${move.name}</button>`)}
      <button class="plain" onClick=${() => setOptions([])}>Cancel</button>
    </div>`}
  </div>`;
}
