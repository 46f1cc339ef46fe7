// The cases that a client can run, by their numbers. The server around them is in ../it/official.rs.

import { each, fail, inNode, items, later, once, pause, rejects, same, sockets, until, within } from './kit.mjs';

const GENERIC = (method) => `An unexpected error occurred invoking '${method}' on the server.`;

once(1, 'negotiation gives an id, another token, and all transports', async (t) => {
  const reply = await (await fetch(`${t.env.base}/hub/negotiate?negotiateVersion=1`, { method: 'POST' })).json();
  if (!reply.connectionId || reply.connectionId === reply.connectionToken) fail('no id of its own');
  same(reply.negotiateVersion, 1);
  same(reply.availableTransports.map((one) => one.transport), ['WebSockets', 'ServerSentEvents', 'LongPolling']);
  const c = await t.connect();
  same(await c.invoke('Id'), c.connectionId);
});
each(7, 'a redirection over two hops is followed with its token', async (t) => {
  const c = await t.connect({ path: '/redirect/1' });
  same(await c.invoke('User'), 'redirected');
});
once(8, 'an endless redirection is an error of the client', async (t) => {
  await rejects(t.connect({ path: '/redirect/loop' }), 'redirection limit');
  same(await (await t.connect()).invoke('Add', 1, 2), 3);
});
sockets(10, 'a WebSocket without negotiation', async (t) => {
  const c = await t.connect({ skipNegotiation: true });
  same(c.connectionId, null);
  same(await c.invoke('Add', 1, 2), 3);
});
sockets(16, 'without WebSockets the next transport that fits is taken', async (t) => {
  const c = await t.connect({ path: '/no-sockets', transport: 'any' });
  const expected = t.way.protocol === 'json' ? 'ServerSentEvents' : 'LongPolling';
  same(await c.invoke('Transport'), expected);
});
once(17, 'a WebSocket that fails leads to the next transport', async (t) => {
  const c = await t.connect({ path: '/broken-sockets', transport: 'any' });
  same(await c.invoke('Transport'), 'ServerSentEvents');
});
sockets(25, 'the handshake is answered in frames of the protocol', async (t) => {
  same(await (await t.connect()).invoke('Add', 1, 2), 3);
});
each(27, 'values come back as they were sent', async (t) => {
  const c = await t.connect();
  for (const value of ['Đơn hàng 🛒 \u001e \n \u0000 "\\', 9007199254740991, -1.5, true, [], {}, [null, { a: [{ b: null }] }]]) {
    same(await c.invoke('Echo', value), value);
  }
});
each(28, 'a method without a result', async (t) => same(await (await t.connect()).invoke('Void'), undefined));
each(29, 'a result that is null', async (t) => {
  const c = await t.connect();
  same(await c.invoke('Null'), null);
  same(await c.invoke('Echo', null), null);
});
each(30, 'what is sent is not answered, not even when it fails', async (t) => {
  const c = await t.connect();
  await c.send('Fail');
  await c.send('nope');
  await c.send('Record', 1);
  same(await c.invoke('Add', 1, 1), 2);
});
each(31, 'an unknown method', async (t) => {
  const c = await t.connect();
  await rejects(c.invoke('nope'), "Unknown hub method 'nope'");
  same(await c.invoke('Add', 1, 1), 2);
});
each(32, 'wrong arguments', async (t) => {
  const c = await t.connect();
  for (const args of [[], [1], [1, 2, 3], [1, 'x']]) {
    await rejects(c.invoke('Add', ...args), "Failed to invoke 'Add' due to an error on the server.");
  }
  same(await c.invoke('Add', 1, 1), 2);
});
each(33, 'errors tell no secrets unless they should', async (t) => {
  const c = await t.connect();
  const text = await rejects(c.invoke('Fail'), GENERIC('Fail'));
  if (text.includes('secret')) fail(text);
  await rejects(c.invoke('Refuse'), `${GENERIC('Refuse')} HubException: no stock`);
  await rejects(c.invoke('Panic'), GENERIC('Panic'));
  const open = await t.connect({ path: '/detailed' });
  await rejects(open.invoke('Fail'), 'the secret reason');
});
each(34, 'letter case of methods does not matter', async (t) => same(await (await t.connect()).invoke('aDD', 1, 2), 3));
each(35, 'a thousand calls at once, each answered once', async (t) => {
  const c = await t.connect();
  const numbers = Array.from({ length: 1000 }, (_, n) => n);
  same(await Promise.all(numbers.map((n) => c.invoke('Echo', n))), numbers);
});
each(36, 'calls run in the order they were sent', async (t) => {
  const c = await t.connect();
  const key = Math.floor(Math.random() * 1e9) * 1000;
  for (let n = 0; n < 500; n++) void c.send('Record', key + n);
  const mine = (await c.invoke('Recorded')).filter((n) => n >= key && n < key + 1000);
  same(mine, Array.from({ length: 500 }, (_, n) => key + n));
});
once(37, 'calls run one by one, or as many at once as allowed', async (t) => {
  const four = await t.connect({ path: '/parallel' });
  await Promise.all(Array.from({ length: 8 }, () => four.invoke('Busy', 4)));
  same(await four.invoke('Busiest'), 4);
  const one = await t.connect({ path: '/one-by-one' });
  await Promise.all(Array.from({ length: 3 }, () => one.invoke('Busy', 2)));
  same(await one.invoke('Busiest'), 1);
});
each(38, 'a stream', async (t) => {
  const c = await t.connect();
  same(await items(c.stream('Count', 3)), [0, 1, 2]);
  same(await items(c.stream('Count', 0)), []);
});
each(39, 'a stream that is cancelled ends on the server', async (t) => {
  const c = await t.connect({ path: '/streams' });
  const before = await c.invoke('Streaming');
  const two = later();
  let got = 0;
  const subscription = c.stream('CountForEver').subscribe({
    next: () => ++got === 2 && two.resolve(),
    error: two.reject,
    complete: () => {},
  });
  await within(two.promise, 'two items');
  subscription.dispose();
  await until(async () => (await c.invoke('Streaming')) === before, 'the end of the stream');
});
each(40, 'a stream that fails', async (t) => {
  const c = await t.connect();
  same(await items(c.stream('BreakAt', 2)), [
    0, 1, { error: 'An error occurred on the server while streaming results. HubException: broken' },
  ]);
  same(await items(c.stream('FailFirst')), [{ error: `${GENERIC('FailFirst')} HubException: no stream` }]);
});
each(41, 'calls and streams are not mixed up', async (t) => {
  const c = await t.connect();
  await rejects(c.invoke('Count', 1), "attempted to invoke the streaming 'Count' method with a non-streaming invocation.");
  const [last] = await items(c.stream('Add', 1, 2));
  same(last, { error: "The client attempted to invoke the non-streaming 'Add' method with a streaming invocation." });
  same(await items(c.stream('nope')), [{ error: "Unknown hub method 'nope'" }]);
});
each(44, 'a stream of the client', async (t) => {
  const c = await t.connect();
  const parts = new t.signalR.Subject();
  const all = c.invoke('Concat', parts);
  for (const part of ['a', 'ộ', '', 'c']) parts.next(part);
  parts.complete();
  same(await all, 'aộc');
});
each(45, 'a stream of the client that fails', async (t) => {
  const c = await t.connect();
  const parts = new t.signalR.Subject();
  const all = c.invoke('Concat', parts);
  parts.next('a');
  parts.error('gone wrong');
  await rejects(all, 'gone wrong');
});
each(46, 'two streams of the client with plain arguments between', async (t) => {
  const c = await t.connect();
  const [a, b] = [new t.signalR.Subject(), new t.signalR.Subject()];
  const sum = c.invoke('Sum', 1000, a, 10, b);
  b.next(1);
  a.next(1);
  b.next(2);
  a.next(2);
  b.complete();
  a.complete();
  same(await sum, 1033);
});
each(47, 'a method that takes no stream gets one', async (t) => {
  const c = await t.connect();
  await rejects(c.invoke('Void', new t.signalR.Subject()), "Failed to invoke 'Void' due to an error on the server.");
  await rejects(c.invoke('Concat', 'x'), "Failed to invoke 'Concat' due to an error on the server.");
  same(await c.invoke('Add', 1, 1), 2);
});
each(48, 'a stream that the client leaves open', async (t) => {
  const about = `open stream ${Math.random()}`;
  const c = await t.connect();
  const numbers = new t.signalR.Subject();
  c.invoke('Watch', about, numbers).catch(() => {});
  numbers.next(1);
  const other = await t.connect();
  await until(async () => (await other.invoke('Note', about)) === 'open', 'the method');
  await c.stop();
  await until(async () => (await other.invoke('Note', about)).includes('The client has gone'), 'the error');
});
each(50, 'a stream in both directions', async (t) => {
  const c = await t.connect();
  const numbers = new t.signalR.Subject();
  const doubled = items(c.stream('Double', numbers));
  for (const n of [1, 2, 3]) numbers.next(n);
  numbers.complete();
  same(await doubled, [2, 4, 6]);
});
each(51, 'many items for a slow method arrive in order', async (t) => {
  const c = await t.connect();
  const numbers = new t.signalR.Subject();
  const count = c.invoke('Collect', numbers);
  // Over HTTP the client posts each item by itself.
  const many = t.way.transport === 'WebSockets' ? 10_000 : 500;
  for (let n = 0; n < many; n++) numbers.next(n);
  numbers.complete();
  same(await within(count, 'all items', 30_000), many);
});
each(52, 'the server asks a client', async (t) => {
  const [c, other] = [await t.connect({ path: '/asking' }), await t.connect({ path: '/asking' })];
  c.on('double', (n) => 2 * n);
  c.on('later', async (n) => (await pause(5), { n }));
  c.on('fails', () => {
    throw new Error('not today');
  });
  c.on('silent', () => {});
  c.on('never', () => new Promise(() => {}));
  const id = c.connectionId;
  same(await other.invoke('AskOther', id, 'double', 21), { value: 42 });
  same(await other.invoke('AskOther', id, 'later', 1), { value: { n: 1 } });
  same((await other.invoke('AskOther', id, 'fails', 1)).error.includes('not today'), true);
  same((await other.invoke('AskOther', id, 'silent', 1)).error, "Client didn't provide a result.");
  same((await other.invoke('AskOther', id, 'missing', 1)).error, "Client didn't provide a result.");
  same(await other.invoke('AskOther', 'nobody', 'double', 1), { failed: 'the client is gone' });
  same(await other.invoke('AskOther', id, 'never', 1), { failed: 'the client has not answered in time' });
  const hanging = other.invoke('AskOther', id, 'never', 1);
  await pause(50);
  await c.stop();
  same(await hanging, { failed: 'the client is gone' });
});
each(53, 'a method asks its own client, other calls go on', async (t) => {
  const c = await t.connect();
  c.on('sum', async (n) => n + (await c.invoke('Add', 1, 2)));
  same(await c.invoke('Ask', 'sum', 10), { value: 13 });
});
sockets(55, 'an idle connection is kept alive by pings', async (t) => {
  const c = t.build({ path: '/lively' });
  c.serverTimeoutInMilliseconds = 400;
  await c.start();
  await pause(1200);
  same(await c.invoke('Add', 1, 2), 3);
});
sockets(56, 'a client that falls silent is closed and may come back', async (t) => {
  const token = `silent${Math.random()}`;
  const c = t.build({ path: '/impatient', token, reconnect: [0] });
  c.keepAliveIntervalInMilliseconds = 1_000_000;
  const back = later();
  c.onreconnected(back.resolve);
  await c.start();
  await within(back.promise, 'the reconnection');
  const other = await t.connect({ path: '/impatient' });
  same(await other.invoke('Note', `goodbye of ${token}`), 'ClientTimeout');
});
sockets(57, 'a method that takes long does not count as silence', async (t) => {
  const c = t.build({ path: '/impatient' });
  c.keepAliveIntervalInMilliseconds = 50;
  await c.start();
  same(await c.invoke('Sleep', 1000), 'slept');
});
each(70, 'groups', async (t) => {
  const group = `g${Math.random()}`;
  const [a, b] = [await t.connect(), await t.connect()];
  const got = { a: [], b: [] };
  a.on('Event', (value) => got.a.push(value));
  b.on('Event', (value) => got.b.push(value));
  await a.invoke('Join', group);
  await a.invoke('Join', group);
  same(await b.invoke('ToGroup', group, 1, []), 1);
  await b.invoke('Join', group);
  same(await a.invoke('ToGroup', group, 2, [b.connectionId]), 1);
  await a.invoke('Leave', group);
  await a.invoke('Leave', group);
  same(await a.invoke('ToGroup', group, 3, []), 1);
  await until(() => got.a.length === 2 && got.b.length === 1, 'the events');
  same(got, { a: [1, 2], b: [3] });
  await b.stop();
  await until(async () => (await a.invoke('ToGroup', group, 4, [])) === 0, 'the end of the group');
});
each(71, 'a group joined in the greeting', async (t) => {
  const c = t.build({ token: 'greeted' });
  const hello = later();
  c.on('Hello', hello.resolve);
  await c.start();
  same(await within(hello.promise, 'the greeting'), 'you');
});
each(72, 'users', async (t) => {
  const user = `u${Math.random()}`.replace('.', '');
  const [one, two, other] = [await t.connect({ token: user }), await t.connect({ token: user }), await t.connect({ token: `${user}x` })];
  const got = [];
  for (const [name, c] of [['one', one], ['two', two], ['other', other]]) c.on('Event', (value) => got.push(`${name}${value}`));
  same(await other.invoke('ToUser', user, 1), 2);
  same(await one.invoke('ToUser', 'nobody at all', 1), 0);
  await until(() => got.length === 2, 'the events');
  same(got.sort(), ['one1', 'two1']);
});
each(73, 'others, and groups that overlap', async (t) => {
  const name = `o${Math.random()}`;
  const [a, b] = [await t.connect({ path: '/others' }), await t.connect({ path: '/others' })];
  const got = { a: [], b: [] };
  a.on('Event', (value) => got.a.push(value));
  b.on('Event', (value) => got.b.push(value));
  for (const group of [`${name}1`, `${name}2`]) await b.invoke('Join', group);
  same(await a.invoke('ToGroups', [`${name}1`, `${name}2`], 'groups'), 1);
  await a.invoke('ToOthers', 'others');
  await until(() => got.b.length >= 2, 'the events');
  same(got, { a: [], b: ['groups', 'others'] });
});
each(74, 'a connection that is gone', async (t) => {
  const [a, b] = [await t.connect(), await t.connect()];
  const id = b.connectionId;
  await b.stop();
  await until(async () => (await a.invoke('ToConnection', id, 1)) === 0, 'the end');
});
each(75, 'who is let in', async (t) => {
  await rejects(t.connect({ token: 'nobody' }), "Status code '401'");
  await rejects(t.connect({ token: 'banned' }), "Status code '403'");
  const c = await t.connect({ token: 'lan' });
  same(await c.invoke('User'), 'lan');
});
each(76, 'a method that is not allowed', async (t) => {
  await rejects((await t.connect()).invoke('Forbidden'), "Failed to invoke 'Forbidden' because user is unauthorized");
});
each(77, 'a token that expires', async (t) => {
  let tokens = 0;
  const c = t.build({ accessTokenFactory: () => (tokens++ < 2 || t.way.transport === 'LongPolling' && tokens < 4 ? 'lan:300' : 'lan'), reconnect: [0, 50, 100, 200] });
  const back = later();
  c.onreconnected(back.resolve);
  c.onclose((error) => back.reject(error ?? new Error('closed')));
  await c.start();
  const id = c.connectionId;
  await within(back.promise, 'the reconnection');
  if (c.connectionId === id) fail('it is the same connection');
});
inNode(79, 'headers and cookies arrive', async (t) => {
  const c = await t.connect({ headers: { 'x-test': 'yes', cookie: 'a=b' } });
  same(await c.invoke('Header'), 'yes');
});
each(86, 'a client that stops', async (t) => {
  const token = `stops${Math.random()}`.replace('.', '');
  const c = t.build({ token });
  const closed = later();
  c.onclose((error) => closed.resolve(error ?? null));
  await c.start();
  await c.stop();
  same(await closed.promise, null);
  const other = await t.connect();
  const reason = await until(() => other.invoke('Note', `goodbye of ${token}`), 'the good-bye');
  // What posts the farewell may come behind what closes the stream of events.
  const expected = t.way.transport === 'ServerSentEvents' ? ['Client', 'TransportLost'] : ['Client'];
  if (!expected.includes(reason)) fail(reason);
});
each(87, 'a server that shuts down sends its clients to another', async (t) => {
  const name = await t.control('start');
  const c = t.build({ path: `/volatile/${name}`, reconnect: [0, 20, 50, 100, 200, 500] });
  const [leaving, back] = [later(), later()];
  c.onreconnecting(leaving.resolve);
  c.onreconnected(back.resolve);
  await c.start();
  const id = c.connectionId;
  await t.control(`replace/${name}`);
  await within(leaving.promise, 'the farewell');
  await within(back.promise, 'the reconnection');
  if (c.connectionId === id) fail('it is the same connection');
  same(await c.invoke('Add', 1, 2), 3);
});
each(88, 'a method that closes its connection for good, or not', async (t) => {
  const gone = t.build({ reconnect: [0] });
  const closed = later();
  gone.onclose((error) => closed.resolve(error ?? null));
  gone.onreconnecting(() => closed.reject(new Error('it reconnects')));
  await gone.start();
  await gone.invoke('Abort').catch(() => {});
  same(await within(closed.promise, 'the close'), null);
  const back = t.build({ reconnect: [0, 50] });
  const again = later();
  back.onreconnected(again.resolve);
  await back.start();
  await back.invoke('AbortAndAllow').catch(() => {});
  await within(again.promise, 'the reconnection');
});
each(89, 'a transport that breaks leads to a new connection without groups', async (t) => {
  const name = await t.control('start');
  const port = await t.control('proxy');
  const group = `lost${Math.random()}`;
  const c = t.build({ path: `http://127.0.0.1:${port}/volatile/${name}`, reconnect: [0, 20, 50, 100] });
  const back = later();
  c.onreconnected(back.resolve);
  await c.start();
  await c.invoke('Join', group);
  const id = c.connectionId;
  await t.control(`cut/${port}`);
  // Chromium repeats a poll by itself when the connection it reuses is broken: nothing happens then.
  if (t.env.client === 'chromium' && t.way.transport === 'LongPolling') {
    await Promise.race([back.promise, pause(2000)]);
  } else {
    await within(back.promise, 'the reconnection');
    if (c.connectionId === id) fail('it is the same connection');
    const got = [];
    c.on('Event', (value) => got.push(value));
    await c.invoke('ToGroup', group, 1, []);
    await c.invoke('ToConnection', c.connectionId, 'last');
    await until(() => got.length > 0, 'the last event');
    same(got, ['last'], 'groups');
  }
  same(await c.invoke('Add', 1, 2), 3);
});
each(90, 'a client that is not greeted stays away', async (t) => {
  const c = t.build({ token: 'unwelcome', reconnect: [0, 0, 0] });
  const closed = later();
  let again = 0;
  c.onreconnecting(() => again++);
  c.onclose((error) => closed.resolve(String(error?.message ?? error)));
  const ended = 'Server returned an error on close: Connection closed with an error.';
  await c.start().catch(() => closed.resolve(ended));
  // Closed between its greeting and the end of `start`, the client tells nobody.
  const end = until(() => c.state === 'Disconnected', 'the end', 15_000).then(() => pause(100));
  const text = await within(Promise.race([closed.promise, end.then(() => ended)]), 'the close');
  if (!text.includes(ended)) fail(text);
  if (again > 0) fail('it comes back');
});
each(92, 'line breaks in texts', async (t) => {
  const text = 'data: a\nb\r\n\r\ndata: c\n';
  same(await (await t.connect()).invoke('Echo', text), text);
});

