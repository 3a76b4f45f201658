import { createPlot } from "./plot.js";

/** Samples a plot keeps: half a minute of them, and the one left of its edge. */
const MAX_SAMPLES = 122;

/**
 * @typedef {object} Monitor
 * @property {HTMLElement} element
 * @property {(state: string) => void} showState
 * @property {(message: { el: string, value: string | number }) => void} update
 */

/**
 * One connection's view of the machine: the figures, and their last half minute as a plot.
 *
 * @param {string} client the library's name
 * @param {string} className
 * @returns {Monitor}
 */
export function createMonitor(client, className) {
  const template = document.getElementById("monitor");
  const element = template.content.firstElementChild.cloneNode(true);
  const title = element.querySelector("h2");
  const state = element.querySelector(".state");
  const time = element.querySelector("time");
  const plotElement = element.querySelector(".plot");
  const figures = new Map(
    Array.from(element.querySelectorAll("[data-figure]"), (part) => [part.dataset.figure, part]),
  );
  element.classList.add(className);
  title.textContent = client;
  title.id = className;
  element.setAttribute("aria-labelledby", title.id);
  plotElement.setAttribute("aria-label", "CPU load and memory in use over the last half minute");

  const plot = createPlot(plotElement);
  const samples = { times: [], cpu: [], ram: [] };
  let count = 0;
  let isDrawing = false;

  /** The four messages of one reading come one after the other; the time opens it. */
  function update({ el, value }) {
    if (el === "info_utc") openSample(Number(value));
    else figures.get(el)?.replaceChildren(String(value));
    if (el === "cpu_load") setLast(samples.cpu, Number.parseFloat(value));
    if (el === "ram_usage") closeSample(Number.parseFloat(value));
  }

  function openSample(timeMs) {
    samples.times.push(timeMs / 1000);
    samples.cpu.push(null);
    samples.ram.push(null);
    for (const values of Object.values(samples)) {
      if (values.length > MAX_SAMPLES) values.shift();
    }
  }

  function closeSample(ram) {
    // The first message after the join may be the last of a reading.
    if (samples.times.length === 0) return;
    setLast(samples.ram, ram);
    count += 1;
    if (!isDrawing) requestAnimationFrame(draw);
    isDrawing = true;
  }

  function draw() {
    isDrawing = false;
    const last = new Date(samples.times.at(-1) * 1000);
    time.dateTime = last.toISOString();
    time.textContent = last.toLocaleTimeString([], { hour12: false });
    figures.get("samples").textContent = String(count);
    plot.setData([samples.times, samples.cpu, samples.ram]);
  }

  return {
    element,
    update,
    showState(text) {
      element.dataset.state = text;
      state.textContent = text;
    },
  };
}

function setLast(values, value) {
  if (values.length > 0) values[values.length - 1] = value;
}
