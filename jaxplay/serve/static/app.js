// The page: a header, and what the address asks for.
import { html, render, useEffect, useState } from "./html.js";
import { get } from "./api.js";
import { read } from "./address.js";
import { Dashboard } from "./dashboard.js";
import { Games } from "./games.js";
import { Play } from "./play.js";

function App() {
  const [catalogue, setCatalogue] = useState(null);
  const [error, setError] = useState("");
  const [address, setAddress] = useState(read(location.hash));
  useEffect(() => {
    get("/api/catalogue").then(setCatalogue, (failed) => setError(failed.message));
    const onChange = () => (setAddress(read(location.hash)), scrollTo(0, 0));
    addEventListener("hashchange", onChange);
    return () => removeEventListener("hashchange", onChange);
  }, []);
  if (!catalogue) return html`<main><p class="quiet" role="status">${error || "Loading…"}</p></main>`;
  const page = (name) => (address.page === name ? "page" : null);
  const first = `#${encodeURIComponent(catalogue.first)}`;
  return html`<header>
      <a class="brand" href=${first}><img src="/static/icon.svg" alt="" width="24" height="24" />jaxplay</a>
      <nav aria-label="pages">
        <a href=${first} aria-current=${page("play")}>Play</a>
        <a href="#games" aria-current=${page("games")}>Games</a>
        ${catalogue.run && html`<a href="#run" aria-current=${page("run")}>Run</a>`}
      </nav>
    </header>
    ${address.page === "games" && html`<${Games} catalogue=${catalogue} />`}
    ${address.page === "run" && html`<${Dashboard} />`}
    ${address.page === "play" && html`<${Play} catalogue=${catalogue} address=${address} />`}`;
}

const place = document.getElementById("app");
place.replaceChildren();
render(html`<${App} />`, place);
