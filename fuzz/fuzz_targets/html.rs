//! Any fragment through the cleaner: nothing active and no relative link is left, and cleaning twice changes nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use url::Url;
use week_in_review::collect::clean::Cleaner;

fuzz_target!(|bytes: &[u8]| {
    let html = String::from_utf8_lossy(bytes);
    let base = Url::parse("https://example.org/a/").ok();
    for base in [None, base.as_ref()] {
        let cleaner = Cleaner::new(base);
        let once = cleaner.clean(&html);
        let lower = once.as_str().to_ascii_lowercase();
        for active in ["<script", "<iframe", "<object", "<embed", "<svg", "<math", "<style", "<form", "<base", "<link", "<meta", "href=\"javascript:", "src=\"data:"] {
            assert!(!lower.contains(active), "{active} is left of {html:?}: {once:?}");
        }
        // A space before: the end of an address may look like an attribute, but holds no space.
        for link in [" href=\"", " src=\""] {
            for value in lower.split(link).skip(1) {
                let absolute = ["http://", "https://", "mailto:"].iter().any(|scheme| value.starts_with(scheme));
                // The words of a text may look like an attribute; those of a tag stand behind an angle bracket.
                let in_tag = lower.find(&format!("{link}{value}")).is_some_and(|at| lower[..at].rfind('<') > lower[..at].rfind('>'));
                assert!(absolute || !in_tag, "a relative link is left of {html:?}: {once:?}");
            }
        }
    }
});
