// The page of a game.
import { html, useCallback, useEffect, useRef, useState } from "./html.js";
import { get, inTurn, post } from "./api.js";
import { write } from "./address.js";
import { Board } from "./board.js";
import { Analysis, Bar, Chances, Moves } from "./panels.js";

const PAUSE = 350; // Milliseconds between two moves of others.
const ORDINALS = ["first", "second", "third", "fourth"];

const ordinal = (seat) => ORDINALS[seat] || `number ${seat + 1}`;
const seatOf = (view) => (view.seat === null ? "watch" : String(view.seat));
const asked = (seat) => (seat === "watch" ? { watch: true } : { seat: seat === "all" ? "all" : Number(seat) });

function statusOf(view, at, busy, paused) {
  if (view.error) return "This game has failed.";
  if (at < view.plies) return `Position ${at} of ${view.plies}`;
  if (view.over) return view.result[0].toUpperCase() + view.result.slice(1);
  if (view.your_turn && view.seat === "all") return `The ${ordinal(view.player)} player moves`;
  if (view.your_turn) return view.open ? "Your turn" : `Your turn, as ${"ABCDEFGHIJ"[view.seat]}`;
  if (view.seat === null && paused) return "Paused";
  const mover = view.seat === null && view.player % 2 ? view.rival : view.opponent;
  return busy ? `${mover} is thinking…` : `${mover} is to move`;
}

function Controls({ view, levels, opponents, doing, analysing, setAnalysing, paused, setPaused }) {
  const seats = [...Array(view.players).keys()].map((seat) => [String(seat), `Play ${ordinal(seat)}`]);
  if (view.open && view.players > 1) seats.push(["all", "Play every side"]);
  if (view.players > 1) seats.push(["watch", "Watch"]);
  return html`<section class="card controls" aria-label="controls">
    <div class="row">
      <label>Level <select value=${view.level} onChange=${(event) => doing.level(event.target.value)}>
        ${levels.map((level) => html`<option value=${level}>${level}</option>`)}</select></label>
      <label>Seat <select value=${seatOf(view)} onChange=${(event) => doing.sit(event.target.value)}>
        ${seats.map(([value, text]) => html`<option value=${value}>${text}</option>`)}</select></label>
    </div>
    <div class="row">
      <label>${view.players === 1 ? "Hints by" : view.seat === null ? "First player" : "Opponent"} <select value=${view.opponent} onChange=${(event) => doing.oppose(event.target.value, view.rival)}>
        ${opponents.map((name) => html`<option value=${name}>${name}</option>`)}</select></label>
      ${view.seat === null && view.players > 1 && html`<label>Second player <select value=${view.rival} onChange=${(event) => doing.oppose(view.opponent, event.target.value)}>
        ${opponents.map((name) => html`<option value=${name}>${name}</option>`)}</select></label>`}
    </div>
    <div class="row buttons">
      <button class="main" onClick=${doing.anew}>New game</button>
      ${view.seat === null && !view.over && html`<button onClick=${() => setPaused(!paused)}>${paused ? "Play" : "Pause"}</button>`}
      ${view.open && html`<button disabled=${view.plies === 0} onClick=${doing.undo}>Undo</button>`}
      <button disabled=${!view.your_turn} onClick=${doing.hint}>Hint</button>
      ${view.players === 2 && view.seat !== null && view.seat !== "all" && html`<button onClick=${doing.swap}>Swap sides</button>`}
      ${view.open && html`<button aria-pressed=${analysing} onClick=${() => setAnalysing(!analysing)}>Analyse</button>`}
      ${view.open && html`<button onClick=${doing.share}>Share</button>`}
    </div>
  </section>`;
}

function Choices({ legal, play, title }) {
  if (!legal.length) return null;
  return html`<section class="card choices" aria-label="legal moves">
    <p class="quiet">${title}</p>
    <div>${legal.map((move) => html`<button key=${move.action} onClick=${() => play(move)}>${move.name}</button>`)}</div>
  </section>`;
}

