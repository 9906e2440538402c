//! What stands around an article and is none of it: cookie notices, registration walls, links to other stories, share buttons.
//!
//! Recognised by what such texts say in several languages, never by one site's words alone. Pure functions over text.

use crate::collect::guard::{Token, Tokens};
use crate::collect::prose;

/// Whether a paragraph is a cookie or consent notice.
pub fn is_consent(text: &str) -> bool {
    let text = text.to_lowercase();
    let cookie = ["cookie", "tracking technolog", "کوکی"].iter().any(|word| text.contains(word));
    let about = [
        "privacy",
        "consent",
        "agree",
        "similar technologies",
        "advertising",
        "preferences",
        "datenschutz",
        "einwilligung",
        "zustimm",
        "confidentialité",
        "accepte",
        "privacidad",
        "acept",
        "informativa",
    ];
    let gdpr = text.contains("by using our site, you agree")
        || text.contains("by continuing to use this")
        || text.contains("we value your privacy");
    (cookie && about.iter().any(|word| text.contains(word))) || gdpr
}

/// Whether a story says of itself that somebody paid for it: in a mark before its headline, a label, or a part of its address.
pub fn is_sponsored<'a>(title: &str, labels: impl IntoIterator<Item = &'a str>, url: Option<&url::Url>) -> bool {
    const LABELS: [&str; 24] = [
        "sponsored",
        "sponsored content",
        "sponsored post",
        "sponsor content",
        "sponsor message",
        "partner content",
        "paid content",
        "paid post",
        "paid partnership",
        "advertorial",
        "advertisement",
        "advertisement feature",
        "brand studio",
        "brandvoice",
        "promoted",
        "promoted content",
        "anzeige",
        "gesponsert",
        "publireportage",
        "contenu sponsorisé",
        "contenido patrocinado",
        "patrocinado",
        "رپورتاژ آگهی",
        "إعلان",
    ];
    let reads = |text: &str, label: &str| {
        let letters = text.chars().map(|c| if matches!(c, '-' | '_') { ' ' } else { c });
        text.len() == label.len() && letters.flat_map(char::to_lowercase).eq(label.chars())
    };
    let is_mark = |text: &str| LABELS.iter().any(|label| reads(text.trim(), label));
    let marked = title.split_once(':').is_some_and(|(mark, _)| is_mark(mark))
        || title
            .strip_prefix(['[', '('])
            .and_then(|rest| rest.split_once([']', ')']))
            .is_some_and(|(mark, _)| is_mark(mark));
    let in_address = || {
        let mut parts = url.into_iter().flat_map(|url| url.path_segments().into_iter().flatten());
        parts.any(is_mark)
    };
    marked || labels.into_iter().any(is_mark) || in_address()
}

/// Whether a paragraph asks to register, sign in or pay before one may read on.
pub fn is_wall(text: &str) -> bool {
    const WALLS: [&str; 26] = [
        "to continue reading",
        "continue reading this article",
        "continue reading by",
        "keep reading by",
        "to keep reading",
        "to read the full",
        "to read this article",
        "for unlimited access",
        "get unlimited access",
        "unlock this article",
        "this article is for subscribers",
        "this content is for subscribers",
        "subscribers only",
        "subscriber-only",
        "already a subscriber",
        "already a member",
        "create a free account",
        "register to read",
        "register for free to",
        "you have reached your",
        "weiterlesen mit",
        "jetzt registrieren und weiterlesen",
        "abonnieren und weiterlesen",
        "réservé aux abonnés",
        "solo para suscriptores",
        "برای خواندن ادامه",
    ];
    let text = text.to_lowercase();
    if text.chars().count() > 400 {
        return false;
    }
    let asks = [
        "regist",
        "subscri",
        "sign in",
        "sign up",
        "log in",
        "account",
        "member",
        "unlimited",
        "free",
        "abonn",
        "anmeld",
        "abonné",
        "suscri",
        "ثبت",
    ];
    WALLS.iter().any(|wall| text.contains(wall)) && asks.iter().any(|word| text.contains(word))
}

