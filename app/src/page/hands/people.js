// Those who have said something in the room, as the server knows them, stand below those who are here, but for these.
{
  const list = document.querySelector("#people");
  const now = list?.querySelector(".people-now");
  let here = [];
  let room, later;
  const spoke = () => list.querySelector("#spoke");
  const hide = () => {
    for (const it of spoke().querySelectorAll("a.spoke")) it.parentNode.hidden = here.includes(it.pathname);
    spoke().hidden = !spoke().querySelector("li:not([hidden])");
  };
  const load = async () => {
    if (!list.getClientRects().length) return;
    const asked = (room = location.pathname.split("/")[2] ?? "lobby");
    const answer = await fetch(`/parts/spoke/${room}`).catch(() => {});
    if (!answer?.ok || asked !== room || spoke().contains(document.activeElement)) return;
    spoke().innerHTML = await answer.text();
    hide();
  };
  const changed = () => {
    const before = here;
    here = [...now.querySelectorAll("a.person")].map((it) => it.pathname);
    hide();
    clearTimeout(later);
    // At first there is more urgent to load, and those who are here come one after another.
    if (!room) later = setTimeout(load, 2000);
    else if (room !== (location.pathname.split("/")[2] ?? "lobby")) load();
    // Not all at once when somebody has left.
    else if (!before.every((it) => here.includes(it))) later = setTimeout(load, 2000 + 8000 * Math.random());
  };
  if (now) {
    new MutationObserver(changed).observe(now, { childList: true });
    list.addEventListener("toggle", load);
  }
}
