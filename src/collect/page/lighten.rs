//! A page without what nobody reads, for pages that are too much for a parser as they are. Works on tokens; must not parse.

use crate::collect::guard::{Token, Tokens};

/// A page without its scripts (JSON-LD stays), style sheets, comments and drawings.
pub fn page(html: &str) -> String {
    let mut out = String::with_capacity(html.len() / 2);
    let mut tokens = Tokens::new(html);
    let (mut at, mut drawing, mut keep) = (0, 0_usize, true);
    while let Some(token) = tokens.next() {
        let end = html.len() - tokens.remaining();
        let written = &html[at..end];
        at = end;
        match token {
            Token::Tag(tag) if tag.name.eq_ignore_ascii_case("svg") => {
                drawing = if tag.end { drawing.saturating_sub(1) } else { drawing + usize::from(!tag.self_closing) };
            }
            Token::Tag(_) if drawing > 0 => {}
            Token::Tag(tag) => {
                keep = !tag.name.eq_ignore_ascii_case("style")
                    && (!tag.name.eq_ignore_ascii_case("script")
                        || tag.attribute("type").is_some_and(|kind| kind.eq_ignore_ascii_case("application/ld+json")));
                out.push_str(written);
            }
            Token::Raw(_) if keep && drawing == 0 => out.push_str(written),
            Token::Text(_) if drawing == 0 => out.push_str(written),
            _ => {}
        }
    }
    out
}

/// The head of a page, up to where its body begins.
pub fn head(html: &str) -> Option<&str> {
    let finder = |name: &str| {
        memchr::memchr_iter(b'<', html.as_bytes()).take(20_000).find(|at| {
            html.as_bytes()[at + 1..].get(..name.len()).is_some_and(|tag| tag.eq_ignore_ascii_case(name.as_bytes()))
        })
    };
    html.get(..finder("/head").or_else(|| finder("body"))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_styles_drawings_and_comments_go_and_json_ld_stays() {
        let html = "<head><script>x<y</script><style>p{}</style><script type='application/ld+json'>{}</script></head><body><!-- c --><p>a<svg><g>b</g></svg>c</p>";
        assert_eq!(
            page(html),
            "<head><script></script><style></style><script type='application/ld+json'>{}</script></head><body><p>ac</p>"
        );
        assert_eq!(head(html), html.split("</head>").next());
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(html in "(<[/!]?(svg|script|style|p|--)[ a='\"/]{0,4}>?|\\PC){0,40}") {
            let _ = (page(&html), head(&html));
        }
    }
}