/// Whether a line opens a part that belongs to the page and not to the article: everything after it goes.
pub fn opens_other_stories(line: &str) -> bool {
    const HEADS: [&str; 36] = [
        "next for you",
        "read next",
        "up next",
        "more for you",
        "related",
        "related articles",
        "related stories",
        "related content",
        "related news",
        "related posts",
        "you may also like",
        "you might also like",
        "recommended",
        "recommended for you",
        "recommended reading",
        "most read",
        "most popular",
        "trending",
        "trending now",
        "more stories",
        "more news",
        "more from us",
        "latest news",
        "editor's picks",
        "editors' picks",
        "don't miss",
        "what to read next",
        "comments",
        "leave a comment",
        "leave a reply",
        "share this article",
        "share this",
        "das könnte sie auch interessieren",
        "mehr zum thema",
        "lire aussi",
        "à lire aussi",
    ];
    let line = line.trim().trim_end_matches([':', '…', '.']).replace('’', "'").to_lowercase();
    HEADS.contains(&line.as_str()) || (line.starts_with("more from ") && line.split_whitespace().count() <= 6)
}

/// Whether a line is part of a page's furniture: navigation, buttons, an advertisement's label.
pub fn is_furniture(line: &str) -> bool {
    const LINES: [&str; 47] = [
        "skip to content",
        "skip to main content",
        "menu",
        "home",
        "search",
        "sign in",
        "log in",
        "login",
        "register",
        "subscribe",
        "subscribe now",
        "share",
        "tweet",
        "print",
        "email",
        "e-mail",
        "save",
        "copy link",
        "facebook",
        "twitter",
        "x",
        "linkedin",
        "whatsapp",
        "telegram",
        "reddit",
        "advertisement",
        "ad",
        "sponsored",
        "anzeige",
        "publicité",
        "publicidad",
        "back to top",
        "close",
        "follow us",
        "follow",
        "listen",
        "listen to this article",
        "print this page",
        "print this article",
        "email this article",
        "add to favorites",
        "bookmark",
        "font size",
        "loading…",
        "loading...",
        "newsletter",
        "sign up",
    ];
    let line = line.trim().trim_matches(['|', '»', '›', '>', '•', '·']).trim().to_lowercase();
    LINES.contains(&line.as_str())
}

/// Whether a paragraph leads to another story, or asks for an address: its first words say so, and what follows is short.
pub fn is_leading_away(text: &str) -> bool {
    const STARTS: [&str; 30] = [
        "read more:",
        "read more about",
        "read also:",
        "also read:",
        "also on",
        "read:",
        "see also:",
        "related:",
        "more:",
        "don't miss:",
        "watch:",
        "recommended:",
        "lesen sie auch:",
        "lesen sie auch",
        "lies auch:",
        "mehr zum thema:",
        "lire aussi",
        "à lire aussi",
        "lea también:",
        "lee también:",
        "leggi anche:",
        "lees ook:",
        "leia também:",
        "leia mais:",
        "czytaj też:",
        "читайте также",
        "ayrıca okuyun:",
        "اقرأ أيضا",
        "بیشتر بخوانید",
        "延伸阅读：",
    ];
    const ASKS: [&str; 9] = [
        "sign up for our newsletter",
        "sign up to our newsletter",
        "subscribe to our newsletter",
        "get our newsletter",
        "sign up for the newsletter",
        "newsletter abonnieren",
        "abonnez-vous à notre newsletter",
        "suscríbete a nuestra newsletter",
        "iscriviti alla newsletter",
    ];
    let text = text.trim().replace('’', "'").to_lowercase();
    let length = text.chars().count();
    length <= 220 && STARTS.iter().any(|start| text.starts_with(start)) && !text.ends_with(['.', '”', '"'])
        || length <= 300 && ASKS.iter().any(|ask| text.contains(ask))
}

