//! Dates as they are found in feeds.

use super::*;

#[track_caller]
fn reads(raw: &str, expected: &str) {
    assert_eq!(parse(raw).map(|d| d.format("%Y-%m-%dT%H:%M:%SZ").to_string()).as_deref(), Some(expected), "{raw:?}");
}

#[test]
fn rfc_822_in_all_its_variants() {
    reads("Fri, 20 Nov 2026 08:30:00 +0100", "2026-11-20T07:30:00Z");
    reads("Fri, 20 Nov 2026 08:30 GMT", "2026-11-20T08:30:00Z");
    reads("20 Nov 26 08:30:00 EST", "2026-11-20T13:30:00Z");
    reads("Mon, 25 Jan 2026 1:35:20 -0800", "2026-01-25T09:35:20Z");
    reads("Thu, 31 Dec 2026 24:00:00 EST", "2027-01-01T05:00:00Z");
    reads("Tue, 15 Sept 2026 08:30:00 GMT", "2026-09-15T08:30:00Z");
    reads("Fri, 20 Nov 2026 08:30:00 +01:00", "2026-11-20T07:30:00Z");
    reads("  Fri,  20 Nov 2026   08:30:00   +0000 ", "2026-11-20T08:30:00Z");
    reads("Fri, 20 Nov 2026 08:30:00 GMT+1", "2026-11-20T07:30:00Z");
    reads("Fri, 20 Nov 2026 08:30:00 CEST", "2026-11-20T06:30:00Z");
    reads("Fri, 20 Nov 2026 08:30:00 -0500 (EST)", "2026-11-20T13:30:00Z");
    reads("Fri, 20 Nov 2026 08:30:00 Z", "2026-11-20T08:30:00Z");
    reads("Fri Nov 20 08:30:00 2026", "2026-11-20T08:30:00Z");
    reads("Fri Nov 20 08:30:00 PST 2026", "2026-11-20T16:30:00Z");
    reads("Friday, 20-Nov-26 08:30:00 GMT", "2026-11-20T08:30:00Z");
}

#[test]
fn iso_with_parts_missing() {
    reads("2026-11-20T08:30:00.123Z", "2026-11-20T08:30:00Z");
    reads("2026-11-20T08:30:00+0000", "2026-11-20T08:30:00Z");
    reads("2026-11-20T08:30+01:00", "2026-11-20T07:30:00Z");
    reads("2026-11-20 08:30:00", "2026-11-20T08:30:00Z");
    reads("2026-11-20 08:30:00 +0100", "2026-11-20T07:30:00Z");
    reads("2026-11-20", "2026-11-20T00:00:00Z");
    reads("2026-11", "2026-11-01T00:00:00Z");
    reads("2026", "2026-01-01T00:00:00Z");
    reads("2026-324", "2026-11-20T00:00:00Z");
    reads("20261120T083000Z", "2026-11-20T08:30:00Z");
    reads("20261120", "2026-11-20T00:00:00Z");
    reads("2026/11/20 08:30", "2026-11-20T08:30:00Z");
    reads("2026-11-20T24:00:00Z", "2026-11-21T00:00:00Z");
    reads("2026-11-20T08:30:60Z", "2026-11-20T08:30:59Z");
    reads("2026-11-20T08:30:00-05:00[America/New_York]", "2026-11-20T13:30:00Z");
    reads("2026-W47-5", "2026-11-20T00:00:00Z");
}

#[test]
fn months_in_other_languages() {
    reads("Fr, 20 Nov 2026 08:30:00 +0100", "2026-11-20T07:30:00Z");
    reads("Do, 03 Dez 2026 08:30:00 +0100", "2026-12-03T07:30:00Z");
    reads("3. März 2026", "2026-03-03T00:00:00Z");
    reads("mar., 03 févr. 2026 10:00:00 +0100", "2026-02-03T09:00:00Z");
    reads("mardi 4 août 2026", "2026-08-04T00:00:00Z");
    reads("14 juillet 2026 à 10:00", "2026-07-14T10:00:00Z");
    reads("20 de noviembre de 2026", "2026-11-20T00:00:00Z");
    reads("Пт, 20 ноя 2026 08:30:00 +0300", "2026-11-20T05:30:00Z");
    reads("Κυρ, 11 Ιούλ 2004 12:00:00 EST", "2004-07-11T17:00:00Z");
    reads("2004-05-25 오후 11:23:17", "2004-05-25T23:23:17Z");
    reads("2026年11月20日 08:30", "2026-11-20T08:30:00Z");
    reads("۲۰۲۶-۱۱-۲۰", "2026-11-20T00:00:00Z");
    reads("1405/08/29", "2026-11-20T00:00:00Z");
    reads("1404/01/01", "2025-03-21T00:00:00Z");
}

