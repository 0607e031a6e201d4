// The panel: its head, the log of messages, the line to type in, and what can be done with the conversation.

import { h, icon } from "./dom.js";
import { dial, link, nodes } from "./text.js";

const SLOW = 1500;

export class Panel {
  #options;
  #act;
  #log;
  #input;
  #title;
  #status;
  #typing;
  #menu;
  #more;
  #confirm;
  #code;
  #form;
  #consent;
  #slow;

  /**
   * @param options: words and settings.
   * @param act: what the buttons do: close, ask, startOver, erase, codes, agree, download, print.
   */
  constructor(options, act) {
    this.#options = options;
    this.#act = act;
    this.element = this.#build();
    for (const type of ["online", "offline"]) addEventListener(type, () => this.#say(type));
    if (!navigator.onLine) this.#say("offline");
  }

  get isOpen() {
    return this.element.open;
  }

  show({ modal, focus }) {
    const focused = document.activeElement;
    if (modal) this.element.showModal();
    else this.element.show();
    this.#scroller.scrollTo(0, this.#log.childElementCount > 1 ? this.#scroller.scrollHeight : 0);
    if (focus) this.focus(focus);
    else if (!modal) this.#letGo(focused);
  }

  hide() {
    this.#toggleMenu(false);
    this.element.close();
  }

  focus(where) {
    (where === "title" ? this.#title : this.#form.hidden ? this.#consent.lastElementChild : this.#input).focus();
  }

  /** Let nothing be asked until the visitor agrees to what is kept. */
  askConsent(asked = true) {
    this.#form.hidden = asked;
    this.#consent.hidden = !asked;
    this.element.classList.toggle("unagreed", asked);
  }

  /** Show a conversation as it stands. */
  fill(articles) {
    this.#log.replaceChildren(this.#welcome(), ...articles);
    this.#keepLastChoices();
  }

  add(article, from) {
    this.#log.append(article);
    this.#keepLastChoices();
    if (from === "visitor") this.reveal(article.lastElementChild);
    else this.#scroll(article.getBoundingClientRect().top - this.#scroller.getBoundingClientRect().top - 12);
  }

  /** Scroll until the end of an element is seen. */
  reveal(element) {
    this.#scroll(Math.max(0, element.getBoundingClientRect().bottom - this.#scroller.getBoundingClientRect().bottom + 12));
  }

  /** What scrolls: the log, or all of the panel where it is too low for that. */
  get #scroller() {
    return getComputedStyle(this.#log).overflowY === "visible" ? this.element : this.#log;
  }

  #scroll(by) {
    this.#scroller.scrollTo({ top: this.#scroller.scrollTop + by, behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  }

  clear() {
    this.fill([]);
    this.setWaiting(false);
    this.#say("startedOver");
  }

  setWaiting(waiting) {
    this.#typing.hidden = !waiting;
    clearTimeout(this.#slow);
    if (waiting) this.#slow = setTimeout(() => this.#say("typing"), SLOW);
    else if (this.#status.dataset.about === "typing") this.#say("");
  }

  /** One line above the input, which screen readers speak too. */
  #say(about) {
    this.#status.dataset.about = about;
    this.#status.textContent = about && this.#options.say(about);
  }

  /** Give the focus back to where the page had it, since a dialog takes it when it opens. */
  #letGo(focused) {
    this.element.getRootNode().activeElement?.blur();
    if (focused && focused !== document.body) focused.focus();
  }

  /** The buttons of an earlier question would answer the wrong one. */
  #keepLastChoices() {
    const last = this.#log.lastElementChild;
    for (const group of this.#log.querySelectorAll("article .choices")) group.hidden = !last.contains(group);
  }

  #build() {
    const { say, name, avatar, phone, booking } = this.#options;
    const button = (label, shape, onclick, more) => h("button", { type: "button", class: "tool", "aria-label": label, onclick, ...more }, icon(shape));
    this.#title = h("h2", { id: "title", tabindex: "-1" }, name || say("assistant"));
    this.#more = button(say("menu"), "more", () => this.#toggleMenu(), { "aria-expanded": "false", "aria-controls": "menu" });
    this.#menu = this.#buildMenu();
    this.#confirm = this.#buildConfirm();
    this.#log = h("div", { class: "log", role: "log", "aria-label": say("log"), "aria-relevant": "additions", tabindex: "0" });
    this.#status = h("p", { class: "status", role: "status" });
    this.#form = this.#buildForm();
    this.#consent = this.#buildConsent();
    this.#typing = h("p", { class: "typing", "aria-hidden": "true", hidden: true }, h("i"), h("i"), h("i"));
    return h("dialog", { class: "panel", "aria-labelledby": "title", onkeydown: (event) => this.#onKey(event), oncancel: (event) => this.#onCancel(event) },
      h("div", { class: "head" },
        avatar ? h("img", { class: "avatar", src: avatar, alt: "" }) : h("span", { class: "avatar" }, icon("chat")),
        h("div", { class: "names" }, this.#title, h("p", {}, say("subtitle"))),
        this.#more,
        button(say("close"), "close", () => this.#act.close()),
        this.#menu),
      (phone || booking) && h("nav", { class: "contact", "aria-label": say("contact") },
        phone && dial(phone, {}, icon("phone"), say("call", { phone })),
        booking && withIcon(link(booking, [say("book")], say("newTab")), "book")),
      this.#log,
      this.#typing,
      this.#status,
      this.#form,
      this.#consent,
      this.#confirm);
  }

  #buildForm() {
    const { say } = this.#options;
    this.#input = h("textarea", {
      rows: "1", "aria-label": say("question"), placeholder: say("placeholder"), enterkeyhint: "send", autocomplete: "off", dir: "auto",
      onkeydown: (event) => {
        if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
        event.preventDefault();
        this.#send();
      },
    });
    return h("form", {
      onsubmit: (event) => {
        event.preventDefault();
        this.#send();
      },
    }, this.#input, h("button", { class: "tool send", "aria-label": say("send") }, icon("send")));
  }

  #buildConsent() {
    const { say, days, privacy } = this.#options;
    const agree = () => {
      this.askConsent(false);
      this.focus("input");
      this.#act.agree();
    };
    return h("div", { class: "consent", role: "group", "aria-labelledby": "consent", hidden: true },
      h("p", { id: "consent" }, say("consent", { days })),
      privacy && link(privacy, [say("privacy")], say("newTab")),
      h("button", { type: "button", class: "strong", onclick: agree }, say("agree")));
  }

  #buildMenu() {
    const { say, privacy, questions } = this.#options;
    const entry = (name, act) => h("li", {}, h("button", {
      type: "button",
      onclick: () => {
        this.#toggleMenu(false);
        this.#more.focus();
        act();
      },
    }, say(name)));
    this.#code = h("li", { class: "code" });
    return h("ul", { id: "menu", class: "menu", hidden: true },
      entry("startOver", () => {
        this.#act.startOver();
        this.focus("input");
      }),
      entry("download", this.#act.download),
      entry("print", this.#act.print),
      questions && h("li", {}, link(questions, [say("questions")], say("newTab"))),
      privacy && h("li", {}, link(privacy, [say("privacy")], say("newTab"))),
      entry("erase", () => this.#confirm.showModal()),
      this.#code);
  }

  #buildConfirm() {
    const { say } = this.#options;
    const erase = async () => {
      this.#confirm.close();
      try {
        await this.#act.erase();
        this.#say("erased");
      } catch {
        this.#say("notErased");
      }
      this.focus("input");
    };
    return h("dialog", { class: "confirm", "aria-labelledby": "ask", oncancel: (event) => event.stopPropagation(), onkeydown: (event) => event.stopPropagation() },
      h("p", { id: "ask" }, say("eraseAsk")),
      h("div", { class: "choices" },
        h("button", { type: "button", onclick: () => this.#confirm.close() }, say("eraseNo")),
        h("button", { type: "button", class: "strong", onclick: erase }, say("eraseYes"))));
  }

  #welcome() {
    const { say, opening, disclosure, suggestions, phone } = this.#options;
    const how = { phone, newTab: say("newTab") };
    return h("div", { class: "welcome" },
      opening && h("div", { class: "text" }, ...nodes(opening, how)),
      disclosure && h("div", { class: "disclosure" }, ...nodes(disclosure, how)),
      suggestions.length > 0 && h("div", { class: "choices", role: "group", "aria-label": say("suggestions") },
        h("span", { "aria-hidden": "true" }, say("suggestions")),
        ...suggestions.map((text) => h("button", {
          type: "button", dir: "auto",
          onclick: () => {
            this.focus("input");
            this.#act.ask(text);
          },
        }, text))));
  }

  #send() {
    const text = this.#input.value.trim();
    if (text) {
      this.#input.value = "";
      this.#act.ask(text);
    }
    this.focus("input");
  }

  #toggleMenu(open = this.#menu.hidden) {
    const codes = this.#act.codes();
    this.#code.hidden = !codes.length;
    this.#code.textContent = this.#options.say("code", { code: codes.join(", ") });
    this.#menu.hidden = !open;
    this.#more.setAttribute("aria-expanded", String(open));
  }

  #onKey(event) {
    event.stopPropagation(); // the page's own keys are not meant
    if (event.key === "Escape") this.#onCancel(event);
  }

  /** Escape closes the menu first, then the chat. */
  #onCancel(event) {
    event.preventDefault();
    if (this.#menu.hidden) return this.#act.close();
    this.#toggleMenu(false);
    return this.#more.focus();
  }
}

function withIcon(element, name) {
  element.prepend(icon(name));
  return element;
}
