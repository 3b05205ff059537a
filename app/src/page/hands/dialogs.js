{
  // What is open over the page is a step of the browser's history: Back closes it, and nothing else.
  const narrow = matchMedia("(width < 48rem)");
  const over = () => [...document.querySelectorAll(narrow.matches ? "dialog[open], :popover-open" : "dialog[open]")];
  const close = (it) => (it.localName === "dialog" ? it.close() : it.hidePopover());
  let returns = false;
  const sync = () => {
    const isOver = over().length > 0;
    if (returns || isOver === Boolean(history.state?.over)) return;
    if (isOver) history.pushState({ over: true }, "");
    else {
      returns = true;
      history.back();
    }
  };
  addEventListener("popstate", (event) => {
    const open = over();
    if (!returns && open.length === 0 && !history.state?.over) return;
    event.stopImmediatePropagation();
    if (!returns) open.forEach(close);
    returns = false;
    sync();
  });
  const changed = () => {
    sync();
    // The browser gives the focus back, unless what had it is gone: then the dialog has it until the next frame.
    setTimeout(() => {
      if (document.activeElement?.matches("body, dialog:not([open]) *")) {
        document.querySelector("#timeline")?.focus({ preventScroll: true });
      }
    });
  };
  for (const dialog of document.querySelectorAll("dialog")) {
    new MutationObserver(changed).observe(dialog, { attributeFilter: ["open"] });
  }
  addEventListener("toggle", sync, true);
  sync();

  // A press outside of a dialog closes it.
  let pressed;
  addEventListener("pointerdown", ({ target }) => (pressed = target));
  addEventListener("click", ({ target, clientX, clientY }) => {
    if (target.localName !== "dialog" || target !== pressed) return;
    const { left, right, top, bottom } = target.getBoundingClientRect();
    if (clientX < left || clientX > right || clientY < top || clientY > bottom) target.close();
  });
}
