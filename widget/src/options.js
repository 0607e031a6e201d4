// What the widget is told, the later before the earlier: its defaults, clinic.yml through the server, the attributes of the script's tag.

import strings from "../../bot/web/strings.json";

const DEFAULTS = {
  name: "", phone: "", booking: "", privacy: "", questions: "", avatar: "", opening: "", disclosure: "",
  colour: "#1f5f8b", corner: "round", position: "right", theme: "auto", language: "en", direction: "ltr", minutes: 30, suggestions: [], consent: false, days: 30,
};

/** All options from what the server told, if it did, and a tag's data attributes; data-text-send and the like set strings. */
export function options(told, dataset) {
  const texts = Object.entries(dataset).filter(([key]) => /^text[A-Z]/.test(key));
  const own = Object.fromEntries(texts.map(([key, text]) => [key[4].toLowerCase() + key.slice(5), text]));
  const given = Object.fromEntries(Object.keys(DEFAULTS).filter((key) => key in dataset).map((key) => [key, dataset[key]]));
  const all = { ...DEFAULTS, ...told, ...given, strings: { ...strings, ...told.strings, ...own } };
  if (!/^#[0-9a-f]{6}$/i.test(all.colour)) all.colour = DEFAULTS.colour;
  if (typeof all.suggestions === "string") all.suggestions = all.suggestions.split("|");
  all.minutes = Number(all.minutes) || DEFAULTS.minutes;
  /** One of the texts, with {fields} filled in. */
  all.say = (name, fields = {}) => all.strings[name].replace(/{(\w+)}/g, (whole, field) => fields[field] ?? whole);
  return all;
}
