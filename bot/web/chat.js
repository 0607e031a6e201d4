// The page to try the assistant. Everything that is shown goes in as text, never as markup.
"use strict";

const log = document.getElementById("log");
const form = document.getElementById("form");
const input = document.getElementById("text");
const send = form.querySelector("button");
const UNREACHABLE = "The assistant cannot be reached just now. Please try again in a moment.";

let session = null;

function element(name, text, className) {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function webLink(url, text) {
  let scheme = "";
  try { scheme = new URL(url).protocol; } catch { /* not an address: shown as text */ }
  if (scheme !== "https:" && scheme !== "http:") return element("span", text);
  const link = element("a", text);
  Object.assign(link, { href: url, target: "_blank", rel: "noopener noreferrer" });
  return link;
}

function add(message, speaker) {
  message.prepend(element("span", `${speaker}: `, "unseen"));
  log.append(message);
  message.scrollIntoView({ block: "start" });
}

function showVisitor(text) {
  add(element("div", text, "message visitor"), "You");
}

function showReply(reply) {
  const message = element("div", "", "message");
  if (reply.kind === "urgent") message.classList.add("urgent");
  message.append(element("p", reply.body || reply.text, "body"));
  if (reply.kind === "urgent") message.append(...callLinks(`${reply.body} ${reply.referral}`));
  if (reply.sources.length) message.append(sources(reply.sources));
  if (reply.referral) message.append(referral(reply.referral));
  if (reply.buttons.length) message.append(choices(reply.buttons));
  add(message, "Assistant");
}

// The referral with its booking address as a link.
function referral(text) {
  const paragraph = element("p", "", "referral");
  for (const part of text.split(/(https?:\/\/\S+)/)) paragraph.append(/^https?:/.test(part) ? webLink(part, part) : part);
  return paragraph;
}

// The short and the long telephone numbers that an urgent reply names, as links that a phone can dial.
function callLinks(text) {
  const numbers = text.match(/(?<![\d-])(?:\b(?:911|999|112|111|988|000)\b|\+?\d[\d ]{6,}\d)/g) || [];
  return [...new Set(numbers)].map((number) => {
    const link = element("a", `Call ${number}`, "call");
    link.href = `tel:${number.replace(/[^\d+]/g, "")}`;
    return link;
  });
}

function sources(list) {
  const folded = element("details", "", "sources");
  folded.append(element("summary", list.length === 1 ? "1 source" : `${list.length} sources`));
  const items = element("ol");
  for (const source of list) {
    const item = element("li");
    item.append(webLink(source.url, source.title), element("span", `, ${source.publisher}, ${source.date}`));
    items.append(item);
  }
  folded.append(items);
  return folded;
}

function choices(buttons) {
  const row = element("div", "", "choices");
  for (const { title, choice } of buttons) {
    const button = element("button", title);
    button.type = "button";
    button.addEventListener("click", () => ask({ choice }, title));
    row.append(button);
  }
  return row;
}

async function post(path, body) {
  const answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  const reply = await answer.json();
  if (!answer.ok) throw new Error(reply.error || UNREACHABLE);
  return reply;
}

async function begin() {
  const welcome = await post("sessions", {});
  session = welcome.session;
  document.getElementById("disclosure").textContent = welcome.disclosure;
  showReply(welcome);
}

async function ask(what, shown) {
  showVisitor(shown);
  send.disabled = true;
  try {
    if (!session) await begin();
    showReply(await post("messages", { session, message_id: newId(), ...what }));
  } catch (error) {
    add(element("div", error instanceof TypeError || error instanceof SyntaxError ? UNREACHABLE : error.message, "message"), "Assistant");
  }
  send.disabled = false;
  input.focus();
}

function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = input.value;
  if (!text.trim() || send.disabled) return;
  input.value = "";
  ask({ text }, text);
});

begin().catch(() => add(element("div", UNREACHABLE, "message"), "Assistant"));
