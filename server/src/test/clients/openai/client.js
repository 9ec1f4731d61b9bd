// Asks a server what OpenAI's own client for JavaScript can ask of it, and prints what came, as JSON.
import OpenAI, { APIError } from 'openai';

const client = new OpenAI({ baseURL: process.argv[2], apiKey: 'none', maxRetries: 0 });
const model = 'storyteller';
const messages = [{ role: 'user', content: 'Tell me a story about a mouse.' }];
const tools = [
  {
    type: 'function',
    function: {
      name: 'paint',
      parameters: {
        type: 'object',
        required: ['colour'],
        additionalProperties: false,
        properties: { colour: { type: 'string', enum: ['red', 'blue'] } },
      },
    },
  },
];
const seen = {};

const whole = await client.chat.completions.create({ model, messages, temperature: 0, max_completion_tokens: 40 });
seen.whole = whole.choices[0].message.content;
seen.finish = whole.choices[0].finish_reason;
seen.usage = whole.usage.completion_tokens;

const stream = await client.chat.completions.create({
  model,
  messages,
  temperature: 0,
  max_completion_tokens: 40,
  stream: true,
  stream_options: { include_usage: true },
});
seen.streamed = '';
for await (const chunk of stream) {
  seen.streamed += chunk.choices[0]?.delta.content ?? '';
  seen.streamedUsage = chunk.usage?.completion_tokens ?? seen.streamedUsage;
}

// The helper puts deltas together by itself, those of tool calls and logprobs included.
const runner = client.chat.completions.stream({
  model,
  messages,
  seed: 1,
  tools,
  tool_choice: 'required',
  logprobs: true,
  top_logprobs: 2,
  parallel_tool_calls: false,
});
seen.argumentPieces = 0;
runner.on('tool_calls.function.arguments.delta', () => seen.argumentPieces++);
const called = await runner.finalChatCompletion();
seen.streamedCall = called.choices[0].message.tool_calls[0].function;
seen.streamedCallFinish = called.choices[0].finish_reason;
seen.streamedLogprobs = called.choices[0].logprobs.content.length;

const named = await client.chat.completions.create({
  model,
  messages,
  tools,
  tool_choice: { type: 'function', function: { name: 'paint' } },
});
seen.call = named.choices[0].message.tool_calls[0].function;

const structured = await client.chat.completions.create({
  model,
  messages,
  n: 3,
  seed: 4,
  response_format: {
    type: 'json_schema',
    json_schema: { name: 'colours', strict: true, schema: { type: 'array', items: { enum: ['red', 'blue'] }, minItems: 1, maxItems: 2 } },
  },
});
seen.structured = structured.choices.map((choice) => JSON.parse(choice.message.content));

const completion = await client.completions.create({ model, prompt: 'One autumn', max_tokens: 5, temperature: 0, logprobs: 1, echo: false });
seen.completion = completion.choices[0].text;
seen.completionTokens = completion.choices[0].logprobs.tokens.length;

const completions = await client.completions.create({ model, prompt: 'One autumn', max_tokens: 5, temperature: 0, stream: true });
seen.streamedCompletion = '';
for await (const chunk of completions) {
  seen.streamedCompletion += chunk.choices[0]?.text ?? '';
}

const embedding = await client.embeddings.create({ model: 'minilm', input: ['a cat', 'a dog'] });
seen.embeddings = embedding.data.map((one) => one.embedding.length);

seen.models = [];
for await (const one of client.models.list()) {
  seen.models.push(one.id);
}

async function refusal(request) {
  try {
    await client.chat.completions.create(request);
    return null;
  } catch (problem) {
    return problem instanceof APIError ? { status: problem.status, code: problem.code } : String(problem);
  }
}
seen.unknownModel = await refusal({ model: 'nobody', messages });
seen.tooLong = await refusal({ model, stream: true, messages: [{ role: 'user', content: 'mouse '.repeat(2000) }] });

// A stream that is left early must not keep the process alive, nor the text.
const left = await client.chat.completions.create({ model, messages, stream: true });
for await (const chunk of left) {
  if (chunk.choices[0].delta.content) {
    break;
  }
}

console.log(JSON.stringify(seen));
