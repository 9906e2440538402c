//! Replies cut out of what the relay sends (RFC 5321, section 4.2). Knows nothing of what was asked.

use memchr::memchr;

/// The most octets of one reply: an endless one is an attack or another protocol.
const LONGEST: usize = 64 * 1024;

/// One reply, its lines joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// Such as 250.
    pub code: u16,
    /// The words of each line, without the code.
    pub lines: Vec<String>,
}

impl Reply {
    /// The lines as one text. An enhanced code that every line repeats (RFC 2034, section 4) is said once.
    pub fn text(&self) -> String {
        let Some((first, rest)) = self.lines.split_first() else { return String::new() };
        let code = first.split(' ').next().filter(|word| word.contains('.')).unwrap_or("\n");
        let mut text = first.clone();
        for line in rest {
            text.push(' ');
            text.push_str(line.strip_prefix(code).unwrap_or(line).trim_start());
        }
        text
    }
}

/// Something that is no reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("what it says is not SMTP")]
pub struct Nonsense;

/// Bytes that came in and are not used up.
#[derive(Debug, Default)]
pub struct Replies {
    bytes: Vec<u8>,
    used: usize,
    open: Option<Reply>,
    size: usize,
}

impl Replies {
    /// Adds what came in.
    pub fn feed(&mut self, bytes: &[u8]) {
        if self.used > 0 {
            self.bytes.drain(..self.used);
            self.used = 0;
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// The next whole reply.
    pub fn next(&mut self) -> Result<Option<Reply>, Nonsense> {
        while let Some(end) = memchr(b'\n', &self.bytes[self.used..]) {
            let line = &self.bytes[self.used..self.used + end];
            self.used += end + 1;
            self.size += end + 1;
            let (code, is_last, words) = parse(line.strip_suffix(b"\r").unwrap_or(line))?;
            let reply = self.open.get_or_insert_with(|| Reply { code, lines: Vec::with_capacity(1) });
            if reply.code != code || self.size > LONGEST {
                return Err(Nonsense);
            }
            reply.lines.push(words);
            if is_last {
                self.size = 0;
                return Ok(self.open.take());
            }
        }
        if self.bytes.len() - self.used > LONGEST { Err(Nonsense) } else { Ok(None) }
    }

    /// Whether nothing is left over: before TLS begins, nothing may have been said that would count as encrypted (CVE-2011-0411).
    pub fn is_empty(&self) -> bool {
        self.used == self.bytes.len() && self.open.is_none()
    }
}

/// Code, whether it is the last line, words.
fn parse(line: &[u8]) -> Result<(u16, bool, String), Nonsense> {
    let digits = line.get(..3).filter(|digits| digits.iter().all(u8::is_ascii_digit)).ok_or(Nonsense)?;
    let code = digits.iter().fold(0, |code, digit| code * 10 + u16::from(digit - b'0'));
    let is_last = match line.get(3) {
        None | Some(b' ') => true,
        Some(b'-') => false,
        Some(_) => return Err(Nonsense),
    };
    if !(200..600).contains(&code) {
        return Err(Nonsense);
    }
    Ok((code, is_last, String::from_utf8_lossy(line.get(4..).unwrap_or_default()).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8]) -> Result<Vec<(u16, String)>, Nonsense> {
        let mut replies = Replies::default();
        let mut found = Vec::new();
        // An octet at a time, as the slowest network might bring them.
        for byte in bytes {
            replies.feed(&[*byte]);
            while let Some(reply) = replies.next()? {
                found.push((reply.code, reply.text()));
            }
        }
        Ok(found)
    }

    #[test]
    fn replies_are_cut_wherever_the_network_cut_them() {
        let found = all(b"250-one\r\n250 two\r\n354 go\n250\r\n").unwrap();
        assert_eq!(found, [(250, "one two".into()), (354, "go".into()), (250, String::new())]);
    }

    #[test]
    fn an_enhanced_code_on_every_line_is_said_once() {
        let found = all(b"550-5.1.1 nobody\r\n550 5.1.1 here\r\n").unwrap();
        assert_eq!(found, [(550, "5.1.1 nobody here".into())]);
    }

    #[test]
    fn what_is_no_reply_is_not_taken_for_one() {
        for bytes in ["hello\r\n", "25 \r\n", "250+x\r\n", "250-a\r\n251 b\r\n", "999 x\r\n"] {
            assert_eq!(all(bytes.as_bytes()), Err(Nonsense), "{bytes}");
        }
        assert_eq!(all(&b"250-x\r\n".repeat(20_000)), Err(Nonsense));
        assert_eq!(all(&b"2".repeat(100_000)), Err(Nonsense));
    }
}
