// Light and dark: as the system wishes, until the user wishes otherwise.
const wish = matchMedia("(prefers-color-scheme: dark)");
function dress(theme) {
  document.documentElement.dataset.theme = theme;
  byId("theme").setAttribute("aria-pressed", String(theme === "dark"));
  refresh(true);
}

byId("theme").addEventListener("click", () => {
  dress(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
});
wish.addEventListener("change", () => dress(wish.matches ? "dark" : "light"));
