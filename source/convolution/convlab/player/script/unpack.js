// The script that runs in an output by itself: it unpacks the one that the players of a page share, and hands it this
// output's player. Python puts the packed script where its name stands.
(() => {
"use strict";
const packed = "/* packed */", unpacked = window.convlabPlayers ??= {}, loading = document.readyState === "loading";
const own = document.currentScript?.closest(".convlab-player");

// It is run as a script of the page, which is allowed wherever this one is, and returns its function.
async function unpack() {
  // a browser of before 2025 has no fromBase64, which takes a tenth of the time
  const bytes = Uint8Array.fromBase64?.(packed) ?? Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  const parts = new Response(bytes).body.pipeThrough(new DecompressionStream("deflate"));
  const script = document.createElement("script");
  script.text = "convlabPlayers.last=" + await new Response(parts).text();
  document.head.append(script);
  script.remove();
  return unpacked.last;
}
(unpacked[packed] ??= unpack()).then((bring) => {
  for (const root of own ? [own] : document.querySelectorAll(".convlab-player:not(.live)")) bring(root, loading);
});
})();
