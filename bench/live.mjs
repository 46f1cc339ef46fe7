// Browsers that hear of orders, by the official client: `live.mjs API HUB HUB CLIENTS SECONDS OUT`, and
// `live.mjs report OUT ORDERS LOAD` to say how long it took. See bench/live.
import { createRequire } from "node:module";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

const PASSWORD = "Diligo@2026";

async function listen([api, ...rest]) {
  const [first, second, clients, , out] = rest;
  const { HubConnectionBuilder, HttpTransportType, LogLevel } = createRequire(
    new URL("../web/package.json", import.meta.url),
  )("@microsoft/signalr");
  const login = await fetch(`http://127.0.0.1:${api}/api/v1/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username: "npp01", password: PASSWORD }),
  });
  const { accessToken } = await login.json();
  const heard = [];
  const connections = [];
  for (const [hub, port] of [first, second].entries()) {
    for (let i = 0; i < Number(clients); i++) {
      const connection = new HubConnectionBuilder()
        .withUrl(`http://127.0.0.1:${port}/hubs/dms`, {
          accessTokenFactory: () => accessToken,
          transport: HttpTransportType.WebSockets,
          skipNegotiation: true,
        })
        .configureLogging(LogLevel.Error)
        .build();
      connection.on("OrderCreated", (event) => {
        heard.push([hub, i, event.orderId, Date.now()]);
      });
      await connection.start();
      connections.push(connection);
    }
  }
  writeFileSync(`${out}.ready`, "");
  while (!existsSync(`${out}.done`))
    await new Promise((resolve) => setTimeout(resolve, 100));
  await Promise.all(connections.map((connection) => connection.stop()));
  writeFileSync(out, JSON.stringify(heard));
}

function report([heardFile, ordersFile, loadFile]) {
  const heard = JSON.parse(readFileSync(heardFile, "utf8"));
  const orders = JSON.parse(readFileSync(loadFile, "utf8")).orders;
  const written = new Map(
    readFileSync(ordersFile, "utf8")
      .trim()
      .split("\n")
      .map((line) => line.split(" "))
      .map(([id, at]) => [id, Number(at)]),
  );
  const clients = new Set(heard.map(([hub, i]) => `${hub}/${i}`)).size;
  const ids = new Set(Object.keys(orders));
  const times = new Set();
  const delays = [];
  let twice = 0;
  for (const [hub, i, id, at] of heard) {
    if (!ids.has(id)) continue;
    if (times.has(`${hub}/${i}/${id}`)) twice++;
    times.add(`${hub}/${i}/${id}`);
    delays.push(at - written.get(id));
  }
  delays.sort((a, b) => a - b);
  const at = (part) =>
    delays[Math.min(delays.length - 1, Math.floor(delays.length * part))];
  const missing = ids.size * clients - times.size;
  console.log(
    `${ids.size} orders, ${clients} clients at two hubs: ${delays.length} events, ${missing} missing, ${twice} twice; ` +
      `from before the order was written to the client p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, slowest ${at(1)} ms`,
  );
  if (missing || twice || clients === 0) process.exit(1);
}

const [what, ...rest] = process.argv.slice(2);
if (what === "report") report(rest);
else await listen([what, ...rest]);
