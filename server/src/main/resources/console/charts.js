import { number } from "./dom.js";

const SECONDS = 300;
const MIN_SECONDS = 60;
const HEIGHT = 168;

/** The plots of the load; series are named in the legend, which shows the values under the pointer. */
const CHARTS = [
  { id: "chart-throughput", series: [["requests", "--line-1"], ["rows", "--line-2"]] },
  { id: "chart-latency", series: [["p50", "--line-1"], ["p90", "--line-2"], ["p99", "--line-3"]] },
  { id: "chart-batch", series: [["batch", "--line-1"]], names: { batch: "rows" } },
  { id: "chart-queue", series: [["queue", "--line-3"]], names: { queue: "rows" } },
];

/** Draws samples as they come. */
export class Charts {
  #samples = [];
  #plots = [];

  constructor() {
    this.#make();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#make());
    let width = innerWidth;
    addEventListener("resize", () => {
      if (innerWidth !== width) {
        width = innerWidth;
        this.#plots.forEach(({ plot, place }) => plot.setSize({ width: place.clientWidth, height: HEIGHT }));
      }
    });
  }

  add(sample) {
    this.#samples.push(sample);
    while (this.#samples[0].time < sample.time - SECONDS) {
      this.#samples.shift();
    }
    this.#draw();
  }

  #make() {
    this.#plots.forEach(({ plot }) => plot.destroy());
    this.#plots = CHARTS.map((chart) => {
      const place = document.getElementById(chart.id);
      return { chart, place, plot: new uPlot(options(chart, place), [[]].concat(chart.series.map(() => [])), place) };
    });
    this.#draw();
  }

  #draw() {
    const now = this.#samples.at(-1)?.time ?? Date.now() / 1000;
    const span = Math.min(SECONDS, Math.max(MIN_SECONDS, now - (this.#samples[0]?.time ?? now)));
    for (const { chart, plot } of this.#plots) {
      const finite = (value) => (Number.isFinite(value) ? value : null);
      const columns = chart.series.map(([key]) => this.#samples.map((sample) => finite(sample[key])));
      plot.batch(() => {
        plot.setData([this.#samples.map((sample) => sample.time), ...columns], false);
        plot.setScale("x", { min: now - span, max: now });
        plot.setScale("y", { min: 0, max: top(columns) });
      });
      if (!(plot.cursor.left >= 0)) {
        plot.setLegend({ idx: this.#samples.length - 1 }); // the latest values, unless somebody points
      }
    }
  }
}

/** A round number a little above everything drawn. */
function top(columns) {
  const most = Math.max(1, ...columns.flat().filter((value) => value !== null)) * 1.1;
  const step = 10 ** Math.floor(Math.log10(most)) / 2;
  return Math.ceil(most / step) * step;
}

function options(chart, place) {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  const font = `11px ${style.getPropertyValue("--sans")}`;
  const axis = {
    stroke: colour("--muted"),
    font,
    grid: { stroke: colour("--hairline"), width: 1 },
    ticks: { show: false },
  };
  return {
    width: place.clientWidth,
    height: HEIGHT,
    padding: [12, 26, 0, 0],
    cursor: { drag: { x: false, y: false }, y: false, points: { size: 7 } },
    scales: { x: { time: true, auto: false }, y: { auto: false } },
    legend: { live: true, markers: { width: 0, fill: (_, i) => colour(chart.series[i - 1]?.[1] ?? "--muted") } },
    axes: [
      { ...axis, size: 26, space: 70, grid: { show: false }, values: (_, times) => times.map(clock) },
      { ...axis, size: 52, space: 34, values: (_, values) => values.map((value) => number(value)) },
    ],
    series: [
      { value: (_, time) => (time === null || time === undefined ? "" : clock(time)), label: "" },
      ...chart.series.map(([key, line]) => ({
        label: chart.names?.[key] ?? key,
        stroke: colour(line),
        width: 1.75,
        spanGaps: false,
        points: { show: false },
        value: (_, value) => (value === null || value === undefined ? "–" : number(value)),
      })),
    ],
  };
}

const clock = (time) =>
  new Date(time * 1000).toLocaleTimeString("en", { hour12: false, hour: "2-digit", minute: "2-digit", second: "2-digit" });
