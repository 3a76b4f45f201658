/** Makes an element with a text. */
export function part(name, className, text = "") {
  const element = document.createElement(name);
  element.className = className;
  element.textContent = text;
  return element;
}

/** Adds to a list that scrolls, and stays at its end if it was there. */
export function appendTo(list, element) {
  const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  list.append(element);
  if (isAtEnd) list.scrollTop = list.scrollHeight;
}
