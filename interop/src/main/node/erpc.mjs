/**
 * A client for erpc's wire protocol, version 1, in plain JavaScript. Written from docs/protocol.md alone.
 *
 *     const client = await connect({ host: "127.0.0.1", port: 8877 });
 *     const reply = await client.call("demo.echo", Buffer.from("hi"), { codec: "binary" });
 *     const chat = client.open("chat.talk", { codec: "binary" });
 *     await chat.send(Buffer.from("hi"));
 *     await chat.end();
 *     for await (const message of chat) console.log(message.toString());
 *     client.close();
 *
 * Messages are bytes: encoding them as protobuf or JSON is the caller's. What waits to be read holds
 * its credit back, so who reads slowly holds its sender back, not others.
 */
import net from "node:net";
import zlib from "node:zlib";

const PREFACE = Buffer.from("3bef5c01", "hex");
const [PING, AUTH, REQUEST, RESPONSE, DATA, CREDIT, RESET, GOAWAY, SETTINGS] = Array(9).keys();
const END = 0x80, TICK = 0x40, MORE = 0x20, ACK = 0x10;
const NAME = 0x01, TIMEOUT = 0x02, METADATA = 0x08;
const STATUS = 0x01, DETAILS = 0x02, HEADERS = 0x04, TRAILERS = 0x08, NOT_STARTED = 0x10;
const ROUTE = 0x20, RETRY_AFTER = 0x40, EXTENSION = 0x80;
const WITH_STATUS = STATUS | DETAILS | TRAILERS | NOT_STARTED | RETRY_AFTER;
const MAX_PAYLOAD = 81_920, MAX_DATA = 65_536, SENT_DATA = 16_128, MAX_HEAD = 16_384;
const STREAM_WINDOW = 262_144, CONNECTION_WINDOW = 8_388_608, SHORT_CREDIT = 2_097_152;
const MAX_CREDIT = 2_147_483_647, MAX_TIMEOUT = 0xffff_ffff, MAX_ROUTES = 4_096;
const CODECS = { pb: 1, json: 2, binary: 5 };
const GZIP = 1;
const CODES = ["OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND",
  "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED",
  "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"];
const number = (code) => CODES.indexOf(code);
const named = (code) => CODES[code] ?? "UNKNOWN";

/** How a call failed. started: "YES", "NO" or "MAYBE". */
export class RpcError extends Error {
  constructor(code, message, started, more = {}) {
    super(message);
    Object.assign(this, { code, started, details: null, trailers: [], retryAfter: null }, more);
  }
}

/** The server broke a rule: the connection ends. */
class Violation extends Error {}

const u8 = (value) => Buffer.of(value);
const u16 = (value) => Buffer.of(value >>> 8, value & 0xff);
const u32 = (value) => { const b = Buffer.alloc(4); b.writeUInt32BE(value); return b; };
const sized = (length, bytes) => Buffer.concat([length(bytes.length), bytes]);

/** Metadata: a list of [key, value]; values of keys that end in -bin are bytes. */
const block = (entries) => Buffer.concat(
  entries.map(([key, value]) => Buffer.concat([sized(u8, Buffer.from(key)), sized(u16, Buffer.from(value))])));

/** Reads the fields of a payload in their order. */
class Fields {
  constructor(bytes) { this.bytes = bytes; this.at = 0; }
  take(length) {
    if (this.at + length > this.bytes.length) throw new Violation("a frame is shorter than its fields");
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
  number(length) { return this.take(length).readUIntBE(0, length); }
  sized(length) { return this.take(this.number(length)); }
  rest() { return this.take(this.left()); }
  left() { return this.bytes.length - this.at; }
  metadata() {
    const inside = new Fields(this.sized(2)), entries = [];
    while (inside.left() > 0) {
      const key = inside.sized(1).toString(), value = Buffer.from(inside.sized(2));
      entries.push([key, key.endsWith("-bin") ? value : value.toString()]);
    }
    return entries;
  }
}

/** Opens a connection; options are those of net.connect. */
export function connect(options) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(options);
    socket.once("error", reject);
    socket.once("connect", () => { socket.off("error", reject); resolve(new Client(socket)); });
  });
}

