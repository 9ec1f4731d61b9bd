/** An element with these properties and children; text is never read as markup. */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(properties)) {
    if (key === "dataset") {
      Object.assign(made.dataset, value);
    } else if (key in made) {
      made[key] = value;
    } else {
      made.setAttribute(key, value);
    }
  }
  made.append(...children);
  return made;
}

export const byId = (id) => document.getElementById(id);

/** Three digits that matter, as people read them: 0.123, 12.3, 12,345. */
export function number(value) {
  if (!Number.isFinite(value)) {
    return "–";
  }
  const size = Math.abs(value);
  const digits = size >= 100 || size === 0 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  return value.toLocaleString("en", { maximumFractionDigits: digits });
}

export function bytes(value) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${number(value)} ${units[unit]}`;
}

/** The answer as JSON, or an error with what the server said, whatever the protocol. */
export async function ask(path, body) {
  const options = body === undefined ? {} : { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
  const answer = await fetch(path, options);
  if (!answer.ok) {
    throw new Error(await reason(answer));
  }
  const text = await answer.text();
  return { json: text === "" ? null : JSON.parse(text), timing: timing(answer) };
}

/** What an answer that is not 200 says. */
export async function reason(answer) {
  try {
    const { error } = await answer.json();
    return typeof error === "string" ? error : error.message;
  } catch {
    return `HTTP ${answer.status}`;
  }
}

/** The phases of Server-Timing that took the most: "infer 4.2 ms · queue 0.3 ms". */
function timing(answer) {
  const phases = [...(answer.headers.get("Server-Timing") ?? "").matchAll(/([\w-]+);dur=([\d.]+)/g)]
    .map(([, name, duration]) => [name, Number(duration)]);
  const total = phases.find(([name]) => name === "total");
  const longest = phases
    .filter(([name, duration]) => ["tokenize", "queue", "infer"].includes(name) && duration > 0)
    .map(([name, duration]) => `${name} ${number(duration)}`);
  return total ? `${number(total[1])} ms${longest.length ? `: ${longest.join(", ")}` : ""}` : "";
}

/** Fills a list of choices, keeping what was chosen if it is still there. */
export function choices(select, names, none) {
  const chosen = select.value;
  if ([...select.options].map((option) => option.value).join("\n") === names.join("\n") && names.length > 0) {
    return;
  }
  select.replaceChildren(...names.map((name) => element("option", { value: name }, name)));
  select.disabled = names.length === 0;
  if (names.length === 0) {
    select.append(element("option", { value: "" }, none));
  } else if (names.includes(chosen)) {
    select.value = chosen;
  }
  select.dispatchEvent(new Event("change"));
}

export const failure = (problem) => element("p", { className: "failure", role: "alert" }, problem.message);