// The position as text, for readers of screens; asked for when it is opened, and anew after each move.
function Words({ path, plies }) {
  const [open, setOpen] = useState(false);
  const [text, setText] = useState("");
  useEffect(() => {
    if (open) fetch(`${path}/text`).then((response) => response.text()).then(setText, () => undefined);
  }, [open, path, plies]);
  return html`<details class="words" onToggle=${(event) => setOpen(event.target.open)}>
    <summary>The position in words</summary><pre tabindex="0" aria-label="the position in words">${text}</pre>
  </details>`;
}

export function Play({ catalogue, address }) {
  const [view, setView] = useState(null);
  const [areas, setAreas] = useState([]);
  const [opponents, setOpponents] = useState([]);
  const [chosen, setChosen] = useState({}); // The opponent and the rival, where they are not the game's own.
  const [past, setPast] = useState(null); // A position that is looked at, other than the last.
  const [message, setMessage] = useState("");
  const [busy, setBusy] = useState(false);
  const [paused, setPaused] = useState(false);
  const [analysing, setAnalysing] = useState(false);
  const [thinking, setThinking] = useState(false);
  const [found, setFound] = useState(null);
  const [hint, setHint] = useState(null);
  const [chances, setChances] = useState(null);
  const [level, setLevel] = useState("full");
  const wanted = useRef(0);
  const game = address.game || catalogue.first;
  const info = catalogue.games.find((one) => one.name === game);
  const at = past ? past.ply : view ? view.plies : 0;
  const shown = past || view;
  const path = view && `/api/tables/${view.id}`;

  const take = useCallback((next) => {
    setView(next);
    setPast(null);
    setHint(null);
    history.replaceState(null, "", write(next.game, next.open ? next.events : [], seatOf(next)));
    return next;
  }, []);

  const attempt = useCallback(async (ask) => {
    setBusy(true);
    setMessage("");
    try {
      return await inTurn(ask);
    } catch (error) {
      setMessage(error.message);
      return null;
    } finally {
      setBusy(false);
    }
  }, []);

  const begin = useCallback(
    async (seat, moves, players = chosen) => {
      const made = await attempt(() => post("/api/tables", { game, level, moves, ...asked(seat), ...players }));
      if (!made) return;
      setAreas(made.areas);
      setOpponents(made.opponents);
      setFound(null);
      setChances(null);
      setPaused(moves.length > 0);
      take(made);
    },
    [game, level, chosen],
  );

  useEffect(() => {
    setView(null);
    setChosen({});
    begin(address.seat, address.moves, {});
  }, [address]);

  // Others move, after a moment in which the last move can be seen.
  useEffect(() => {
    if (!view || view.over || view.your_turn || view.error || past || (view.seat === null && paused)) return undefined;
    const timer = setTimeout(async () => {
      const next = await attempt(() => post(`${path}/reply`, { ply: view.plies }));
      if (next) take(next);
    }, view.seat === null ? 2 * PAUSE : PAUSE);
    return () => clearTimeout(timer);
  }, [view, past, paused]);

  useEffect(() => {
    if (!analysing || !view || !view.open) return undefined;
    if (shown.ply === view.plies && !view.your_turn && !view.over && view.seat !== null) return undefined;
    const mine = ++wanted.current;
    const timer = setTimeout(async () => {
      setThinking(true);
      const answer = view.over && at === view.plies ? null : await inTurn(() => post(`${path}/analysis`, { ply: at })).catch(() => null);
      const known = await inTurn(() => get(`${path}/chances`)).catch(() => null);
      if (mine !== wanted.current) return;
      setFound(answer);
      setChances(known && known.contest ? known.chances : null);
      setThinking(false);
    }, 120);
    return () => clearTimeout(timer);
  }, [analysing, view && view.id, view && view.plies, at]);

  const play = async (move) => {
    setHint(null);
    const next = await attempt(() => post(`${path}/move`, { action: move.action, ply: view.plies }));
    if (next) take(next);
  };

  const go = async (ply) => {
    if (ply === view.plies) return setPast(null);
    const there = await attempt(() => get(`${path}?ply=${ply}`));
    if (there) setPast(there);
  };

  const doing = {
    anew: () => begin(seatOf(view), []),
    undo: async () => {
      const next = await attempt(() => post(`${path}/undo`));
      if (next) take(next);
    },
    sit: async (seat) => {
      if (!view.open) return begin(seat, []);
      const next = await attempt(() => post(`${path}/sit`, asked(seat)));
      if (next) take(next);
    },
    oppose: (opponent, rival) => {
      const players = view.seat === null ? { opponent, rival } : { opponent };
      setChosen(players);
      begin(seatOf(view), view.open ? view.events.map((event) => event.name) : [], players);
    },
    swap: () => doing.sit(String(1 - view.seat)),
    level: async (name) => {
      setLevel(name);
      const next = await attempt(() => post(`${path}/sit`, { level: name }));
      if (next) setView(next);
    },
    hint: async () => {
      const told = await attempt(() => post(`${path}/analysis`, {}));
      if (!told || !told.moves.length) return;
      setHint(told.moves[0].path);
      setMessage(`Hint: ${told.moves[0].move}`);
    },
    share: async () => {
      await navigator.clipboard.writeText(location.href).catch(() => undefined);
      setMessage("The address of this page holds the position; it is in the clipboard.");
    },
  };

  useEffect(() => {
    const onKey = (event) => {
      if (!view || event.ctrlKey || event.metaKey || event.altKey || /^(SELECT|INPUT|TEXTAREA)$/.test(event.target.tagName)) return;
      const named = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" }[event.key];
      const move = named && !past && view.legal.find((one) => one.name === named);
      if (move) play(move);
      else if (event.key === "ArrowLeft" && at > 0) go(at - 1);
      else if (event.key === "ArrowRight" && at < view.plies) go(at + 1);
      else if (event.key === "u" && view.open) doing.undo();
      else if (event.key === "h" && view.your_turn) doing.hint();
      else if (event.key === "a" && view.open) setAnalysing(!analysing);
      else if (event.key === "n") doing.anew();
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  });

  if (!view) return html`<main><p class="quiet" role="status">${message || "Setting up the board…"}</p></main>`;
  const live = !past && !busy && view.your_turn;
  const current = analysing && found && found.ply === at ? found : null;
  const listed = live ? view.legal.filter((move) => !move.path.length) : [];
  const first = current && current.winrate !== null && chances ? (current.player === 0 ? current.winrate : 1 - current.winrate) : chances && chances[at];
  return html`<main class="play">
    <div class="stage">
      <h1>${info ? info.title : game}</h1>
      ${info && html`<p class="quiet about">${info.text}</p>`}
      <div class="around">
        ${analysing && view.open && view.players === 2 && html`<${Bar} chance=${first} />`}
        <${Board} view=${shown} areas=${areas} legal=${live ? view.legal : []} play=${play} worth=${current && current.moves} hint=${hint} />
      </div>
      <p class=${`status ${view.over && at === view.plies ? "ended" : ""}`} role="status" aria-live="polite">${statusOf(view, at, busy, paused)}</p>
      <p class="message" role="alert">${view.error || message}</p>
      <${Words} path=${path} plies=${view.events.length + (view.your_turn ? 0.5 : 0)} />
      ${analysing && html`<${Chances} chances=${chances} at=${at} go=${go} />`}
    </div>
    <div class="side">
      <${Controls} ...${{ view, levels: catalogue.levels, opponents, doing, analysing, setAnalysing, paused, setPaused }} />
      <${Choices} legal=${listed} play=${play} title=${listed.length === view.legal.length ? "Your moves" : "Other moves"} />
      <${Moves} view=${view} at=${at} go=${go} />
      ${analysing && view.open && html`<${Analysis} found=${current} thinking=${thinking} contest=${view.players === 2} play=${live ? play : null} />`}
    </div>
  </main>`;
}
