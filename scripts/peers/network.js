// ONNX Runtime on an InceptionV3. Usage: network.js MODEL HEIGHT WIDTH BATCH SESSIONS THREADS; each line on standard
// input, a number of seconds, is answered with frames/s. NODE_PATH holds onnxruntime-node.
const ort = require('onnxruntime-node');

const [model, ...numbers] = process.argv.slice(2);
const [height, width, batch, sessions, threads] = numbers.map(Number);

async function main() {
  const length = batch * 3 * height * width;
  const values = Float32Array.from({ length }, (_, i) => ((i * 7919) % 255) / 127.5 - 1);
  const x = new ort.Tensor('float32', values, [batch, 3, height, width]);
  const options = { intraOpNumThreads: threads, interOpNumThreads: 1, graphOptimizationLevel: 'all', executionMode: 'sequential' };
  const all = await Promise.all(Array.from({ length: sessions }, () => ort.InferenceSession.create(model, options)));
  await Promise.all(all.map((session) => session.run({ x })));
  console.log('ready');
  for await (const line of require('readline').createInterface({ input: process.stdin })) {
    const start = process.hrtime.bigint();
    const elapsed = () => Number(process.hrtime.bigint() - start) / 1e9;
    let frames = 0;
    await Promise.all(all.map(async (session) => {
      do {
        await session.run({ x });
        frames += batch;
      } while (elapsed() < Number(line));
    }));
    console.log(frames / elapsed());
  }
}

main();