export class Client {
  constructor(socket) {
    Object.assign(this, { socket, gone: null, greeted: false, lastId: 0, maxMessage: 4_194_304 });
    this.calls = new Map();
    this.routes = new Map(); // the numbers that methods were given
    this.pings = new Map();
    this.peerMaxMessage = 4_194_304;
    this.streamWindow = STREAM_WINDOW; // what streams that open now may send
    this.credit = CONNECTION_WINDOW; // what may still be sent
    this.granted = CONNECTION_WINDOW; // what the server may still send
    this.owed = 0; // what was taken and not given back yet
    this.input = Buffer.alloc(0);
    this.output = [PREFACE];
    this.tickDue = true;
    this.frame(SETTINGS, 0, 0);
    this.flush();
    socket.setNoDelay(true);
    socket.on("data", (bytes) => this.read(bytes));
    socket.on("end", () => this.lost("the server closed the connection"));
    socket.on("error", (e) => this.lost("the connection broke: " + e.message));
    socket.on("close", () => this.lost("the connection is closed"));
    this.heard = Date.now();
    this.heartbeat = setInterval(() => this.keepAlive(), 1_000).unref();
  }

  /** A unary call. options: codec, compression ("gzip"), timeout in ms, metadata. */
  async call(method, body, options = {}) {
    const call = new Call(this, method, { timeout: 1_000, ...options }, true);
    await call.begin(body);
    return call.reply;
  }

  /** Opens a stream. Without a timeout it has no deadline. */
  open(method, options = {}) {
    const call = new Call(this, method, options, false);
    call.begin(null);
    return call;
  }

  /** Resolves, with the round trip in milliseconds, once the server has answered. */
  ping() {
    const content = Buffer.alloc(8), begun = performance.now();
    content.writeUInt32BE(this.pings.size + 1, 4);
    content.writeUInt32BE(Math.floor(begun), 0);
    return new Promise((resolve, reject) => {
      if (this.gone) return reject(new RpcError("UNAVAILABLE", this.gone, "NO"));
      this.pings.set(content.toString("hex"), { resolve: () => resolve(performance.now() - begun), reject });
      this.frame(PING, 0, 0, content);
    });
  }

  /** The token of all calls from now on. */
  bearer(token) {
    this.frame(AUTH, 0, 0, sized(u8, Buffer.from("bearer")), sized(u16, Buffer.from(token)));
  }

  /** Opens no more calls; closes once the open ones have ended. */
  close() {
    if (!this.gone) this.gone = "this client was closed";
    this.closing = true;
    this.frame(GOAWAY, 0, 0, u32(this.lastId), u8(0), u16(0));
    this.endIfIdle();
  }

  endIfIdle() {
    if (this.gone && this.calls.size === 0 && this.closing) {
      this.flush();
      this.socket.end();
    }
  }

  // ---- writing

  /** Puts a frame behind those that leave together; the first of them carries the tick. */
  frame(type, flags, stream, ...parts) {
    if (this.socket.writableEnded || this.socket.destroyed) return;
    if (this.output.length === 0) setImmediate(() => this.flush());
    if (this.tickDue) {
      this.tickDue = false;
      flags |= TICK;
      parts.unshift(u32(Math.floor(performance.now()) % 2 ** 32));
    }
    const payload = Buffer.concat(parts), header = Buffer.alloc(8);
    header.writeUIntBE(payload.length, 0, 3);
    header[3] = flags | type;
    header.writeUInt32BE(stream, 4);
    this.output.push(header, payload);
  }

  flush() {
    if (this.output.length === 0 || this.socket.writableEnded) return;
    const bytes = Buffer.concat(this.output);
    this.output = [];
    this.tickDue = true;
    this.socket.write(bytes);
  }

  /** What was taken of a call may be sent again; what is owed is told in large steps. */
  pay(call, bytes) {
    for (const [who, id, window] of [[this, 0, CONNECTION_WINDOW], [call, call.id, STREAM_WINDOW]]) {
      if (who === call && call.ended) continue;
      who.owed += bytes;
      if (who.owed > window / 4 || (who.owed > 0 && this.granted < SHORT_CREDIT)) {
        this.frame(CREDIT, 0, id, u32(who.owed));
        who.granted += who.owed;
        who.owed = 0;
      }
    }
  }

