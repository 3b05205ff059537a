// Those who have said something in the room, as the server knows them, stand below those who are here, but for these.
{
  const list = document.querySelector("#people");
  const now = list?.querySelector(".people-now");
  const PATIENCE_MS = 60_000;
  let here = [];
  let room, later;
  let againAt = 0;
  const spoke = () => list.querySelector("#spoke");
  const shown = () => location.pathname.split("/")[2] ?? "lobby";
  const hide = () => {
    for (const it of spoke().querySelectorAll("a.spoke")) it.parentNode.hidden = here.includes(it.pathname);
    spoke().hidden = !spoke().querySelector("li:not([hidden])");
  };
  const load = async () => {
    later = clearTimeout(later);
    if (!list.getClientRects().length) return;
    const asked = (room = shown());
    const drawn = await fetch(`/parts/spoke/${room}`)
      .then((answer) => answer.ok && answer.text())
      .catch(() => {});
    // The room may be another by now.
    if (!drawn || asked !== shown() || spoke().contains(document.activeElement)) return;
    spoke().innerHTML = drawn;
    hide();
  };
  const again = () => {
    againAt = Date.now() + PATIENCE_MS;
    load();
  };
  const changed = () => {
    const before = here;
    here = [...now.querySelectorAll("a.person")].map((it) => it.pathname);
    hide();
    // At first there is more urgent to load, and those who are here come one after another.
    if (!room) later ??= setTimeout(load, 2000);
    else if (room !== shown()) load();
    // However many come and go, each page asks now and then, and not all at once.
    else if (!before.every((it) => here.includes(it))) {
      later ??= setTimeout(again, Math.max(2000, againAt - Date.now()) + 8000 * Math.random());
    }
  };
  if (now) {
    new MutationObserver(changed).observe(now, { childList: true });
    list.addEventListener("toggle", load);
  }
}
