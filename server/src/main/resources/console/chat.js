import { byId, element, failure, number, reason } from "./dom.js";

/** A conversation with a language model, shown as it is generated. */
export class Chat {
  #messages = [];
  #stop = null;

  constructor() {
    byId("panel-chat").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    byId("chat-text").addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        byId("panel-chat").requestSubmit();
      }
    });
    byId("chat-stop").addEventListener("click", () => this.#stop?.abort());
    byId("chat-clear").addEventListener("click", () => this.#clear());
  }

  #clear() {
    this.#stop?.abort();
    this.#messages = [];
    byId("chat-result").replaceChildren(element("p", { className: "empty" }, "The conversation appears here, token by token."));
  }

  async #send() {
    const text = byId("chat-text").value.trim();
    if (text === "" || this.#stop !== null) {
      return;
    }
    if (this.#messages.length === 0) {
      byId("chat-result").replaceChildren();
    }
    this.#messages.push({ role: "user", content: text });
    this.#say("user", text);
    byId("chat-text").value = "";
    const answer = this.#say("assistant", "");
    const stop = new AbortController();
    this.#stop = stop;
    this.#running(true);
    let said = "";
    try {
      const times = [];
      const began = performance.now();
      for await (const piece of this.#stream(stop.signal)) {
        times.push(performance.now());
        said += piece;
        answer.textContent = said;
        answer.parentElement.scrollIntoView({ block: "nearest" });
      }
      answer.after(element("p", { className: "timing" }, pace(began, times)));
    } catch (problem) {
      answer.after(stop.signal.aborted ? element("p", { className: "timing" }, "stopped") : failure(problem));
    }
    this.#messages.push({ role: "assistant", content: said });
    this.#stop = null;
    this.#running(false);
  }

  /** The texts of a streamed answer, in the order in which they come. */
  async *#stream(signal) {
    const answer = await fetch("v1/chat/completions", {
      method: "POST",
      signal,
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({
        model: byId("chat-model").value,
        messages: this.#messages,
        max_tokens: Number(byId("chat-tokens").value),
        stream: true,
      }),
    });
    if (!answer.ok) {
      throw new Error(await reason(answer));
    }
    for await (const data of events(answer.body)) {
      if (data === "[DONE]") {
        return;
      }
      const { error, choices } = JSON.parse(data);
      if (error) {
        throw new Error(error.message);
      }
      const piece = choices?.[0]?.delta?.content;
      if (piece) {
        yield piece;
      }
    }
  }

  #say(who, text) {
    const said = element("div", { className: "said" }, text);
    byId("chat-result").append(element("div", { className: `turn ${who}` }, said));
    return said;
  }

  #running(running) {
    byId("chat-send").disabled = running;
    byId("chat-stop").disabled = !running;
  }
}

/** The data of server-sent events (WHATWG HTML, section 9.2), for events of one line. */
async function* events(body) {
  let rest = "";
  for await (const part of texts(body)) {
    const lines = (rest + part).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      if (line.startsWith("data:")) {
        yield line.slice(5).trim();
      }
    }
  }
}

async function* texts(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    yield part.value;
  }
}

function pace(began, times) {
  if (times.length < 2) {
    return "";
  }
  const first = times[0] - began;
  const rate = ((times.length - 1) / (times.at(-1) - times[0])) * 1000;
  return `first text after ${number(first)} ms, then ${number(rate)} pieces a second`;
}
