// Writes the table of conformance: `node table.mjs TEST-LOG RESULTS-FOLDER OUTPUT`. A case passes only if everything
// that proves it has run and passed.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const [log, folder, output] = process.argv.slice(2);

// nextest's lines: `PASS [ 0.1s] (1/9) signalr::it module::name`.
const tests = new Map();
for (const [, status, name] of readFileSync(log, 'utf8').matchAll(/^ *(PASS|FAIL|[A-Z]+) \[[^\]]*\] (?:\([^)]*\) )?signalr(?:::it)? (\S+)$/gm)) {
  tests.set(name, tests.get(name) === false ? false : status === 'PASS');
}
const clients = ['node', 'chromium'];
const results = clients.flatMap((client) => {
  const file = `${folder}/${client}.json`;
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
});

const SHORT = { WebSockets: 'WS', ServerSentEvents: 'SSE', LongPolling: 'LP', json: 'J', messagepack: 'M' };
const lines = readFileSync(new URL('../conformance.tsv', import.meta.url), 'utf8').trim().split('\n');
const counts = { pass: 0, fail: 0, 'not run': 0 };
const rows = lines.map((line) => {
  const [number, title, names = '', js = '', note = ''] = line.split('\t');
  const wanted = names.split(' ').filter(Boolean);
  const own = wanted.map((name) => tests.get(name));
  const ran = results.filter((result) => result.case === Number(number));
  const complete = own.every((pass) => pass !== undefined) && (!js || ran.some((r) => r.client === 'node'));
  const all = [...own, ...ran.map((result) => result.pass)];
  const state = all.includes(false) ? 'fail' : all.length > 0 && complete ? 'pass' : 'not run';
  counts[state] += 1;
  const by = [];
  if (wanted.length > 0) by.push(`raw (${wanted.length})`);
  for (const client of clients) {
    const ways = ran.filter((result) => result.client === client);
    const named = ways.filter((way) => way.transport).map((way) => `${SHORT[way.transport]}/${SHORT[way.protocol]}`);
    if (ways.length > 0) by.push(named.length > 0 ? `${client} (${named.join(' ')})` : client);
  }
  return `| ${number} | ${title} | ${state} | ${state === 'not run' ? '' : by.join(', ')} | ${note} |`;
});

const version = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')).dependencies['@microsoft/signalr'];
writeFileSync(
  output,
  `# SignalR conformance

Written by \`scripts/signalr-conformance\`, which runs the tests and says only what they have said.

- **raw (n)**: n tests in Rust, most with frames and requests made by hand.
- **node**, **chromium**: Microsoft's own client \`@microsoft/signalr\` ${version} and its MessagePack protocol, over
  WebSockets (WS), server-sent events (SSE) and long polling (LP), in JSON (J) and MessagePack (M).

**${counts.pass} of ${rows.length} cases pass**, ${counts.fail} fail, ${counts['not run']} not run.
The official client has run ${results.length} cases in all transports and protocols; ${results.filter((r) => !r.pass).length} of them failed.

| # | Case | | By | Remark |
|---|---|---|---|---|
${rows.join('\n')}
`,
);
const missing = lines.flatMap((line) => (line.split('\t')[2] ?? '').split(' ').filter((name) => name && !tests.has(name)));
if (missing.length > 0) console.error(`these tests were not run: ${[...new Set(missing)].join(', ')}`);
console.log(`${counts.pass} pass, ${counts.fail} fail, ${counts['not run']} not run`);
