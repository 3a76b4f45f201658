import { type Commonroom, createCommonroom } from "../../server/index.ts";
import { chatRoom } from "./chat-room.ts";

/**
 * The chat's server: public rooms, and private ones that need a token.
 *
 * @param port 0 takes a free one
 * @param jwtSecret checks the tokens of the private rooms
 */
export function createChatServer(port: number, jwtSecret: string): Commonroom {
  const commonroom = createCommonroom({
    port,
    logLevel: "warn",
    // With a secret, every join needs a token that names the room, but for these rooms.
    auth: { jwtSecret, anonymous: ["room:*"] },
  });
  commonroom.channel("room:*", chatRoom("Everyone may come in."));
  commonroom.channel("private:*", chatRoom("By invitation only."));
  return commonroom;
}
