//! A date among other words: "Von Ann am 03.05.2013, 11:51 | 2 Meinungen". Finds where it stands; `parse_as` says which instant it is.

use super::months::{is_letter, is_weekday, month_of, solar_month_of};
use super::{Order, leading_number, parse_as};
use chrono::{DateTime, Datelike, Utc};
use std::ops::Range;

/// The first date of a text, and where it stands. Day, month and year must all be there.
pub fn find(text: &str, order: Order) -> Option<(Range<usize>, DateTime<Utc>)> {
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let begins = (c.is_numeric() && !before.is_numeric() || c.is_alphabetic() && !before.is_alphabetic())
            && !matches!(before, '.' | '-' | '/' | '_' | ':');
        before = c;
        if !begins {
            continue;
        }
        let rest = &text[at..];
        let Some(length) = date_length(rest) else { continue };
        let longer = length + time_length(&rest[length..]);
        let candidates = [longer, length];
        let read = candidates.iter().find_map(|length| Some((*length, parse_as(&rest[..*length], order)?)));
        if let Some((length, found)) = read.filter(|(_, found)| (1990..=2100).contains(&found.year())) {
            return Some((at..at + length, found));
        }
    }
    None
}

/// How long the date at the beginning of a text is.
fn date_length(text: &str) -> Option<usize> {
    let length = if text.starts_with(|c: char| c.is_numeric()) {
        year_first(text)
            .or_else(|| year_and_word(text))
            .or_else(|| numbers(text))
            .or_else(|| day_first(text))
            .or_else(|| vietnamese(text))
    } else {
        month_first(text)
    }?;
    // "2016-11-2 345" is a date, "2016-11-2345" is none.
    (!text[length..].starts_with(|c: char| c.is_ascii_digit())).then_some(length)
}

/// Digits of any script at the beginning: how many, and the bytes they take.
fn digits(text: &str) -> Option<(usize, usize)> {
    let count = text.chars().take_while(|c| c.is_numeric()).count();
    let bytes = text.chars().take(count).map(char::len_utf8).sum();
    (count > 0).then_some((count, bytes))
}

/// `2026-11-20`, `2026/11/20`, `2026.11.20`, `2026年11月20日`.
fn year_first(text: &str) -> Option<usize> {
    let (4, mut at) = digits(text)? else { return None };
    for _ in 0..2 {
        let rest = text[at..].trim_start_matches(' ');
        let mark = rest.chars().next().filter(|c| matches!(c, '-' | '/' | '.' | '年' | '月' | '년' | '월'))?;
        let rest = rest[mark.len_utf8()..].trim_start_matches(' ');
        let (1..=2, length) = digits(rest)? else { return None };
        at = text.len() - rest.len() + length;
    }
    let end = text[at..].chars().next().filter(|c| matches!(c, '日' | '일'));
    Some(at + end.map_or(0, char::len_utf8))
}

/// `20.11.2026`, `20. 11. 2026`, `11/20/26`.
fn numbers(text: &str) -> Option<usize> {
    let (1..=2, mut at) = digits(text)? else { return None };
    let mark = text[at..].chars().next().filter(|c| matches!(c, '.' | '/' | '-'))?;
    let after = |at: usize| text[at..].strip_prefix(mark).map(|rest| rest.trim_start_matches(' '));
    let rest = after(at)?;
    let (1..=2, length) = digits(rest)? else { return None };
    at = text.len() - rest.len() + length;
    let rest = after(at)?;
    let (count, length) = digits(rest)?;
    (count == 4 || (count == 2 && mark != '-')).then_some(text.len() - rest.len() + length)
}

/// `20 November 2026`, `20. Dezember 2026`, `1er mai 2026`, `3 de enero de 2026`.
fn day_first(text: &str) -> Option<usize> {
    let (1..=2, at) = digits(text)? else { return None };
    let rest = without_ordinal(&text[at..]);
    let rest = without_joint(rest);
    let word = first_word(rest)?;
    let lower = word.to_lowercase();
    month_of(&lower).or_else(|| solar_month_of(&lower))?;
    year_after(text, &rest[word.len()..])
}

