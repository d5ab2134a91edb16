/**
 * Light, dark, or as the device says. The choice lives in a cookie, so the server writes it into
 * <html data-theme> and the first paint is already right.
 */

const COOKIE = "theme";
const YEAR = 365 * 24 * 3600;

/** @typedef {"light" | "dark" | "auto"} Theme */

/**
 * The scheme chosen by hand, or "auto".
 * @returns {Theme}
 */
export function chosenTheme() {
  const chosen = document.documentElement.dataset.theme;
  return chosen === "light" || chosen === "dark" ? chosen : "auto";
}

/**
 * Shows and remembers a choice.
 * @param {Theme} theme
 */
export function chooseTheme(theme) {
  const root = document.documentElement;
  if (theme === "auto") {
    delete root.dataset.theme;
  } else {
    root.dataset.theme = theme;
  }
  const age = theme === "auto" ? 0 : YEAR;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${COOKIE}=${theme}; Path=/; Max-Age=${age}; SameSite=Lax${secure}`;
  markButtons();
}

function markButtons() {
  const chosen = chosenTheme();
  for (const button of document.querySelectorAll("[data-choose-theme]")) {
    const mine = /** @type {HTMLElement} */ (button).dataset.chooseTheme === chosen;
    button.setAttribute("aria-pressed", String(mine));
  }
}

/** Connects every `<button data-choose-theme="light|dark|auto">`. */
export function connectThemeButtons() {
  document.addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target);
    const button = /** @type {HTMLElement | null} */ (target.closest("[data-choose-theme]"));
    if (button) chooseTheme(/** @type {Theme} */ (button.dataset.chooseTheme));
  });
  markButtons();
}
