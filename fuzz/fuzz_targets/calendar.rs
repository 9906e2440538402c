//! Any bytes as a calendar: events or an error, never a panic, never without end.
#![no_main]

use libfuzzer_sys::fuzz_target;
use week_in_review::collect::calendar;

fuzz_target!(|bytes: &[u8]| {
    let zone = "Europe/London".parse().expect("a constant zone parses");
    let now = "2026-11-25T12:00:00Z".parse().expect("a constant instant parses");
    let _ = calendar::read(bytes, zone, now);
});
