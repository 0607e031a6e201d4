// The conversation to take away: as a text file, or on paper, with its sources.

import { h, sheet } from "./dom.js";

const ONLY_THIS = "@media print { body > :not(clinic-chat) { display: none !important } body { margin: 0 !important } }";

const clock = (at, language) => new Date(at).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" });

/** The conversation as plain text. */
export function transcript(messages, { say, name, language, disclosure }, codes) {
  const head = [say("transcript", { name }), new Date().toLocaleString(language, { dateStyle: "long", timeStyle: "short" }), disclosure];
  const parts = messages.map((message) => {
    if (message.from === "visitor") return `${say("you")} (${clock(message.at, language)}): ${message.text}`;
    const { body, text, sources = [], referral } = message.reply;
    const list = sources.map(({ title, publisher, date, url }, place) => `[${place + 1}] ${[title, publisher, date, url].filter(Boolean).join(", ")}`);
    return [`${say("assistant")} (${clock(message.at, language)}):`, body || text, ...list, referral].filter(Boolean).join("\n");
  });
  const code = codes.length ? [say("code", { code: codes.join(", ") })] : [];
  return `${[head.filter(Boolean).join("\n"), ...parts, ...code].join("\n\n")}\n`;
}

/** Hand a text to the visitor as a file. */
export function download(text, filename) {
  const address = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  h("a", { href: address, download: filename }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** Print, with the page around the chat left out. */
export function printAlone(element) {
  const only = sheet(ONLY_THIS);
  document.adoptedStyleSheets.push(only);
  element.hidePopover?.(); // what lies above the page is printed on every sheet
  addEventListener("afterprint", () => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((adopted) => adopted !== only);
    element.showPopover?.();
  }, { once: true });
  print();
}
