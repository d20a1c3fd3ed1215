import * as regnet from "@regnet/core";

/** What the page shows to the test: the library as a browser sees it. */
declare global {
  var regnetCore: typeof regnet;
}

globalThis.regnetCore = regnet;
