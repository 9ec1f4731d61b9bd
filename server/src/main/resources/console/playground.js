import { ask, byId, choices, element, failure, number } from "./dom.js";

const SHOWN = 256;

/** Sentences to compare, and tensors for any model. */
export class Playground {
  #inputs = [];

  constructor() {
    const tabs = [...document.querySelectorAll("[role=tab]")];
    tabs.forEach((tab) => tab.addEventListener("click", () => select(tabs, tab)));
    tabs.forEach((tab) => tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step) {
        const seen = tabs.filter((one) => !one.hidden);
        const next = seen.at((seen.indexOf(tab) + step) % seen.length);
        select(tabs, next);
        next.focus();
      }
    }));
    run("panel-sentences", "sentences-result", compare);
    run("panel-tensors", "tensors-result", () => this.#infer());
    byId("tensors-model").addEventListener("change", () => this.#describe());
    byId("tensors-random").addEventListener("click", () => this.#inputs.forEach(fill));
  }

  /** Takes the models that are ready, by name. */
  offer(reports) {
    const named = (wanted) => [...reports].filter(([, report]) => wanted(report.task)).map(([name]) => name);
    choices(byId("sentences-model"), named((task) => task === "embedding"), "no embedding model is ready");
    choices(byId("tensors-model"), named((task) => task !== "generation"), "no model is ready");
    const generating = named((task) => task === "generation");
    choices(byId("chat-model"), generating, "no language model is ready");
    byId("tab-chat").hidden = generating.length === 0;
    if (generating.length === 0 && !byId("panel-chat").hidden) {
      byId("tab-sentences").click();
    }
  }

  async #describe() {
    const place = byId("tensors-inputs");
    const model = byId("tensors-model").value;
    this.#inputs = [];
    if (model === "") {
      place.replaceChildren();
      return;
    }
    try {
      const { json } = await ask(`v2/models/${encodeURIComponent(model)}`);
      this.#inputs = json.inputs.map(field);
      place.replaceChildren(...this.#inputs.map(({ place }) => place));
      this.#inputs.forEach(fill);
    } catch (problem) {
      place.replaceChildren(failure(problem));
    }
  }

  async #infer() {
    const inputs = this.#inputs.map(({ spec, shape, data }) => ({
      name: spec.name,
      datatype: spec.datatype,
      shape: integers(shape.value),
      data: JSON.parse(`[${data.value}]`),
    }));
    const { json, timing } = await ask(`v2/models/${encodeURIComponent(byId("tensors-model").value)}/infer`, { inputs });
    return [
      element("p", { className: "timing" }, `Version ${json.model_version} answered in ${timing}`),
      ...json.outputs.map(output),
    ];
  }
}

function select(tabs, chosen) {
  for (const tab of tabs) {
    tab.setAttribute("aria-selected", tab === chosen);
    tab.tabIndex = tab === chosen ? 0 : -1;
    byId(tab.getAttribute("aria-controls")).hidden = tab !== chosen;
  }
}

/** Shows what `work` gives when the form is sent, or what went wrong. */
function run(form, result, work) {
  byId(form).addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = byId(form).querySelector(".primary");
    button.disabled = true;
    try {
      byId(result).replaceChildren(...(await work()));
    } catch (problem) {
      byId(result).replaceChildren(failure(problem));
    }
    button.disabled = false;
  });
}

async function compare() {
  const sentences = byId("sentences-text").value.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  if (sentences.length < 2) {
    throw new Error("Two sentences at least, each on a line of its own.");
  }
  const model = byId("sentences-model").value;
  const { json, timing } = await ask("v1/embeddings", { model, input: sentences });
  const vectors = json.data.map(({ embedding }) => embedding);
  return [
    element("p", { className: "timing" },
      `${sentences.length} vectors of ${vectors[0].length} numbers, ${json.usage.prompt_tokens} tokens, in ${timing}`),
    matrix(sentences, vectors),
  ];
}

function cosine(a, b) {
  const dot = (x, y) => x.reduce((total, value, i) => total + value * y[i], 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

function matrix(sentences, vectors) {
  const rows = sentences.map((sentence, i) =>
    element("tr", {},
      element("th", { scope: "row" }, element("i", {}, String(i + 1)), element("span", { title: sentence }, sentence)),
      ...vectors.map((vector, j) => {
        const alike = cosine(vectors[i], vector);
        const cell = element("td", { className: i === j ? "self" : "" }, alike.toFixed(2));
        cell.style.setProperty("--alike", `${Math.round(Math.max(0, alike) * 100)}%`);
        return cell;
      })));
  const head = element("tr", {}, element("td"), ...sentences.map((_, i) => element("th", { scope: "col" }, String(i + 1))));
  return element("div", { className: "scroll" },
    element("table", { className: "matrix" }, element("thead", {}, head), element("tbody", {}, ...rows)));
}

/** The fields of one input tensor. */
function field(spec) {
  const shape = element("input", { value: spec.shape.map((extent) => (extent < 0 ? 1 : extent)).join(", "), spellcheck: false });
  const data = element("textarea", { rows: 2, spellcheck: false });
  const place = element("fieldset", {},
    element("legend", {}, spec.name, element("span", {}, `${spec.datatype} [${spec.shape.map((e) => (e < 0 ? "any" : e)).join(", ")}]`)),
    element("label", {}, "Shape", shape),
    element("label", {}, "Data", data));
  return { spec, shape, data, place };
}

const integers = (text) => text.split(/[\s,]+/).filter((part) => part !== "").map(Number);

/** Values that a tensor of this type can take. */
function fill({ spec, shape, data }) {
  const count = integers(shape.value).reduce((product, extent) => product * extent, 1);
  if (count > 20_000) {
    data.value = "";
    data.placeholder = `${number(count)} values: choose a smaller shape, or send them as binary data`;
    return;
  }
  const one = {
    BOOL: () => Math.random() < 0.5,
    BYTES: () => '"text"',
    FP32: () => Math.round(Math.random() * 1000) / 100,
    FP64: () => Math.round(Math.random() * 1000) / 100,
  }[spec.datatype] ?? (() => (/mask/.test(spec.name) ? 1 : Math.floor(Math.random() * (/type/.test(spec.name) ? 1 : 100))));
  data.value = Array.from({ length: count }, one).join(", ");
}

function output({ name, datatype, shape, data, parameters }) {
  const more = data.length > SHOWN ? `, … ${number(data.length - SHOWN)} more` : "";
  const nulls = parameters?.non_finite_as_null ? ` · ${parameters.non_finite_as_null} NaN or infinite` : "";
  return element("div", { className: "tensor" },
    element("h2", {}, name, element("span", {}, `${datatype} [${shape.join(", ")}]${nulls}`)),
    element("pre", {}, data.slice(0, SHOWN).map((value) => (typeof value === "number" ? number(value) : JSON.stringify(value))).join(", ") + more));
}
