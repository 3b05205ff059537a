{
  // Addresses of rooms and messages here, in what people have written: followed in the page, and shown as people name them.
  const address = /^\/rooms\/([^/]+?)(?:\/(\d+))?$/;
  const adopt = (link) => {
    const [, room, seq] = address.exec(link.pathname) ?? [];
    if (link.host !== location.host || link.search || link.hash || !(room || link.pathname === "/")) return;
    try {
      const name = `#${decodeURIComponent(room ?? "lobby")}${seq ? ` › ${seq}` : ""}`;
      if (/^https?:\/\//i.test(link.textContent)) link.textContent = name;
    } catch {
      return;
    }
    link.removeAttribute("target");
    link.setAttribute("href", link.pathname);
  };
  const look = (within) => within.querySelectorAll(".message-text a[target]").forEach(adopt);
  look(document);
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) {
      for (const node of addedNodes) if (node.querySelectorAll) look(node);
    }
  }).observe(document.body, { childList: true, subtree: true });
}
