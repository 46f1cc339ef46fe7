// Starts Azure's storage emulator on the loopback, makes a container in it, says `ready`, and ends with its caller:
// when standard input closes. Usage: node start.mjs PORT FOLDER CONTAINER
import { createHmac } from 'node:crypto';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const [port, folder, container] = process.argv.slice(2);
const main = fileURLToPath(new URL('node_modules/azurite/dist/src/blob/main.js', import.meta.url));
const azurite = spawn(
  process.execPath,
  [main, '--silent', '--disableTelemetry', '--location', folder, '--blobHost', '127.0.0.1', '--blobPort', port],
  { stdio: ['ignore', 'ignore', 'inherit'] },
);
azurite.on('exit', (code) => process.exit(code ?? 1));
process.stdin.resume();
process.stdin.on('end', () => azurite.kill());

// The emulator's account is the same everywhere and no secret.
const account = 'devstoreaccount1';
const key = Buffer.from(
  'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==',
  'base64',
);

async function makeContainer() {
  const date = new Date().toUTCString();
  const version = '2023-11-03';
  const text =
    `PUT${'\n'.repeat(12)}x-ms-date:${date}\nx-ms-version:${version}\n` +
    `/${account}/${account}/${container}\nrestype:container`;
  const signature = createHmac('sha256', key).update(text).digest('base64');
  const answer = await fetch(`http://127.0.0.1:${port}/${account}/${container}?restype=container`, {
    method: 'PUT',
    headers: { 'x-ms-date': date, 'x-ms-version': version, authorization: `SharedKey ${account}:${signature}` },
  });
  if (answer.status !== 201) throw new Error(`${answer.status} ${await answer.text()}`);
}

for (let attempt = 0; ; attempt++) {
  try {
    await makeContainer();
    break;
  } catch (error) {
    if (attempt === 300) {
      console.error(error);
      azurite.kill();
      process.exit(1);
    }
    await new Promise((go) => setTimeout(go, 100));
  }
}
console.log('ready');
