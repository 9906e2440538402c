//! The time zones that calendars name: by IANA name, by Outlook's names, or described in the file itself (`VTIMEZONE`, RFC 5545, 3.6.5).

use super::{Property, property};
use chrono_tz::Tz;
use std::collections::HashMap;

/// Zones that a file describes under names of its own.
#[derive(Debug, Default)]
pub struct Zones(HashMap<String, Tz>);

impl Zones {
    /// Reads the descriptions of a file. A zone that gives no known name is told by its offsets; its rules are those of the best known place that
    /// has the same.
    pub fn read(lines: &[String]) -> Self {
        let mut zones = HashMap::new();
        let mut open: Option<Described> = None;
        for found in lines.iter().filter_map(|line| property(line)) {
            match (found.name.as_str(), found.value.trim().to_ascii_uppercase().as_str()) {
                ("BEGIN", "VTIMEZONE") => open = Some(Described::default()),
                ("END", "VTIMEZONE") => {
                    let described = open.take().unwrap_or_default();
                    if let Some(zone) = described.zone().filter(|_| zones.len() < 100) {
                        zones.insert(described.name, zone);
                    }
                }
                _ => {
                    if let Some(described) = &mut open {
                        described.take(&found);
                    }
                }
            }
        }
        Self(zones)
    }

    /// A zone by the name that a date gives it.
    pub fn named(&self, name: &str) -> Option<Tz> {
        by_name(name).or_else(|| self.0.get(name.trim()).copied())
    }
}

/// A `VTIMEZONE` while it is read.
#[derive(Debug, Default)]
struct Described {
    name: String,
    place: Option<String>,
    in_daylight: bool,
    standard: Option<i32>,
    daylight: Option<i32>,
}

impl Described {
    fn take(&mut self, found: &Property) {
        match found.name.as_str() {
            "TZID" => found.value.trim().clone_into(&mut self.name),
            "X-LIC-LOCATION" => self.place = Some(found.value.clone()),
            "BEGIN" => self.in_daylight = found.value.trim().eq_ignore_ascii_case("DAYLIGHT"),
            // Of several rules the last is the one in force.
            "TZOFFSETTO" if self.in_daylight => self.daylight = offset(&found.value),
            "TZOFFSETTO" => self.standard = offset(&found.value),
            _ => {}
        }
    }

    fn zone(&self) -> Option<Tz> {
        by_name(&self.name)
            .or_else(|| by_name(self.place.as_deref()?))
            .or_else(|| by_offsets(self.standard?, self.daylight))
    }
}

/// Minutes of `+0100`, `-033000`.
fn offset(value: &str) -> Option<i32> {
    let value = value.trim();
    let sign = if value.starts_with('-') { -1 } else { 1 };
    let digits = value.trim_start_matches(['+', '-']);
    let part = |from: usize| digits.get(from..from + 2)?.parse::<i32>().ok();
    Some(sign * (part(0)? * 60 + part(2)?))
}

fn by_offsets(standard: i32, daylight: Option<i32>) -> Option<Tz> {
    let name = match (standard, daylight.filter(|daylight| *daylight != standard)) {
        (0, Some(60)) => "Europe/London",
        (60, Some(120)) => "Europe/Berlin",
        (120, Some(180)) => "Europe/Helsinki",
        (570, Some(630)) => "Australia/Adelaide",
        (600, Some(660)) => "Australia/Sydney",
        (720, Some(780)) => "Pacific/Auckland",
        (-210, Some(-150)) => "America/St_Johns",
        (-240, Some(-180)) => "America/Halifax",
        (-300, Some(-240)) => "America/New_York",
        (-360, Some(-300)) => "America/Chicago",
        (-420, Some(-360)) => "America/Denver",
        (-480, Some(-420)) => "America/Los_Angeles",
        (-540, Some(-480)) => "America/Anchorage",
        (210, _) => "Asia/Tehran",
        (270, _) => "Asia/Kabul",
        (330, _) => "Asia/Kolkata",
        (345, _) => "Asia/Kathmandu",
        (390, _) => "Asia/Yangon",
        (570, None) => "Australia/Darwin",
        // The names of these count the other way round.
        (minutes, _) if minutes % 60 == 0 && minutes.abs() <= 720 => {
            return format!("Etc/GMT{:+}", -minutes / 60).parse().ok();
        }
        _ => return None,
    };
    name.parse().ok()
}

/// A zone by its name; names with a path before them too, as `/mozilla.org/20070129_1/Europe/Berlin`.
pub fn by_name(name: &str) -> Option<Tz> {
    let name = name.trim().trim_matches('"');
    let tail = |parts: usize| {
        let pieces: Vec<&str> = name.split('/').collect();
        pieces[pieces.len().saturating_sub(parts)..].join("/")
    };
    let known = OUTLOOK.iter().find(|(outlook, _)| outlook.eq_ignore_ascii_case(name)).map_or(name, |(_, iana)| iana);
    known.parse().ok().or_else(|| tail(3).parse().ok()).or_else(|| tail(2).parse().ok())
}

