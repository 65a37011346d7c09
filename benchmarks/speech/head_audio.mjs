// HeadAudio's own processor, run over whole recordings instead of a microphone.
// node head_audio.mjs PACKAGE < LIST: a list of raw files (32-bit float, 16 kHz) gives a JSON line
// for each, of [seconds, viseme].

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const folder = process.argv[2];
const load = (name) => import(pathToFileURL(join(folder, "modules", name)));
const { Processor } = await load("processor.mjs");
const { Training } = await load("training.mjs");
const PARAMS = await load("parameters.mjs");

function floatsOf(file) {
  const bytes = readFileSync(file);
  const start = bytes.byteOffset;
  return new Float32Array(bytes.buffer.slice(start, start + bytes.length));
}

function prototypes() {
  const floats = floatsOf(join(folder, "dist", "model-en-mixed.bin"));
  const training = new Training();
  const records = [];
  for (let at = 0; at + PARAMS.RECORD_LEN <= floats.length; at += PARAMS.RECORD_LEN) {
    records.push(training.decodeBinaryRecord(floats.subarray(at, at + PARAMS.RECORD_LEN)));
  }
  return records;
}

const model = prototypes();
const files = readFileSync(0, "utf8").split("\n").filter(Boolean);
for (const file of files) {
  const samples = floatsOf(file);
  const heard = [];
  const port = {
    postMessage: (message) => {
      if (message.event === "viseme") heard.push([message.t, message.viseme]);
      if (message.event === "ended") heard.push([message.t, PARAMS.MODEL_VISEME_SIL]);
    },
  };
  const processor = new Processor({ sampleRate: PARAMS.AUDIO_SAMPLE_RATE }, { port });
  processor._onmessage({ data: { event: "model", model, reset: true } });
  for (let at = 0; at < samples.length; at += 128) {
    processor.process(samples.subarray(at, at + 128));
  }
  console.log(JSON.stringify(heard));
}
