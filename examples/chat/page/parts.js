/** An element of the page, by its id. */
function byId(id) {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page lacks #${id}`);
  return element;
}

/** The parts of the page that change. */
export const parts = {
  libraries: byId("libraries"),
  rooms: byId("rooms"),
  goForm: byId("go"),
  another: byId("another"),
  people: byId("people"),
  rename: byId("rename"),
  room: byId("room"),
  notice: byId("notice"),
  state: byId("state"),
  log: byId("log"),
  typing: byId("typing"),
  problem: byId("problem"),
  sayForm: byId("say"),
  text: byId("text"),
  introduceForm: byId("introduce"),
  name: byId("name"),
  inviteForm: byId("invite"),
  code: byId("code"),
};