/// `2026. november 20.`, `2026 m. lapkričio 20 d.`
fn year_and_word(text: &str) -> Option<usize> {
    let (4, at) = digits(text)? else { return None };
    let rest = text[at..].trim_start_matches(['.', ' ', ',', '\u{A0}']);
    let rest = rest.strip_prefix("m. ").unwrap_or(rest);
    let word = first_word(rest)?;
    month_of(&word.to_lowercase())?;
    let rest = rest[word.len()..].trim_start_matches(['.', ' ', '\u{A0}']);
    let (1..=2, length) = digits(rest)? else { return None };
    Some(text.len() - rest.len() + length)
}

/// `20 tháng 11, 2026`, `20 tháng 11 năm 2026`.
fn vietnamese(text: &str) -> Option<usize> {
    let (1..=2, at) = digits(text)? else { return None };
    let rest =
        text[at..].trim_start().strip_prefix("tháng").or_else(|| text[at..].trim_start().strip_prefix("Tháng"))?;
    let rest = rest.trim_start();
    let (1..=2, length) = digits(rest)? else { return None };
    let rest = rest[length..].trim_start_matches([',', ' ']);
    let rest = rest.strip_prefix("năm").unwrap_or(rest).trim_start();
    let (4, length) = digits(rest)? else { return None };
    Some(text.len() - rest.len() + length)
}

/// `November 20, 2026`, `Nov. 20th 2026`.
fn month_first(text: &str) -> Option<usize> {
    let word = first_word(text)?;
    let lower = word.to_lowercase();
    if word.chars().count() < 3 || is_weekday(&lower) {
        return None;
    }
    month_of(&lower)?;
    let rest = text[word.len()..].trim_start_matches(['.', ' ', '\u{A0}', '-', '/']);
    let (1..=2, length) = digits(rest)? else { return None };
    year_after(text, without_ordinal(&rest[length..]))
}

fn first_word(text: &str) -> Option<&str> {
    let end = text.find(|c: char| !is_letter(c)).unwrap_or(text.len());
    text.get(..end).filter(|word| !word.is_empty())
}

/// The end of the year that follows a day and a month.
fn year_after(whole: &str, rest: &str) -> Option<usize> {
    let rest = without_joint(rest.trim_start_matches(['.', ',']));
    let (4, length) = digits(rest)? else { return None };
    Some(whole.len() - rest.len() + length)
}

fn without_ordinal(text: &str) -> &str {
    const MARKS: [&str; 8] = ["st", "nd", "rd", "th", "er", "º", "°", "."];
    MARKS.iter().find_map(|mark| text.strip_prefix(*mark)).unwrap_or(text)
}

/// Blanks, commas and the little words between the parts: "de", "of", "del".
fn without_joint(text: &str) -> &str {
    let mut text = text.trim_start_matches([' ', '\u{A0}', ',', '-', '/', '\n', '\t']);
    for joint in ["de ", "of ", "del ", "di ", "do "] {
        if let Some(start) = text.get(..joint.len()).filter(|start| start.eq_ignore_ascii_case(joint)) {
            text = text[start.len()..].trim_start();
        }
    }
    text
}

