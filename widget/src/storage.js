// Keeps the conversation from page to page, in this tab only, and no longer than the clinic wants.

/** A place for one conversation; where the browser keeps nothing, neither do we. */
export class Storage {
  constructor(key) {
    this.key = `clinic-chat ${key}`;
  }

  read() {
    try {
      const kept = JSON.parse(sessionStorage.getItem(this.key)) ?? {};
      return kept.at > Date.now() - kept.minutes * 60_000 ? kept : {};
    } catch {
      return {};
    }
  }

  write(kept) {
    try {
      sessionStorage.setItem(this.key, JSON.stringify(kept));
    } catch { /* full or forbidden: the conversation lasts as long as the page */ }
  }

  clear() {
    try {
      sessionStorage.removeItem(this.key);
    } catch { /* nothing was kept */ }
  }
}
