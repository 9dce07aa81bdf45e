// Requests to the server. Those of one game go one after the other.

async function answer(response) {
  const told = await response.json().catch(() => ({ error: `the server answered ${response.status}` }));
  if (!response.ok) throw new Error(told.error || `the server answered ${response.status}`);
  return told;
}

export const get = (path) => fetch(path).then(answer);

export const post = (path, body = {}) =>
  fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }).then(answer);

let last = Promise.resolve();

export function inTurn(ask) {
  const asked = last.then(ask, ask);
  last = asked.catch(() => undefined);
  return asked;
}