/// How much of what follows a date is its time of day: `T10:00Z`, `, 11:51`, ` um 14:56 Uhr`, ` - 8:02 pm UTC`.
fn time_length(text: &str) -> usize {
    let joint = text.char_indices().find(|(_, c)| c.is_ascii_digit()).filter(|(at, _)| {
        *at <= 8
            && text[..*at]
                .chars()
                .all(|c| c.is_alphabetic() || matches!(c, ' ' | ',' | '-' | '|' | '@' | '·' | '\u{A0}'))
    });
    let Some((start, _)) = joint else { return 0 };
    let Some((_, (1..=2, rest))) = leading_number(&text[start..]) else { return 0 };
    if !rest.starts_with(':') {
        return 0;
    }
    let clock =
        rest.bytes().take_while(|b| b.is_ascii_digit() || matches!(b, b':' | b'.' | b'+' | b'-' | b'Z' | b'z')).count();
    let mut end = text.len() - rest.len() + clock;
    for _ in 0..2 {
        let word = text[end..].split(' ').nth(1).filter(|_| text[end..].starts_with(' '));
        let known = |word: &str| {
            let word = word.trim_end_matches([',', '.', ')']).to_ascii_lowercase();
            matches!(word.as_str(), "am" | "pm" | "a.m" | "p.m" | "uhr" | "z")
                || (word.len() <= 5 && super::named_zone(word.as_str()).is_some())
        };
        match word.filter(|word| known(word)) {
            Some(word) => end += 1 + word.len(),
            None => break,
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> String {
        find(text, Order::DayFirst).map(|(_, at)| at.date_naive().to_string()).unwrap_or_default()
    }

    #[test]
    fn a_date_is_found_among_words() {
        for (text, expected) in [
            ("Von Christian am 03.05.2013, 11:51 | 0 Meinungen", "2013-05-03"),
            ("Gespeichert von rasos am 24. Juli 2017 - 18:55", "2017-07-24"),
            ("Posted by Ann on November 3rd, 2025 in Politics", "2025-11-03"),
            ("Le 26 juin 2019", "2019-06-26"),
            ("(18.01.2018) Landwirte zittern", "2018-01-18"),
            ("Publicado el 3 de enero de 2024 a las 10:30", "2024-01-03"),
            ("发布时间：2023年11月17日 10:22", "2023-11-17"),
            ("入力 2024.02.05. 午前", "2024-02-05"),
            ("Stand: 1.4.18", "2018-04-01"),
            ("am 12.11.16", "2016-11-12"),
            ("Updated 5/4/2020, 8:02 pm UTC", "2020-04-05"),
            ("تاريخ النشر: ٢٠٢٤/٠٣/٠٤", "2024-03-04"),
            ("Budapest, 2024. március 4. hétfő", "2024-03-04"),
            ("Paskelbta 2024 m. kovo 4 d.", "2024-03-04"),
            ("Thứ Hai, 4 tháng 3, 2024", "2024-03-04"),
            ("फ़ैसला 4 मार्च 2024 को", "2024-03-04"),
            ("אתמול, 4 במרץ 2024", "2024-03-04"),
            ("دوشنبه ۱۴ اسفند ۱۴۰۲", "2024-03-04"),
            ("เมื่อ 4 มีนาคม 2567", "2024-03-04"),
        ] {
            assert_eq!(day(text), expected, "{text}");
        }
        let (range, at) = find("Am 24. Juli 2017 - 18:55", Order::DayFirst).unwrap();
        assert_eq!(
            (&"Am 24. Juli 2017 - 18:55"[range], at.to_rfc3339().as_str()),
            ("24. Juli 2017 - 18:55", "2017-07-24T18:55:00+00:00")
        );
        let us = find("Updated 5/4/2020", Order::MonthFirst).unwrap().1;
        assert_eq!(us.date_naive().to_string(), "2020-05-04");
    }

    #[test]
    fn what_is_no_date_is_not_taken_for_one() {
        for text in [
            "version 3.11.7",
            "call 555-12-3456",
            "30. Februar 2018",
            "room 12 in 2019",
            "in 2019",
            "May 2019",
            "192.168.10.12",
            "1/2 of 2019 votes",
            "page 3-4-5",
        ] {
            assert_eq!(day(text), "", "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(\\PC|[0-9]{1,4}[-./: ]|(Nov|mai|年|月)){0,30}") {
            if let Some((range, _)) = find(&text, Order::MonthFirst) {
                proptest::prop_assert!(text.get(range).is_some());
            }
        }
    }
}
