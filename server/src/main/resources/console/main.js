import { Charts } from "./charts.js";
import { Chat } from "./chat.js";
import { ask, byId, bytes, number } from "./dom.js";
import { Live } from "./live.js";
import { Models } from "./models.js";
import { Playground } from "./playground.js";

const PERIOD = 2000;

const live = new Live();
const charts = new Charts();
const playground = new Playground();
const models = new Models((reports) => playground.offer(reports));
new Chat();

async function tick() {
  if (!document.hidden) {
    try {
      await update();
      say("notice", "");
    } catch (problem) {
      status("bad", "unreachable");
      charts.add({ time: Date.now() / 1000 }); // a gap
      say("notice", `The server does not answer: ${problem.message}. Trying again.`);
    }
  }
  setTimeout(tick, PERIOD);
}

async function update() {
  const ready = await fetch("v2/health/ready");
  status(ready.ok ? "good" : "wait", ready.ok ? "ready" : "not ready");
  const [sample] = await Promise.all([live.next(), models.refresh()]);
  if (sample !== null) {
    show(sample);
    charts.add(sample);
    models.show(sample);
  }
}

function show(sample) {
  const figure = (id, value) => (byId(id).textContent = value);
  if (!sample.measured) {
    figure("load-aside", "nothing is measured: metrics.enabled is false");
  }
  figure("now-requests", number(sample.requests));
  figure("now-p50", number(sample.p50));
  figure("now-batch", number(sample.batch));
  figure("now-queue", number(sample.queue));
  const wrong = sample.refused + sample.failed;
  figure("now-refused", wrong > 0 ? `${number(wrong)}/s refused or failed` : "none refused");
  figure("now-p99", Number.isFinite(sample.p99) ? `99 of 100 under ${number(sample.p99)} ms` : "no requests");
  figure("now-rows", sample.tokens > 0 ? `${number(sample.tokens)} tokens/s` : `${number(sample.rows)} rows/s`);
  figure("now-memory", `models hold ${bytes(sample.memory)}`);
}

function status(look, text) {
  byId("status").className = `pill ${look}`;
  byId("status").textContent = text;
}

function say(id, text) {
  byId(id).hidden = text === "";
  byId(id).textContent = text;
}

ask("v2").then(({ json }) => (byId("version").textContent = json.version), () => {});
tick();
