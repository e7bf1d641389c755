// A client of the gateway on grpc-js, as people write one with nothing but the protos. Prints a line per step, "ok NAME", and
// ends with 0 when all went well.
//   node client.js HOST:PORT PROTO_DIRECTORY [STEP...]        (the admin token comes in OPENSHELL_TOKEN)
'use strict';

const assert = require('node:assert');
const crypto = require('node:crypto');
const fs = require('node:fs');
const net = require('node:net');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const [address, protos] = process.argv.slice(2);
const loaded = loader.loadSync('openshell/v1/openshell.proto', {
  includeDirs: [protos], keepCase: true, longs: String, enums: String, defaults: true, oneofs: true,
});
const { OpenShell } = grpc.loadPackageDefinition(loaded).openshell.v1;
const client = new OpenShell(address, grpc.credentials.createInsecure());
const token = new grpc.Metadata();
token.set('authorization', `Bearer ${process.env.OPENSHELL_TOKEN}`);

const scope = { workspace: 'default' };
const name = 'foreign';

// A supervisor that is not ours has nothing else.
const loginShell = process.env.OPENSHELL_LOGIN_SHELL === '1';
const bytes = crypto.randomBytes(300_000);

const unary = (method, request) => new Promise((resolve, reject) =>
  client[method](request, token, { deadline: Date.now() + 60_000 }, (error, answer) => (error ? reject(error) : resolve(answer))));

// The messages of a stream, once it has ended with OK.
const all = call => new Promise((resolve, reject) => {
  const messages = [];
  call.on('data', message => messages.push(message));
  call.on('error', reject);
  call.on('status', status => (status.code === grpc.status.OK ? resolve(messages) : reject(new Error(status.details))));
});

const joined = (events, kind) => Buffer.concat(events.filter(e => e.payload === kind).map(e => e[kind].data));
const exitOf = events => {
  assert.strictEqual(events.at(-1).payload, 'exit', 'the exit is the last event');
  return events.at(-1).exit.exit_code;
};

