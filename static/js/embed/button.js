/**
 * The button of a queue for pages of other sites (docs/embedding.md): a script by itself, without
 * imports, that knows its page only by its own tag. It sets no cookie and sends none.
 */
(() => {
  const REFRESH_MS = 120_000;
  const STYLE = `
    :host { display: inline-block; max-width: calc(100% - 0.5em); margin: 0.25em; }
    a {
      display: inline-grid; grid-template-columns: auto minmax(0, 1fr); gap: 0 0.65em;
      align-items: center; box-sizing: border-box; max-width: 100%; min-height: 44px;
      padding: 0.6em 1.1em; border: 1px solid transparent; border-radius: 0.65em;
      background: light-dark(#17604b, #6fd0ae); color: light-dark(#fff, #07211a);
      font: 500 1rem/1.3 system-ui, "Noto Sans", sans-serif; text-align: start;
      text-decoration: none; overflow-wrap: anywhere;
    }
    a:hover { background: light-dark(#0f4a39, #93e2c6); }
    a:focus-visible { outline: 3px solid light-dark(#1a56b8, #8ab8ff); outline-offset: 2px; }
    a.closed { border-color: light-dark(#7d8c85, #6f7f78); background: light-dark(#fff, #18201d);
      color: light-dark(#17231e, #e9efec); }
    a.closed[href]:hover { background: light-dark(#eef3f0, #222d29); }
    .dot { grid-row: span 2; width: 0.6em; height: 0.6em; border-radius: 50%;
      background: light-dark(#f0b454, #7a4a00); }
    .closed .dot { background: none; box-shadow: inset 0 0 0 2px currentcolor; }
    .label { font-weight: 600; }
    .state { font-size: 0.875em; }
    .state:empty { display: none; }
    .hidden { position: absolute; width: 1px; height: 1px; overflow: hidden;
      clip-path: inset(50%); white-space: nowrap; }
    @media (forced-colors: active) { a { border-color: LinkText; } }
  `;

  /**
   * What the server says of a queue, in words.
   * @typedef {{ open: boolean, label: string, state: string, hint: string, language: string,
   *   address: string }} Status
   */

  const script = document.currentScript;
  if (!(script instanceof HTMLScriptElement)) return;
  const { queue = "", label = "", language = "", subject = "", media = "" } = script.dataset;
  const spoken = language || script.closest("[lang]")?.getAttribute("lang") || navigator.language;

  /** @returns {Promise<Status>} */
  async function ask() {
    const path = `/talk/${encodeURIComponent(queue)}/status.json`;
    const address = new URL(path, /** @type {HTMLScriptElement} */ (script).src);
    address.searchParams.set("language", spoken);
    address.searchParams.set("zone", Intl.DateTimeFormat().resolvedOptions().timeZone ?? "");
    const answer = await fetch(address, { credentials: "omit", referrerPolicy: "no-referrer" });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    return answer.json();
  }

  /** @param {string} name @param {string} [text] @returns {HTMLSpanElement} */
  function span(name, text = "") {
    const made = document.createElement("span");
    made.className = name;
    made.textContent = text;
    return made;
  }

  const host = document.createElement("div");
  host.dataset.parlourButton = queue;
  const link = document.createElement("a");
  const dot = span("dot");
  dot.setAttribute("aria-hidden", "true");
  const words = { label: span("label"), state: span("state"), hint: span("hidden") };
  words.label.dir = "auto";
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  link.append(dot, words.label, words.state, words.hint);

  /** @param {Status} status */
  function show(status) {
    link.lang = status.language;
    link.classList.toggle("closed", !status.open);
    words.label.textContent = label || status.label;
    words.state.textContent = status.state;
    words.hint.textContent = ` ${status.hint}`;
    if (!status.address) {
      link.removeAttribute("href");
      link.setAttribute("role", "link");
      link.setAttribute("aria-disabled", "true");
      return;
    }
    const address = new URL(status.address);
    const wanted = { subject, media, language };
    for (const [name, value] of Object.entries(wanted)) {
      if (value) address.searchParams.set(name, value);
    }
    link.href = address.href;
    for (const name of ["role", "aria-disabled"]) link.removeAttribute(name);
  }

  /** Puts the button where its script stands; one in the head at the end of the page. */
  function place() {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    const root = host.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    root.append(link);
    if (script?.parentElement && script.parentElement !== document.head) script.after(host);
    else document.body.append(host);
  }

  async function refresh() {
    if (document.visibilityState !== "visible") return;
    try {
      show(await ask());
    } catch {
      // The state of a while ago stays; the next look may find the server again.
    }
  }

  async function begin() {
    try {
      show(await ask());
    } catch (fault) {
      console.warn(
        `Parlour: no button for the queue "${queue}". Is ${location.origin} among BUTTON_ORIGINS, ` +
          "and does the queue exist?",
        fault,
      );
      return;
    }
    if (document.readyState === "loading") {
      document.addEventListener("DOMContentLoaded", place, { once: true });
    } else {
      place();
    }
    setInterval(() => void refresh(), REFRESH_MS);
  }

  void begin();
})();
