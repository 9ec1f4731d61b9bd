// Prometheus' text format, and what two scrapes of it say about the time between them.

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/** Series by the name of their metric, only those whose name begins with lockstep_. */
export function parse(text) {
  const metrics = new Map();
  for (const line of text.split("\n")) {
    if (!line.startsWith("lockstep_")) {
      continue;
    }
    const match = LINE.exec(line);
    if (match === null) {
      continue;
    }
    const labels = {};
    for (const [, key, value] of (match[2] ?? "").matchAll(LABEL)) {
      labels[key] = value;
    }
    if (!metrics.has(match[1])) {
      metrics.set(match[1], []);
    }
    metrics.get(match[1]).push({ labels, value: match[3] === "+Inf" ? Infinity : Number(match[3]) });
  }
  return metrics;
}

/** The sum of a metric over the series that are wanted. */
export function sum(metrics, name, wanted = () => true) {
  let total = 0;
  for (const { labels, value } of metrics.get(name) ?? []) {
    total += wanted(labels) ? value : 0;
  }
  return total;
}

/** How much a counter grew; a server that started anew begins at zero. */
export function growth(before, after, name, wanted) {
  const grown = sum(after, name, wanted) - sum(before, name, wanted);
  return grown >= 0 ? grown : sum(after, name, wanted);
}

/** Quantiles of what a histogram counted between two scrapes; NaN where it counted nothing. */
export function quantiles(before, after, name, shares, wanted = () => true) {
  const bounds = new Map();
  const add = (metrics, sign) => {
    for (const { labels, value } of metrics.get(`${name}_bucket`) ?? []) {
      if (wanted(labels)) {
        const bound = labels.le === "+Inf" ? Infinity : Number(labels.le);
        bounds.set(bound, (bounds.get(bound) ?? 0) + sign * value);
      }
    }
  };
  add(after, 1);
  add(before, -1);
  const buckets = [...bounds].sort(([a], [b]) => a - b);
  const count = buckets.at(-1)?.[1] ?? 0;
  return shares.map((share) => (count > 0 ? quantile(buckets, share * count) : NaN));
}

/** Where the given rank lies, evenly spread within its bucket. */
function quantile(buckets, rank) {
  let low = 0;
  let below = 0;
  for (const [bound, atMost] of buckets) {
    if (atMost >= rank) {
      if (bound === Infinity || atMost === below) {
        return low;
      }
      return low + ((bound - low) * (rank - below)) / (atMost - below);
    }
    low = bound;
    below = atMost;
  }
  return low;
}
