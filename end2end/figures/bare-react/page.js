// The least that a chat in React is: a list, an input, and a socket that opens on mount.

import { createElement as h, useEffect, useRef, useState } from 'react';
import { createRoot } from 'react-dom/client';

function ChatApp() {
  const [messages, setMessages] = useState([]);
  const [text, setText] = useState('');
  const [isConnected, setIsConnected] = useState(false);
  const socket = useRef(null);
  useEffect(() => {
    const line = new WebSocket(location.origin.replace('http', 'ws'));
    socket.current = line;
    line.onopen = () => setIsConnected(true);
    line.onmessage = ({ data }) => setMessages((before) => [...before, ...JSON.parse(data)]);
    return () => line.close();
  }, []);
  const send = (event) => {
    event.preventDefault();
    socket.current?.send(JSON.stringify({ text }));
    setText('');
  };
  const rows = messages.map(({ seq, name, text, at }) =>
    h('li', { key: seq, className: 'message' }, h('b', null, name), h('p', null, text), h('time', null, new Date(at).toLocaleTimeString())),
  );
  return h(
    'main',
    null,
    h('h1', { className: 'heading-line', title: isConnected ? 'connected' : '' }, '채팅방'),
    h('ol', null, rows),
    h(
      'form',
      { onSubmit: send },
      h('input', { value: text, onChange: (event) => setText(event.target.value), placeholder: '메시지를 입력하세요' }),
      h('button', null, '보내기'),
    ),
  );
}

createRoot(document.querySelector('#app')).render(h(ChatApp));
