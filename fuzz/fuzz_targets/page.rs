//! Any bytes as a page, a saved text, Markdown or a mail, and as a page that lists links: always an answer, and within the guard's second.
#![no_main]

use libfuzzer_sys::fuzz_target;
use url::Url;
use week_in_review::collect::{inspect, links};

fuzz_target!(|bytes: &[u8]| {
    let base = Url::parse("https://example.org/2026/11/a-vote/").expect("a constant address parses");
    // The first byte chooses the kind, so that each is reached.
    let (first, rest) = bytes.split_first().unwrap_or((&0, &[]));
    let name = ["a.html", "a.md", "a.txt", "a.eml"][usize::from(*first % 4)];
    let _ = inspect::page(rest, name, Some(&base));
    if name == "a.html" {
        let _ = links::read(rest, None, &base, None);
    }
});