  // ---- reading

  read(bytes) {
    this.heard = Date.now();
    this.input = this.input.length === 0 ? bytes : Buffer.concat([this.input, bytes]);
    try {
      while (this.readFrame()) continue;
    } catch (e) {
      if (!(e instanceof Violation)) throw e;
      const text = Buffer.from(e.message);
      this.frame(GOAWAY, 0, 0, u32(this.lastId), u8(3), sized(u16, text));
      this.flush();
      this.lost("the server broke the protocol: " + e.message);
      this.socket.end();
    }
  }

  readFrame() {
    if (!this.greeted) {
      if (this.input.length < 4) return false;
      if (!this.input.subarray(0, 4).equals(PREFACE)) {
        this.lost("the server does not speak version 1 of erpc");
        this.socket.destroy();
        return false;
      }
      this.greeted = true;
      this.input = this.input.subarray(4);
    }
    if (this.input.length < 8) return false;
    const length = this.input.readUIntBE(0, 3), kind = this.input[3], id = this.input.readUInt32BE(4);
    if (length > MAX_PAYLOAD) throw new Violation(`a frame of ${length} bytes`);
    if (this.input.length < 8 + length) return false;
    const fields = new Fields(this.input.subarray(8, 8 + length));
    this.input = this.input.subarray(8 + length);
    if (kind & TICK) fields.number(4);
    this.dispatch(kind & 0x0f, kind & 0xf0, id, fields);
    return true;
  }

  dispatch(type, flags, id, fields) {
    if (type > SETTINGS) return; // an extension
    if (type === REQUEST || type === AUTH) throw new Violation("a server sent a frame of type " + type);
    const ofStream = type === RESPONSE || type === DATA || type === RESET;
    if (type !== CREDIT && ofStream !== id > 0) throw new Violation(`type ${type} on stream ${id}`);
    if (id > this.lastId) throw new Violation(`stream ${id} was never opened`);
    const call = this.calls.get(id);
    switch (type) {
      case PING: return this.pinged(flags, fields.take(8));
      case SETTINGS: return this.settings(fields);
      case GOAWAY: return this.goingAway(fields.number(4), fields.number(1), fields.sized(2).toString());
      case CREDIT: return this.credited(id, call, fields.number(4));
      case RESET: return this.wasReset(call, fields.number(1));
      default: return this.received(type, flags, fields, call);
    }
  }

  pinged(flags, content) {
    const key = content.toString("hex");
    if (!(flags & ACK)) this.frame(PING, ACK, 0, content);
    else if (this.pings.has(key)) {
      this.pings.get(key).resolve();
      this.pings.delete(key);
    }
  }

  settings(fields) {
    if (fields.left() % 6 !== 0) throw new Violation("SETTINGS of " + fields.left() + " bytes");
    while (fields.left() > 0) {
      const id = fields.number(2), value = fields.number(4);
      if (id === 1) this.peerMaxMessage = value;
      if (id === 2) this.streamWindow = Math.max(this.streamWindow, Math.min(value, MAX_CREDIT));
    }
  }

  goingAway(last, code, text) {
    this.gone = `the server leaves: ${text} (${named(code)})`;
    this.closing = true;
    for (const call of this.calls.values()) {
      if (call.id > last) call.fail(new RpcError("UNAVAILABLE", this.gone, "NO"));
    }
    if (code !== 0 && code !== 14) this.lost(this.gone);
    this.endIfIdle();
  }

  credited(id, call, amount) {
    const who = id === 0 ? this : call;
    if (amount === 0) throw new Violation("CREDIT of 0");
    if (!who) return; // it crossed the end
    who.credit += amount;
    if (who.credit > MAX_CREDIT) throw new Violation("CREDIT past 2^31 - 1");
    for (const each of id === 0 ? this.calls.values() : [call]) each.wake();
  }

