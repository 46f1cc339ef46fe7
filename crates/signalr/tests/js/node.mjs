// Runs the cases in Node: `node node.mjs URL [numbers]`; the results are the last line.

import * as signalR from '@microsoft/signalr';
import { MessagePackHubProtocol } from '@microsoft/signalr-protocol-msgpack';
import './cases.mjs';
import { runAll } from './kit.mjs';

process.on('unhandledRejection', () => {});
const [base, only] = process.argv.slice(2);
const results = await runAll({ client: 'node', base, only, signalR, msgpack: MessagePackHubProtocol });
process.stdout.write(`${JSON.stringify(results)}\n`, () => process.exit(0));
