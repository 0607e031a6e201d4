// Makes elements. No HTML text is ever parsed, so that there is nothing to sanitise and Trusted Types may be 'none'.

const SVG = "http://www.w3.org/2000/svg";

const SHAPES = {
  chat: "M4 5.5A2.5 2.5 0 0 1 6.5 3h11A2.5 2.5 0 0 1 20 5.5v8a2.5 2.5 0 0 1-2.5 2.5H11l-4.6 4.2a.8.8 0 0 1-1.4-.6V16A2 2 0 0 1 4 14z",
  close: "M6 6l12 12M18 6L6 18",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  send: "M4 12l16-8-5 16-4-6z M11 14l9-10",
  phone: "M6 3h3l2 5-2.5 1.5a11 11 0 0 0 6 6L16 13l5 2v3a3 3 0 0 1-3 3A15 15 0 0 1 3 6a3 3 0 0 1 3-3z",
  book: "M5 5h14v15H5z M5 10h14 M9 3v4 M15 3v4",
  alert: "M12 3l10 18H2z M12 10v5 M12 18h.01",
  good: "M7 11v9H4v-9z M7 11l4-8a2 2 0 0 1 2 2v4h5a2 2 0 0 1 2 2.3l-1.2 7a2 2 0 0 1-2 1.7H7",
  bad: "M7 13V4H4v9z M7 13l4 8a2 2 0 0 0 2-2v-4h5a2 2 0 0 0 2-2.3l-1.2-7a2 2 0 0 0-2-1.7H7",
};

/** An element with attributes, listeners (keys that begin with "on") and children; nothing is added for null and false. */
export function h(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value !== false && value != null) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== false && child != null && child !== ""));
  return made;
}

/** A drawing that says nothing to a screen reader. */
export function icon(name) {
  const drawing = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" })) drawing.setAttribute(key, value);
  path.setAttribute("d", SHAPES[name]);
  drawing.append(path);
  return drawing;
}

/** A stylesheet from text, which a strict policy allows where a <style> is forbidden. */
export function sheet(text = "") {
  const made = new CSSStyleSheet();
  made.replaceSync(text);
  return made;
}
