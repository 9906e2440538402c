// A browser and the demo's pages for the tests of one file: set up before its first test, gone after its last.
import { after, before } from "node:test";
import { launch, withPage } from "./browser.mjs";
import { demo } from "./service.mjs";

/** Call it once at the top of a file. What it returns is filled when the first test begins. */
export function stage() {
  const here = {
    /** A page in a context of its own; see `withPage`. */
    page: (view, look) => withPage(here.browser, view, look),
  };
  before(async () => {
    here.browser = await launch();
    here.service = demo();
    here.base = await here.service.pages();
  });
  after(async () => {
    await here.browser?.close();
    await here.service?.close();
  });
  return here;
}
