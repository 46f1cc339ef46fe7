// socket.io, measured as the others are: `node socketio.mjs PORT`, with socket.io from npm beside this file.

import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { Server } from 'socket.io';

const TEXT = 'x'.repeat(60);
const now = () => Math.round((performance.timeOrigin + performance.now()) * 1000);
const http = createServer((request, response) => {
  const [, what, rate, seconds] = request.url.split('/');
  if (what === 'start') start(Number(rate), Number(seconds));
  if (what === 'memory') {
    const cpu = process.cpuUsage();
    response.end(`${Math.round(process.memoryUsage().rss / 1024)} ${Math.round((cpu.user + cpu.system) / 10_000)}\n`);
    return;
  }
  response.end();
});
const io = new Server(http, { transports: ['websocket'], perMessageDeflate: false });

function start(rate, seconds) {
  const begun = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = Math.min(rate * seconds, Math.floor(((performance.now() - begun) * rate) / 1000));
    for (; sent < due; sent++) io.emit('Message', now(), TEXT);
    if (sent >= rate * seconds) clearInterval(timer);
  }, 1);
}

http.listen(Number(process.argv[2]), '127.0.0.1');
