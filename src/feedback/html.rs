//! Text of a report that exists as HTML alone. Keeps words and line breaks; builds no tree, so that no nesting can stall it.

/// What a reader would see of a fragment, roughly.
pub(super) fn text(html: &str) -> String {
    let mut out = String::with_capacity(html.len() / 2);
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        rest = if rest.starts_with('&') { entity(rest, &mut out) } else { tag(rest, &mut out) };
    }
    out.push_str(rest);
    out
}

/// Elements after which a line ends.
const BREAKS: [&str; 14] = ["br", "p", "div", "tr", "li", "h1", "h2", "h3", "h4", "td", "th", "pre", "table", "hr"];

/// Elements whose content nobody sees.
const HIDDEN: [&str; 4] = ["style", "script", "head", "title"];

/// Steps over a tag; the content of a hidden element too.
fn tag<'a>(rest: &'a str, out: &mut String) -> &'a str {
    let inside = &rest[1..];
    let name_end = inside.find(|c: char| !c.is_ascii_alphanumeric() && c != '/').unwrap_or(inside.len());
    let name = inside[..name_end].trim_matches('/').to_ascii_lowercase();
    // `<jo@example.org>` is an address that somebody forgot to encode.
    if name.is_empty() && !inside.starts_with('!') || inside[name_end..].starts_with(['@', '.', '+', '_', '-']) {
        out.push('<');
        return inside;
    }
    let Some(end) = inside.find('>') else { return "" };
    let after = &inside[end + 1..];
    if BREAKS.contains(&name.as_str()) {
        out.push('\n');
    } else {
        out.push(' ');
    }
    if HIDDEN.contains(&name.as_str()) && !inside.starts_with('/') {
        return closing(after, &name);
    }
    after
}

/// What follows the end tag of an element; nothing, if it never ends.
fn closing<'a>(text: &'a str, name: &str) -> &'a str {
    let ends = text
        .match_indices("</")
        .find(|(at, _)| text.get(at + 2..at + 2 + name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name)));
    ends.map_or("", |(at, _)| &text[at..])
}

fn entity<'a>(rest: &'a str, out: &mut String) -> &'a str {
    let named = [("&lt;", '<'), ("&gt;", '>'), ("&amp;", '&'), ("&quot;", '"'), ("&nbsp;", ' '), ("&apos;", '\'')];
    for (name, c) in named {
        if let Some(tail) = rest.strip_prefix(name) {
            out.push(c);
            return tail;
        }
    }
    let number = rest.strip_prefix("&#").and_then(|tail| {
        // No further than a number is long: a text of these alone must not be searched to its end again and again.
        let end = tail.bytes().take(8).position(|byte| byte == b';')?;
        Some((&tail[..end], &tail[end + 1..]))
    });
    let code = number.and_then(|(digits, tail)| {
        let code = match digits.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => digits.parse().ok()?,
        };
        Some((char::from_u32(code)?, tail))
    });
    if let Some((c, tail)) = code {
        out.push(c);
        return tail;
    }
    out.push('&');
    &rest[1..]
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn words_and_line_breaks_stay() {
        let html = "<html><head><title>x</title><style>p{}</style></head><body><p>Your message<br>to &lt;jo@example.org&gt; <b>failed</b>&#x21;";
        assert_eq!(
            text(html).split_whitespace().collect::<Vec<_>>().join(" "),
            "Your message to <jo@example.org> failed !"
        );
        assert!(text("could not reach <jo@example.org>: no").contains("<jo@example.org>"));
        for odd in ["<", "<style>", "&#", "&#xffffffff;", "<!--", "</"] {
            text(odd);
        }
    }
}