  wasReset(call, code) {
    call?.fail(new RpcError(named(code || 1), "the server reset the stream", "MAYBE"));
  }

  /** RESPONSE or DATA. */
  received(type, flags, fields, call) {
    const head = type === RESPONSE ? this.head(flags, fields, call) : null;
    const data = fields.rest();
    if (data.length > MAX_DATA) throw new Violation(`a data part of ${data.length} bytes`);
    this.granted -= data.length;
    if (call) call.granted -= data.length;
    if (this.granted < 0 || call?.granted < 0) throw new Violation("more data than there was credit for");
    if (!call) return this.pay({ ended: true }, data.length); // it crossed the end
    if (head?.error) {
      call.fail(head.error);
      return this.pay(call, data.length);
    }
    const last = head !== null && (flags & END) !== 0;
    call.answered = last;
    call.part(data, (flags & MORE) !== 0);
    if (call.unary && call.ready.length > 0 && !last) call.drop("INTERNAL", "a reply before its status");
    if (last && !call.ended) call.succeed(head.trailers, (flags & MORE) !== 0);
  }

  head(flags, fields, call) {
    const bits = fields.number(1);
    if (!(flags & END) && bits & WITH_STATUS) throw new Violation("a status without END");
    const code = bits & STATUS ? fields.number(1) : 0;
    const text = bits & STATUS ? fields.sized(2).toString() : "";
    const details = bits & DETAILS ? Buffer.from(fields.sized(2)) : null;
    const headers = bits & HEADERS ? fields.metadata() : null;
    const trailers = bits & TRAILERS ? fields.metadata() : [];
    const route = bits & ROUTE ? fields.number(2) : 0;
    const retryAfter = bits & RETRY_AFTER ? fields.number(4) : null;
    if (bits & EXTENSION) fields.sized(2);
    if (fields.at > MAX_HEAD + 4) throw new Violation("a head of more than 16,384 bytes");
    if (call && headers) call.takesHeaders(headers);
    if (call && route > 0 && route <= MAX_ROUTES) this.remember(call.method, route);
    const started = bits & NOT_STARTED ? "NO" : "YES";
    const error = code === 0 ? null : new RpcError(named(code), text, started, { details, trailers, retryAfter });
    return { error, trailers };
  }

  remember(method, route) {
    for (const [other, given] of this.routes) {
      if (given === route && other !== method) throw new Violation("a route number for two methods");
    }
    this.routes.set(method, route);
  }

  // ---- the end

  keepAlive() {
    const silent = Date.now() - this.heard;
    if (silent >= 15_000) this.socket.destroy();
    else if (silent >= 10_000 && this.pings.size === 0) this.ping().catch(() => {});
  }

  lost(why) {
    clearInterval(this.heartbeat);
    this.gone ??= why;
    const error = new RpcError("UNAVAILABLE", this.gone, "MAYBE");
    for (const call of this.calls.values()) call.fail(error);
    for (const ping of this.pings.values()) ping.reject(error);
    this.pings.clear();
    if (!this.socket.writableEnded) this.socket.end();
  }
}

/** A call of any kind. One task may send on it while another reads. */
export class Call {
  constructor(client, method, options, unary) {
    Object.assign(this, { client, method, options, unary, headers: [], trailers: [] });
    Object.assign(this, { id: 0, ended: false, error: null, half: false, messageSeen: false, owed: 0, withheld: 0 });
    this.encoding = CODECS[options.codec ?? "pb"] | (options.compression === "gzip" ? GZIP << 4 : 0);
    this.ready = []; // messages that nobody has taken, each with the credit it is worth
    this.assembly = null; // a message of several frames
    this.sending = Promise.resolve(); // messages leave one after the other
    this.woken = [];
    this.reply = new Promise((resolve, reject) => Object.assign(this, { resolve, reject }));
    this.reply.catch(() => {}); // who reads a stream hears of its end there
  }

