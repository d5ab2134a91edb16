/** Commands of the desk go by HTTP, so that they work where the socket does not. */

/**
 * @param {string} address
 * @param {Record<string, string>} [fields]
 * @returns {Promise<Response>} rejects where the server cannot be reached
 */
export function post(address, fields = {}) {
  const token = /** @type {HTMLInputElement | null} */ (
    document.querySelector("[data-desk-choose] [name=csrfmiddlewaretoken]")
  );
  return fetch(address, {
    method: "POST",
    headers: { accept: "application/json", "x-csrftoken": token?.value ?? "" },
    body: new URLSearchParams(fields),
  });
}
