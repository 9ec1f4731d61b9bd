import { ask, byId, bytes, element, failure, number } from "./dom.js";

/** The models of the repository: what they are, what they do, loading and unloading. */
export class Models {
  #reports = new Map();
  #states = "";
  #unloaded = new Set();
  #busy = new Map();
  #problems = new Map();
  #index = [];
  #sample = null;
  #changed;

  /** `changed` is told the reports of the ready models whenever there are others. */
  constructor(changed) {
    this.#changed = changed;
    byId("load-form").addEventListener("submit", (event) => {
      event.preventDefault();
      const name = byId("load-name").value.trim();
      if (name !== "") {
        this.#change(name, "load").then(() => (byId("load-name").value = ""));
      }
    });
  }

  async refresh() {
    const { json } = await ask("v2/repository/index", {});
    this.#index = json;
    const states = JSON.stringify(json);
    if (states !== this.#states) {
      await this.#describe([...new Set(json.map(({ name }) => name))]);
      this.#states = states;
    }
    this.#draw();
  }

  show(sample) {
    this.#sample = sample;
    this.#draw();
  }

  async #describe(names) {
    this.#reports = new Map();
    for (const name of names) {
      this.#unloaded.delete(name);
      const { json } = await ask(`admin/models/${encodeURIComponent(name)}`);
      const ready = json.versions.filter(({ state }) => state === "ready").at(-1);
      if (ready) {
        this.#reports.set(name, ready);
      }
    }
    this.#changed(this.#reports);
  }

  async #change(name, verb) {
    this.#busy.set(name, verb === "load" ? "loading" : "unloading");
    this.#problems.delete(name);
    this.#draw();
    try {
      await ask(`v2/repository/models/${encodeURIComponent(name)}/${verb}`, {});
      if (verb === "unload") {
        this.#unloaded.add(name);
      }
    } catch (problem) {
      this.#problems.set(name, problem);
    }
    this.#busy.delete(name);
    this.#states = "";
    await this.refresh();
  }

  #draw() {
    const place = byId("models");
    if (place.contains(document.activeElement) && document.activeElement.matches("button")) {
      const { model, verb } = document.activeElement.dataset;
      this.#replace(place);
      [...place.querySelectorAll("button")].find((b) => b.dataset.model === model && b.dataset.verb === verb)?.focus();
    } else {
      this.#replace(place);
    }
  }

  #replace(place) {
    const names = new Set([...this.#index.map(({ name }) => name), ...this.#unloaded, ...this.#problems.keys()]);
    if (names.size === 0) {
      place.replaceChildren(element("p", { className: "empty" }, "There are no models. Put one into the repository and load it by its name."));
      return;
    }
    const head = ["Model", "Requests/s", "p50 ms", "p99 ms", "Batch", "Waiting", "Memory", ""];
    place.replaceChildren(
      element("table", {},
        element("thead", {}, element("tr", {}, ...head.map((title) => element("th", { scope: "col" }, title)))),
        element("tbody", {}, ...[...names].sort().map((name) => this.#row(name)))));
  }

  #row(name) {
    const versions = this.#index.filter((version) => version.name === name);
    const report = this.#reports.get(name);
    const now = this.#sample?.models.get(name);
    const problem = this.#problems.get(name) ?? versions.find(({ reason }) => reason !== "");
    const busy = this.#busy.get(name);
    const cell = (label, value) => element("td", { dataset: { label }, className: "value" }, value);
    const row = element("tr", {},
      element("th", { scope: "row" },
        element("div", { className: "name" }, name, ...this.#badges(versions, busy)),
        element("p", {}, report?.description || about(report)),
        ...(problem ? [failure({ message: problem.message ?? problem.reason })] : [])),
      cell("Requests/s", now ? number(now.requests) : "–"),
      cell("p50 ms", now ? number(now.p50) : "–"),
      cell("p99 ms", now ? number(now.p99) : "–"),
      cell("Batch", now ? number(now.batch) : "–"),
      cell("Waiting", now ? number(now.queue) : "–"),
      cell("Memory", now?.memory ? bytes(now.memory) : "–"),
      element("td", { className: "actions" }, ...this.#actions(name, versions.length > 0, busy)));
    return row;
  }

  #badges(versions, busy) {
    if (busy) {
      return [element("span", { className: "badge wait" }, busy)];
    }
    if (versions.length === 0) {
      return [element("span", { className: "badge" }, "not loaded")];
    }
    const looks = { READY: "good", LOADING: "wait", UNLOADING: "wait", UNAVAILABLE: "bad" };
    return versions.map(({ version, state }) =>
      element("span", { className: `badge ${looks[state]}`, title: `version ${version}` }, `v${version} ${state.toLowerCase()}`));
  }

  #actions(name, loaded, busy) {
    const action = (label, verb) =>
      element("button", { type: "button", disabled: Boolean(busy), dataset: { model: name, verb }, onclick: () => this.#change(name, verb) }, label);
    return loaded ? [action("Reload", "load"), action("Unload", "unload")] : [action("Load", "load")];
  }
}

function about(report) {
  if (!report) {
    return "";
  }
  const parameters = report.parameters > 0 ? `${compact(report.parameters)} parameters, ` : "";
  return `${parameters}${report.task === "none" ? report.platform : report.task}`;
}

const compact = (value) => value.toLocaleString("en", { notation: "compact", maximumSignificantDigits: 3 });
