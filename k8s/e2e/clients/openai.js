// The official OpenAI client against a gateway, with nothing changed but its base URL and key.
import assert from 'node:assert/strict';
import OpenAI from 'openai';

const { MILLRACE_URL: url, MILLRACE_API_KEY: apiKey } = process.env;
const TEXTS = ['Water drives the mill.', 'The stock market fell.'];
const WIDTH = 384;

let sent = [];
async function counted(...request) {
  const answer = await fetch(...request);
  sent.push(answer);
  return answer;
}
const connect = (prefix, key = apiKey) => new OpenAI({ baseURL: url + prefix, apiKey: key, fetch: counted });

/** The error of a call that must fail as that class, sent once and not again. */
async function refused(promise, type) {
  sent = [];
  const error = await promise().then((answer) => assert.fail(`answered: ${JSON.stringify(answer)}`), (e) => e);
  assert.ok(error instanceof type, `${error.constructor.name}: ${error.message}`);
  assert.equal(sent.length, 1, 'requests sent');
  assert.equal(sent[0].headers.get('x-should-retry'), 'false');
  assert.ok(error.requestID, 'a request id');
  return error;
}

const near = (a, b) => a.forEach((value, i) => assert.ok(Math.abs(value - b[i]) <= 1e-6, `${value} and ${b[i]}`));

for (const prefix of ['/v1', '/openai/v1']) {
  const client = connect(prefix);
  const tests = {
    async 'a text, as the client asks for it (base64)'() {
      const answer = await client.embeddings.create({ model: 'minilm', input: TEXTS[0] });
      assert.equal(answer.object, 'list');
      assert.equal(answer.model, 'minilm');
      assert.equal(answer.data.length, 1);
      assert.equal(answer.data[0].embedding.length, WIDTH);
      assert.ok(answer.usage.prompt_tokens > 3);
      assert.equal(answer.usage.total_tokens, answer.usage.prompt_tokens);
    },

    async 'a list, in numbers and in base64'() {
      const numbers = await client.embeddings.create({ model: 'minilm', input: TEXTS, encoding_format: 'float' });
      const base64 = await client.embeddings.create({ model: 'minilm', input: TEXTS, encoding_format: 'base64' });
      assert.deepEqual(numbers.data.map((item) => item.index), [0, 1]);
      numbers.data.forEach(({ embedding }, i) => {
        assert.equal(embedding.length, WIDTH);
        assert.equal(typeof base64.data[i].embedding, 'string');
        const bytes = Buffer.from(base64.data[i].embedding, 'base64');
        assert.equal(bytes.length, 4 * WIDTH);
        near(embedding, embedding.map((_, j) => bytes.readFloatLE(4 * j)));
        assert.ok(Math.abs(Math.hypot(...embedding) - 1) < 1e-5, 'of length one');
      });
    },

    async 'fewer dimensions'() {
      const answer = await client.embeddings.create({ model: 'minilm', input: TEXTS[0], dimensions: 64 });
      assert.equal(answer.data[0].embedding.length, 64);
      assert.ok(Math.abs(Math.hypot(...answer.data[0].embedding) - 1) < 1e-5, 'of length one');
    },

    async 'the list of models'() {
      const names = [];
      for await (const model of client.models.list()) {
        assert.equal(model.object, 'model');
        names.push(model.id);
      }
      assert.ok(names.includes('minilm'), String(names));
    },

    async 'errors are the client\'s own, and are not tried again'() {
      const unknown = await refused(
        () => client.embeddings.create({ model: 'no-such', input: 'x' }), OpenAI.NotFoundError);
      assert.match(unknown.message, /no-such/);
      await refused(() => client.embeddings.create({ model: 'minilm', input: [] }), OpenAI.BadRequestError);
      await refused(() => connect(prefix, 'wrong').models.list(), OpenAI.AuthenticationError);
    },

    async 'token ids are refused, with what to do'() {
      const error = await refused(
        () => client.embeddings.create({ model: 'minilm', input: [101, 2300, 102] }), OpenAI.BadRequestError);
      assert.match(error.message, /check_embedding_ctx_length/);
    },
  };
  for (const [name, test] of Object.entries(tests)) {
    await test();
    console.log(`ok: ${prefix} ${name}`);
  }
}
