//! Any bytes as a returned message: a reading, never a panic, and no more findings than a report can have.
#![no_main]

use libfuzzer_sys::fuzz_target;
use week_in_review::feedback;

fuzz_target!(|bytes: &[u8]| {
    let reading = feedback::read(bytes);
    assert!(reading.results.len() <= 1_000, "{} findings", reading.results.len());
});