  /** Sends the REQUEST, with the message if there is one and it fits. */
  begin(body) {
    const { client, options } = this;
    const left = options.timeout === undefined ? null : Math.min(Math.ceil(options.timeout), MAX_TIMEOUT);
    const why = client.gone ? ["UNAVAILABLE", client.gone]
      : left !== null && left <= 0 ? ["DEADLINE_EXCEEDED", "the deadline passed before the call was sent"]
      : body && body.length > client.peerMaxMessage ? ["RESOURCE_EXHAUSTED", "the message is too large"] : null;
    if (why) return this.fail(new RpcError(...why, "NO"));
    this.id = ++client.lastId;
    this.credit = client.streamWindow;
    this.granted = STREAM_WINDOW;
    client.calls.set(this.id, this);
    if (left !== null) this.timer = setTimeout(() => this.expire(), Math.min(left, MAX_CREDIT)).unref();
    const message = body === null ? null : this.packed(body);
    const whole = message !== null && message.length < Math.min(SENT_DATA, this.credit, client.credit);
    if (whole) {
      this.spend(1 + message.length);
      client.frame(REQUEST, END, this.id, this.head(left), u8(this.encoding), message);
    } else {
      client.frame(REQUEST, 0, this.id, this.head(left));
      if (message !== null) return this.transmit(message, END);
    }
    return undefined;
  }

  head(left) {
    const { client, method, options } = this;
    const route = client.routes.get(method), metadata = block(options.metadata ?? []);
    const bits = (route ? 0 : NAME) | (left === null ? 0 : TIMEOUT) | (metadata.length > 0 ? METADATA : 0);
    return Buffer.concat([u8(bits), route ? u16(route) : sized(u8, Buffer.from(method)),
      left === null ? Buffer.alloc(0) : u32(left), metadata.length > 0 ? sized(u16, metadata) : metadata]);
  }

  packed(body) { return this.encoding >> 4 === GZIP ? zlib.gzipSync(body) : body; }

  spend(bytes) {
    this.credit -= bytes;
    this.client.credit -= bytes;
  }

  /** Sends a message of a stream. Resolves to false if the stream has ended: reading tells why. */
  send(body) {
    if (body.length > this.client.peerMaxMessage) throw new RangeError("the message is too large");
    const message = this.packed(body);
    this.sending = this.sending.then(() => this.transmit(message, 0));
    return this.sending.then(() => !this.ended);
  }

  /** Says that no more messages follow. */
  end() {
    this.sending = this.sending.then(() => {
      if (!this.ended && !this.half) this.client.frame(DATA, END, this.id);
      this.half = true;
    });
    return this.sending;
  }

  /** Cuts a message into frames as credit allows. */
  async transmit(message, lastFlags) {
    for (let sent = 0, begun = false; !this.ended;) {
      const room = Math.min(SENT_DATA, this.credit, this.client.credit);
      const whole = !begun && 1 + message.length <= room;
      const prefix = begun ? 0 : whole ? 1 : 5;
      if (begun ? room <= 0 : room <= 5 && !whole) {
        await new Promise((resolve) => this.woken.push(resolve));
        continue;
      }
      const part = message.subarray(sent, sent + room - prefix);
      sent += part.length;
      const last = sent === message.length;
      const start = begun ? [] : whole ? [u8(this.encoding)] : [u8(this.encoding), u32(message.length)];
      begun = true;
      this.spend(prefix + part.length);
      this.client.frame(DATA, last ? lastFlags : MORE, this.id, ...start, part);
      if (last) return;
    }
  }

  wake() { this.woken.splice(0).forEach((resolve) => resolve()); }

  // ---- what comes

  takesHeaders(headers) {
    if (this.headersSeen || (!this.unary && this.messageSeen)) throw new Violation("HEADERS twice or too late");
    this.headersSeen = true;
    this.headers = headers;
  }

