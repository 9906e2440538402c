//! Dates as feeds, pages and front matter write them, understood tolerantly.
//!
//! RFC 822 with every zone name in use, ISO 8601 and its W3C profile with parts missing, epoch numbers, months in many languages, Chinese, Japanese,
//! Korean and Vietnamese forms, Persian solar and Buddhist years. A date without a zone is taken as UTC. Must not decide whether a date is believed:
//! `domain::article::believed` does.

mod find;
mod months;
mod usual;

pub use find::find;
use months::{month_in, month_of, solar_month_of};

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};

/// Which number of `3/4/2026` is the month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// As in the United States.
    MonthFirst,
    /// As nearly everywhere else.
    DayFirst,
}

/// Reads a date; `None` when no year, month and day can be made out.
pub fn parse(raw: &str) -> Option<DateTime<Utc>> {
    parse_as(raw, Order::MonthFirst)
}

/// The same where it is known how dates with slashes are meant.
pub fn parse_as(raw: &str, order: Order) -> Option<DateTime<Utc>> {
    usual::parse(raw.trim_ascii()).or_else(|| closely(raw, order))
}

/// Reads a date however it is written.
fn closely(raw: &str, order: Order) -> Option<DateTime<Utc>> {
    let text = normalised(raw);
    let text = text.trim();
    if text.is_empty() || text.len() > 100 {
        return None;
    }
    compact(text).or_else(|| {
        let (date, rest) = date_of(text, order)?;
        let (time, zone) = time_and_zone(&rest);
        // Programs that know no date write their first, the year one.
        instant(date, time, zone).filter(|at| at.year() >= 1_000)
    })
}

/// The day in an address, as archives are built: `/2026/11/20/a-vote`, `/2026-11-20-a-vote`, `/20261120/`.
pub fn in_address(url: &url::Url) -> Option<DateTime<Utc>> {
    let parts: Vec<&str> = url.path_segments().into_iter().flatten().collect();
    let number = |text: &str, digits: std::ops::RangeInclusive<usize>| {
        (digits.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse::<u32>().ok())?
    };
    let day = |year: &str, month: &str, day: &str| {
        let year = number(year, 4..=4).filter(|year| (1995..=2100).contains(year))?;
        NaiveDate::from_ymd_opt(year.cast_signed(), number(month, 1..=2)?, number(day, 1..=2)?)
    };
    let in_parts = parts.windows(3).find_map(|three| day(three[0], three[1], three[2]));
    // A section may stand behind the year: "/2010/POLITICS/08/13/".
    let in_parts = in_parts.or_else(|| parts.windows(4).find_map(|four| day(four[0], four[2], four[3])));
    let in_name = || {
        parts.iter().find_map(|part| {
            let pieces: Vec<&str> = part.split(['-', '_', '.']).collect();
            let apart = pieces.windows(3).find_map(|three| day(three[0], three[1], three[2]));
            let whole =
                || pieces.iter().find(|p| p.len() == 8).and_then(|p| day(p.get(..4)?, p.get(4..6)?, p.get(6..)?));
            apart.or_else(whole)
        })
    };
    Some(in_parts.or_else(in_name)?.and_time(NaiveTime::MIN).and_utc())
}

/// Whether a date names a time of day; without one, only the day is known.
pub fn has_time(raw: &str) -> bool {
    raw.contains(':') || raw.trim().parse::<i64>().is_ok_and(|n| n > 99_999_999)
}

/// What a zone means: a fixed offset, or a place whose offset depends on the date.
#[derive(Clone, Copy)]
enum Zone {
    Offset(i32),
    Place(chrono_tz::Tz),
}

fn instant(date: NaiveDate, time: (NaiveTime, TimeDelta), zone: Zone) -> Option<DateTime<Utc>> {
    let local: NaiveDateTime = date.and_time(time.0).checked_add_signed(time.1)?;
    match zone {
        Zone::Offset(minutes) => {
            let offset = FixedOffset::east_opt(minutes * 60)?;
            offset.from_local_datetime(&local).single().map(|at| at.to_utc())
        }
        Zone::Place(zone) => zone.from_local_datetime(&local).earliest().map(|at| at.to_utc()),
    }
}

