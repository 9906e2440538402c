//! What a single setting may be: from a node of the tree to a value of the domain, or a sentence that says what is allowed.

use super::document::Node;
use super::reader::{Parsed, nearest};
use crate::domain::address::EmailAddress;
use crate::domain::archive::Archive;
use crate::domain::colour::Colour;
use crate::domain::network::Network;
use crate::domain::prose::Prose;
use crate::domain::schedule::Schedule;
use crate::domain::tag::{Slug, Tag};
use crate::domain::text::{Language, Line};
use chrono::{NaiveDate, TimeDelta};
use chrono_tz::Tz;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use url::Url;

/// A date: 2026-11-20.
pub(super) fn date(node: &Node) -> Parsed<NaiveDate> {
    let text = match &node.value {
        super::document::Value::Moment(moment) => moment.as_str(),
        _ => node.text()?,
    };
    text.parse().map_err(|_| format!("{text:?} is no date such as 2026-11-20"))
}

/// Any text.
pub(super) fn text(node: &Node) -> Parsed<String> {
    node.text().map(str::to_owned)
}

/// Words with light markup, perhaps none.
pub(super) fn markdown(node: &Node) -> Parsed<Prose> {
    node.text().map(crate::publish::markdown::prose)
}

/// One line of text, perhaps empty.
pub(super) fn line(node: &Node) -> Parsed<Line> {
    node.text().map(Line::clean)
}

/// One line of text that says something.
pub(super) fn words(node: &Node) -> Parsed<Line> {
    let line = line(node)?;
    if line.is_empty() { Err("must not be empty".to_owned()) } else { Ok(line) }
}

/// True or false.
pub(super) fn switch(node: &Node) -> Parsed<bool> {
    node.switch().ok_or_else(|| format!("must be true or false, not {}", node.described()))
}

/// Who may see the issues of a newsletter on the web.
pub(super) fn archive(node: &Node) -> Parsed<Archive> {
    let word = node.text()?;
    let found = Archive::ALL.iter().find(|(_, known)| *known == word).map(|(archive, _)| *archive);
    found.ok_or_else(|| format!("must be \"public\", \"unlisted\" or \"subscribers\", not {}", node.described()))
}

/// A whole number within limits.
pub(super) fn whole<T: TryFrom<i64>>(range: RangeInclusive<i64>) -> impl Fn(&Node) -> Parsed<T> {
    move |node| {
        let number = node.whole().filter(|number| range.contains(number)).and_then(|number| T::try_from(number).ok());
        number.ok_or_else(|| {
            format!("must be a whole number from {} to {}, not {}", range.start(), range.end(), node.described())
        })
    }
}

/// Units of time, by the letter that names them.
const UNITS: [(char, i64, &str); 5] =
    [('s', 1, "seconds"), ('m', 60, "minutes"), ('h', 3_600, "hours"), ('d', 86_400, "days"), ('w', 604_800, "weeks")];

/// A length of time such as `30m`, within limits given in the same way.
pub(super) fn duration(least: &'static str, most: &'static str) -> impl Fn(&Node) -> Parsed<TimeDelta> {
    move |node| {
        let allowed = || {
            format!("must be a length of time from \"{least}\" to \"{most}\" (s, m, h, d, w), not {}", node.described())
        };
        let seconds = node.text().ok().and_then(seconds).ok_or_else(allowed)?;
        let within = seconds_of(least) <= seconds && seconds <= seconds_of(most);
        if within { Ok(TimeDelta::seconds(seconds)) } else { Err(allowed()) }
    }
}

/// A length of time in whole units, as the domain counts it: `whole_units('h', "1h", "7d")`.
pub(super) fn whole_units(unit: char, least: &'static str, most: &'static str) -> impl Fn(&Node) -> Parsed<u32> {
    move |node| {
        let seconds = duration(least, most)(node)?.num_seconds();
        let (_, length, name) = UNITS.into_iter().find(|(letter, ..)| *letter == unit).unwrap_or(UNITS[0]);
        match u32::try_from(seconds / length) {
            Ok(count) if seconds % length == 0 => Ok(count),
            _ => Err(format!("must be whole {name}, not {}", node.described())),
        }
    }
}

fn seconds(text: &str) -> Option<i64> {
    let text = text.trim();
    let unit = text.chars().last()?;
    let (_, length, _) = UNITS.into_iter().find(|(letter, ..)| *letter == unit)?;
    let digits = text[..text.len() - 1].trim_end();
    let number: u32 = digits.parse().ok().filter(|_| digits.bytes().all(|b| b.is_ascii_digit()))?;
    i64::from(number).checked_mul(length)
}

fn seconds_of(limit: &str) -> i64 {
    seconds(limit).expect("limits are written in this crate as lengths of time")
}

/// A slug.
pub(super) fn slug(node: &Node) -> Parsed<Slug> {
    Slug::parse(node.text()?).map_err(|error| error.to_string())
}

