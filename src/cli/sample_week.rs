//! The sample week, embedded in the binary: the files of `examples/` that the demo unpacks, and its pictures as if they lay on the web.

use crate::collect::fetch::FixtureFetch;

macro_rules! sample {
    ($($path:literal),* $(,)?) => { &[$(($path, include_bytes!(concat!("../../", $path)).as_slice())),*] };
}

/// Path and bytes of each file.
pub const FILES: &[(&str, &[u8])] = sample![
    "examples/columns/tehran-drops-two-words.png",
    "examples/columns/tehran-drops-two-words.txt",
    "examples/columns/the-quietest-client-in-town.txt",
    "examples/events/events.ics",
    "examples/feeds/desk-notes.json",
    "examples/feeds/news.rss.xml",
    "examples/feeds/opinion.atom.xml",
    "examples/feeds/persian.rss.xml",
    "examples/pages/lighthouse-keepers.html",
    "examples/pages/the-room-with-two-doors.html",
    "examples/pages/winter-tariff.html",
    "examples/pictures/energy.png",
    "examples/pictures/lobbying.png",
    "examples/pictures/security.png",
    "examples/rankings/most-read.json",
    "examples/reports/2026-11-16-the-price-of-a-waiver.md",
    "examples/reports/a-hundred-days-of-the-muscat-format.md",
    "examples/reports/half-a-gas-hub.md",
    "examples/reports/port-calls-by-night.md",
    "examples/reports/who-briefs-the-committee.md",
];

/// Where the sample newsroom's pictures lie on the web that there is not.
const PICTURES: &str = "https://www.straitcourier.example/pictures/";

/// Answers for the pictures; every other address of the sample newsroom is not there.
pub fn pictures() -> FixtureFetch {
    let pictures = FILES.iter().filter_map(|(path, bytes)| Some((path.strip_prefix("examples/pictures/")?, *bytes)));
    pictures
        .fold(FixtureFetch::new(), |fetch, (name, bytes)| fetch.with(&format!("{PICTURES}{name}"), "image/png", bytes))
}
