// Node's `ws`, broadcasting as its own README does: every frame to everyone, nothing stored.
import { WebSocket, WebSocketServer } from "ws";

const pad = "x".repeat(Number(process.env.BENCH_PAD_BYTES ?? 0));
const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });

server.on("connection", (socket) => {
  socket.on("message", (text) => {
    const { message } = JSON.parse(text);
    const frame = JSON.stringify({ type: "message", message, pad });
    for (const client of server.clients) {
      if (client.readyState === WebSocket.OPEN) client.send(frame);
    }
  });
});

server.on("listening", () => {
  console.error(`listening on http://127.0.0.1:${server.address().port}`);
});
