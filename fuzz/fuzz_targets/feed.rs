//! Any bytes as a feed, a site map or an answer of WordPress: an answer or an error, never a panic, and only clean content in it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use url::Url;
use week_in_review::collect::{inspect, sitemap};

fuzz_target!(|bytes: &[u8]| {
    let base = Url::parse("https://example.org/feed/").ok();
    for url in [None, base.as_ref()] {
        let _ = inspect::feed(bytes, url);
        let _ = sitemap::read(bytes, None, url);
    }
});
