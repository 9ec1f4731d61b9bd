// llama.cpp as the npm package brings it: takes "prefill TOKENS" and "decode STREAMS TOKENS" a line
// and answers each with tokens a second.
import { createInterface } from "node:readline";
import { getLlama } from "node-llama-cpp";

const [file, threads, streams, positions] = process.argv.slice(2);

const llama = await getLlama({ gpu: false, build: "never", logLevel: "error" });
const model = await llama.loadModel({ modelPath: file });
const context = await model.createContext({
  contextSize: Number(positions),
  sequences: Number(streams),
  batchSize: 512,
  threads: Number(threads),
});
const sequences = Array.from({ length: Number(streams) }, () => context.getSequence());

async function prefill(tokens) {
  await sequences[0].clearHistory();
  const prompt = Array.from({ length: tokens }, (_, i) => 3 + ((i * 7919 + 13) % 31000));
  const start = performance.now();
  await sequences[0].evaluateWithoutGeneratingNewTokens(prompt);
  return (tokens * 1000) / (performance.now() - start);
}

async function decode(count, tokens) {
  const texts = [];
  for (let i = 0; i < count; i++) {
    await sequences[i].clearHistory();
    texts.push(sequences[i].evaluate([1 + i], { temperature: 0, yieldEogToken: true }));
  }
  await Promise.all(texts.map((text) => text.next()));
  const start = performance.now();
  await Promise.all(
    texts.map(async (text) => {
      for (let i = 0; i < tokens; i++) {
        if ((await text.next()).done) {
          throw new Error("a text ended early");
        }
      }
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  await Promise.all(texts.map((text) => text.return()));
  return (count * tokens) / seconds;
}

console.log("ready");
for await (const line of createInterface({ input: process.stdin })) {
  const [what, ...numbers] = line.split(" ");
  const measure = what === "prefill" ? prefill : decode;
  console.log(await measure(...numbers.map(Number)));
}
process.exit(0);