const steps = {
  async health() {
    assert.strictEqual((await unary('Health', {})).status, 'SERVICE_STATUS_HEALTHY');
  },

  async create() {
    const { sandbox } = await unary('CreateSandbox', { name, workspace_scope: scope, spec: { command: ['sleep', 'infinity'] } });
    assert.strictEqual(sandbox.metadata.name, name);
    assert.strictEqual(sandbox.status.phase, 'SANDBOX_PHASE_PROVISIONING');
  },

  // A snapshot comes first, always; the stream ends with OK when the sandbox is ready.
  async watch() {
    const events = await all(client.WatchSandbox(
      { sandbox: name, workspace_scope: scope, follow_status: true, follow_logs: true, follow_events: true, stop_on_terminal: true }, token));
    assert.strictEqual(events[0].payload, 'sandbox');
    const phases = events.filter(e => e.payload === 'sandbox').map(e => e.sandbox.status.phase);
    assert.strictEqual(phases.at(-1), 'SANDBOX_PHASE_READY', phases.join());
  },

  async exec() {
    const events = await all(client.ExecSandbox({
      sandbox: name, workspace_scope: scope, no_login_shell: !loginShell, command: ['sh', '-c', 'cat; echo "$A" >&2; exit 7'],
      stdin: bytes, environment: { A: "it's" },
    }, token));
    assert.strictEqual(exitOf(events), 7);
    assert.ok(joined(events, 'stdout').equals(bytes), 'every byte comes back');
    assert.strictEqual(joined(events, 'stderr').toString(), "it's\n");
  },

  // The end of our half is the end of its input, and nothing else.
  async interactive() {
    const call = client.ExecSandboxInteractive(token);
    const ended = all(call);
    call.write({ start: { sandbox: name, workspace_scope: scope, no_login_shell: !loginShell, command: ['sh', '-c', 'cat; echo over; exit 3'] } });
    for (let at = 0; at < bytes.length; at += 50_000) {
      call.write({ stdin: bytes.subarray(at, at + 50_000) });
    }

    call.end();
    const events = await ended;
    assert.strictEqual(exitOf(events), 3);
    assert.ok(joined(events, 'stdout').equals(Buffer.concat([bytes, Buffer.from('over\n')])), 'every byte comes back');
  },

  // Our half stays open: grpc-js ends it by a reset when the status has come.
  async terminal() {
    const call = client.ExecSandboxInteractive(token);
    const ended = all(call);
    call.write({ start: { sandbox: name, workspace_scope: scope, no_login_shell: !loginShell, tty: true, cols: 100, rows: 30, command: ['stty', 'size'] } });
    call.write({ resize: { cols: 100, rows: 30 } });
    const events = await ended;
    assert.strictEqual(exitOf(events), 0);
    assert.strictEqual(joined(events, 'stdout').toString().trim(), '30 100');
  },

  async forward() {
    const server = net.createServer({ allowHalfOpen: true }, socket => socket.pipe(socket));
    await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
    const session = await unary('CreateSshSession', { sandbox: name, workspace_scope: scope });
    assert.match(session.token, /^[A-Za-z0-9._~+/=-]{1,4096}$/);
    const call = client.ForwardTcp(token);
    const received = [];
    const whole = new Promise((resolve, reject) => {
      call.on('data', frame => {
        received.push(frame.data);
        if (Buffer.concat(received).length >= bytes.length) {
          resolve();
        }
      });
      call.on('error', error => (error.code === grpc.status.CANCELLED ? resolve() : reject(error)));
    });
    call.write({ init: { sandbox: name, workspace: 'default', tcp: { host: '127.0.0.1', port: server.address().port }, authorization_token: session.token } });
    for (let at = 0; at < bytes.length; at += 65_536) {
      call.write({ data: bytes.subarray(at, at + 65_536) });
    }

    call.end();
    await whole;
    assert.ok(Buffer.concat(received).equals(bytes), 'every byte comes back');
    call.cancel();
    server.close();
    assert.strictEqual((await unary('RevokeSshSession', { token: session.token })).outcome, 'DELETION_OUTCOME_COMPLETED');
  },

  async ssh() {
    const session = await unary('CreateSshSession', { sandbox: name, workspace_scope: scope });
    const call = client.ForwardTcp(token);
    const banner = new Promise((resolve, reject) => {
      call.on('data', frame => resolve(frame.data.toString()));
      call.on('error', reject);
    });
    call.write({ init: { sandbox: name, workspace: 'default', ssh: {}, authorization_token: session.token } });
    call.write({ data: Buffer.from('SSH-2.0-foreign\r\n') });
    assert.match(await banner, /^SSH-2\.0-/);
    call.cancel();
  },

  async restart() {
    assert.strictEqual((await unary('StopSandbox', { name, workspace_scope: scope })).sandbox.status.phase, 'SANDBOX_PHASE_STOPPED');
    await unary('StartSandbox', { name, workspace_scope: scope });
    await steps.watch();
  },

  async refusals() {
    const refused = async (method, request) => unary(method, request).then(() => assert.fail(`${method} was not refused`), error => error);
    assert.strictEqual((await refused('GetSandbox', { name: 'nothing', workspace_scope: scope })).code, grpc.status.NOT_FOUND);
    const unscoped = await refused('GetSandbox', { name });
    assert.deepStrictEqual([unscoped.code, unscoped.details], [grpc.status.INVALID_ARGUMENT, 'workspace_scope is required']);
  },

  async resize() {
    const call = client.ExecSandboxInteractive(token);
    const ended = all(call);
    const said = [];
    const ready = new Promise(resolve => call.on('data', event => {
      said.push(event);
      if (joined(said, 'stdout').includes('ready')) {
        resolve();
      }
    }));
    call.write({ start: { sandbox: name, workspace_scope: scope, tty: true,
      command: ['bash', '-c', 'trap "stty size; exit 3" WINCH; echo ready; while :; do read -t 1 line; done'] } });
    await ready;
    call.write({ resize: { cols: 120, rows: 40 } });
    const events = await ended;
    assert.strictEqual(exitOf(events), 3);
    assert.match(joined(events, 'stdout').toString(), /40 120/);
  },

  async signal() {
    const events = await all(client.ExecSandbox({ sandbox: name, workspace_scope: scope, command: ['sh', '-c', 'kill -9 $$'] }, token));
    assert.strictEqual(exitOf(events), 137);
  },

  // The supervisor's commands run on this machine.
  async cancel() {
    const call = client.ExecSandbox({ sandbox: name, workspace_scope: scope, command: ['sh', '-c', 'echo $$; exec sleep 1000'] }, token);
    const process = await new Promise(resolve => call.on('data', event => resolve(`/proc/${event.stdout.data.toString().trim()}`)));
    assert.ok(fs.existsSync(process));
    const code = new Promise(resolve => call.on('error', error => resolve(error.code)));
    call.cancel();
    assert.strictEqual(await code, grpc.status.CANCELLED);
    while (fs.existsSync(process)) {
      await new Promise(resolve => setTimeout(resolve, 20));
    }
  },

  async withoutLoginShell() {
    const error = await all(client.ExecSandbox({ sandbox: name, workspace_scope: scope, no_login_shell: true, command: ['true'] }, token))
      .then(() => assert.fail('it was not refused'), refusal => refusal);
    assert.match(error.message, /too old/);
  },

  async timeout() {
    const events = await all(client.ExecSandbox({
      sandbox: name, workspace_scope: scope, command: ['sleep', '60'], execution_timeout: { seconds: 1 },
    }, token));
    assert.strictEqual(exitOf(events), 124);
  },

  async delete() {
    const answer = await unary('DeleteSandbox', { name, workspace_scope: scope });
    assert.match(answer.outcome, /^DELETION_OUTCOME_(ACCEPTED|COMPLETED)$/);
  },
};

(async () => {
  const wanted = process.argv.slice(4);
  for (const [step, run] of Object.entries(steps).filter(([step]) => wanted.length === 0 || wanted.includes(step))) {
    await run().catch(error => {
      console.error(`failed ${step}: ${error.stack}`);
      process.exit(1);
    });
    console.log(`ok ${step}`);
  }

  client.close();
  process.exit(0);
})();
