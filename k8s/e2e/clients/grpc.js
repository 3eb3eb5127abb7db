// The stock gRPC client of Node against a gateway: URL as host:port, key and proto from the environment.
import assert from 'node:assert/strict';
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';

const { MILLRACE_GRPC: target, MILLRACE_API_KEY: key, MILLRACE_PROTO: proto } = process.env;
const loaded = loader.loadSync(proto, { keepCase: true, longs: String, defaults: true, oneofs: true });
const { GRPCInferenceService: Service } = grpc.loadPackageDefinition(loaded).inference;
const GZIP = 2;

const plain = new Service(target, grpc.credentials.createInsecure());
const zipped = new Service(target, grpc.credentials.createInsecure(), {
  'grpc.default_compression_algorithm': GZIP,
});

function metadata() {
  const headers = new grpc.Metadata();
  headers.set('authorization', `Bearer ${key}`);
  return headers;
}

function call(client, method, request, options = {}) {
  return new Promise((resolve, reject) =>
    client[method](request, metadata(), { deadline: Date.now() + 30_000, ...options }, (error, answer) =>
      error ? reject(error) : resolve(answer)));
}

async function refused(promise, code) {
  const error = await promise.then((answer) => assert.fail(`answered: ${JSON.stringify(answer)}`), (e) => e);
  assert.equal(error.code, code, error.message);
  return error;
}

const floats = (bytes) => [0, 1, 2].map((i) => bytes.readFloatLE(4 * i));
function raw(values) {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => bytes.writeFloatLE(value, 4 * i));
  return bytes;
}
const x = (contents) => ({ name: 'x', datatype: 'FP32', shape: [1, 4], ...contents });
const typed = (model, values) => ({ model_name: model, id: 'typed', inputs: [x({ contents: { fp32_contents: values } })] });
const binary = (model, values) => ({ model_name: model, id: 'raw', inputs: [x()], raw_input_contents: [raw(values)] });

const tests = {
  async 'health and metadata'() {
    assert.equal((await call(plain, 'ServerLive', {})).live, true);
    assert.equal((await call(plain, 'ServerReady', {})).ready, true);
    assert.equal((await call(plain, 'ModelReady', { name: 'linear' })).ready, true);
    const server = await call(plain, 'ServerMetadata', {});
    assert.equal(server.name, 'millrace');
    assert.ok(server.extensions.includes('binary_tensor_data'), String(server.extensions));
    const model = await call(plain, 'ModelMetadata', { name: 'linear' });
    assert.deepEqual([model.name, model.versions], ['linear', ['1']]);
    assert.deepEqual(model.inputs, [{ name: 'x', datatype: 'FP32', shape: ['-1', '4'] }]);
  },

  async 'raw and typed contents, plain and gzipped'() {
    for (const client of [plain, zipped]) {
      for (const request of [binary('linear', [1, 2, 3, 4]), typed('linear', [1, 2, 3, 4])]) {
        const answer = await call(client, 'ModelInfer', request);
        assert.equal(answer.id, request.id);
        assert.deepEqual(answer.outputs[0].shape, ['1', '3']);
        const values = answer.raw_output_contents.length
          ? floats(answer.raw_output_contents[0])
          : answer.outputs[0].contents.fp32_contents;
        assert.deepEqual(values, [30, 61, 92]);
      }
    }
  },

  async 'a stream is answered in order, and a bad message fails alone'() {
    const stream = plain.ModelStreamInfer(metadata(), { deadline: Date.now() + 30_000 });
    const answers = [];
    const ended = new Promise((resolve, reject) => {
      stream.on('data', (answer) => answers.push(answer));
      stream.on('error', reject);
      stream.on('end', resolve);
    });
    for (let i = 0; i < 10; i++) {
      const request = binary('linear', i === 4 ? [1, 2] : [i, 0, 0, 0]);
      stream.write({ ...request, id: String(i) });
    }
    stream.end();
    await ended;
    assert.equal(answers.length, 10);
    answers.forEach((answer, i) => {
      assert.equal(answer.infer_response?.id, String(i));
      if (i === 4) {
        assert.match(answer.error_message, /x/);
      } else {
        assert.equal(answer.error_message, '');
        assert.deepEqual(floats(answer.infer_response.raw_output_contents[0]), [i, 2 * i + 1, 3 * i + 2]);
      }
    });
  },

  async 'a deadline ends a call'() {
    const late = call(plain, 'ModelInfer', typed('slow', [100_000_000, 0, 0, 0]), { deadline: Date.now() + 400 });
    await refused(late, grpc.status.DEADLINE_EXCEEDED);
  },

  async 'a call can be cancelled'() {
    const ended = new Promise((resolve) => {
      const running = plain.ModelInfer(typed('slow', [100_000_000, 0, 0, 0]), metadata(), resolve);
      setTimeout(() => running.cancel(), 300);
    });
    assert.equal((await ended)?.code, grpc.status.CANCELLED);
  },

  async 'errors carry a status, a sentence and details'() {
    const unknown = await refused(call(plain, 'ModelInfer', typed('no-such', [1, 2, 3, 4])), grpc.status.NOT_FOUND);
    assert.match(unknown.details, /no-such/);
    const details = unknown.metadata.get('grpc-status-details-bin')[0].toString('latin1');
    assert.match(details, /google\.rpc\.ErrorInfo/);
    assert.match(details, /NOT_FOUND/);
    assert.match(details, /millrace\.dev/);
    const wrong = await refused(call(zipped, 'ModelInfer', binary('linear', [1])), grpc.status.INVALID_ARGUMENT);
    assert.match(wrong.details, /x/);
    const anonymous = new Promise((resolve) => plain.ModelInfer(typed('linear', [1, 2, 3, 4]), resolve));
    assert.equal((await anonymous)?.code, grpc.status.UNAUTHENTICATED);
  },
};

for (const [name, test] of Object.entries(tests)) {
  await test();
  console.log(`ok: ${name}`);
}
plain.close();
zipped.close();
