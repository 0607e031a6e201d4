// Talks to the assistant's server.

const PATIENCE = 20_000;

/** What the server would not do: a status (0 where it was not reached) and, where it told them, a sentence for the visitor and a code for us. */
export class Refusal extends Error {
  constructor(status, { error = "", code = "" } = {}) {
    super(error);
    this.status = status;
    this.code = code;
  }

  /** Whether the same request may well succeed a little later. */
  get passes() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

async function ask(address, request) {
  let response;
  try {
    response = await fetch(address, { credentials: "omit", referrerPolicy: "no-referrer", signal: AbortSignal.timeout(PATIENCE), ...request });
  } catch {
    throw new Refusal(0);
  }
  const answer = await response.json().catch(() => null);
  if (!response.ok || !answer) throw new Refusal(response.ok ? 0 : response.status, answer ?? {});
  return answer;
}

/** The services of the server at an address, as docs/openapi.yml describes them. */
export class Server {
  constructor(address) {
    this.address = address;
  }

  settings() {
    return ask(`${this.address}/chat/settings`, {});
  }

  post(service, body) {
    const headers = { "Content-Type": "application/json" };
    return ask(`${this.address}/chat/${service}`, { method: "POST", headers, body: JSON.stringify(body) });
  }
}
