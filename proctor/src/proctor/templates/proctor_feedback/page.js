// Browsers that open what is folded by themselves (for a link into it, for printing) need none of this.
(() => {
  const folded = document.getElementById("proctor-notebook");
  const follow = () => {
    const name = decodeURIComponent(location.hash.slice(1));
    const found = name && (document.getElementById(name) || document.getElementsByName(name)[0]);
    if (found && folded.contains(found) && !folded.open) {
      folded.open = true;
      found.scrollIntoView();
    }
  };
  addEventListener("hashchange", follow);
  addEventListener("beforeprint", () => { folded.open = true; });
  follow();
})();
