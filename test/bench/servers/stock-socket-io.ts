import { createServer } from "node:http";
import { Server } from "socket.io";
import { EVENT, PAYLOAD, ROOM } from "../load.ts";
import { listening } from "./listening.ts";
import { serve } from "./serve.ts";

/** Socket.IO as it comes, with the answer to a join that the members wait for. */
const http = createServer();
const io = new Server(http, { perMessageDeflate: false, serveClient: false });
io.on("connection", (socket) => {
  socket.on("join", (room: string, _params: unknown, answer: (reply: object) => void) => {
    void socket.join(room);
    answer({ status: "ok", response: {} });
  });
});
serve({
  port: await listening(http),
  publish: () => io.to(ROOM).emit(EVENT, PAYLOAD, { room: ROOM }),
});
