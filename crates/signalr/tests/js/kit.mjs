// What the cases are written with. Runs in Node and in browsers.

export const WAYS = [
  { transport: 'WebSockets', protocol: 'json' },
  { transport: 'WebSockets', protocol: 'messagepack' },
  { transport: 'ServerSentEvents', protocol: 'json' },
  { transport: 'LongPolling', protocol: 'json' },
  { transport: 'LongPolling', protocol: 'messagepack' },
];
const SOCKETS = WAYS.slice(0, 2);
const ONE = WAYS.slice(0, 1);

const cases = [];

/** A case for every transport and protocol. */
export const each = (number, name, run) => cases.push({ number, name, run, ways: WAYS });
/** A case for WebSockets with both protocols. */
export const sockets = (number, name, run) => cases.push({ number, name, run, ways: SOCKETS });
/** A case that does not depend on the way. */
export const once = (number, name, run) => cases.push({ number, name, run, ways: ONE });
/** Cases of Node only: browsers do not let pages set such headers. */
export const inNode = (number, name, run) => cases.push({ number, name, run, ways: ONE, node: true });

export function fail(text) {
  throw new Error(text);
}

export function same(actual, expected, what = 'value') {
  const [a, e] = [JSON.stringify(plain(actual)), JSON.stringify(plain(expected))];
  if (a !== e) fail(`${what}: got ${a}, expected ${e}`);
}

/** The order of keys does not matter, `undefined` does. */
function plain(value) {
  if (value === undefined) return { undefined: true };
  if (typeof value === 'bigint') return value.toString();
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, plain(value[key])]));
}

export async function rejects(promise, text) {
  try {
    await promise;
  } catch (error) {
    const message = String(error?.message ?? error);
    if (text !== undefined && !message.includes(text)) fail(`error '${message}' should hold '${text}'`);
    return message;
  }
  return fail(`nothing was thrown; expected '${text}'`);
}

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Until `look` gives something. */
export async function until(look, what, ms = 10_000) {
  const end = Date.now() + ms;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) fail(`waited in vain for ${what}`);
    await pause(10);
  }
}

/** A promise and its resolver. */
export function later() {
  let resolve, reject;
  const promise = new Promise((yes, no) => ([resolve, reject] = [yes, no]));
  return { promise, resolve, reject };
}

export function within(promise, what, ms = 15_000) {
  let timer;
  const late = new Promise((_, no) => (timer = setTimeout(() => no(new Error(`too late: ${what}`)), ms)));
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** The items of a stream until it ends; an error is the last one. */
export function items(stream) {
  return new Promise((resolve) => {
    const got = [];
    stream.subscribe({
      next: (item) => got.push(item),
      complete: () => resolve(got),
      error: (error) => resolve([...got, { error: String(error.message ?? error) }]),
    });
  });
}

class Context {
  constructor(env, way) {
    this.env = env;
    this.way = way;
    this.opened = [];
  }

  get signalR() {
    return this.env.signalR;
  }

  build(options = {}) {
    const { signalR, msgpack, base } = this.env;
    const { path = '/hub', reconnect, stateful, token, ...rest } = options;
    const http = {
      transport: signalR.HttpTransportType[this.way.transport],
      ...(token ? { accessTokenFactory: () => token } : {}),
      ...rest,
    };
    if (http.transport === 'any') delete http.transport;
    const url = path.startsWith('http') ? path : base + path;
    let builder = new signalR.HubConnectionBuilder().withUrl(url, http);
    if (this.way.protocol === 'messagepack') builder = builder.withHubProtocol(new msgpack());
    if (reconnect) builder = builder.withAutomaticReconnect(reconnect);
    if (stateful) builder = builder.withStatefulReconnect();
    const connection = builder.configureLogging(signalR.LogLevel.None).build();
    this.opened.push(connection);
    return connection;
  }

  async connect(options) {
    const connection = this.build(options);
    await connection.start();
    return connection;
  }

  async control(what) {
    const response = await fetch(`${this.env.base}/control/${what}`, { method: 'POST' });
    if (!response.ok) fail(`control ${what}: ${response.status}`);
    return response.json();
  }

  async close() {
    await Promise.allSettled(this.opened.map((connection) => connection.stop()));
  }
}

/** Runs all cases, some at once, and gives their results. */
export async function runAll(env) {
  const queue = [];
  for (const one of cases) {
    if (one.node && env.client !== 'node') continue;
    for (const way of one.ways) queue.push([one, way]);
  }
  const only = env.only ? new Set(env.only.split(',').map(Number)) : null;
  const results = [];
  for (const [one, way] of queue) {
    if (only && !only.has(one.number)) continue;
    const context = new Context(env, way);
    const result = {
      case: one.number,
      name: one.name,
      client: env.client,
      ...(one.ways.length > 1 ? way : {}),
    };
    const begun = Date.now();
    try {
      await within(one.run(context), one.name, 40_000);
      result.pass = true;
    } catch (error) {
      result.pass = false;
      result.error = String(error?.stack ?? error).slice(0, 600);
    }
    await within(context.close(), 'stopping', 5_000).catch(() => {});
    result.ms = Date.now() - begun;
    results.push(result);
  }
  return results;
}
