{
  // A message that is held opens its menu, a reaction says whose it is.
  const HOLD_MS = 500;
  const STILL_PX = 10;
  let timer, from, isHeld;
  const hold = (target, pointer) => {
    const row = target.closest(".message");
    const more = row.querySelector(".message-more");
    isHeld = true;
    if (target.closest(".reaction")) {
      const who = document.createElement("button");
      who.dataset.act = "reactions";
      who.hidden = true;
      row.append(who);
      who.click();
      who.remove();
    } else if (more) {
      more.click();
      // Otherwise the finger that goes up would be taken for one that presses beside the menu, and close it.
      document.querySelector("#menu:popover-open")?.setPointerCapture(pointer);
    }
  };
  const end = () => clearTimeout(timer);
  addEventListener("pointerdown", ({ target, pointerType, pointerId, isPrimary, clientX, clientY }) => {
    end();
    isHeld = false;
    from = pointerType === "touch" && isPrimary && target.closest(".message") && !target.closest("a, pre") && [clientX, clientY];
    if (from) timer = setTimeout(() => hold(target, pointerId), HOLD_MS);
  });
  addEventListener("pointermove", ({ clientX, clientY }) => {
    if (from && Math.hypot(clientX - from[0], clientY - from[1]) > STILL_PX) end();
  });
  addEventListener("pointerup", end);
  addEventListener("pointercancel", end);
  addEventListener("contextmenu", (event) => from && event.preventDefault());
  // Neither a press of what is below the finger nor the focus comes of it.
  addEventListener("touchend", (event) => isHeld && event.cancelable && event.preventDefault());
}