/// Digits of other scripts become ASCII, East Asian unit marks become separators, odd spaces become spaces.
fn normalised(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for c in raw.chars().take(200) {
        match c {
            '年' | '月' | '년' | '월' => out.push('-'),
            '日' | '일' | '号' => out.push(' '),
            '時' | '时' | '분' | '分' | '시' => out.push(':'),
            '秒' | '초' => out.push(' '),
            '０'..='９' => out.push(ascii_digit(c as u32 - 0xFF10)),
            '۰'..='۹' => out.push(ascii_digit(c as u32 - 0x06F0)),
            '٠'..='٩' => out.push(ascii_digit(c as u32 - 0x0660)),
            '०'..='९' => out.push(ascii_digit(c as u32 - 0x0966)),
            '০'..='৯' => out.push(ascii_digit(c as u32 - 0x09E6)),
            '๐'..='๙' => out.push(ascii_digit(c as u32 - 0x0E50)),
            '−' | '–' => out.push('-'),
            '\u{200E}' | '\u{200F}' | '\u{FEFF}' => {}
            c if c.is_whitespace() => out.push(' '),
            c => out.extend(c.to_lowercase()),
        }
    }
    if !out.is_ascii() {
        out = with_one_word(&out);
    }
    // "2026-11- 20" and a trailing colon are what the marks above leave behind.
    out.replace("- ", "-")
        .replace("오전", " am ")
        .replace("오후", " pm ")
        .replace("上午", " am ")
        .replace("下午", " pm ")
}

/// Months of several words as one; Vietnamese and Japanese ways to say what stands where.
fn with_one_word(text: &str) -> String {
    const NAMES: [(&str, &str); 4] =
        [("كانون الثاني", "jan"), ("تشرين الأول", "oct"), ("تشرين الثاني", "nov"), ("كانون الأول", "dec")];
    let mut text = NAMES.iter().fold(text.to_owned(), |text, (name, month)| text.replace(name, month));
    if text.contains("tháng ") {
        // "ngày 20 tháng 11 năm 2026": a point puts the day first.
        text = text.replace("ngày ", "").replace(" tháng ", ".").replace(" năm ", ".").replace(", ", ".");
    }
    match text.split_once("令和").and_then(|(before, after)| Some((before, leading_number(after)?))) {
        // The era that began in 2019; its first year is its number one.
        Some((before, (year, (_, rest)))) if year < 100 => format!("{before}{}{rest}", 2018 + year),
        _ => text,
    }
}

fn ascii_digit(value: u32) -> char {
    char::from_digit(value, 10).unwrap_or('0')
}

/// Forms of digits alone: epoch seconds and milliseconds, `YYYYMMDD`, `YYYYMMDDHHMM`, `YYYYMMDDHHMMSS`, `YYYYMMDDTHHMMSSZ`.
fn compact(text: &str) -> Option<DateTime<Utc>> {
    let (digits, fraction) = text.split_once('.').unwrap_or((text, ""));
    let all = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if !digits.is_empty() && all(digits) && all(fraction) {
        let number: i64 = digits.parse().ok()?;
        return match digits.len() {
            8 => at_digits(digits, ""),
            12 | 14 if digits.starts_with("19") || digits.starts_with("20") => at_digits(&digits[..8], &digits[8..]),
            9 | 10 => DateTime::from_timestamp(number, 0),
            12 | 13 => DateTime::from_timestamp_millis(number),
            16 => DateTime::from_timestamp_micros(number),
            _ => None,
        };
    }
    let (day, clock) = text.split_once('t')?;
    let (clock, zone) = clock.split_at(clock.bytes().take_while(u8::is_ascii_digit).count());
    if day.len() != 8 || !all(day) || !matches!(clock.len(), 4 | 6) {
        return None;
    }
    let base = at_digits(day, clock)?;
    match zone_of(zone).unwrap_or(Zone::Offset(0)) {
        Zone::Offset(minutes) => base.checked_sub_signed(TimeDelta::minutes(minutes.into())),
        Zone::Place(_) => Some(base),
    }
}

