// Runs ONNX models as a page would, by ONNX Runtime's WebAssembly.
//
//     node onnxruntime-web.mjs MODULE BATCH IMAGES MODEL...
//
// MODULE is the folder of the package onnxruntime-web. IMAGES holds BATCH images of 256 float32. Prints a line per model: its
// outputs as JSON.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, batch, images, ...models] = process.argv.slice(2);
const ort = createRequire(pathToFileURL(join(folder, 'package.json')))(folder);
ort.env.wasm.numThreads = 1;

const bytes = readFileSync(images);
const input = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
for (const model of models) {
  const session = await ort.InferenceSession.create(readFileSync(model), { executionProviders: ['wasm'] });
  const { outputs } = await session.run({ image: new ort.Tensor('float32', input, [Number(batch), 1, 16, 16]) });
  console.log(JSON.stringify(Array.from(outputs.data)));
}
