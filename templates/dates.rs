//! Dates as readers of a language write them. The only place that asks chrono for names of months and days.

use crate::templates::texts::Texts;
use crate::templates::writing::isolate;
use chrono::{DateTime, Datelike, NaiveDate};
use chrono_tz::Tz;
use fluent_bundle::FluentValue;

/// Persian names of the months as CLDR has them; the C library's list, which chrono carries, spells two of them with Arabic letters.
const PERSIAN_MONTHS: [&str; 12] =
    ["ژانویهٔ", "فوریهٔ", "مارس", "آوریل", "مهٔ", "ژوئن", "ژوئیهٔ", "اوت", "سپتامبر", "اکتبر", "نوامبر", "دسامبر"];

/// The name of a date's month.
pub fn month(date: NaiveDate, texts: &Texts) -> String {
    if texts.code() == "fa" {
        return PERSIAN_MONTHS[date.month0() as usize].to_owned();
    }
    date.format_localized("%B", texts.locale()).to_string()
}

/// The name of a date's weekday: short where the script shortens, whole where it does not.
pub fn weekday(date: NaiveDate, texts: &Texts) -> String {
    let pattern = if texts.direction() == crate::domain::text::Direction::Rtl { "%A" } else { "%a" };
    date.format_localized(pattern, texts.locale()).to_string()
}

/// `20 November 2026`.
pub fn day(date: NaiveDate, texts: &Texts) -> String {
    texts.say_with(
        "date-day",
        [("day", number(date.day())), ("month", month(date, texts).into()), ("year", year(date, texts))],
    )
}

/// `13–20 November 2026`, `27 November – 4 December 2026`, `28 December 2026 – 3 January 2027`; one day stays one.
pub fn range(first: NaiveDate, last: NaiveDate, texts: &Texts) -> String {
    let (from, to) = (("from", number(first.day())), ("to", number(last.day())));
    let months = || (("first", month(first, texts).into()), ("last", month(last, texts).into()));
    if first == last {
        day(last, texts)
    } else if first.year() != last.year() {
        texts.say_with("date-range", [("first", day(first, texts).into()), ("last", day(last, texts).into())])
    } else if first.month() != last.month() {
        let (one, other) = months();
        texts.say_with("date-range-months", [from, one, to, other, ("year", year(last, texts))])
    } else {
        let (one, _) = months();
        texts.say_with("date-range-same-month", [from, to, ("month", one.1), ("year", year(last, texts))])
    }
}

/// `20–22 November` without its year, for what is near.
pub fn days(first: NaiveDate, last: NaiveDate, texts: &Texts) -> String {
    let day = |date: NaiveDate| {
        texts.say_with("date-day-month", [("day", number(date.day())), ("month", month(date, texts).into())])
    };
    if first == last {
        day(first)
    } else if (first.year(), first.month()) == (last.year(), last.month()) {
        let (from, to) = (("from", number(first.day())), ("to", number(last.day())));
        texts.say_with("date-days", [from, to, ("month", month(last, texts).into())])
    } else {
        texts.say_with("date-range", [("first", day(first).into()), ("last", day(last).into())])
    }
}

/// `20 November 2026, 17:00 GMT`.
pub fn minute(at: DateTime<Tz>, texts: &Texts) -> String {
    let time = isolate(&texts.local_digits(&at.format("%H:%M %Z").to_string()), texts.direction());
    format!("{}{}{time}", day(at.date_naive(), texts), texts.say("list-comma"))
}

fn number(day: u32) -> FluentValue<'static> {
    FluentValue::from(day)
}

fn year(date: NaiveDate, texts: &Texts) -> FluentValue<'static> {
    FluentValue::from(texts.local_digits(&date.year().to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text::Language;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn span(first: &str, last: &str, language: &str) -> String {
        range(date(first), date(last), Texts::of(&Language::parse(language).unwrap()))
    }

    #[test]
    fn a_range_says_nothing_twice() {
        assert_eq!(span("2026-11-13", "2026-11-20", "en"), "13–20 November 2026");
        assert_eq!(span("2026-11-27", "2026-12-04", "en"), "27 November – 4 December 2026");
        assert_eq!(span("2026-12-28", "2027-01-03", "en"), "28 December 2026 – 3 January 2027");
        assert_eq!(span("2026-11-20", "2026-11-20", "en"), "20 November 2026");
    }

    #[test]
    fn every_language_writes_a_range_its_own_way() {
        for (language, words) in [
            ("fr", "13–20 novembre 2026"),
            ("de", "13.–20. November 2026"),
            ("es", "13–20 de noviembre de 2026"),
            ("ar", "١٣–٢٠ نوفمبر ٢٠٢٦"),
            ("he", "13–20 בנובמבר 2026"),
        ] {
            assert_eq!(span("2026-11-13", "2026-11-20", language), words);
        }
    }

    #[test]
    fn days_that_are_near_need_no_year() {
        let english = Texts::of(&Language::english());
        assert_eq!(days(date("2026-12-12"), date("2026-12-13"), english), "12–13 December");
        assert_eq!(days(date("2026-11-30"), date("2026-12-01"), english), "30 November – 1 December");
    }

    #[test]
    fn persian_dates_have_local_digits_and_cldr_names() {
        assert_eq!(span("2026-11-13", "2026-11-20", "fa"), "۱۳–۲۰ نوامبر ۲۰۲۶");
        assert_eq!(span("2026-10-02", "2026-10-02", "fa"), "۲ اکتبر ۲۰۲۶");
        assert_eq!(weekday(date("2026-11-20"), Texts::of(&Language::parse("fa").unwrap())), "جمعه");
    }
}