fn at_digits(day: &str, clock: &str) -> Option<DateTime<Utc>> {
    let part = |text: &str, from: usize, to: usize| text.get(from..to).map_or(Some(0), |s| s.parse::<u32>().ok());
    let date = NaiveDate::from_ymd_opt(day.get(..4)?.parse().ok()?, part(day, 4, 6)?, part(day, 6, 8)?)?;
    Some(date.and_hms_opt(part(clock, 0, 2)?, part(clock, 2, 4)?, part(clock, 4, 6)?.min(59))?.and_utc())
}

/// The day, and the text without it.
fn date_of(text: &str, order: Order) -> Option<(NaiveDate, String)> {
    iso_date(text).or_else(|| numeric_date(text, order)).or_else(|| worded_date(text))
}

/// `2026-11-20`, `2026/11/20`, `2026.11.20`, `2026-11`, `2026`, `2026-324`, `2026-w47-5` at the beginning; a weekday may stand before.
fn iso_date(text: &str) -> Option<(NaiveDate, String)> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    if text[..start].contains(|c: char| c.is_alphabetic()) && month_in(&text[..start]) {
        return None;
    }
    let text = &text[start..];
    let year: i32 = text.get(..4).filter(|y| y.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()?;
    let rest = &text[4..];
    if rest.is_empty() {
        return Some((NaiveDate::from_ymd_opt(year, 1, 1)?, String::new()));
    }
    let separator = rest.chars().next().filter(|c| matches!(c, '-' | '/' | '.'))?;
    let rest = &rest[1..];
    if let Some(week) = rest.strip_prefix('w') {
        let number: u32 = week.get(..2)?.parse().ok()?;
        let day = week.get(3..4).and_then(|d| d.parse::<u8>().ok()).unwrap_or(1);
        let weekday = chrono::Weekday::try_from(day.checked_sub(1)?).ok()?;
        return Some((NaiveDate::from_isoywd_opt(year, number, weekday)?, String::new()));
    }
    let (month, rest) = leading_number(rest.trim_start())?;
    if rest.0 == 3 {
        return Some((NaiveDate::from_yo_opt(year, month)?, rest.1.to_owned()));
    }
    match rest.1.strip_prefix(separator).and_then(|rest| leading_number(rest.trim_start())) {
        Some((day, (_, rest))) => Some((gregorian(year, month, day)?, rest.to_owned())),
        None => Some((gregorian(year, month, 1)?, rest.1.to_owned())),
    }
}

/// A number at the beginning, how many digits it had, and what follows.
fn leading_number(text: &str) -> Option<(u32, (usize, &str))> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    Some((text.get(..length)?.parse().ok()?, (length, &text[length..])))
}

/// A day by its numbers; years of the Persian solar calendar are converted.
fn gregorian(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
    if (1300..=1500).contains(&year) {
        return solar_hijri(year, month, day);
    }
    NaiveDate::from_ymd_opt(common_era(year), month, day)
}

/// Years of the Buddhist era, as Thailand counts them, are 543 ahead.
fn common_era(year: i32) -> i32 {
    if (2_500..=2_650).contains(&year) { year - 543 } else { year }
}

/// Jalali → Gregorian by the 33-year cycle, exact for the years 1300 to 1500 but for a few leap days.
fn solar_hijri(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let before = (month - 1) * 31 - month.saturating_sub(7);
    let years = i64::from(year) - 1;
    // Leap years of the cycle: 8 in every 33 years; 1 Farvardin 1 is 19 March 622 (Julian), day 226,896 of the common era.
    let leaps = years.div_euclid(33) * 8 + (years.rem_euclid(33) + 3) / 4;
    let days = 226_894 + years * 365 + leaps + i64::from(before) + i64::from(day);
    NaiveDate::from_num_days_from_ce_opt(i32::try_from(days).ok()?)
}

