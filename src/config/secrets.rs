//! Secrets: in the file, in a variable, or in a file of their own. They print as `***`.

use super::reader::Table;
use super::values::path;
use secrecy::SecretString;
use std::fs;
use std::path::Path;

/// Reads `KEY` or the file that `KEY_file` names; both is a clash.
pub(super) fn optional(table: &Table<'_>, key: &str) -> Option<SecretString> {
    let file_key = format!("{key}_file");
    let direct = table.optional(key, |node| match node.text()? {
        "" => Err("must not be empty".to_owned()),
        text => Ok(SecretString::from(text)),
    });
    let named = table.optional(&file_key, path);
    table.clash(key, &file_key);
    direct.or_else(|| from_file(table, &file_key, &named?))
}

/// Reads a secret from a file, without the line break at its end; notes what is wrong with it.
pub(super) fn from_file(table: &Table<'_>, key: &str, file: &Path) -> Option<SecretString> {
    match fs::read_to_string(file) {
        Ok(text) if text.trim().is_empty() => table.problem(key, format!("{} is empty", file.display())),
        Ok(text) => {
            if let Some(sentence) = others_may_read(file) {
                table.warn(key, sentence);
            }
            return Some(SecretString::from(text.trim_end_matches(['\r', '\n'])));
        }
        Err(error) => table.problem(key, format!("cannot read {}: {error}", file.display())),
    }
    None
}

/// A sentence when people other than the owner may read a file.
pub(super) fn others_may_read(file: &Path) -> Option<String> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(file).ok()?.permissions().mode();
    // A group may be meant to read it (systemd's own credentials are 0440); the world never is.
    let open = mode & 0o007 != 0;
    open.then(|| format!("everybody on this machine may read {path}; run: chmod 600 {path}", path = file.display()))
}
