import uPlot from "./lib/uplot.js";

const SPAN_SECS = 30;
const HEIGHT_PX = 220;

/**
 * A plot of two percentages over the last half minute, in the colours of the page.
 *
 * @param {HTMLElement} element
 * @returns {uPlot}
 */
export function createPlot(element) {
  const colour = (name) => () => getComputedStyle(element).getPropertyValue(name).trim();
  const axis = {
    stroke: colour("--muted"),
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
    font: "12px system-ui, sans-serif",
  };
  const line = { width: 2, points: { show: false } };
  const plot = new uPlot(
    {
      width: 300,
      height: HEIGHT_PX,
      padding: [12, 28, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { range: (_plot, _min, max) => [max - SPAN_SECS, max] },
        y: { range: [0, 100] },
      },
      axes: [
        { ...axis, size: 28, space: 90, values: (_plot, times) => times.map(clockTime) },
        { ...axis, size: 52, values: (_plot, values) => values.map((value) => `${value} %`) },
      ],
      series: [
        {},
        { ...line, label: "CPU", stroke: colour("--cpu"), fill: colour("--cpu-area") },
        { ...line, label: "Memory", stroke: colour("--ram") },
      ],
    },
    [[], [], []],
    element,
  );
  new ResizeObserver(([{ contentRect }]) => {
    plot.setSize({ width: Math.floor(contentRect.width), height: HEIGHT_PX });
  }).observe(element);
  return plot;
}

/** @param {number} timeSecs */
function clockTime(timeSecs) {
  return new Date(timeSecs * 1000).toLocaleTimeString([], { hour12: false });
}
