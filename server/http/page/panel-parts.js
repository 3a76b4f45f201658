/** A new panel out of the template of the page. */
export function copyTemplate() {
  const template = document.getElementById("panel");
  if (!(template instanceof HTMLTemplateElement)) throw new Error("the page lacks #panel");
  const copy = template.content.firstElementChild?.cloneNode(true);
  if (!(copy instanceof HTMLElement)) throw new Error("#panel is empty");
  return copy;
}

/**
 * The parts of a panel that change.
 *
 * @param {HTMLElement} element
 */
export function readParts(element) {
  /**
   * @template {Element} Kind
   * @param {string} selector
   * @param {new () => Kind} kind
   * @returns {Kind}
   */
  const find = (selector, kind) => {
    const part = element.querySelector(selector);
    if (!(part instanceof kind)) throw new Error(`#panel lacks ${selector}`);
    return part;
  };
  return {
    title: find("h2", HTMLElement),
    call: find(".call", HTMLElement),
    state: find(".state", HTMLElement),
    present: find(".present ul", HTMLElement),
    log: find(".log", HTMLElement),
    form: find(".send", HTMLFormElement),
    event: find(".event input", HTMLInputElement),
    payload: find(".payload input", HTMLInputElement),
    send: find(".send button", HTMLButtonElement),
    refusal: find(".refusal", HTMLElement),
    preview: find(".preview", HTMLElement),
  };
}
