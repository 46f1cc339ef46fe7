// Compares answers of pricing.wasm with the native ones, byte for byte: lines of question and answer on standard input.
// With `time` as argument it measures one question over and over instead.
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';

const wasm = new URL('../web/projects/shared/wasm/pricing.wasm', import.meta.url);
const { instance } = await WebAssembly.instantiate(await readFile(wasm), {});
const { memory, alloc, dealloc, price, load, quote } = instance.exports;

/** Calls an export with UTF-8 and gives its answer's bytes. */
function call(entry, question) {
  const place = alloc(question.length) >>> 0;
  new Uint8Array(memory.buffer, place, question.length).set(question);
  const packed = BigInt.asUintN(64, entry(place, question.length));
  dealloc(place, question.length);
  const [at, length] = [Number(packed >> 32n), Number(packed & 0xffffffffn)];
  const answer = Buffer.from(new Uint8Array(memory.buffer, at, length));
  dealloc(at, length);
  return answer;
}

const lines = createInterface({ input: process.stdin, crlfDelay: Infinity })[Symbol.asyncIterator]();
const next = async () => (await lines.next()).value;

if (process.argv[2] === 'time') {
  const question = Buffer.from(await next());
  const expected = await next();
  const { promotions, ...rest } = JSON.parse(question.toString());
  const short = Buffer.from(JSON.stringify(rest));
  const loaded = call(load, Buffer.from(JSON.stringify(promotions))).toString();
  if (loaded !== `{"ok":${promotions.length}}`) throw new Error(loaded);
  for (const [what, entry, bytes] of [
    ['with loaded promotions', quote, short],
    ['with promotions in the question', price, question],
  ]) {
    const times = [];
    for (let i = 0; i < 1000; i++) {
      const start = process.hrtime.bigint();
      const answer = call(entry, bytes);
      times.push(Number(process.hrtime.bigint() - start) / 1000);
      if (i === 0 && answer.toString() !== expected) throw new Error('the answer differs');
    }
    times.sort((a, b) => a - b);
    console.log(`wasm ${what}: median ${times[500].toFixed(0)} µs, p99 ${times[990].toFixed(0)} µs`);
  }
} else {
  let [count, different] = [0, 0];
  for (;;) {
    const question = await next();
    if (question === undefined) break;
    const expected = await next();
    const actual = call(price, Buffer.from(question));
    count += 1;
    if (!actual.equals(Buffer.from(expected))) {
      different += 1;
      if (different <= 3) console.error(`question: ${question}\nnative:   ${expected}\nwasm:     ${actual}`);
    }
  }
  console.log(`${count} questions priced natively and by wasm, ${different} answers differ`);
  process.exitCode = different > 0 || count === 0 ? 1 : 0;
}
