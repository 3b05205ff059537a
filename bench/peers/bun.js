// Bun's WebSocket `publish` (uWebSockets): every frame to everyone, nothing stored.
const pad = "x".repeat(Number(process.env.BENCH_PAD_BYTES ?? 0));

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch(request, server) {
    if (!server.upgrade(request)) return new Response("this speaks WebSocket only", { status: 426 });
  },
  websocket: {
    open(socket) {
      socket.subscribe("lobby");
    },
    message(_socket, text) {
      const { message } = JSON.parse(text);
      server.publish("lobby", JSON.stringify({ type: "message", message, pad }));
    },
  },
});

console.error(`listening on http://127.0.0.1:${server.port}`);
