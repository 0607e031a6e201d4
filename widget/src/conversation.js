// One visitor's conversation: what was said, what still waits to be sent, and what is kept of it.

import { Refusal } from "./server.js";

const PAUSES = [0, 800, 2500];

const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/**
 * Holds messages {id, from: "visitor", text, choice, state, reason, at} and {id, from: "assistant", reply, verdict, why, at}.
 * A visitor's message is sending, held (offline), failed or sent. Listeners hear "added", "changed", "idle", "unagreed" and "cleared".
 */
export class Conversation extends EventTarget {
  #server;
  #storage;
  /** {token, codes, agreed, messages, sending}; starting over replaces it, so that what still runs for the old one cannot touch the new. */
  #talk;
  #timer;

  constructor(server, storage, minutes) {
    super();
    this.#server = server;
    this.#storage = storage;
    this.minutes = minutes;
    const kept = storage.read();
    this.#talk = { token: kept.token, codes: kept.codes ?? [], agreed: kept.agreed, messages: kept.messages ?? [] };
    this.open = Boolean(kept.open);
    if (this.messages.length) this.#forgetInTime();
    addEventListener("online", () => this.deliver());
  }

  get messages() {
    return this.#talk.messages;
  }

  get waiting() {
    return Boolean(this.#talk.sending);
  }

  /** The codes that erase it, of which there are several where the server has begun anew meanwhile. */
  get codes() {
    return this.#talk.codes;
  }

  /** Whether the visitor has agreed to what is kept. */
  get agreed() {
    return Boolean(this.#talk.agreed);
  }

  agree() {
    this.#talk.agreed = true;
    this.#talk.token = undefined; // the next one says so
    this.#keep();
    for (const message of this.messages) if (message.state === "failed") this.#change(message, { state: "sending" });
    return this.deliver();
  }

  ask(text, choice) {
    this.#add({ id: newId(), from: "visitor", text, choice, state: "sending", at: Date.now() });
    return this.deliver();
  }

  retry(message) {
    this.#change(message, { state: "sending" });
    return this.deliver();
  }

  /** Send what waits, in its order. What was begun is taken up again with its own id, so that the server answers it once. */
  async deliver() {
    const talk = this.#talk;
    if (talk.sending) return;
    talk.sending = true;
    try {
      for (let next; talk === this.#talk && (next = talk.messages.find(({ state }) => state === "sending" || state === "held")); ) {
        await this.#send(next, talk);
        if (next.state !== "held") continue;
        for (const later of talk.messages) if (later.state === "sending") this.#change(later, { state: "held" });
        break;
      }
    } finally {
      talk.sending = false;
      if (talk === this.#talk) this.#tell("idle");
    }
  }

  async judge(message, verdict, why = "") {
    this.#change(message, { verdict, why });
    const { token } = this.#talk;
    for (const pause of PAUSES) {
      await new Promise((done) => setTimeout(done, pause));
      try {
        return await this.#server.post("feedback", { session: token, message_id: message.id, verdict, ...(why && { why }) });
      } catch (refusal) {
        if (!(refusal instanceof Refusal) || !refusal.passes) return undefined;
      }
    }
    return undefined;
  }

  /** Begin anew; the server forgets the old conversation in its own time. */
  startOver() {
    clearTimeout(this.#timer);
    this.#talk = { codes: [], messages: [] };
    this.#storage.clear();
    this.#tell("cleared");
  }

  /** Erase everything here and there; throws a Refusal where the server does not. */
  async erase() {
    for (const code of this.codes) {
      await this.#server.post("erase", { code }).catch((refusal) => {
        if (refusal.status !== 404) throw refusal; // there is nothing of it any more
      });
    }
    this.startOver();
  }

  setOpen(open) {
    this.open = open;
    this.#keep();
  }

  async #send(message, talk) {
    let refusal;
    for (const pause of PAUSES) {
      await new Promise((done) => setTimeout(done, pause));
      if (talk !== this.#talk) return;
      if (!navigator.onLine) break;
      try {
        const reply = await this.#answer(message, talk);
        if (talk !== this.#talk) return;
        this.#change(message, { state: "sent", reason: "" });
        this.#add({ id: message.id, from: "assistant", reply, at: Date.now() });
        return;
      } catch (problem) {
        if (!(problem instanceof Refusal)) throw problem;
        refusal = problem;
        if (refusal.code === "consent") this.#tell("unagreed");
        if (!refusal.passes) break;
      }
    }
    if (talk === this.#talk) this.#change(message, navigator.onLine ? { state: "failed", reason: refusal?.message } : { state: "held" });
  }

  async #answer({ id, text, choice }, talk) {
    const said = choice ? { choice } : { text };
    for (let fresh = !talk.token; ; fresh = true) {
      if (!talk.token) {
        const begun = await this.#server.post("sessions", { consent: Boolean(talk.agreed) });
        talk.token = begun.session;
        talk.codes.push(begun.erasure_code);
      }
      try {
        return await this.#server.post("messages", { session: talk.token, message_id: id, ...said });
      } catch (refusal) {
        if (refusal.status !== 401 || fresh) throw refusal;
        talk.token = undefined; // ended meanwhile: go on in a new one
      }
    }
  }

  #add(message) {
    this.messages.push(message);
    this.#keep();
    this.#tell("added", message);
  }

  #change(message, changes) {
    Object.assign(message, changes);
    this.#keep();
    this.#tell("changed", message);
  }

  #keep() {
    const { token, codes, agreed, messages } = this.#talk;
    this.#storage.write({ token, codes, agreed, messages, open: this.open, minutes: this.minutes, at: Date.now() });
    this.#forgetInTime();
  }

  #forgetInTime() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.startOver(), this.minutes * 60_000);
  }

  #tell(type, message) {
    this.dispatchEvent(new CustomEvent(type, { detail: message }));
  }
}
