//! The two forms that nearly every feed writes, read at a glance: RFC 822 in full, RFC 3339 in whole seconds.
//!
//! Must not read anything otherwise than the tolerant reader would: whatever is odd in the least is left to that.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

/// The instant, if it is written in exactly one of these ways.
pub fn parse(text: &str) -> Option<DateTime<Utc>> {
    let bytes = text.as_bytes();
    match bytes.get(4)? {
        b'-' => rfc_3339(bytes),
        _ => rfc_822(bytes),
    }
}

/// `2026-11-20T08:30:00Z`, `2026-11-20T08:30:00+01:00`.
fn rfc_3339(bytes: &[u8]) -> Option<DateTime<Utc>> {
    let (written, zone) = bytes.split_at_checked(19)?;
    if (written[4], written[7], written[10]) != (b'-', b'-', b'T') {
        return None;
    }
    let minutes = match zone {
        b"Z" => 0,
        [sign, hours @ .., b':', minute, second] if hours.len() == 2 => {
            offset(*sign, [hours[0], hours[1], *minute, *second])?
        }
        _ => return None,
    };
    instant(number(&written[..4])?, number(&written[5..7])?, number(&written[8..10])?, &written[11..], minutes)
}

const MONTHS: [&[u8]; 12] =
    [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];

/// `Fri, 20 Nov 2026 08:30:00 +0100`, or ending in `GMT` or `UTC`.
fn rfc_822(bytes: &[u8]) -> Option<DateTime<Utc>> {
    let (written, zone) = bytes.split_at_checked(25)?;
    let apart = written[3] == b',' && [4, 7, 11, 16].iter().all(|at| written[*at] == b' ');
    if !apart || !written[..3].iter().all(u8::is_ascii_alphabetic) {
        return None;
    }
    let month = MONTHS.iter().position(|name| *name == &written[8..11])? as u32 + 1;
    let minutes = match zone {
        b" GMT" | b" UTC" => 0,
        [b' ', sign, digits @ ..] => offset(*sign, digits.try_into().ok()?)?,
        _ => return None,
    };
    instant(number(&written[12..16])?, month, number(&written[5..7])?, &written[17..], minutes)
}

fn instant(year: u32, month: u32, day: u32, time: &[u8], offset: i64) -> Option<DateTime<Utc>> {
    if time.len() != 8 || (time[2], time[5]) != (b':', b':') || !(1971..2100).contains(&year) {
        return None;
    }
    let date = NaiveDate::from_ymd_opt(year.cast_signed(), month, day)?;
    let local = date.and_hms_opt(number(&time[..2])?, number(&time[3..5])?, number(&time[6..])?)?;
    local.checked_sub_signed(TimeDelta::minutes(offset)).map(|at| at.and_utc())
}

/// Minutes east of Greenwich.
fn offset(sign: u8, digits: [u8; 4]) -> Option<i64> {
    let (hours, minutes) = (i64::from(number(&digits[..2])?), i64::from(number(&digits[2..])?));
    let all = hours * 60 + minutes;
    match sign {
        _ if hours > 12 || minutes > 59 => None,
        b'+' => Some(all),
        b'-' => Some(-all),
        _ => None,
    }
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |sum, b| b.is_ascii_digit().then(|| sum * 10 + u32::from(b - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::dates::{Order, closely};

    #[test]
    fn what_feeds_write_is_read_at_a_glance() {
        for (text, expected) in [
            ("Fri, 20 Nov 2026 08:30:00 +0100", "2026-11-20T07:30:00Z"),
            ("Sun, 01 Mar 2026 00:15:09 -0330", "2026-03-01T03:45:09Z"),
            ("Wed, 18 Nov 2026 08:00:00 GMT", "2026-11-18T08:00:00Z"),
            ("2026-11-20T08:30:00+01:00", "2026-11-20T07:30:00Z"),
            ("2026-11-20T08:30:00Z", "2026-11-20T08:30:00Z"),
        ] {
            assert_eq!(parse(text), Some(expected.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn what_is_odd_is_left_to_the_tolerant_reader() {
        for text in [
            "Fri, 20 nov 2026 08:30:00 GMT",
            "Fri, 20 Nov 26 08:30:00 GMT",
            "Fri, 31 Nov 2026 08:30:00 GMT",
            "Fri, 20 Nov 2026 24:00:00 GMT",
            "Fri, 20 Nov 2026 08:30 GMT",
            "Fri, 20 Nov 2026 08:30:00 EST",
            "Fri, 20 Nov 2026 08:30:00",
            "2026-11-20",
            "2026-11-20 08:30:00Z",
            "2026-11-20T08:30:00.5Z",
            "0001-01-01T00:00:00Z",
            "",
            "Fri",
            "ﬁn, 2",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn it_reads_nothing_otherwise_than_the_tolerant_reader(
            text in "((Mon|mar|sun|Xyz), [0-3][0-9] (Jan|Feb|Mar|May|Nov|Dec|feb|Mai) (19|20)[0-9]{2} [0-2][0-9]:[0-6][0-9]:[0-6][0-9]( [+-][01][0-9][0-6]0| GMT| UTC)|\
                    (19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](Z|[+-][01][0-9]:[0-6]0))"
        ) {
            if let Some(at) = parse(&text) {
                proptest::prop_assert_eq!(Some(at), closely(&text, Order::MonthFirst), "{}", text);
            }
        }
    }
}
