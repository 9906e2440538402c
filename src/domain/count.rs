//! Counts as people read them in English: sentences for editors and operators. What readers see is counted by their language's own texts.

/// A count with its noun: `1 story`, `12,480 readers`.
pub fn counted(count: impl TryInto<u64>, noun: &str) -> String {
    let count = count.try_into().unwrap_or(u64::MAX);
    let plural = match (count, noun) {
        (1, noun) => noun.to_owned(),
        (_, "story") => "stories".to_owned(),
        (_, noun) => format!("{noun}s"),
    };
    format!("{} {plural}", grouped(count))
}

/// A count alone: `12,480`.
pub fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_one_and_thousands_are_told_apart() {
        assert_eq!(counted(1_usize, "story"), "1 story");
        assert_eq!(counted(0_u64, "story"), "0 stories");
        assert_eq!(counted(12_480_u32, "reader"), "12,480 readers");
    }
}