/// `11/20/2026`, `20.11.2026`, `20-11-26`, `20 11 2026`: a slash does as the order says unless that is impossible, everything else puts the day first.
fn numeric_date(text: &str, order: Order) -> Option<(NaiveDate, String)> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let (first, (_, rest)) = leading_number(&text[start..])?;
    let separator = rest.chars().next().filter(|c| matches!(c, '/' | '.' | '-' | ' '))?;
    let (second, (_, rest)) = leading_number(rest[1..].trim_start())?;
    let (third, (digits, rest)) = leading_number(rest.strip_prefix(separator)?.trim_start())?;
    if separator == ' ' && digits != 4 {
        return None;
    }
    let year = full_year(third, digits)?;
    let month_first = separator == '/' && (second > 12 || (first <= 12 && order == Order::MonthFirst));
    let (day, month) = if month_first { (second, first) } else { (first, second) };
    Some((
        NaiveDate::from_ymd_opt(year, month, day).or_else(|| NaiveDate::from_ymd_opt(year, day, month))?,
        rest.to_owned(),
    ))
}

fn full_year(number: u32, digits: usize) -> Option<i32> {
    let year = i32::try_from(number).ok()?;
    match digits {
        4 => Some(common_era(year)),
        // RFC 2822, 4.3: two digits below 50 are of this century, three digits count from 1900.
        2 if year < 69 => Some(2000 + year),
        2 | 3 => Some(1900 + year),
        _ => None,
    }
}

/// `Fri, 20 Nov 2026 …`, `November 20, 2026`, `20-Nov-26`, `20. Dezember 2026`.
fn worded_date(text: &str) -> Option<(NaiveDate, String)> {
    let (mut day, mut month, mut year, mut solar) = (None, None, None, None);
    let mut rest = Vec::new();
    // A hyphen inside a date is a separator, a hyphen before digits after the time is a zone.
    for word in text.split([' ', ',']).filter(|w| !w.is_empty()) {
        if word.contains(':') || ((month.is_some() || solar.is_some()) && day.is_some() && year.is_some()) {
            rest.push(word.to_owned());
            continue;
        }
        for part in word.split(['-', '/']).filter(|p| !p.is_empty()) {
            let digits = part.trim_end_matches(|c: char| !c.is_ascii_digit());
            let number = digits.parse::<u32>().ok().filter(|_| digits.bytes().all(|b| b.is_ascii_digit()));
            match number {
                Some(n) if digits.len() == 4 && year.is_none() => year = full_year(n, 4),
                Some(n) if day.is_none() && (1..=31).contains(&n) => {
                    day = Some(n);
                    // "20Nov": what hangs on the day may be the month, else it is "th".
                    month = month_of(&part[digits.len()..]).or(month);
                }
                Some(n) if year.is_none() && day.is_some() => year = full_year(n, digits.len()),
                // A number that is neither day nor year: this is no date.
                Some(_) => return None,
                // A later month wins: in "mar., 03 févr. 2026" the first was a weekday.
                None => match (solar_month_of(part), month_of(part)) {
                    (Some(found), _) => solar = Some(found),
                    (None, Some(found)) => month = Some(found),
                    (None, None) => rest.push(part.to_owned()),
                },
            }
        }
        if word.starts_with(['+', '-']) && word.len() > 1 {
            rest.push(word.to_owned());
        }
    }
    let date = match solar.filter(|_| year.is_some_and(|year| (1300..=1500).contains(&year))) {
        Some(solar) => solar_hijri(year?, solar, day.unwrap_or(1))?,
        None => NaiveDate::from_ymd_opt(year?, month?, day.unwrap_or(1))?,
    };
    Some((date, rest.join(" ")))
}

