//! `texts`: a folder of Fluent files, in which a publisher changes our fixed texts or adds a language.

use super::reader::{Parsed, Table};
use super::values::path;
use crate::templates::texts::{TextFile, Texts};
use std::path::{Path, PathBuf};

/// Reads the folder; every fault is told with file and line.
pub(super) fn read(root: &Table<'_>) -> Vec<TextFile> {
    let Some(folder) = root.optional("texts", path) else { return Vec::new() };
    if !folder.exists() {
        root.warn("texts", format!("there is no folder {}; the program's own texts are used", folder.display()));
        return Vec::new();
    }
    let files = match files(&folder) {
        Ok(files) => files,
        Err(sentence) => {
            root.problem("texts", sentence);
            return Vec::new();
        }
    };
    match Texts::build(&files) {
        Ok((_, missing)) => missing.into_iter().for_each(|sentence| root.warn("texts", sentence)),
        Err(faults) => faults.into_iter().for_each(|sentence| root.problem("texts", sentence)),
    }
    files
}

fn files(folder: &Path) -> Parsed<Vec<TextFile>> {
    let unread = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    let entries = std::fs::read_dir(folder).map_err(|error| unread(folder, error))?;
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.map(|entry| entry.path()).map_err(|error| unread(folder, error)))
        .collect::<Result<_, _>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "ftl"));
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let source = std::fs::read_to_string(&path).map_err(|error| unread(&path, error))?;
            let code = path.file_stem().map(|stem| stem.to_string_lossy().to_lowercase()).unwrap_or_default();
            Ok(TextFile { name: path.display().to_string(), code, source })
        })
        .collect()
}
