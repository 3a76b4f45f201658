import { describe, expect, it } from "vitest";
import { type Bundle, Post } from "../../../server/workers/post.ts";
import { createPresenceLink } from "../../../server/workers/presence-link.ts";

/** Posts of some workers, joined as a primary joins them. */
function setUp(count = 3) {
  const crashes: unknown[] = [];
  const bundles: Bundle[] = [];
  const posts: Post[] = [];
  for (let n = 0; n < count; n += 1) {
    const post: Post = new Post({
      send: (bundle, done) => {
        bundles.push(bundle);
        for (const other of posts) if (other !== post) other.receive(bundle.bytes);
        done();
      },
      onCrash: (error) => crashes.push(error),
    });
    posts.push(post);
  }
  return { posts, bundles, crashes };
}

const parcel = (topic: string, body: string | Uint8Array) => ({ topic, body });

describe("the post between workers", () => {
  it("brings parcels to all others, in their order, to the listener of their topic", async () => {
    const { posts } = setUp();
    const heard: unknown[] = [];
    for (const [n, post] of posts.entries()) post.on("a", ({ body }) => heard.push([n, body]));
    const [first] = posts;
    first?.publish(parcel("a", "1"));
    first?.publish(parcel("b", "nobody's"));
    first?.publish(parcel("a", Buffer.from([0, 255])));
    await first?.flush();
    expect(heard).toEqual([
      [1, "1"],
      [1, Buffer.from([0, 255])],
      [2, "1"],
      [2, Buffer.from([0, 255])],
    ]);
  });

  it("sends what comes in one turn as one bundle, without being told", async () => {
    const { posts, bundles } = setUp();
    for (let n = 0; n < 100; n += 1) posts[0]?.publish(parcel("a", String(n)));
    expect(bundles).toHaveLength(0);
    await new Promise((resolve) => setImmediate(resolve));
    expect(bundles).toHaveLength(1);
    posts[0]?.publish(parcel("a", "later"));
    await new Promise((resolve) => setImmediate(resolve));
    expect(bundles).toHaveLength(2);
  });

  it("goes on after a listener that throws", async () => {
    const { posts, crashes } = setUp(2);
    const heard: unknown[] = [];
    posts[1]?.on("a", ({ body }) => {
      if (body === "bad") throw new Error("bad");
      heard.push(body);
    });
    posts[0]?.publish(parcel("a", "bad"));
    posts[0]?.publish(parcel("a", "good"));
    await posts[0]?.flush();
    expect(crashes).toMatchObject([{ message: "bad" }]);
    expect(heard).toEqual(["good"]);
  });

  it("carries presence to every worker, or to the one that is meant", async () => {
    const { posts } = setUp();
    const heard: unknown[] = [];
    let opened = 0;
    const links = posts.map((post, n) => {
      const link = createPresenceLink({ post, countOthers: () => 2, onLost: () => {} });
      link.open(`id${n}`, {
        receive: (message) => void heard.push([n, message]),
        refused: () => {},
        opened: () => {
          opened += 1;
        },
      });
      return link;
    });
    links[0]?.publish("to all");
    links[0]?.tell("id2", "to one");
    links[0]?.tell("id0", "to itself");
    links[0]?.tell("gone", "to nobody");
    await posts[0]?.flush();
    expect(heard).toEqual([
      [1, "to all"],
      [2, "to all"],
      [2, "to one"],
    ]);
    expect(opened).toBe(3);
    expect(await links[0]?.countOthers?.()).toBe(2);
  });
});
