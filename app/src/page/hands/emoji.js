{
  // The emoji that one has used last are at hand; before there are any, the usual ones.
  const KEY = "recent-emoji";
  const places = [".menu-quick", "#bar"].map((place) => [...document.querySelectorAll(`${place} [data-emoji]`)]);
  const usual = places[0].map((button) => [button.dataset.emoji, button.ariaLabel]);
  const isNamed = (it) => Array.isArray(it) && it.length === 2 && it.every((part) => typeof part === "string");
  const recent = () => {
    try {
      return JSON.parse(localStorage.getItem(KEY)).filter(isNamed);
    } catch {
      return [];
    }
  };
  const first = (named) => {
    const signs = new Set();
    return named.filter(([sign]) => !signs.has(sign) && signs.add(sign)).slice(0, usual.length);
  };
  // They keep their places until the page is loaded again: what one is about to press stays where it is.
  const shown = first([...recent(), ...usual]);
  for (const buttons of places) {
    buttons.forEach((button, at) => {
      const [sign, name] = shown[at];
      button.dataset.emoji = button.textContent = sign;
      button.title = button.ariaLabel = name;
    });
  }
  addEventListener("click", ({ target }) => {
    const button = target.closest?.("[data-act=react][aria-label]");
    if (!button) return;
    try {
      localStorage.setItem(KEY, JSON.stringify(first([[button.dataset.emoji, button.ariaLabel], ...recent()])));
    } catch {}
  });

  // They stand beside the message that is pointed at.
  const bar = document.querySelector("#bar");
  addEventListener("pointerover", ({ target, pointerType }) => {
    const more = target.closest?.(".message")?.querySelector(".message-more");
    if (pointerType === "mouse" && more && bar.parentElement !== more.parentElement) more.after(bar);
  });

  // The list is looked through by what they are called, and gone through by the arrows.
  const listed = () => [...document.querySelectorAll(".emoji-group button:not([hidden])")];
  addEventListener("input", ({ target }) => {
    if (!target.matches(".emoji-search")) return;
    // A syllable that has only begun is not looked for yet.
    const wanted = target.value.replace(/[ㄱ-ㅎㅏ-ㅣ]$/, "").trim().toLowerCase();
    for (const group of document.querySelectorAll(".emoji-group")) {
      for (const button of group.children) button.hidden = !button.dataset.find.includes(wanted);
      group.hidden = group.previousElementSibling.hidden = !group.querySelector("button:not([hidden])");
    }
    document.querySelector(".emoji-list .fragment-empty").hidden = listed().length > 0;
  });
  const far = (one, other) => Math.abs(one.offsetLeft - other.offsetLeft);
  const next = (key, at, all) => {
    const here = all[at];
    const side = { ArrowLeft: -1, ArrowRight: 1 }[key];
    if (side) return all[at + side];
    const rows = key === "ArrowDown" ? all.slice(at) : all.slice(0, at).reverse();
    const { offsetTop } = rows.find((it) => it.offsetTop !== here.offsetTop) ?? here;
    const row = rows.filter((it) => it.offsetTop === offsetTop && it !== here);
    return row.sort((one, other) => far(one, here) - far(other, here))[0];
  };
  addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (event.isComposing || !target.closest(".emoji-list")) return;
    const all = listed();
    const at = all.indexOf(target);
    if (at < 0 && key === "Enter") all[0]?.click();
    else if (at < 0 && key === "ArrowDown") all[0]?.focus();
    else if (at >= 0 && key.startsWith("Arrow")) {
      (next(key, at, all) ?? (key === "ArrowUp" ? document.querySelector(".emoji-search") : target)).focus();
    } else return;
    event.preventDefault();
  });
}