/// Drops blocks of markup whose text is a notice; says whether a wall was among them.
pub fn without(html: &str) -> (String, bool) {
    let mut out = String::with_capacity(html.len());
    let mut walled = false;
    for block in blocks(html) {
        let text = prose::to_text(block);
        let wall = is_wall(&text);
        walled |= wall;
        let consent = text.chars().count() < 1_500 && is_consent(&text);
        // Only what links away leads away.
        let away = is_leading_away(&text)
            && block.starts_with("<p")
            && (block.contains("<a") || text.to_lowercase().contains("newsletter"));
        if !wall && !consent && !away {
            out.push_str(block);
        }
    }
    (out, walled)
}

/// Markup cut at its paragraphs: each `<p>…</p>` alone, and what stands between them.
fn blocks(html: &str) -> Vec<&str> {
    let mut cuts = vec![0];
    let mut at = 0;
    let mut tokens = Tokens::new(html);
    let mut open = None;
    while let Some(token) = tokens.next() {
        let end = html.len() - tokens.remaining();
        if let Token::Tag(tag) = &token
            && tag.name.eq_ignore_ascii_case("p")
        {
            if !tag.end {
                open = Some(at);
            } else if let Some(start) = open.take() {
                cuts.push(start);
                cuts.push(end);
            }
        }
        at = end;
    }
    cuts.push(html.len());
    cuts.windows(2).filter(|pair| pair[0] < pair[1]).map(|pair| &html[pair[0]..pair[1]]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paid_stories_say_so() {
        let url = |text: &str| url::Url::parse(text).unwrap();
        assert!(is_sponsored("Sponsored: a bank you can trust", [], None));
        assert!(is_sponsored("[Anzeige] Eine Bank", [], None));
        assert!(is_sponsored("A bank", ["Finance", "Partner Content"], None));
        assert!(is_sponsored("A bank", ["sponsored-content"], None));
        assert!(is_sponsored("A bank", [], Some(&url("https://ex.org/paid-post/a-bank"))));
        assert!(!is_sponsored(
            "Who sponsored the vote: a list",
            ["Sponsors"],
            Some(&url("https://ex.org/sponsors-of-war"))
        ));
    }

    #[test]
    fn notices_are_told_from_articles_about_them() {
        assert!(is_consent("We use cookies and similar technologies. See our privacy policy."));
        assert!(!is_consent("Grandmother's cookies won the county fair for the third time."));
        assert!(is_wall("Continue reading this article by registering and get unlimited access to:"));
        assert!(is_wall("To continue reading, sign in or create a free account."));
        assert!(!is_wall("Voters will continue reading the bill on Monday."));
        assert!(opens_other_stories("Related articles:") && opens_other_stories("More from Politics"));
        assert!(!opens_other_stories("Related to this are the talks in Vienna, which began on Monday."));
        assert!(is_furniture(" | Print ") && !is_furniture("Print is not dead"));
    }

    #[test]
    fn paragraphs_that_lead_to_other_stories_are_left_out() {
        let html = "<p>One.</p><p>Read more: <a href=x>Another story of the town</a></p><p><b>Also read:</b> <a href=y>One more</a></p>\
            <p>Sign up for our newsletter and get the best stories in your inbox.</p><p>Read: the word on the wall says so.</p><p>Two.</p>";
        assert_eq!(without(html).0, "<p>One.</p><p>Read: the word on the wall says so.</p><p>Two.</p>");
    }

    #[test]
    fn blocks_of_markup_lose_their_notices() {
        let (kept, walled) =
            without("<div><p>One.</p><p>Subscribers only: sign in to continue reading.</p><p>Two <b>b</b>.</p></div>");
        assert_eq!((kept.as_str(), walled), ("<div><p>One.</p><p>Two <b>b</b>.</p></div>", true));
    }
}