/// The time of day (with a day's carry for 24:00) and the zone; midnight UTC where they are missing.
fn time_and_zone(text: &str) -> ((NaiveTime, TimeDelta), Zone) {
    let midnight = (NaiveTime::MIN, TimeDelta::zero());
    let text = text.trim_start_matches(['t', ' ', ',', ':', '@']).replace(" um ", " ").replace(" at ", " ");
    // A colon after a word introduces the date: "Posted: …".
    let in_time = |at: &usize| text[..*at].ends_with(|c: char| c.is_ascii_digit());
    let Some(colon) = text.match_indices(':').map(|(at, _)| at).find(in_time) else {
        return hour_alone(&text).unwrap_or((midnight, zone_of(&text).unwrap_or(Zone::Offset(0))));
    };
    let start = text[..colon]
        .rfind(|c: char| !c.is_ascii_digit())
        .map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8));
    let Some((hour, (_, rest))) = leading_number(&text[start..]) else { return (midnight, Zone::Offset(0)) };
    let (minute, rest) = part_after(rest, ':');
    let (second, rest) = part_after(rest, ':');
    let rest = rest.strip_prefix(['.', ',']).map_or(rest, |r| r.trim_start_matches(|c: char| c.is_ascii_digit()));
    let (hour, rest) = half_day(hour, &text[..start], rest);
    let carry = if hour == 24 { TimeDelta::days(1) } else { TimeDelta::zero() };
    let time = NaiveTime::from_hms_opt(hour % 24, minute.min(59), second.min(59)).filter(|_| hour <= 24);
    let zone = zone_of(rest).unwrap_or(Zone::Offset(0));
    (time.map_or(midnight, |time| (time, carry)), zone)
}

/// A time without colons: `8 am`, `20h`, `20h30`, `20.30`, `203000`; words such as "à" may stand before.
fn hour_alone(text: &str) -> Option<((NaiveTime, TimeDelta), Zone)> {
    let text = text.trim_start_matches(|c: char| !c.is_ascii_digit() && !matches!(c, '+' | '-'));
    let (number, (digits, after)) = leading_number(text)?;
    let rest = after.trim_start();
    let (hour, minute, second, rest) = if let Some(minutes) = rest.strip_prefix('h') {
        let (minute, (_, rest)) = leading_number(minutes).unwrap_or((0, (0, minutes)));
        (number, minute, 0, rest)
    } else if rest.starts_with("am") || rest.starts_with("pm") {
        let (hour, rest) = half_day(number, "", rest);
        (hour, 0, 0, rest)
    } else if after.starts_with('.') {
        let (minute, rest) = part_after(after, '.');
        let (second, rest) = part_after(rest, '.');
        (number, minute, second, rest)
    } else {
        match digits {
            4 => (number / 100, number % 100, 0, rest),
            6 => (number / 10_000, number / 100 % 100, number % 100, rest),
            _ => return None,
        }
    };
    let time = NaiveTime::from_hms_opt(hour, minute, second)?;
    Some(((time, TimeDelta::zero()), zone_of(rest).unwrap_or(Zone::Offset(0))))
}

fn part_after(text: &str, separator: char) -> (u32, &str) {
    match text.strip_prefix(separator).and_then(leading_number) {
        Some((number, (_, rest))) => (number, rest),
        None => (0, text),
    }
}

/// Twelve-hour clocks; the mark may stand before (Korean) or after.
fn half_day<'a>(hour: u32, before: &str, rest: &'a str) -> (u32, &'a str) {
    let after = rest.trim_start();
    let mark = |m: &str| [m.to_owned(), format!("{}.{}.", &m[..1], &m[1..])];
    for (names, afternoon) in [(mark("am"), false), (mark("pm"), true)] {
        let stripped = names.iter().find_map(|name| after.strip_prefix(name.as_str()));
        // "America/New_York" is no morning.
        let stripped = stripped.filter(|rest| !rest.starts_with(char::is_alphabetic));
        if stripped.is_some() || before.trim().ends_with(names[0].as_str()) {
            let hour = match (hour, afternoon) {
                (12, false) => 0,
                (1..=11, true) => hour + 12,
                _ => hour,
            };
            return (hour, stripped.unwrap_or(after));
        }
    }
    (hour, rest)
}