/// Outlook's names of zones, after the supplemental data of CLDR (`windowsZones.xml`), the place that stands for the whole zone.
const OUTLOOK: [(&str, &str); 70] = [
    ("UTC", "UTC"),
    ("Coordinated Universal Time", "UTC"),
    ("GMT Standard Time", "Europe/London"),
    ("Greenwich Standard Time", "Atlantic/Reykjavik"),
    ("W. Europe Standard Time", "Europe/Berlin"),
    ("Central Europe Standard Time", "Europe/Budapest"),
    ("Central European Standard Time", "Europe/Warsaw"),
    ("Romance Standard Time", "Europe/Paris"),
    ("W. Central Africa Standard Time", "Africa/Lagos"),
    ("E. Europe Standard Time", "Europe/Chisinau"),
    ("GTB Standard Time", "Europe/Bucharest"),
    ("FLE Standard Time", "Europe/Kiev"),
    ("Egypt Standard Time", "Africa/Cairo"),
    ("South Africa Standard Time", "Africa/Johannesburg"),
    ("Israel Standard Time", "Asia/Jerusalem"),
    ("Jordan Standard Time", "Asia/Amman"),
    ("Middle East Standard Time", "Asia/Beirut"),
    ("Syria Standard Time", "Asia/Damascus"),
    ("Turkey Standard Time", "Europe/Istanbul"),
    ("Arabic Standard Time", "Asia/Baghdad"),
    ("Arab Standard Time", "Asia/Riyadh"),
    ("Russian Standard Time", "Europe/Moscow"),
    ("Belarus Standard Time", "Europe/Minsk"),
    ("E. Africa Standard Time", "Africa/Nairobi"),
    ("Iran Standard Time", "Asia/Tehran"),
    ("Arabian Standard Time", "Asia/Dubai"),
    ("Azerbaijan Standard Time", "Asia/Baku"),
    ("Georgian Standard Time", "Asia/Tbilisi"),
    ("Caucasus Standard Time", "Asia/Yerevan"),
    ("Afghanistan Standard Time", "Asia/Kabul"),
    ("West Asia Standard Time", "Asia/Tashkent"),
    ("Pakistan Standard Time", "Asia/Karachi"),
    ("Ekaterinburg Standard Time", "Asia/Yekaterinburg"),
    ("India Standard Time", "Asia/Kolkata"),
    ("Sri Lanka Standard Time", "Asia/Colombo"),
    ("Nepal Standard Time", "Asia/Kathmandu"),
    ("Central Asia Standard Time", "Asia/Almaty"),
    ("Bangladesh Standard Time", "Asia/Dhaka"),
    ("Myanmar Standard Time", "Asia/Yangon"),
    ("SE Asia Standard Time", "Asia/Bangkok"),
    ("China Standard Time", "Asia/Shanghai"),
    ("Singapore Standard Time", "Asia/Singapore"),
    ("Taipei Standard Time", "Asia/Taipei"),
    ("W. Australia Standard Time", "Australia/Perth"),
    ("Tokyo Standard Time", "Asia/Tokyo"),
    ("Korea Standard Time", "Asia/Seoul"),
    ("Cen. Australia Standard Time", "Australia/Adelaide"),
    ("AUS Central Standard Time", "Australia/Darwin"),
    ("E. Australia Standard Time", "Australia/Brisbane"),
    ("AUS Eastern Standard Time", "Australia/Sydney"),
    ("Tasmania Standard Time", "Australia/Hobart"),
    ("New Zealand Standard Time", "Pacific/Auckland"),
    ("Hawaiian Standard Time", "Pacific/Honolulu"),
    ("Alaskan Standard Time", "America/Anchorage"),
    ("Pacific Standard Time", "America/Los_Angeles"),
    ("US Mountain Standard Time", "America/Phoenix"),
    ("Mountain Standard Time", "America/Denver"),
    ("Central America Standard Time", "America/Guatemala"),
    ("Central Standard Time", "America/Chicago"),
    ("Central Standard Time (Mexico)", "America/Mexico_City"),
    ("SA Pacific Standard Time", "America/Bogota"),
    ("Eastern Standard Time", "America/New_York"),
    ("US Eastern Standard Time", "America/Indianapolis"),
    ("Venezuela Standard Time", "America/Caracas"),
    ("Atlantic Standard Time", "America/Halifax"),
    ("Pacific SA Standard Time", "America/Santiago"),
    ("Newfoundland Standard Time", "America/St_Johns"),
    ("E. South America Standard Time", "America/Sao_Paulo"),
    ("Argentina Standard Time", "America/Buenos_Aires"),
    ("Morocco Standard Time", "Africa/Casablanca"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_outlook_is_a_zone() {
        for (outlook, iana) in OUTLOOK {
            assert!(by_name(outlook).is_some_and(|zone| zone.name() == iana), "{outlook}");
        }
        assert_eq!(by_name("/mozilla.org/20070129_1/Europe/Berlin"), Some(Tz::Europe__Berlin));
        assert_eq!(by_name("Somewhere"), None);
    }
}
