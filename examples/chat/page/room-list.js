import { addressOf, PRIVATE } from "./room-address.js";

/** Shown to everyone; other rooms are one address away. */
const ROOMS = ["room:lobby", "room:music", "private:team"];

/**
 * Draws the links to the rooms: the usual ones, and those that were visited.
 *
 * @param {HTMLElement} list
 */
export function createRoomList(list) {
  const rooms = [...ROOMS];

  /** @param {string} current */
  return function show(current) {
    if (!rooms.includes(current)) rooms.push(current);
    list.replaceChildren(...rooms.map((room) => item(room, room === current)));
  };
}

function item(room, isCurrent) {
  const link = document.createElement("a");
  link.href = addressOf(room);
  link.textContent = room.slice(room.indexOf(":") + 1) || room;
  link.title = room;
  if (isCurrent) link.setAttribute("aria-current", "page");
  const element = document.createElement("li");
  element.append(link);
  if (room.startsWith(PRIVATE)) {
    const mark = document.createElement("small");
    mark.textContent = "private";
    link.append(" ", mark);
  }
  return element;
}
