//! Any fragment through the cleaner: nothing active and no relative link is left. What comes out is read with the parser of browsers' rules, for in the
//! words of an attribute anything may stand. And what goes the short way comes out as by the long one.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scraper::Html;
use url::Url;
use week_in_review::collect::clean::Cleaner;

const ACTIVE: [&str; 16] = [
    "script", "iframe", "frame", "object", "embed", "applet", "svg", "math", "style", "form", "input", "button", "base", "link", "meta", "template",
];

fuzz_target!(|bytes: &[u8]| {
    let html = String::from_utf8_lossy(bytes);
    let base = Url::parse("https://example.org/a/").ok();
    for base in [None, base.as_ref()] {
        let cleaner = Cleaner::new(base);
        let once = cleaner.clean(&html);
        if html.contains(['<', '&']) {
            assert_eq!(once, cleaner.clean_the_long_way(html.trim()), "{html:?}");
        }
        let tree = Html::parse_fragment(once.as_str());
        for element in tree.tree.nodes().filter_map(|node| node.value().as_element()) {
            assert!(!ACTIVE.contains(&element.name()), "{} is left of {html:?}: {once:?}", element.name());
            for (name, value) in element.attrs() {
                assert!(!name.starts_with("on") && name != "style" && name != "srcset", "{name} is left of {html:?}: {once:?}");
                let is_absolute = ["http://", "https://", "mailto:"].iter().any(|scheme| value.starts_with(scheme));
                assert!(is_absolute || !["href", "src", "cite", "action", "poster", "data"].contains(&name), "{name}={value:?} is left of {html:?}: {once:?}");
            }
        }
    }
});
