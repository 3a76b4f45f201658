import * as v from "valibot";
import { expectTypeOf, it } from "vitest";
import { z } from "zod";
import { accept, type Commonroom, reject, reply } from "../../server/index.ts";

/** Never called: what counts is that it compiles. */
function declare(commonroom: Commonroom): void {
  commonroom.channel("room:*", {
    params: z.object({ name: z.string().transform((name) => name.length) }),
    join(candidate, params) {
      expectTypeOf(params).toEqualTypeOf<{ name: number }>();
      expectTypeOf(candidate.id).toEqualTypeOf<string>();
      return params.name > 0 ? accept({ size: params.name }) : reject("empty");
    },
    joined: (member) => {
      expectTypeOf(member.state).toEqualTypeOf<{ size: number }>();
    },
    on: {
      zod: {
        payload: z.object({ n: z.number().optional() }),
        handle(member, payload) {
          expectTypeOf(payload).toEqualTypeOf<{ n?: number | undefined }>();
          expectTypeOf(member.state.size).toEqualTypeOf<number>();
          return reply({ n: payload.n });
        },
      },
      valibot: {
        payload: v.object({ text: v.string() }),
        handle: async (_member, payload) => {
          expectTypeOf(payload).toEqualTypeOf<{ text: string }>();
        },
      },
      unchecked: {
        handle: (_member, payload) => {
          expectTypeOf(payload).toEqualTypeOf<unknown>();
        },
      },
    },
    leave: (member, reason) => {
      expectTypeOf(member.state.size).toEqualTypeOf<number>();
      expectTypeOf(reason).toExtend<string>();
    },
  });
}

it("types flow from the schemas of params and payloads to the handlers", () => {
  expectTypeOf(declare).toBeFunction();
});
