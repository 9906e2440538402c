//! One look at a page with headless Chromium, for tests that already have a server. Longer sessions are in `tests/web/`.

use super::process::{program, run};
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// The page at `url` after its scripts ran, as HTML.
pub fn dump_dom(url: &str) -> String {
    look(&["--dump-dom"], url)
}

/// Writes a picture (PNG) of the page at `url`, in a window of `width` times `height` pixels.
pub fn screenshot(url: &str, width: u32, height: u32, file: &Path) {
    look(
        &[&format!("--screenshot={}", file.display()), &format!("--window-size={width},{height}"), "--hide-scrollbars"],
        url,
    );
}

fn look(arguments: &[&str], url: &str) -> String {
    let profile = TempDir::new().expect("a folder for the test can be made");
    let mut command = Command::new("timeout");
    command.arg("60").arg(program("chromium", "chromium"));
    // As root Chromium has no sandbox; the pages are our own. It finds no name but loopback's.
    command.args([
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
    ]);
    command.arg("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost");
    command.arg(format!("--user-data-dir={}", profile.path().display()));
    run(command.args(arguments).arg(url))
}
