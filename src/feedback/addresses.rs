//! Finds mail addresses in text as mail systems print them. Judges only their form.

/// Addresses longer than this are none (RFC 5321, section 4.5.3.1).
const LONGEST: usize = 320;

fn in_local(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c) || (!c.is_ascii() && c.is_alphanumeric())
}

fn in_domain(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '.' || c == '_' || (!c.is_ascii() && c.is_alphanumeric())
}

/// All addresses in a text, in their order, each once.
pub(super) fn all(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for (_, address) in places(text) {
        if !found.iter().any(|known| known.eq_ignore_ascii_case(address)) {
            found.push(address.to_owned());
        }
    }
    found
}

/// Every address in a text with the place where it begins.
pub(super) fn places(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut from = 0;
    for (at, _) in text.match_indices('@') {
        if at < from {
            continue;
        }
        let Some((start, end)) = bounds(text, from, at) else { continue };
        found.push((start, &text[start..end]));
        from = end;
    }
    found
}

/// Where the address round an `@` begins and ends.
fn bounds(text: &str, from: usize, at: usize) -> Option<(usize, usize)> {
    let before = &text[from..at];
    let start = match quoted_local(before) {
        Some(start) => from + start,
        None => from + before.trim_end_matches(in_local).len(),
    };
    // `RFC822;name@…`, `'name@…'`, `SMTP=name@…`: what stands before the name is not part of it.
    let local = &text[start..at];
    let lead = local.trim_start_matches(['\'', '`', '.', '=', '*', '/', '{', '|']);
    let lead = lead.strip_prefix("SMTP=").or_else(|| lead.strip_prefix("smtp=")).unwrap_or(lead);
    let start = at - lead.len();
    let after = &text[at + 1..];
    let domain = &after[..after.find(|c| !in_domain(c)).unwrap_or(after.len())];
    let domain = domain.trim_end_matches(['.', '-', '_']);
    // "david...@example.org" is an address that somebody cut short.
    let sound = !lead.is_empty()
        && !lead.contains("...")
        && !domain.is_empty()
        && !domain.starts_with(['.', '-'])
        && !domain.contains("..")
        && (domain.contains('.') || domain.len() > 1)
        && lead.len() + domain.len() < LONGEST;
    sound.then(|| (start, at + 1 + domain.len()))
}

/// `"first last"@example.org`: where the quotation begins.
fn quoted_local(before: &str) -> Option<usize> {
    let inside = before.strip_suffix('"')?;
    let start = inside.rfind('"')?;
    (inside.len() - start <= 66 && !inside[start..].contains('\n')).then_some(start)
}

/// Whether an address belongs to a mail system and not to a person.
pub(super) fn is_machine(address: &str) -> bool {
    let local = address.split('@').next().unwrap_or_default().to_ascii_lowercase();
    let machines =
        ["mailer-daemon", "postmaster", "mailerdaemon", "mailer_daemon", "mail-daemon", "mdaemon", "bounce-handler"];
    machines.iter().any(|machine| local.starts_with(machine)) || local == "postoffice" || local == "mmdf"
}

/// An address in a field of a report: without its type, its angle brackets and its encoding (RFC 3464, section 2.3.2; RFC 3461, section 4;
/// RFC 6533, section 3).
pub(super) fn of_field(value: &str) -> Option<String> {
    let (kind, rest) = match value.split_once(';') {
        Some((kind, rest)) => (kind.trim().to_ascii_lowercase(), rest.trim()),
        None => (String::new(), value.trim()),
    };
    let decoded = if kind.starts_with("utf-8") { utf8_xtext(rest) } else { xtext(rest) };
    let plain = rest.trim_matches(['<', '>', ' ', '"']);
    // Only an encoded `+XX` that leaves an address is one: a plus tag of hexadecimal digits is not.
    let text =
        if kind.starts_with("utf-8") || (decoded != rest && !plain.contains('@')) { decoded } else { rest.to_owned() };
    let found = places(&text);
    // A route (`@a,@b:name@c`) has the address last; else it is the first.
    let pick =
        if text.trim_start().starts_with(['@', '<']) && text.contains(':') { found.last() } else { found.first() };
    pick.map(|(_, address)| (*address).to_owned())
}

fn xtext(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = text.get(at + 1..at + 3).filter(|_| bytes[at] == b'+');
        if let Some(byte) = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            out.push(byte);
            at += 3;
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// `\x{20AC}` is a character.
fn utf8_xtext(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\\x{") {
        out.push_str(before);
        match after.split_once('}').and_then(|(hex, tail)| Some((u32::from_str_radix(hex, 16).ok()?, tail))) {
            Some((code, tail)) => {
                out.extend(char::from_u32(code));
                rest = tail;
            }
            None => rest = after,
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_as_mail_systems_print_them() {
        let cases = [
            ("<jo@example.org>: host mx said", "jo@example.org"),
            ("'jo@example.org' on Thu", "jo@example.org"),
            ("c=US;a= ;p=X;dda:SMTP=jo@example.COM; on Fri", "jo@example.COM"),
            ("\"jo smith\"@example.org...", "\"jo smith\"@example.org"),
            ("550 jo.o'neil+tag@example.co.uk.", "jo.o'neil+tag@example.co.uk"),
        ];
        for (text, address) in cases {
            assert_eq!(all(text), [address], "{text}");
        }
        assert!(all("a @ b, x@, @y, @@").is_empty());
    }

    #[test]
    fn a_fields_address_loses_its_type_and_encoding() {
        let cases = [
            ("rfc822; jo@example.org", "jo@example.org"),
            ("RFC822;<jo@example.org>", "jo@example.org"),
            ("unknown; jo@example.org", "jo@example.org"),
            ("rfc822;jo+2Bnews+40example.org", "jo+news@example.org"),
            ("rfc822;jo+2B@example.org", "jo+2B@example.org"),
            ("utf-8; j\\x{F6}@example.org", "jö@example.org"),
            ("rfc822;@relay.example,@b.example:jo@example.org", "jo@example.org"),
        ];
        for (value, address) in cases {
            assert_eq!(of_field(value).as_deref(), Some(address), "{value}");
        }
        assert_eq!(of_field("x400; /C=US/A=X"), None);
    }
}
