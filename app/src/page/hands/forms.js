{
  // What is amiss with a field is said beside it, not in a bubble of the browser's.
  const { nameMissing, messageMissing } = document.querySelector("#settings").dataset;
  const why = document.createElement("p");
  why.className = "field-why";
  why.role = "alert";
  const take = (field) => {
    field.ariaInvalid = null;
    why.remove();
  };
  const refuse = (event, field) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    document.querySelectorAll("[aria-invalid]").forEach(take);
    field.ariaInvalid = true;
    field.form.append(why);
    why.textContent = field.name === "message" ? messageMissing : nameMissing;
    field.focus();
  };
  addEventListener("invalid", (event) => refuse(event, event.target), true);
  addEventListener(
    "submit",
    (event) => {
      const { message } = event.target.elements;
      if (message && !message.value.trim()) refuse(event, message);
    },
    true,
  );
  addEventListener("input", ({ target }) => {
    if (target.ariaInvalid) take(target);
  });
}
