import type { Handlers } from "../wire/request.ts";
import type { Channels } from "./channels.ts";

/** Makes the handlers of the requests that append to channels and read from them. */
export function createChannelHandlers(
  channels: Pick<Channels, "append" | "read">,
): Handlers<"channelappendmsg" | "channelreadmsg"> {
  return {
    channelappendmsg: (request, { signer }) => channels.append(request, signer),
    channelreadmsg: (request, { signer }) => channels.read(request, signer),
  };
}
