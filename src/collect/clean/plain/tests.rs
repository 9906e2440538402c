//! The short way held against the long one.

use super::*;
use crate::collect::clean::Cleaner;
use crate::collect::prose;
use proptest::prelude::*;

/// Both ways, where the short one can be gone.
fn both(html: &str, base: Option<&str>) -> Option<(String, String)> {
    let base = base.map(|base| Url::parse(base).unwrap());
    let html = html.trim();
    let short = clean(html, base.as_ref())?;
    let long = Cleaner::new(base.as_ref()).clean_the_long_way(html);
    Some((prose::standing(&short).into_owned(), long.as_str().to_owned()))
}

#[rustfmt::skip]
const PIECES: [&str; 64] = [
    "<p>", "</p>", "<b>", "</b>", "<a href=\"/x\">", "</a>", "<ul>", "</ul>", "<li>", "</li>", "<div>", "</div>", "<h1>", "</h1>", "<h3>", "</h3>",
    "<span class='a'>", "</span>", "<font color=red>", "</font>", "<br>", "<br/>", "<br />", "<hr>", "<img src='/a.png' width=640>",
    "<img src=\"https://ex.org/1.gif\" height='1'>", "<img alt=x>", "<section>", "</section>", "<blockquote>", "</blockquote>", "<i>", "</i>", "<p/>",
    "<figure>", "</figure>", "<!-- words -->", "<!-->", "<!--a--b-->", "&amp;", "&nbsp;", "&#8217;", "&#x92;", "&lang;", "&eacute", "&copy=1", "& ",
    "&#xFDD0;", "<script>", "</script>", "<svg>", "<table>", "<td>", "<style>", "<", ">", "\"", "\u{A0}", "\u{AD}", "\n", " ", "words", "<a>",
    "<A HREF=x>",
];

fn address() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("/a?b=1&c=2".to_owned()),
        Just("https://ex.org/a&amp;b".to_owned()),
        Just("javascript:alert(1)".to_owned()),
        Just("mailto:a@ex.org".to_owned()),
        Just(" https:\\\\ex.org/ x".to_owned()),
        Just("data:text/html,x".to_owned()),
        "(https?:|//|HTTP://|java&#115;cript:|[?#]|&Tab;|\u{1}javascript:)?(/){0,2}[a-z.&;=\\\\ ]{0,12}",
    ]
}

fn attribute() -> impl Strategy<Value = String> {
    prop_oneof![
        address().prop_map(|address| format!(" href=\"{address}\"")),
        address().prop_map(|address| format!(" src='{address}'")),
        "( title| alt| lang| dir| width| height| start| class| style| onclick| id| data-x)(='(en|rtl|640|1|100%|a &amp; b|&quot;|>|é|x<y)'|=5|=\"\"|=|)",
    ]
}

fn markup() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        proptest::sample::select(&PIECES[20..64]).prop_map(str::to_owned),
        "[a-z ]{0,6}(&(amp|lt|hellip|quot|#39|#x2026);)?[é\u{A0}\u{200B}.]?",
        prop::collection::vec(attribute(), 0..5).prop_map(|all| format!("<img{}>", all.concat())),
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        let names = prop_oneof![
            Just("p"),
            Just("b"),
            Just("a"),
            Just("ul"),
            Just("li"),
            Just("div"),
            Just("h2"),
            Just("h1"),
            Just("em"),
            Just("span"),
            Just("blockquote"),
            Just("font"),
            Just("center"),
            Just("ol"),
            Just("code"),
            Just("article"),
            Just("figure"),
            Just("q"),
            Just("u"),
        ];
        let inside = prop::collection::vec(inner, 0..5).prop_map(|all| all.concat());
        (names, prop::collection::vec(attribute(), 0..4), inside)
            .prop_map(|(name, attributes, inside)| format!("<{name}{}>{inside}</{name}>", attributes.concat()))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]
    #[test]
    fn what_goes_the_short_way_comes_out_as_by_the_long_one(html in markup(), with_base in any::<bool>()) {
        if let Some((short, long)) = both(&html, with_base.then_some("https://ex.org/a/b")) {
            prop_assert_eq!(short, long, "{}", html);
        }
    }

    #[test]
    fn what_is_badly_nested_is_never_understood_otherwise(pieces in prop::collection::vec(proptest::sample::select(&PIECES[..]), 0..12)) {
        let html = pieces.concat();
        if let Some((short, long)) = both(&html, Some("https://ex.org/a/b")) {
            prop_assert_eq!(short, long, "{}", html);
        }
    }
}

#[test]
fn what_newsrooms_write_goes_the_short_way() {
    for html in [
        "<p>The <a href=\"/a?b=1&c=2\" target=\"_blank\">vote</a> failed &#8211; <strong>again</strong>&hellip;</p>\n\n<p><img src=\"https://ex.org/p.jpg\" alt=\"A &quot;b&quot;\" width=\"640\" height=\"480\" /></p>",
        "<!-- wp:list --><ul class=\"x\"><li>One <em>two</em></li><li><p>three</p></li></ul><!-- /wp:list -->",
        "<figure><img src='/p.jpg'><figcaption>Ann Smith &copy; Paper</figcaption></figure><h1>More</h1><section><div>x</div></section>",
    ] {
        let (short, long) = both(html, Some("https://ex.org/a/b")).expect("the short way can be gone");
        assert_eq!(short, long);
    }
}

#[test]
fn what_parsers_look_closer_at_goes_the_long_way() {
    for html in [
        "<p>a<p>b",
        "<b><i>x</b></i>",
        "<p><div>x</div></p>",
        "<a href=x><a href=y>z</a></a>",
        "<li>x</li>",
        "<table><tr><td>x</td></tr></table>",
        "<p/>",
        "<img src=x/>",
        "<img src=a src=b>",
        "<svg></svg>",
        "<script>x</script>",
        "a < b",
        "<p title='<section>'>x</p>",
        "&eacute",
        "&lang;",
        "<!-- a -- b -->",
        "<!-->x-->",
        "<![CDATA[x]]>",
        "<?x?>",
        "</p>",
        "<P>x</P>",
        "<p\u{c}>x</p>",
        "<p a=b'c>x</p>",
        "<a =x>y</a>",
        "a\r\nb<br>",
    ] {
        assert_eq!(clean(html, None), None, "{html}");
    }
    assert_eq!(clean(&"<b>".repeat(DEPTH + 1), None), None);
}
