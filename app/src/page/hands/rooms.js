// A room that is made is there at once, before anything is said in it. Going there is the link's.
{
  addEventListener(
    "click",
    (event) => {
      const link = event.target.closest?.("a[data-make]");
      if (link) fetch("/rooms", { method: "POST", body: new URLSearchParams({ name: link.dataset.make }), redirect: "manual", keepalive: true }).catch(() => {});
    },
    { capture: true },
  );

  // When something last happened in a room, as this browser's clock has it.
  const dialog = document.querySelector("#dialog-content");
  new MutationObserver(() => {
    for (const time of dialog.querySelectorAll("time[data-last]")) {
      const text = clock.near(+time.dataset.last);
      if (time.textContent !== text) time.textContent = text;
    }
  }).observe(dialog, { childList: true, subtree: true });
}
