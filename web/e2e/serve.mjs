// Runs the real `dms serve` with demo data in a fresh folder for the browser tests; the folder goes when it ends.
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, mkdtempSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [port, metricsPort] = process.argv.slice(2);
const binary = process.env.DMS_BINARY ?? join(import.meta.dirname, '../../target/debug/dms');
const web = join(import.meta.dirname, '../dist/diligo-dms');
if (!existsSync(binary)) {
  console.error(`${binary} is not built; run: cargo build --package dms`);
  process.exit(1);
}
const data = mkdtempSync(join(tmpdir(), 'dms-e2e-'));
// The database's own user must be able to enter the folder.
chmodSync(data, 0o755);
const args = ['serve', '--data', data, '--port', port, '--metrics-port', metricsPort, '--demo', 'small'];
const server = spawn(binary, args, { stdio: 'inherit', env: { ...process.env, WebDir: web, LogLevel: 'Warning' } });
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => server.kill('SIGTERM'));
server.on('exit', (code) => {
  const postgres = join(data, 'postgres');
  if (existsSync(postgres) && lstatSync(postgres).isSymbolicLink()) {
    rmSync(readlinkSync(postgres), { recursive: true, force: true });
  }
  rmSync(data, { recursive: true, force: true });
  process.exit(code ?? 1);
});
