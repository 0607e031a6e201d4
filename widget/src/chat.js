// The element <clinic-chat>: a launcher, and the panel that it opens.

import { ink, on } from "./colours.js";
import { Conversation } from "./conversation.js";
import { h, icon, sheet } from "./dom.js";
import { reply, visitorMessage } from "./message.js";
import { options } from "./options.js";
import { Panel } from "./panel.js";
import { Server } from "./server.js";
import { Storage } from "./storage.js";
import css from "./style.css";
import { download, printAlone, transcript } from "./transcript.js";

const PHONE = "(max-width: 480px), (max-height: 480px)";
const PATIENCE = 2500;
const WASH = { light: "#f3f5f5", dark: "#262e34" }; // of style.css: the background on which a colour is hardest to read

export class ClinicChat extends HTMLElement {
  /** The tag that brought this script: it names the server and may hold options. */
  static script;

  #root;
  #theme = sheet();
  #room = sheet();
  #options;
  #told;
  #conversation;
  #server;
  #launcher;
  #panel;
  #articles = new Map();
  #unread = false;

  connectedCallback() {
    if (this.#root) return;
    const { script } = ClinicChat;
    const dataset = { ...script?.dataset, ...this.dataset };
    this.#server = new Server(dataset.server?.replace(/\/$/, "") ?? new URL(script.src).origin);
    this.#options = options({}, dataset);
    this.#root = this.attachShadow({ mode: "open" });
    this.#root.adoptedStyleSheets = [sheet(css), this.#theme, this.#room];
    this.#launcher = h("button", { type: "button", class: "launcher", "aria-haspopup": "dialog", onclick: () => this.open() });
    this.#root.append(this.#launcher);
    this.#dress();
    performance.mark("clinic-chat"); // from here on there is something to press
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#dress());
    if (this.showPopover) { // above the page, whatever its z-index and transforms
      this.popover = "manual";
      this.showPopover();
    }
    const storage = new Storage(this.#server.address);
    this.#conversation = new Conversation(this.#server, storage, this.#options.minutes);
    this.#listen();
    if (this.#conversation.messages.length) this.#conversation.deliver();
    if (this.#conversation.open && !matchMedia(PHONE).matches) this.open({ focus: false });
  }

  /** Open the chat; a host page may call it from a link of its own. */
  async open({ focus = true } = {}) {
    await (this.#told ??= this.#ask());
    if (this.#panel.isOpen) return;
    const phone = matchMedia(PHONE).matches;
    this.#launcher.hidden = true;
    this.#unread = false;
    this.#conversation.setOpen(true);
    this.#panel.show({ modal: phone, focus: focus && (phone ? "title" : "input") });
    this.#dress();
  }

  /** Close the chat; the conversation stays. */
  close() {
    this.#panel.hide();
    this.#launcher.hidden = false;
    this.#conversation.setOpen(false);
    this.#launcher.focus();
  }

  /** Learn the clinic's settings, for as long as one waits gladly, and draw the panel with what is known. */
  async #ask() {
    this.#launcher.setAttribute("aria-busy", "true");
    const late = new Promise((done) => setTimeout(done, PATIENCE, {}));
    const told = await Promise.race([this.#server.settings().catch(() => ({})), late]);
    this.#launcher.removeAttribute("aria-busy");
    for (const page of ["privacy", "questions"]) if (told[page]) told[page] = new URL(told[page], this.#server.address).href;
    this.#options = options(told, { ...ClinicChat.script?.dataset, ...this.dataset });
    this.#conversation.minutes = this.#options.minutes;
    this.#panel = new Panel(this.#options, {
      close: () => this.close(),
      ask: (text, choice) => this.#conversation.ask(text, choice),
      startOver: () => this.#conversation.startOver(),
      erase: () => this.#conversation.erase(),
      codes: () => this.#conversation.codes,
      agree: () => this.#conversation.agree(),
      download: () => download(this.#transcript(), `chat-${new Date().toISOString().slice(0, 10)}.txt`),
      print: () => this.#print(),
    });
    this.#root.append(this.#panel.element);
    if (this.#options.consent && !this.#conversation.agreed) this.#panel.askConsent();
    this.#panel.fill(this.#conversation.messages.map((message) => this.#article(message)));
    this.#panel.setWaiting(this.#conversation.waiting);
    this.#dress();
    visualViewport?.addEventListener("resize", () => this.#fit());
    visualViewport?.addEventListener("scroll", () => this.#fit());
  }

  #listen() {
    this.#conversation.addEventListener("added", ({ detail: message }) => {
      this.#panel?.add(this.#article(message), message.from);
      this.#panel?.setWaiting(message.from === "visitor");
      if (message.from === "assistant" && !this.#panel?.isOpen) {
        this.#unread = true;
        this.#dress();
      }
    });
    this.#conversation.addEventListener("changed", ({ detail: message }) => {
      if (message.from !== "visitor" || !this.#panel) return;
      const old = this.#articles.get(message);
      const fresh = this.#article(message);
      // only the note comes and goes, so that nothing that was read out is read out again
      old?.querySelector(".note")?.remove();
      const note = fresh.querySelector(".note");
      if (old && note) {
        old.append(note);
        if (this.#panel.isOpen) this.#panel.reveal(note);
      }
      this.#articles.set(message, old ?? fresh);
    });
    this.#conversation.addEventListener("idle", () => this.#panel?.setWaiting(false));
    this.#conversation.addEventListener("unagreed", () => this.#panel?.askConsent());
    this.#conversation.addEventListener("cleared", () => {
      if (this.#options.consent) this.#panel?.askConsent();
      this.#panel?.clear();
    });
  }

  #article(message) {
    const made = message.from === "visitor"
      ? visitorMessage(message, this.#options, () => this.#conversation.retry(message))
      : reply(message, this.#options, {
        choose: (title, choice) => {
          this.#panel.focus("input");
          this.#conversation.ask(title, choice);
        },
        judge: (verdict, why) => this.#conversation.judge(message, verdict, why),
      });
    this.#articles.set(message, this.#articles.get(message) ?? made);
    return made;
  }

  /** Words, colours and position as the options say. */
  #dress() {
    const { say, colour, theme, corner, position, language, direction } = this.#options;
    const dark = theme === "dark" || (theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
    this.#theme.replaceSync(`:host { --accent: ${colour}; --on-accent: ${on(colour)}; --ink-accent: ${ink(colour, WASH[dark ? "dark" : "light"])} }`);
    this.#launcher.replaceChildren(icon("chat"), h("span", {}, say("launcher")));
    this.#launcher.classList.toggle("unread", this.#unread);
    if (this.#unread) this.#launcher.setAttribute("aria-label", say("newReply"));
    else this.#launcher.removeAttribute("aria-label");
    for (const part of [this.#launcher, this.#panel?.element]) {
      if (!part) continue;
      for (const [name, set] of Object.entries({ dark, [corner]: true, left: position === "left" })) part.classList.toggle(name, set);
      part.lang = language;
      part.dir = direction;
    }
  }

  /** Keep the panel within what a phone's keyboard leaves free. */
  #fit() {
    const { height, offsetTop, scale } = visualViewport;
    this.#room.replaceSync(scale === 1 ? `:host { --height: ${height}px; --top: ${offsetTop}px }` : "");
  }

  #transcript() {
    return transcript(this.#conversation.messages, this.#options, this.#conversation.codes);
  }

  #print() {
    const page = h("pre", { class: "print" }, this.#transcript());
    this.#root.append(page);
    addEventListener("afterprint", () => page.remove(), { once: true });
    printAlone(this);
  }
}
