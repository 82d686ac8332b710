// Runs an ONNX file with ONNX Runtime and prints its first output, a number a line.
// Usage: onnx.cjs MODEL (NAME TYPE SIZExSIZE... FILE)...; a file holds the input's values as they lie in memory.
const fs = require('fs');

let ort;
try {
  ort = require('onnxruntime-node');
} catch {
  console.error('no onnxruntime-node for Node.js on this machine; scripts/test.sh installs it where there is npm');
  process.exit(77);
}

const arrays = { float32: Float32Array, uint8: Uint8Array, int32: Int32Array };

async function main([model, ...words]) {
  const feeds = {};
  for (let i = 0; i < words.length; i += 4) {
    const [name, type, sizes, file] = words.slice(i);
    const bytes = fs.readFileSync(file);
    feeds[name] = new ort.Tensor(type, new arrays[type](bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)), sizes.split('x').map(Number));
  }
  const session = await ort.InferenceSession.create(model);
  const outputs = await session.run(feeds);
  console.log(Array.from(outputs[session.outputNames[0]].data).join('\n'));
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error.message);
  process.exit(1);
});