/** A connection through a proxy that can be cut. */
async function cuttable(t) {
  const name = await t.control('start');
  const port = await t.control('proxy');
  const c = t.build({ path: `http://127.0.0.1:${port}/volatile/${name}`, reconnect: [0, 20, 50, 100, 200], stateful: true });
  c.onreconnected(() => (c.cameBackAnew = true));
  await c.start();
  return { c, cut: () => t.control(`cut/${port}`) };
}

sockets(93, 'a cut loses and repeats nothing, and keeps the connection', async (t) => {
  const { c, cut } = await cuttable(t);
  const got = [];
  c.on('Burst', (n) => got.push(n));
  const id = c.connectionId;
  await c.invoke('Join', 'kept');
  const key = Math.floor(Math.random() * 1e9) * 10_000;
  const burst = c.invoke('Burst', 1000);
  const calls = [];
  for (let n = 0; n < 1000; n++) {
    calls.push(c.invoke('Record', key + n));
    if (n === 300) await cut();
    if (n % 50 === 0) await pause(1);
  }
  await within(Promise.all([burst, ...calls]), 'all answers', 30_000);
  await until(() => got.length >= 1000, 'all events');
  same(got, Array.from({ length: 1000 }, (_, n) => n), 'events');
  const mine = (await c.invoke('Recorded')).filter((n) => n >= key && n < key + 10_000);
  same(mine, Array.from({ length: 1000 }, (_, n) => key + n), 'calls');
  same([c.connectionId, await c.invoke('Id'), c.cameBackAnew ?? false], [id, id, false], 'connection');
  same(await c.invoke('ToGroup', 'kept', 1, []), 1, 'members');
});
sockets(94, 'two cuts within a second', async (t) => {
  const { c, cut } = await cuttable(t);
  const got = [];
  c.on('Burst', (n) => got.push(n));
  const burst = c.invoke('Burst', 2000);
  await cut();
  await pause(200);
  await cut();
  same(await within(burst, 'the answer', 30_000), 2000);
  await until(() => got.length >= 2000, 'all events');
  same(got, Array.from({ length: 2000 }, (_, n) => n), 'events');
  same(c.cameBackAnew ?? false, false, 'new connection');
});
sockets(96, 'more than can be kept waits, and is not lost', async (t) => {
  const { c, cut } = await cuttable(t);
  const got = [];
  c.on('Burst', (n) => got.push(n));
  const burst = c.invoke('Burst', 10_000);
  await pause(5);
  await cut();
  same(await within(burst, 'the answer', 35_000), 10_000);
  await until(() => got.length >= 10_000, 'all events');
  same(got, Array.from({ length: 10_000 }, (_, n) => n), 'events');
  same(c.cameBackAnew ?? false, false, 'new connection');
});
sockets(98, 'a server that does not keep connections', async (t) => {
  const c = await t.connect({ path: '/stateless', stateful: true });
  same(await c.invoke('Add', 1, 2), 3);
});
