//! Instants as people type them on the command line.

use super::context::Usage;
use crate::domain::schedule::instant;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use chrono_tz::Tz;

/// Reads `now`, RFC 3339 (`2026-11-20T17:00:00Z`), or a date with or without a time in the newsletter's zone (`2026-11-20 17:00`, `2026-11-20`,
/// which is its noon).
pub fn parse(text: &str, zone: Tz, now: DateTime<Utc>) -> anyhow::Result<DateTime<Utc>> {
    let text = text.trim();
    if text == "now" {
        return Ok(now);
    }
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Ok(at.with_timezone(&Utc));
    }
    let with_time = ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"];
    let local = with_time.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    let noon = || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(12, 0, 0);
    let at = local.or_else(noon).and_then(|local| instant(zone, local));
    at.ok_or_else(|| {
        Usage(format!(
            "{text:?} is no time: write 2026-11-20T17:00:00Z, \"2026-11-20 17:00\" or 2026-11-20 (in {zone}), or now"
        ))
        .into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_type_them() {
        let now: DateTime<Utc> = "2026-07-01T00:00:00Z".parse().unwrap();
        let read = |text: &str| parse(text, Tz::Europe__London, now).map(|at| at.to_rfc3339());
        assert_eq!(read("now").unwrap(), "2026-07-01T00:00:00+00:00");
        assert_eq!(read("2026-07-20 17:00").unwrap(), "2026-07-20T16:00:00+00:00");
        assert_eq!(read("2026-11-20").unwrap(), "2026-11-20T12:00:00+00:00");
        assert_eq!(read("2026-11-20T17:00:00+01:00").unwrap(), "2026-11-20T16:00:00+00:00");
        assert!(read("next friday").unwrap_err().is::<Usage>());
    }
}
