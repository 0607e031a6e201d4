// How one message looks.

import { dial, link, nodes, numbersIn } from "./text.js";
import { h, icon } from "./dom.js";

const JUDGED = ["answer", "personal", "out_of_scope"];
const WHYS = ["wrong", "outdated", "unclear", "other"];

/** A visitor's message; its note says what keeps it from being sent. */
export function visitorMessage(message, { say }, retry) {
  const refused = message.reason ? say("refused", { reason: message.reason }) : say("failed");
  const notes = {
    held: () => [say("held")],
    failed: () => [h("span", {}, refused), h("button", { type: "button", class: "retry", onclick: () => retry(message) }, say("retry"))],
  };
  const note = notes[message.state];
  return h("article", { class: "message visitor", "aria-label": say("you") },
    h("p", { class: "bubble", dir: "auto" }, message.text),
    note && h("div", { class: `note ${message.state}` }, ...note()));
}

/** A reply, with what can be done about it. */
export function reply({ reply: said, verdict, why }, options, { choose, judge }) {
  const { say } = options;
  const urgent = said.kind === "urgent";
  const list = sources(said.sources ?? [], options);
  const how = { phone: options.phone, newTab: say("newTab"), urgent, cite: (number) => list?.cite(number) };
  return h("article", { class: urgent ? "message reply urgent" : "message reply", dir: "auto", "aria-label": urgent ? `${say("assistant")}, ${say("urgent")}` : say("assistant") },
    urgent && h("p", { class: "alarm" }, icon("alert"), say("urgent")),
    h("div", { class: "text" }, ...nodes(said.body || said.text, how)),
    urgent && h("p", { class: "dial" }, ...numbersIn(said.body).map((number) => dial(number, {}, icon("phone"), say("call", { phone: number })))),
    said.buttons?.length > 0 && h("div", { class: "choices", role: "group", "aria-label": say("choose") },
      ...said.buttons.map(({ title, choice }) => h("button", { type: "button", onclick: () => choose(title, choice) }, title))),
    list?.element,
    said.referral && h("div", { class: "referral" }, ...nodes(said.referral, how)),
    JUDGED.includes(said.kind) && feedback(verdict, why, say, judge));
}

function sources(list, { say }) {
  if (!list.length) return null;
  const items = list.map((source) => h("li", { tabindex: "-1" },
    source.url ? link(source.url, [source.title], say("newTab")) : source.title, h("span", { class: "origin" }, `, ${[source.publisher, source.date].filter(Boolean).join(", ")}`)));
  const element = h("details", { class: "sources" }, h("summary", {}, say("sources", { count: list.length })), h("ol", {}, ...items));
  const cite = (number) => items[number - 1] && h("button", {
    type: "button", class: "cite", "aria-label": say("source", { number }),
    onclick: () => {
      element.open = true;
      items[number - 1].focus();
    },
  }, number);
  return { element, cite };
}

function feedback(verdict, why, say, judge) {
  const group = h("div", { class: "feedback", role: "group", "aria-label": say("helpful") });
  const show = (given, reason) => {
    const thumb = (name) => h("button", {
      type: "button", "aria-pressed": String(given === name), "aria-label": say(name === "good" ? "yes" : "no"), onclick: () => give(name, ""),
    }, icon(name));
    const chips = WHYS.map((name) => h("button", { type: "button", onclick: () => give("bad", name) }, say(name)));
    if (!given) group.replaceChildren(h("span", {}, say("helpful")), thumb("good"), thumb("bad"));
    else if (given === "good" || reason) group.replaceChildren(h("span", { class: "thanks", tabindex: "-1" }, say("thanks")));
    else group.replaceChildren(h("span", {}, say("why")), h("span", { class: "whys" }, ...chips));
  };
  const give = (name, reason) => {
    judge(name, reason);
    show(name, reason);
    group.querySelector("[tabindex], button").focus();
    group.scrollIntoView({ block: "nearest" });
  };
  show(verdict, why);
  return group;
}