#[test]
fn months_and_years_of_other_scripts_and_calendars() {
    for raw in [
        "20 בנובמבר 2026",
        "20 नवंबर 2026",
        "२० नवम्बर २०२६",
        "২০ নভেম্বর ২০২৬",
        "20 พฤศจิกายน 2569",
        "20 พ.ย. 2569",
        "๒๐ พฤศจิกายน ๒๕๖๙",
        "2569-11-20",
        "Thứ sáu, ngày 20 tháng 11 năm 2026",
        "20 tháng 11, 2026",
        "جمعه ۲۹ آبان ۱۴۰۵",
        "20 تشرين الثاني 2026",
        "令和8年11月20日",
        "2026. november 20., péntek",
        "2026 m. lapkričio 20 d.",
        "20 noiembrie 2026",
        "20 ноември 2026",
        "20. nóvember 2026",
        "20 noyabr 2026",
    ] {
        reads(raw, "2026-11-20T00:00:00Z");
    }
    reads("20 lipnja 2026", "2026-06-20T00:00:00Z");
    reads("20 lipca 2026", "2026-07-20T00:00:00Z");
    reads("20 srpnja 2026", "2026-07-20T00:00:00Z");
    reads("20 srpna 2026", "2026-08-20T00:00:00Z");
}

#[test]
fn american_and_european_numbers_and_epochs() {
    reads("11/20/2026 8:30 AM", "2026-11-20T08:30:00Z");
    reads("11/20/2026 8:30:00 PM", "2026-11-20T20:30:00Z");
    reads("20/11/2026", "2026-11-20T00:00:00Z");
    reads("20.11.2026 08:30", "2026-11-20T08:30:00Z");
    reads("Friday, November 20, 2026 08:30:00", "2026-11-20T08:30:00Z");
    reads("November 20, 2026 at 8:30 pm", "2026-11-20T20:30:00Z");
    reads("Nov. 20, 2026", "2026-11-20T00:00:00Z");
    reads("1795163400", "2026-11-20T08:30:00Z");
    reads("1795163400000", "2026-11-20T08:30:00Z");
}

#[test]
fn a_time_may_have_no_colons_and_words_before_it() {
    reads("20 novembre 2026 à 8h30", "2026-11-20T08:30:00Z");
    reads("20.11.2026, 8.30 Uhr", "2026-11-20T08:30:00Z");
    reads("2026-11-20T08.30.00Z", "2026-11-20T08:30:00Z");
    reads("2026-11-20T083000+0100", "2026-11-20T07:30:00Z");
    reads("20 Nov 2026 0830 GMT", "2026-11-20T08:30:00Z");
    reads("Posted: Fri, 20 Nov 2026 08:30:00 +0100", "2026-11-20T07:30:00Z");
}

#[test]
fn a_day_may_stand_apart_by_blanks_or_grown_together_with_its_month() {
    reads("Sat, 11 04 2020 08:51:49 +0100", "2020-04-11T07:51:49Z");
    reads("Fri, 20Nov 2026 08:30:00 GMT", "2026-11-20T08:30:00Z");
    reads("Mon, 16th Nov 2026 13:16:28 GMT", "2026-11-16T13:16:28Z");
    reads("2026. 11. 20. 오후 8:30", "2026-11-20T20:30:00Z");
}

#[test]
fn a_zone_may_be_a_place_in_america_or_written_out() {
    reads("Fri, 31 Mar 2023 20:19:00 America/Los_Angeles", "2023-04-01T03:19:00Z");
    reads("Fri, 20 Nov 2026 08:30:00 Eastern Standard Time", "2026-11-20T13:30:00Z");
    reads("Fri, 17 Jul 2026 08:30:00 Pacific Daylight Time", "2026-07-17T15:30:00Z");
}

#[test]
fn what_is_no_date_is_none() {
    for raw in [
        "",
        "yesterday",
        "0000-00-00 00:00:00",
        "2026-13-40",
        "::::",
        "-",
        "t",
        "99999999999999999999",
        "Fri, 99 Nov 2026",
        "0001-01-01T00:00:00Z",
        "Mon, 01 Jan 0001 00:00:00 +0000",
    ] {
        assert_eq!(parse(raw), None, "{raw:?}");
    }
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,60}") {
        let _ = parse(&text);
    }

    #[test]
    fn no_near_date_makes_it_panic(text in "[0-9:tz+./ a-z年éа-я-]{0,40}") {
        let _ = parse(&text);
    }
}

#[test]
fn an_address_may_name_the_day() {
    let day = |text: &str| in_address(&url::Url::parse(text).unwrap()).map(|at| at.date_naive().to_string());
    for text in [
        "https://ex.org/2026/11/20/a-vote",
        "https://ex.org/news/2026-11-20-a-vote.html",
        "https://ex.org/20261120/a",
        "https://ex.org/a-vote_20261120.html",
    ] {
        assert_eq!(day(text).as_deref(), Some("2026-11-20"), "{text}");
    }
    for text in
        ["https://ex.org/2026/13/40/a", "https://ex.org/12345678/a", "https://ex.org/2026/11/a-vote", "https://ex.org/"]
    {
        assert_eq!(day(text), None, "{text}");
    }
}
