//! OpenDKIM's judgement of signatures, with our own DNS records and no name server: an opinion that shares no code with the signer.

use super::process::{open_folder, program};
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// How many files one run is given: a command line has an end.
const FILES_AT_ONCE: usize = 200;

/// Looks at every signature of the files with messages, given the DNS records (name, value); what it says about each that does not verify.
///
/// A file without a signature is among them.
pub fn complaints(files: &[PathBuf], records: &[(String, String)]) -> Vec<String> {
    let folder = open_folder();
    let (table, config) = (folder.path().join("records"), folder.path().join("opendkim.conf"));
    let lines = records.iter().fold(String::new(), |mut lines, (name, value)| {
        writeln!(lines, "{name} {value}").expect("a string can be written");
        lines
    });
    fs::write(&table, lines).expect("our own folder");
    fs::write(&config, format!("Mode v\nTestDNSData file:{}\n", table.display())).expect("our own folder");
    files.chunks(FILES_AT_ONCE).flat_map(|files| judge(files, &config)).collect()
}

fn judge(files: &[PathBuf], config: &std::path::Path) -> Vec<String> {
    let names: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    let mut command = Command::new(program("opendkim", "opendkim"));
    command.arg("-t").arg(names.join(",")).arg("-x").arg(config);
    let output = command.output().expect("it is installed");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    // Its exit status says only that it ran; it stops at what it cannot read, so a file it did not get to has no line.
    names.iter().filter_map(|name| complaint(name, &said)).collect()
}

fn complaint(name: &str, said: &str) -> Option<String> {
    let about: Vec<&str> = said.lines().filter(|line| line.starts_with(&format!("opendkim: {name}: "))).collect();
    let is_good = about.iter().any(|line| line.ends_with("succeeded")) && about.len() == 1;
    (!is_good).then(|| if about.is_empty() { format!("{name}: no verdict; in all: {said}") } else { about.join("\n") })
}