/// A zone: `z`, `+0100`, `+01:00`, `+1`, `gmt+1`, `utc`, `cet`, `europe/berlin`, `+0100 (cet)`; `None` when there is none that is known.
fn zone_of(text: &str) -> Option<Zone> {
    let text = text.trim_start_matches([' ', ',', '(', '[', ':']);
    if let Some(offset) = numeric_zone(text) {
        return Some(Zone::Offset(offset));
    }
    let end = text.find(|c: char| !(c.is_ascii_alphabetic() || c == '/' || c == '_')).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    if matches!(name, "gmt" | "utc" | "ut") {
        return Some(Zone::Offset(numeric_zone(rest.trim_start()).unwrap_or(0)));
    }
    if name.contains('/') {
        let place = chrono_tz::TZ_VARIANTS.iter().find(|zone| zone.name().eq_ignore_ascii_case(name))?;
        return Some(Zone::Place(*place));
    }
    let named = named_zone(name).or_else(|| {
        let standard = [("eastern", -5), ("central", -6), ("mountain", -7), ("pacific", -8)];
        let (_, hours) = standard.iter().find(|(zone, _)| *zone == name)?;
        let is_summer = rest.trim_start().starts_with("daylight");
        (is_summer || rest.trim_start().starts_with("standard")).then_some((hours + i32::from(is_summer)) * 60)
    });
    named.map(Zone::Offset)
}

/// Minutes east of UTC of `+0100`, `+01:00`, `-5`, `+530`.
fn numeric_zone(text: &str) -> Option<i32> {
    let sign = match text.chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    let (number, (digits, rest)) = leading_number(&text[1..])?;
    let (hours, minutes) = match digits {
        1 | 2 => (number, rest.strip_prefix(':').and_then(leading_number).map_or(0, |(m, _)| m)),
        3 | 4 => (number / 100, number % 100),
        _ => return None,
    };
    // Beyond these no clock on Earth is set.
    (hours <= 14 && minutes < 60).then(|| sign * (hours * 60 + minutes) as i32)
}

fn named_zone(name: &str) -> Option<i32> {
    let quarters = match name {
        "z" | "wet" | "gmt" | "utc" | "ut" | "zulu" => 0,
        "cet" | "met" | "mez" | "bst" | "west" | "wat" | "ist-ie" => 4,
        "cest" | "mesz" | "mest" | "eet" | "sast" | "cat" | "oez" => 8,
        "eest" | "msk" | "eat" | "trt" | "ast-ar" => 12,
        "irst" => 14,
        "msd" | "gst" | "samt" => 16,
        "irdt" | "aft" => 18,
        "pkt" | "uzt" => 20,
        "ist" => 22,
        "npt" => 23,
        "ict" | "wib" => 28,
        "sgt" | "hkt" | "awst" | "pht" => 32,
        "jst" | "kst" => 36,
        "acst" => 38,
        "aest" => 40,
        "acdt" => 42,
        "aedt" => 44,
        "nzst" => 48,
        "nzdt" => 52,
        "brt" | "art" | "adt" => -12,
        "ast" | "edt" | "clt" => -16,
        "nst" => -14,
        "ndt" => -10,
        "est" | "cdt" | "pet" | "cot" | "et" => -20,
        "cst" | "mdt" | "ct" => -24,
        "mst" | "pdt" | "mt" => -28,
        "pst" | "akdt" | "pt" => -32,
        "akst" => -36,
        "hst" => -40,
        _ => return None,
    };
    Some(quarters * 15)
}

#[cfg(test)]
mod tests;
