{
  // Where there is a mouse there is a keyboard: one can write at once.
  const input = document.querySelector(".composer-input");
  if (document.activeElement === document.body && matchMedia("(hover: hover)").matches) {
    input?.focus({ preventScroll: true });
  }

  // The timeline is one stop of Tab; what is in a message is one while the message has the focus. What a post that is stuck
  // offers is one always.
  let skipped = [];
  const restore = () => {
    skipped.forEach((it) => (it.localName === "pre" ? (it.tabIndex = 0) : it.removeAttribute("tabindex")));
    skipped = [];
  };
  addEventListener(
    "keydown",
    ({ key, target }) => {
      if (key !== "Tab") return;
      // The key may come again before the timer does.
      restore();
      const here = target.closest(".message");
      const inside = document.querySelectorAll(".message :is(a[href], pre, input, button:not(.message-note *))");
      skipped = [...inside].filter((it) => it.tabIndex === 0 && it.closest(".message") !== here);
      skipped.forEach((it) => (it.tabIndex = -1));
      // The focus has moved: what was drawn is as it was.
      setTimeout(restore);
    },
    true,
  );
}
