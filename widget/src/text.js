// Turns text into nodes: Markdown is read by marked's lexer, and of its tokens only those known here become elements; all else is shown as it was typed.

import { Lexer } from "marked"; // its licence stands at the end of this file, so that the built file carries it

import { h } from "./dom.js";

const SCHEMES = ["https:", "http:", "mailto:", "tel:"];
const EMERGENCY = String.raw`(?<![\d-])(?:\b(?:911|999|112|111|988|000)\b|\+?\d[\d ]{6,}\d)`;
const CITATION = String.raw`\[\d+\][.,;:)]?`; // with what must not begin the next line

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** The telephone numbers that an urgent text names, in its order. */
export const numbersIn = (text) => [...new Set(text.match(new RegExp(EMERGENCY, "g")) ?? [])];

/** A link that a telephone dials. */
export const dial = (number, attributes, ...content) => h("a", { href: `tel:${number.replace(/[^\d+]/g, "")}`, ...attributes }, ...content);

/** A link to an address of an allowed scheme; the content alone for any other. */
export function link(address, content, newTab) {
  let scheme = "";
  try {
    scheme = new URL(address).protocol;
  } catch { /* no address at all */ }
  if (!SCHEMES.includes(scheme)) return h("span", {}, ...content);
  const outside = scheme.startsWith("http") ? { target: "_blank", rel: "noopener noreferrer" } : {};
  return h("a", { href: address, ...outside }, ...content, outside.target && h("span", { class: "unseen" }, ` (${newTab})`));
}

/**
 * Nodes for a text.
 * @param {string} text
 * @param {{phone: string, urgent?: boolean, newTab: string, cite?: (number: string) => Node}} how: the number that is always a link, whether every
 * number is, what a link to a new tab is called, and what stands for a mark such as [1].
 */
export const nodes = (text, how) => new Lexer({ gfm: true, breaks: true }).lex(text).flatMap((token) => block(token, how));

function block(token, how) {
  const inside = () => (token.tokens ?? []).flatMap((part) => (BLOCKS.has(part.type) ? block(part, how) : inline(part, how)));
  switch (token.type) {
    case "space":
      return [];
    case "heading":
      return [h("p", {}, h("strong", {}, ...inside()))];
    case "list":
      return [h(token.ordered ? "ol" : "ul", token.start > 1 ? { start: token.start } : {}, ...token.items.map((item) => h("li", {}, ...item.tokens.flatMap((part) => block(part, how)))))];
    case "text":
      return token.tokens ? inside() : plain(token.raw, how);
    case "paragraph":
      return [h("p", {}, ...inside())];
    default:
      return [h("p", {}, ...plain(token.raw.trim(), how))];
  }
}

const BLOCKS = new Set(["list", "paragraph", "heading"]);

function inline(token, how) {
  const inside = () => token.tokens.flatMap((part) => inline(part, how));
  switch (token.type) {
    case "strong":
    case "em":
      return [h(token.type, {}, ...inside())];
    case "codespan":
      return [h("code", {}, token.text)];
    case "br":
      return [h("br")];
    case "escape":
      return [token.text];
    case "link": {
      const made = link(token.href, [token.text], how.newTab);
      return made.matches("a") ? [made] : [token.raw];
    }
    default:
      return plain(token.raw, how);
  }
}

/** Text with its marks of sources and its telephone numbers as links. */
function plain(text, how) {
  const numbers = [how.phone && escaped(how.phone), how.urgent && EMERGENCY].filter(Boolean);
  const pattern = new RegExp(`(${[CITATION, ...numbers].join("|")})`);
  return text.split(pattern).map((part, place) => {
    if (place % 2 === 0) return part;
    if (!part.startsWith("[")) return dial(part, {}, part);
    const [, number, tail] = part.match(/(\d+)\](.?)/);
    const mark = how.cite?.(number);
    return mark ? h("span", { class: "cited" }, mark, tail) : part;
  });
}

/*! This file contains the lexer of marked, under the MIT licence:

Copyright (c) 2018+, MarkedJS
Copyright (c) 2011-2018, Christopher Jeffrey

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in
all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN
THE SOFTWARE.
*/
