// Shades of the clinic's colour that can be read: WCAG 2.2, 1.4.3 (text, 4.5:1) and 1.4.11 (parts of controls, 3:1).

const READABLE = 4.5;

const channels = (colour) => [1, 3, 5].map((place) => parseInt(colour.slice(place, place + 2), 16));

/** Relative luminance, 0 to 1. Source: WCAG 2.2, definition of relative luminance. */
function luminance(colour) {
  const [red, green, blue] = channels(colour).map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Contrast of two colours #rrggbb, 1 to 21. */
export function contrast(first, second) {
  const [low, high] = [luminance(first), luminance(second)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

function mix(colour, other, share) {
  const [from, to] = [channels(colour), channels(other)];
  return `#${from.map((value, place) => Math.round(value + (to[place] - value) * share).toString(16).padStart(2, "0")).join("")}`;
}

/** White or near black, whichever reads better on a colour. */
export const on = (colour) => (contrast(colour, "#ffffff") >= READABLE ? "#ffffff" : contrast(colour, "#0b0f14") >= READABLE ? "#0b0f14" : "#000000");

/** The shade of a colour nearest to it that can be read on a background. */
export function ink(colour, background) {
  const towards = luminance(background) > 0.5 ? "#000000" : "#ffffff";
  for (let share = 0; share < 1; share += 0.05) {
    const shade = mix(colour, towards, share);
    if (contrast(shade, background) >= READABLE) return shade;
  }
  return towards;
}
