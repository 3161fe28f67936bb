/** Calls a server as NodeClientTest asks, and prints what came of it, one line each. */
import { connect, RpcError } from "../../main/node/erpc.mjs";

const PATIENT = 20_000; // on a busy machine a first call may take longer than the client's second
const binary = { codec: "binary", timeout: PATIENT };
const stream = { codec: "binary" };
const ascii = (text) => Buffer.from(text);
const list = (entries) => JSON.stringify(entries);

function explain(e) {
  if (!(e instanceof RpcError)) throw e;
  const details = e.details === null ? "" : " details=" + e.details.toString("hex");
  return `${e.code} started=${e.started}${details} ${list(e.trailers)} ${e.message}`;
}

/** Prints what came, or how it ended. */
async function show(ask) {
  try {
    console.log(await ask());
  } catch (e) {
    console.log(explain(e));
  }
}

const scenarios = {
  async unary(client) {
    for (const text of ["by name", "by number", ""]) {
      const reply = await client.call("demo.echo", ascii(text), binary);
      console.log(reply.body.toString(), client.routes.get("demo.echo"));
    }
    const said = await client.call("demo.json", ascii('{"msg":"hi"}'), { codec: "json", timeout: PATIENT });
    console.log(said.body.toString());
    const packed = { ...binary, compression: "gzip" };
    const long = await client.call("demo.echo", ascii("a".repeat(100_000)), packed);
    console.log(long.body.length);
  },

  async large(client) {
    for (const size of [16_128, 65_536, 262_144, 1 << 20, 4 << 20]) {
      const body = Buffer.alloc(size, (i) => i).fill("erpc");
      const reply = await client.call("demo.echo", body, binary);
      console.log(size, reply.body.equals(body));
    }
    const bodies = Array.from({ length: 8 }, (_, i) => Buffer.alloc(2 << 20, i + 1)); // more than all credit
    const replies = await Promise.all(bodies.map((body) => client.call("demo.echo", body, binary)));
    console.log(replies.every((reply, i) => reply.body.equals(bodies[i])));
  },

  async error(client) {
    await show(() => client.call("demo.fails", ascii(""), binary));
    await show(() => client.call("demo.nothing", ascii(""), binary));
    await show(() => client.call("no good", ascii(""), binary));
    await show(async () => (await client.call("demo.echo", ascii("goes on"), binary)).body.toString());
  },

  async metadata(client) {
    const metadata = [["who", "me"], ["who", "too"], ["raw-bin", Buffer.of(0, 255)]];
    const reply = await client.call("demo.metadata", ascii(""), { ...binary, metadata });
    const shown = reply.headers.map(([key, value]) => [key, Buffer.isBuffer(value) ? value.toString("hex") : value]);
    console.log(list(shown), list(reply.trailers));
    await show(() => client.call("demo.metadata", ascii(""), { ...binary, metadata: [["Who", "me"]] }));
  },

  async serverStream(client) {
    const news = client.open("news.list", stream);
    await news.send(ascii("3"));
    await news.end();
    for await (const message of news) console.log(message.toString());
    console.log(list(news.headers), list(news.trailers));
  },

  async clientStream(client) {
    const post = client.open("news.post", stream);
    for (let i = 0; i < 1_000; i++) await post.send(ascii("message " + i));
    await post.end();
    console.log((await post.receive()).toString(), await post.receive());
  },

  /** More than both windows each way: goes on only if both sides give credit back. */
  async bidirectional(client) {
    const chat = client.open("chat.talk", stream);
    const sizes = [1, 0, 65_536, 300_000, ...Array(60).fill(200_000)];
    const sending = (async () => {
      for (const size of sizes) await chat.send(Buffer.alloc(size, 7));
      await chat.end();
    })();
    const came = [];
    for await (const message of chat) came.push(message.length);
    await sending;
    console.log(list(came) === list(sizes), came.reduce((a, b) => a + b, 0) > 8 << 20);
  },

  /** Who does not read holds the sender back at the stream's window, and nobody else. */
  async slowReader(client) {
    const news = client.open("news.list", stream);
    await news.send(ascii("1000"));
    await news.end();
    let before = -1;
    while (news.ready.length !== before || before <= 0) {
      before = news.ready.length;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    const waiting = news.ready.reduce((sum, { owed }) => sum + owed, 0);
    console.log("filled", waiting <= 262_144 && waiting > 262_144 - 2_000);
    console.log((await client.call("demo.echo", ascii("others go on"), binary)).body.toString());
    let all = 0;
    for await (const unused of news) all++;
    console.log(all);
  },

  async deadline(client) {
    const begun = performance.now();
    await show(() => client.call("demo.hangs", ascii(""), { codec: "binary", timeout: 299.5 }));
    const took = performance.now() - begun;
    console.log("in time", took >= 299 && took < 5_000);
    await show(() => client.call("demo.echo", ascii(""), { codec: "binary", timeout: 0 }));
    const chat = client.open("chat.talk", { ...stream, timeout: 300 });
    await show(() => chat.receive());
  },

  async ping(client) {
    console.log("answered", (await client.ping()) >= 0);
    const both = await Promise.all([client.ping(), client.ping()]);
    console.log(both.length);
  },

  async cancel(client) {
    const chat = client.open("chat.talk", stream);
    await chat.send(ascii("hi"));
    console.log((await chat.receive()).toString());
    chat.cancel();
    await show(() => chat.receive());
    await show(async () => (await client.call("demo.echo", ascii("goes on"), binary)).body.toString());
  },

  async leaves(client) {
    await show(async () => (await client.call("demo.held", ascii("whole"), binary)).body.toString());
    await show(() => client.call("demo.echo", ascii(""), binary));
  },
};

const [address, scenario] = process.argv.slice(2);
const colon = address.lastIndexOf(":");
const client = await connect({ host: address.slice(0, colon), port: Number(address.slice(colon + 1)) });
await scenarios[scenario](client);
client.close();
