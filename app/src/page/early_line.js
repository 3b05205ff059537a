// Opens the socket while the WASM is still on its way, which takes it over: on a slow network a connection costs as much time
// again. Only where this tab will lead the browser's others: no tab has their lock, and the last line was no other transport.
{
  const Native = window.WebSocket;
  const address = `${location.protocol.replace("http", "ws")}//${location.host}/ws?rooms=true`;
  let early;
  let kept = [];

  const giveUp = () => {
    window.WebSocket = Native;
    early?.close();
    early = undefined;
  };

  const adopt = () => {
    const socket = early;
    early = undefined;
    window.WebSocket = Native;
    socket.onmessage = null;
    // When whoever adopts it listens, and before anything else arrives.
    queueMicrotask(() => {
      for (const data of kept) socket.dispatchEvent(new MessageEvent("message", { data }));
      kept = [];
    });
    return socket;
  };

  const open = async () => {
    const last = sessionStorage.getItem("transport");
    if (last && !last.startsWith("0 ")) return;
    const { held } = await navigator.locks.query();
    if (held.some(({ name }) => name === "madang")) return;
    early = new Native(address, "madang.v1");
    early.onmessage = ({ data }) => kept.push(data);
    // Only the answer to something shows that the line leads both ways.
    early.onopen = () => early?.send('{"type":"ping"}');
    window.WebSocket = function WebSocket(url, protocols) {
      const isIt = early?.url === String(url) && early.readyState <= Native.OPEN;
      return isIt ? adopt() : new Native(url, protocols);
    };
    Object.setPrototypeOf(window.WebSocket, Native);
    window.WebSocket.prototype = Native.prototype;
    // It is not wanted where another tab leads by now, and where no script comes.
    setTimeout(giveUp, 20_000);
    addEventListener("pagehide", giveUp, { once: true });
  };
  open().catch(() => {});
}