  part(data, more) {
    const begins = this.assembly === null;
    if (begins && data.length === 0 && !more) return;
    this.messageSeen = true;
    if (begins) {
      if (more && data.length < 5) throw new Violation("a large message without its total");
      const total = more ? data.readUInt32BE(1) : data.length - 1;
      this.assembly = { encoding: data[0], total, length: 0, parts: [] };
      if (total > this.client.maxMessage) {
        return this.drop("RESOURCE_EXHAUSTED", `a message of ${total} bytes`, data.length);
      }
    }
    const bytes = begins ? data.subarray(more ? 5 : 1) : data, whole = this.assembly;
    whole.parts.push(Buffer.from(bytes));
    whole.length += bytes.length;
    this.withheld += data.length;
    if (whole.length > whole.total || (!more && whole.length < whole.total)) {
      return this.drop("INTERNAL", "a message is not as long as announced");
    }
    if (!more) this.whole(whole);
    // Parts of what somebody waits for, or will wait for next, are given back at once.
    else if (this.ready.length === 0) this.payWithheld();
  }

  whole({ encoding, parts }) {
    this.assembly = null;
    const body = this.unpacked(encoding, Buffer.concat(parts));
    if (body === null) return;
    this.ready.push({ body, owed: this.withheld });
    this.withheld = 0;
    if (this.unary) this.client.pay(this, this.ready.at(-1).owed);
    if (this.unary && this.ready.length > 1) this.drop("INTERNAL", "two replies to a unary call");
    this.wake();
  }

  unpacked(encoding, bytes) {
    if ((encoding & 0x0f) !== (this.encoding & 0x0f) || ![0, GZIP].includes(encoding >> 4)) {
      this.drop("UNIMPLEMENTED", `encoding ${encoding} is not known here`);
      return null;
    }
    if (encoding >> 4 === 0) return bytes;
    try {
      return zlib.gunzipSync(bytes, { maxOutputLength: this.client.maxMessage });
    } catch (e) {
      this.drop(e.code === "ERR_BUFFER_TOO_LARGE" ? "RESOURCE_EXHAUSTED" : "INTERNAL", "gzip: " + e.message);
      return null;
    }
  }

  payWithheld() {
    const owed = this.withheld;
    this.withheld = 0;
    this.client.pay(this, owed);
  }

  /** The next message of a stream, or null after the last. Throws RpcError if it ended otherwise. */
  async receive() {
    while (this.ready.length === 0 && !this.ended) {
      if (this.withheld > 0) this.payWithheld();
      await new Promise((resolve) => this.woken.push(resolve));
    }
    const next = this.ready.shift();
    if (next) {
      this.client.pay(this, next.owed);
      return next.body;
    }
    if (this.error) throw this.error;
    return null;
  }

  async *[Symbol.asyncIterator]() {
    try {
      for (let next = await this.receive(); next !== null; next = await this.receive()) yield next;
    } finally {
      this.cancel(); // if the loop was left early
    }
  }

  // ---- the end

  /** Ends the call unless it has ended; what waits to be read is dropped. */
  cancel() {
    for (const { owed } of this.ready.splice(0)) this.withheld += owed;
    this.reset(new RpcError("CANCELLED", "cancelled here", "MAYBE"));
    this.payWithheld();
  }

  expire() { this.reset(new RpcError("DEADLINE_EXCEEDED", "the deadline passed", "MAYBE")); }

  /** What came cannot be taken. */
  drop(code, message, unpaid = 0) {
    this.withheld += unpaid;
    this.reset(new RpcError(code, message, "YES"));
  }

  reset(error) {
    if (this.ended) return;
    if (this.id > 0 && !this.answered) this.client.frame(RESET, 0, this.id, u8(number(error.code)));
    this.fail(error);
  }

  succeed(trailers, more) {
    this.trailers = trailers;
    if (more || this.assembly) return this.fail(new RpcError("INTERNAL", "OK inside a message", "YES"));
    if (!this.unary) return this.over(null);
    const [reply] = this.ready.splice(0);
    if (!reply) return this.fail(new RpcError("INTERNAL", "OK without a message", "YES"));
    this.over(null);
    this.resolve({ body: reply.body, headers: this.headers, trailers });
  }

  fail(error) {
    if (this.ended) return;
    this.over(error);
    this.reject(error);
  }

  over(error) {
    Object.assign(this, { ended: true, error });
    if (error) this.trailers = error.trailers;
    clearTimeout(this.timer);
    this.client.calls.delete(this.id);
    this.payWithheld(); // the connection's credit alone: the stream has ended
    this.wake();
    this.client.endIfIdle();
  }
}
