//! Reads Maildirs, the folders in which each message is a file of its own: those of Postfix, and the outbox.

use std::fs;
use std::path::Path;

/// Every message in one Maildir, new or already seen, in the order of the file names.
pub fn messages(maildir: &Path) -> Vec<Vec<u8>> {
    let mut files: Vec<_> = ["new", "cur"]
        .iter()
        .filter_map(|part| fs::read_dir(maildir.join(part)).ok())
        .flatten()
        .map(|entry| entry.expect("a listed entry can be read").path())
        .collect();
    files.sort_by_key(|file| file.file_name().map(ToOwned::to_owned));
    files.iter().map(|file| fs::read(file).expect("a delivered message can be read")).collect()
}

/// The value of a header of a raw message, unfolded; the first one if there are several.
pub fn header(message: &[u8], name: &str) -> Option<String> {
    let text = String::from_utf8_lossy(message).replace("\r\n", "\n");
    let head = text.split("\n\n").next().unwrap_or_default().replace("\n ", " ").replace("\n\t", " ");
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(field, _)| field.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim().to_owned())
}