/// A tag.
pub(super) fn tag(node: &Node) -> Parsed<Tag> {
    let label = node.text()?;
    Tag::parse(label).ok_or_else(|| format!("{label:?} has no letter or digit, so it is no tag"))
}

/// A label that makes a tag, as written.
pub(super) fn label(node: &Node) -> Parsed<String> {
    tag(node).map(|tag| tag.label().to_owned())
}

/// A language.
pub(super) fn language(node: &Node) -> Parsed<Language> {
    Language::parse(node.text()?).map_err(|error| error.to_string())
}

/// A time zone of the IANA database.
pub(super) fn zone(node: &Node) -> Parsed<Tz> {
    let name = node.text()?;
    name.parse().map_err(|_| {
        let known = || chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
        // Most people know their city, few the region that the database puts before it.
        let city =
            |zone: &&str| zone.rsplit('/').next().is_some_and(|c| c.eq_ignore_ascii_case(&name.replace(' ', "_")));
        match known().find(city).or_else(|| nearest(name, known())) {
            Some(zone) => format!("{name:?} is not a time zone; did you mean {zone:?}?"),
            None => format!("{name:?} is not a time zone; use a name such as \"Europe/London\""),
        }
    })
}

/// A schedule.
pub(super) fn schedule(node: &Node) -> Parsed<Schedule> {
    Schedule::parse(node.text()?).map_err(|error| error.to_string())
}

/// A mail address.
pub(super) fn address(node: &Node) -> Parsed<EmailAddress> {
    let text = node.text()?;
    EmailAddress::parse(text).map_err(|error| format!("{text:?} is not a mail address: {error}"))
}

/// A file or folder, relative to the working directory.
pub(super) fn path(node: &Node) -> Parsed<PathBuf> {
    let text = node.text()?.trim();
    if text.is_empty() { Err("must name a file or folder".to_owned()) } else { Ok(PathBuf::from(text)) }
}

/// An address on the web.
pub(super) fn web_address(node: &Node) -> Parsed<Url> {
    let text = node.text()?;
    let refused = || format!("{text:?} is not a web address such as \"https://news.example.org/feed.xml\"");
    let url = Url::parse(text.trim()).map_err(|_| refused())?;
    let fetchable = matches!(url.scheme(), "http" | "https") && url.host_str().is_some();
    if !fetchable {
        return Err(refused());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not hold a user name or password".to_owned());
    }
    Ok(url)
}

/// The address under which the web pages lie: with https unless on this machine, for one-click unsubscribing (RFC 8058, section 3.1) asks for
/// it; without query, fragment and slash at its end.
pub(super) fn base_url(node: &Node) -> Parsed<String> {
    let url = web_address(node)?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err("must end with the host or a path, without ? or #".to_owned());
    }
    if url.scheme() == "http" && !is_loopback(url.host_str().unwrap_or_default()) {
        return Err("must begin with https://; plain http is allowed for localhost only, because mail apps unsubscribe with one click over https only".to_owned());
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// Whether a host is this machine.
pub(super) fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host.ends_with(".localhost")
        || address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// A host name or address of a machine.
pub(super) fn host(node: &Node) -> Parsed<String> {
    let text = node.text()?.trim();
    let refused = || format!("{text:?} is not a host name such as \"smtp.example.org\"");
    if text.parse::<std::net::IpAddr>().is_ok() {
        return Ok(text.to_owned());
    }
    let sound = !text.is_empty() && !text.contains([':', '/', '@']) && url::Host::parse(text).is_ok();
    if sound { Ok(text.to_ascii_lowercase()) } else { Err(refused()) }
}

/// A domain that mail comes from, in lower-case ASCII.
pub(super) fn mail_domain(node: &Node) -> Parsed<String> {
    let text = node.text()?.trim();
    let address = EmailAddress::parse(&format!("postmaster@{text}"));
    address
        .map(|address| address.domain().to_owned())
        .map_err(|_| format!("{text:?} is not a mail domain such as \"news.example.org\""))
}

/// An address and port to listen on.
pub(super) fn socket(node: &Node) -> Parsed<std::net::SocketAddr> {
    let text = node.text()?;
    text.parse().map_err(|_| format!("{text:?} is not an address and port such as \"127.0.0.1:8080\""))
}

/// A range of network addresses.
pub(super) fn network(node: &Node) -> Parsed<Network> {
    Network::parse(node.text()?).map_err(|error| error.to_string())
}

/// A colour, `#rrggbb`.
pub(super) fn colour(node: &Node) -> Parsed<String> {
    Colour::parse(node.text()?).map(Colour::to_hex).map_err(|error| error.to_string())
}

/// One of a few words.
pub(super) fn choice<T: Copy, const N: usize>(words: [(&'static str, T); N]) -> impl Fn(&Node) -> Parsed<T> {
    move |node| {
        let text = node.text()?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        found.ok_or_else(|| {
            let all: Vec<String> = words.iter().map(|(word, _)| format!("{word:?}")).collect();
            format!("must be one of {}, not {text:?}", all.join(", "))
        })
    }
}
