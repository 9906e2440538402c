//! The relaxed canonical forms that a signature is computed over (RFC 6376, section 3.4).

use std::borrow::Cow;

use memchr::{memchr, memchr_iter, memmem};

/// Cuts a message at the empty line after its headers.
pub fn split(message: &[u8]) -> (&[u8], &[u8]) {
    match memmem::find(message, b"\r\n\r\n") {
        Some(at) => (&message[..at + 2], &message[at + 4..]),
        None => (message, b""),
    }
}

/// The header fields, each with its folded lines.
pub fn fields(head: &[u8]) -> Vec<&[u8]> {
    let mut out = Vec::new();
    let mut start = 0;
    for end in memchr_iter(b'\n', head).map(|at| at + 1) {
        let continues = head.get(end).is_some_and(|next| matches!(next, b' ' | b'\t'));
        if !continues {
            out.push(&head[start..end]);
            start = end;
        }
    }
    if start < head.len() {
        out.push(&head[start..]);
    }
    out
}

/// The name of a field, as it is spelled there.
pub fn field_name(field: &[u8]) -> &[u8] {
    let colon = memchr(b':', field).unwrap_or(0);
    field[..colon].trim_ascii_end()
}

/// The relaxed form of one field, without a line end (RFC 6376, section 3.4.2).
pub fn relax_header(field: &[u8], out: &mut Vec<u8>) {
    let colon = memchr(b':', field).unwrap_or(0);
    out.extend(field_name(field).iter().map(u8::to_ascii_lowercase));
    out.push(b':');
    let mut words = field[colon + 1..].split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    out.extend_from_slice(words.next().unwrap_or_default());
    for word in words {
        out.push(b' ');
        out.extend_from_slice(word);
    }
}

/// The relaxed form of a body (RFC 6376, section 3.4.4).
pub fn relaxed_body(body: &[u8]) -> Cow<'_, [u8]> {
    if is_relaxed(body) { Cow::Borrowed(body) } else { Cow::Owned(relax_body(body)) }
}

/// Whether a body is in relaxed form as it stands.
pub fn is_relaxed(body: &[u8]) -> bool {
    body.ends_with(b"\r\n") && !body.ends_with(b"\r\n\r\n") && body != b"\r\n" && !has_loose_space(body)
}

/// Whether there is a tab, a space before another, or one before a line end. Looks at every octet without a branch, so that it is done for many at
/// once; searches stop at each of the thousands of spaces that are well.
#[expect(clippy::needless_bitwise_bool, reason = "a branch at each octet is what takes the time")]
fn has_loose_space(body: &[u8]) -> bool {
    let is_loose = |byte: u8, next: u8| (byte == b'\t') | ((byte == b' ') & ((next == b' ') | (next == b'\r')));
    let followed = body.iter().zip(body.iter().skip(1));
    followed.fold(false, |found, (byte, next)| found | is_loose(*byte, *next)) || body.last() == Some(&b'\t')
}

fn relax_body(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() + 2);
    let mut end_of_text = 0;
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let start = out.len();
        relax_line(line.strip_suffix(b"\r").unwrap_or(line), &mut out);
        let is_empty = out.len() == start;
        out.extend_from_slice(b"\r\n");
        if !is_empty {
            end_of_text = out.len();
        }
    }
    out.truncate(end_of_text);
    out
}

fn relax_line(line: &[u8], out: &mut Vec<u8>) {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t');
    let mut pending = line.first().is_some_and(is_space);
    for word in line.split(is_space).filter(|word| !word.is_empty()) {
        if pending {
            out.push(b' ');
        }
        out.extend_from_slice(word);
        pending = true;
    }
}
