// Puts the chat on the page that names this script, or wherever the page has placed a <clinic-chat> of its own.

import { ClinicChat } from "./chat.js";

const script = document.currentScript ?? document.querySelector('script[src*="/clinic-chat.js"]');
const NAME = "clinic-chat";

function start() {
  if (customElements.get(NAME)) return; // named twice
  ClinicChat.script = script;
  customElements.define(NAME, ClinicChat);
  if (!document.querySelector(NAME)) document.body.append(document.createElement(NAME));
}

if (document.body && document.readyState !== "loading") start();
else addEventListener("DOMContentLoaded", start, { once: true });
